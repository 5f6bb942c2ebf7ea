"""Shipments read whole, by id."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from cratejoy_tui.cratejoy.client import RELATIONS, SHIPMENTS
from cratejoy_tui.errors import SignInRefused, Unreachable
from tests.cratejoy.rig import Record, Store, full, source


class Shop(Store):
    """Knows boxes by id, alone or in batches."""

    def __init__(self, *records: Record) -> None:
        super().__init__()
        self.boxes = {str(record["id"]): record for record in records}
        self.in_flight = self.most_in_flight = 0
        self.routes[SHIPMENTS] = self.answer
        self.ignores_ids = False
        self.poison: set[str] = set()

    def answer(self, request: httpx.Request) -> httpx.Response:
        assert request.url.params["with"] == RELATIONS
        wanted = request.url.params.get("id__in")
        if wanted is None:
            return self.alone(request.url.path.removeprefix(SHIPMENTS).rstrip("/"))
        if self.poison & set(wanted.split(",")):
            return httpx.Response(500)
        found = [self.boxes[id_] for id_ in self.boxes if self.ignores_ids or id_ in wanted.split(",")]
        self.size = int(request.url.params["limit"])
        return self.page(request.url, found)

    def alone(self, id_: str) -> httpx.Response:
        if id_ in self.poison:
            return httpx.Response(500)
        return httpx.Response(200, json=self.boxes[id_]) if id_ in self.boxes else httpx.Response(404)

    @property
    def batches(self) -> list[int]:
        return [len(url.params["id__in"].split(",")) for url in self.asked if "id__in" in url.params]

    @property
    def singles(self) -> list[str]:
        return [url.path.removeprefix(SHIPMENTS) for url in self.asked if "id__in" not in url.params]


def shop_of(count: int) -> Shop:
    return Shop(*(full(number) for number in range(1, count + 1)))


def numbers(first: int, last: int) -> list[str]:
    return [str(number) for number in range(first, last + 1)]


async def test_many_are_read_fifty_at_a_time() -> None:
    shop = shop_of(120)
    reading = await source(shop).read(numbers(1, 120))
    assert set(reading.shipments) == set(numbers(1, 120))
    assert not reading.missing
    assert sorted(shop.batches) == [20, 50, 50]
    assert shop.singles == []


async def test_one_is_read_by_its_own_address_with_a_slash() -> None:
    shop = shop_of(1)
    reading = await source(shop).read(["1"])
    assert reading.shipments["1"].lines[0].sku == "TEA-01"
    assert shop.singles == ["1/"]
    assert shop.batches == []


async def test_none_are_read_with_no_request() -> None:
    shop = shop_of(1)
    assert (await source(shop).read([])).shipments == {}
    assert shop.asked == []


async def test_what_a_batch_leaves_out_is_asked_for_alone_and_then_missing() -> None:
    shop = shop_of(3)
    reading = await source(shop).read(["1", "2", "77", "1"])
    assert set(reading.shipments) == {"1", "2"}
    assert reading.missing == {"77"}
    assert shop.batches == [3]
    assert shop.singles == ["77/"]


async def test_a_box_that_is_gone_is_missing() -> None:
    shop = shop_of(1)
    shop.routes[SHIPMENTS + "1"] = lambda _: httpx.Response(410)
    shop.routes = dict(reversed(shop.routes.items()))
    assert (await source(shop).read(["1"])).missing == {"1"}


async def test_a_server_that_ignores_the_ids_is_asked_one_by_one_from_then_on() -> None:
    shop = shop_of(60)
    shop.ignores_ids = True
    shop_source = source(shop)
    reading = await shop_source.read(["7", "8", "59"])
    assert set(reading.shipments) == {"7", "8", "59"}
    assert len(shop.batches) == 1
    await shop_source.read(["1", "2"])
    assert len(shop.batches) == 1
    assert set(shop.singles[-2:]) == {"1/", "2/"}


async def test_a_server_that_refuses_the_ids_is_asked_one_by_one() -> None:
    shop = shop_of(3)
    inner = shop.answer

    def refuse(request: httpx.Request) -> httpx.Response:
        return httpx.Response(400) if "id__in" in request.url.params else inner(request)

    shop.routes[SHIPMENTS] = refuse
    reading = await source(shop).read(["1", "2", "3"])
    assert set(reading.shipments) == {"1", "2", "3"}
    assert len(shop.batches) == 1


async def test_a_batch_given_in_pieces_is_put_together() -> None:
    shop = shop_of(7)
    shop.size = 3
    shop.routes[SHIPMENTS] = lambda request: Store.page(shop, request.url, list(shop.boxes.values()))
    reading = await source(shop).read(numbers(1, 7))
    assert set(reading.shipments) == set(numbers(1, 7))
    assert len(shop.asked) == 3


async def test_an_id_that_could_lead_elsewhere_is_never_sent() -> None:
    shop = shop_of(1)
    reading = await source(shop).read(["../customers/1", "1?x", "", "é"])
    assert reading.missing == {"../customers/1", "1?x", "", "é"}
    assert shop.asked == []


async def test_a_bad_record_in_a_batch_is_unreadable_and_stops_no_other() -> None:
    shop = shop_of(3)
    shop.boxes["2"]["ship_address"] = 5
    reading = await source(shop).read(["1", "2", "3"])
    assert "ship_address" in reading.shipments["2"].unreadable
    assert not reading.shipments["1"].unreadable
    assert shop.singles == []


async def test_a_box_that_makes_the_server_fail_is_unreadable_and_stops_no_other() -> None:
    shop = shop_of(5)
    shop.poison = {"4"}
    reading = await source(shop).read(numbers(1, 5))
    assert set(reading.shipments) == set(numbers(1, 5))
    assert "500" in reading.shipments["4"].unreadable
    assert reading.shipments["4"].status == ""
    assert not reading.shipments["5"].unreadable


async def test_a_server_that_fails_for_all_is_soon_left_alone() -> None:
    shop = shop_of(50)
    shop.poison = set(shop.boxes)
    with pytest.raises(Unreachable, match="500"):
        await source(shop).read(numbers(1, 50))
    assert len(shop.asked) <= 10


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"id": 2, "status": "unshipped"}', "another shipment"),
        (b'{"status": "unshipped"}', "id"),
        (b"[]", "object"),
    ],
)
async def test_an_answer_about_something_else_is_unreadable(body: bytes, why: str) -> None:
    shop = shop_of(1)
    shop.routes[SHIPMENTS] = lambda _: httpx.Response(200, content=body)
    found = (await source(shop).read(["1"])).shipments["1"]
    assert found.id == "1"
    assert why in found.unreadable


async def test_a_refused_key_is_raised_as_itself() -> None:
    shop = shop_of(1)
    shop.routes[SHIPMENTS] = lambda _: httpx.Response(403)
    with pytest.raises(SignInRefused):
        await source(shop).read(numbers(1, 200))
    assert len(shop.asked) <= 2


async def test_two_batches_at_most_are_under_way() -> None:
    shop = shop_of(300)
    now = most = 0

    async def slow(request: httpx.Request) -> httpx.Response:
        nonlocal now, most
        now += 1
        most = max(most, now)
        for _ in range(20):
            await asyncio.sleep(0)
        now -= 1
        return shop(request)

    await source(slow).read(numbers(1, 300))  # type: ignore[arg-type]
    assert most == 2
