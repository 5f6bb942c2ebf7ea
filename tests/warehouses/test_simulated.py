"""The simulated warehouse keeps the contract in each delivery class, over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from cratejoy_tui.simulator.warehouse_app import warehouse_app
from cratejoy_tui.simulator.world import World
from cratejoy_tui.sync.ports import DeliveryClass
from cratejoy_tui.warehouses.contract import WarehouseContract
from tests.warehouses.loopback import served
from tests.warehouses.simulated_rig import SimulatedRig


@asynccontextmanager
async def rigged(delivery: DeliveryClass) -> AsyncIterator[SimulatedRig]:
    """A world of its own behind real HTTP."""
    world = World()
    bodies: list[tuple[str, bytes]] = []
    async with served(warehouse_app(world), bodies) as url:
        rig = SimulatedRig(world=world, url=url, bodies=bodies, delivery_class=delivery)
        try:
            yield rig
        finally:
            await rig.close()
    world.close()


class TestSimulated(WarehouseContract):
    adapter = "simulated"

    @pytest.fixture
    async def rig(self) -> AsyncIterator[SimulatedRig]:
        async with rigged(DeliveryClass.UNIQUE) as rig:
            yield rig


class TestSimulatedWithLookUp(WarehouseContract):
    adapter = "simulated"

    @pytest.fixture
    async def rig(self) -> AsyncIterator[SimulatedRig]:
        async with rigged(DeliveryClass.LOOK_UP) as rig:
            yield rig


class TestSimulatedBlind(WarehouseContract):
    adapter = "simulated"

    @pytest.fixture
    async def rig(self) -> AsyncIterator[SimulatedRig]:
        async with rigged(DeliveryClass.BLIND) as rig:
            yield rig
