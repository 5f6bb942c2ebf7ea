"""Has everything left, and which parcel speaks for the box?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum

from cratejoy_tui.sync.domain.carriers import plain_number
from cratejoy_tui.sync.domain.order import Order
from cratejoy_tui.sync.domain.tracking import Parcel

_LAST = datetime.max.replace(tzinfo=UTC)


class Progress(StrEnum):
    """How much of an order has left."""

    NONE = "none"
    PARTLY = "partly"
    SHORT = "short"
    """The warehouse calls the order closed, but lines are missing."""
    COMPLETE = "complete"


def progress_of(sent: Order | None, parcels: Iterable[Parcel]) -> Progress:
    """How far these parcels take the order. Voided ones do not count.

    Complete is what covers every line, or what the warehouse calls closed; parcels that do not tell what lies in
    them cover nothing, and cannot show that a closed order is short. `sent` is None once it was purged.
    """
    live = [parcel for parcel in parcels if not parcel.voided]
    if not live:
        return Progress.NONE
    told = [parcel.lines for parcel in live if parcel.lines is not None]
    if sent is None or not missing_lines(sent, live):
        return Progress.COMPLETE
    if not any(parcel.order_closed for parcel in live):
        return Progress.PARTLY
    return Progress.SHORT if len(told) == len(live) else Progress.COMPLETE


def missing_lines(sent: Order, parcels: Iterable[Parcel]) -> dict[str, int]:
    """SKU -> pieces that none of these parcels holds. Voided ones hold nothing."""
    shipped: Counter[str] = Counter()
    for parcel in parcels:
        for line in () if parcel.voided else parcel.lines or ():
            shipped[line.sku] += line.quantity
    short = {line.sku: line.quantity - shipped[line.sku] for line in sent.lines}
    return {sku: count for sku, count in short.items() if count > 0}


def primary_parcel(parcels: Iterable[Parcel]) -> Parcel | None:
    """The parcel whose number Cratejoy is told: the earliest shipped, then the lowest reference; never a voided one."""
    live = (parcel for parcel in parcels if not parcel.voided)
    return min(live, key=lambda parcel: (parcel.shipped_at or _LAST, parcel.reference), default=None)


def is_relabelled(parcels: Iterable[Parcel], confirmed_number: str) -> bool:
    """True when the confirmed number travels no more: its label was voided, or another one took its place."""
    known = list(parcels)
    live = {plain_number(parcel.tracking_number) for parcel in known if not parcel.voided}
    return bool(known) and plain_number(confirmed_number) not in live
