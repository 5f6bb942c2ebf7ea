"""The pane beside the list: it shows the row under the cursor, whatever became of the window meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from cratejoy_tui.tui.dialogs.choice import ChoiceDialog
from cratejoy_tui.tui.screens.room import DETAIL_DELAY_SECONDS
from tests.tui.conftest import Driver, console


async def shows_the_row_under_the_cursor(driver: Driver) -> None:
    room = driver.app.frame.room

    def is_shown() -> bool:
        assert room.pane is not None
        return room.table.current_id in str(room.pane.heading.content)

    await driver.until(lambda: room.pane is not None and room.pane.display and is_shown(), "the row in the pane")


async def test_a_window_that_grew_shows_the_row_the_cursor_went_to_meanwhile(demo: Path) -> None:
    async with console() as driver:
        await driver.refresh()
        await shows_the_row_under_the_cursor(driver)
        await driver.pilot.resize_terminal(80, 24)
        await driver.press("down", "down")
        await driver.pilot.pause(2 * DETAIL_DELAY_SECONDS)
        await driver.pilot.resize_terminal(140, 40)
        assert driver.app.frame.room.table.cursor == 2
        await shows_the_row_under_the_cursor(driver)


async def test_what_is_typed_right_after_the_palette_opened_is_searched(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ChoiceDialog, "deaf_seconds", 3600.0)
    async with console() as driver:
        await driver.refresh()
        await driver.press("ctrl+p")
        await driver.until(lambda: isinstance(driver.app.screen, ChoiceDialog))
        await driver.type("report")
        await driver.press("enter")
        assert driver.app.screen.query_one(Input).value == "report"
        assert isinstance(driver.app.screen, ChoiceDialog), "enter came too soon to answer"
