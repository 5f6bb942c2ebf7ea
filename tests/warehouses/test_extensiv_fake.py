"""The fake Extensiv keeps the rules that make the real one awkward."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.warehouses.extensiv_fake import CUSTOMER, FACILITY, PROPERTIES, RELS, UNKNOWN_SKU, FakeExtensiv
from tests.warehouses.extensiv_rql import NotParsable, matching
from tests.warehouses.loopback import served

System = tuple[FakeExtensiv, httpx.AsyncClient]
ROWS = f"{RELS}/order"


@pytest.fixture
async def system() -> AsyncIterator[System]:
    fake = FakeExtensiv()
    async with served(fake.app(), []) as url, httpx.AsyncClient(base_url=url, trust_env=False) as client:
        await sign_in(client)
        yield fake, client


async def sign_in(client: httpx.AsyncClient, secret: str = "secret", **body: str) -> httpx.Response:
    asked = {"grant_type": "client_credentials", "user_login": "robot"} | body
    answer = await client.post("/AuthServer/api/Token", auth=("client", secret), json=asked)
    if answer.is_success:
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return answer


def order(number: str, sku: str = "TEA-01", **changes: Any) -> dict[str, Any]:
    return {
        "customerIdentifier": {"id": CUSTOMER},
        "facilityIdentifier": {"id": FACILITY},
        "referenceNum": number,
        "shipTo": {"name": "Ada"},
        "orderItems": [{"itemIdentifier": {"sku": sku}, "qty": 1}],
        **changes,
    }


async def numbers(client: httpx.AsyncClient, **ask: str) -> list[str]:
    return [one["referenceNum"] for one in (await client.get("/orders", params=ask)).json()["_embedded"][ROWS]]


async def test_a_client_it_does_not_know_is_told_in_its_own_way(system: System) -> None:
    answer = await sign_in(system[1], "wrong")
    assert (answer.status_code, answer.json()) == (401, {"Message": "invalid_client: client not registered"})
    assert (await sign_in(system[1], grant_type="password")).json() == {"error": "invalid_request"}


async def test_a_token_ends(system: System) -> None:
    fake, client = system
    fake.clock.moment += timedelta(seconds=3599)
    assert (await client.get("/orders")).status_code == 200
    fake.clock.moment += timedelta(seconds=1)
    assert (await client.get("/orders")).status_code == 401


async def test_a_made_order_comes_back_with_its_version(system: System) -> None:
    answer = await system[1].post("/orders", json=order("SUB-1"))
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    assert answer.json()["readOnly"]["status"] == 0


@pytest.mark.parametrize(
    ("doc", "code", "name"),
    [
        (order("SUB-1"), "Duplicate", "ReferenceNum"),
        (order("SUB-2", UNKNOWN_SKU), "DoesNotExist", "OrderItems[0].ItemIdentifier.Sku"),
        (order("SUB-2", shipTo=None), "Required", "ShipTo"),
        (order("SUB-2", customerIdentifier={"id": 9}), "DoesNotExist", "CustomerIdentifier"),
    ],
)
async def test_it_says_what_is_wrong_with_an_order(system: System, doc: dict[str, Any], code: str, name: str) -> None:
    await system[1].post("/orders", json=order("SUB-1"))
    answer = await system[1].post("/orders", json=doc)
    told = answer.json()
    assert (answer.status_code, told["ErrorCode"], told["Properties"][0]["Name"]) == (400, code, name)


async def test_a_cancelled_order_frees_its_number(system: System) -> None:
    fake, client = system
    await client.post("/orders", json=order("SUB-1"))
    fake.by_number("SUB-1")[0]["readOnly"]["status"] = 2
    assert (await client.post("/orders", json=order("SUB-1"))).status_code == 201


async def test_a_group_with_a_fault_is_told_by_places_from_one(system: System) -> None:
    fake, client = system
    group = {"orders": [order("SUB-1"), order("SUB-2", UNKNOWN_SKU), order("SUB-3")]}
    answer = await client.post("/orders/import", json=group)
    assert [fault["EntryNumber"] for fault in answer.json()["Faults"]] == [2]
    assert not fake.orders
    fake.imports_in_part = True
    await client.post("/orders/import", json=group)
    assert [one["referenceNum"] for one in fake.orders.values()] == ["SUB-1", "SUB-3"]


@pytest.mark.parametrize(("version", "status"), [(None, 428), ('"0"', 412), ('"1"', 204)])
async def test_a_cancel_needs_the_version_it_is_meant_for(system: System, version: str | None, status: int) -> None:
    fake, client = system
    made = (await client.post("/orders", json=order("SUB-1"))).json()["readOnly"]["orderId"]
    headers = {} if version is None else {"If-Match": version}
    answer = await client.post(f"/orders/{made}/canceler", json={"reason": "why"}, headers=headers)
    assert answer.status_code == status
    assert fake.orders[made]["readOnly"]["status"] == (2 if status == 204 else 0)


async def test_a_cancel_needs_a_reason_and_an_open_order(system: System) -> None:
    fake, client = system
    made = (await client.post("/orders", json=order("SUB-1"))).json()["readOnly"]["orderId"]
    path, tag = f"/orders/{made}/canceler", {"If-Match": '"1"'}
    assert (await client.post(path, json={}, headers=tag)).status_code == 400
    fake.close(fake.orders[made])
    answer = await client.post(path, json={"reason": "why"}, headers={"If-Match": '"2"'})
    assert (answer.status_code, answer.json()["ErrorCode"]) == (403, "OrderConfirmed")


async def test_a_question_it_does_not_know_is_passed_over(system: System) -> None:
    for number in ("SUB-1", "SUB-2"):
        await system[1].post("/orders", json=order(number))
    assert await numbers(system[1], rgl="referenceNum==SUB-1", customerid="9") == ["SUB-1", "SUB-2"]
    assert await numbers(system[1], rql="referenceNum==SUB-1") == ["SUB-1"]
    assert (await system[1].get("/orders", params={"rql": "colour==red"})).json()["ErrorCode"] == "NotParsable"


async def test_pages_begin_at_one_and_hold_1000_at_most(system: System) -> None:
    for n in range(5):
        await system[1].post("/orders", json=order(f"SUB-{n}"))
    assert await numbers(system[1], pgsiz="2", pgnum="3") == ["SUB-4"]
    assert (await system[1].get("/orders", params={"pgsiz": "1001"})).status_code == 400


async def test_a_fault_of_its_own_is_plain_text(system: System) -> None:
    system[0].fail_next = True
    answer = await system[1].get("/orders")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "text/plain; charset=utf-8")


async def test_it_can_speak_plainly(system: System) -> None:
    fake, client = system
    await client.post("/orders", json=order("SUB-1"))
    fake.speaks_plainly = True
    told = (await client.get("/orders", params={"detail": "OrderItems"})).json()
    assert told["TotalResults"] == 1
    assert told["ResourceList"][0]["OrderItems"][0]["ItemIdentifier"] == {"Sku": "TEA-01"}


async def test_details_are_shown_only_when_asked_for(system: System) -> None:
    fake, client = system
    await client.post("/orders", json=order("SUB-1"))
    fake.pack(fake.by_number("SUB-1")[0], "9400")
    [bare] = (await client.get("/orders")).json()["_embedded"][ROWS]
    assert "_embedded" not in bare
    assert "packages" not in bare["readOnly"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("referenceNum==sub-1", True),
        ("REFERENCENUM=in=(SUB-2,SUB-1)", True),
        ("referenceNum=in=(SUB-2,SUB-3)", False),
        ("referenceNum!=SUB-1", False),
        ("referenceNum==SUB%2D1", True),
        ("readonly.processdate=ge=2026-01-01", False),
        ("readonly.creationdate=ge=2026-01-01;readonly.status==0", True),
        ("referenceNum==SUB-9,readonly.status==0", True),
        ("referenceNum==SUB-9,readonly.status==0;readonly.isclosed==true", False),
        ("(referenceNum==SUB-9,readonly.status==0);readonly.isclosed==false", True),
        ("readonly.processdate=hv=false", True),
    ],
)
def test_its_query_language(query: str, expected: bool) -> None:
    read_only = {"status": 0, "isClosed": False, "processDate": None, "creationDate": "2026-11-23T10:00:00"}
    assert matching(query, PROPERTIES)({"referenceNum": "SUB-1", "readOnly": read_only}) is expected


@pytest.mark.parametrize("query", ["", "referenceNum", "referenceNum=SUB-1", "colour==red"])
def test_a_query_it_cannot_read_is_refused(query: str) -> None:
    with pytest.raises(NotParsable):
        matching(query, PROPERTIES)
