"""Answers of the simulated warehouse that are odd, late or missing never make an order doubtful the wrong way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from cratejoy_tui.errors import CredentialsMissing, SignInRefused, UnexpectedAnswer, Unreachable
from cratejoy_tui.http import BearerKey, PoliteClient, Remote
from cratejoy_tui.secret import Secret
from cratejoy_tui.sync.domain.order import CancelAnswer, Lost, NotSent, Receipt, Refused
from cratejoy_tui.sync.ports import DeliveryClass
from cratejoy_tui.warehouses.contract import all_parcels
from cratejoy_tui.warehouses.contract_rig import HandOver, an_order
from cratejoy_tui.warehouses.declared import Place
from cratejoy_tui.warehouses.simulated import SimulatedWarehouse
from tests.warehouses.folder_rig import ZONE, StoppedClock, place

Answer = Callable[[httpx.Request], httpx.Response]
ORDERS = [an_order("SUB-1"), an_order("SUB-2")]


def warehouse(answer: Answer, delivery: DeliveryClass = DeliveryClass.UNIQUE) -> SimulatedWarehouse:
    remote = Remote(system="Simulated Warehouse", base_url="http://127.0.0.1:1", requests_per_second=None)
    clock = StoppedClock()
    client = PoliteClient(remote, BearerKey("made-up"), transport=httpx.MockTransport(answer), wait=clock.sleep)
    return SimulatedWarehouse(client, delivery=delivery)


def says(status: int = 200, **body: Any) -> Answer:
    return lambda _: httpx.Response(status, json=body)


def fails(error: Exception) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error

    return answer


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (says(503), Lost),
        (says(500), Lost),
        (says(408), Lost),
        (says(302), Lost),
        (lambda _: httpx.Response(200, text="<html>"), Lost),
        (says(results=[]), Lost),
        (says(results="many"), Lost),
        (fails(httpx.ReadTimeout("slow")), Lost),
        (fails(httpx.RemoteProtocolError("cut")), Lost),
        (fails(httpx.ConnectError("no route")), NotSent),
        (fails(httpx.ConnectTimeout("no route")), NotSent),
        (says(429), NotSent),
        (says(404), NotSent),
        (says(405), NotSent),
        (says(400, error="bad"), Refused),
        (says(413), Refused),
        (says(422, error="bad"), Refused),
    ],
)
async def test_how_a_push_ended_is_never_guessed(answer: Answer, expected: type) -> None:
    outcomes = await warehouse(answer).push(ORDERS, HandOver(sequence=1))
    assert [(outcome.number, type(outcome)) for outcome in outcomes] == [("SUB-1", expected), ("SUB-2", expected)]


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_stops_the_push(status: int) -> None:
    with pytest.raises(SignInRefused):
        await warehouse(says(status)).push(ORDERS, HandOver(sequence=1))


async def test_results_are_matched_by_number_not_by_place() -> None:
    results = [
        {"order_number": "SUB-2", "status": "refused", "reference": "", "message": "SKU \x1b[1m is unknown"},
        {"order_number": "SUB-9", "status": "accepted", "reference": "W9", "message": ""},
        {"order_number": "SUB-1", "status": "accepted", "reference": "W1", "message": ""},
    ]
    outcomes = await warehouse(says(results=results)).push(ORDERS, HandOver(sequence=1))
    assert outcomes[0] == Receipt(number="SUB-1", reference="W1")
    assert isinstance(outcomes[1], Refused)
    assert "\x1b" not in outcomes[1].reason


@pytest.mark.parametrize(
    ("sku", "expected"), [(ORDERS[0].lines[0].sku, Receipt), ("ANOTHER", Lost)], ids=["same content", "other content"]
)
async def test_a_number_that_is_there_already_is_compared(sku: str, expected: type) -> None:
    lines = [{"sku": line.sku, "quantity": line.quantity} for line in ORDERS[0].lines]
    found = {
        "order_number": "SUB-1",
        "reference": "W1",
        "state": "open",
        "lines": [{**lines[0], "sku": sku}, *lines[1:]],
    }
    taken = {"order_number": "SUB-1", "status": "duplicate", "reference": "W1", "message": ""}

    def answer(request: httpx.Request) -> httpx.Response:
        asked = request.url.path.endswith("/find")
        return httpx.Response(200, json={"orders": [found]} if asked else {"results": [taken]})

    [outcome] = await warehouse(answer).push(ORDERS[:1], HandOver(sequence=1))
    assert isinstance(outcome, expected)


@pytest.mark.parametrize("result", [{"status": "perhaps", "reference": "W1"}, {"status": "accepted", "reference": ""}])
async def test_an_outcome_we_do_not_know_is_doubtful(result: dict[str, str]) -> None:
    answer = says(results=[{"order_number": "SUB-1", **result}])
    [outcome] = await warehouse(answer).push(ORDERS[:1], HandOver(sequence=1))
    assert isinstance(outcome, Lost)


@pytest.mark.parametrize("state", ["open", "shipped"])
async def test_a_cancel_that_did_not_take_is_not_believed(state: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/cancel"):
            return httpx.Response(200, json={"answer": "cancelled", "message": ""})
        return httpx.Response(200, json={"orders": [{"order_number": "SUB-1", "reference": "W1", "state": state}]})

    outcome = await warehouse(answer).cancel("SUB-1", "changed mind", HandOver(sequence=1))
    assert outcome.answer is CancelAnswer.UNKNOWN
    assert state in outcome.reason


async def test_a_cancel_whose_reading_back_fails_is_unknown() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/cancel"):
            return httpx.Response(200, json={"answer": "cancelled", "message": ""})
        return httpx.Response(503)

    outcome = await warehouse(answer).cancel("SUB-1", "changed mind", HandOver(sequence=1))
    assert outcome.answer is CancelAnswer.UNKNOWN


async def test_a_cancel_that_never_left_may_be_repeated() -> None:
    with pytest.raises(Unreachable):
        await warehouse(fails(httpx.ConnectError("down"))).cancel("SUB-1", "changed mind", HandOver(sequence=1))


async def test_a_strange_number_stays_one_part_of_the_path() -> None:
    asked: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path)
        return httpx.Response(200, json={"answer": "not found", "message": ""})

    await warehouse(answer).cancel("../SUB 1?x=/é", "changed mind", HandOver(sequence=1))
    assert asked == [b"/api/orders/..%2FSUB%201%3Fx%3D%2F%C3%A9/cancel"]


async def test_a_list_that_turns_in_a_circle_is_noticed() -> None:
    with pytest.raises(UnexpectedAnswer, match="same page of parcels twice"):
        await all_parcels(warehouse(says(parcels=[], next="again")))


async def test_one_unreadable_parcel_does_not_hide_the_others(caplog: pytest.LogCaptureFixture) -> None:
    good = {"order_number": "SUB-1", "reference": "P1", "shipped_at": "2026-11-23T18:00:00Z", "carrier_name": None}
    bad = [{**good, "shipped_at": "2026-11-23T18:00:00"}, {**good, "reference": 7}, {**good, "lines": [{}]}, 5, None]
    [parcel] = await all_parcels(warehouse(says(parcels=[bad[0], good, *bad[1:]], next=None)))
    assert parcel.shipped_at == datetime(2026, 11, 23, 18, tzinfo=UTC)
    assert "5 parcels could not be read" in caplog.text


async def test_orders_nobody_asked_for_are_not_found() -> None:
    order = {"reference": "W1", "state": "open", "lines": None, "ship_to": {"to": "Ada\x00", "planet": "Earth"}}
    answer = says(orders=[{**order, "order_number": number} for number in ("SUB-1", "SUB-11", "sub-1")])
    found = await warehouse(answer).find(["SUB-1"])
    assert list(found) == ["SUB-1"]
    assert found["SUB-1"][0].ship_to is not None
    assert "\x00" not in found["SUB-1"][0].ship_to.to


async def test_a_long_look_up_is_asked_in_parts() -> None:
    asked: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.read().count(b"SUB-"))
        return httpx.Response(200, json={"orders": []})

    assert await warehouse(answer).find([f"SUB-{n}" for n in range(120)]) == {}
    assert asked == [50, 50, 20]


def test_the_key_is_asked_for_and_never_shown() -> None:
    with pytest.raises(CredentialsMissing, match="store teabox"):
        SimulatedWarehouse.from_settings({"url": "http://127.0.0.1:1"}, place())
    secrets = {"token": Secret("very-secret-token")}
    at = Place(store="teabox", clock=StoppedClock(), zone=ZONE, secrets=secrets)
    made = SimulatedWarehouse.from_settings({"url": "http://127.0.0.1:1"}, at)
    assert "very-secret" not in repr(at) + repr(made) + repr(vars(made))


@pytest.mark.parametrize("delivery", list(DeliveryClass))
def test_the_quiet_time_follows_the_class(delivery: DeliveryClass) -> None:
    secrets = {"token": Secret("made-up-token")}
    at = Place(store="teabox", clock=StoppedClock(), zone=ZONE, secrets=secrets)
    settings = {"url": "http://127.0.0.1:1", "delivery": delivery.value, "quiet_seconds": 30}
    made = SimulatedWarehouse.from_settings(settings, at)
    assert made.capabilities.quiet_seconds == (0 if delivery is DeliveryClass.UNIQUE else 30)
