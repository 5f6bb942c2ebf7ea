"""The lines of the big table: one strip of text per row, made when it is looked at and kept while it stays the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from cratejoy_tui.text import clean
from cratejoy_tui.tui.states import TONES
from cratejoy_tui.tui.widgets.columns import GAP, Column, Placed, fitted, most_skipped, place

GUTTER = 2
"""Cells at the left for the mark."""
MARK = "◆ "
KEPT = 1024

PARTS = ("header", "sorted", "even", "odd", "cursor", "blurred", "marked", "mark", "empty", *TONES)
WHOLE = frozenset({"header", "even", "odd", "empty"})
GROUNDS = frozenset({"cursor", "blurred", "marked"})

Styles = Mapping[str, Style]


def styles_of(table: Widget) -> Styles:
    """The styles of all parts of this table under the present theme."""
    styles = {part: _style_of(part, table.get_component_rich_style(f"table--{part}")) for part in PARTS}
    return styles if table.has_focus else {**styles, "cursor": styles["blurred"]}


def _style_of(part: str, style: Style) -> Style:
    """Lines bring their own colours, with see-through ones worked out; tones change the text's colour only."""
    if part in WHOLE:
        return style
    if part in GROUNDS:
        return Style(bgcolor=style.bgcolor, bold=style.bold or None, reverse=style.reverse or None)
    return Style(color=style.color, bold=style.bold or None) if part != "strong" else Style(bold=True)


class Lines:
    """Draws header and rows of one table at its present width."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = tuple(columns)
        self.width = 0
        """What the columns have."""
        self.outer = 0
        """With the place of the scroll bar."""
        self.skipped = 0
        self.placed: tuple[Placed, ...] = ()
        self._strips: dict[tuple[str, bool, bool, bool], Strip] = {}

    def lay_out(self, width: int, outer: int) -> None:
        """Place the columns anew."""
        self.width, self.outer = width, outer
        inner = max(width - GUTTER, 1)
        self.skipped = min(self.skipped, most_skipped(self.columns, inner))
        self.placed = place(self.columns, inner, self.skipped)
        self.forget()

    def skip(self, by: int) -> bool:
        """Move the view by columns; True when it moved."""
        before = self.skipped
        self.skipped = max(0, min(self.skipped + by, most_skipped(self.columns, max(self.width - GUTTER, 1))))
        self.lay_out(self.width, self.outer)
        return self.skipped != before

    def forget(self) -> None:
        """Drop all kept strips."""
        self._strips.clear()

    def column_at(self, x: int) -> Column | None:
        """The column under this place of the line; None over the mark and between columns."""
        for placed in self.placed:
            if placed.start <= x - GUTTER < placed.start + placed.width + GAP:
                return placed.column
        return None

    def header(self, styles: Styles, sort: str, is_reversed: bool) -> Strip:
        """The columns' titles, the one that is sorted by with its arrow."""
        base, sorted_ = styles["header"], styles["sorted"]
        left = "‹ " if self.skipped else "  "
        segments = [Segment(left, base)]
        at = 0
        for placed in self.placed:
            column = placed.column
            is_sort = bool(sort) and column.id == sort
            title = f"{column.title} {'▼' if is_reversed else '▲'}" if is_sort else column.title
            text = fitted(title, placed.width, is_right=column.is_right)
            segments.append(Segment(" " * (placed.start - at), base))
            segments.append(Segment(text, base + sorted_ if is_sort else base))
            at = placed.start + placed.width
        more = most_skipped(self.columns, max(self.width - GUTTER, 1)) > self.skipped
        rest = max(self.width - GUTTER - at, 0)
        if more and rest:
            segments.append(Segment(" " * (rest - 1) + "›", base))
        else:
            segments.append(Segment(" " * rest, base))
        return Strip(segments).adjust_cell_length(self.outer, base)

    def row(self, id_: str, row: Any, styles: Styles, *, is_cursor: bool, is_marked: bool, is_odd: bool) -> Strip:
        """One row; `row` is None while it is on its way."""
        key = (id_, is_cursor, is_marked, is_odd)
        if (kept := self._strips.get(key)) is not None:
            return kept
        strip = self._drawn(row, styles, is_cursor, is_marked, is_odd)
        if row is not None:
            if len(self._strips) >= KEPT:
                self._strips.clear()
            self._strips[key] = strip
        return strip

    def blank(self, text: str, styles: Styles) -> Strip:
        """A line without a row, with our own text or none."""
        key = (f"\0{text}", False, False, False)
        if key not in self._strips:
            self._strips[key] = Strip([Segment(text, styles["empty"])]).adjust_cell_length(self.outer, styles["empty"])
        return self._strips[key]

    def _drawn(self, row: Any, styles: Styles, is_cursor: bool, is_marked: bool, is_odd: bool) -> Strip:
        base = styles["odd"] if is_odd else styles["even"]
        if is_marked:
            base += styles["marked"]
        if is_cursor:
            base += styles["cursor"]
        segments = [Segment(MARK, base + styles["mark"]) if is_marked else Segment("  ", base)]
        for placed in self.placed if row is not None else ():
            cell = placed.column.cell(row)
            text, tone = cell if isinstance(cell, tuple) else (cell, "")
            if not (text.isascii() and text.isprintable()):
                text = clean(text)
            text = fitted(text, placed.width, is_right=placed.column.is_right) + " " * GAP
            is_toned = tone and not base.reverse  # reversed, a tone would be a patch of ground
            segments.append(Segment(text, base + styles[tone] if is_toned else base))
        return Strip(segments).adjust_cell_length(self.outer, base)
