"""The big table's body: ids in order in memory, rows fetched for what is visible, the same speed at any size."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any, ClassVar

from textual import events
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from cratejoy_tui.text import clean
from cratejoy_tui.tui.widgets.box_lines import PARTS, Lines, Styles, styles_of
from cratejoy_tui.tui.widgets.columns import Column
from cratejoy_tui.tui.widgets.marks import Marks
from cratejoy_tui.tui.widgets.row_pages import RowPages
from cratejoy_tui.tui.widgets.row_source import NoRows, RowSource, Wanted

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
        self.pages = RowPages()
        self._styles: Styles | None = None

    # What is shown

    @property
    def current_id(self) -> str:
        """The row under the cursor; "" when there is none."""
        return self.ids[self.cursor] if self.cursor < len(self.ids) else ""

    @property
    def current(self) -> Any:
        """The row under the cursor; None while it is on its way, or gone."""
        return self.pages.get(self.current_id)

    @property
    def is_loaded(self) -> bool:
        """The first answer is there."""
        return self.loaded is not None

    @property
    def is_reading(self) -> bool:
        """What is wanted is not on screen yet, or the row under the cursor is on its way."""
        return self.loaded != self.wanted or bool(self.current_id and self.current_id not in self.pages)

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

    async def load(self, wanted: Wanted | None = None) -> None:
        """Ask the source again; what is on screen stays until all of the new is there, with cursor and marks."""
        self.wanted = wanted = wanted or self.wanted
        ids = await self.pages.read(self.source, wanted, self._near)
        keep, self.loaded = self.current_id, wanted
        self.lines.forget()
        self.show_ids(ids, keep=keep)
        self._need_rows()

    def _near(self, ids: Sequence[str]) -> Sequence[str]:
        """Those of a new list that will be visible, with a page on either side."""
        place, page = self._place_of(self.current_id, ids), self.page_height + MARGIN
        return ids[max(place - page, 0) : place + page]

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
        if self._missing() and self.pages.begin_fetch():
            fetch = partial(self.pages.fetch, self.source, self._missing, self._came)
            self.app.run_worker(fetch, group="rows", exit_on_error=False)  # type: ignore[arg-type]

    def _missing(self) -> list[str]:
        """What is visible and not here, with a page on either side."""
        if all(self.ids[index] in self.pages for index in self._visible(MARGIN)):
            return []
        return [self.ids[index] for index in self._visible(self.page_height) if self.ids[index] not in self.pages]

    def _came(self, ids: Sequence[str]) -> None:
        self.pages.trim(self.ids[index] for index in self._visible(self.page_height))
        if not {self.ids[index] for index in self._visible()}.isdisjoint(ids):
            self.refresh()
        if self.current_id in ids:
            self._tell()

    # Drawing

    def styles_now(self) -> Styles:
        """The styles of all parts under the present theme."""
        if self._styles is None:
            self._styles = styles_of(self)
        return self._styles

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
        return self.lines.row(
            id_,
            self.pages.get(id_),
            styles,
            is_cursor=index == self.cursor,
            is_marked=id_ in self.marks.ids,
            is_odd=index % 2 == 1,
        )

    def _blank(self, y: int, styles: Styles) -> Strip:
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
