"""The simulated warehouse's own words, and ours for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec.structs import asdict

from cratejoy_tui.sync.domain.order import CancelAnswer, Found, Order, OrderState
from cratejoy_tui.sync.domain.shipment import ShipTo
from cratejoy_tui.sync.domain.tracking import Parcel
from cratejoy_tui.text import clean
from cratejoy_tui.warehouses.told import letter_for_letter, order_lines, parcel_lines

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time that names its zone."""


class Pong(msgspec.Struct):
    """It is there."""

    warehouse: str
    time: Instant | None = None


class PushResult(msgspec.Struct):
    """What became of one order."""

    order_number: str
    status: str
    reference: str | None = None
    message: str = ""


class PushResults(msgspec.Struct):
    """What became of a group."""

    results: list[PushResult]


class SkuPage(msgspec.Struct):
    """The SKUs it has no item for, of those it was asked for."""

    unknown: list[str]


class LineRecord(msgspec.Struct):
    """One SKU."""

    sku: str
    quantity: int


class FoundRecord(msgspec.Struct):
    """One order it has."""

    order_number: str
    reference: str
    state: OrderState
    lines: list[LineRecord] | None = None
    ship_to: dict[str, str | None] | None = None
    picked_up: bool | None = None


class FoundPage(msgspec.Struct):
    """The orders it has."""

    orders: list[FoundRecord]


class Cancelled(msgspec.Struct):
    """Its answer to a cancel."""

    answer: CancelAnswer
    message: str = ""


class ParcelRecord(msgspec.Struct):
    """One parcel."""

    order_number: str
    reference: str
    carrier_code: str | None = None
    carrier_name: str | None = None
    service: str | None = None
    tracking_number: str | None = None
    tracking_link: str | None = None
    shipped_at: Instant | None = None
    lines: list[LineRecord] | None = None
    voided: bool = False
    order_closed: bool = False


class ParcelPage(msgspec.Struct):
    """Some parcels, each decoded alone so that a bad one does not hide the others."""

    parcels: list[msgspec.Raw]
    next: str | None = None


def order_record(order: Order) -> Mapping[str, Any]:
    """The order as it takes it."""
    return {
        "order_number": order.number,
        "ship_code": order.ship_code,
        "requested_ship_date": order.requested_ship_date,
        "gift_message": order.gift_message,
        "ship_to": asdict(order.ship_to),
        "lines": [{"sku": line.sku, "quantity": line.quantity, "title": line.title} for line in order.lines],
    }


def found_of(record: FoundRecord) -> Found:
    """An order it has, in our words."""
    return Found(
        number=record.order_number,
        reference=clean(record.reference, 200),
        state=record.state,
        lines=None if record.lines is None else order_lines((line.sku, line.quantity) for line in record.lines),
        ship_to=None if record.ship_to is None else _ship_to(record.ship_to),
        picked_up=record.picked_up,
    )


def parcel_of(raw: msgspec.Raw) -> Iterator[Parcel]:
    """A parcel in our words. Raises msgspec's errors for one that cannot be read."""
    record = msgspec.json.decode(raw, type=ParcelRecord)
    lines, moment = record.lines, record.shipped_at
    yield Parcel(
        order_number=letter_for_letter(record.order_number),
        reference=clean(record.reference, 200),
        carrier_code=clean(record.carrier_code or "", 100),
        carrier_name=clean(record.carrier_name or "", 100),
        service=clean(record.service or "", 100),
        tracking_number=clean(record.tracking_number or "", 100),
        tracking_link=clean(record.tracking_link or "", 2000),
        shipped_at=moment and moment.astimezone(UTC),
        lines=None if lines is None else parcel_lines((line.sku, line.quantity) for line in lines),
        voided=record.voided,
        order_closed=record.order_closed,
    )


def _ship_to(record: Mapping[str, str | None]) -> ShipTo:
    known = ShipTo.__struct_fields__
    return ShipTo(**{name: clean(value or "") for name, value in record.items() if name in known})
