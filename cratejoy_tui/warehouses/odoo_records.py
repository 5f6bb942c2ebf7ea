"""Odoo's own words for orders, contacts and deliveries, and ours for them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from html import escape
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import astuple

from cratejoy_tui.sync.domain.order import Found, Order, OrderLine, OrderState
from cratejoy_tui.sync.domain.shipment import ShipTo
from cratejoy_tui.sync.domain.tracking import Parcel, ParcelLine
from cratejoy_tui.text import clean

MODULE = "cratejoy"
"""Under this name our external ids live; no Odoo module is called so."""
ORIGIN = "Cratejoy"
"""The source document of every order of ours begins with it."""

Text = str | bool
"""Odoo says false for a text that is not there."""
Link = tuple[int, str] | bool
"""Another record's id and name, or false."""
Row = tuple[str, ...]

ORDER_COLUMNS: Row = (
    "id",
    "partner_id/id",
    "partner_shipping_id/id",
    "client_order_ref",
    "origin",
    "note",
    "commitment_date",
    "order_line/id",
    "order_line/product_id/.id",
    "order_line/product_uom_qty",
    "order_line/price_unit",
)
CONTACT: Mapping[str, str] = {
    "to": "name",
    "company": "company_name",
    "street": "street",
    "unit": "street2",
    "city": "city",
    "zip": "zip",
    "phone": "phone",
}
"""What of a ship-to a contact has as text, by our name and by Odoo's."""
CONTACT_COLUMNS: Row = ("id", *CONTACT.values(), "state_id/.id", "country_id/.id")
CONTACT_FIELDS = [*CONTACT.values(), "state_id", "country_id"]


class Record(msgspec.Struct):
    """Any record, whatever else it holds."""

    id: int


class LoadMessage(msgspec.Struct):
    """Why a row was not taken."""

    message: str = ""
    type: str = "error"
    rows: dict[str, int] | None = None


class LoadAnswer(msgspec.Struct):
    """What became of an import: `ids` is false when nothing of it was kept."""

    ids: list[int] | bool = False
    messages: list[LoadMessage] = []


class OrderRecord(Record):
    """One sales order."""

    name: str
    state: str
    client_order_ref: Text = False
    origin: Text = False
    delivery_status: Text = False
    partner_shipping_id: Link = False

    @property
    def number(self) -> str:
        """Our order number."""
        return self.client_order_ref if isinstance(self.client_order_ref, str) else ""

    @property
    def is_unfinished(self) -> bool:
        """A quotation we made and did not get to confirm: nothing leaves for it, and a push completes it."""
        ours = isinstance(self.origin, str) and self.origin.startswith(ORIGIN)
        return ours and self.state in ("draft", "sent")


class LineRecord(msgspec.Struct):
    """One line of a sales order."""

    order_id: Link
    product_id: Link
    product_uom_qty: float


class ProductRecord(Record):
    """One product with its SKU."""

    default_code: Text = False


class ContactRecord(Record, rename=CONTACT):
    """Where an order goes to, with our names for it."""

    to: Text = False
    company: Text = False
    street: Text = False
    unit: Text = False
    city: Text = False
    zip: Text = False
    phone: Text = False
    state_id: Link = False
    country_id: Link = False


class PickingRecord(Record):
    """One delivery; a backorder is one more."""

    sale_id: Link
    date_done: Text = False
    carrier_id: Link = False
    carrier_tracking_ref: Text = False
    carrier_tracking_url: Text = False


class MoveRecord(msgspec.Struct):
    """What lay in a delivery: one product of it."""

    picking_id: Link
    product_id: Link
    sale_line_id: Link = False
    quantity: float = 0.0
    quantity_done: float = 0.0
    """The name of `quantity` before version 17."""


class SaleLineRecord(Record):
    """Which product was sold by a line; a kit is delivered as others."""

    product_id: Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Odoo's own numbers for countries and their states."""

    countries: Mapping[str, int]
    """By ISO code."""
    states: Mapping[tuple[int, str], int]
    """By country and, in small letters, code or name."""
    country_codes: Mapping[int, str]
    state_codes: Mapping[int, str]

    def country(self, ship_to: ShipTo) -> int | None:
        """Its number; None where it is not known there."""
        return self.countries.get(ship_to.country.strip().upper())

    def state(self, ship_to: ShipTo) -> int | None:
        """Its number; None where there is none, or it is not known there."""
        name = ship_to.state.strip().casefold()
        return self.states.get((self.country(ship_to) or 0, name)) if name else None


def external_id(kind: str, name: str) -> str:
    """Our own name for a record there; different names stay different, and none has a letter Odoo does not take."""
    plain = "".join(c if c.isascii() and c.isalnum() else f"_{ord(c):x}_" for c in name)
    return f"{MODULE}.{kind}_{plain}"


