"""Orders looked up and cancelled at ShipStation: look-alikes, orders sent back whole."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from cratejoy_tui.errors import UnexpectedAnswer, Unreachable
from cratejoy_tui.sync.domain.order import CancelAnswer, NotSent, OrderState
from cratejoy_tui.warehouses.contract import pushed
from cratejoy_tui.warehouses.contract_rig import HandOver
from tests.warehouses.shipstation_fake import OPEN
from tests.warehouses.shipstation_rig import ShipStationRig, rigged, warehouse

HAND_OVER = HandOver(sequence=1)


@pytest.fixture
async def rig() -> AsyncIterator[ShipStationRig]:
    async with rigged() as rig:
        yield rig


async def test_a_crowd_of_look_alikes_is_split_not_read_through(rig: ShipStationRig) -> None:
    for n in range(20_000):
        rig.fake.orders[n] = {"orderId": n, "orderNumber": f"SUB-{n:06d}", "orderStatus": "shipped", "modifyDate": ""}
    wanted = ["SUB-000007", "SUB-009999", "SUB-010000", "SUB-999999"]
    found = await (await rig.connect()).find(wanted)
    assert set(found) == set(wanted[:3])
    assert len(rig.fake.asked) < 12, "all pages would be 40"


async def test_numbers_side_by_side_cost_one_request(rig: ShipStationRig) -> None:
    station = await rig.connect()
    numbers = [f"SUB-48200000{n:02d}" for n in range(100)]
    await pushed(station, rig, *numbers)
    before = len(rig.fake.asked)
    assert len(await station.find(numbers)) == 100
    assert len(rig.fake.asked) - before == 1


async def test_an_order_on_a_later_page_is_found(rig: ShipStationRig) -> None:
    for n in range(1200):
        rig.fake.orders[n] = {"orderId": n, "orderNumber": f"7{n}", "orderStatus": "shipped", "modifyDate": ""}
    rig.fake.orders[5000] = {"orderId": 5000, "orderNumber": "7", "orderStatus": "on_hold", "modifyDate": ""}
    found = await (await rig.connect()).find(["7"])
    assert [(one.reference, one.state) for one in found["7"]] == [("5000", OrderState.OPEN)]


async def test_an_order_of_ours_that_cannot_be_read_is_not_called_absent(rig: ShipStationRig) -> None:
    rig.fake.orders[1] = {"orderId": 1, "orderNumber": "SUB-1", "orderStatus": None, "modifyDate": ""}
    station = await rig.connect()
    with pytest.raises(UnexpectedAnswer, match="SUB-1"):
        await station.find(["SUB-1"])
    [outcome] = await pushed(station, rig, "SUB-1")
    assert isinstance(outcome, NotSent)
    assert await station.find(["SUB-2"]) == {}


async def test_orders_of_other_stores_are_not_ours() -> None:
    async with rigged(store_id=11) as rig:
        await pushed(await rig.connect(), rig, "12345")
        rig.settings = {"store_id": 12}
        assert await (await rig.connect()).find(["12345"]) == {}


async def test_a_cancel_sends_the_order_back_whole(rig: ShipStationRig) -> None:
    station = await rig.connect()
    await pushed(station, rig, "SUB-1")
    rig.fake.by_number("SUB-1")[0].update(tagIds=[7], internalNotes="fragile")
    outcome = await station.cancel("SUB-1", "Cancelled in Cratejoy", HAND_OVER)
    assert outcome.answer is CancelAnswer.CANCELLED
    [kept] = rig.fake.by_number("SUB-1")
    assert kept["tagIds"] == [7]
    assert kept["internalNotes"] == "fragile\nCancelled in Cratejoy"


async def test_a_cancel_that_changes_nothing_is_not_believed(rig: ShipStationRig) -> None:
    station = await rig.connect()
    await pushed(station, rig, "SUB-1")
    rig.fake.cancels_nothing = True
    outcome = await station.cancel("SUB-1", "changed mind", HAND_OVER)
    assert outcome.answer is CancelAnswer.UNKNOWN
    assert "awaiting_shipment" in outcome.reason


@pytest.mark.parametrize("status", ["pending_fulfillment", "rejected_fulfillment", "shipped"])
async def test_a_locked_order_is_not_even_asked_for(rig: ShipStationRig, status: str) -> None:
    station = await rig.connect()
    await pushed(station, rig, "SUB-1")
    rig.fake.set_status("SUB-1", status)
    outcome = await station.cancel("SUB-1", "changed mind", HAND_OVER)
    assert (outcome.answer, status in outcome.reason) == (CancelAnswer.REFUSED, True)
    assert not rig.fake.cancels
    assert status not in OPEN


async def test_an_order_that_ships_while_it_is_cancelled_is_refused(rig: ShipStationRig) -> None:
    station = await rig.connect()
    await pushed(station, rig, "SUB-1")
    upsert = rig.fake.upsert

    def ships_first(doc: dict[str, Any]) -> tuple[dict[str, Any] | None, str]:
        rig.fake.set_status("SUB-1", "shipped")
        return upsert(doc)

    rig.fake.upsert = ships_first  # type: ignore[method-assign]
    outcome = await station.cancel("SUB-1", "changed mind", HAND_OVER)
    assert outcome.answer is CancelAnswer.REFUSED
    assert "cannot be updated" in outcome.reason


async def test_nothing_asked_means_nothing_cancelled() -> None:
    with pytest.raises(Unreachable):
        await warehouse(lambda _: httpx.Response(503)).cancel("SUB-1", "changed mind", HAND_OVER)


async def test_an_order_that_cannot_be_read_is_not_cancelled_blindly() -> None:
    odd = {"orders": [{"orderNumber": "SUB-1", "orderId": []}], "pages": 1}
    outcome = await warehouse(lambda _: httpx.Response(200, json=odd)).cancel("SUB-1", "changed mind", HAND_OVER)
    assert outcome.answer is CancelAnswer.UNKNOWN
