"""A whole Cratejoy store and a warehouse, made up: for the demonstration, for tests, and to try out other clients.

Names are loaded when they are first used, so that importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cratejoy_tui.simulator.cast import Box, Piece
    from cratejoy_tui.simulator.clock import SimulatedClock
    from cratejoy_tui.simulator.knobs import Fault, Knobs
    from cratejoy_tui.simulator.placing import place
    from cratejoy_tui.simulator.proof import Record, Verdict, record, verdict
    from cratejoy_tui.simulator.scenarios import SCENARIOS, build, demo_world
    from cratejoy_tui.simulator.server import Served, serve, serving
    from cratejoy_tui.simulator.transport import WorldTransport, transports
    from cratejoy_tui.simulator.world import Keys, World

_HOMES = {
    "Box": "cast",
    "Fault": "knobs",
    "Keys": "world",
    "Knobs": "knobs",
    "Piece": "cast",
    "Record": "proof",
    "SCENARIOS": "scenarios",
    "Served": "server",
    "SimulatedClock": "clock",
    "Verdict": "proof",
    "World": "world",
    "WorldTransport": "transport",
    "build": "scenarios",
    "demo_world": "scenarios",
    "place": "placing",
    "record": "proof",
    "serve": "server",
    "serving": "server",
    "transports": "transport",
    "verdict": "proof",
}

__all__ = [
    "SCENARIOS",
    "Box",
    "Fault",
    "Keys",
    "Knobs",
    "Piece",
    "Record",
    "Served",
    "SimulatedClock",
    "Verdict",
    "World",
    "WorldTransport",
    "build",
    "demo_world",
    "place",
    "record",
    "serve",
    "serving",
    "transports",
    "verdict",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
