"""A key is never lost in silence: it acts, at once or when the rows are there, or it says why not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from textual import events

from cratejoy_tui.cli.console import demo_opener
from cratejoy_tui.cli.options import Options
from cratejoy_tui.tui.app import Console
from cratejoy_tui.tui.dialogs.page import PageDialog
from cratejoy_tui.tui.dialogs.question import Question
from cratejoy_tui.tui.door import Look
from cratejoy_tui.tui.widgets.bars import HeaderBar
from cratejoy_tui.tui.widgets.row_source import RowSource, Wanted
from tests.tui.conftest import WIDE, Driver, console


class Slow:
    """Rows that come only when they are let go."""

    def __init__(self, rows: RowSource) -> None:
        self._source = rows
        self.let_go = asyncio.Event()

    def forget(self) -> None:
        self._source.forget()

    async def ids(self, wanted: Wanted) -> Sequence[str]:
        return await self._source.ids(wanted)

    async def rows(self, ids: Sequence[str]) -> Mapping[str, Any]:
        await self.let_go.wait()
        return await self._source.rows(ids)


async def test_a_key_pressed_while_the_list_is_read_again_opens_its_dialog(demo: Path) -> None:
    async with console() as driver:
        await driver.refresh()
        room = driver.app.frame.room
        slow = room.table.source = Slow(room.table.source)
        driver.app.frame.ledger_changed()
        await driver.pilot.pause()
        assert room.is_reading
        await driver.press("x")
        await driver.dialog(Question)
        slow.let_go.set()


async def test_a_key_pressed_on_a_row_that_is_on_its_way_waits_for_it(demo: Path) -> None:
    async with console(size=(120, 20)) as driver:
        await driver.refresh()
        room = driver.app.frame.room
        slow = room.table.source = Slow(room.table.source)
        room.table.pages.forget()
        await driver.press("end", "x", "x")
        assert room.table.current is None
        assert driver.app.screen is driver.app.frame
        slow.let_go.set()
        await driver.dialog(Question)
        assert len(driver.app.screen_stack) == 2
        assert driver.toasts() == []


async def test_a_key_pressed_before_the_first_rows_says_why_it_does_nothing(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def press_at_once(app: Console) -> None:
        begin(app)
        app.do("push")
        app.do("help")

    begin = Console.on_mount
    monkeypatch.setattr(Console, "on_mount", press_at_once)
    app = Console(demo_opener(Options(demo=True), day_passes=False), Look(is_demo=True))
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        driver = Driver(app, pilot)
        await driver.until(lambda: driver.toasts() == ["The ledger is not open yet."])
        await driver.dialog(PageDialog)


async def test_keys_are_heard_after_a_click_beside_the_list_and_in_another_window(demo: Path) -> None:
    async with console() as driver:
        await driver.refresh()
        await driver.pilot.click(HeaderBar, offset=(2, 0))
        driver.app.post_message(events.AppBlur())
        await driver.pilot.pause()
        await driver.press("x")
        await driver.dialog(Question)


async def test_keys_of_the_list_are_heard_in_the_pane_beside_it(demo: Path) -> None:
    async with console() as driver:
        await driver.refresh()
        table = driver.app.frame.room.table
        await driver.until(lambda: driver.app.frame.room.pane is not None)
        await driver.press("tab")
        assert driver.app.focused is not table
        await driver.press("space", "j")
        assert (len(table.marks), table.cursor) == (1, 2)
        await driver.press("slash", "r", "a", "enter")
        await driver.until(lambda: table.wanted.text == "ra")


async def test_what_is_typed_right_after_a_filter_is_a_key_again(demo: Path) -> None:
    async with console() as driver:
        await driver.refresh()
        await driver.press("slash", "r", "a")
        for key in ("enter", "x"):
            driver.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await driver.dialog(Question)
        table = driver.app.frame.room.table
        assert (table.wanted.text, len(table.ids)) == ("ra", 9)
