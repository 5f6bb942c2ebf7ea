"""The little Odoo keeps the rules that the adapter must live with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.warehouses.loopback import served
from tests.warehouses.odoo_fake import DATABASE, KEY, LOGIN, FakeOdoo

COLUMNS = ["id", "client_order_ref", "order_line/id", "order_line/product_id/.id", "order_line/product_uom_qty",
           "order_line/price_unit"]  # fmt: skip
TWO_LINES = [["x.o1", "SUB-1", "x.l1", "1", "2", "0"], ["", "", "x.l2", "2", "1", "0"]]


class Talker:
    """Calls methods as a client does."""

    def __init__(self, fake: FakeOdoo, http: httpx.AsyncClient) -> None:
        self.fake, self.http = fake, http

    async def json2(self, call: str, key: str = KEY, **named: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"}
        return await self.http.post(f"/json/2/{call.replace(':', '/')}", json=named, headers=headers)

    async def rpc(self, service: str, method: str, *args: Any) -> dict[str, Any]:
        params = {"service": service, "method": method, "args": args}
        answer = await self.http.post("/jsonrpc", json={"jsonrpc": "2.0", "method": "call", "params": params})
        assert answer.status_code == 200, "it is always 200"
        body: dict[str, Any] = answer.json()
        return body

    async def execute(self, model: str, method: str, *places: Any, **named: Any) -> dict[str, Any]:
        return await self.rpc("object", "execute_kw", DATABASE, 2, KEY, model, method, list(places), named)

    def load(self, data: list[list[str]]) -> Any:
        return self.fake.call("sale.order", "load", None, {"fields": COLUMNS, "data": data})

    def confirm(self, *ids: int) -> Any:
        return self.fake.call("sale.order", "action_confirm", ids, {})

    def cancel(self, *ids: int, **context: Any) -> Any:
        return self.fake.call("sale.order", "action_cancel", ids, {"context": context})


@pytest.fixture(params=[19, 17])
async def odoo(request: pytest.FixtureRequest) -> AsyncIterator[Talker]:
    fake = FakeOdoo(major=request.param)
    async with served(fake.app(), []) as url, httpx.AsyncClient(base_url=url) as http:
        yield Talker(fake, http)


async def test_only_the_newer_one_has_the_newer_way(odoo: Talker) -> None:
    answer = await odoo.json2("res.country:search_read", domain=[], fields=["code"])
    version = await odoo.http.get("/web/version")
    assert (answer.status_code, version.status_code) == ((200, 200) if odoo.fake.major == 19 else (404, 404))
    assert (await odoo.rpc("common", "version"))["result"] == {"server_version": f"{odoo.fake.major}.0"}


async def test_the_newer_way_tells_refusals_by_status() -> None:
    fake = FakeOdoo(no_rights={"res.partner"})
    async with served(fake.app(), []) as url, httpx.AsyncClient(base_url=url) as http:
        odoo = Talker(fake, http)
        wrong = await odoo.json2("res.country:search_read", key="wrong", domain=[], fields=[])
        assert (wrong.status_code, wrong.json()["message"]) == (401, "Invalid apikey")
        assert (await odoo.json2("no.model:search_read", domain=[], fields=[])).status_code == 404
        assert (await odoo.json2("res.partner:search_read", domain=[], fields=[])).status_code == 403
        draft = odoo.load(TWO_LINES)["ids"]
        assert (await odoo.json2("sale.order:action_confirm", ids=draft)).json() is True
        again = await odoo.json2("sale.order:action_confirm", ids=draft)
        assert again.status_code == 422
        assert "not in a state requiring confirmation" in again.json()["message"]
        assert "Traceback" in again.json()["debug"]


async def test_the_older_way_tells_them_inside_a_200_and_leaves_nothing_out_of_nothing(odoo: Talker) -> None:
    assert (await odoo.rpc("common", "authenticate", DATABASE, LOGIN, KEY, {}))["result"] == 2
    assert (await odoo.rpc("common", "authenticate", DATABASE, LOGIN, "wrong", {}))["result"] is False
    elsewhere = await odoo.rpc("common", "authenticate", "elsewhere", LOGIN, KEY, {})
    assert elsewhere["error"]["data"]["name"] == "psycopg2.OperationalError"
    refused = await odoo.execute("res.country", "search_read", domain=[], fields=["colour"])
    assert "Invalid field" in refused["error"]["data"]["message"]
    odoo.fake.call = lambda *_: None  # type: ignore[method-assign]
    assert "result" not in await odoo.execute("sale.order", "message_post")


async def test_an_import_repeated_changes_nothing_but_lines_without_ids_are_added_again(odoo: Talker) -> None:
    assert odoo.load(TWO_LINES)["ids"] == odoo.load(TWO_LINES)["ids"] == [1]
    assert len(odoo.fake.lines(odoo.fake.orders("SUB-1")[0])) == 2
    nameless = [["x.o1", "SUB-1", "", "1", "2", "0"], ["", "", "", "2", "1", "0"]]
    odoo.load(nameless)
    assert len(odoo.fake.lines(odoo.fake.orders("SUB-1")[0])) == 4


async def test_an_import_is_all_or_nothing_and_says_so_inside_a_200(odoo: Talker) -> None:
    answer = odoo.load([*TWO_LINES, ["x.o2", "SUB-2", "x.l3", "99", "1", "0"]])
    assert answer["ids"] is False
    assert [message["rows"] for message in answer["messages"]] == [{"from": 2, "to": 2}]
    assert not odoo.fake.orders("SUB-1")
    assert not odoo.fake.external
    assert odoo.load([["x.o-1", "SUB-1", "x.l1", "1", "1", "0"]])["ids"] is False, "no hyphen in an external id"


async def test_a_failure_in_the_middle_is_blamed_on_the_first_record_too(odoo: Talker) -> None:
    odoo.fake.discontinued.add(2)
    fine = ["x.o1", "SUB-1", "x.l1", "1", "2", "0"]
    answer = odoo.load([fine, ["x.o2", "SUB-2", "x.l2", "2", "1", "0"]])
    assert [message["rows"]["from"] for message in answer["messages"]] == [0, 1]


async def test_two_orders_may_carry_the_same_reference(odoo: Talker) -> None:
    odoo.load(TWO_LINES)
    odoo.load([["x.other", "SUB-1", "x.other_line", "1", "2", "0"]])
    assert len(odoo.fake.orders("SUB-1")) == 2


async def test_a_cancel_without_the_word_does_nothing_in_the_older_one(odoo: Talker) -> None:
    [order] = odoo.load(TWO_LINES)["ids"]
    odoo.confirm(order)
    answer = odoo.cancel(order)
    assert (answer is True) == (odoo.fake.major == 19)
    assert odoo.fake.orders("SUB-1")[0]["state"] == ("cancel" if odoo.fake.major == 19 else "sale")
    assert odoo.cancel(order, disable_cancel_warning=True) is True
    assert odoo.fake.orders("SUB-1")[0]["state"] == "cancel"


async def test_even_what_was_delivered_can_be_cancelled(odoo: Talker) -> None:
    [order] = odoo.load(TWO_LINES)["ids"]
    odoo.confirm(order)
    [record] = odoo.fake.orders("SUB-1")
    odoo.fake.deliver(record, "A1", None)
    assert odoo.cancel(order, disable_cancel_warning=True) is True
    assert (record["state"], odoo.fake.delivery_status(record)) == ("cancel", "full")


async def test_a_part_leaves_a_backorder(odoo: Talker) -> None:
    odoo.confirm(*odoo.load(TWO_LINES)["ids"])
    [record] = odoo.fake.orders("SUB-1")
    assert odoo.fake.delivery_status(record) == "pending"
    first = odoo.fake.deliver(record, "A1", {"TEA-01": 2}, closes=False)
    assert odoo.fake.delivery_status(record) == "partial"
    assert [one.get("backorder_id") for one in odoo.fake.pickings(record)] == [None, first["id"]]
    odoo.fake.deliver(record, "B2", {"MUG-01": 1})
    assert odoo.fake.delivery_status(record) == "full"


async def test_times_are_read_in_the_users_zone_unless_another_is_named(odoo: Talker) -> None:
    fields = [*COLUMNS, "commitment_date"]
    data = [["x.o1", "SUB-1", "x.l1", "1", "1", "0", "2026-11-25 12:00:00"]]
    for context, kept in (({}, "2026-11-25 20:00:00"), ({"tz": "UTC"}, "2026-11-25 12:00:00")):
        odoo.fake.call("sale.order", "load", None, {"fields": fields, "data": data, "context": context})
        assert odoo.fake.orders("SUB-1")[0]["commitment_date"] == kept
