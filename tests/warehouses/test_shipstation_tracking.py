"""What ShipStation tells of orders that left: labels of three kinds, a clock without a zone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cratejoy_tui.warehouses.contract import all_parcels, pushed
from cratejoy_tui.warehouses.contract_rig import TRACKING, HandOver
from cratejoy_tui.warehouses.shipstation_words import naive_since
from tests.warehouses.shipstation_fake import naive
from tests.warehouses.shipstation_rig import ShipStationRig, rigged

HAND_OVER = HandOver(sequence=1)


@pytest.fixture
async def rig() -> AsyncIterator[ShipStationRig]:
    async with rigged() as rig:
        yield rig


async def test_labels_and_orders_marked_as_shipped_are_both_told(rig: ShipStationRig) -> None:
    station = await rig.connect()
    await pushed(station, rig, "SUB-1", "SUB-2")
    rig.fake.label("SUB-1", TRACKING[1])
    rig.fake.mark_shipped("SUB-2", TRACKING[2])
    parcels = {parcel.order_number: parcel for parcel in await all_parcels(station)}
    assert {number: parcel.tracking_number for number, parcel in parcels.items()} == {
        "SUB-1": TRACKING[1],
        "SUB-2": TRACKING[2],
    }
    assert (parcels["SUB-1"].order_closed, parcels["SUB-2"].order_closed) == (False, True)
    assert (parcels["SUB-1"].carrier_name, parcels["SUB-2"].carrier_name) == ("USPS", "UPS")
    assert parcels["SUB-1"].reference != parcels["SUB-2"].reference


async def test_a_label_that_brings_a_box_back_is_not_told(rig: ShipStationRig) -> None:
    station = await rig.connect()
    await pushed(station, rig, "SUB-1")
    rig.fake.label("SUB-1", TRACKING[1], isReturnLabel=True)
    assert await all_parcels(station) == []


async def test_a_label_made_long_ago_and_voided_now_is_told(rig: ShipStationRig) -> None:
    station = await rig.connect()
    await pushed(station, rig, "SUB-1")
    rig.fake.label("SUB-1", TRACKING[1])
    rig.fake.set_status("SUB-1", "shipped")
    rig.fake.clock.moment += timedelta(days=10)
    since = rig.fake.clock.moment.astimezone(UTC) - timedelta(hours=1)
    assert await all_parcels(station, since) == []
    rig.fake.void(TRACKING[1])
    [parcel] = await all_parcels(station, since)
    assert parcel.voided
    assert not parcel.order_closed


@pytest.mark.parametrize(
    "odd",
    [
        {"createDate": "yesterday"},
        {"orderNumber": None},
        {"shipmentItems": "many"},
        {"trackingNumber": {"no": "number"}},
        {"createDate": "0001-01-01T00:00:00"},
    ],
)
async def test_a_label_that_cannot_be_read_hides_no_other(rig: ShipStationRig, odd: dict[str, Any]) -> None:
    station = await rig.connect()
    await pushed(station, rig, "SUB-1")
    rig.fake.label("SUB-1", TRACKING[1])
    rig.fake.label("SUB-1", TRACKING[2])
    rig.fake.shipments[0].update(odd, createDate=odd.get("createDate", rig.fake.shipments[0]["createDate"]))
    begin = datetime(1, 1, 3, tzinfo=UTC)
    numbers = [parcel.tracking_number async for page in station.shipped_since(begin) for parcel in page]
    assert TRACKING[2] in numbers


async def test_hostile_text_in_a_label_is_made_harmless(rig: ShipStationRig) -> None:
    station = await rig.connect()
    rig.fake.label("SUB-1\x1b[2J", "94\x1b]52;c;x\x07", carrierCode="\u202eups", serviceCode="x" * 5000)
    [parcel] = await all_parcels(station)
    assert parcel.order_number.isprintable()
    assert parcel.tracking_number.isprintable()
    assert len(parcel.service) == 100
    assert "\u202e" not in parcel.carrier_name


@pytest.mark.parametrize("minutes", range(0, 240, 10))
def test_no_label_of_the_repeated_hour_falls_out_of_a_window(minutes: int) -> None:
    since = datetime(2026, 11, 1, 7, tzinfo=UTC) + timedelta(minutes=minutes)
    begin = naive_since(since)
    for later in range(0, 180, 5):
        assert naive(since + timedelta(minutes=later)) >= begin


async def test_a_label_made_in_the_second_of_two_equal_hours_is_fetched(rig: ShipStationRig) -> None:
    station = await rig.connect()
    await pushed(station, rig, "SUB-1")
    rig.fake.clock.moment = datetime(2026, 11, 1, 9, 5, tzinfo=UTC)
    rig.fake.label("SUB-1", TRACKING[1])
    [parcel] = await all_parcels(station, datetime(2026, 11, 1, 8, 55, tzinfo=UTC))
    assert parcel.shipped_at is not None
    assert parcel.shipped_at <= rig.fake.clock.moment, "never in the future"
