"""Extensiv keeps the contract in both ways of writing JSON and both delivery classes, over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cratejoy_tui.warehouses.contract import WarehouseContract
from tests.warehouses.extensiv_fake import FakeExtensiv
from tests.warehouses.extensiv_rig import ExtensivRig, rigged


class TestExtensiv(WarehouseContract):
    adapter = "extensiv"

    @pytest.fixture
    async def rig(self) -> AsyncIterator[ExtensivRig]:
        async with rigged() as rig:
            yield rig


class TestExtensivThatRefusesDuplicatesInPlainJson(WarehouseContract):
    adapter = "extensiv"

    @pytest.fixture
    async def rig(self) -> AsyncIterator[ExtensivRig]:
        async with rigged(FakeExtensiv(speaks_plainly=True), refuses_duplicates=True) as rig:
            yield rig
