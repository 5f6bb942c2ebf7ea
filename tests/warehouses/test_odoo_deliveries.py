"""What Odoo tells of orders that left."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from cratejoy_tui.warehouses.contract import all_parcels, pushed
from cratejoy_tui.warehouses.contract_rig import TRACKING, HandOver, Packed
from tests.warehouses.odoo_rig import OdooRig, rigged

HAND_OVER = HandOver(sequence=1)


@pytest.fixture(params=[19, 17])
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[OdooRig]:
    async with rigged(request.param) as rig:
        yield rig


async def test_a_number_typed_in_late_belongs_to_the_parcel_that_had_none(rig: OdooRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1")
    picking = rig.fake.deliver(rig.fake.orders("SUB-1")[0], "", None)
    [blank] = await all_parcels(warehouse)
    assert (blank.tracking_number, blank.order_closed) == ("", True)
    rig.fake.clock.moment += timedelta(days=5)
    since = rig.fake.clock.now() - timedelta(hours=1)
    assert await all_parcels(warehouse, since) == []
    rig.fake.retrack(picking, f" {TRACKING[1]} ,{TRACKING[2]},")
    late = await all_parcels(warehouse, since)
    assert [parcel.tracking_number for parcel in late] == [TRACKING[1], TRACKING[2]]
    assert late[0].reference == blank.reference
    assert late[0].shipped_at == blank.shipped_at == datetime(2026, 11, 23, 18, tzinfo=UTC)


async def test_links_of_several_parcels_find_their_numbers(rig: OdooRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1")
    picking = rig.fake.deliver(rig.fake.orders("SUB-1")[0], "A1,B2", None)
    picking["carrier_tracking_url"] = '[["B2", "https://carrier.test/B2"], ["A1", "https://carrier.test/A1"]]'
    assert [parcel.tracking_link[-2:] for parcel in await all_parcels(warehouse)] == ["A1", "B2"]
    picking["carrier_tracking_url"] = "[what?"
    assert [parcel.tracking_link for parcel in await all_parcels(warehouse)] == ["", ""]


async def test_a_kits_content_is_not_told_in_words_the_order_does_not_have(rig: OdooRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1")
    await rig.ship({"SUB-1": [Packed(tracking_number=TRACKING[1])]})
    next(iter(rig.fake.tables["stock.move"].values()))["product_id"] = 2
    [parcel] = await all_parcels(warehouse)
    assert parcel.lines is None


async def test_one_unreadable_delivery_does_not_hide_the_others(rig: OdooRig, caplog: pytest.LogCaptureFixture) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1", "SUB-2", "SUB-3")
    await rig.ship({f"SUB-{n}": [Packed(tracking_number=TRACKING[n])] for n in (1, 2, 3)})
    first, second, _ = rig.fake.tables["stock.picking"].values()
    first["date_done"], second["carrier_tracking_ref"] = "yesterday", 7
    assert [parcel.order_number for parcel in await all_parcels(warehouse)] == ["SUB-3"]
    assert "2 deliveries could not be read" in caplog.text


async def test_deliveries_are_told_without_the_module_for_tracking() -> None:
    async with rigged(19, has_tracking=False) as rig:
        warehouse = await rig.connect()
        assert "without tracking" in (await warehouse.verify()).detail
        await pushed(warehouse, rig, "SUB-1")
        await rig.ship({"SUB-1": [Packed(tracking_number=TRACKING[1])]})
        [parcel] = await all_parcels(warehouse)
        assert (parcel.order_number, parcel.tracking_number) == ("SUB-1", "")


async def test_sixteen_names_its_quantities_otherwise() -> None:
    async with rigged(16) as rig:
        warehouse = await rig.connect()
        assert (await warehouse.verify()).detail == "Odoo 16.0"
        await pushed(warehouse, rig, "SUB-1")
        await rig.ship({"SUB-1": [Packed(tracking_number=TRACKING[1])]})
        [parcel] = await all_parcels(warehouse)
        assert parcel.lines is not None
        assert {line.sku: line.quantity for line in parcel.lines} == {"TEA-01": 2, "MUG-01": 1}
