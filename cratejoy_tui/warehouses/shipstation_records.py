"""ShipStation's own words (API version 1): the shapes of its records, as far as we read them."""

from __future__ import annotations

import msgspec


class Address(msgspec.Struct, rename={"to": "name", "street": "street1", "unit": "street2", "zip": "postalCode"}):
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


class Item(msgspec.Struct, rename="camel"):
    """One SKU of an order or a parcel."""

    quantity: int
    sku: str | None = None
    adjustment: bool | None = None
    """A discount or fee, nothing that is packed."""


class OrderRecord(msgspec.Struct, rename="camel"):
    """One order it has."""

    order_id: int | str
    order_number: str
    order_status: str
    order_key: str | None = None
    ship_to: Address | None = None
    items: list[Item] | None = None


class OrderNumber(msgspec.Struct, rename="camel"):
    """What is left to read of an order we cannot read whole."""

    order_number: str | None = None


class OrderName(msgspec.Struct, rename="camel"):
    """Enough of an order to know it again."""

    order_id: int | str


class Page(msgspec.Struct, kw_only=True):
    """Some rows, each decoded alone so that a bad one does not hide the others."""

    pages: int = 1


class OrderPage(Page):
    """Some orders."""

    orders: list[msgspec.Raw]


class PushResult(msgspec.Struct, rename="camel"):
    """What became of one order of a group."""

    order_number: str | None = None
    order_key: str | None = None
    order_id: int | str | None = None
    success: bool = False
    error_message: str | None = None


class PushResults(msgspec.Struct):
    """What became of a group."""

    results: list[PushResult]


class LeftRecord(msgspec.Struct, rename="camel", kw_only=True):
    """Something that left, or was voided."""

    order_number: str
    create_date: str | None = None
    ship_date: str | None = None
    tracking_number: str | None = None
    carrier_code: str | None = None
    voided: bool | None = None


class ShipmentRecord(LeftRecord, kw_only=True):
    """One label made in ShipStation."""

    shipment_id: int | str
    order_id: int | str | None = None
    service_code: str | None = None
    is_return_label: bool | None = None
    shipment_items: list[Item] | None = None


class ShipmentPage(Page):
    """Some labels."""

    shipments: list[msgspec.Raw]


class FulfillmentRecord(LeftRecord, kw_only=True):
    """One order marked as shipped without a label of ShipStation's."""

    fulfillment_id: int | str
    fulfillment_service_code: str | None = None


class FulfillmentPage(Page):
    """Some of them."""

    fulfillments: list[msgspec.Raw]


class StoreRecord(msgspec.Struct, rename="camel"):
    """A sales channel of the account."""

    store_id: int
    store_name: str | None = None
