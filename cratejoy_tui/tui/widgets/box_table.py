"""The big table: moving, marking and clicking; how it is drawn is its body's business."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.message import Message

from cratejoy_tui.tui.widgets.box_lines import GUTTER
from cratejoy_tui.tui.widgets.table_body import TableBody


@dataclass
class RowOpened(Message):
    """The operator asked for the details of one row."""

    id: str


@dataclass
class SortChosen(Message):
    """The operator clicked on a column's title."""

    column: str


class BoxTable(TableBody, inherit_bindings=False):
    """Rows of anything that has an id, with a cursor and marks. Its keys are the room's."""

    # Moving

    def move_to(self, index: int, *, keep_range: bool = False) -> None:
        """Put the cursor on this row and bring it into view."""
        index = max(0, min(index, len(self.ids) - 1))
        if not self.ids or index == self.cursor:
            return
        if self.marks.anchor is not None and not (keep_range or self.marks.is_sticky):
            self.marks.close_range()
        old, self.cursor = self.cursor, index
        self.marks.stretch(self.ids, old, index)
        if not self._bring_into_view():
            for row in range(min(old, index), max(old, index) + 1) if self.marks.anchor is not None else (old, index):
                self._redraw_row(row)
        self._need_rows()
        self._tell()

    def action_down(self) -> None:
        self.move_to(self.cursor + 1)

    def action_up(self) -> None:
        self.move_to(self.cursor - 1)

    def action_page_down(self) -> None:
        self.move_to(self.cursor + self.page_height)

    def action_page_up(self) -> None:
        self.move_to(self.cursor - self.page_height)

    def action_first(self) -> None:
        self.move_to(0)

    def action_last(self) -> None:
        self.move_to(len(self.ids) - 1)

    def action_columns_right(self) -> None:
        self._skip(1)

    def action_columns_left(self) -> None:
        self._skip(-1)

    def _skip(self, by: int) -> None:
        if self.lines.skip(by):
            self.refresh()

    # Marking

    def action_mark(self) -> None:
        if self.current_id:
            self.marks.close_range()
            self.marks.toggle(self.current_id)
            self._redraw_row(self.cursor)
            self._tell()
            self.move_to(self.cursor + 1)

    def action_mark_all(self) -> None:
        self.marks.close_range()
        self.marks.toggle_all(self.ids)
        self._marks_changed()

    def action_range(self) -> None:
        if not self.marks.close_range() and self.current_id:
            self.marks.open_range(self.ids, self.cursor, sticky=True)
        self._marks_changed()

    def action_extend_down(self) -> None:
        self._extend(1)

    def action_extend_up(self) -> None:
        self._extend(-1)

    def _extend(self, by: int) -> None:
        if self.current_id:
            if self.marks.anchor is None:
                self.marks.open_range(self.ids, self.cursor, sticky=False)
                self._redraw_row(self.cursor)
            self.move_to(self.cursor + by, keep_range=True)
            self._tell()

    def clear_marks(self) -> int:
        """Unmark everything, also what the filter hides; gives how many there were."""
        count = self.marks.clear()
        self.hidden_marks = 0
        self._marks_changed()
        return count

    def undo_marks(self) -> bool:
        """Take back the last large change of marks."""
        if not self.marks.undo():
            return False
        self.hidden_marks = len(self.marks.ids.difference(self.ids))
        self._marks_changed()
        return True

    def _marks_changed(self) -> None:
        self.refresh()
        self._tell()

    # Mouse and size

    def on_click(self, event: events.Click) -> None:
        if event.y == 0:
            column = self.lines.column_at(event.x)
            if column is not None and column.sorts:
                self.post_message(SortChosen(column.id))
            return
        index = round(self.scroll_y) + event.y - 1
        if index < len(self.ids):
            self._clicked(index, event)

    def _clicked(self, index: int, event: events.Click) -> None:
        if event.shift:
            if self.marks.anchor is None:
                self.marks.open_range(self.ids, self.cursor, sticky=False)
            self.move_to(index, keep_range=True)
            return
        self.move_to(index)
        if event.x < GUTTER:
            self.marks.toggle(self.ids[index])
            self._marks_changed()
        elif event.chain == 2:
            self.post_message(RowOpened(self.ids[index]))
