"""The warehouse over real HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from cratejoy_tui.simulator.proof import record, verdict
from cratejoy_tui.simulator.server import Served
from cratejoy_tui.simulator.world import World
from tests.simulator.conftest import an_order

LATER = 8 * 3600


def push(floor: httpx.Client, *orders: dict[str, Any]) -> list[dict[str, Any]]:
    answer = floor.post("/api/orders", json={"orders": orders})
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert isinstance(results, list)
    return results


def find(floor: httpx.Client, *numbers: str) -> list[dict[str, Any]]:
    found = floor.post("/api/orders/find", json={"order_numbers": numbers}).json()["orders"]
    assert isinstance(found, list)
    return found


def cancel(floor: httpx.Client, number: str) -> str:
    return str(floor.post(f"/api/orders/{number}/cancel", json={"reason": "customer"}).json()["answer"])


def parcels(floor: httpx.Client, since: str = "2026-11-23T00:00:00Z") -> list[dict[str, Any]]:
    page = floor.get("/api/shipments", params={"since": since}).json()
    rows = list(page["parcels"])
    while page["next"]:
        page = floor.get("/api/shipments", params={"since": since, "cursor": page["next"]}).json()
        rows += page["parcels"]
    return rows


def test_it_says_who_it_is_and_what_time_it_has(floor: httpx.Client) -> None:
    assert floor.get("/api/ping").json() == {"warehouse": "Simulated Warehouse", "time": "2026-11-23T16:00:00Z"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/ping"),
        ("POST", "/orders"),
        ("POST", "/orders/find"),
        ("POST", "/orders/1/cancel"),
        ("GET", "/shipments"),
    ],
)
def test_a_bad_token_is_refused_everywhere(served: Served, method: str, path: str) -> None:
    headers = {"authorization": "Bearer wrong"}
    assert (
        httpx.request(method, f"{served.warehouse_url}/api{path}", headers=headers, trust_env=False).status_code == 401
    )


def test_a_unique_warehouse_gives_the_first_reference_again(floor: httpx.Client, world: World) -> None:
    first, again = push(floor, an_order("1"), an_order("1"))
    assert (first["status"], again["status"]) == ("accepted", "duplicate")
    assert first["reference"] == again["reference"]
    assert verdict(world).duplicated_orders == ()


@pytest.mark.parametrize("delivery", ["look-up", "blind"])
def test_any_other_warehouse_takes_an_order_twice(floor: httpx.Client, world: World, delivery: str) -> None:
    world.turn(delivery=delivery)
    first, again = push(floor, an_order("1"), an_order("1"))
    assert (first["status"], again["status"]) == ("accepted", "accepted")
    assert first["reference"] != again["reference"]
    assert cancel(floor, "1") == "cancelled"
    assert verdict(world).duplicated_orders == ("1",)


def test_a_blind_warehouse_cannot_be_asked(floor: httpx.Client, world: World) -> None:
    world.turn(delivery="blind")
    assert floor.post("/api/orders/find", json={"order_numbers": ["1"]}).status_code == 404


@pytest.mark.parametrize(
    ("order", "message"),
    [
        (an_order("1", "MOON-LAMP"), "unknown"),
        (an_order(""), "order_number"),
        (an_order("1", lines=[]), "lines"),
        (an_order("1", lines=[{"sku": "A", "quantity": 0}]), "quantity"),
        (an_order("1", ship_to=None), "ship_to"),
    ],
)
def test_an_order_it_cannot_fill_is_refused_alone(
    floor: httpx.Client, world: World, order: dict[str, Any], message: str
) -> None:
    world.turn(unknown_skus=["MOON-LAMP"])
    refused, good = push(floor, order, an_order("2"))
    assert refused["status"] == "refused"
    assert message in refused["message"]
    assert good["status"] == "accepted"
    assert set(record(world).received) == {"2"}


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"orders": {}}', b'{"orders": [1]}'])
def test_a_body_it_cannot_read_is_400(floor: httpx.Client, body: bytes) -> None:
    assert floor.post("/api/orders", content=body).status_code == 400


def test_more_than_fifty_orders_at_a_time_are_refused(floor: httpx.Client, world: World) -> None:
    orders = [an_order(str(number)) for number in range(51)]
    assert floor.post("/api/orders", json={"orders": orders}).status_code == 400
    assert record(world).received == {}


def test_an_order_is_found_with_its_content_and_state(floor: httpx.Client, world: World) -> None:
    push(floor, an_order("SUB-1", "A", "B"))
    (found,) = find(floor, "SUB-1", "nope", "sub-1")
    assert found["state"] == "open"
    assert found["picked_up"] is False
    assert found["lines"] == [{"sku": "A", "quantity": 1}, {"sku": "B", "quantity": 1}]
    assert found["ship_to"] == {"to": "Dana"}
    world.advance(61 * 60)
    assert find(floor, "SUB-1")[0]["picked_up"] is True
    world.advance(LATER)
    assert find(floor, "SUB-1")[0]["state"] == "shipped"


def test_an_order_can_be_shown_late(floor: httpx.Client, world: World) -> None:
    world.turn(find_lag_seconds=15)
    push(floor, an_order("1"))
    assert find(floor, "1") == []
    world.advance(15)
    assert len(find(floor, "1")) == 1


def test_a_cancel_in_time_stops_the_order_and_may_be_repeated(floor: httpx.Client, world: World) -> None:
    push(floor, an_order("1"))
    assert [cancel(floor, "1"), cancel(floor, "1"), cancel(floor, "2")] == ["cancelled", "cancelled", "not found"]
    world.advance(LATER)
    assert parcels(floor) == []
    assert push(floor, an_order("1"))[0]["status"] == "accepted"


@pytest.mark.parametrize(
    ("until", "picked", "shipped"), [("pick", "refused", "refused"), ("ship", "cancelled", "refused")]
)
def test_a_cancel_that_comes_too_late_is_refused(
    floor: httpx.Client, world: World, until: str, picked: str, shipped: str
) -> None:
    world.turn(cancel_until=until, pick_minutes=[1, 1], ship_minutes=[60, 60])
    push(floor, an_order("1"))
    world.advance(120)
    assert cancel(floor, "1") == picked
    push(floor, an_order("2"))
    world.advance(LATER)
    assert cancel(floor, "2") == shipped


def test_a_parcel_tells_carrier_number_link_and_lines(floor: httpx.Client, world: World) -> None:
    push(floor, an_order("1", "A"))
    world.advance(LATER)
    (parcel,) = parcels(floor)
    assert parcel["lines"] == [{"sku": "A", "quantity": 1}]
    assert parcel["tracking_number"] in parcel["tracking_link"]
    assert parcel["carrier_name"] in ("USPS", "UPS", "FedEx")
    assert (parcel["voided"], parcel["order_closed"]) == (False, True)
    assert "held" not in parcel
    world.turn(tells_lines=False)
    assert parcels(floor)[0]["lines"] is None


def test_an_order_can_leave_in_two_parcels(floor: httpx.Client, world: World) -> None:
    world.turn(split_share=1)
    push(floor, an_order("1", "A", "B"), an_order("2", "A"))
    world.advance(LATER)
    first, second = (one for one in parcels(floor) if one["order_number"] == "1")
    assert (first["order_closed"], second["order_closed"]) == (False, True)
    assert first["lines"] + second["lines"] == [{"sku": "A", "quantity": 1}, {"sku": "B", "quantity": 1}]
    assert first["tracking_number"] != second["tracking_number"]
    assert len(parcels(floor)) == 3


def test_part_of_an_order_that_has_left_cannot_be_cancelled(floor: httpx.Client, world: World) -> None:
    world.turn(split_share=1, cancel_until="ship", pick_minutes=[1, 1], ship_minutes=[1, 1])
    push(floor, an_order("1", "A", "B"))
    world.advance(180)
    assert cancel(floor, "1") == "refused"


def test_a_voided_label_is_told_and_replaced(floor: httpx.Client, world: World) -> None:
    world.turn(void_share=1)
    push(floor, an_order("1"))
    world.advance(3 * 3600)
    void, fresh = parcels(floor)[:2]
    assert void["voided"] is True
    assert void["tracking_number"] != fresh["tracking_number"]
    assert (void["lines"], void["order_number"]) == (fresh["lines"], fresh["order_number"])


def test_parcels_are_read_in_pages_from_an_instant_on(floor: httpx.Client, world: World) -> None:
    world.turn(parcels_per_page=3, foreign_parcels=True)
    push(floor, *(an_order(str(number)) for number in range(7)))
    world.advance(LATER)
    rows = parcels(floor)
    assert len({row["reference"] for row in rows}) == len(rows) == 14
    assert sum(row["order_number"].startswith("MKT-") for row in rows) == 7
    later = max(row["shipped_at"] for row in rows)
    assert 0 < len(parcels(floor, later)) < len(rows)
    assert floor.get("/api/shipments", params={"since": "soon"}).status_code == 400
    assert floor.get("/api/shipments", params={"cursor": "x"}).status_code == 400


def test_the_floor_waits_for_the_requested_day(floor: httpx.Client, world: World) -> None:
    push(floor, an_order("1", requested_ship_date="2026-11-24"), an_order("2", requested_ship_date="not a day"))
    world.advance(11 * 3600)
    assert [row["order_number"] for row in parcels(floor)] == ["2"]
    world.advance(3600)
    world.next_day()
    world.advance(11 * 3600)
    assert {row["order_number"] for row in parcels(floor)} == {"1", "2"}


def test_a_closed_order_can_be_short_and_a_number_blank(floor: httpx.Client, world: World) -> None:
    world.turn(short_share=1, blank_tracking_share=1)
    push(floor, an_order("1", "A", "B"))
    world.advance(LATER)
    (parcel,) = parcels(floor)
    assert parcel["lines"] == [{"sku": "A", "quantity": 1}]
    assert (parcel["order_closed"], parcel["tracking_number"]) == (True, "")
