"""Tryton's own words, and ours for them."""

from __future__ import annotations

import msgspec

from cratejoy_tui.sync.domain.order import Found, OrderState
from cratejoy_tui.sync.domain.shipment import ShipTo
from cratejoy_tui.text import clean
from cratejoy_tui.warehouses.told import order_lines

LEFT = frozenset({"shipped", "done"})
"""A shipment in one of these states is out of the house."""
PLACED = frozenset({"confirmed", "processing", "done"})
"""A sale in one of these states will be packed; a draft or a quotation is nobody's work yet."""


class Record(msgspec.Struct):
    """Anything with an id."""

    id: int


class Coded(Record):
    """Anything with a code and a name."""

    code: str | None = None
    name: str | None = None


class Product(Record):
    """What is sold under a SKU."""

    code: str | None = None
    sale_uom: int | None = None
    default_uom: int | None = None


class CarrierRecord(Record):
    """Who carries; its name is that of its party."""

    party: Coded | None = None


class Address(msgspec.Struct):
    """Where a sale goes."""

    party_name: str | None = None
    attn: str | None = None
    street: str | None = None
    city: str | None = None
    postal_code: str | None = None
    subdivision: Coded | None = None
    country: Coded | None = None


class SaleLine(msgspec.Struct):
    """One line of a sale."""

    quantity: float | None = None
    product: Coded | None = None


class ShipmentState(Record):
    """How far a shipment of a sale has come."""

    state: str
    number: str | None = None


class Sale(msgspec.Struct):
    """An order there. Its reference is ours, and nothing there keeps it from standing twice."""

    id: int
    state: str
    reference: str | None = None
    number: str | None = None
    shipment_state: str | None = None
    lines: list[SaleLine] = []
    shipments: list[ShipmentState] = []
    shipment_address: Address | None = None

    @property
    def name(self) -> str:
        """How an operator finds it."""
        return f"sale {clean(self.number, 60)}" if self.number else f"draft sale {self.id}"

    @property
    def was_nothing(self) -> bool:
        """Was it thrown away before anyone made a quotation of it? Only then it has no number."""
        return self.state == "cancelled" and not self.number

    @property
    def is_called_off(self) -> bool:
        """Will nothing of it be sent? A sale under way cannot be cancelled itself, only its shipments can."""
        stopped = bool(self.shipments) and all(one.state == "cancelled" for one in self.shipments)
        return self.state == "cancelled" or stopped

    @property
    def has_left(self) -> bool:
        """Is any of it out of the house?"""
        return any(one.state in LEFT for one in self.shipments)


SALE_FIELDS = (
    *("reference", "number", "state", "shipment_state", "lines.quantity", "lines.product.code"),
    *("shipments.state", "shipments.number"),
    *(f"shipment_address.{name}" for name in ("party_name", "attn", "street", "city", "postal_code")),
    *("shipment_address.subdivision.code", "shipment_address.country.code"),
)


def found_of(sale: Sale) -> Found:
    """A sale in our words."""
    state = OrderState.CANCELLED if sale.is_called_off else OrderState.OPEN
    if sale.shipment_state == "sent" and not sale.is_called_off:
        state = OrderState.SHIPPED
    told = [(line.product.code, round(line.quantity)) for line in sale.lines if line.product and line.quantity]
    begun = [one.state not in ("draft", "waiting", "cancelled") for one in sale.shipments]
    return Found(
        number=sale.reference or "",
        reference=sale.name,
        state=state,
        lines=order_lines(told),
        ship_to=_ship_to(sale.shipment_address),
        picked_up=any(begun),
    )


def _ship_to(address: Address | None) -> ShipTo | None:
    if address is None:
        return None
    name, attn = clean(address.party_name or ""), clean(address.attn or "")
    street, _, unit = (address.street or "").partition("\n")
    country = clean((address.country and address.country.code) or "")
    state = clean((address.subdivision and address.subdivision.code) or "")
    return ShipTo(
        to=attn or name,
        company=name if attn else "",
        street=clean(street),
        unit=clean(unit),
        city=clean(address.city or ""),
        state=state.removeprefix(f"{country}-"),
        zip=clean(address.postal_code or ""),
        country=country,
    )
