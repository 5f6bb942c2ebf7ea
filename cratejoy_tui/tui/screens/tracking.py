"""Room 3: parcels beside their boxes: which tracking is sure, which needs a look, and what is told to Cratejoy."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter
from typing import Any

from cratejoy_tui.text import counted
from cratejoy_tui.tui.dialogs.question import Field, reason_field
from cratejoy_tui.tui.keymap import bindings_in
from cratejoy_tui.tui.screens.box_columns import MOMENTS, ORDER_NUMBER
from cratejoy_tui.tui.screens.box_room import BoxRoom
from cratejoy_tui.tui.screens.list_source import ListSource
from cratejoy_tui.tui.states import quality_cell, stage_cell
from cratejoy_tui.tui.undo import Decision
from cratejoy_tui.tui.widgets.columns import Cell, Column, toned
from cratejoy_tui.tui.widgets.row_source import RowSource


def _quality(row: Any) -> Cell:
    tracked = row.tracked
    if tracked.parcel.voided:
        return "× voided", "quiet"
    if tracked.decision:
        return f"{'✓' if tracked.decision == 'accepted' else '×'} {tracked.decision}", "accent"
    return quality_cell(tracked.quality.value if tracked.quality else "")


def _carrier(row: Any) -> Cell:
    parcel = row.tracked.parcel
    return parcel.carrier_name or parcel.carrier_code or ("no carrier", "warn")


def _why(row: Any) -> Cell:
    if row.tracked.decision:
        return f"by {row.tracked.decided_by}", "quiet"
    return row.tracked.reason, "warn" if row.tracked.reason else "quiet"


_number = attrgetter("tracked.parcel.tracking_number")


def _shipped(row: Any) -> Cell:
    return MOMENTS.minute(row.tracked.parcel.shipped_at)


def _parcels(row: Any) -> Cell:
    return str(row.parcels) if row.parcels > 1 else "", "warn"


class Tracking(BoxRoom):
    """What the warehouse says has left, matched by order number and by nothing else."""

    room_id = "tracking"
    noun = "parcels"
    BINDINGS = bindings_in("tracking")
    empty = "The warehouse has told of no parcel yet.\n\nPress r to ask it."
    views = ("Parcels", "Timeline", "Order")
    columns = (
        Column(id="quality", title="Match", cell=_quality, width=10, priority=0, sorts=True),
        replace(ORDER_NUMBER, cell=toned("tracked.parcel.order_number", "strong")),
        Column(id="carrier", title="Carrier", cell=_carrier, width=7, most=12, priority=3, sorts=True),
        Column(id="tracking", title="Tracking number", cell=_number, width=22, most=26, priority=2),
        Column(id="shipped", title="Shipped", cell=_shipped, width=11, priority=4, sorts=True),
        Column(id="parcels", title="Of", cell=_parcels, width=2, priority=6, is_right=True),
        Column(id="stage", title="Box", cell=lambda row: stage_cell(row.stage), width=16, priority=1, sorts=True),
        Column(id="why", title="Why", cell=_why, width=16, most=60, priority=5),
    )

    def source(self) -> RowSource:
        """Every parcel of our boxes, those not confirmed first."""
        fields = {
            "quality": lambda row: str(row.tracked.quality or ""),
            "carrier": lambda row: row.tracked.parcel.carrier_name,
            "decision": lambda row: row.tracked.decision,
            "stage": lambda row: row.stage,
        }
        return ListSource(self._read, self.columns, fields)

    async def _read(self) -> dict[str, Any]:
        from cratejoy_tui.sync.flows.views import match_ids, match_rows

        tracked = [one for _, one in await match_ids(self.desk)]
        rows = await match_rows(self.desk, tracked)
        return dict(sorted(rows.items(), key=lambda item: _order(item[1])))

    def box_id(self, row: Any) -> str:
        return str(row.tracked.shipment_id)

    async def do_confirm(self) -> None:
        from cratejoy_tui.sync.domain.stage import Kind

        ids = list(dict.fromkeys(row.tracked.shipment_id for row in await self.chosen_rows()))
        await self.app.foreman.sender.send(Kind.CONFIRM, ids, self.table.hidden_marks)
        self.table.marks.clear()

    async def do_accept(self) -> None:
        await self._decide("accepted", "Accept", "The next confirmation tells Cratejoy this number.")

    async def do_reject(self) -> None:
        await self._decide("rejected", "Reject", "Cratejoy is not told this number; the box waits for another.")

    async def _decide(self, decision: str, verb: str, text: str) -> None:
        rows = await self.chosen_rows()
        name = rows[0].tracked.parcel.order_number if len(rows) == 1 else f"{len(rows)} boxes"
        reason = await self.ask_reason(f"{verb} the tracking of {name}?", text, verb)
        if not reason:
            return
        ids = [row.tracked.id for row in rows]
        before = {row.tracked.id: row.tracked.decision for row in rows}
        await self._say(ids, decision, reason)

        async def back() -> None:
            for word in set(before.values()):
                await self._say([id_ for id_ in ids if before[id_] == word], word, "undone at once")

        self.app.undo.append(Decision(f"{decision} {counted(len(rows), 'match')}", back))
        self._decided(f"{len(rows)} {decision}; z takes it back.")

    async def _say(self, ids: list[int], word: str, reason: str) -> None:
        from cratejoy_tui.sync.flows.doubtful_tracking import decide_tracking

        accept = {"accepted": True, "rejected": False}.get(word)
        await self.app.session.decide(lambda desk: decide_tracking(desk, ids, accept=accept, reason=reason))

    async def do_replace(self) -> None:
        from cratejoy_tui.sync.flows.replace import replace as replace_number

        row = (await self.chosen_rows())[0]
        parcel, id_ = row.tracked.parcel, row.tracked.shipment_id
        text = (
            "One write of number, carrier and link. Cratejoy may e-mail the customer a second time; that cannot be "
            "taken back."
        )
        fields = [Field(name="number", label="Tracking number", value=parcel.tracking_number), reason_field()]
        title = f"Give Cratejoy another number for {parcel.order_number}?"
        if answers := await self.app.ask(title, text, fields, "Replace"):
            number, reason = answers["number"], answers["reason"]
            outcome = await self.app.foreman.sender.run(
                "replacing", lambda desk: replace_number(desk, id_, reason, tracking_number=number)
            )
            self._decided(f"{outcome.number}: {outcome.result} {outcome.reason}")


def _order(row: Any) -> tuple[int, str]:
    """What waits for a person first, then what is ready, then what is over."""
    tracked = row.tracked
    if row.stage == "confirmed" or tracked.parcel.voided:
        return (3, tracked.parcel.order_number)
    quality = str(tracked.quality or "")
    return ({"check": 0, "refused": 1}.get(quality if not tracked.decision else "", 2), tracked.parcel.order_number)
