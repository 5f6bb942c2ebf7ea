"""What a warehouse tells, put into our words: texts cleaned, times in UTC, and no bad record hides its neighbours."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from typing import TypeVar

import msgspec
from msgspec.structs import asdict

from cratejoy_tui.sync.domain.order import OrderLine
from cratejoy_tui.sync.domain.shipment import ShipTo
from cratejoy_tui.sync.domain.tracking import Parcel, ParcelLine
from cratejoy_tui.text import clean, one_line

log = logging.getLogger(__name__)

T = TypeVar("T")


def read_as(kind: type[T]) -> Callable[[bytes], T]:
    """What makes a record of a JSON answer. Raises msgspec's errors for one that is none."""
    return msgspec.json.Decoder(kind).decode


def parts_of(numbers: Sequence[T], size: int) -> Iterator[list[T]]:
    """All of them, so many at a time."""
    for start in range(0, len(numbers), size):
        yield list(numbers[start : start + size])


def parcels_in(
    records: Iterable[T], read: Callable[[T], Iterable[Parcel]], system: str, what: str = "parcels"
) -> list[Parcel]:
    """The parcels of every record that can be read; how many cannot is logged."""
    parcels: list[Parcel] = []
    unreadable = 0
    for record in records:
        try:
            parcels += read(record)
        except (msgspec.MsgspecError, ValueError, OverflowError):
            unreadable += 1
    if unreadable:
        log.warning("%s: %d %s could not be read", one_line(system), unreadable, what)
    return parcels


def letter_for_letter(number: str) -> str:
    """An order number as it came: whether one with blanks around it is ours is not for an adapter to decide."""
    return number if number.isprintable() and len(number) <= 100 else clean(number, 100)


def order_lines(told: Iterable[tuple[str | None, int]]) -> tuple[OrderLine, ...]:
    """SKUs with their quantities, as lines of an order."""
    return tuple(OrderLine(sku=clean(sku or "", 200), quantity=quantity) for sku, quantity in told)


def parcel_lines(told: Iterable[tuple[str | None, int]]) -> tuple[ParcelLine, ...] | None:
    """SKUs with their quantities, as what lay in a parcel; None where a SKU is missing."""
    lines = tuple(ParcelLine(sku=clean(sku or "", 200), quantity=quantity) for sku, quantity in told)
    return lines if all(line.sku for line in lines) else None


def ship_to_of(record: msgspec.Struct | None) -> ShipTo | None:
    """An address whose fields are named as ours, whatever they are called on the wire."""
    if record is None:
        return None
    return ShipTo(**{name: clean(text or "") for name, text in asdict(record).items()})


def instant(text: str | None, zone: tzinfo = UTC) -> datetime | None:
    """A time as aware UTC; one without a zone is meant in this one. Raises ValueError for what is no time.

    Of two times that read the same when clocks go back, it is the earlier, which is never in the future.
    """
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=zone, fold=0)).astimezone(UTC)
