from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from cratejoy_tui.tui.actions import TABLE
from cratejoy_tui.tui.keymap import bindings_in
from cratejoy_tui.tui.widgets.box_table import BoxTable, RowOpened, SortChosen
from cratejoy_tui.tui.widgets.columns import Column
from cratejoy_tui.tui.widgets.row_source import Wanted

COLUMNS = (
    Column(id="number", title="Order", cell=lambda row: (row["number"], "strong"), width=10, priority=0, sorts=True),
    Column(id="to", title="Ship to", cell=lambda row: row["to"], width=12, most=20, priority=2),
    Column(id="note", title="Note", cell=lambda row: (row["note"], "warn"), width=30, priority=5),
)


class Rows:
    """So many made-up rows, and a note of which were asked for."""

    def __init__(self, count: int, to: str = "Ada") -> None:
        self.count = count
        self.to = to
        self.asked: list[str] = []

    def forget(self) -> None: ...

    async def ids(self, wanted: Wanted) -> Sequence[str]:
        ids = [f"{n}" for n in range(self.count) if wanted.text in f"{n}"]
        return ids[::-1] if wanted.is_reversed else ids

    async def rows(self, ids: Sequence[str]) -> Mapping[str, Any]:
        self.asked += ids
        return {id_: {"number": f"SUB-{id_}", "to": f"{self.to} {id_}", "note": "n"} for id_ in ids}


class Bench(App[None]):
    BINDINGS = bindings_in(TABLE)

    def __init__(self, rows: Rows) -> None:
        super().__init__()
        self.table = BoxTable(COLUMNS, empty="Nothing yet.\nPress r.")
        self.table.source = rows
        self.heard: list[object] = []

    def get_css_variables(self) -> dict[str, str]:
        return {**super().get_css_variables(), "muted": "#888888"}

    def compose(self) -> ComposeResult:
        yield self.table

    async def on_mount(self) -> None:
        self.table.focus()

    def action_table(self, name: str) -> None:
        getattr(self.table, f"action_{name}")()

    def do(self, id_: str) -> None: ...

    def on_row_opened(self, event: RowOpened) -> None:
        self.heard.append(("opened", event.id))

    def on_sort_chosen(self, event: SortChosen) -> None:
        self.heard.append(("sort", event.column))


@asynccontextmanager
async def shown(
    count: int, size: tuple[int, int] = (60, 11), to: str = "Ada"
) -> AsyncIterator[tuple[Bench, Pilot[None]]]:
    app = Bench(Rows(count, to))
    async with app.run_test(size=size) as pilot:
        await app.table.load(Wanted())
        await pilot.pause()
        yield app, pilot


def lines(app: Bench) -> list[str]:
    return [app.table.render_line(y).text.rstrip() for y in range(app.size.height)]


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 12])
async def test_every_number_of_rows_is_drawn_right(count: int) -> None:
    async with shown(count) as (app, pilot):
        drawn = [line for line in lines(app)[1:] if "SUB-" in line]
        assert len(drawn) == min(count, 10)
        await pilot.press("end")
        assert app.table.cursor == max(count - 1, 0)
        if count:
            assert any(f"SUB-{count - 1}" in line for line in lines(app))
            await pilot.press("home")
            assert "SUB-0" in lines(app)[1]
        else:
            assert "Nothing yet." in "\n".join(lines(app))
            await pilot.press("down", "space", "a", "v", "pagedown", "shift+down", "enter")


async def test_only_what_is_looked_at_is_fetched() -> None:
    async with shown(100_000) as (app, pilot):
        source = app.table.source
        assert isinstance(source, Rows)
        assert len(source.asked) <= 30
        await pilot.press("end")
        await app.workers.wait_for_complete()
        assert "SUB-99999" in lines(app)[-1]
        assert len(source.asked) <= 60


async def test_marks_stay_with_their_rows_when_the_order_turns() -> None:
    async with shown(30) as (app, pilot):
        await pilot.press("space", "space")
        assert app.table.marks.ids == {"0", "1"}
        await app.table.load(Wanted(is_reversed=True))
        assert app.table.marks.ids == {"0", "1"}
        assert app.table.chosen == ["1", "0"]


async def test_marks_hidden_by_the_filter_are_counted_and_still_chosen() -> None:
    async with shown(30) as (app, pilot):
        await pilot.press("space", "space", "space")
        await app.table.load(Wanted(text="2"))
        assert app.table.hidden_marks == 2
        assert sorted(app.table.chosen) == ["0", "1", "2"]


async def test_without_marks_the_row_under_the_cursor_is_chosen() -> None:
    async with shown(3) as (app, pilot):
        await pilot.press("down")
        assert app.table.chosen == ["1"]


async def test_a_sticky_range_follows_pages_and_ends() -> None:
    async with shown(40) as (app, pilot):
        await pilot.press("v", "pagedown")
        assert len(app.table.marks) == 11
        await pilot.press("v", "down", "down")
        assert len(app.table.marks) == 11


async def test_shift_and_arrows_mark_and_a_plain_move_keeps_them() -> None:
    async with shown(40) as (app, pilot):
        await pilot.press("shift+down", "shift+down", "shift+up", "down")
        assert app.table.marks.ids == {"0", "1"}


async def test_the_cursor_stays_on_its_row_when_others_come_and_go() -> None:
    async with shown(40) as (app, pilot):
        await pilot.press(*["down"] * 15)
        await app.table.load(Wanted(text="1"))
        assert app.table.current_id == "15"


async def test_resizing_keeps_the_cursor_in_view() -> None:
    async with shown(200) as (app, pilot):
        await pilot.press("end")
        for size in ((60, 5), (20, 30), (100, 8), (60, 2)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            await app.workers.wait_for_complete()
            assert any("SUB-199" in line for line in lines(app)), size


async def test_the_mouse_moves_marks_opens_and_sorts() -> None:
    async with shown(30) as (app, pilot):
        await pilot.click(BoxTable, offset=(8, 4))
        assert app.table.cursor == 3
        await pilot.click(BoxTable, offset=(0, 6))
        assert app.table.marks.ids == {"5"}
        await pilot.click(BoxTable, offset=(8, 8), times=2)
        assert ("opened", "7") in app.heard
        await pilot.click(BoxTable, offset=(4, 0))
        assert ("sort", "number") in app.heard
        await pilot.click(BoxTable, offset=(8, 3), shift=True)
        assert len(app.table.marks) > 1


async def test_columns_that_do_not_fit_are_reached_with_the_arrows() -> None:
    async with shown(3, size=(36, 8)) as (app, pilot):
        assert "Note" not in lines(app)[0]
        await pilot.press("right")
        assert lines(app)[0].startswith("‹")
        assert "Order" in lines(app)[0]
        await pilot.press("left")
        assert "Ship to" in lines(app)[0]


async def test_hostile_text_is_drawn_literally_and_marked() -> None:
    async with shown(2, to="[@click=app.quit]Bob[/] \x1b]52;c;aGk=\x07\u202eevil") as (app, _):
        line = lines(app)[1]
        assert "[@click" in line
        assert "\x1b" not in line
        assert "\u202e" not in line


async def test_each_line_is_as_wide_as_the_table() -> None:
    async with shown(30, to="日本語 e\u0301") as (app, _):
        widths = {app.table.render_line(y).cell_length for y in range(11)}
        assert widths == {app.table.outer_size.width}
