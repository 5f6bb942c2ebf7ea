"""ShipHero keeps the contract, over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cratejoy_tui.warehouses.contract import WarehouseContract
from tests.warehouses.shiphero_rig import ShipHeroRig, rigged


class TestShipHero(WarehouseContract):
    adapter = "shiphero"

    @pytest.fixture
    async def rig(self) -> AsyncIterator[ShipHeroRig]:
        async with rigged() as rig:
            yield rig
