"""Orders handed to ShipStation: upserts, groups refused whole, and where it answers from."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from cratejoy_tui.errors import CredentialsMissing, SetupError, SignInRefused
from cratejoy_tui.sync.domain.address import too_much
from cratejoy_tui.sync.domain.order import Lost, NotSent, OrderLine, Receipt, Refused
from cratejoy_tui.warehouses.contract import pushed
from cratejoy_tui.warehouses.contract_rig import HandOver, an_order
from cratejoy_tui.warehouses.shipstation import ShipStationWarehouse
from tests.warehouses.folder_rig import place
from tests.warehouses.shipstation_rig import ShipStationRig, rigged, warehouse, writes_say

HAND_OVER = HandOver(sequence=1)


@pytest.fixture
async def rig() -> AsyncIterator[ShipStationRig]:
    async with rigged() as rig:
        yield rig


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (httpx.Response(500, text="Object reference not set"), Lost),
        (httpx.Response(503), Lost),
        (httpx.Response(200, text="<html>"), Lost),
        (httpx.Response(200, json={"results": []}), Lost),
        (httpx.Response(200, json={"results": [{"orderNumber": "SUB-1", "success": True}]}), Lost),
        (httpx.ReadTimeout("slow"), Lost),
        (httpx.ConnectError("no route"), NotSent),
        (httpx.Response(429), NotSent),
        (httpx.Response(404), NotSent),
        (httpx.Response(400, json={"Message": "The request is invalid."}), Refused),
    ],
)
async def test_every_end_of_a_push_is_told_for_what_it_is(
    reply: httpx.Response | Exception, expected: type[object]
) -> None:
    [outcome] = await warehouse(writes_say(reply)).push([an_order("SUB-1")], HAND_OVER)
    assert type(outcome) is expected


async def test_nothing_is_sent_when_it_cannot_be_looked_up() -> None:
    station = warehouse(lambda _: httpx.Response(503))
    outcomes = await station.push([an_order("SUB-1"), an_order("SUB-2")], HAND_OVER)
    assert [type(outcome) for outcome in outcomes] == [NotSent, NotSent]
    assert station.calls.writes == 0


async def test_an_order_that_is_there_is_never_written_over(rig: ShipStationRig) -> None:
    await pushed(await rig.connect(), rig, "SUB-1")
    rig.fake.by_number("SUB-1")[0]["internalNotes"] = "wrap it twice"
    [again] = await pushed(await rig.connect(), rig, "SUB-1")
    assert isinstance(again, Receipt)
    assert rig.fake.by_number("SUB-1")[0]["internalNotes"] == "wrap it twice"
    assert len(rig.fake.pushed) == 1


@pytest.mark.parametrize(("status", "word"), [("awaiting_shipment", "other content"), ("cancelled", "cancelled")])
async def test_another_order_under_the_number_is_left_alone(rig: ShipStationRig, status: str, word: str) -> None:
    await pushed(await rig.connect(), rig, "SUB-1")
    rig.fake.set_status("SUB-1", status)
    other = replace(an_order("SUB-1"), lines=(OrderLine(sku="HAT-01", quantity=1),))
    [outcome] = await (await rig.connect()).push([other], rig.delivery())
    assert isinstance(outcome, Lost)
    assert word in outcome.reason


async def test_a_group_refused_whole_is_sent_in_halves_until_the_bad_order_stands_alone(rig: ShipStationRig) -> None:
    def refuse(docs: list[dict[str, Any]]) -> str:
        return "Cannot deserialize" if any(doc["orderNumber"] == "SUB-77" for doc in docs) else ""

    rig.fake.refuse_whole = refuse
    outcomes = await pushed(await rig.connect(), rig, *(f"SUB-{n}" for n in range(100)))
    assert [outcome.number for outcome in outcomes if not isinstance(outcome, Receipt)] == ["SUB-77"]
    assert isinstance(outcomes[77], Refused)
    assert "Cannot deserialize" in outcomes[77].reason
    assert len(rig.fake.orders) == 99


async def test_a_key_refused_between_two_halves_loses_no_receipt() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"orders": [], "pages": 0})
        sent = json.loads(request.content)
        if len(sent) > 1:
            return httpx.Response(400)
        if sent[0]["orderNumber"] != "SUB-1":
            return httpx.Response(401)
        return httpx.Response(200, json={"results": [{"orderKey": sent[0]["orderKey"], "orderId": 1, "success": True}]})

    outcomes = await warehouse(answer).push([an_order("SUB-1"), an_order("SUB-2")], HAND_OVER)
    assert [type(outcome) for outcome in outcomes] == [Receipt, NotSent]


async def test_an_absence_seen_a_moment_ago_is_not_asked_for_again(rig: ShipStationRig) -> None:
    station = await rig.connect()
    assert await station.find(["SUB-1"]) == {}
    await pushed(station, rig, "SUB-1")
    assert rig.fake.asked == ["GET /orders", "POST /orders/createorders"]


async def test_an_absence_seen_long_ago_or_before_a_push_is_asked_for_again(rig: ShipStationRig) -> None:
    station = await rig.connect()
    await station.find(["SUB-1"])
    rig.fake.clock.moment += timedelta(minutes=2)
    rig.fake.lose_next = True
    [lost] = await pushed(station, rig, "SUB-1")
    [again] = await pushed(station, rig, "SUB-1")
    assert (type(lost), type(again)) == (Lost, Receipt)
    assert rig.fake.asked == ["GET /orders", "GET /orders", "POST /orders/createorders", "GET /orders"]


async def test_what_it_is_told_of_an_order_is_complete(rig: ShipStationRig) -> None:
    await (await rig.connect()).push([an_order("SUB-1")], rig.delivery())
    [kept] = rig.fake.by_number("SUB-1")
    assert kept["orderDate"] == "2026-11-20T10:00:00.000", "Pacific time"
    assert kept["shipByDate"] == "2026-11-25T00:00:00.000"
    assert kept["shipTo"]["street2"] == "Apt 3"
    assert kept["advancedOptions"] == {"customField1": "SUBSCRIPTION", "source": "cratejoy"}
    assert kept["orderKey"] == "cratejoy-SUB-1"
    assert kept["giftMessage"] == "Enjoy!"


async def test_its_limits_are_known_before_anything_is_sent(rig: ShipStationRig) -> None:
    able = (await rig.connect()).capabilities
    assert "50" in too_much(an_order("SUB-1", lines=(OrderLine(sku="S" * 51, quantity=1),)), able.max_lengths, "")
    assert "1000" in too_much(an_order("SUB-1", gift_message="x" * 1001), able.max_lengths, "")


async def test_it_is_asked_forty_times_a_minute_and_never_refused(rig: ShipStationRig) -> None:
    station = await rig.connect()
    start = rig.fake.clock.moment
    for n in range(100):
        await station.find([f"SUB-{n}"])
    assert len(rig.fake.asked) == 100, "none was put off and asked again"
    assert rig.fake.clock.moment - start >= timedelta(minutes=2)


async def test_another_program_on_the_same_key_costs_a_wait_only(rig: ShipStationRig) -> None:
    station = await rig.connect()
    rig.fake.window = rig.fake.clock.moment, 40
    await station.find(["SUB-1"])
    assert len(rig.fake.asked) == 2


async def test_the_connection_test_names_the_store_and_changes_nothing() -> None:
    async with rigged(store_id=11) as rig:
        assert (await (await rig.connect()).verify()).detail == "Teabox"
        assert rig.fake.asked == ["GET /stores"]
        rig.settings = {"store_id": 99}
        with pytest.raises(SetupError, match=r"no store 99; it has 11 \(Teabox\)"):
            await (await rig.connect()).verify()


async def test_a_key_refused_in_the_middle_is_told() -> None:
    with pytest.raises(SignInRefused):
        await warehouse(writes_say(httpx.Response(401))).push([an_order("SUB-1")], HAND_OVER)


def test_without_a_key_none_is_made() -> None:
    with pytest.raises(CredentialsMissing, match="teabox"):
        ShipStationWarehouse.from_settings({"store_id": 0}, place())
