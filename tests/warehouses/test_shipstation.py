"""ShipStation keeps the contract, over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cratejoy_tui.warehouses.contract import WarehouseContract
from tests.warehouses.shipstation_rig import ShipStationRig, rigged


class TestShipStation(WarehouseContract):
    adapter = "shipstation"

    @pytest.fixture
    async def rig(self) -> AsyncIterator[ShipStationRig]:
        async with rigged() as rig:
            yield rig


class TestShipStationWithAStore(WarehouseContract):
    adapter = "shipstation"

    @pytest.fixture
    async def rig(self) -> AsyncIterator[ShipStationRig]:
        async with rigged(store_id=11) as rig:
            yield rig
