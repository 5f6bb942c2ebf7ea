from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from cratejoy_tui.errors import SettingsInvalid
from cratejoy_tui.simulator.clock import SimulatedClock
from cratejoy_tui.simulator.scenarios import demo_world
from tests.simulator.conftest import Builder


async def test_sleeping_moves_the_world_on(small: Builder) -> None:
    world = small()
    clock, before = SimulatedClock(world), world.now
    await clock.sleep(90)
    assert clock.now() == world.now
    assert (world.now - before).total_seconds() == 90


async def test_sleepers_sleep_side_by_side(small: Builder) -> None:
    world = small()
    clock, before = SimulatedClock(world), world.now
    await asyncio.gather(*(clock.sleep(seconds) for seconds in (30, 90, 60)))
    assert (world.now - before).total_seconds() == 90


async def test_the_clock_knows_the_end_of_the_day_and_goes_on_after_it(small: Builder) -> None:
    clock = SimulatedClock(small())
    await clock.sleep(12 * 3600 - 1)
    assert not clock.ended
    await clock.sleep(1)
    assert clock.ended
    before = clock.now()
    await clock.sleep(60)
    assert clock.now() > before


def test_a_demo_world_is_opened_again_as_it_was_left(tmp_path: Path) -> None:
    path = tmp_path / "demo" / "world.db"
    first = demo_world(path, "nasty-data", seed=5, boxes=1)
    first.advance(3600)
    left = first.now
    first.close()
    again = demo_world(path, "calm-day")
    assert (again.scenario, again.seed, again.now) == ("nasty-data", 5, left)
    again.close()


def test_a_demo_of_an_unknown_scenario_is_refused_before_a_file_is_made(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="Choose one of"):
        demo_world(tmp_path / "world.db", "stormy")
    assert list(tmp_path.iterdir()) == []


def test_the_package_costs_nothing_until_it_is_used() -> None:
    code = "import sys, cratejoy_tui.simulator; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"starlette", "httpx", "uvicorn", "msgspec", "sqlite3"} & set(loaded)
