"""Records as Cratejoy writes them, and a small store that answers from them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx

from cratejoy_tui.cratejoy import CratejoySource, cratejoy
from cratejoy_tui.http import BasicKey, PoliteClient
from cratejoy_tui.sync.domain.shipment import Shipment
from cratejoy_tui.sync.ports import ListingPage

Record = dict[str, Any]


def lean(id_: int, **changes: Any) -> Record:
    """A row of the lean listing: a standard box."""
    return {
        "id": id_,
        "status": "unshipped",
        "tracking_number": None,
        "adjusted_ordered_at": "2026-11-15T08:00:00Z",
        "sub_cycle": 4,
        "cust_cycle": 4,
        "ship_address": {"id": 1, "to": "Ann Example", "street": "1 Test Way", "city": "Boise", "zip_code": "83702"},
        "fulfillments": [
            {
                "fulfillment_date": "2026-11-15T08:00:00Z",
                "subscription_id": 7080000001,
                "order": {"id": 7092000001, "order_gift_info": None},
                "instance": {"id": 1, "sku": "TEA-01", "product": {"id": 1, "name": "Tea Box"}},
            }
        ],
        "batch": {"id": 9, "start_date": "2026-11-01T07:00:00Z", "end_date": "2026-12-01T07:59:59Z"},
    } | changes


def ecom(id_: int, **changes: Any) -> Record:
    """A row of the lean listing: a one-time sale."""
    line = lean(id_)["fulfillments"][0] | {"subscription_id": None}
    return lean(id_, fulfillments=[line], batch=None, sub_cycle=None, **changes)


def full(id_: int, **changes: Any) -> Record:
    """A record of the full API, with every relation we name."""
    return {
        "id": id_,
        "type": "shipment",
        "url": f"/v1/shipments/{id_}/",
        "status": "unshipped",
        "tracking_number": None,
        "shipped_at": None,
        "adjusted_ordered_at": "2026-11-15T08:00:00Z",
        "created_at": "2026-10-15T09:02:55-07:00",
        "is_ecom": False,
        "is_test": False,
        "is_gift": False,
        "customer_id": 7050000001,
        "customer": {"id": 7050000001, "email": "ann@example.test", "name": "Ann"},
        "stats": {"customer_cycle": 6, "has_addon": False, "subscription_cycle": 4},
        "ship_address": {
            "id": 1,
            "to": " Ann  Example ",
            "company": "",
            "street": "1 Test Way",
            "unit": "#5",
            "city": "Boise",
            "state": "ID",
            "zip_code": "08370",
            "country": "US",
            "phone_number": None,
        },
        "fulfillments": [fulfillment()],
        "batch": {"id": 9, "start": "2026-11-01T07:00:00Z", "end": "2026-12-01T07:59:59Z"},
        "labels": [{"carrier": "USPS", "tracking": "9400", "is_void": True}],
        "subscriptions": [{"id": 7080000001, "status": "Active", "url": "/v1/subscriptions/7080000001/"}],
    } | changes


def fulfillment(**changes: Any) -> Record:
    """A line of a record of the full API."""
    return {
        "id": 7094000001,
        "status": "open",
        "shipping": 217,
        "cycle_number": 0,
        "total_cycles": 3,
        "subscription_id": 7080000001,
        "is_test": False,
        "test": False,
        "instance": {
            "id": 1,
            "sku": "TEA-01",
            "product": {"id": 1, "name": "Tea Box"},
            "variants": [{"variant_type": {"name": "Scent"}, "variant_value": {"value": "Cedar"}}],
        },
        "order": order(),
    } | changes


def order(**changes: Any) -> Record:
    """The sale behind a line."""
    return {
        "id": 7092000001,
        "financial_status": "paid",
        "placed_at": "2026-10-15T16:02:54Z",
        "total": 9650,
        "total_price": 9650,
        "refunded_amount": 100,
        "is_test": False,
        "gift_message": "",
        "order_gift_info": None,
        "received_gift": None,
        "subscriptions": [
            {
                "id": 7080000001,
                "status": "active",
                "billing": {"id": 3, "rebill_day": 15},
                "subscription_gift_info": None,
            }
        ],
    } | changes


def encoded(record: object) -> bytes:
    """As bytes on the wire."""
    return json.dumps(record).encode()


Asked = Callable[[httpx.Request], httpx.Response]


class Store:
    """Answers `next` page by page; `routes` may answer a path (or its beginning) in another way."""

    def __init__(self, *, size: int = 3) -> None:
        self.size = size
        self.rows: dict[str, list[Record]] = {}
        self.asked: list[httpx.URL] = []
        self.bodies: list[bytes] = []
        self.routes: dict[str, Asked] = {}
        self.count_off_by = 0
        self.next_form = "?{query}"
        self.path_of: Callable[[httpx.Request], str] = lambda request: request.url.path

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url)
        self.bodies.append(request.content)
        for beginning, route in self.routes.items():
            if request.url.path.startswith(beginning):
                return route(request)
        rows = self.rows.get(request.url.path)
        return httpx.Response(404) if rows is None else self.page(request.url, rows)

    def page(self, url: httpx.URL, rows: Sequence[Record]) -> httpx.Response:
        """One page; numbers begin at 1 here and nobody may rely on it."""
        number = int(url.params.get("page", "1"))
        here = rows[(number - 1) * self.size : number * self.size]
        more = number * self.size < len(rows)
        query = str(url.copy_set_param("page", number + 1).query, "ascii")
        link = self.next_form.format(query=query) if more else None
        return httpx.Response(200, json={"count": len(rows) + self.count_off_by, "next": link, "results": here})

    def queries(self, path: str) -> list[Mapping[str, str]]:
        """The arguments of each request to this path."""
        return [dict(url.params) for url in self.asked if url.path == path]


def source(store: Asked, *, attempts: int = 2) -> CratejoySource:
    """A source that talks to this store, without pauses."""

    async def no_wait(_: float) -> None:
        return None

    remote = cratejoy("https://cratejoy.test", requests_per_second=None)
    remote = type(remote)(
        system=remote.system, base_url=remote.base_url, requests_per_second=None, read_attempts=attempts
    )
    http = PoliteClient(
        remote, BasicKey("id", "secret"), transport=httpx.MockTransport(store), wait=no_wait, chance=lambda: 0.5
    )
    return CratejoySource(http)


async def collected(pages: Any) -> tuple[list[Shipment], ListingPage]:
    """All rows of a listing and its closing page; the verdict stands on that page alone."""
    rows: list[Shipment] = []
    last: ListingPage | None = None
    async for page in pages:
        assert last is None or last.complete is None
        last = page
        rows += [row.shipment for row in page.rows]
        assert all(row.id == row.shipment.id and row.fingerprint for row in page.rows)
    assert last is not None
    assert last.complete is not None
    return rows, last
