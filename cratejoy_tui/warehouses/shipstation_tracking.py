"""What left ShipStation since a time: labels made there, labels voided there, orders marked as shipped."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

import msgspec

from cratejoy_tui.errors import UnexpectedAnswer
from cratejoy_tui.http import PoliteClient
from cratejoy_tui.sync.domain.tracking import Parcel
from cratejoy_tui.warehouses.shipstation_records import FulfillmentPage, OrderName, OrderPage, Page, ShipmentPage
from cratejoy_tui.warehouses.shipstation_search import MOST_PAGES
from cratejoy_tui.warehouses.shipstation_words import label_of, marked_of, naive_since
from cratejoy_tui.warehouses.told import parcels_in, read_as

PAGE = "500"
LABELS = {"includeShipmentItems": "true", "sortBy": "CreateDate", "sortDir": "ASC"}
MARKED = {"sortBy": "CreateDate", "sortDir": "ASC"}
SHIPPED = {"orderStatus": "shipped", "sortBy": "ModifyDate", "sortDir": "ASC"}

P = TypeVar("P", bound=Page)


async def parcels_since(client: PoliteClient, since: datetime) -> AsyncIterator[Sequence[Parcel]]:
    """Every parcel, page by page. Labels that bring a box back are left out; a voided one is told as voided."""
    begin = naive_since(since)
    # Before the labels: an order that closes while we read is then told as closed by the next reading, with all it has.
    shipped = await _shipped_orders(client, begin)
    for window in ("createDateStart", "voidDateStart"):
        async for page in _pages(client, "/shipments", ShipmentPage, {**LABELS, window: begin}):
            yield parcels_in(page.shipments, lambda raw: label_of(raw, shipped), client.remote.system)
    async for marked in _pages(client, "/fulfillments", FulfillmentPage, {**MARKED, "createDateStart": begin}):
        yield parcels_in(marked.fulfillments, marked_of, client.remote.system)


async def _shipped_orders(client: PoliteClient, begin: str) -> frozenset[str]:
    """The orders that ShipStation calls shipped whole; a label alone does not tell."""
    shipped: set[str] = set()
    async for page in _pages(client, "/orders", OrderPage, {**SHIPPED, "modifyDateStart": begin}):
        shipped |= {str(msgspec.json.decode(raw, type=OrderName).order_id) for raw in page.orders}
    return frozenset(shipped)


async def _pages(client: PoliteClient, path: str, kind: type[P], arguments: Mapping[str, str]) -> AsyncIterator[P]:
    decode = read_as(kind)
    for number in range(1, MOST_PAGES):
        page = await client.read(path, decode, arguments={**arguments, "page": str(number), "pageSize": PAGE})
        yield page
        if number >= page.pages:
            return
    raise UnexpectedAnswer(
        f"{client.remote.system} has more than {MOST_PAGES:,} pages of {path}; the rest was not read."
    )