def contact_id(ship_to: ShipTo) -> str:
    """The same name and address is the same contact, box after box; a changed one is another, so that none is lost."""
    digest = hashlib.blake2b("\0".join(astuple(ship_to)).encode(), digest_size=16).hexdigest()
    return external_id("ship_to", digest)


def contact_row(ship_to: ShipTo, places: Places) -> Row:
    """The contact as `load` takes it."""
    texts = (getattr(ship_to, name) for name in CONTACT)
    return contact_id(ship_to), *texts, str(places.state(ship_to) or ""), str(places.country(ship_to))


def order_columns(chosen: Mapping[str, int]) -> Row:
    """What `load` is given of an order; `chosen` are further fields of it, and the numbers of the records in them."""
    return (*ORDER_COLUMNS, *(f"{name}/.id" for name in chosen))


def order_rows(
    order: Order, products: Mapping[str, Sequence[int]], zone: ZoneInfo, chosen: Mapping[str, int]
) -> list[Row]:
    """The order as `load` takes it: its first line beside the order itself, each further one on a row of its own.

    Every line has an external id, too: without one, each repeat would add the lines again.
    """
    contact = contact_id(order.ship_to)
    head = (
        external_id("order", order.number),
        contact,
        contact,
        order.number,
        f"{ORIGIN} {order.ship_code}".strip(),
        escape(order.gift_message),
        _noon(order, zone),
    )
    blank = ("",) * len(head)
    return [
        (
            *(blank if place else head),
            external_id("line", f"{order.number}.{place + 1}"),
            str(products[line.sku][0]),
            str(line.quantity),
            "0",
            *("" if place else str(number) for number in chosen.values()),
        )
        for place, line in enumerate(order.lines)
    ]


def _noon(order: Order, zone: ZoneInfo) -> str:
    day = order.requested_ship_date
    return "" if day is None else to_odoo(datetime.combine(day, time(12), zone))


def to_odoo(moment: datetime) -> str:
    """An instant as Odoo writes it: UTC, without saying so."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def from_odoo(text: Text) -> datetime | None:
    """An instant from Odoo's writing. Raises ValueError when it is not one."""
    if not isinstance(text, str) or not text:
        return None
    return datetime.strptime(text[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)


def state_of(record: OrderRecord) -> OrderState:
    """Where an order stands. One whose deliveries were made is shipped, even if somebody cancelled it afterwards."""
    if record.delivery_status == "full":
        return OrderState.SHIPPED
    return OrderState.CANCELLED if record.state == "cancel" else OrderState.OPEN


def found_of(record: OrderRecord, lines: Sequence[OrderLine] | None, ship_to: ShipTo | None) -> Found:
    """An order it has, in our words."""
    return Found(
        number=record.number,
        reference=clean(record.name, 200),
        state=state_of(record),
        lines=None if lines is None else tuple(lines),
        ship_to=ship_to,
    )


def ship_to_of(record: ContactRecord, places: Places) -> ShipTo:
    """A contact, in our words."""
    return ShipTo(
        state=places.state_codes.get(linked(record.state_id), ""),
        country=places.country_codes.get(linked(record.country_id), ""),
        **{name: words(getattr(record, name)) for name in CONTACT},
    )


def parcels_of(picking: PickingRecord, order: OrderRecord, lines: tuple[ParcelLine, ...] | None) -> Iterator[Parcel]:
    """The parcels of one delivery: Odoo writes their tracking numbers in one field, with commas between.

    A parcel is named by its place: a number that is typed in late, or replaced, is still that parcel's.
    """
    numbers = [part.strip() for part in words(picking.carrier_tracking_ref, 2000).split(",") if part.strip()] or [""]
    links = _links(words(picking.carrier_tracking_url, 10_000), numbers)
    for place, number in enumerate(numbers, 1):
        yield Parcel(
            order_number=order.number,
            reference=f"{picking.id}/{place}",
            carrier_name=clean(picking.carrier_id[1], 100) if isinstance(picking.carrier_id, tuple) else "",
            tracking_number=clean(number, 100),
            tracking_link=links.get(number, ""),
            shipped_at=from_odoo(picking.date_done),
            lines=lines if len(numbers) == 1 else None,
            order_closed=order.delivery_status == "full",
        )


def _links(told: str, numbers: Sequence[str]) -> Mapping[str, str]:
    """The address of one parcel stands plain; those of several are a list of pairs, written as JSON."""
    if told.startswith("["):
        try:
            pairs = msgspec.json.decode(told, type=list[tuple[str, str]])
        except (msgspec.MsgspecError, ValueError):
            return {}
        return {number.strip(): clean(link, 2000) for number, link in pairs}
    return {numbers[0]: clean(told, 2000)} if len(numbers) == 1 else {}


def words(text: Text, limit: int = 1000) -> str:
    """A text there, cleaned; "" for one that is not there."""
    return clean(text, limit) if isinstance(text, str) else ""


def linked(link: Link) -> int:
    """The id behind a link; 0 for none."""
    return link[0] if isinstance(link, tuple) else 0
