from __future__ import annotations

from pathlib import Path

from textual.widgets._toast import Toast

from cratejoy_tui.tui.toast import Literal
from tests.tui.conftest import console


def test_the_time_left_is_never_negative_but_expiry_is_told() -> None:
    over = Literal("late", raised_at=0.0, timeout=5.0)
    assert over.time_left > 0
    assert over.has_expired


async def test_a_toast_drawn_at_its_last_moment_does_not_stall_the_console(demo: Path) -> None:
    async with console() as driver:
        over = Literal("late", raised_at=0.0, timeout=5.0)
        await driver.app.screen.mount(Toast(over))
        await driver.press("down", "up")
        await driver.until(lambda: not driver.app.screen.query(Toast))


async def test_every_message_is_literal_whoever_sends_it(demo: Path) -> None:
    async with console() as driver:
        driver.app.notify("[/nope]", markup=True)
        await driver.until(lambda: "[/nope]" in driver.text())
        assert isinstance(next(iter(driver.app._notifications)), Literal)
