"""Which columns fit, and how wide each may be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from rich.cells import cell_len, set_cell_size

Cell = str | tuple[str, str]
"""A cell's text, or its text and tone."""

GAP = 2


def text_of(cell: Cell) -> str:
    """What a cell says, without its tone."""
    return cell[0] if isinstance(cell, tuple) else cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table."""

    id: str
    title: str
    cell: Callable[[Any], Cell]
    """Makes the cell from a row; its text is cleaned by the table."""
    width: int
    """In terminal cells, at least."""
    most: int = 0
    """It may grow to this width where there is room; 0: it does not grow."""
    priority: int = 5
    """Lower numbers stay longest when the screen is narrow; 0 always stays."""
    sorts: bool = False
    is_right: bool = False


def toned(field: str, tone: str) -> Callable[[Any], Cell]:
    """Makes cells of one field of the row, always in this tone; dots lead further in."""
    of = attrgetter(field)
    return lambda row: (of(row), tone)


@dataclass(frozen=True, slots=True)
class Placed:
    """A column with its place on the line."""

    column: Column
    start: int
    width: int


def place(columns: Sequence[Column], width: int, skipped: int = 0) -> tuple[Placed, ...]:
    """The columns that fit into this width, in their order.

    At rest the least important ones give way first. `skipped` moves the view: columns that always stay remain, of the
    others that many are passed over and the next ones are shown as far as they fit.
    """
    chosen = _by_priority(columns, width) if not skipped else _by_place(columns, width, skipped)
    return _spread(chosen, width)


def most_skipped(columns: Sequence[Column], width: int) -> int:
    """How far the view can be moved to the right; 0 when everything fits."""
    if _needed(columns) <= width:
        return 0
    return max(sum(1 for column in columns if column.priority) - 1, 0)


def _by_priority(columns: Sequence[Column], width: int) -> list[Column]:
    chosen = list(columns)
    while len(chosen) > 1 and _needed(chosen) > width:
        last = max(chosen, key=lambda column: (column.priority, columns.index(column)))
        if last.priority == 0:
            break
        chosen.remove(last)
    return chosen


def _by_place(columns: Sequence[Column], width: int, skipped: int) -> list[Column]:
    movable = [column for column in columns if column.priority][skipped:]
    chosen = [column for column in columns if not column.priority]
    for column in movable:
        if _needed([*chosen, column]) > width:
            break
        chosen.append(column)
    return chosen


def _needed(columns: Sequence[Column]) -> int:
    return sum(column.width for column in columns) + GAP * max(len(columns) - 1, 0)


def _spread(columns: Sequence[Column], width: int) -> tuple[Placed, ...]:
    widths = [column.width for column in columns]
    spare = width - _needed(columns)
    growing = [index for index, column in enumerate(columns) if column.most > column.width]
    while spare > 0 and growing:
        share = max(spare // len(growing), 1)
        for index in list(growing):
            more = min(share, columns[index].most - widths[index], spare)
            widths[index] += more
            spare -= more
            if widths[index] >= columns[index].most:
                growing.remove(index)
    placed, start = [], 0
    for column, wide in zip(columns, widths, strict=True):
        placed.append(Placed(column, start, wide))
        start += wide + GAP
    return tuple(placed)


def fitted(text: str, width: int, *, is_right: bool = False) -> str:
    """The text in exactly this many terminal cells; what is cut off ends in `…`."""
    if text.isascii():
        if len(text) > width:
            return text[: max(width - 1, 0)] + "…"[:width]
        return text.rjust(width) if is_right else text.ljust(width)
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, max(width - 1, 0)) + "…"[:width]
    return " " * (width - length) + text if is_right else text + " " * (width - length)
