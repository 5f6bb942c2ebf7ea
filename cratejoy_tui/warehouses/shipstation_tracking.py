"""What left ShipStation since a time: labels made there, labels voided there, orders marked as shipped."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

import msgspec

from cratejoy_tui.errors import UnexpectedAnswer
from cratejoy_tui.http import PoliteClient
from cratejoy_tui.sync.domain.tracking import Parcel
from cratejoy_tui.text import one_line
from cratejoy_tui.warehouses.shipstation_records import FulfillmentPage, OrderName, OrderPage, ShipmentPage
from cratejoy_tui.warehouses.shipstation_search import MOST_PAGES
from cratejoy_tui.warehouses.shipstation_words import label_of, marked_of, naive_since

PAGE = "500"
LABELS = {"includeShipmentItems": "true", "sortBy": "CreateDate", "sortDir": "ASC"}
MARKED = {"sortBy": "CreateDate", "sortDir": "ASC"}
SHIPPED = {"orderStatus": "shipped", "sortBy": "ModifyDate", "sortDir": "ASC"}

log = logging.getLogger(__name__)


class _Paged(Protocol):
    pages: int


P = TypeVar("P", bound=_Paged)


async def parcels_since(client: PoliteClient, since: datetime) -> AsyncIterator[Sequence[Parcel]]:
    """Every parcel, page by page. Labels that bring a box back are left out; a voided one is told as voided."""
    begin = naive_since(since)
    # Before the labels: an order that closes while we read is then told as closed by the next reading, with all it has.
    shipped = await _shipped_orders(client, begin)
    for window in ("createDateStart", "voidDateStart"):
        async for page in _pages(client, "/shipments", ShipmentPage, {**LABELS, window: begin}):
            yield _each(client, page.shipments, lambda raw: label_of(raw, shipped))
    async for marked in _pages(client, "/fulfillments", FulfillmentPage, {**MARKED, "createDateStart": begin}):
        yield _each(client, marked.fulfillments, marked_of)


async def _shipped_orders(client: PoliteClient, begin: str) -> frozenset[str]:
    """The orders that ShipStation calls shipped whole; a label alone does not tell."""
    shipped: set[str] = set()
    async for page in _pages(client, "/orders", OrderPage, {**SHIPPED, "modifyDateStart": begin}):
        shipped |= {str(msgspec.json.decode(raw, type=OrderName).order_id) for raw in page.orders}
    return frozenset(shipped)


async def _pages(client: PoliteClient, path: str, kind: type[P], arguments: Mapping[str, str]) -> AsyncIterator[P]:
    decode = msgspec.json.Decoder(kind).decode
    for number in range(1, MOST_PAGES):
        page = await client.read(path, decode, arguments={**arguments, "page": str(number), "pageSize": PAGE})
        yield page
        if number >= page.pages:
            return
    raise UnexpectedAnswer(
        f"{client.remote.system} has more than {MOST_PAGES:,} pages of {path}; the rest was not read."
    )


def _each(
    client: PoliteClient, raws: Sequence[msgspec.Raw], read: Callable[[msgspec.Raw], Parcel | None]
) -> list[Parcel]:
    parcels, unreadable = [], 0
    for raw in raws:
        try:
            parcel = read(raw)
        except (msgspec.MsgspecError, ValueError, OverflowError):
            unreadable += 1
            continue
        if parcel is not None:
            parcels.append(parcel)
    if unreadable:
        log.warning("%s: %d parcels could not be read", one_line(client.remote.system), unreadable)
    return parcels
