"""From ShipStation's words to ours and back: orders, parcels, and times without a zone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import to_builtins
from msgspec.structs import asdict

from cratejoy_tui.sync.domain.order import Found, Order, OrderState
from cratejoy_tui.sync.domain.tracking import Parcel
from cratejoy_tui.text import clean
from cratejoy_tui.warehouses.shipstation_records import (
    Address,
    FulfillmentRecord,
    LeftRecord,
    OrderRecord,
    ShipmentRecord,
)
from cratejoy_tui.warehouses.told import instant, letter_for_letter, order_lines, parcel_lines, ship_to_of

PACIFIC = ZoneInfo("America/Los_Angeles")
"""ShipStation writes and reads times without a zone; they are meant in this one, wherever the account is."""

KEY = "cratejoy-"
"""Our order keys begin with it; a second order with the same key takes the place of the first."""

CHANGEABLE = frozenset({"awaiting_payment", "awaiting_shipment", "on_hold"})
"""Order statuses in which ShipStation lets an order be replaced."""

STATES: Mapping[str, OrderState] = {"shipped": OrderState.SHIPPED, "cancelled": OrderState.CANCELLED}
"""Every other status is an open order."""

CARRIERS: Mapping[str, str] = {
    "stamps_com": "USPS",
    "endicia": "USPS",
    "usps": "USPS",
    "ups": "UPS",
    "ups_walleted": "UPS",
    "fedex": "FedEx",
    "fedex_walleted": "FedEx",
    "dhl_express": "DHL Express",
    "dhl_express_worldwide": "DHL Express",
    "dhl_global_mail": "DHL eCommerce",
    "globalpost": "GlobalPost",
}
"""Carrier codes whose name is not the code itself."""


def order_record(order: Order, store_id: int, now: datetime) -> Mapping[str, Any]:
    """The order as it takes it; the gift message prints on the packing slip, the ship code shows in custom field 1."""
    ordered_at = naive(order.ordered_at or now)
    return {
        "orderNumber": order.number,
        "orderKey": KEY + order.number,
        "orderDate": ordered_at,
        "paymentDate": ordered_at,
        "shipByDate": f"{order.requested_ship_date}T00:00:00.000" if order.requested_ship_date else None,
        "orderStatus": "awaiting_shipment",
        "billTo": {"name": order.ship_to.to},
        "shipTo": to_builtins(Address(**{name: text or None for name, text in asdict(order.ship_to).items()})),
        "items": [
            {
                "lineItemKey": f"{order.number}-{place}",
                "sku": line.sku,
                "name": line.title[:200] or line.sku,
                "quantity": line.quantity,
            }
            for place, line in enumerate(order.lines, 1)
        ],
        "gift": bool(order.gift_message),
        "giftMessage": order.gift_message or None,
        "requestedShippingService": order.ship_code,
        "advancedOptions": {
            **({"storeId": store_id} if store_id else {}),
            "customField1": order.ship_code,
            "source": "cratejoy",
        },
    }


def state_of(record: OrderRecord) -> OrderState:
    """Its status in our words."""
    return STATES.get(record.order_status.lower(), OrderState.OPEN)


def found_of(record: OrderRecord) -> Found:
    """An order it has, in our words."""
    packed = None if record.items is None else [item for item in record.items if not item.adjustment]
    return Found(
        number=record.order_number,
        reference=clean(str(record.order_id), 200),
        state=state_of(record),
        lines=None if packed is None else order_lines((item.sku, item.quantity) for item in packed),
        ship_to=ship_to_of(record.ship_to),
    )


def label_of(raw: msgspec.Raw, shipped: frozenset[str]) -> Iterator[Parcel]:
    """A label in our words, given the ids of orders that are shipped whole; nothing for one that brings a box back."""
    record = msgspec.json.decode(raw, type=ShipmentRecord)
    if not record.is_return_label:
        plain = _parcel(record, f"shipment-{clean(str(record.shipment_id), 100)}", record.service_code)
        lines = parcel_lines((item.sku, item.quantity) for item in record.shipment_items or ())
        is_closed = plain.order_closed and str(record.order_id) in shipped
        yield replace(plain, lines=lines or None, order_closed=is_closed)


def marked_of(raw: msgspec.Raw) -> Iterator[Parcel]:
    """An order marked as shipped, in our words."""
    record = msgspec.json.decode(raw, type=FulfillmentRecord)
    yield _parcel(record, f"fulfillment-{clean(str(record.fulfillment_id), 100)}", record.fulfillment_service_code)


def _parcel(record: LeftRecord, reference: str, service: str | None) -> Parcel:
    """What left; unless it was voided, it closes its order."""
    code = clean(record.carrier_code or "", 100)
    return Parcel(
        order_number=letter_for_letter(record.order_number),
        reference=reference,
        carrier_code=code,
        carrier_name=CARRIERS.get(code.lower(), code),
        service=clean(service or "", 100),
        tracking_number=clean(record.tracking_number or "", 100),
        shipped_at=instant(record.create_date or record.ship_date, PACIFIC),
        voided=bool(record.voided),
        order_closed=not record.voided,
    )


def naive(moment: datetime) -> str:
    """An instant as ShipStation writes it."""
    return moment.astimezone(PACIFIC).replace(tzinfo=None).isoformat(timespec="milliseconds")


def naive_since(since: datetime) -> str:
    """The beginning of a window as ShipStation reads it, early enough to miss nothing.

    An hour earlier: when clocks go back, the first of the two equal hours lies before the second on paper only.
    """
    return naive(since - timedelta(hours=1))
