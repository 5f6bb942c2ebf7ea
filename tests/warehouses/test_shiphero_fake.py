"""The little ShipHero keeps the rules that the adapter must live with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.warehouses.loopback import served
from tests.warehouses.shiphero_fake import PASSWORD, TOKEN_LIFE, USER, FakeShipHero

CREATE = "mutation Create($data: CreateOrderInput!) { order_create(data: $data) { order { id } } }"
CANCEL = "mutation Cancel($data: CancelOrderInput!) { order_cancel(data: $data) { order { fulfillment_status } } }"
LINE = {"sku": "TEA-01", "partner_line_item_id": "1", "quantity": 1, "price": "0.00"}
ORDER = {"order_number": "SUB-1", "partner_order_id": "SUB-1", "shipping_address": {}, "line_items": [LINE]}


class Talker:
    """Asks as a client does."""

    def __init__(self, fake: FakeShipHero, http: httpx.AsyncClient) -> None:
        self.fake, self.http = fake, http
        self.token = ""

    async def sign_in(self, path: str = "/auth/token", **body: str) -> httpx.Response:
        answer = await self.http.post(path, json=body or {"username": USER, "password": PASSWORD})
        self.token = answer.json().get("access_token", "")
        return answer

    async def post(self, query: str, **variables: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return await self.http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        answer = await self.post(query, **variables)
        assert answer.status_code == 200
        body: dict[str, Any] = answer.json()
        return body


@pytest.fixture
async def hero() -> AsyncIterator[Talker]:
    fake = FakeShipHero()
    async with served(fake.app(), []) as url, httpx.AsyncClient(base_url=url) as http:
        talker = Talker(fake, http)
        await talker.sign_in()
        yield talker


async def test_a_token_lives_for_28_days_and_is_refreshed(hero: Talker) -> None:
    assert (await hero.sign_in(username=USER, password="wrong")).status_code == 403
    refresh = (await hero.sign_in()).json()["refresh_token"]
    assert (await hero.post("{ user_quota { max_available } }")).status_code == 200
    hero.fake.clock.moment += TOKEN_LIFE
    assert (await hero.post("{ user_quota { max_available } }")).status_code == 401
    answer = await hero.sign_in("/auth/refresh", refresh_token=refresh)
    assert "refresh_token" not in answer.json()
    assert (await hero.post("{ user_quota { max_available } }")).status_code == 200
    assert (await hero.sign_in("/auth/refresh", refresh_token="other")).status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        "{ orders(order_number: 7) { complexity } }",
        '{ orders(order_number: "1", first: 2) { complexity } }',
        "{ shipments { data { edges { node { tracking_url } } } } }",
        "{ orders",
    ],
)
async def test_a_question_it_does_not_understand_is_no_200(hero: Talker, query: str) -> None:
    assert (await hero.post(query)).status_code == 400


async def test_a_failure_stands_inside_a_200(hero: Talker) -> None:
    answer = await hero.ask('{ order(id: "nobody") { data { id } } }')
    assert answer["data"] == {"order": None}
    assert [(one["code"], one["message"]) for one in answer["errors"]] == [(5, "Order not found")]
    assert (await hero.ask(CANCEL, data={"order_id": "nobody"}))["errors"][0]["code"] == 5


async def test_it_takes_the_same_number_twice(hero: Talker) -> None:
    ids = {(await hero.ask(CREATE, data=ORDER))["data"]["order_create"]["order"]["id"] for _ in (1, 2)}
    assert len(ids) == 2


async def test_amounts_that_are_not_text_are_refused(hero: Talker) -> None:
    answer = await hero.ask(CREATE, data={**ORDER, "total_price": 12.5})
    assert answer["data"] is None
    assert "total_price" in answer["errors"][0]["message"]
    assert not hero.fake.orders


@pytest.mark.parametrize("lines", [[LINE, LINE], [{**LINE, "partner_line_item_id": "x" * 46}]])
async def test_line_ids_are_unique_and_short(hero: Talker, lines: list[dict[str, Any]]) -> None:
    answer = await hero.ask(CREATE, data={**ORDER, "line_items": lines})
    assert "partner_line_item_id" in answer["errors"][0]["message"]


async def test_what_has_left_is_not_cancelled(hero: Talker) -> None:
    order = hero.fake.take("SUB-1")
    assert (await hero.ask(CANCEL, data={"order_id": order["id"]}))["data"]["order_cancel"]["order"] == {
        "fulfillment_status": "canceled"
    }
    order["fulfillment_status"] = "fulfilled"
    assert "errors" in await hero.ask(CANCEL, data={"order_id": order["id"]})


async def test_wide_questions_cost_more_and_credits_grow_back(hero: Talker) -> None:
    wide = "{ shipments { data { edges { node { line_items(first: 50) { edges { node { id } } } } } } } }"
    short = (await hero.ask(wide))["errors"][0]
    assert (short["code"], short["required_credits"], short["remaining_credits"]) == (30, 5100, 4004)
    assert short["time_remaining"] == "18 seconds"
    narrow = wide.replace("data {", "data(first: 25) {", 1)
    assert "errors" not in await hero.ask(narrow)
    hero.fake.credits_left = 1000
    assert (await hero.ask(narrow))["errors"][0]["code"] == 30
    hero.fake.clock.moment += timedelta(seconds=5)
    assert "errors" not in await hero.ask(narrow)
    assert (await hero.ask("{ user_quota { max_available increment_rate } }"))["data"]["user_quota"] == {
        "max_available": 4004,
        "increment_rate": 60,
    }


async def test_pages_go_by_cursor(hero: Talker) -> None:
    for number in range(3):
        hero.fake.ship(hero.fake.take(f"SUB-{number}"), [f"T{number}"], {})
    query = """query Page($after: String) { shipments { data(first: 2, after: $after) {
        pageInfo { hasNextPage endCursor } edges { node { order { order_number } } } } } }"""
    seen: list[str] = []
    after: str | None = None
    for more in (True, False):
        page = (await hero.ask(query, after=after))["data"]["shipments"]["data"]
        seen += [edge["node"]["order"]["order_number"] for edge in page["edges"]]
        assert page["pageInfo"]["hasNextPage"] is more
        after = page["pageInfo"]["endCursor"]
    assert seen == ["SUB-0", "SUB-1", "SUB-2"]


async def test_only_shipments_since_then_are_told(hero: Talker) -> None:
    hero.fake.ship(hero.fake.take("SUB-1"), ["T1"], {})
    query = "query Since($from: ISODateTime) { shipments(date_from: $from) { data(first: 5) { edges { cursor } } } }"
    for since, count in (("2026-11-23T17:59:59", 1), ("2026-11-23T18:00:01", 0)):
        answer = await hero.ask(query, **{"from": since})
        assert len(answer["data"]["shipments"]["data"]["edges"]) == count
