"""Putting a box into the simulated store: customer, address, order, subscription, shipments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cratejoy_tui.simulator.cast import CATALOGUE, DAY, Box, Piece, local_midnight
from cratejoy_tui.simulator.changes import LINE_STATUS, label
from cratejoy_tui.simulator.shop import Doc, add_shipment, find_object, put_object
from cratejoy_tui.simulator.world import ZONE, from_ms, to_ms

if TYPE_CHECKING:
    from cratejoy_tui.simulator.world import World

STORE = 7_000_000_001
FIRST = (
    "Dana",
    "Theo",
    "Imani",
    "Lene",
    "Noor",
    "Ravi",
    "Mabel",
    "Otis",
    "Priya",
    "Joon",
    "Edda",
    "Cleo",
    "Abel",
    "Vida",
)
LAST = (
    "Whitlock",
    "Barnabas",
    "Rowe",
    "Quill",
    "Sandoval",
    "Achebe",
    "Lindgren",
    "Okafor",
    "Petrov",
    "Marsh",
    "Ibarra",
)
PLACES = (
    ("Boise", "ID", "83702"),
    ("Duluth", "MN", "55802"),
    ("Portland", "OR", "97205"),
    ("Austin", "TX", "78701"),
    ("Tulsa", "OK", "74103"),
    ("Bangor", "ME", "04401"),
    ("Reno", "NV", "89501"),
    ("Savannah", "GA", "31401"),
)
STREETS = ("Alder Ln", "Sample Rd", "Fictional Blvd", "Test Quay", "Juniper St", "Mill Race Ct")


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
        held = {
            "id": id_,
            "type": "shipment_batch",
            "product_billing_id": 7_060_600_001,
            "start": to_ms(start),
            "end": to_ms(_month_start(world.now_ms, months + 1)) - 1000,
        }
        put_object(world, "shipment_batches", held)
    return held


def open_catalogue(world: World) -> None:
    """Put the products on the shelf."""
    for place_, (sku, (name, subscription)) in enumerate(CATALOGUE.items()):
        product, instance = 7_060_000_001 + place_, 7_060_300_001 + place_
        put_object(
            world,
            "products",
            {
                "id": product,
                "type": "product",
                "url": f"/v1/products/{product}/",
                "store_id": STORE,
                "name": name,
                "sku": sku,
                "product_type": 0 if subscription else 1,
                "listed": True,
                "visible": True,
                "deleted": False,
                "mp_visible": True,
                "single_purchasable": not subscription,
            },
        )
        put_object(
            world,
            "product_instances",
            {
                "id": instance,
                "type": "product_instance",
                "product_id": product,
                "sku": sku,
                "price": 0 if subscription else 1200,
                "ship_weight": 1.25,
                "deleted": False,
                "gift": False,
                "images": [],
                "inventory": None,
                "term_prices": [],
                "variants": [{"variant_type": {"name": "Size"}, "variant_value": {"value": "M"}}]
                if "TEE" in sku
                else [],
            },
        )


def instance_of(sku: str) -> int:
    """The product instance that carries a SKU of the catalogue."""
    return 7_060_300_001 + list(CATALOGUE).index(sku)


# placing


def place(world: World, box: Box) -> int:
    """Everything behind the box appears in the store. Returns the (first) shipment's id, 0 if none."""
    with world.change():
        serial = world.count("sales")
        placed = world.now_ms - round(box.placed_days_ago * DAY)
        customer = _customer(world, box, serial)
        address = _address(world, box, serial, customer)
        subscription = None if box.billing == "ecom" else _subscription(world, box, serial, placed, customer["id"])
        orders = _orders(world, box, serial, placed, customer["id"], subscription)
        ids = [
            _shipment(world, box, nth, placed, (customer["id"], address, subscription), orders)
            for nth in range(box.boxes)
        ]
        return ids[0] if ids else 0


def _customer(world: World, box: Box, serial: int) -> Doc:
    first = FIRST[int(world.draw("first", serial) * len(FIRST))]
    last = LAST[int(world.draw("last", serial) * len(LAST))]
    id_ = 7_050_000_000 + serial
    doc = {
        "id": id_,
        "type": "customer",
        "url": f"/v1/customers/{id_}/",
        "email": f"customer{serial}@example.test",
        "first_name": first,
        "last_name": last,
        "name": f"{first} {last}",
        "location": "US",
        "country": "US",
        "num_orders": 1,
        "num_subscriptions": int(box.billing != "ecom"),
        "subscription_status": box.subscription_status,
        "total_revenue": box.total,
        "note": None,
        "status": 1,
    }
    put_object(world, "customers", doc)
    return doc


