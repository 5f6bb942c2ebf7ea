"""Random keys on the demonstration: whatever is pressed, nothing breaks and the books still add up."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from textual import events

from cratejoy_tui.simulator.proof import verdict
from cratejoy_tui.simulator.scenarios import demo_world
from cratejoy_tui.tui.actions import ACTIONS
from tests.tui.conftest import Driver, console

AT_ONCE = 25
LEAVES = {"q", "ctrl+q"}
USUAL = ["enter", "enter", "escape", "escape", "tab", "y", "y", "up", "down", "left", "right", "backspace", "7", "x"]
KEYS = [*sorted({key for action in ACTIONS.values() for key in action.keys} - LEAVES), *USUAL]


async def press_at_random(driver: Driver, count: int, seed: int) -> None:
    chance = random.Random(seed)
    for start in range(0, count, AT_ONCE):
        for key in chance.choices(KEYS, k=min(AT_ONCE, count - start)):
            character = key if len(key) == 1 else {"space": " "}.get(key)
            driver.app.post_message(events.Key(key, character))
        await driver.pilot.pause(0.01)
        assert driver.app._exception is None
        if start % 500 == 0:
            await driver.pass_time(0.25)


async def assert_sound(driver: Driver, folder: Path) -> None:
    desk = driver.app.session.desk
    assert desk is not None
    await driver.until(lambda: not driver.app.session.is_busy, "the end of the last run")
    assert (await desk.ledger.audit.verify()).ok
    world = demo_world(folder / "world.sqlite")
    found = verdict(world)
    world.close()
    assert found.duplicated_orders == ()
    assert found.wrong_confirmations == ()
    assert found.double_emails == ()


@pytest.mark.parametrize(("count", "seed"), [(400, 7), pytest.param(5000, 11, marks=pytest.mark.slow)])
async def test_random_keys_break_nothing(count: int, seed: int, demo: Path) -> None:
    async with console() as driver:
        await driver.refresh()
        driver.app.leave = lambda code=0: None  # type: ignore[method-assign]
        await press_at_random(driver, count, seed)
        await assert_sound(driver, demo)
        assert driver.app.return_code is None
