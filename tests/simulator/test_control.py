from __future__ import annotations

from typing import Any

import httpx
import pytest

from cratejoy_tui.simulator.server import Served
from cratejoy_tui.simulator.transport import transports
from cratejoy_tui.simulator.world import World
from tests.simulator.conftest import Builder, an_order


@pytest.fixture
def hands(served: Served) -> Any:
    with httpx.Client(base_url=served.url + "/control", trust_env=False) as client:

        def act(name: str, **asked: Any) -> Any:
            answer = client.post(f"/{name}", json=asked)
            assert answer.status_code == 200, answer.text
            return answer.json()

        yield act


def test_time_is_advanced_and_the_day_turned_from_outside(hands: Any) -> None:
    assert hands("advance", seconds=3600)["now"] == "2026-11-23T17:00:00Z"
    assert hands("next-day")["day"] == 2
    assert hands("reset") == {"now": "2026-11-23T16:00:00Z", "day": 1, "ended": False}


def test_knobs_are_turned_and_read_from_outside(hands: Any, served: Served, world: World) -> None:
    assert hands("knobs", delivery="blind", faults=[{"kind": "drop", "path": "/nowhere"}])["delivery"] == "blind"
    assert world.knobs.delivery == "blind"
    told = httpx.get(served.warehouse_url + "/control/knobs", trust_env=False).json()
    assert told["faults"][0]["kind"] == "drop"


@pytest.mark.parametrize(
    ("name", "asked", "path", "value"),
    [
        ("cancel", {}, ["status"], "cancelled"),
        ("ship-here", {"tracking_number": "X1"}, ["tracking_number"], "X1"),
        ("move", {"at": "2026-12-24T08:00:00Z"}, ["adjusted_ordered_at"], "2026-12-24T08:00:00Z"),
        ("readdress", {"address": {"unit": "Rear"}}, ["ship_address", "unit"], "Rear"),
        ("refund", {"cents": 300}, ["fulfillments", 0, "order", "refunded_amount"], 300),
        ("refund", {}, ["fulfillments", 0, "order", "refunded_amount"], 9650),
        ("buy-label", {"tracking_number": "L1"}, ["labels", 0, "tracking"], "L1"),
        ("set-subscription", {"status": "expired"}, ["subscriptions", 0, "status"], "expired"),
    ],
)
def test_the_merchants_doings(
    hands: Any, store: httpx.Client, world: World, name: str, asked: dict[str, Any], path: list[Any], value: object
) -> None:
    hands(name, case="gift", **asked)
    shown: Any = store.get(f"/v1/shipments/{world.case('gift')}/?with=all").json()
    for step in path:
        shown = shown[step]
    assert shown == value


def test_a_cancelled_box_is_set_back_and_an_unpaid_one_is_paid(hands: Any, store: httpx.Client, world: World) -> None:
    hands("uncancel", case="cancelled")
    hands("pay", id=world.case("unpaid"))
    assert store.get(f"/v1/shipments/{world.case('cancelled')}/").json()["status"] == "unshipped"
    paid = store.get(f"/v1/shipments/{world.case('unpaid')}/").json()
    assert paid["fulfillments"][0]["order"]["financial_status"] == "paid"


def test_a_box_is_placed_and_an_order_planted_shipped_and_voided(hands: Any, served: Served) -> None:
    id_ = hands("place", billing="adhoc", pieces=[{"sku": "SQ0093801"}])["id"]
    number = f"SUB-{id_}"
    assert hands("plant", orders=[an_order(number)])[0]["status"] == "accepted"
    (tracking,) = hands("ship-now", order_number=number)["tracking_numbers"]
    hands("void", reference="P000000001", replaced=False)
    told = httpx.get(served.url + "/control/record", trust_env=False).json()
    assert told["received"] == {number: 1}
    assert told["parcels"] == {}
    assert tracking
    judged = httpx.get(served.url + "/control/verdict", trust_env=False).json()
    assert judged["duplicated_orders"] == []


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("advance", {}),
        ("advance", {"seconds": "x"}),
        ("cancel", {"case": "nobody"}),
        ("move", {"case": "gift", "at": "soon"}),
        ("knobs", {"delivry": 1}),
        ("place", {"billing": "weekly"}),
        ("void", {"reference": "P0"}),
    ],
)
def test_what_cannot_be_done_is_400_and_changes_nothing(served: Served, world: World, name: str, body: Any) -> None:
    before = list(world.db.iterdump())
    assert httpx.post(f"{served.url}/control/{name}", json=body, trust_env=False).status_code == 400
    assert list(world.db.iterdump()) == before


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_name_is_404(served: Served, method: str) -> None:
    assert httpx.request(method, served.url + "/control/dance", trust_env=False).status_code == 404


async def test_only_this_machine_and_no_browser_page_may_steer(small: Builder, served: Served) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        for header in ({"origin": "http://x.test"}, {"host": "rebound.test"}):
            assert (await client.get(served.url + "/control/clock", headers=header)).status_code == 403
    seen = []

    async def send(message: Any) -> None:
        seen.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    app = transports(small())["cratejoy"]._app
    scope = {"type": "http", "method": "GET", "path": "/control/clock", "query_string": b"", "scheme": "http"}
    scope |= {"headers": [(b"host", b"127.0.0.1")], "server": ("127.0.0.1", 80), "client": ("203.0.113.9", 1)}
    await app(scope, receive, send)
    assert seen[0]["status"] == 403
