"""Asking Extensiv for orders, and believing only the rows that were asked for: it ignores what it does not know."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import msgspec

from cratejoy_tui.errors import UnexpectedAnswer
from cratejoy_tui.warehouses.extensiv_records import OrderRecord, order_in, page_of
from cratejoy_tui.warehouses.extensiv_session import Session
from cratejoy_tui.warehouses.extensiv_words import is_of, rql_of_numbers
from cratejoy_tui.warehouses.told import parts_of

LOOK_UPS = 100
"""Numbers in one question, so that its address stays short."""
PAGE = 200
MOST_PAGES = 10_000


async def pages_of(session: Session, arguments: Mapping[str, str], size: int = PAGE) -> AsyncIterator[list[Any]]:
    """Every page of orders that a question brings, as rows to be decoded alone. Raises like the session's read."""
    read = 0
    for number in range(1, MOST_PAGES):
        asked = {**arguments, "pgsiz": str(size), "pgnum": str(number)}
        page = await session.read("/orders", page_of, arguments=asked)
        read += len(page.rows)
        yield page.rows
        if not page.rows or read >= page.total_results:
            return
    raise UnexpectedAnswer(f"{session.client.remote.system} has more than {MOST_PAGES:,} pages; the rest was not read.")


async def orders_of(session: Session, customer_id: int, numbers: Sequence[str]) -> dict[str, list[OrderRecord]]:
    """This customer's orders with exactly these numbers, letter for letter; unknown numbers are absent.

    Raises UnexpectedAnswer when the question was not heeded, or an order under one of the numbers cannot be read.
    """
    found: dict[str, dict[str, OrderRecord]] = {}
    for part in parts_of(numbers, LOOK_UPS):
        question = {"detail": "OrderItems", "rql": rql_of_numbers(part, customer_id)}
        async for rows in pages_of(session, question, 1000):
            _believe(session, part, rows)
            for record in (_read(session, row) for row in rows):
                if record.reference_num in part and is_of(record, customer_id):
                    found.setdefault(record.reference_num, {})[str(record.read_only.order_id)] = record
    return {number: list(orders.values()) for number, orders in found.items()}


def _believe(session: Session, numbers: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    asked = {number.casefold() for number in numbers}
    strangers = [row for row in rows if str(row.get("referenceNum", "")).casefold() not in asked]
    if strangers:
        raise UnexpectedAnswer(
            f"{session.client.remote.system} answered a look-up with {len(strangers)} orders nobody asked for; "
            "nothing can be told from it."
        )


def _read(session: Session, row: dict[str, Any]) -> OrderRecord:
    try:
        return order_in(row)
    except msgspec.ValidationError as problem:
        number = row.get("referenceNum")
        system = session.client.remote.system
        raise UnexpectedAnswer(f"{system} has order {number}, but it cannot be read ({problem}).") from None
