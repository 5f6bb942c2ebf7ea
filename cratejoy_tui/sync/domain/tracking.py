"""Tracking as the warehouse tells it, and what we confirm to Cratejoy from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelLine:
    """What lay in a parcel, as far as the warehouse tells."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One parcel that left the warehouse, or was voided there. (order_number, reference) names it for ever."""

    order_number: str
    reference: str
    """The warehouse's own name for the parcel; the key by which repeats are dropped."""
    carrier_code: str = ""
    carrier_name: str = ""
    service: str = ""
    tracking_number: str = ""
    tracking_link: str = ""
    shipped_at: datetime | None = None
    lines: tuple[ParcelLine, ...] | None = None
    """None: the warehouse does not tell."""
    voided: bool = False
    order_closed: bool = False
    """The warehouse calls the whole order done with this parcel."""


class Quality(StrEnum):
    """How sure we are that a tracking number belongs to its box."""

    SURE = "sure"
    CHECK = "check"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What Cratejoy is told about a shipment that left."""

    shipment_id: str
    tracking_number: str
    shipped_at: datetime
    carrier_name: str = ""
    tracking_link: str = ""
    mark_shipped: bool = True
    """False only for `replace`: number, carrier and link of a box that is already shipped."""
