"""A box that Cratejoy wants sent, in our own words and units.

Money is whole cents, times are aware UTC, ids are text (Cratejoy's pass 32 bits).
Text has been cleaned at ingest, and absent text is "".
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec import Struct
from msgspec.structs import replace


class Billing(StrEnum):
    """How the box was sold; decides which date rule applies to it."""

    ECOM = "ecom"
    ADHOC = "adhoc"
    STANDARD = "standard"


class ShipTo(Struct, frozen=True, kw_only=True, gc=False):
    """Name and address the box goes to, taken whole from the shipment's address."""

    to: str = ""
    company: str = ""
    street: str = ""
    unit: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    country: str = ""
    phone: str = ""


class Sale(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The Cratejoy order behind a line: was it paid, refunded, a test?"""

    id: str = ""
    financial_status: str = ""
    total_cents: int = 0
    refunded_cents: int = 0
    placed_at: datetime | None = None
    is_test: bool = False


class Line(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One product of the box. Two pieces of one SKU usually arrive as two lines."""

    id: str = ""
    sku: str = ""
    title: str = ""
    quantity: int = 1
    status: str = "open"
    """open, closed or cancelled; an unheard-of word is kept as it came."""
    subscription_id: str | None = None
    shipping_cents: int = 0
    cycle_number: int | None = None
    """Cratejoy's 0-based place within the running prepay. Never used for the SKU suffix."""
    total_cycles: int | None = None
    sale: Sale | None = None


class Batch(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A standard subscription's collecting period; its content is final after `end`."""

    id: str = ""
    start: datetime | None = None
    end: datetime | None = None


class Label(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A postage label bought inside Cratejoy: somebody is shipping this box there."""

    carrier: str = ""
    tracking_number: str = ""
    is_void: bool = False


class Subscription(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The subscription a line belongs to."""

    id: str = ""
    status: str = ""
    """Lower-case word as Cratejoy spells it: active, cancelled, past_due, renewing ..."""
    rebill_day: int | None = None
    has_billing: bool = False


class Shipment(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A box that Cratejoy wants sent."""

    id: str
    status: str = "unshipped"
    """unshipped, shipped or cancelled; an unheard-of word is kept as it came."""
    queried_as: Billing | None = None
    """The billing type of the v1.1 query the row came from, where it came from one."""
    is_ecom: bool | None = None
    is_test: bool = False
    is_gift: bool = False
    adjusted_ordered_at: datetime | None = None
    created_at: datetime | None = None
    shipped_at: datetime | None = None
    tracking_number: str = ""
    sub_cycle: int | None = None
    customer_id: str = ""
    gift_message: str = ""
    ship_to: ShipTo = ShipTo()
    lines: tuple[Line, ...] = ()
    batch: Batch | None = None
    labels: tuple[Label, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    unreadable: str = ""
    """Why Cratejoy's record could not be read; such a box is held, never pushed."""

    @property
    def open_lines(self) -> tuple[Line, ...]:
        """The lines still to be sent: cancelled and closed ones are left out."""
        return tuple([line for line in self.lines if line.status == "open"])


def before_it_left(shipment: Shipment) -> Shipment:
    """The box as it was before it was shipped: what a person means who has it sent again. A cancelled one stays so."""
    if shipment.status != "shipped":
        return shipment
    lines = tuple(replace(line, status="open") if line.status == "closed" else line for line in shipment.lines)
    return replace(shipment, status="unshipped", tracking_number="", shipped_at=None, labels=(), lines=lines)


def revision(shipment: Shipment) -> str:
    """A short fingerprint of everything we know of the shipment; equal content, equal text, on every machine."""
    return revision_of(msgspec.json.encode(shipment))


def revision_of(encoded: bytes) -> str:
    """The revision of a shipment that is at hand as JSON already."""
    return hashlib.blake2b(encoded, digest_size=12).hexdigest()
