"""The views of one box in the pane: what the ledger and the rules say of it now."""

from __future__ import annotations

from textual.content import Content

from cratejoy_tui.sync.domain.build import build_order
from cratejoy_tui.sync.domain.drift import drift, remedy
from cratejoy_tui.sync.domain.order import Order
from cratejoy_tui.sync.domain.record import Stored
from cratejoy_tui.sync.flows.desk import Desk
from cratejoy_tui.sync.flows.explain import becoming, pushed_at
from cratejoy_tui.sync.flows.judging import judgement_of
from cratejoy_tui.tui.pages.box import drift_page, order_page, parcels_page, record_page, timeline, title_of
from cratejoy_tui.tui.pages.explain import rules
from cratejoy_tui.tui.pages.layout import gap, page
from cratejoy_tui.tui.safe import words


async def view_of(desk: Desk, id_: str, view: str) -> tuple[Content, Content]:
    """Title and text of one view of a box."""
    stored = (await desk.ledger.shipments.get([id_])).get(id_)
    if stored is None:
        return words(id_, "bold"), words("The ledger does not have this box.")
    content = stored.sent_order or stored.shipment
    name = content.ship_to.to if content else ""
    return title_of(stored.order_number or stored.id, stored.stage.value, name), await _VIEWS[view](desk, stored)


async def _timeline(desk: Desk, stored: Stored) -> Content:
    return timeline(
        stored,
        await desk.ledger.operations.attempts(stored.id),
        (await desk.ledger.tracking.of([stored.id])).get(stored.id, []),
        await desk.ledger.people.notes(stored.id),
        await desk.ledger.audit.records(0, 200, stored.id),
        desk.rules.zone,
    )


async def _order(desk: Desk, stored: Stored) -> Content:
    if stored.sent_order is not None:
        return order_page(stored.sent_order, is_sent=True)
    if stored.shipment is None:
        return order_page(None, is_sent=False)
    built = build_order(stored.shipment, desk.rules, desk.clock.now(), stored.generation, approved=stored.approved)
    if isinstance(built, Order):
        return order_page(built, is_sent=False)
    return order_page(None, is_sent=False, note=f"No order can be made: {built.reason} {built.detail}")


async def _rules(desk: Desk, stored: Stored) -> Content:
    if stored.shipment is None:
        return words("Its personal data was purged.")
    judgement = judgement_of(desk, stored, desk.clock.now())
    when = becoming(desk, stored.shipment, stored, judgement)
    return page([words(when.text, "bold"), gap(), *rules(judgement.verdicts)])


async def _record(_: Desk, stored: Stored) -> Content:
    return record_page(stored)


async def _parcels(desk: Desk, stored: Stored) -> Content:
    return parcels_page((await desk.ledger.tracking.of([stored.id])).get(stored.id, []), desk.rules.zone)


async def _changes(desk: Desk, stored: Stored) -> Content:
    sent_at = pushed_at(await desk.ledger.operations.of(stored.id), stored.generation)
    if stored.shipment is None or stored.sent_order is None or sent_at is None:
        return words("There is nothing to compare.", "$muted")
    found = drift(stored.sent_order, stored.shipment, desk.rules, sent_at, stored.approved)
    can = desk.warehouse.capabilities
    return drift_page(found, remedy(can_edit=can.can_edit, can_cancel=can.can_cancel).value)


_VIEWS = {
    "Timeline": _timeline,
    "Order": _order,
    "Rules": _rules,
    "Record": _record,
    "Parcels": _parcels,
    "Changes": _changes,
}
