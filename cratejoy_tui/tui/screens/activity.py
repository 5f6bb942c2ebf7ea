"""Room 5: what was done: runs, calls, audit records, and pictures of the boxes."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import tzinfo
from operator import attrgetter
from typing import Any

from textual.content import Content

from cratejoy_tui.sync.domain.books import AuditRecord, Run
from cratejoy_tui.tui.dialogs.choice import Choice
from cratejoy_tui.tui.dialogs.page import PageDialog, page_width
from cratejoy_tui.tui.keymap import bindings_in
from cratejoy_tui.tui.pages.layout import gap, heading, page
from cratejoy_tui.tui.safe import lines, words
from cratejoy_tui.tui.screens.box_columns import MOMENTS
from cratejoy_tui.tui.screens.list_source import ListSource
from cratejoy_tui.tui.screens.room import Room
from cratejoy_tui.tui.states import run_cell
from cratejoy_tui.tui.widgets.columns import Cell, Column, toned
from cratejoy_tui.tui.widgets.row_source import RowSource

AUDIT_SHOWN = 5000
_NOUNS = {"runs": "runs", "audit": "audit records", "calls": "log lines"}


_CALL = re.compile(r"debug +http\.client: (.+? [A-Z]+) (\S+): (.*)")
_TONES = {"error": "bad", "warning": "warn", "critical": "bad"}
_STAMP = re.compile(r"(?:((?:\d\d-\d\d )?\d\d:\d\d:\d\d) )?(.*)", re.DOTALL)


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
    whole: Content
    """All of it, for the pane."""


def _what(row: Happening) -> Cell:
    return row.what, row.tone


class Activity(Room):
    """One list at a time: runs, audit, calls; and charts."""

    room_id = "activity"
    noun = "runs"
    BINDINGS = bindings_in("activity")
    empty = "Nothing was done yet."
    views = ("Entry", "Boxes", "Runs", "Requests")
    columns = (
        Column(id="when", title="When", cell=toned("when", "quiet"), width=14, priority=0, sorts=True),
        Column(id="what", title="What", cell=_what, width=18, most=30, priority=0, sorts=True),
        Column(id="about", title="About", cell=attrgetter("about"), width=12, most=40, priority=2, sorts=True),
        Column(id="result", title="Result", cell=attrgetter("result"), width=16, most=60, priority=1),
        Column(id="who", title="Who", cell=toned("who", "quiet"), width=10, most=16, priority=3, sorts=True),
    )

    def __init__(self) -> None:
        super().__init__()
        self.shows = "runs"

    def source(self) -> RowSource:
        """The list that is shown now."""
        return ListSource(self._read, self.columns, {})

    async def _read(self) -> dict[str, Any]:
        found = {"runs": self._runs, "audit": self._audit, "calls": self._calls}[self.shows]
        return {row.id: row for row in await found()}

    async def _runs(self) -> list[Happening]:
        return [_of_run(run, self.desk.rules.zone) for run in await self.desk.ledger.runs.recent(500)]

    async def _audit(self) -> list[Happening]:
        head, _ = await self.desk.ledger.questions.audit_head()
        records = await self.desk.ledger.audit.records(max(head - AUDIT_SHOWN, 0), AUDIT_SHOWN)
        return [_of_record(one) for one in reversed(records)]

    async def _calls(self) -> list[Happening]:
        self.app.session.book.catch_up()
        return [_of_line(number, line) for number, line in enumerate(reversed(self.app.session.book.lines))]

    async def detail(self, row: Any, view: str) -> tuple[Content, Content]:
        if view != "Entry":
            return await self.without_row(view)
        return words(f"{row.what} {row.about}", "bold $primary"), row.whole

    async def without_row(self, view: str) -> tuple[Content, Content]:
        if view not in self._charts:
            return await super().without_row(view)
        shown = self.pane is not None and self.pane.display
        return await self._charts[view](
            self.pane.scroller.size.width - 1 if self.pane and shown else page_width(self.app)
        )

    @property
    def _charts(self) -> dict[str, Callable[[int], Awaitable[tuple[Content, Content]]]]:
        return {"Boxes": self._boxes_chart, "Runs": self._runs_chart, "Requests": self._requests_chart}

    async def _boxes_chart(self, width: int) -> tuple[Content, Content]:
        from cratejoy_tui.tui.pages.charts import days_chart, stages_chart

        counts = await self.desk.ledger.shipments.counts()
        if not counts:
            return words("Boxes by target day and stage", "bold $primary"), words("There are no boxes yet.", "$muted")
        found = await self.desk.ledger.views.by_target()
        days = days_chart(found, self.desk.clock.now(), self.desk.rules.zone, width)
        parts = [*days, gap(), heading("Now at each stage"), *stages_chart(counts, width)]
        return words("Boxes by target day and stage", "bold $primary"), page(parts)

    async def _runs_chart(self, width: int) -> tuple[Content, Content]:
        from cratejoy_tui.tui.pages.runs import runs_chart

        rows = runs_chart(await self.desk.ledger.runs.recent(30), self.desk.rules.zone, width)
        return words("What came of the last runs", "bold $primary"), page(rows or [words("No run yet.", "$muted")])

    async def _requests_chart(self, width: int) -> tuple[Content, Content]:
        from cratejoy_tui.tui.pages.charts import requests_chart

        book = self.app.session.book
        book.catch_up()
        sides = [("Cratejoy", self.desk.source.calls), (self.desk.warehouse.name, self.desk.warehouse.calls)]
        return words("Requests, minute by minute", "bold $primary"), requests_chart(sides, book.lines, width)

    async def do_next_view(self) -> None:
        choices = [
            Choice(id="runs", label="Runs", hint="Each cycle and apply, how it ended, what it wrote."),
            Choice(id="audit", label="Audit", hint="Who did what; a chain that shows every later change."),
            Choice(id="calls", label="Calls and remarks", hint="Every request to the remote systems, without keys."),
            Choice(id="Boxes", label="Picture: boxes by day and stage", hint="What is due when, and how far it is."),
            Choice(id="Runs", label="Picture: last runs", hint="How much they did, and what failed."),
            Choice(id="Requests", label="Picture: requests", hint="By the minute, against what the pace allows."),
        ]
        chosen = await self.app.choose("Show", choices)
        if chosen in self._charts:
            title, body = await self._charts[chosen](page_width(self.app))
            self.app.push_screen(PageDialog(title.plain, body))
        elif chosen:
            self.shows, self.noun = chosen, _NOUNS[chosen]
            self.table.source.forget()
            self.table.marks.clear()
            self.refresh_rows()

    async def do_verify(self) -> None:
        verified = await self.desk.ledger.audit.verify()
        if verified.ok:
            self.app.tell(f"The audit chain is whole: {verified.count:,} records. Head {verified.head[:16]}.")
        else:
            self.app.tell(f"The audit chain is BROKEN at record {verified.broken_at}.", is_warning=True)


def _of_run(run: Run, zone: tzinfo) -> Happening:
    from cratejoy_tui.tui.pages.runs import run_page, summary_of

    ended, tone = run_cell(run.exit_code)
    told = summary_of(run)
    results = told["results"] or {name: count for name, count in told["counts"].items() if count}
    result = ", ".join(f"{count} {what}" for what, count in results.items()) or "nothing to do"
    whole = run_page(run, zone)
    return Happening(str(run.id), MOMENTS.minute(run.started_at), ended, tone, run.operator, run.kind, result, whole)


def _of_record(one: AuditRecord) -> Happening:
    at = MOMENTS.minute(one.at)
    text = f"{one.at:%Y-%m-%d %H:%M:%S} UTC by {one.operator}\n\n{one.detail}\n\nrecord {one.seq}\n{one.hash}"
    return Happening(str(one.seq), at, one.action, "strong", one.operator, one.subject, one.detail, lines(text))


def _of_line(number: int, line: str) -> Happening:
    id_, whole = f"line-{number}", lines(line)
    when, text = _STAMP.match(line).groups("")  # type: ignore[union-attr]
    if call := _CALL.match(text):
        what, about, result = call.groups()
        return Happening(id_, when, what, "", "", about, result, whole)
    level, _, said = text.partition(" ") if when else ("", "", text)
    name, _, told = said.strip().partition(": ") if when else ("told", "", text)
    return Happening(id_, when, name, _TONES.get(level, "quiet"), "", "", told, whole)
