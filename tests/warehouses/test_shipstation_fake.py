"""The fake ShipStation keeps the rules that make the real one awkward."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.warehouses.loopback import served
from tests.warehouses.shipstation_fake import FakeShipStation, naive

Account = tuple[FakeShipStation, httpx.AsyncClient]


@pytest.fixture
async def account() -> AsyncIterator[Account]:
    fake = FakeShipStation()
    async with (
        served(fake.app(), []) as url,
        httpx.AsyncClient(base_url=url, auth=("key", "secret"), trust_env=False) as client,
    ):
        yield fake, client


def order(number: str, **changes: Any) -> dict[str, Any]:
    return {
        "orderNumber": number,
        "orderKey": f"key-{number}",
        "orderDate": "2026-11-20T09:00:00.000",
        "orderStatus": "awaiting_shipment",
        "billTo": {"name": "Ada"},
        "shipTo": {"name": "Ada"},
        "items": [{"sku": "TEA-01", "quantity": 1}],
        **changes,
    }


async def push(client: httpx.AsyncClient, *orders: dict[str, Any]) -> Any:
    return (await client.post("/orders/createorders", json=list(orders))).json()


async def numbers(client: httpx.AsyncClient, **ask: str) -> list[str]:
    return [one["orderNumber"] for one in (await client.get("/orders", params=ask)).json()["orders"]]


async def test_a_wrong_key_gets_401_and_no_words(account: Account) -> None:
    answer = await account[1].get("/orders", auth=("key", "wrong"))
    assert (answer.status_code, answer.content) == (401, b"")


async def test_the_forty_first_request_of_a_minute_is_put_off(account: Account) -> None:
    fake, client = account
    answers = [await client.get("/stores") for _ in range(41)]
    assert [answer.status_code for answer in answers] == [200] * 40 + [429]
    assert [answers[n].headers["X-Rate-Limit-Remaining"] for n in (0, 39, 40)] == ["39", "0", "0"]
    assert answers[40].headers["X-Rate-Limit-Reset"] == "60"
    assert "retry-after" not in answers[40].headers
    fake.clock.moment += timedelta(minutes=1)
    assert (await client.get("/stores")).headers["X-Rate-Limit-Remaining"] == "39"


async def test_an_order_with_a_known_key_takes_the_formers_place(account: Account) -> None:
    fake, client = account
    first = await push(client, order("A"))
    again = await push(client, order("A", shipTo={"name": "Grace"}))
    assert first["results"][0]["orderId"] == again["results"][0]["orderId"]
    assert [one["shipTo"]["name"] for one in fake.by_number("A")] == ["Grace"]


async def test_an_order_without_a_key_is_new_each_time(account: Account) -> None:
    fake, client = account
    for _ in (1, 2):
        await push(client, order("A", orderKey=None))
    assert len(fake.by_number("A")) == 2


@pytest.mark.parametrize("status", ["shipped", "cancelled", "pending_fulfillment"])
async def test_a_locked_order_is_not_replaced(account: Account, status: str) -> None:
    fake, client = account
    await push(client, order("A"))
    fake.set_status("A", status)
    told = await push(client, order("A", shipTo={"name": "Grace"}))
    assert told["hasErrors"]
    assert status in told["results"][0]["errorMessage"]
    assert [one["shipTo"]["name"] for one in fake.by_number("A")] == ["Ada"]


async def test_each_order_of_a_group_has_its_own_outcome(account: Account) -> None:
    told = await push(account[1], order("A"), order("B", items=[{"sku": "X" * 51, "quantity": 1}]), order("C"))
    assert [one["success"] for one in told["results"]] == [True, False, True]


async def test_more_than_a_hundred_are_refused_whole(account: Account) -> None:
    fake, client = account
    answer = await client.post("/orders/createorders", json=[order(str(n)) for n in range(101)])
    assert answer.status_code == 400
    assert "ModelState" in answer.json()
    assert not fake.orders


async def test_a_search_finds_every_number_that_begins_so(account: Account) -> None:
    await push(account[1], order("SUB-12"), order("SUB-123"), order("SUB-2"))
    assert await numbers(account[1], orderNumber="SUB-12") == ["SUB-12", "SUB-123"]
    assert await numbers(account[1], orderNumber="UB-12") == []


async def test_pages_hold_500_at_most(account: Account) -> None:
    await push(account[1], *(order(f"{n}") for n in range(7)))
    page = (await account[1].get("/orders", params={"pageSize": "3", "page": "3"})).json()
    assert (len(page["orders"]), page["total"], page["pages"]) == (1, 7, 3)
    assert (await account[1].get("/orders", params={"pageSize": "501"})).status_code == 400


async def test_items_of_a_label_are_told_only_when_asked_for(account: Account) -> None:
    fake, client = account
    await push(client, order("A"))
    fake.label("A", "9400")
    bare = (await client.get("/shipments")).json()["shipments"]
    full = (await client.get("/shipments", params={"includeShipmentItems": "true"})).json()["shipments"]
    assert (bare[0]["shipmentItems"], full[0]["shipmentItems"][0]["sku"]) == (None, "TEA-01")


async def test_a_label_voided_later_is_found_by_that_time_alone(account: Account) -> None:
    fake, client = account
    await push(client, order("A"))
    fake.label("A", "9400")
    fake.clock.moment += timedelta(days=3)
    fake.void("9400")
    since = naive(fake.clock.moment - timedelta(hours=1))
    assert (await client.get("/shipments", params={"createDateStart": since})).json()["shipments"] == []
    [voided] = (await client.get("/shipments", params={"voidDateStart": since})).json()["shipments"]
    assert voided["voided"]


def test_times_are_pacific_without_a_zone() -> None:
    assert naive(datetime(2026, 7, 1, 12, tzinfo=UTC)) == "2026-07-01T05:00:00.0000000"
    assert naive(datetime(2026, 12, 1, 12, tzinfo=UTC)) == "2026-12-01T04:00:00.0000000"
