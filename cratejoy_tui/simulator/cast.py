"""The boxes of the simulated store: one description becomes customer, address, order, subscription and shipments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Literal

from cratejoy_tui.simulator.world import ZONE, from_ms, to_ms

DAY = 86_400_000
CATALOGUE: Mapping[str, tuple[str, bool]] = {
    "TEABOX-STD": ("Pine Tea Box", True),
    "SQ0093801": ("Candle Club", True),
    "SNACK-CRATE": ("Snack Crate", True),
    "MUG-GRN": ("Camp Mug", False),
    "TIN-OOLONG": ("Oolong Tin", False),
    "TEE-FOX-M": ("Fox Tee", False),
    "POSTER-A3": ("Trail Poster", False),
    "MOON-LAMP": ("Moon Lamp", False),
    "": ("Mystery Extra", False),
}
"""SKU -> product name, is it a subscription product?"""
_PLACES = {sku: place for place, sku in enumerate(CATALOGUE)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One product in a box."""

    sku: str
    quantity: int = 1
    addon: bool = False
    """Bought once on top, in a Cratejoy order of its own."""
    status: Literal["", "open", "closed", "cancelled"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Everything that makes one box, or the remaining boxes of one prepay, special."""

    case: str = ""
    billing: Literal["ecom", "adhoc", "standard"] = "ecom"
    pieces: tuple[Piece, ...] = (Piece(sku="MUG-GRN"),)
    target_days: float = 0.0
    """From the moment it is placed; standard boxes take the middle of their batch instead."""
    batch: Literal["closed", "open"] = "closed"
    term: int = 1
    cycle: int | None = 0
    """0-based place within the prepay; -1 was made by an admin."""
    sub_cycle: int | None = 1
    boxes: int = 1
    """How many shipments of the prepay are still to come, this one included."""
    placed_days_ago: float = 1.0
    financial_status: str = "paid"
    total: int = 3200
    refunded: int = 0
    shipping: int = 0
    status: Literal["unshipped", "shipped", "cancelled"] = "unshipped"
    order_status: str = "open"
    fulfillment_status: str = "unfulfilled"
    subscription_status: str = "active"
    is_test: bool = False
    gift: Literal["", "info", "message", "claim"] = ""
    gift_text: str = ""
    address: Mapping[str, str] = field(default_factory=dict)
    tracking_number: str | None = None
    labelled: bool = False
    warp: tuple[tuple[Any, ...], ...] = ()
    """Damages to what the API shows: (version, path) drops a key, (version, path, value) sets it."""
    expected: Literal["push", "hold", "later", "never"] = "push"
    """With default rules: goes out today, needs a person, not due yet, must never go out."""


def local_midnight(ms: int, days: int = 0) -> int:
    """Midnight in the store of that day, some days on."""
    day = from_ms(ms).astimezone(ZONE).date() + timedelta(days=days)
    return to_ms(datetime.combine(day, time(), ZONE))


def instance_of(sku: str) -> int:
    """The product instance that carries a SKU of the catalogue."""
    return 7_060_300_001 + _PLACES[sku]
