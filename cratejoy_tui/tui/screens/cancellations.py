"""Room 4: boxes that shall not leave: what the warehouse answered, and what must be stopped by hand."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from textual.content import Content

from cratejoy_tui.text import counted
from cratejoy_tui.tui.dialogs.choice import Choice
from cratejoy_tui.tui.dialogs.page import PageDialog
from cratejoy_tui.tui.dialogs.question import Field
from cratejoy_tui.tui.keymap import bindings_in
from cratejoy_tui.tui.safe import lines
from cratejoy_tui.tui.screens.box_columns import MOMENTS, ORDER_NUMBER
from cratejoy_tui.tui.screens.box_room import BoxRoom
from cratejoy_tui.tui.screens.list_source import ListSource
from cratejoy_tui.tui.states import stage_cell
from cratejoy_tui.tui.widgets.columns import Cell, Column
from cratejoy_tui.tui.widgets.row_source import RowSource
from cratejoy_tui.tui.writing import write_file

if TYPE_CHECKING:
    from cratejoy_tui.sync.flows.views import CancelRow

_STATES = {
    "to stop by hand": ("■ stop by hand", "bad"),
    "refused": ("■ refused", "bad"),
    "to send": ("● to send", "accent"),
    "unknown": ("? unknown", "warn"),
    "shipped": ("! has left", "warn"),
    "cancelled": ("✓ cancelled", "good"),
    "never sent": ("✓ never sent", "quiet"),
}


def _state(row: Any) -> Cell:
    state: str = row.state
    return _STATES.get(state, (state, ""))


def _since(row: Any) -> Cell:
    at = row.cancelled_at or (row.tasks[0].made_at if row.tasks else None)
    return MOMENTS.age(at), "bad" if row.tasks else "quiet"


def _answer(row: CancelRow) -> Cell:
    if row.answer:
        return row.answer, "warn"
    return (row.tasks[0].text, "quiet") if row.tasks else ""


def _owner(row: CancelRow) -> Cell:
    return row.owner or ("nobody", "quiet") if row.tasks else ""


class Cancellations(BoxRoom):
    """Late cancels, recalls, and the stop-ship list."""

    room_id = "cancellations"
    noun = "cancellations"
    BINDINGS = bindings_in("cancellations")
    empty = "Nothing was cancelled.\n\nCancels that come late are looked for with every refresh."
    views = ("Timeline", "Order", "Record")
    columns = (
        Column(id="state", title="State", cell=_state, width=14, priority=0, sorts=True),
        ORDER_NUMBER,
        Column(id="stage", title="Box", cell=lambda row: stage_cell(row.stage), width=16, priority=3),
        Column(id="to", title="Ship to", cell=attrgetter("to"), width=14, most=24, priority=4),
        Column(id="lines", title="Lines", cell=attrgetter("lines"), width=10, most=30, priority=7),
        Column(id="since", title="Since", cell=_since, width=7, priority=2, is_right=True),
        Column(id="owner", title="Owner", cell=_owner, width=8, most=14, priority=5),
        Column(id="answer", title="What the warehouse said", cell=_answer, width=20, most=70, priority=1),
    )

    def source(self) -> RowSource:
        """Few rows, read whole."""
        fields = {
            "stage": lambda row: row.stage.value,
            "owner": lambda row: row.owner,
            "reason": lambda row: row.reason,
        }
        return ListSource(self._read, self.columns, fields)

    async def _read(self) -> dict[str, Any]:
        from cratejoy_tui.sync.flows.views import cancel_rows

        return await cancel_rows(self.desk)

    async def do_send_cancels(self) -> None:
        from cratejoy_tui.sync.domain.stage import Kind

        marked = self.table.marks.ids
        rows = await self.table.source.rows([*(marked or self.table.ids)])
        due = [id_ for id_, row in rows.items() if marked or row.state == "to send"]
        await self.app.foreman.sender.send(Kind.CANCEL, due, self.table.hidden_marks)

    async def do_tick(self) -> None:
        from cratejoy_tui.sync.flows.cancellations import tick_off

        open_rows = [row for row in await self.chosen_rows() if row.tasks]
        if not open_rows:
            self.app.tell("There is no open task for this box.", is_warning=True)
            return
        choices = [
            Choice(
                id="stopped",
                label="It was stopped",
                hint="The box stays here; it counts as cancelled at the warehouse.",
            ),
            Choice(id="left", label="It had left", hint="Too late; what its tracking brings is decided then."),
        ]
        chosen = await self.app.choose(f"What became of {counted(len(open_rows), 'box')}?", choices)
        if not chosen:
            return
        fields = [Field(name="note", label="Note", hint="who looked, where", is_needed=False)]
        answers = await self.app.ask("Tick off", "It is recorded under your name.", fields)
        if answers is None:
            return
        for row in open_rows:
            await self.app.session.decide(tick_off, row.id, answers["note"], stopped=chosen == "stopped")
        self._decided(f"{len(open_rows)} ticked off.")

    async def do_assign(self) -> None:
        from cratejoy_tui.sync.flows.people import assign

        tasks = [task for row in await self.chosen_rows() for task in row.tasks]
        if not tasks:
            self.app.tell("There is no open task for this box.", is_warning=True)
            return
        fields = [Field(name="owner", label="Whose task is it?")]
        answers = await self.app.ask(f"Assign {len(tasks)} tasks", "", fields)
        if answers:
            for task in tasks:
                await self.app.session.decide(assign, task.id, answers["owner"])
            self._decided(f"{len(tasks)} tasks are {answers['owner']}'s.")

    async def do_stop_ship(self) -> None:
        from cratejoy_tui.sync.flows.cancellations import as_csv, as_text, stop_ship_list

        boxes = await stop_ship_list(self.desk)
        text = as_text(boxes, self.desk.rules.zone)

        def write(_: str) -> None:
            paths = [write_file("stop-ship", "txt", text), write_file("stop-ship", "csv", as_csv(boxes))]
            self.app.tell("Written: " + ", ".join(str(path) for path in paths))

        page: Content = lines(text)
        self.app.push_screen(PageDialog("Stop these boxes (e writes text and CSV)", page, write=write))
