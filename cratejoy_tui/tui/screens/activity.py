"""Room 5: what was done: runs, calls, audit records, and pictures of the boxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textual.content import Content

from cratejoy_tui.tui.dialogs.choice import Choice, ChoiceDialog
from cratejoy_tui.tui.keymap import bindings_in
from cratejoy_tui.tui.safe import lines, words
from cratejoy_tui.tui.screens.box_columns import MOMENTS
from cratejoy_tui.tui.screens.list_source import ListSource
from cratejoy_tui.tui.screens.room import Room
from cratejoy_tui.tui.widgets.columns import Column
from cratejoy_tui.tui.widgets.row_source import RowSource

AUDIT_SHOWN = 5000
VIEWS = ("runs", "audit", "calls", "boxes")


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of what was done, whatever its kind."""

    id: str
    when: str
    what: str
    tone: str
    who: str
    about: str
    result: str
    text: str
    """The whole of it, for the pane."""


class Activity(Room):
    """One list at a time: runs, audit, calls; and charts."""

    room_id = "activity"
    noun = "entries"
    BINDINGS = bindings_in("activity")
    empty = "Nothing was done yet."
    views = ("Entry", "Boxes by stage", "Last runs")
    columns = (
        Column(id="when", title="When", cell=lambda row: (row.when, "quiet"), width=14, priority=0, sorts=True),
        Column(
            id="what", title="What", cell=lambda row: (row.what, row.tone), width=18, most=30, priority=0, sorts=True
        ),
        Column(id="about", title="About", cell=lambda row: row.about, width=12, most=40, priority=2, sorts=True),
        Column(id="result", title="Result", cell=lambda row: row.result, width=16, most=60, priority=1),
        Column(id="who", title="Who", cell=lambda row: (row.who, "quiet"), width=10, most=16, priority=3, sorts=True),
    )

    def __init__(self) -> None:
        super().__init__()
        self.shows = "runs"

    def source(self) -> RowSource:
        """The list that is shown now."""
        return ListSource(self._read, self.columns, {})

    async def _read(self) -> dict[str, Any]:
        MOMENTS.zone, MOMENTS.now = self.desk.rules.zone, self.desk.clock.now
        found = {"runs": self._runs, "audit": self._audit, "calls": self._calls}[self.shows]
        return {row.id: row for row in await found()}

    async def _runs(self) -> list[Happening]:
        return [_of_run(run) for run in await self.desk.ledger.runs.recent(500)]

    async def _audit(self) -> list[Happening]:
        head, _ = await self.desk.ledger.questions.audit_head()
        records = await self.desk.ledger.audit.records(max(head - AUDIT_SHOWN, 0), AUDIT_SHOWN)
        return [
            Happening(
                str(one.seq),
                MOMENTS.minute(one.at),
                one.action,
                "strong",
                one.operator,
                one.subject,
                one.detail,
                f"record {one.seq}\n{one.at:%Y-%m-%d %H:%M:%S} UTC\n{one.operator}: {one.action} {one.subject}\n\n"
                f"{one.detail}\n\nhash {one.hash}",
            )
            for one in reversed(records)
        ]

    async def _calls(self) -> list[Happening]:
        return [_of_line(number, line) for number, line in enumerate(reversed(self.app.session.book.lines))]

    def chosen(self) -> Any:
        chosen = super().chosen()
        chosen.noun = {"runs": "runs", "audit": "audit records", "calls": "log lines"}[self.shows]
        return chosen

    async def detail(self, row: Any, view: str) -> tuple[Content, Content]:
        if view != "Entry":
            return await self.without_row(view)
        return words(f"{row.what} {row.about}", "bold"), lines(row.text)

    async def without_row(self, view: str) -> tuple[Content, Content]:
        from cratejoy_tui.tui.pages.charts import runs_chart, stages_chart

        if view == "Boxes by stage":
            return words(view, "bold"), stages_chart(await self.desk.ledger.shipments.counts())
        if view == "Last runs":
            return words(view, "bold"), runs_chart(await self.desk.ledger.runs.recent(30))
        return await super().without_row(view)

    async def do_next_view(self) -> None:
        choices = [
            Choice(id="runs", label="Runs", hint="Each cycle and apply, how it ended, what it wrote."),
            Choice(id="audit", label="Audit", hint="Who did what; a chain that shows every later change."),
            Choice(id="calls", label="Calls and remarks", hint="What was asked of the remote systems from here."),
        ]
        chosen = await self.app.push_screen_wait(ChoiceDialog("Show", choices))
        if chosen:
            self.shows = chosen
            self.table.source.forget()
            self.table.marks.clear()
            self.refresh_rows()

    async def do_verify(self) -> None:
        verified = await self.desk.ledger.audit.verify()
        if verified.ok:
            self.app.tell(f"The audit chain is whole: {verified.count:,} records. Head {verified.head[:16]}.")
        else:
            self.app.tell(f"The audit chain is BROKEN at record {verified.broken_at}.", is_warning=True)


def _ending(run: Any) -> tuple[str, str]:
    """How a run ended: mark, word and tone."""
    if run.exit_code is None:
        return "» under way", "busy"
    if run.exit_code == 0:
        return "✓ all well", "good"
    return ("! needs a look", "warn") if run.exit_code == 1 else (f"! stopped, code {run.exit_code}", "bad")


def _of_run(run: Any) -> Happening:
    import msgspec

    ended, tone = _ending(run)
    try:
        summary = msgspec.json.decode(run.summary or b"{}")
    except msgspec.DecodeError:
        summary = {}
    told = ", ".join(f"{count} {what}" for what, count in (summary.get("results") or {}).items())
    writes = f"{summary.get('requests', 0)} requests, {summary.get('writes', 0)} writes"
    text = (
        f"{run.kind} by {run.operator}\n{MOMENTS.minute(run.started_at)} to {MOMENTS.minute(run.ended_at)}\n{ended}\n\n"
    )
    text += msgspec.json.format(msgspec.json.encode(summary), indent=2).decode()
    return Happening(
        str(run.id), MOMENTS.minute(run.started_at), f"{ended}", tone, run.operator, run.kind, told or writes, text
    )


def _of_line(number: int, line: str) -> Happening:
    when, _, rest = line.partition(" ")
    is_stamped = when.count(":") == 2
    text = rest if is_stamped else line
    tone = "bad" if "error" in text[:8] else "warn" if "warning" in text[:8] else ""
    return Happening(f"line-{number}", when if is_stamped else "", text[:60], tone, "", "", text[60:], line)
