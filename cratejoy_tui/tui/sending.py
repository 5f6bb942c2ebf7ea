"""From a choice to remote writes: plan, review, a short visible wait, apply, results. The one way the console sends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from cratejoy_tui.errors import UnsafePlan
from cratejoy_tui.text import counted
from cratejoy_tui.tui.dialogs.grace import GraceDialog
from cratejoy_tui.tui.dialogs.page import PageDialog
from cratejoy_tui.tui.dialogs.plan import NAMED, PlanDialog, PlanTexts

if TYPE_CHECKING:
    from cratejoy_tui.sync.domain.plan import Outcome, Plan, Row
    from cratejoy_tui.sync.domain.stage import Kind
    from cratejoy_tui.sync.flows.desk import Desk
    from cratejoy_tui.tui.app import Console
    from cratejoy_tui.tui.widgets.box_table import BoxTable

T = TypeVar("T")

_CAUTIONS = {
    "push": "An order the warehouse has taken can only be recalled while it has not left.",
    "confirm": "Cratejoy e-mails each customer at once. An e-mail cannot be taken back.",
    "cancel": "A cancelled order is not packed; to send the box after all, resend it.",
}
_WORDS = {
    "push": ("order", "to the warehouse"),
    "confirm": ("confirmation", "to Cratejoy"),
    "cancel": ("cancel", "to the warehouse"),
}


class Sender:
    """Runs work in the back office with the progress line on, and carries plans out."""

    def __init__(self, app: Console) -> None:
        self.app = app

    async def run(self, name: str, work: Callable[[Desk], Awaitable[T]], *, allow_large: bool = False) -> T:
        """Do this in the back office while the progress line shows how far it is."""
        running, session = self.app.frame.running, self.app.session
        if not session.is_busy:
            running.begin(name)
        try:
            return await session.run(name, work, allow_large=allow_large)
        finally:
            self.app.foreman.teller.tell_news()
            if not session.is_busy:
                running.end()

    async def send(self, kind: Kind, ids: Collection[str], hidden: int) -> None:
        """Push, confirm or cancel these boxes, after a review."""
        plan = await self._preview([kind])
        wanted = set(ids)
        rows = tuple(row for row in plan.rows if row.shipment_id in wanted)
        left_out = await _left_out(self.app.frame.room.desk, plan, wanted - {row.shipment_id for row in rows})
        await self._review_and_apply(replace(plan, rows=rows), left_out, hidden, f"{kind.value.capitalize()}?")

    async def send_all(self) -> None:
        """Everything a cycle would write now, in one plan."""
        from cratejoy_tui.sync.domain.stage import Kind

        plan = await self._preview([Kind.CANCEL, Kind.PUSH, Kind.CONFIRM])
        await self._review_and_apply(plan, (), 0, "Send everything that is ready?")

    async def _preview(self, kinds: Sequence[Kind]) -> Plan:
        from cratejoy_tui.sync.flows.preview import preview

        return await self.run("planning", lambda desk: preview(desk, kinds))

    async def _review_and_apply(self, plan: Plan, left_out: Sequence[str], hidden: int, title: str) -> None:
        from cratejoy_tui.sync.flows.console_run import apply_as_run

        desk, table = self.app.frame.room.desk, self.app.frame.room.table
        why_large = await _why_large(desk, plan)
        texts = replace(await _texts(desk, plan, why_large), title=title, hidden=hidden, left_out=left_out)
        if not await self.app.push_screen_wait(PlanDialog(texts)):
            return
        if not await self.app.push_screen_wait(GraceDialog(len(plan.rows), self.app.look.grace_seconds)):
            self.app.tell("Stopped; nothing was sent.")
            return
        try:
            outcomes = await self.run("sending", lambda desk: apply_as_run(desk, plan), allow_large=bool(why_large))
        finally:
            self.app.frame.ledger_changed()
        self._show(outcomes, len(plan.rows), table)

    def _show(self, outcomes: Sequence[Outcome], planned: int, table: BoxTable) -> None:
        """One short message; what failed stays marked, and is listed with its reasons."""
        from cratejoy_tui.tui.pages.outcomes import outcomes_page

        results = Counter(outcome.result.value for outcome in outcomes)
        summary = ", ".join(f"{count} {result}" for result, count in results.most_common()) or "nothing was sent"
        if len(outcomes) < planned:
            summary += f"; stopped before {planned - len(outcomes)} more"
        failed = [outcome for outcome in outcomes if outcome.result.value != "done"]
        failed_ids = {outcome.shipment_id for outcome in failed}
        table.marks.ids -= {outcome.shipment_id for outcome in outcomes} - failed_ids
        self.app.tell(summary, is_warning=bool(failed), title="Sent")
        self.app.remark = summary
        if failed:
            self.app.push_screen(PageDialog("What came of it", outcomes_page(outcomes)))


async def _left_out(desk: Desk, plan: Plan, ids: Collection[str]) -> list[str]:
    """Each chosen box that would not be sent, with its reason."""
    from cratejoy_tui.tui.screens.box_columns import reason_words

    holds = {hold.shipment_id: hold for hold in plan.holds}
    stored = await desk.ledger.shipments.get(sorted(ids))
    told = []
    for id_ in sorted(ids):
        hold, box = holds.get(id_), stored.get(id_)
        why = f"it is {box.stage}" if box else "it is not ours"
        if hold:
            why = f"{reason_words(hold.reason)}: {hold.detail}"
        told.append(f"{(box.order_number if box else '') or id_}: {why}")
    return told


async def _why_large(desk: Desk, plan: Plan) -> str:
    """Why the plan is far larger than usual; "" when it is not."""
    from cratejoy_tui.sync.flows.preview import refuse_if_unsafe

    try:
        for kind, boxes in plan.counts().items():
            await refuse_if_unsafe(desk, kind, boxes)
    except UnsafePlan as unsafe:
        return unsafe.message
    return ""


async def _texts(desk: Desk, plan: Plan, why_large: str) -> PlanTexts:
    """What the dialog says of the plan itself."""
    counts = {kind.value: count for kind, count in plan.counts().items()}
    targets = [f"Cratejoy ({desk.store})" if kind == "confirm" else desk.warehouse.name for kind in counts]
    notes = Counter(row.note for row in plan.rows if row.note and row.kind.value == "push")
    cautions = [_CAUTIONS[kind] for kind in counts] + [f"{count}×: {note}" for note, count in notes.most_common(3)]
    return PlanTexts(
        counts=[(_write(kind, count), count) for kind, count in counts.items()],
        target=", ".join(dict.fromkeys(targets)) or "nobody",
        numbers=await _numbers(desk, plan.rows),
        e_mails=counts.get("confirm", 0),
        cautions=[why_large, *cautions] if why_large else cautions,
        needs_number=bool(why_large),
        command=_command(plan.rows),
    )


async def _numbers(desk: Desk, rows: Sequence[Row]) -> list[str]:
    """The boxes by order number; a confirmation's own number is the tracking number."""
    first = [row.shipment_id for row in rows[:NAMED]]
    stored = await desk.ledger.shipments.get(first)
    named = [(stored[id_].order_number if id_ in stored else "") or id_ for id_ in first]
    return named + [row.number for row in rows[NAMED:]]


def _write(kind: str, count: int) -> str:
    noun, to = _WORDS[kind]
    return f"{counted(count, noun).partition(' ')[2]} {to}"


def _command(rows: Sequence[Row]) -> str:
    """The same thing on the command line."""
    kinds = {row.kind.value for row in rows}
    if kinds in ({"push"}, {"confirm"}):
        ids = " ".join(row.shipment_id for row in rows[:3]) + (" …" if len(rows) > 3 else "")
        return f"cratejoy-tui {kinds.pop()} {ids}"
    return "cratejoy-tui --auto" + (" --only cancel" if kinds == {"cancel"} else "") if rows else ""
