"""Odoo keeps the contract over real HTTP: 19 by JSON-2, 17 and 16 by JSON-RPC."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cratejoy_tui.warehouses.contract import WarehouseContract
from tests.warehouses.odoo_rig import OdooRig, rigged


class TestOdoo19(WarehouseContract):
    adapter = "odoo"

    @pytest.fixture
    async def rig(self) -> AsyncIterator[OdooRig]:
        async with rigged(19) as rig:
            yield rig


class TestOdoo17(WarehouseContract):
    adapter = "odoo"

    @pytest.fixture
    async def rig(self) -> AsyncIterator[OdooRig]:
        async with rigged(17) as rig:
            yield rig
