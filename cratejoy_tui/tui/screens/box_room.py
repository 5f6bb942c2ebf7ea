"""Rooms whose rows are boxes: their pane, and the verbs that decide about boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.content import Content

from cratejoy_tui.text import counted
from cratejoy_tui.tui.safe import words
from cratejoy_tui.tui.screens.room import Room

if TYPE_CHECKING:
    from cratejoy_tui.sync.domain.record import Stored
    from cratejoy_tui.tui.dialogs.question import Field


class BoxRoom(Room):
    """Shows a box in four views, and lets a person decide about it."""

    views: ClassVar[tuple[str, ...]] = ("Timeline", "Order", "Rules", "Record")

    async def detail(self, row: Any, view: str) -> tuple[Content, Content]:
        from cratejoy_tui.tui.pages.box import title_of

        id_ = getattr(row, "tracked", row).shipment_id if hasattr(row, "tracked") else row.id
        stored = (await self.desk.ledger.shipments.get([id_])).get(id_)
        if stored is None:
            return words(id_, "bold"), words("The ledger does not have this box.")
        name = (
            stored.sent_order.ship_to.to if stored.sent_order else stored.shipment.ship_to.to if stored.shipment else ""
        )
        title = title_of(stored.order_number or stored.id, stored.stage.value, name)
        return title, await self.view_of(stored, view)

    async def view_of(self, stored: Stored, view: str) -> Content:
        """One view of a box."""
        if view == "Order":
            return self._order(stored)
        if view == "Rules":
            return self._rules(stored)
        if view == "Record":
            from cratejoy_tui.tui.pages.box import record_page

            return record_page(stored)
        if view == "Changes":
            return await self._changes(stored)
        if view == "Parcels":
            from cratejoy_tui.tui.pages.box import parcels_page

            parcels = (await self.desk.ledger.tracking.of([stored.id])).get(stored.id, [])
            return parcels_page(parcels, self.desk.rules.zone)
        return await self._timeline(stored)

    async def _timeline(self, stored: Stored) -> Content:
        from cratejoy_tui.tui.pages.box import timeline

        ledger = self.desk.ledger
        return timeline(
            stored,
            await ledger.operations.attempts(stored.id),
            (await ledger.tracking.of([stored.id])).get(stored.id, []),
            await ledger.people.notes(stored.id),
            await ledger.audit.records(0, 200, stored.id),
            self.desk.rules.zone,
        )

    def _order(self, stored: Stored) -> Content:
        from cratejoy_tui.sync.domain.build import build_order
        from cratejoy_tui.sync.domain.order import Order
        from cratejoy_tui.tui.pages.box import order_page

        if stored.sent_order is not None:
            return order_page(stored.sent_order, is_sent=True)
        if stored.shipment is None:
            return order_page(None, is_sent=False)
        now = self.desk.clock.now()
        built = build_order(stored.shipment, self.desk.rules, now, stored.generation, approved=stored.approved)
        if isinstance(built, Order):
            return order_page(built, is_sent=False)
        return order_page(None, is_sent=False, note=f"No order can be made: {built.reason} {built.detail}")

    def _rules(self, stored: Stored) -> Content:
        from cratejoy_tui.sync.flows.explain import becoming
        from cratejoy_tui.sync.flows.judging import judgement_of
        from cratejoy_tui.tui.pages.explain import rules
        from cratejoy_tui.tui.pages.layout import gap, page

        if stored.shipment is None:
            return words("Its personal data was purged.")
        judgement = judgement_of(self.desk, stored, self.desk.clock.now())
        when = becoming(self.desk, stored.shipment, stored, judgement)
        return page([words(when.text, "bold"), gap(), *rules(judgement.verdicts)])

    async def _changes(self, stored: Stored) -> Content:
        from cratejoy_tui.sync.domain.drift import drift, remedy
        from cratejoy_tui.sync.flows.explain import pushed_at
        from cratejoy_tui.tui.pages.box import drift_page

        operations = await self.desk.ledger.operations.of(stored.id)
        sent_at = pushed_at(operations, stored.generation)
        if stored.shipment is None or stored.sent_order is None or sent_at is None:
            return words("There is nothing to compare.", "$muted")
        found = drift(stored.sent_order, stored.shipment, self.desk.rules, sent_at, stored.approved)
        can = self.desk.warehouse.capabilities
        return drift_page(found, remedy(can_edit=can.can_edit, can_cancel=can.can_cancel).value)

    # Verbs

    async def ask_reason(self, title: str, text: str, *more: Field, go: str = "OK") -> dict[str, str] | None:
        """Ask why; None when the operator left."""
        from cratejoy_tui.tui.dialogs.question import Field, Question

        reason = Field(name="reason", label="Reason", hint="goes into the audit under your name")
        return await self.app.push_screen_wait(Question(title, text, [*more, reason], go))

    async def do_hold(self) -> None:
        from cratejoy_tui.sync.flows.people import hold_boxes, release_boxes

        ids = self.table.chosen
        stored = await self.desk.ledger.shipments.get(ids)
        to_release = [id_ for id_ in ids if id_ in stored and (stored[id_].hold or stored[id_].stage.value == "held")]
        if to_release and len(to_release) == len(ids):
            await self._release(ids, stored)
            return
        fresh = [id_ for id_ in ids if id_ in stored and stored[id_].hold is None]
        answers = await self.ask_reason(
            f"Hold {counted(len(fresh), 'box')}", "Not pushed or confirmed until somebody releases it.", go="Hold"
        )
        if answers:
            await self.app.session.decide(lambda desk: hold_boxes(desk, fresh, answers["reason"]))
            self.app.undo.add(
                f"held {counted(len(fresh), 'box')}",
                lambda: self.app.session.decide(lambda desk: release_boxes(desk, fresh, "undone at once")),
            )
            self._decided(f"{len(fresh)} held.")

    async def _release(self, ids: list[str], stored: dict[str, Stored]) -> None:
        from cratejoy_tui.sync.flows.people import hold_boxes, release_boxes

        reasons = sorted({box.hold.reason if box.hold else box.reason for box in stored.values()})
        held = {id_: box.hold.reason for id_, box in stored.items() if box.hold}
        answers = await self.ask_reason(
            f"Release {counted(len(ids), 'box')}",
            f"Held for: {', '.join(reasons)}. What is released goes with the next push, in spite of that rule.",
            go="Release",
        )
        if not answers:
            return
        await self.app.session.decide(lambda desk: release_boxes(desk, ids, answers["reason"]))
        if len(held) == len(ids):

            async def back() -> None:
                for id_, reason in held.items():
                    await self.app.session.decide(hold_boxes, [id_], reason)

            self.app.undo.add(f"released {counted(len(ids), 'box')}", back)
        await self.judge()
        self._decided(f"{len(ids)} released.")

    async def judge(self) -> None:
        """Hold what changed against the rules again, so that the list shows it at once."""
        from cratejoy_tui.sync.flows.judging import judge_open

        await self.app.session.decide(judge_open)

    async def do_retry(self) -> None:
        from cratejoy_tui.sync.flows.people import retry

        stored = await self.desk.ledger.shipments.get(self.table.chosen)
        failed = [id_ for id_, box in stored.items() if box.stage.value == "error"]
        if not failed:
            self.app.tell("None of these boxes is in error.", is_warning=True)
            return
        await self.app.session.decide(lambda desk: retry(desk, failed))
        await self.judge()
        self._decided(f"{len(failed)} will be tried again with the next push.")

    async def do_settle(self) -> None:
        from cratejoy_tui.sync.flows.people import settle_as
        from cratejoy_tui.tui.dialogs.choice import Choice, ChoiceDialog

        id_ = self.table.chosen[0]
        where = self.desk.warehouse.name
        choices = [
            Choice(id="sent", label="It was done", hint=f"I looked: {where} (or Cratejoy) has it."),
            Choice(id="not-sent", label="It was not done", hint="I looked: it is not there. It may be sent again."),
        ]
        chosen = await self.app.push_screen_wait(ChoiceDialog(f"What became of {id_}?", choices))
        if not chosen:
            return
        answers = await self.ask_reason("How do you know?", "Nothing in doubt is ever sent again without your word.")
        if answers:
            sent, reason = chosen == "sent", answers["reason"]
            await self.app.session.decide(lambda desk: settle_as(desk, id_, sent=sent, reason=reason))
            self._decided("Settled.")

    async def do_resolve(self) -> None:
        from cratejoy_tui.sync.flows.people import resolve
        from cratejoy_tui.tui.dialogs.choice import Choice, ChoiceDialog

        id_ = self.app.foreman.general.box_id()
        choices = [
            Choice(id="ours", label="Ours stands", hint="Our order is right; go on with it."),
            Choice(id="theirs", label="Leave theirs", hint="Leave it as it is there; never touch this box again."),
            Choice(id="closed", label="Closed", hint="It is over; count the box as cancelled."),
        ]
        chosen = await self.app.push_screen_wait(ChoiceDialog(f"How does the conflict about {id_} end?", choices))
        if not chosen:
            return
        answers = await self.ask_reason("Why?", "It is recorded under your name.")
        if answers:
            await self.app.session.decide(lambda desk: resolve(desk, id_, as_=chosen, reason=answers["reason"]))
            self._decided("Resolved.")

    async def do_resend(self) -> None:
        from cratejoy_tui.sync.flows.people import resend

        id_ = self.app.foreman.general.box_id()
        answers = await self.ask_reason(
            f"Send {id_} anew?",
            "It gets the next order number (-R2, -R3) and is planned like any box. The former order must be cancelled "
            "or closed; that is checked at the warehouse. The customer gets no second confirmation.",
            go="Resend",
        )
        if answers:
            await self.app.session.decide(lambda desk: resend(desk, id_, answers["reason"]))
            await self.judge()
            self._decided(f"{id_} is planned again; push it from Pending.")

    def _decided(self, text: str) -> None:
        self.app.frame.ledger_changed()
        self.app.tell(text)
