from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from cratejoy_tui.tui.widgets.columns import Column, fitted, most_skipped, place
from tests.tui.conftest import console

COLUMNS = (
    Column(id="number", title="Order", cell=str, width=8, priority=0),
    Column(id="to", title="Ship to", cell=str, width=10, most=20, priority=2),
    Column(id="note", title="Note", cell=str, width=10, most=30, priority=5),
    Column(id="age", title="Age", cell=str, width=4, priority=3),
)


def ids(width: int, skipped: int = 0) -> list[str]:
    return [placed.column.id for placed in place(COLUMNS, width, skipped)]


def test_the_least_important_columns_give_way_first() -> None:
    assert ids(38) == ["number", "to", "note", "age"]
    assert ids(37) == ["number", "to", "age"]
    assert ids(20) == ["number", "to"]
    assert ids(5) == ["number"]


def test_spare_room_goes_to_columns_that_grow_and_is_never_exceeded() -> None:
    for width in range(38, 120):
        placed = place(COLUMNS, width)
        end = placed[-1].start + placed[-1].width
        assert end <= width
        assert all(p.width <= max(p.column.most, p.column.width) for p in placed)
    assert [p.width for p in place(COLUMNS, 100)] == [8, 20, 30, 4]


def test_the_view_moves_over_columns_while_the_first_stays() -> None:
    assert most_skipped(COLUMNS, 24) == 2
    assert ids(24, 1) == ["number", "note"]
    assert ids(24, 2) == ["number", "age"]
    assert most_skipped(COLUMNS, 60) == 0


@pytest.mark.parametrize(
    "text", ["", "abc", "abcdefghijkl", "日本語テキスト", "e\u0301te\u0301 é", "👩‍👩‍👧 family", "🇫🇷🇫🇷🇫🇷🇫🇷"]
)
@pytest.mark.parametrize("width", [1, 2, 5, 9])
def test_every_cell_has_exactly_its_width(text: str, width: int) -> None:
    assert cell_len(fitted(text, width)) == width
    assert cell_len(fitted(text, width, is_right=True)) == width


def test_what_is_cut_off_says_so() -> None:
    assert fitted("Springfield", 6) == "Sprin…"
    assert fitted("abc", 5, is_right=True) == "  abc"


async def test_beside_the_pane_pending_shows_age_at_120_columns_and_type_at_140(demo: Path) -> None:
    for width, shown in ((120, {"since"}), (140, {"since", "type"})):
        async with console(size=(width, 40)) as driver:
            await driver.until(lambda: driver.app.frame.room.pane is not None, "the pane")
            await driver.pilot.pause()
            placed = {each.column.id for each in driver.app.frame.room.table.lines.placed}
            assert shown <= placed
            assert {"stage", "number", "to", "target", "reason"} <= placed
