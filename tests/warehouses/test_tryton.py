"""The Tryton adapter keeps the contract over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cratejoy_tui.warehouses.contract import WarehouseContract
from tests.warehouses.tryton_rig import TrytonRig, rigged


class TestTryton(WarehouseContract):
    adapter = "tryton"

    @pytest.fixture
    async def rig(self) -> AsyncIterator[TrytonRig]:
        async with rigged() as rig:
            yield rig