def _address(world: World, box: Box, serial: int, customer: Doc) -> int:
    city, state, zip_code = PLACES[int(world.draw("city", serial) * len(PLACES))]
    number = 1 + int(world.draw("street", serial) * 900)
    doc = {
        "id": 7_088_100_000 + serial,
        "type": "address",
        "to": customer["name"],
        "company": "",
        "street": f"{number} {STREETS[serial % len(STREETS)]}",
        "unit": f"Apt {serial % 9 + 1}" if serial % 4 == 0 else "",
        "city": city,
        "state": state,
        "zip_code": zip_code,
        "country": "US",
        "phone_number": "" if serial % 3 == 0 else f"208-555-{serial % 10_000:04d}",
        "icon": "United-States.png",
        "status": 1,
        "status_message": None,
        **box.address,
    }
    put_object(world, "addresses", doc)
    return int(doc["id"])


def _subscription(world: World, box: Box, serial: int, placed: int, customer_id: int) -> int:
    id_ = 7_080_200_000 + serial
    standard = box.billing == "standard"
    billing = {
        "id": 7_060_600_001 if standard else 7_060_600_002,
        "type": "product_billing",
        "store_id": STORE,
        "rebill_day": 1 if standard else None,
        "rebill_months": 1,
        "rebill_weeks": None,
        "rebill_window": 10 if standard else None,
    }
    term = {
        "id": 7_060_400_000 + box.term,
        "type": "subscription_type_term",
        "name": "Month to month" if box.term == 1 else f"{box.term} Months",
        "description": "",
        "enabled": True,
        "images": [],
        "num_cycles": box.term,
    }
    doc = {
        "id": id_,
        "type": "subscription",
        "url": f"/v1/subscriptions/{id_}/",
        "store_id": STORE,
        "status": box.subscription_status,
        "autorenew": not box.gift and box.subscription_status == "active",
        "start_date": placed,
        "end_date": placed + 30 * DAY * box.term,
        "skipped_date": None,
        "note": "",
        "credit": None,
        "is_test": box.is_test,
        "product_billing_id": billing["id"],
        "billing": billing,
        "term": term,
        "customer_id": customer_id,
        "address_id": 7_088_100_000 + serial,
        "instance_id": instance_of(box.pieces[0].sku),
    }
    put_object(world, "subscriptions", doc)
    return id_


def _orders(
    world: World, box: Box, serial: int, placed: int, customer_id: int, subscription: int | None
) -> tuple[int, int]:
    """The order of the box, and that of its add-ons (the same one when there are none)."""
    main = _order(world, box, 7_092_400_000 + 2 * serial, placed, customer_id, subscription, box.total)
    if not any(piece.addon for piece in box.pieces):
        return main, main
    return main, _order(world, box, main + 1, placed, customer_id, None, 1200)


def _order(
    world: World, box: Box, id_: int, placed: int, customer_id: int, subscription: int | None, total: int
) -> int:
    gift = bool(box.gift) and box.gift != "claim"
    told = {
        "gift_message": box.gift_text,
        "gift_recipient_name": "Grandpa Ørsted",
        "gift_recipient_email": "g@example.test",
    }
    doc = {
        "id": id_,
        "type": "order",
        "url": f"/v1/orders/{id_}/",
        "store_id": STORE,
        "customer_id": customer_id,
        "status": box.order_status,
        "financial_status": box.financial_status,
        "fulfillment_status": box.fulfillment_status,
        "placed_at": placed,
        "is_renewal": bool(box.sub_cycle and box.sub_cycle > 1),
        "is_test": box.is_test,
        "is_gift": gift,
        "gift_message": box.gift_text if gift else "",
        "order_gift_info": told if box.gift == "info" else None,
        "gift_renewal_notif": False,
        "note": None,
        "sub_total": total,
        "total": total,
        "total_price": total,
        "total_shipping": box.shipping,
        "gross_shipping": box.shipping,
        "total_tax": 0,
        "refunded_amount": box.refunded,
        "card_refunded_amount": 0,
        "refund_applied": None,
        "prorated_charge": None,
        "credit_applied": 0,
        "gift_card_discount": 0,
        "transaction_fee": total // 80,
        "transaction_fee_status": 1 if total else None,
        "subscription_ids": [] if subscription is None else [subscription],
        "address_id": 7_088_100_000 + (customer_id - 7_050_000_000),
        "products": [],
    }
    if box.gift == "claim":
        doc["received_gift"] = {
            "id": 7_095_000_000 + id_ % 1_000_000,
            "type": "gift",
            "name": "Odalys P.",
            "email": "odalys@example.test",
            "message": box.gift_text,
            "gift_code": "XXXX-TEST",
            "expire_date": None,
            "notif_sent": True,
            "status": 3,
            "status_text": "Claimed",
        }
    put_object(world, "orders", doc)
    if total:
        _charged(world, doc)
    return id_


