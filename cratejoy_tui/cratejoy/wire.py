"""Cratejoy's records as they come over the wire: only the fields we use, under Cratejoy's names.

A relation may be the thing itself, a link to it, null, or absent. Numbers are kept within what every store can hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct

T = TypeVar("T")

Id = Annotated[int, Meta(ge=0, le=2**63 - 1)] | Annotated[str, Meta(max_length=40, pattern="^[0-9A-Za-z_-]+\\Z")]
"""It ends up in paths and order numbers, so nothing but letters, digits, `_` and `-` is taken."""
RelatedId = Annotated[int, Meta(ge=0, le=2**63 - 1)] | Annotated[str, Meta(max_length=40)] | None
Whole = Annotated[int, Meta(ge=-(2**53), le=2**53)] | None
Moment = str | int | float | None
Text = str | None
Link = str


class Page(Struct, gc=False):
    """One page of a collection; each record is kept as it came and read alone."""

    results: list[Raw]
    count: Annotated[int, Meta(ge=0, le=2**53)] | None = None
    next: Text = None


class Kept(Struct, gc=False):
    """The little that is still worth knowing of a record that cannot be read."""

    id: Id
    status: Raw = Raw(b"null")
    adjusted_ordered_at: Raw = Raw(b"null")


class Address(Struct, gc=False):
    to: Text = None
    company: Text = None
    street: Text = None
    unit: Text = None
    city: Text = None
    state: Text = None
    zip_code: Text = None
    country: Text = None
    phone_number: Text = None


class Product(Struct, gc=False):
    name: Text = None


class VariantType(Struct, gc=False):
    name: Text = None


class VariantValue(Struct, gc=False):
    value: Text = None


class Variant(Struct, gc=False):
    variant_type: VariantType | Link | None = None
    variant_value: VariantValue | Link | None = None


class Instance(Struct, gc=False):
    """A product in one of its variants; carries the SKU."""

    sku: Text = None
    product: Product | Link | None = None
    variants: list[Variant | Link] | Link | None = None


class Gift(Struct, gc=False):
    """Gift words in two generations: `gift_message` now, `message` for claimed gift codes."""

    gift_message: Text = None
    message: Text = None


class Billing(Struct, gc=False):
    rebill_day: Whole = None


class Subscription(Struct, gc=False):
    id: RelatedId = None
    status: Text = None
    billing: Billing | Link | None = None
    subscription_gift_info: Gift | Link | None = None


class Order(Struct, gc=False):
    """The sale behind a line."""

    id: RelatedId = None
    financial_status: Text = None
    total: Whole = None
    total_price: Whole = None
    refunded_amount: Whole = None
    placed_at: Moment = None
    is_test: bool | None = None
    gift_message: Text = None
    order_gift_info: Gift | Link | None = None
    received_gift: Gift | Link | None = None
    subscriptions: list[Subscription | Link] | Link | None = None


class Fulfillment(Struct, gc=False):
    """One product of a shipment."""

    id: RelatedId = None
    status: Text = None
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    subscription_id: RelatedId = None
    shipping: Whole = None
    cycle_number: Whole = None
    total_cycles: Whole = None
    is_test: bool | None = None
    test: bool | None = None
    instance: Instance | Link | None = None
    order: Order | Link | None = None


class Batch(Struct, gc=False):
    """v1 says start and end, v1.1 start_date and end_date."""

    id: RelatedId = None
    start: Moment = None
    start_date: Moment = None
    end: Moment = None
    end_date: Moment = None


class RowLine(Struct, gc=False):
    subscription_id: RelatedId = None


class Row(Struct, gc=False):
    """The part of a lean listing's row that decides whether the shipment is news."""

    id: Id
    status: Text = None
    adjusted_ordered_at: Moment = None
    sub_cycle: Whole = None
    is_ecom: bool | None = None
    fulfillments: list[RowLine] | None = None
    batch: Batch | Link | None = None


class Label(Struct, gc=False):
    carrier: Text = None
    tracking: Text = None
    is_void: bool | None = None


class Stats(Struct, gc=False):
    subscription_cycle: Whole = None


class Shipment(Struct, gc=False):
    """A shipment of either version of the API."""

    id: Id
    status: Text = None
    tracking_number: Text = None
    adjusted_ordered_at: Moment = None
    created_at: Moment = None
    shipped_at: Moment = None
    sub_cycle: Whole = None
    is_ecom: bool | None = None
    is_test: bool | None = None
    is_gift: bool | None = None
    customer_id: RelatedId = None
    ship_address: Address | Link | None = None
    fulfillments: list[Fulfillment | Link] | Link | None = None
    batch: Batch | Link | None = None
    labels: list[Label | Link] | Link | None = None
    subscriptions: list[Subscription | Link] | Link | None = None
    stats: Stats | Link | None = None


row_of = msgspec.json.Decoder(Row).decode
shipment_of = msgspec.json.Decoder(Shipment).decode
kept_of = msgspec.json.Decoder(Kept).decode
_page_of = msgspec.json.Decoder(Page).decode
_record_of = msgspec.json.Decoder(Raw).decode

_ESCAPE = re.compile(rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|u[dD][89a-fA-F]..|.)", re.DOTALL)
_CONTROLS = bytes(range(32))
_TO_BLANK = bytes.maketrans(_CONTROLS, b" " * len(_CONTROLS))


def page_of(body: bytes) -> Page:
    """One page of a collection. Raises msgspec.DecodeError for anything else."""
    return _mended(_page_of, body)


def record_of(body: bytes) -> Raw:
    """One record as it came. Raises msgspec.DecodeError when the body is not JSON."""
    return _mended(_record_of, body)


def _mended(decode: Callable[[bytes], T], body: bytes) -> T:
    """One bad character in one record must not cost the whole page: half an emoji, a naked control character."""
    try:
        return decode(body)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        return decode(_ESCAPE.sub(_whole_escape, body).translate(_TO_BLANK))


def _whole_escape(found: re.Match[bytes]) -> bytes:
    escape = found[0]
    return b"\\ufffd" if len(escape) == 6 else escape
