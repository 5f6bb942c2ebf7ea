"""Extensiv's own words: the shapes of its records, as far as we read them, whichever way it writes them.

It answers in HAL (`orders/order` under `_embedded`, names like `referenceNum`) or in plain JSON (`ResourceList`, names
like `ReferenceNum`), whatever was asked for. `plain` makes one of the two.
"""

from __future__ import annotations

from typing import Any

import msgspec

EMBEDDED = {
    "order": "orders",
    "item": "orderItems",
    "package": "packages",
    "packagecontent": "packageContents",
    "customer": "customers",
}
"""Last word of a HAL link to the name that plain JSON has for the same list."""


class Token(msgspec.Struct):
    """What a sign-in gives."""

    access_token: str
    expires_in: float = 1800.0
    """Seconds."""


class Identifier(msgspec.Struct):
    """A customer, a facility or an item, by any of its names."""

    id: int | str | None = None
    sku: str | None = None


class ItemNumber(msgspec.Struct, rename="camel"):
    """Its own number for an order line."""

    order_item_id: int | str | None = None


class OrderItem(msgspec.Struct, rename="camel"):
    """One line of an order."""

    qty: float = 0
    item_identifier: Identifier | None = None
    read_only: ItemNumber | None = None


class PackageContent(msgspec.Struct, rename="camel"):
    """What of an order line lies in a package."""

    order_item_id: int | str | None = None
    qty: float = 0


class Package(msgspec.Struct, rename="camel"):
    """One package of an order."""

    package_id: int | str | None = None
    tracking_number: str | None = None
    create_date: str | None = None
    package_contents: list[PackageContent] | None = None


class ReadOnly(msgspec.Struct, rename="camel"):
    """What only Extensiv writes."""

    order_id: int | str
    is_closed: bool | None = None
    status: int | str | None = None
    process_date: str | None = None
    ship_date: str | None = None
    small_parcel_ship_date: str | None = None
    customer_identifier: Identifier | None = None
    packages: list[Package] | None = None


class Routing(msgspec.Struct, rename="camel"):
    """How it travels."""

    carrier: str | None = None
    mode: str | None = None
    scac_code: str | None = None
    tracking_number: str | None = None


class ParcelResponse(msgspec.Struct, rename="camel"):
    """What the label system said."""

    tracking_numbers: list[str] | None = None


class ShipToRecord(
    msgspec.Struct,
    rename={"to": "name", "company": "companyName", "street": "address1", "unit": "address2", "phone": "phoneNumber"},
):
    """Where it goes, with our names for it."""

    to: str | None = None
    company: str | None = None
    street: str | None = None
    unit: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None
    phone: str | None = None


class OrderRecord(msgspec.Struct, rename="camel"):
    """One order it has."""

    read_only: ReadOnly
    reference_num: str
    order_items: list[OrderItem] | None = None
    ship_to: ShipToRecord | None = None
    routing_info: Routing | None = None
    packages: list[Package] | None = None
    parcel_response: ParcelResponse | None = None


class Page(msgspec.Struct, rename="camel"):
    """Some orders, each decoded alone so that a bad one does not hide the others."""

    total_results: int = 0
    orders: list[dict[str, Any]] = []
    resource_list: list[dict[str, Any]] = []

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The orders, under whichever name they came."""
        return self.orders or self.resource_list


class CompanyInfo(msgspec.Struct, rename="camel"):
    """Who a customer is."""

    company_name: str | None = None


class CustomerRecord(msgspec.Struct, rename="camel"):
    """The customer whose orders we send, with the facilities it has goods in."""

    company_info: CompanyInfo | None = None
    facilities: list[Identifier] | None = None


def plain(value: Any) -> Any:
    """A HAL or plain answer with one set of names; links and types are left out."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    flat: dict[str, Any] = {}
    for name, inner in value.items():
        if name.lower() == "_embedded" and isinstance(inner, dict):
            for link, rows in inner.items():
                word = link.rsplit("/", 1)[-1].lower()
                flat[EMBEDDED.get(word, word)] = plain(rows)
        elif name[:1] not in ("_", "$"):
            flat[name[:1].lower() + name[1:]] = plain(inner)
    return flat


def page_of(body: bytes) -> Page:
    """One page of orders. Raises ValueError or msgspec's own errors for what is none."""
    return msgspec.convert(plain(msgspec.json.decode(body)), type=Page, strict=False)


def order_of(body: bytes) -> OrderRecord:
    """One order. Raises like page_of."""
    return order_in(plain(msgspec.json.decode(body)))


def order_in(row: dict[str, Any]) -> OrderRecord:
    """One order of a page. Raises msgspec.ValidationError."""
    return msgspec.convert(row, type=OrderRecord, strict=False)


def customer_of(body: bytes) -> CustomerRecord:
    """The customer. Raises like page_of."""
    return msgspec.convert(plain(msgspec.json.decode(body)), type=CustomerRecord, strict=False)


def token_of(body: bytes) -> Token:
    """What a sign-in gave. Raises like page_of."""
    return msgspec.json.decode(body, type=Token, strict=False)


def nothing(body: bytes) -> None:
    """For answers whose body does not matter."""
