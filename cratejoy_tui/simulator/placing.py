"""Putting a box into the simulated store: customer, address, order, subscription, shipments."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cratejoy_tui.simulator import documents
from cratejoy_tui.simulator.cast import CATALOGUE, DAY, Box, Piece, instance_of, local_midnight
from cratejoy_tui.simulator.changes import LINE_STATUS, label
from cratejoy_tui.simulator.shop import Doc, add_shipment, find_object, put_object
from cratejoy_tui.simulator.world import ZONE, from_ms, to_ms

if TYPE_CHECKING:
    from cratejoy_tui.simulator.world import World


def open_catalogue(world: World) -> None:
    """Put the products on the shelf."""
    for place_, sku in enumerate(CATALOGUE):
        put_object(world, "products", documents.product(place_, sku))
        put_object(world, "product_instances", documents.instance(place_, sku))


def place(world: World, box: Box) -> int:
    """Everything behind the box appears in the store. Returns the (first) shipment's id, 0 if none."""
    with world.change():
        serial = world.count("sales")
        placed = world.now_ms - round(box.placed_days_ago * DAY)
        customer = documents.customer(world, box, serial)
        put_object(world, "customers", customer)
        put_object(world, "addresses", documents.address(world, box, serial, customer["name"]))
        if box.billing != "ecom":
            put_object(world, "subscriptions", documents.subscription(box, serial, placed))
        for addon in {False, *(piece.addon for piece in box.pieces)}:
            _sell(world, documents.order(box, serial, placed, addon=addon))
        ids = [_ship_out(world, _plain(box) if nth else box, serial, nth, placed) for nth in range(box.boxes)]
        return ids[0] if ids else 0


def _sell(world: World, order: Doc) -> None:
    put_object(world, "orders", order)
    if order["total"]:
        result = "captured" if order["financial_status"] == "paid" else "authorized"
        id_ = 7_096_100_000 + order["id"] % 10_000_000
        put_object(world, "transactions", documents.transaction(id_, order["placed_at"], order, result, order["total"]))


# shipments


def _month_start(ms: int, months: int) -> datetime:
    local = from_ms(ms).astimezone(ZONE)
    count = local.year * 12 + local.month - 1 + months
    return datetime(count // 12, count % 12 + 1, 1, tzinfo=ZONE).astimezone(UTC)


def batch_of(world: World, months: int) -> Doc:
    """The batch of a calendar month counted from the world's present one; made when it is first needed."""
    start = _month_start(world.now_ms, months)
    local = start.astimezone(ZONE)
    id_ = 7_071_100_000 + (local.year - 2000) * 12 + local.month
    held = find_object(world, "shipment_batches", id_)
    if held is None:
        end = to_ms(_month_start(world.now_ms, months + 1)) - 1000
        held = {"id": id_, "type": "shipment_batch", "product_billing_id": 7_060_600_001}
        held |= {"start": to_ms(start), "end": end}
        put_object(world, "shipment_batches", held)
    return held


def _target(world: World, box: Box, nth: int) -> tuple[int, int | None]:
    """Target date and batch of the nth box of a prepay."""
    if box.billing == "standard":
        batch = batch_of(world, (-1 if box.batch == "closed" else 0) + nth)
        return local_midnight(batch["start"], 14), batch["id"]
    at = world.now_ms + round(box.target_days * DAY)
    return (local_midnight(at, 30 * nth) if box.billing == "adhoc" else at), None


def _plain(box: Box) -> Box:
    """A later shipment of what was paid: only the first one has the box's peculiarities."""
    pieces = tuple(piece for piece in box.pieces if not piece.addon)
    plain = replace(box, case="", pieces=pieces, status="unshipped", expected="later")
    return replace(plain, tracking_number=None, labelled=False, warp=(), shipping=0)


def _ship_out(world: World, box: Box, serial: int, nth: int, placed: int) -> int:
    """The nth shipment of what was paid."""
    id_ = 7_093_500_000 + world.count("shipments")
    target, batch_id = _target(world, box, nth)
    subscribed = box.billing != "ecom"
    cycle = box.sub_cycle + nth if subscribed and box.sub_cycle is not None else None
    addons = any(piece.addon for piece in box.pieces)
    doc = {
        "id": id_,
        "status": box.status,
        "billing_type": box.billing,
        "tracking_number": box.tracking_number,
        "shipped_at": placed + DAY if box.status == "shipped" else None,
        "adjusted_ordered_at": target,
        "target_at": target,
        "created_at": placed + 1000,
        "is_ecom": not subscribed,
        "is_test": box.is_test,
        "is_gift": box.gift in ("info", "message"),
        "customer_id": documents.CUSTOMERS + serial,
        "address_id": documents.ADDRESSES + serial,
        "batch_id": batch_id,
        "subscription_ids": [documents.SUBSCRIPTIONS + serial] if subscribed else [],
        "stats": {"customer_cycle": cycle or 1, "subscription_cycle": cycle, "has_addon": addons},
        "labels": [label(world)] if box.labelled else [],
        "fulfillments": _lines(world, box, serial, nth, id_, target),
        "warp": [list(one) for one in box.warp],
    }
    add_shipment(world, doc, case=box.case or None, expected=box.expected)
    return id_


def _lines(world: World, box: Box, serial: int, nth: int, shipment_id: int, target: int) -> list[Doc]:
    """One line per piece; the shipping that was charged stands on the first."""
    pieces = [piece for piece in box.pieces for _ in range(piece.quantity)]
    lines = [_line(world, box, piece, serial, nth) for piece in pieces]
    for line in lines:
        line |= {"shipment_id": shipment_id, "fulfillment_date": target, "adjusted_fulfillment_date": target}
    if lines:
        lines[0]["shipping"] = box.shipping
    return lines


def _line(world: World, box: Box, piece: Piece, serial: int, nth: int) -> Doc:
    subscribed = box.billing != "ecom" and not piece.addon
    return {
        "id": 7_094_600_000 + world.count("lines"),
        "status": piece.status or LINE_STATUS[box.status],
        "cycle_number": box.cycle + nth if subscribed and box.cycle is not None else None,
        "total_cycles": box.term if subscribed else None,
        "subscription_id": documents.SUBSCRIPTIONS + serial if subscribed else None,
        "order_id": documents.ORDERS + 2 * serial + piece.addon,
        "instance_id": instance_of(piece.sku),
        "shipping": 0,
        "tax": 0,
        "is_test": box.is_test,
    }
