"""Rooms whose rows are boxes: their pane, and the verbs that decide about boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.content import Content

from cratejoy_tui.errors import LedgerError
from cratejoy_tui.text import counted
from cratejoy_tui.tui.screens.room import Room
from cratejoy_tui.tui.undo import Decision

if TYPE_CHECKING:
    from cratejoy_tui.sync.domain.record import Stored


class BoxRoom(Room):
    """Shows a box in four views, and lets a person decide about it."""

    views: ClassVar[tuple[str, ...]] = ("Timeline", "Order", "Rules", "Record")

    async def detail(self, row: Any, view: str) -> tuple[Content, Content]:
        from cratejoy_tui.tui.screens.box_views import view_of

        return await view_of(self.desk, self.box_id(row), view)

    def box_id(self, row: Any) -> str:
        """The shipment that a row is about."""
        return str(row.id)

    async def chosen_box(self) -> str:
        """The shipment of what is done to one box: the row that is marked, else the one under the cursor."""
        return self.box_id((await self.chosen_rows())[0])

    async def looked_at(self) -> str:
        """The shipment under the cursor; of a list that shows nothing, the one that is marked."""
        return self.box_id(self.table.current) if self.table.current is not None else await self.chosen_box()

    async def chosen_rows(self) -> list[Any]:
        """The rows a verb acts on, also those that were never on screen."""
        rows = await self.table.source.rows(self.table.chosen)
        if not rows:
            raise LedgerError("These rows are not in the list any more.", next_step="Choose others.")
        return list(rows.values())

    # Verbs

    async def do_explain(self) -> None:
        await self.app.foreman.general.explain(await self.looked_at())

    async def do_note(self) -> None:
        from cratejoy_tui.sync.flows.people import remark
        from cratejoy_tui.tui.dialogs.question import Field

        id_ = await self.looked_at()
        answers = await self.app.ask(
            f"A note on {id_}", "It stays with the box, under your name.", [Field(name="text", label="Note")]
        )
        if answers:
            await self.app.session.decide(remark, id_, answers["text"])
            self._decided("Noted.")

    async def ask_reason(self, title: str, text: str, go: str = "OK") -> str:
        """Ask why; "" when the operator left."""
        from cratejoy_tui.tui.dialogs.question import reason_field

        answers = await self.app.ask(title, text, [reason_field()], go)
        return answers["reason"] if answers else ""

    async def do_hold(self) -> None:
        from cratejoy_tui.sync.flows.people import hold_boxes, release_boxes

        ids = self.table.chosen
        stored = await self.desk.ledger.shipments.get(ids)
        to_release = [id_ for id_ in ids if id_ in stored and (stored[id_].hold or stored[id_].stage.value == "held")]
        if to_release and len(to_release) == len(ids):
            await self._release(ids, stored)
            return
        fresh = [id_ for id_ in ids if id_ in stored and stored[id_].hold is None]
        text = "Not pushed or confirmed until somebody releases it."
        if reason := await self.ask_reason(f"Hold {counted(len(fresh), 'box')}", text, "Hold"):
            await self.app.session.decide(hold_boxes, fresh, reason)

            async def back() -> None:
                await self.app.session.decide(release_boxes, fresh, "undone at once")

            self.app.undo.append(Decision(f"held {counted(len(fresh), 'box')}", back))
            self._decided(f"{len(fresh)} held.")

    async def _release(self, ids: list[str], stored: dict[str, Stored]) -> None:
        from cratejoy_tui.sync.flows.people import hold_boxes, release_boxes

        reasons = sorted({box.hold.reason if box.hold else box.reason for box in stored.values()})
        held = {id_: box.hold.reason for id_, box in stored.items() if box.hold}
        text = f"Held for: {', '.join(reasons)}. What is released goes with the next push, in spite of that rule."
        reason = await self.ask_reason(f"Release {counted(len(ids), 'box')}", text, "Release")
        if not reason:
            return
        await self.app.session.decide(release_boxes, ids, reason)
        if len(held) == len(ids):

            async def back() -> None:
                for id_, reason in held.items():
                    await self.app.session.decide(hold_boxes, [id_], reason)

            self.app.undo.append(Decision(f"released {counted(len(ids), 'box')}", back))
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
        await self.app.session.decide(retry, failed)
        await self.judge()
        self._decided(f"{len(failed)} will be tried again with the next push.")

    async def do_settle(self) -> None:
        from cratejoy_tui.sync.flows.people import settle_as
        from cratejoy_tui.tui.dialogs.choice import Choice

        id_ = await self.chosen_box()
        where = self.desk.warehouse.name
        choices = [
            Choice(id="sent", label="It was done", hint=f"I looked: {where} (or Cratejoy) has it."),
            Choice(id="not-sent", label="It was not done", hint="I looked: it is not there. It may be sent again."),
        ]
        chosen = await self.app.choose(f"What became of {id_}?", choices)
        if not chosen:
            return
        text = "Nothing in doubt is ever sent again without your word."
        if reason := await self.ask_reason("How do you know?", text):
            await self.app.session.decide(settle_as, id_, sent=chosen == "sent", reason=reason)
            self._decided("Settled.")

    async def do_resolve(self) -> None:
        from cratejoy_tui.sync.flows.people import resolve
        from cratejoy_tui.tui.dialogs.choice import Choice

        id_ = await self.chosen_box()
        choices = [
            Choice(id="ours", label="Ours stands", hint="Our order is right; go on with it."),
            Choice(id="theirs", label="Leave theirs", hint="Leave it as it is there; never touch this box again."),
            Choice(id="closed", label="Closed", hint="It is over; count the box as cancelled."),
        ]
        chosen = await self.app.choose(f"How does the conflict about {id_} end?", choices)
        if not chosen:
            return
        if reason := await self.ask_reason("Why?", "It is recorded under your name."):
            await self.app.session.decide(resolve, id_, as_=chosen, reason=reason)
            self._decided("Resolved.")

    async def do_resend(self) -> None:
        from cratejoy_tui.sync.flows.people import resend

        id_ = await self.chosen_box()
        text = (
            "It gets the next order number (-R2, -R3) and is planned like any box. The former order must be cancelled "
            "or closed; that is checked at the warehouse. The customer gets no second confirmation."
        )
        if reason := await self.ask_reason(f"Send {id_} anew?", text, "Resend"):
            await self.app.session.decide(resend, id_, reason)
            await self.judge()
            self._decided(f"{id_} is planned again; push it from Pending.")

    def _decided(self, text: str) -> None:
        self.app.frame.ledger_changed()
        self.app.tell(text)
