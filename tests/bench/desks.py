"""A desk at a served simulator, unpaced: the bench measures our own work, not the waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from cratejoy_tui.cratejoy.source import CratejoySource
from cratejoy_tui.http import BasicKey, BearerKey, PoliteClient, Remote
from cratejoy_tui.simulator.clock import SimulatedClock
from cratejoy_tui.simulator.world import DEFAULT_START, World
from cratejoy_tui.sync.domain.rules import Rules
from cratejoy_tui.sync.flows.desk import Desk
from cratejoy_tui.sync.ledger import open_ledger, this_process
from cratejoy_tui.sync.ports import DeliveryClass
from cratejoy_tui.warehouses.simulated import SimulatedWarehouse
from tests.bench.served import Shop


@asynccontextmanager
async def desk_at(shop: Shop, ledger_path: Path, rules: Rules | None = None) -> AsyncIterator[Desk]:
    """The whole program but its front end."""
    world = World(shop.world) if shop.world.is_file() else None
    clock = SimulatedClock(world) if world else StandingClock()
    store = Remote(system="Cratejoy", base_url=shop.url, requests_per_second=None)
    floor = Remote(system="Simulated Warehouse", base_url=shop.warehouse_url, requests_per_second=None)
    source = CratejoySource(PoliteClient(store, BasicKey(shop.client_id, shop.client_secret)))
    warehouse = SimulatedWarehouse(PoliteClient(floor, BearerKey(shop.warehouse_token)), delivery=DeliveryClass.UNIQUE)
    ledger = await open_ledger(ledger_path, "bench", clock=clock, operator="bench")
    try:
        yield Desk(
            store="bench",
            rules=rules or Rules(),
            source=source,
            warehouse=warehouse,
            ledger=ledger,
            clock=clock,
            operator="bench",
            holder=this_process("bench"),
            allow_large=True,
        )
    finally:
        await ledger.close()
        await source.close()
        await warehouse.close()


class StandingClock:
    """The moment at which the served world stands still."""

    def now(self) -> datetime:
        return DEFAULT_START

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