def _charged(world: World, order: Doc) -> None:
    number = 7_096_100_000 + order["id"] % 10_000_000
    put_object(
        world,
        "transactions",
        {
            "id": number,
            "created_at": order["placed_at"],
            "is_test": order["is_test"],
            "result": "captured" if order["financial_status"] == "paid" else "authorized",
            "total": order["total"],
            "fee": order["transaction_fee"],
            "refunded": order["refunded_amount"] > 0,
            "refund_total": order["refunded_amount"],
            "order_id": order["id"],
            "url": f"/v1/transactions/{number}/",
        },
    )


def _target(world: World, box: Box, nth: int) -> tuple[int, int | None]:
    """Target date and batch of the nth box of a prepay."""
    if box.billing == "standard":
        batch = batch_of(world, (-1 if box.batch == "closed" else 0) + nth)
        return local_midnight(batch["start"], 14), batch["id"]
    if box.billing == "adhoc":
        return local_midnight(world.now_ms + round(box.target_days * DAY), 30 * nth), None
    return world.now_ms + round(box.target_days * DAY), None


def _shipment(
    world: World, box: Box, nth: int, placed: int, whose: tuple[int, int, int | None], orders: tuple[int, int]
) -> int:
    customer_id, address_id, subscription = whose
    id_ = 7_093_500_000 + world.count("shipments")
    target, batch_id = _target(world, box, nth)
    sub_cycle = None if subscription is None or box.sub_cycle is None else box.sub_cycle + nth
    status = box.status if nth == 0 else "unshipped"
    doc = {
        "id": id_,
        "status": status,
        "billing_type": box.billing,
        "tracking_number": box.tracking_number,
        "shipped_at": placed + DAY if status == "shipped" else None,
        "adjusted_ordered_at": target,
        "target_at": target,
        "created_at": placed + 1000,
        "is_ecom": box.billing == "ecom",
        "is_test": box.is_test,
        "is_gift": bool(box.gift) and box.gift != "claim",
        "customer_id": customer_id,
        "address_id": address_id,
        "batch_id": batch_id,
        "subscription_ids": [] if subscription is None else [subscription],
        "stats": {
            "customer_cycle": (sub_cycle or 1),
            "subscription_cycle": sub_cycle,
            "has_addon": nth == 0 and any(piece.addon for piece in box.pieces),
        },
        "labels": [_label(world)] if box.labelled and nth == 0 else [],
        "fulfillments": _lines(world, box, nth, id_, target, subscription, orders),
        "warp": [list(one) for one in box.warp] if nth == 0 else [],
    }
    expected = box.expected if nth == 0 else "later"
    add_shipment(world, doc, case=(box.case or None) if nth == 0 else None, expected=expected)
    return id_


def _label(world: World) -> Doc:
    return label(7_097_000_000 + world.count("label ids"), f"94001000000000{world.count('label numbers'):08d}")


def _lines(
    world: World, box: Box, nth: int, shipment_id: int, target: int, subscription: int | None, orders: tuple[int, int]
) -> list[Doc]:
    pieces = [one for one in box.pieces if nth == 0 or not one.addon]
    several: Sequence[Piece] = [one for one in pieces for _ in range(one.quantity)]
    lines = []
    for place_, piece in enumerate(several):
        belongs = None if piece.addon else subscription
        lines.append(
            {
                "id": 7_094_600_000 + world.count("lines"),
                "shipment_id": shipment_id,
                "status": piece.status or LINE_STATUS[box.status if nth == 0 else "unshipped"],
                "fulfillment_date": target,
                "adjusted_fulfillment_date": target,
                "cycle_number": None if belongs is None or box.cycle is None else box.cycle + nth,
                "total_cycles": None if belongs is None else box.term,
                "subscription_id": belongs,
                "order_id": orders[1] if piece.addon else orders[0],
                "instance_id": instance_of(piece.sku),
                "shipping": box.shipping // len(several)
                if place_
                else box.shipping - box.shipping // len(several) * (len(several) - 1),
                "tax": 0,
                "is_test": box.is_test,
            }
        )
    return lines
