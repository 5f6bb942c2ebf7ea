"""Room 2: what the warehouse has, or may have: receipts, errors, answers that were lost, changes since."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from cratejoy_tui.tui.keymap import bindings_in
from cratejoy_tui.tui.screens.box_columns import MOMENTS, ORDER_NUMBER, BoxSource, aged, reason_of, stage_of
from cratejoy_tui.tui.screens.box_room import BoxRoom
from cratejoy_tui.tui.widgets.columns import Cell, Column, toned
from cratejoy_tui.tui.widgets.row_source import RowSource


def _tries(row: Any) -> Cell:
    return str(row.attempts or ""), "warn" if row.attempts > 1 else "quiet"


def _trouble(row: Any) -> Cell:
    if row.cancelled and row.stage.value not in {"cancelled", "cancel refused", "cancel by hand"}:
        return "× cancelled in Cratejoy", "bad"
    if row.drifted:
        return "≠ changed since, see Changes", "warn"
    return (row.error, "bad") if row.error else reason_of(row)


class Orders(BoxRoom):
    """Boxes that were handed over, or perhaps were."""

    room_id = "orders"
    noun = "orders"
    BINDINGS = bindings_in("orders")
    empty = "No order was handed over yet.\n\nMark boxes in Pending and press p."
    views = ("Timeline", "Order", "Changes", "Parcels", "Record")
    columns = (
        Column(id="stage", title="Stage", cell=stage_of, width=16, priority=0, sorts=True),
        ORDER_NUMBER,
        Column(id="reference", title="Warehouse ref", cell=toned("reference", "quiet"), width=13, most=20, priority=6),
        Column(id="to", title="Ship to", cell=attrgetter("to"), width=14, most=24, priority=3),
        Column(id="lines", title="Lines", cell=attrgetter("lines"), width=10, most=40, priority=7),
        Column(id="pushed", title="Pushed", cell=lambda row: MOMENTS.minute(row.pushed_at), width=11, priority=4),
        Column(id="since", title="For", cell=aged("stage_since"), width=6, priority=2, is_right=True, sorts=True),
        Column(id="tries", title="Tries", cell=_tries, width=5, priority=5, is_right=True),
        Column(id="trouble", title="Worth knowing", cell=_trouble, width=16, most=60, priority=1),
    )

    def source(self) -> RowSource:
        """Boxes that are with the warehouse, or were."""
        from cratejoy_tui.sync.flows.views import ORDERS

        return BoxSource(self.desk, ORDERS, "stage", with_orders=True)

    async def do_recall(self) -> None:
        from cratejoy_tui.sync.domain.stage import Kind
        from cratejoy_tui.sync.flows.people import MAY_RECALL, recall

        stored = await self.desk.ledger.shipments.get(self.table.chosen)
        ids = [id_ for id_, box in stored.items() if box.stage in MAY_RECALL]
        if not ids:
            self.app.tell("None of these can be recalled: only orders at the warehouse can.", is_warning=True)
            return
        text = f"{self.desk.warehouse.name} is asked not to send them. What has left cannot be stopped."
        reason = await self.ask_reason(f"Recall {len(ids)} orders", text, "Recall")
        if not reason:
            return
        for id_ in ids:
            await self.app.session.decide(recall, id_, reason)
        await self.app.foreman.sender.send(Kind.CANCEL, ids, 0)
