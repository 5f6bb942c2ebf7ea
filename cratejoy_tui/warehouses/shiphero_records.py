"""ShipHero's own words for orders and shipments, and ours for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Any, Generic, TypeVar

import msgspec

from cratejoy_tui.sync.domain.order import Found, Order, OrderLine, OrderState
from cratejoy_tui.sync.domain.shipment import ShipTo
from cratejoy_tui.sync.domain.tracking import Parcel, ParcelLine
from cratejoy_tui.text import clean
from cratejoy_tui.warehouses.told import instant, order_lines, parcel_lines

NO_MONEY = "0.00"
"""Amounts are text there. The customer has paid at Cratejoy."""
LONGEST_LINE_ID = 45

T = TypeVar("T")


class PageInfo(msgspec.Struct):
    """Is there more, and where does it begin?"""

    has_next_page: bool = msgspec.field(name="hasNextPage", default=False)
    end_cursor: str | None = msgspec.field(name="endCursor", default=None)


class Edge(msgspec.Struct, Generic[T]):
    """One row of a list."""

    node: T


class Edges(msgspec.Struct, Generic[T]):
    """A list, or as much of it as was asked for."""

    edges: list[Edge[T]]
    page_info: PageInfo = msgspec.field(name="pageInfo", default_factory=PageInfo)

    @property
    def nodes(self) -> list[T]:
        """Its rows."""
        return [edge.node for edge in self.edges]


class Answer(msgspec.Struct, Generic[T]):
    """What a question gave."""

    data: T


class ShippedOrder(msgspec.Struct, kw_only=True):
    """The order a shipment is of."""

    order_number: str | None = None
    partner_order_id: str | None = None
    fulfillment_status: str | None = None


class OrderNode(ShippedOrder, kw_only=True):
    """One order, without its content."""

    id: str

    def is_named(self, number: str) -> bool:
        """Does it carry this number, letter for letter, in either of the two places?"""
        return number in (self.order_number, self.partner_order_id)


class Address(msgspec.Struct):
    """Where an order goes to."""

    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    state: str | None = None
    state_code: str | None = None
    zip: str | None = None
    country: str | None = None
    country_code: str | None = None


class LineNode(msgspec.Struct):
    """One line of an order."""

    sku: str | None = None
    quantity: int = 0


class WholeOrder(OrderNode):
    """One order with its content."""

    shipping_address: Address | None = None
    line_items: Edges[LineNode] | None = None


class MadeOrder(msgspec.Struct):
    """The order that a change was about."""

    id: str | None = None


class OrderChange(msgspec.Struct):
    """What a change of an order gave."""

    order: MadeOrder | None = None


class Label(msgspec.Struct):
    """One label: one parcel."""

    id: str
    status: str | None = None
    tracking_number: str | None = None
    carrier: str | None = None
    shipping_method: str | None = None

    @property
    def is_void(self) -> bool:
        """The label was given back."""
        return (self.status or "").lower().startswith(("void", "cancel", "refund"))


class PackedNode(msgspec.Struct):
    """What lay in a shipment: one line of it."""

    quantity: int = 0
    shipping_label_id: str | None = None
    line_item: LineNode | None = None


class ShipmentNode(msgspec.Struct):
    """One shipment."""

    id: str
    created_date: str | None = None
    order: ShippedOrder | None = None
    shipping_labels: list[Label] | None = None
    line_items: Edges[PackedNode] | None = None


def order_data(order: Order, *, shop: str, owner: str, warehouse: str) -> dict[str, Any]:
    """The order as ShipHero takes it; amounts are text there."""
    to = order.ship_to
    first, _, last = to.to.rpartition(" ") if " " in to.to else (to.to, "", "")
    data = {
        "order_number": order.number,
        "partner_order_id": order.number,
        "shop_name": shop,
        "fulfillment_status": "pending",
        "order_date": None if order.ordered_at is None else order.ordered_at.astimezone(UTC).isoformat(),
        "required_ship_date": None if order.requested_ship_date is None else order.requested_ship_date.isoformat(),
        "subtotal": NO_MONEY,
        "total_tax": NO_MONEY,
        "total_price": NO_MONEY,
        "gift_note": order.gift_message,
        "tags": [order.ship_code] if order.ship_code else [],
        "shipping_lines": {"title": order.ship_code, "carrier": "", "method": order.ship_code, "price": NO_MONEY},
        "shipping_address": {
            "first_name": first,
            "last_name": last,
            "company": to.company,
            "address1": to.street,
            "address2": to.unit,
            "city": to.city,
            "state": to.state,
            "state_code": to.state,
            "zip": to.zip,
            "country": to.country,
            "country_code": to.country,
            "phone": to.phone,
        },
        "line_items": [_line_data(order, place, line, warehouse) for place, line in enumerate(order.lines, 1)],
        "skip_address_validation": True,
    }
    return {name: value for name, value in {**data, "customer_account_id": owner}.items() if value not in (None, "")}


def _line_data(order: Order, place: int, line: OrderLine, warehouse: str) -> dict[str, Any]:
    data = {
        "sku": line.sku,
        "partner_line_item_id": f"{order.number}-{place}"[-LONGEST_LINE_ID:],
        "quantity": line.quantity,
        "price": NO_MONEY,
        "product_name": line.title or line.sku,
    }
    return data | ({"warehouse_id": warehouse} if warehouse else {})


def state_of(status: str | None) -> OrderState:
    """Where an order stands; stores make up words of their own for open ones."""
    word = (status or "").strip().lower()
    if word in ("canceled", "cancelled"):
        return OrderState.CANCELLED
    return OrderState.SHIPPED if word == "fulfilled" else OrderState.OPEN


def found_of(number: str, whole: WholeOrder) -> Found:
    """An order it has, in our words."""
    told = whole.line_items
    is_all = told is not None and not told.page_info.has_next_page
    return Found(
        number=number,
        reference=clean(whole.id, 200),
        state=state_of(whole.fulfillment_status),
        lines=order_lines((node.sku, node.quantity) for node in told.nodes) if told and is_all else None,
        ship_to=None if whole.shipping_address is None else _ship_to(whole.shipping_address),
    )


def _ship_to(address: Address) -> ShipTo:
    return ShipTo(
        to=clean(f"{address.first_name or ''} {address.last_name or ''}"),
        company=clean(address.company or ""),
        street=clean(address.address1 or ""),
        unit=clean(address.address2 or ""),
        city=clean(address.city or ""),
        state=clean(address.state_code or address.state or ""),
        zip=clean(address.zip or ""),
        country=clean(address.country_code or address.country or ""),
    )


def parcels_of(raw: msgspec.Raw) -> Iterator[Parcel]:
    """One parcel for each label of a shipment. Raises ValueError or msgspec's errors when it cannot be read."""
    shipment = msgspec.json.decode(raw, type=ShipmentNode)
    order = shipment.order or ShippedOrder()
    labels = shipment.shipping_labels or [Label(id=shipment.id)]
    for label in labels:
        yield Parcel(
            order_number=clean(order.order_number or order.partner_order_id or "", 100),
            reference=clean(label.id, 200),
            carrier_name=clean(label.carrier or "", 100),
            service=clean(label.shipping_method or "", 100),
            tracking_number=clean(label.tracking_number or "", 100),
            shipped_at=instant(shipment.created_date),
            lines=_packed(shipment, label, is_only=len(labels) == 1),
            voided=label.is_void,
            order_closed=state_of(order.fulfillment_status) is OrderState.SHIPPED,
        )


def _packed(shipment: ShipmentNode, label: Label, *, is_only: bool) -> tuple[ParcelLine, ...] | None:
    told = shipment.line_items
    if told is None or told.page_info.has_next_page:
        return None
    if not is_only and any(node.shipping_label_id is None for node in told.nodes):
        return None
    mine = [node for node in told.nodes if is_only or node.shipping_label_id == label.id]
    return parcel_lines((node.line_item.sku if node.line_item else None, node.quantity) for node in mine)
