"""Verbs of every list: details, filter, sort, copy, export, undo, back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cratejoy_tui.errors import LedgerError
from cratejoy_tui.text import csv_cell
from cratejoy_tui.tui.dialogs.choice import Choice
from cratejoy_tui.tui.dialogs.page import PageDialog
from cratejoy_tui.tui.dialogs.question import Field
from cratejoy_tui.tui.widgets.columns import text_of
from cratejoy_tui.tui.writing import write_file

if TYPE_CHECKING:
    from cratejoy_tui.sync.flows.desk import Desk
    from cratejoy_tui.tui.app import Console
    from cratejoy_tui.tui.screens.room import Room
    from cratejoy_tui.tui.session import Session

MOST_COPIED = 74_000
"""Longer texts are refused by many terminals."""
AT_ONCE = 500


class Viewing:
    """What can be done with a list and the row under its cursor."""

    def __init__(self, app: Console) -> None:
        self.app = app

    @property
    def session(self) -> Session:
        """What is open."""
        return self.app.session

    @property
    def room(self) -> Room:
        """The room in front."""
        return self.app.frame.room

    @property
    def desk(self) -> Desk:
        """The open store's desk."""
        return self.room.desk

    # The pane

    async def do_details(self) -> None:
        room = self.room
        if room.pane is not None and room.pane.display:
            await self.do_next_detail()
            return
        view = room.views[0]
        if len(room.views) > 1:
            choices = [Choice(id=each, label=each) for each in room.views]
            view = await self.app.choose("Which view?", choices) or ""
        if view:
            self.app.push_screen(PageDialog(view, await room.detail_text(view)))

    async def do_next_detail(self) -> None:
        room = self.room
        if room.pane is None or not room.pane.display:
            await self.do_details()
            return
        room.pane.turn()

    def do_hide_detail(self) -> None:
        room = self.room
        room.hides_detail = not room.hides_detail
        room.fit(self.app.size.width)
        if not room.hides_detail:
            room.show_detail()

    # Filter and sort

    def do_filter(self) -> None:
        self.app.frame.enter_filter()

    async def do_save_filter(self) -> None:
        room = self.room
        text = room.table.wanted.text
        if not text:
            self.app.tell("There is no filter to save; type one with / first.", is_warning=True)
            return
        answers = await self.app.ask("Save this filter", f"Filter: {text}", [Field(name="name", label="Name")], "Save")
        if answers:
            self._keep_filter(room.room_id, answers["name"], text)

    def _keep_filter(self, room_id: str, name: str, text: str) -> None:
        from cratejoy_tui.tui.saved_filters import save_filter

        save_filter(room_id, name, text)
        self.app.tell(f"Saved as {name}; f brings it back.")

    async def do_saved_filters(self) -> None:
        from cratejoy_tui.tui.saved_filters import filters_of

        room = self.room
        saved = filters_of(room.room_id)
        choices = [Choice(id=text, label=name, hint=text) for name, text in saved.items()]
        chosen = await self.app.choose("Saved filters", choices)
        if chosen is not None:
            room.set_filter(chosen)

    def do_sort(self) -> None:
        sortable = [column.id for column in self.room.columns if column.sorts]
        if not sortable:
            self.app.tell("This list has one order only.")
            return
        now = self.room.table.wanted.sort
        at = sortable.index(now) if now in sortable else -1
        self.room.set_sort(sortable[(at + 1) % len(sortable)])

    def do_reverse(self) -> None:
        if now := self.room.table.wanted.sort:
            self.room.set_sort(now)
        else:
            self.do_sort()

    # Copy and export

    async def do_copy(self) -> None:
        row = self.room.table.current
        if row is None:
            return
        cells = [(column.title, text_of(column.cell(row)).strip()) for column in self.room.columns]
        choices = [Choice(id=text, label=title, hint=text) for title, text in cells if text]
        whole = "\t".join(text for _, text in cells)
        choices.append(Choice(id=whole, label="Whole row", hint="with tabs between"))
        chosen = await self.app.choose("Copy", choices)
        if chosen and len(chosen) <= MOST_COPIED:
            self.app.copy_to_clipboard(chosen)
            self.app.tell("Copied, if this terminal allows it (OSC 52).")

    async def do_export(self) -> None:
        room = self.room  # the operator may go elsewhere meanwhile
        table = room.table
        ids = table.chosen if table.marks.ids else list(table.ids)
        lines = [",".join(_quoted(column.title) for column in room.columns)]
        for start in range(0, len(ids), AT_ONCE):
            part = ids[start : start + AT_ONCE]
            rows = await table.source.rows(part)
            lines += [
                ",".join(_quoted(text_of(column.cell(rows[id_])).strip()) for column in room.columns)
                for id_ in part
                if id_ in rows
            ]
        try:
            path = write_file(room.room_id, "csv", "\r\n".join(lines) + "\r\n")
        except OSError as error:
            raise LedgerError(
                f"The file could not be written: {error.strerror}.", next_step="Start the console in another folder."
            ) from None
        self.app.tell(f"{len(lines) - 1} rows written to {path}.")

    # Back

    async def do_undo(self) -> None:
        table = self.room.table
        if self.app.undo:
            decision = self.app.undo.pop()
            await decision.back()
            self.app.frame.ledger_changed()
            self.app.tell(f"Taken back: {decision.text}.")
        elif table.undo_marks():
            self.app.tell("Marks restored.")

    def do_escape(self) -> None:
        table = self.room.table
        if table.marks.close_range(keep=False):
            table.refresh()
            self.app.frame.tell_chosen()
        elif table.wanted.text:
            self.room.set_filter("")
        elif table.marks.ids:
            count = table.clear_marks()
            self.app.tell(f"{count} marks cleared; z restores them.")

    # About one box

    async def explain(self, asked: str) -> None:
        """Show every rule and deed of a box, pulled or not."""
        from cratejoy_tui.sync.flows.explain import explain
        from cratejoy_tui.tui.pages.explain import explain_page

        explained = await self.session.decide(lambda desk: explain(desk, asked))
        page = explain_page(explained, self.desk.rules.zone)
        self.app.push_screen(PageDialog(f"Why is {explained.order_number or explained.shipment_id} where it is?", page))


def _quoted(text: str) -> str:
    safe = csv_cell(text)
    return '"' + safe.replace('"', '""') + '"' if any(mark in safe for mark in ',"\n\r') else safe
