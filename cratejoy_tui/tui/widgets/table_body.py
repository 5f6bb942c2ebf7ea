"""The big table's body: ids in order in memory, rows fetched for what is visible, the same speed at any size."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar

from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from cratejoy_tui.text import clean
from cratejoy_tui.tui.states import TONES
from cratejoy_tui.tui.widgets.box_lines import Lines
from cratejoy_tui.tui.widgets.columns import Column
from cratejoy_tui.tui.widgets.marks import Marks
from cratejoy_tui.tui.widgets.row_source import NoRows, RowSource, Wanted

PARTS = ("header", "sorted", "even", "odd", "cursor", "blurred", "marked", "mark", "empty", *TONES)
WHOLE = frozenset({"header", "even", "odd", "empty"})
GROUNDS = frozenset({"cursor", "blurred", "marked"})
KEPT_ROWS = 2000
MARGIN = 4
"""Rows beside the visible ones that must be there, so that a step shows no empty line."""


class TableBody(ScrollView, can_focus=True, inherit_bindings=False):
    """Holds the ids, fetches the rows that are looked at, and draws them."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"table--{part}" for part in PARTS}

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        empty: str = "Nothing here.",
        table_id: str | None = None,
        tell: Callable[[], None] = lambda: None,
    ) -> None:
        """`tell` is called at every change of cursor, marks or rows: at once, so that all is drawn in one go."""
        super().__init__(id=table_id)
        self._tell = tell
        self.lines = Lines(columns)
        self.source: RowSource = NoRows()
        self.wanted = Wanted()
        self.ids: Sequence[str] = ()
        self.cursor = 0
        self.marks = Marks()
        self.hidden_marks = 0
        self.loaded: Wanted | None = None
        """What the ids on screen answer; None before the first answer."""
        self.notice = empty
        """What stands in place of rows when there are none; may have several lines."""
        self._rows: dict[str, Any] = {}
        self._styles: dict[str, Style] | None = None
        self._under_way: set[str] = set()
        self._is_quiet = asyncio.Event()

    # What is shown

    @property
    def current_id(self) -> str:
        """The row under the cursor; "" when there is none."""
        return self.ids[self.cursor] if self.cursor < len(self.ids) else ""

    @property
    def current(self) -> Any:
        """The row under the cursor; None while it is on its way, or gone."""
        row = self._rows.get(self.current_id)
        return None if row is Gone else row

    @property
    def is_loaded(self) -> bool:
        """The first answer is there."""
        return self.loaded is not None

    @property
    def is_reading(self) -> bool:
        """What is wanted is not on screen yet, or the row under the cursor is on its way."""
        return self.loaded != self.wanted or bool(self.current_id and self.current_id not in self._rows)

    @property
    def chosen(self) -> list[str]:
        """What a verb acts on: the marked rows and only those, in the view's order first; else the cursor's."""
        if not self.marks.ids:
            return [self.current_id] if self.current_id else []
        in_view = [id_ for id_ in self.ids if id_ in self.marks]
        return in_view + sorted(self.marks.ids.difference(in_view)) if self.hidden_marks else in_view

    @property
    def page_height(self) -> int:
        """Rows that are visible at once."""
        return max(self.size.height - 1, 1)

    @property
    def line_width(self) -> int:
        """Cells that a line has, beside the scroll bar."""
        return max(self.scrollable_content_region.width, 1)

    def kept(self, id_: str) -> Any:
        """A row that was looked at lately, else None."""
        return self._rows.get(id_)

    async def load(self, wanted: Wanted | None = None) -> None:
        """Ask the source again; what is on screen stays until all of the new is there, with cursor and marks."""
        self.wanted = wanted = wanted or self.wanted
        self._begin("load")
        try:
            ids = await self.source.ids(wanted)
            place, page = self._place_of(self.current_id, ids), self.page_height + MARGIN
            near = ids[max(place - page, 0) : place + page]
            rows = await self.source.rows(near)
        finally:
            self._end("load")
        keep, self.loaded, self._rows = self.current_id, wanted, {id_: rows.get(id_, Gone) for id_ in near}
        self.lines.forget()
        self.show_ids(ids, keep=keep)
        self._need_rows()

    async def settled(self) -> None:
        """Wait until nothing more is on its way."""
        if self._under_way:
            await self._is_quiet.wait()

    def _begin(self, what: str) -> None:
        self._under_way.add(what)
        self._is_quiet.clear()

    def _end(self, what: str) -> None:
        self._under_way.discard(what)
        if not self._under_way:
            self._is_quiet.set()

    def show_ids(self, ids: Sequence[str], *, keep: str = "") -> None:
        """Show these rows; the cursor stays on its row where that is still there, else at its place."""
        anchor = self.ids[self.marks.anchor] if self.marks.anchor is not None else ""
        self.cursor = self._place_of(keep, ids)
        self.ids = ids
        self.marks.move_anchor(ids, anchor)
        self.hidden_marks = len(self.marks.ids.difference(ids)) if self.marks.ids else 0
        self.virtual_size = Size(self.size.width, len(ids) + 1)
        self._bring_into_view()
        self.refresh()
        self._tell()

    def _place_of(self, id_: str, ids: Sequence[str]) -> int:
        nearest = min(self.cursor, max(len(ids) - 1, 0))
        if not id_ or ids[nearest : nearest + 1] == [id_]:
            return nearest
        try:
            return ids.index(id_)
        except ValueError:
            return nearest

    def say(self, notice: str) -> None:
        """Put another text where rows would stand."""
        self.notice = notice
        self.refresh()

    # Rows on their way

    def _visible(self, margin: int = 0) -> range:
        top = round(self.scroll_y)
        return range(max(top - margin, 0), min(top + self.page_height + margin, len(self.ids)))

    def _need_rows(self) -> None:
        if "fetch" not in self._under_way and self._missing():
            self._begin("fetch")
            self.app.run_worker(self._fetch, group="rows", exit_on_error=False)  # type: ignore[arg-type]

    async def _fetch(self) -> None:
        """Bring what is visible, with a page on either side, until nothing is missing."""
        try:
            while missing := self._missing():
                rows = self._rows
                fetched = await self.source.rows(missing)
                if rows is self._rows:  # else the list was read anew meanwhile
                    self._keep(missing, fetched)
        finally:
            self._end("fetch")

    def _missing(self) -> list[str]:
        if all(self.ids[index] in self._rows for index in self._visible(MARGIN)):
            return []
        return [self.ids[index] for index in self._visible(self.page_height) if self.ids[index] not in self._rows]

    def _keep(self, asked: Sequence[str], fetched: Mapping[str, Any]) -> None:
        if len(self._rows) > KEPT_ROWS:
            near = {self.ids[index] for index in self._visible(self.page_height)}
            self._rows = {id_: row for id_, row in self._rows.items() if id_ in near}
        self._rows.update({id_: fetched.get(id_, Gone) for id_ in asked})
        if not {self.ids[index] for index in self._visible()}.isdisjoint(asked):
            self.refresh()
        if self.current_id in fetched:
            self._tell()

    # Drawing

    def styles_now(self) -> dict[str, Style]:
        """The styles of all parts under the present theme."""
        if self._styles is None:
            self._styles = {part: self._style_of(part) for part in PARTS}
            if not self.has_focus:
                self._styles["cursor"] = self._styles["blurred"]
        return self._styles

    def _style_of(self, part: str) -> Style:
        """Lines bring their own colours, with see-through ones worked out; tones change the text's colour only."""
        style = self.get_component_rich_style(f"table--{part}")
        if part in WHOLE:
            return style
        if part in GROUNDS:
            return Style(bgcolor=style.bgcolor, bold=style.bold or None, reverse=style.reverse or None)
        return Style(color=style.color, bold=style.bold or None) if part != "strong" else Style(bold=True)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles = None
        self.lines.forget()

    def render_lines(self, crop: Region) -> list[Strip]:
        """As Textual does it, without looking for borders and tints at every line: a table has none."""
        if (self.lines.width, self.lines.outer) != (self.line_width, self.outer_size.width):
            self.lines.lay_out(self.line_width, self.outer_size.width)
        strips = [self.render_line(y) for y in crop.line_range]
        background = self.background_colors[1]
        for each in self.get_line_filters():
            strips = [strip.apply_filter(each, background) for strip in strips]
        is_whole = crop.column_span == (0, self.lines.outer)
        return strips if is_whole else [strip.crop(*crop.column_span) for strip in strips]

    def render_line(self, y: int) -> Strip:
        styles = self.styles_now()
        if y == 0:
            return self.lines.header(styles, self.wanted.sort, self.wanted.is_reversed)
        index = round(self.scroll_y) + y - 1
        if index >= len(self.ids):
            return self._blank(y, styles)
        id_ = self.ids[index]
        row = self._rows.get(id_)
        return self.lines.row(
            id_,
            None if row is Gone else row,
            styles,
            is_cursor=index == self.cursor,
            is_marked=id_ in self.marks.ids,
            is_odd=index % 2 == 1,
        )

    def _blank(self, y: int, styles: dict[str, Style]) -> Strip:
        text = ""
        if not self.ids:
            lines = _wrapped(self.notice, max(self.line_width - 4, 1))
            first = max((self.size.height - len(lines)) // 3, 1)
            if 0 <= y - first - 1 < len(lines):
                text = lines[y - first - 1].center(self.line_width)
        return self.lines.blank(text, styles)

    def _redraw_row(self, index: int) -> None:
        self.refresh_line(index + 1)

    def _bring_into_view(self) -> bool:
        """Scroll so that the cursor is visible; True when the view moved."""
        top = round(self.scroll_y)
        wanted = min(max(top, self.cursor - self.page_height + 1), self.cursor)
        wanted = max(min(wanted, len(self.ids) - self.page_height), 0)
        if wanted == top:
            return False
        self.scroll_to(y=wanted, animate=False)
        self.refresh()
        return True

    def on_resize(self, event: events.Resize) -> None:
        self.lines.lay_out(self.line_width, self.outer_size.width)
        self.virtual_size = Size(self.line_width, len(self.ids) + 1)
        self._bring_into_view()
        self._need_rows()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._need_rows()

    def watch_has_focus(self, has_focus: bool) -> None:
        self._styles = None
        self.lines.forget()
        super().watch_has_focus(has_focus)


@lru_cache(8)
def _wrapped(notice: str, width: int) -> list[str]:
    return [part for line in notice.split("\n") for part in textwrap.wrap(clean(line), width) or [""]]


class Gone:
    """Stands for a row that the source no longer has."""
