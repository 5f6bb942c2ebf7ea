"""What a warehouse receives: one order, made from exactly one shipment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from cratejoy_tui.sync.domain.shipment import Billing, ShipTo


class OrderLine(Struct, frozen=True, kw_only=True, gc=False):
    """One SKU of the order with its quantity; a SKU stands once per order."""

    sku: str
    quantity: int
    title: str = ""


class Order(Struct, frozen=True, kw_only=True, gc=False):
    """What the warehouse gets."""

    number: str
    """`12345` for e-commerce, `SUB-12345` for a subscription box, `SUB-12345-R2` when sent anew. Never truncated."""
    shipment_id: str
    billing: Billing
    ship_code: str
    ship_to: ShipTo
    lines: tuple[OrderLine, ...]
    gift_message: str = ""
    requested_ship_date: date | None = None
    """Calendar day in the store's zone."""
    ordered_at: datetime | None = None
    generation: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The warehouse took the order."""

    number: str
    reference: str
    """The warehouse's own name for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The warehouse said no to this order, in its own words; it surely does not have it."""

    number: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """The answer for this order was lost: the warehouse may have it."""

    number: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """Nothing was sent for this order; it may be sent again as it is."""

    number: str
    reason: str


PushOutcome = Receipt | Refused | Lost | NotSent


class OrderState(StrEnum):
    """What the warehouse says of an order."""

    OPEN = "open"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An order that a look-up found at the warehouse. None means: this warehouse cannot tell."""

    number: str
    reference: str
    state: OrderState
    lines: tuple[OrderLine, ...] | None = None
    ship_to: ShipTo | None = None
    picked_up: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """What a warehouse that takes files shows of an order it was given."""

    number: str
    taken: bool
    """False: as far as can be seen, nobody there has looked at it yet."""
    refused: str = ""
    """Why the warehouse will not send it, in its own words."""


class CancelAnswer(StrEnum):
    """What became of a cancel, read back from the warehouse."""

    CANCELLED = "cancelled"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    NOT_FOUND = "not found"


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOutcome:
    """The warehouse's answer to a cancel, with its own words."""

    number: str
    answer: CancelAnswer
    reason: str = ""
