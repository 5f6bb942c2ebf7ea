"""From ShipStation's words to ours and back: orders, parcels, and times without a zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from cratejoy_tui.sync.domain.order import Found, Order, OrderLine, OrderState
from cratejoy_tui.sync.domain.shipment import ShipTo
from cratejoy_tui.sync.domain.tracking import Parcel, ParcelLine
from cratejoy_tui.text import clean
from cratejoy_tui.warehouses.shipstation_records import Address, FulfillmentRecord, Item, OrderRecord, ShipmentRecord

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
        "shipByDate": _midnight(order.requested_ship_date),
        "orderStatus": "awaiting_shipment",
        "billTo": {"name": order.ship_to.to},
        "shipTo": _address(order.ship_to),
        "items": [_item(order, place) for place in range(len(order.lines))],
        "gift": bool(order.gift_message),
        "giftMessage": order.gift_message or None,
        "requestedShippingService": order.ship_code,
        "advancedOptions": {
            **({"storeId": store_id} if store_id else {}),
            "customField1": order.ship_code,
            "source": "cratejoy",
        },
    }


def _address(to: ShipTo) -> Mapping[str, Any]:
    return {
        "name": to.to,
        "company": to.company or None,
        "street1": to.street,
        "street2": to.unit or None,
        "city": to.city,
        "state": to.state,
        "postalCode": to.zip,
        "country": to.country,
        "phone": to.phone or None,
    }


def _item(order: Order, place: int) -> Mapping[str, Any]:
    line = order.lines[place]
    return {
        "lineItemKey": f"{order.number}-{place + 1}",
        "sku": line.sku,
        "name": line.title[:200] or line.sku,
        "quantity": line.quantity,
    }


def state_of(record: OrderRecord) -> OrderState:
    """Its status in our words."""
    return STATES.get(record.order_status.lower(), OrderState.OPEN)


def found_of(record: OrderRecord) -> Found:
    """An order it has, in our words."""
    lines = None
    if record.items is not None:
        packed = [item for item in record.items if not item.adjustment]
        lines = tuple(OrderLine(sku=clean(item.sku or "", 200), quantity=item.quantity) for item in packed)
    return Found(
        number=record.order_number,
        reference=clean(str(record.order_id), 200),
        state=state_of(record),
        lines=lines,
        ship_to=None if record.ship_to is None else _ship_to(record.ship_to),
    )


def label_of(raw: msgspec.Raw, shipped: frozenset[str]) -> Parcel | None:
    """A label in our words, given the ids of orders that are shipped whole; None for one that brings a box back."""
    record = msgspec.json.decode(raw, type=ShipmentRecord)
    if record.is_return_label:
        return None
    items = record.shipment_items
    is_told = bool(items) and all(item.sku for item in items or ())
    return Parcel(
        order_number=_letter_for_letter(record.order_number),
        reference=f"shipment-{clean(str(record.shipment_id), 100)}",
        carrier_code=clean(record.carrier_code or "", 100),
        carrier_name=_carrier_name(record.carrier_code),
        service=clean(record.service_code or "", 100),
        tracking_number=clean(record.tracking_number or "", 100),
        shipped_at=utc(record.create_date or record.ship_date),
        lines=tuple(_parcel_line(item) for item in items or ()) if is_told else None,
        voided=bool(record.voided),
        order_closed=not record.voided and str(record.order_id) in shipped,
    )


def marked_of(raw: msgspec.Raw) -> Parcel:
    """An order marked as shipped, in our words; marking it closes it."""
    record = msgspec.json.decode(raw, type=FulfillmentRecord)
    return Parcel(
        order_number=_letter_for_letter(record.order_number),
        reference=f"fulfillment-{clean(str(record.fulfillment_id), 100)}",
        carrier_code=clean(record.carrier_code or "", 100),
        carrier_name=_carrier_name(record.carrier_code),
        service=clean(record.fulfillment_service_code or "", 100),
        tracking_number=clean(record.tracking_number or "", 100),
        shipped_at=utc(record.create_date or record.ship_date),
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


def utc(text: str | None) -> datetime | None:
    """The instant of a time without a zone. Of two that read the same, the earlier, which is never in the future.

    Raises ValueError for what is no time.
    """
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=PACIFIC, fold=0)).astimezone(UTC)


def _midnight(day: date | None) -> str | None:
    return None if day is None else f"{day.isoformat()}T00:00:00.000"


def _carrier_name(code: str | None) -> str:
    text = clean(code or "", 100)
    return CARRIERS.get(text.lower(), text)


def _parcel_line(item: Item) -> ParcelLine:
    return ParcelLine(sku=clean(item.sku or "", 200), quantity=item.quantity)


def _letter_for_letter(number: str) -> str:
    # Blanks around it are kept: whether such a number is ours is not for us to decide.
    return number if number.isprintable() and len(number) <= 100 else clean(number, 100)


def _ship_to(address: Address) -> ShipTo:
    return ShipTo(
        to=clean(address.name or ""),
        company=clean(address.company or ""),
        street=clean(address.street1 or ""),
        unit=clean(address.street2 or ""),
        city=clean(address.city or ""),
        state=clean(address.state or ""),
        zip=clean(address.postal_code or ""),
        country=clean(address.country or ""),
        phone=clean(address.phone or ""),
    )
