"""The world that the demonstration plays on: a file that stays, so that a day goes on where it was left."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from cratejoy_tui.errors import SettingsInvalid
from cratejoy_tui.simulator.scenarios import SCENARIOS, build
from cratejoy_tui.simulator.world import World


def demo_world(
    path: Path | str,
    scenario: str = "calm-day",
    *,
    seed: int = 1,
    start: datetime | None = None,
    boxes: int | None = None,
) -> World:
    """Open the world in this file; a new or empty one begins the scenario's first day.

    A world that is there already keeps its own scenario. Raises SettingsInvalid for an unknown name.
    """
    if scenario not in SCENARIOS:
        raise SettingsInvalid([f"no scenario {scenario!r}"], next_step=f"Choose one of {', '.join(SCENARIOS)}.")
    if str(path) != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    world = World(path)
    with world.change():
        if not world.scenario:
            build(world, scenario, seed=seed, start=start, boxes=boxes)
    return world
