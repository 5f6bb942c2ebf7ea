"""Tryton's own words, and ours for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from cratejoy_tui.sync.domain.order import Found, Order, OrderLine, OrderState
from cratejoy_tui.sync.domain.shipment import ShipTo
from cratejoy_tui.text import clean

LEFT = frozenset({"shipped", "done"})
"""A shipment in one of these states is out of the house."""
PLACED = frozenset({"confirmed", "processing", "done"})
"""A sale in one of these states will be packed; a draft or a quotation is nobody's work yet."""


class Record(msgspec.Struct):
    """Anything with an id."""

    id: int


class Coded(msgspec.Struct):
    """Anything with a code and a name."""

    id: int
    code: str | None = None
    name: str | None = None


class Product(msgspec.Struct):
    """What is sold under a SKU."""

    id: int
    code: str | None = None
    sale_uom: int | None = None
    default_uom: int | None = None


class CarrierRecord(msgspec.Struct):
    """Who carries; its name is that of its party."""

    id: int
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


class ShipmentState(msgspec.Struct):
    """How far a shipment of a sale has come."""

    id: int
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
    def counts(self) -> bool:
        """Is it more than a draft, a quotation or what became of one?"""
        return self.state in PLACED or (self.is_called_off and not self.was_nothing)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    """What of an order Tryton knows by number."""

    party: int
    address: int
    products: Mapping[str, Product]
    carrier: int | None
    warehouse: int | None
    ship_on: date | None


def address_record(ship_to: ShipTo, party: int, country: int, subdivision: int | None) -> dict[str, Any]:
    """The ship-to as an address of the party; whoever receives it stands in its name."""
    mechanisms = [{"type": "phone", "value": ship_to.phone, "party": party}] if ship_to.phone else []
    return {
        "party": party,
        "party_name": ship_to.company or ship_to.to,
        "attn": ship_to.to if ship_to.company else None,
        "street": "\n".join(filter(None, (ship_to.street, ship_to.unit))),
        "city": ship_to.city,
        "postal_code": ship_to.zip,
        "country": country,
        "subdivision": subdivision,
        **({"contact_mechanisms": [["create", mechanisms]]} if mechanisms else {}),
    }


def sale_record(order: Order, ids: Ids) -> dict[str, Any]:
    """The order as a sale. Cratejoy has taken the money, so nothing is invoiced and every price is nought."""
    lines = [
        {
            "product": ids.products[line.sku].id,
            "quantity": line.quantity,
            "unit": ids.products[line.sku].sale_uom or ids.products[line.sku].default_uom,
            "unit_price": Decimal(0),
        }
        for line in order.lines
    ]
    return {
        "party": ids.party,
        "reference": order.number,
        "description": order.ship_code,
        "comment": order.gift_message,
        "invoice_address": ids.address,
        "shipment_address": ids.address,
        "invoice_method": "manual",
        "shipment_method": "order",
        "shipment_cost_method": None,
        "carrier": ids.carrier,
        **({"warehouse": ids.warehouse} if ids.warehouse else {}),
        **({"shipping_date": ids.ship_on} if ids.ship_on else {}),
        "lines": [["create", lines]],
    }


def found_of(sale: Sale) -> Found:
    """A sale in our words."""
    state = OrderState.CANCELLED if sale.is_called_off else OrderState.OPEN
    if sale.shipment_state == "sent" and not sale.is_called_off:
        state = OrderState.SHIPPED
    begun = [one.state not in ("draft", "waiting", "cancelled") for one in sale.shipments]
    return Found(
        number=sale.reference or "",
        reference=sale.name,
        state=state,
        lines=tuple(_sale_lines(sale)),
        ship_to=_ship_to(sale.shipment_address),
        picked_up=any(begun),
    )


def _sale_lines(sale: Sale) -> Iterator[OrderLine]:
    for line in sale.lines:
        if line.product is not None and line.quantity:
            yield OrderLine(sku=clean(line.product.code or "", 200), quantity=round(line.quantity))


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
