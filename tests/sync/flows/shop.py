"""A store and a warehouse on the simulator, with a desk between them: what the tests of the arrows work on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cratejoy_tui.cratejoy import CratejoySource
from cratejoy_tui.http import BasicKey, BearerKey, PoliteClient, Remote
from cratejoy_tui.simulator import changes as store
from cratejoy_tui.simulator.cast import Box
from cratejoy_tui.simulator.clock import SimulatedClock
from cratejoy_tui.simulator.floor import ship_now
from cratejoy_tui.simulator.placing import open_catalogue, place
from cratejoy_tui.simulator.proof import Record, record, verdict
from cratejoy_tui.simulator.transport import transports
from cratejoy_tui.simulator.world import DEFAULT_START, World, to_ms
from cratejoy_tui.sync.domain.record import Stored
from cratejoy_tui.sync.domain.rules import Rules
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.flows.cycle import Cycled, cycle
from cratejoy_tui.sync.flows.desk import Desk, Told
from cratejoy_tui.sync.ledger import open_ledger, this_process
from cratejoy_tui.sync.ports import DeliveryClass
from cratejoy_tui.warehouses.simulated import SimulatedWarehouse

QUIET_SECONDS = 300.0


@dataclass(slots=True)
class Shop:
    """One world, the desk at it, and what the desk said."""

    world: World
    desk: Desk
    told: list[Told]

    def order(self, **box: Any) -> str:
        """A customer buys a box; returns its shipment id."""
        with self.world.change():
            return str(place(self.world, Box(**box)))

    def orders(self, count: int, **box: Any) -> list[str]:
        """So many of the same."""
        return [self.order(**box) for _ in range(count)]

    def cancel(self, id_: str) -> None:
        """The merchant cancels a box in Cratejoy."""
        with self.world.change():
            store.cancel(self.world, int(id_))

    def uncancel(self, id_: str) -> None:
        """The merchant wants it after all."""
        with self.world.change():
            store.uncancel(self.world, int(id_))

    def ship(self, number: str) -> list[str]:
        """The warehouse sends everything of an order; returns the tracking numbers."""
        return ship_now(self.world, number)

    def pass_hours(self, hours: float) -> None:
        """Let time go by in the world."""
        self.world.advance(hours * 3600)

    async def cycle(self, **how: Any) -> Cycled:
        """One round."""
        return await cycle(self.desk, **how)

    async def stored(self, id_: str) -> Stored:
        """What the ledger knows of a box."""
        return (await self.desk.ledger.shipments.get([id_]))[id_]

    async def stage(self, id_: str) -> Stage:
        """Where a box stands."""
        return (await self.stored(id_)).stage

    @property
    def record(self) -> Record:
        """What the two systems noted."""
        return record(self.world)

    def with_(self, **changes: Any) -> Shop:
        """The same shop at a changed desk."""
        return Shop(self.world, replace(self.desk, **changes), self.told)

    async def prove(self) -> None:
        """Nothing was done twice or wrongly, and the audit chain holds."""
        assert verdict(self.world).proven, verdict(self.world)
        assert (await self.desk.ledger.audit.verify()).ok


def empty_world(path: Path | str, **knobs: Any) -> World:
    """A store without orders on its first morning; its warehouse ships only when told."""
    world = World(path)
    with world.change():
        for key, value in {"seed": 7, "scenario": "calm-day", "now": to_ms(DEFAULT_START)}.items():
            world.remember(key, value)
        open_catalogue(world)
        world.turn(pick_minutes=(100_000, 100_001), **knobs)
    return world


def _remotes(world: World, clock: SimulatedClock, delivery: DeliveryClass) -> tuple[CratejoySource, SimulatedWarehouse]:
    ways, keys = transports(world), world.keys

    def remote(system: str) -> Remote:
        return Remote(system=system, base_url="http://127.0.0.1", requests_per_second=None)

    basic = BasicKey(keys.client_id, keys.client_secret)
    bearer = BearerKey(keys.warehouse_token)
    source = CratejoySource(PoliteClient(remote("Cratejoy"), basic, transport=ways["cratejoy"], wait=clock.sleep))
    warehouse = SimulatedWarehouse(
        PoliteClient(remote("Simulated Warehouse"), bearer, transport=ways["warehouse"], wait=clock.sleep),
        delivery=delivery,
        quiet_seconds=QUIET_SECONDS,
    )
    return source, warehouse


@asynccontextmanager
async def shop_at(
    folder: Path,
    *,
    delivery: DeliveryClass = DeliveryClass.UNIQUE,
    rules: Rules | None = None,
    world: World | None = None,
    ledger_name: str = "ledger.sqlite",
    **knobs: Any,
) -> AsyncIterator[Shop]:
    """Open a shop in this folder; a `world` of another shop may be shared."""
    world = world or empty_world(folder / "world.sqlite", delivery=delivery.value, **knobs)
    clock = SimulatedClock(world)
    source, warehouse = _remotes(world, clock, delivery)
    ledger = await open_ledger(folder / ledger_name, "main", clock=clock, operator="ann")
    told: list[Told] = []
    desk = Desk(
        store="main",
        rules=rules or Rules(confirm_delay_minutes=0),
        source=source,
        warehouse=warehouse,
        ledger=ledger,
        clock=clock,
        operator="ann",
        holder=this_process("test"),
        tell=told.append,
    )
    try:
        yield Shop(world, desk, told)
    finally:
        await ledger.close()
        await source.close()
        await warehouse.close()


def results(cycled: Cycled) -> dict[str, int]:
    """How many outcomes of each kind: {"push done": 2}."""
    found: dict[str, int] = {}
    for outcome in cycled.outcomes:
        key = f"{outcome.kind} {outcome.result}"
        found[key] = found.get(key, 0) + 1
    return found


def numbers(outcomes: Sequence[Any]) -> list[str]:
    """The numbers of some outcomes or rows."""
    return [outcome.number for outcome in outcomes]
