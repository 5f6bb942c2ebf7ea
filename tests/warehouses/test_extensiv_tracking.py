"""What Extensiv tells of orders that left: tracking in three places, states in two ways, times without a zone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cratejoy_tui.sync.domain.order import (
    OrderState,
)
from cratejoy_tui.warehouses.contract import all_parcels, pushed
from cratejoy_tui.warehouses.contract_rig import TRACKING, HandOver
from cratejoy_tui.warehouses.extensiv_records import order_in, plain
from cratejoy_tui.warehouses.extensiv_words import naive_since, parcels_of, state_of
from tests.warehouses.extensiv_rig import ExtensivRig, rigged
from tests.warehouses.folder_rig import ZONE

HAND_OVER = HandOver(sequence=1)


@pytest.fixture
async def rig() -> AsyncIterator[ExtensivRig]:
    async with rigged() as rig:
        yield rig


def there(number: str, **changes: Any) -> dict[str, Any]:
    """An order as Extensiv shows it, shipped whole in one package."""
    return {
        "referenceNum": number,
        "readOnly": {"orderId": 7, "isClosed": True, "status": 1, "processDate": "2026-11-23T10:00:00"},
        **changes,
    }


def tracking(row: dict[str, Any]) -> list[tuple[str, str]]:
    return [(parcel.reference, parcel.tracking_number) for parcel in parcels_of(order_in(plain(row)), ZONE)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [("7", "")]),
        ({"routingInfo": {"trackingNumber": "R1"}}, [("7", "R1")]),
        ({"parcelResponse": {"trackingNumbers": ["A", "B"]}}, [("7", "A"), ("7-2", "B")]),
        ({"parcelResponse": {"trackingNumbers": ["A"]}, "routingInfo": {"trackingNumber": "A"}}, [("7", "A")]),
        ({"routingInfo": {"trackingNumber": "A, B,A"}}, [("7", "A"), ("7-2", "B")]),
        ({"packages": [{"packageId": 12, "trackingNumber": "B"}, {"packageId": 9, "trackingNumber": "A"}]},
         [("7", "A"), ("7-2", "B")]),
        ({"packages": [{"packageId": 1, "trackingNumber": ""}], "parcelResponse": {"trackingNumbers": ["A"]}},
         [("7", "A")]),
    ],
)  # fmt: skip
def test_tracking_is_gathered_from_all_three_places(changes: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert tracking(there("SUB-1", **changes)) == expected


def test_both_ways_of_writing_tell_the_same() -> None:
    hal = there("SUB-1", routingInfo={"trackingNumber": "A", "carrier": "USPS"})
    pascal = {
        "ReferenceNum": "SUB-1",
        "ReadOnly": {"OrderId": 7, "IsClosed": True, "Status": 1, "ProcessDate": "2026-11-23T10:00:00"},
        "RoutingInfo": {"TrackingNumber": "A", "Carrier": "USPS"},
    }
    assert parcels_of(order_in(plain(hal)), ZONE) == parcels_of(order_in(plain(pascal)), ZONE)


def test_a_packed_order_has_not_left_yet() -> None:
    read_only = {"orderId": 7, "isClosed": False, "status": 0}
    items = [{"readOnly": {"orderItemId": 1}, "itemIdentifier": {"sku": "TEA-01"}, "qty": 1}]
    packed = [{"packageId": 1, "trackingNumber": "A", "packageContents": [{"orderItemId": 1, "qty": 1}]}]
    row = {"referenceNum": "SUB-1", "readOnly": {**read_only, "packages": packed}, "orderItems": items}
    [parcel] = parcels_of(order_in(row), ZONE)
    assert (parcel.order_closed, parcel.lines) == (False, None)
    [left] = parcels_of(order_in({**row, "readOnly": {**row["readOnly"], "isClosed": True}}), ZONE)
    assert left.order_closed
    assert left.lines is not None
    assert [(line.sku, line.quantity) for line in left.lines] == [("TEA-01", 1)]
    assert tracking({"referenceNum": "SUB-1", "readOnly": read_only}) == []


def test_a_cancelled_order_has_no_parcels() -> None:
    assert tracking(there("SUB-1", readOnly={"orderId": 7, "status": 2}, routingInfo={"trackingNumber": "A"})) == []


async def test_a_number_typed_in_after_closing_is_fetched(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1")
    [order] = rig.fake.by_number("SUB-1")
    rig.fake.close(order)
    rig.fake.clock.moment += timedelta(days=10)
    order["routingInfo"] = {"trackingNumber": TRACKING[1]}
    rig.fake.touch(order)
    [parcel] = await all_parcels(warehouse, rig.fake.clock.moment - timedelta(days=1))
    assert parcel.tracking_number == TRACKING[1]


async def test_a_warehouse_that_knows_no_changes_is_asked_for_what_it_closed(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1", "SUB-2")
    del rig.fake.properties["readonly.lastmodifieddate"]
    [order] = rig.fake.by_number("SUB-1")
    rig.fake.pack(order, TRACKING[1])
    rig.fake.close(order)
    assert [parcel.tracking_number for parcel in await all_parcels(warehouse)] == [TRACKING[1]]


async def test_an_order_that_cannot_be_read_hides_no_other(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1", "SUB-2", "SUB-3")
    for n, number in enumerate(("SUB-1", "SUB-2", "SUB-3"), 1):
        [order] = rig.fake.by_number(number)
        rig.fake.pack(order, TRACKING[n])
        rig.fake.close(order)
    rig.fake.by_number("SUB-1")[0]["routingInfo"] = "by ship"
    rig.fake.by_number("SUB-2")[0]["orderItems"][0]["qty"] = 1.5
    rig.fake.by_number("SUB-2")[0]["readOnly"]["shipDate"] = "soon"
    assert [parcel.order_number for parcel in await all_parcels(warehouse)] == ["SUB-3"]


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Tokyo", "UTC", "Pacific/Kiritimati"])
def test_a_window_begins_early_enough_whichever_zone_is_meant(zone: str) -> None:
    since = datetime(2026, 11, 23, 12, tzinfo=UTC)
    begin = datetime.fromisoformat(naive_since(since, ZoneInfo(zone)))
    for meant in ("Pacific/Pago_Pago", "UTC", "Pacific/Kiritimati"):
        assert begin <= since.astimezone(ZoneInfo(meant)).replace(tzinfo=None)


async def test_dates_are_read_in_the_facilitys_zone() -> None:
    async with rigged(time_zone="America/New_York") as rig:
        warehouse = await rig.connect()
        [parcel] = parcels_of(order_in(there("SUB-1")), warehouse._zone)
        assert parcel.shipped_at == datetime(2026, 11, 23, 15, tzinfo=UTC)


def test_of_two_equal_hours_the_earlier_is_taken() -> None:
    row = there("SUB-1", readOnly={"orderId": 7, "isClosed": True, "shipDate": "2026-11-01T01:30:00"})
    [parcel] = parcels_of(order_in(row), ZONE)
    assert parcel.shipped_at == datetime(2026, 11, 1, 8, 30, tzinfo=UTC)


def test_states_are_read_from_numbers_words_and_the_closed_mark() -> None:
    def state(**read_only: Any) -> OrderState:
        return state_of(order_in({"referenceNum": "1", "readOnly": {"orderId": 1, **read_only}}))

    assert state(status=0) is state(status="Open") is state() is OrderState.OPEN
    assert state(status=1) is state(isClosed=True) is state(status="Closed") is OrderState.SHIPPED
    assert state(status=2, isClosed=True) is state(status="Canceled") is OrderState.CANCELLED
