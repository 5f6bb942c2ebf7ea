"""What happens to shipments inside the simulated Cratejoy: the merchant's and the customer's own doings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from cratejoy_tui.simulator.documents import transaction
from cratejoy_tui.simulator.shop import Doc, changed, need_object, need_shipment, put_object, save_shipment

if TYPE_CHECKING:
    from cratejoy_tui.simulator.world import World

STATUSES = {1: "unshipped", 2: "shipped", 3: "cancelled"}
LINE_STATUS = {"unshipped": "open", "shipped": "closed", "cancelled": "cancelled"}
RANKS = ("unfulfilled", "partial", "fulfilled")


def set_status(world: World, doc: Doc, status: str) -> None:
    """Turn a shipment and its lines; their orders follow."""
    doc["status"] = status
    for line in doc["fulfillments"]:
        line["status"] = LINE_STATUS[status]
    save_shipment(world, doc)
    if status == "shipped":
        for order_id in sorted({line["order_id"] for line in doc["fulfillments"]}):
            _move_order_on(world, order_id)


def _move_order_on(world: World, order_id: int) -> None:
    """An order's fulfillment only ever moves on: it may read fulfilled before its last box left."""
    rows = world.db.execute(
        "SELECT s.doc FROM parts p JOIN shipments s ON s.id = p.shipment_id WHERE p.kind='orders' AND p.id=?",
        (order_id,),
    ).fetchall()
    lines = [line for (row,) in rows for line in msgspec.json.decode(row)["fulfillments"]]
    closed = [line["status"] == "closed" for line in lines if line["order_id"] == order_id]
    rank = 2 if all(closed) else 1
    order = need_object(world, "orders", order_id)
    if rank > RANKS.index(order["fulfillment_status"]):
        status = "closed" if rank == 2 else order["status"]
        changed(world, "orders", {**order, "fulfillment_status": RANKS[rank], "status": status})


def cancel(world: World, id_: int) -> None:
    """The merchant cancels the shipment in Cratejoy."""
    with world.change():
        set_status(world, need_shipment(world, id_), "cancelled")


def uncancel(world: World, id_: int) -> None:
    """The merchant sets a cancelled shipment back to unshipped."""
    with world.change():
        set_status(world, need_shipment(world, id_), "unshipped")


def ship_here(world: World, id_: int, tracking_number: str) -> None:
    """Somebody ships the box in Cratejoy itself."""
    with world.change():
        doc = need_shipment(world, id_)
        doc |= {"tracking_number": tracking_number, "shipped_at": world.now_ms}
        set_status(world, doc, "shipped")


def move(world: World, id_: int, at_ms: int) -> None:
    """The target date of the box is changed."""
    with world.change():
        save_shipment(world, aim(need_shipment(world, id_), at_ms))


def aim(doc: Doc, at_ms: int) -> Doc:
    """Set the target date of a shipment and its lines."""
    doc["adjusted_ordered_at"] = at_ms
    for line in doc["fulfillments"]:
        line["adjusted_fulfillment_date"] = at_ms
    return doc


def readdress(world: World, id_: int, changes: Doc) -> None:
    """The address of the box is edited; its id stays or changes by knob."""
    with world.change():
        edit_address(world, need_shipment(world, id_)["address_id"], changes)


def edit_address(world: World, address_id: int, changes: Doc) -> Doc:
    """Edit an address; unknown keys are ignored. Returns it as it is then."""
    old = need_object(world, "addresses", address_id)
    kept = {key: value for key, value in changes.items() if key in old and key not in ("id", "type")}
    new = {**old, **kept}
    if not world.knobs.address_edit_changes_id:
        changed(world, "addresses", new)
        return new
    new["id"] = 7_088_900_000 + world.count("address ids")
    put_object(world, "addresses", new)
    for (id_,) in world.db.execute(
        "SELECT shipment_id FROM parts WHERE kind='addresses' AND id=?", (address_id,)
    ).fetchall():
        doc = need_shipment(world, id_)
        doc["address_id"] = new["id"]
        save_shipment(world, doc)
    return new


def refund(world: World, id_: int, cents: int | None = None) -> None:
    """The first order of the box is refunded, in part or (None) whole; the box itself is not cancelled."""
    with world.change():
        order = need_object(world, "orders", need_shipment(world, id_)["fulfillments"][0]["order_id"])
        amount = order["total"] if cents is None else cents
        changed(world, "orders", {**order, "refunded_amount": amount})
        number = 7_096_500_000 + world.count("transaction ids")
        put_object(world, "transactions", transaction(number, world.now_ms, order, "refunded", amount))


def pay(world: World, id_: int) -> None:
    """A late payment comes in for every order of the box."""
    with world.change():
        for order_id in sorted({line["order_id"] for line in need_shipment(world, id_)["fulfillments"]}):
            changed(world, "orders", {**need_object(world, "orders", order_id), "financial_status": "paid"})


def buy_label(world: World, id_: int, tracking_number: str) -> None:
    """The merchant buys a postage label inside Cratejoy."""
    with world.change():
        doc = need_shipment(world, id_)
        doc["labels"] = [*doc["labels"], label(world, tracking_number)]
        save_shipment(world, doc)


def label(world: World, tracking_number: str = "") -> Doc:
    """A new label as Cratejoy shows it."""
    serial = world.count("label ids")
    tracking = tracking_number or f"94001000000000{serial:08d}"
    told = {"id": 7_097_000_000 + serial, "type": "shipment_label", "carrier": "USPS", "tracking": tracking}
    return {**told, "cost": 512, "filetype": "image/png", "financial_status": 1, "is_test": False, "is_void": False}


def set_subscription(world: World, id_: int, status: str) -> None:
    """The subscriptions of the box change their status; its paid boxes stay owed."""
    with world.change():
        for one in need_shipment(world, id_)["subscription_ids"]:
            changed(world, "subscriptions", {**need_object(world, "subscriptions", one), "status": status})
