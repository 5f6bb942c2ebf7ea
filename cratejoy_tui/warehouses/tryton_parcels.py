"""What left a warehouse that runs Tryton, parcel by parcel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import asdict

from cratejoy_tui.sync.domain.tracking import Parcel, ParcelLine
from cratejoy_tui.text import clean
from cratejoy_tui.warehouses.told import letter_for_letter
from cratejoy_tui.warehouses.tryton_records import CarrierRecord, Coded, Record


class Moment(msgspec.Struct):
    """A calendar day, or an instant in UTC."""

    year: int
    month: int
    day: int
    hour: int = 0
    minute: int = 0
    second: int = 0


class MovedSale(Record):
    """The sale that a piece belongs to."""

    reference: str | None = None
    shipment_state: str | None = None


class Move(Record):
    """Pieces of one product that leave together."""

    quantity: float | None = None
    product: Coded | None = None
    sale: MovedSale | None = None


class Package(msgspec.Struct):
    """A parcel as it stands there."""

    id: int
    number: str | None = None
    shipping_reference: str | None = None
    shipping_tracking_url: str | None = None
    parent: int | None = None
    moves: list[Record] = []


class Shipment(msgspec.Struct):
    """Goods that left, in one or more packages."""

    id: int
    state: str
    number: str | None = None
    effective_date: Moment | None = None
    write_date: Moment | None = None
    shipping_reference: str | None = None
    carrier: CarrierRecord | None = None
    outgoing_moves: list[Move] = []
    packages: list[Package] = []


SHIPMENT_FIELDS = (
    *("state", "number", "effective_date", "write_date", "shipping_reference"),
    "carrier.party.name",
    *("outgoing_moves.quantity", "outgoing_moves.product.code"),
    *("outgoing_moves.sale.reference", "outgoing_moves.sale.shipment_state"),
    *(f"packages.{name}" for name in ("number", "shipping_reference", "shipping_tracking_url", "parent", "moves.id")),
)


def parcels_of(shipment: Shipment, zone: ZoneInfo) -> list[Parcel]:
    """Each package of the shipment, for each sale that has something in it. Without packages the shipment is one."""
    orders: dict[str, MovedSale] = {}
    for move in shipment.outgoing_moves:
        if move.sale is not None and move.sale.reference:
            orders.setdefault(move.sale.reference, move.sale)
    name = f"shipment {clean(shipment.number or str(shipment.id), 60)}"
    outer: list[Package | None] = [one for one in shipment.packages if one.parent is None]
    parcels: list[Parcel] = []
    for number, sale in orders.items():
        for package in outer or [None]:
            moves = _moves_in(shipment, package, sale.id)
            if package is None or moves or not package.moves:
                parcels.append(_parcel(shipment, package, sale, moves, (name, number), zone))
    return [parcel for parcel in parcels if parcel.tracking_number or not parcel.voided]


def _moves_in(shipment: Shipment, package: Package | None, sale: int) -> list[Move]:
    own = [move for move in shipment.outgoing_moves if move.sale is not None and move.sale.id == sale]
    if package is None:
        return own
    inside = {move.id for one in _with_children(shipment.packages, package) for move in one.moves}
    return [move for move in own if move.id in inside]


def _with_children(packages: Sequence[Package], outer: Package) -> Iterator[Package]:
    yield outer
    for one in packages:
        if one.parent == outer.id:
            yield one


def _parcel(
    shipment: Shipment,
    package: Package | None,
    sale: MovedSale,
    moves: Sequence[Move],
    names: tuple[str, str],
    zone: ZoneInfo,
) -> Parcel:
    carrier = shipment.carrier.party.name if shipment.carrier and shipment.carrier.party else None
    lines = tuple(
        ParcelLine(sku=clean(move.product.code or "", 200), quantity=round(move.quantity))
        for move in moves
        if move.product is not None and move.quantity
    )
    name, number = names
    own, link = None, None
    if package is not None:
        own, link = package.shipping_reference, package.shipping_tracking_url
        name = f"{name}, package {clean(package.number or str(package.id), 60)}"
    return Parcel(
        order_number=letter_for_letter(number),
        reference=name,
        carrier_name=clean(carrier or "", 100),
        tracking_number=clean(own or _shared_number(shipment) or "", 100),
        tracking_link=clean(link or "", 2000),
        shipped_at=_left_at(shipment, zone),
        lines=lines or None,
        voided=shipment.state == "cancelled",
        order_closed=sale.shipment_state == "sent",
    )


def _shared_number(shipment: Shipment) -> str | None:
    # With several packages the shipment's number is that of one of them; whose, nobody tells.
    return shipment.shipping_reference if len(shipment.packages) <= 1 else None


def _left_at(shipment: Shipment, zone: ZoneInfo) -> datetime | None:
    """Noon of its day, which is all that Tryton keeps; but not after the last change of the shipment."""
    day, changed = shipment.effective_date, shipment.write_date
    try:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone).astimezone(UTC) if day else None
        seen = datetime(**asdict(changed), tzinfo=UTC) if changed else None
    except (ValueError, OverflowError):
        return None
    return min(filter(None, (noon, seen)), default=None)
