"""Looking up many order numbers in few requests, where a search only knows how numbers begin."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile
from typing import Any

import msgspec

from cratejoy_tui.errors import UnexpectedAnswer
from cratejoy_tui.warehouses.shipstation_records import OrderNumber, OrderPage, OrderRecord

MOST_PAGES = 10_000

Ask = Callable[[str, int], Awaitable[OrderPage]]
"""Orders whose number begins with this, and which page of them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One order that a search brought."""

    record: OrderRecord
    raw: msgspec.Raw
    """All of it, as it came."""

    def whole(self) -> dict[str, Any]:
        """All of it, to be sent back with a change."""
        order: dict[str, Any] = msgspec.json.decode(self.raw)
        return order


async def rows_of(ask: Ask, numbers: Iterable[str]) -> dict[str, list[Row]]:
    """The orders with exactly these numbers, letter for letter; unknown numbers are absent.

    Numbers that begin alike are asked for together. Where too many others begin like them, they are asked for in
    smaller parts. Raises UnexpectedAnswer when an order under one of the numbers cannot be read.
    """
    found: dict[str, list[Row]] = {}
    parts = _parts(sorted(set(numbers)), 0)
    while parts:
        parts += await _look(ask, parts.pop(), found)
    return found


async def _look(ask: Ask, wanted: Sequence[str], found: dict[str, list[Row]]) -> list[list[str]]:
    """Search for one part. Gives the smaller parts to search for instead when that is cheaper than reading on."""
    # In order, what the first and the last begin with, all begin with.
    alike = takewhile(lambda two: two[0] == two[1], zip(wanted[0], wanted[-1], strict=False))
    beginning = "".join(letter for letter, _ in alike)
    page = await ask(beginning, 1)
    smaller = _parts(wanted, len(beginning))
    if len(smaller) > 1 and page.pages - 1 > len(smaller):
        return smaller
    if page.pages > MOST_PAGES:
        raise UnexpectedAnswer(f"There are {page.pages:,} pages of orders that begin with {beginning}; none was read.")
    rows = _rows(page, wanted)
    for number in range(2, page.pages + 1):
        rows += _rows(await ask(beginning, number), wanted)
    # An order that moved to the next page while we read stands on both.
    for row in {str(row.record.order_id): row for row in rows}.values():
        found.setdefault(row.record.order_number, []).append(row)
    return []


def _parts(numbers: Sequence[str], length: int) -> list[list[str]]:
    """The numbers, which are in order, by their beginning, one letter longer than `length`."""
    return [list(part) for _, part in groupby(filter(None, numbers), key=lambda number: number[: length + 1])]


def _rows(page: OrderPage, wanted: Sequence[str]) -> list[Row]:
    rows = []
    for raw in page.orders:
        try:
            record = msgspec.json.decode(raw, type=OrderRecord)
        except msgspec.ValidationError as problem:
            if _number_of(raw) in wanted:
                raise UnexpectedAnswer(f"Order {_number_of(raw)} is there, but cannot be read ({problem}).") from None
            continue
        if record.order_number in wanted:
            rows.append(Row(record, raw))
    return rows


def _number_of(raw: msgspec.Raw) -> str | None:
    try:
        return msgspec.json.decode(raw, type=OrderNumber).order_number
    except msgspec.ValidationError:
        return None
