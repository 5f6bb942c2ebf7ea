"""The simulator as a process of its own: `python -m tests.crash.simulated WORLD SCENARIO BOXES`."""

from __future__ import annotations

import sys
from pathlib import Path

from cratejoy_tui.simulator.scenarios import SCENARIOS, Scenario
from cratejoy_tui.simulator.server import serve

PLAIN = "plain"
_PLAIN = Scenario(
    crowd=5,
    cases=(),
    walk_ins=0,
    knobs={"pick_minutes": (1e6, 1e6)},
)


if __name__ == "__main__":
    SCENARIOS[PLAIN] = _PLAIN  # in this process only
    world, scenario, boxes = sys.argv[1:]
    serve(0, scenario, Path(world), boxes=int(boxes), standing_still=True)
