"""A made-up store and warehouse, the real flows on a real ledger between them, and all that happens to them."""

from __future__ import annotations

import asyncio
import inspect
import random
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import Executor, Future
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

import httpx

from cratejoy_tui.cratejoy.source import CratejoySource
from cratejoy_tui.errors import LockHeld
from cratejoy_tui.http import BasicKey, BearerKey, PoliteClient, Remote
from cratejoy_tui.simulator.clock import SimulatedClock
from cratejoy_tui.simulator.placing import open_catalogue
from cratejoy_tui.simulator.transport import transports
from cratejoy_tui.simulator.world import World
from cratejoy_tui.sync.domain.rules import Rules
from cratejoy_tui.sync.flows import leases
from cratejoy_tui.sync.flows.desk import Desk
from cratejoy_tui.sync.ledger import Ledger, open_ledger
from cratejoy_tui.sync.ports import DeliveryClass
from cratejoy_tui.warehouses.simulated import SimulatedWarehouse
from tests.chaos.mortal import Died, Life, MortalLedger, MortalTransport

T = TypeVar("T")

STORE = "teabox"
QUIET_SECONDS = 300.0
LEASE_IS_OVER = 95.0
MEMORY_DISK = Path("/dev/shm")
"""Where a ledger's many fsyncs cost nothing; crashes here are those of the program, not of the machine."""


class AtOnce(Executor):
    """Does the work in the calling thread: the same seed gives the same order of events."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        done: Future[T] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except BaseException as problem:
            done.set_exception(problem)
        return done


@contextmanager
def chaos_folder() -> Iterator[Path]:
    """A folder for one ledger."""
    with tempfile.TemporaryDirectory(dir=MEMORY_DISK if MEMORY_DISK.is_dir() else None) as folder:
        yield Path(folder)


class Shuffled(httpx.AsyncBaseTransport):
    """Lets others go first, now and then."""

    def __init__(self, carrier: httpx.AsyncBaseTransport, town: Town) -> None:
        self._carrier, self._town = carrier, town

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await self._town.let_others_go_first()
        response = await self._carrier.handle_async_request(request)
        if self._town.bend is None:
            return response
        body = self._town.bend(request, await response.aread())
        await response.aclose()
        return httpx.Response(response.status_code, content=body, request=request)


class ShuffledLedger(MortalLedger):
    """A mortal ledger in whose calls two processes take turns; who waits for a lease waits in the world's time."""

    def __init__(self, ledger: Ledger, life: Life, town: Town) -> None:
        super().__init__(ledger, life)
        self._town = town

    def __getattr__(self, name: str) -> Any:
        part = super().__getattr__(name)
        return part if isinstance(part, str) else _ShuffledPart(part, self._town)


class _ShuffledPart:
    def __init__(self, part: Any, town: Town) -> None:
        self._part, self._town = part, town

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._part, name)
        if not inspect.iscoroutinefunction(method):
            return method

        async def call(*args: Any, **kwargs: Any) -> Any:
            await self._town.let_others_go_first()
            try:
                return await method(*args, **kwargs)
            except LockHeld:
                if name == "take":
                    self._town.world.advance(2)
                raise

        return call


def _is_death(end: BaseException) -> bool:
    """Did the process die, and nothing else happen? Reads that go side by side hand it on in a group."""
    return isinstance(end, Died) or (isinstance(end, BaseExceptionGroup) and end.split(Died)[1] is None)


class Town:
    """One world, one ledger file, and the processes that come and go."""

    def __init__(self, folder: Path, *, seed: int = 1, rules: Rules | None = None, **knobs: Any) -> None:
        self.world = World(":memory:")
        with self.world.change():
            self.world.remember("seed", seed)
            open_catalogue(self.world)
        self.world.turn(**knobs)
        self.rules = rules or Rules()
        self.clock = SimulatedClock(self.world)
        self.chance = random.Random(seed)
        self.bend: Callable[[httpx.Request, bytes], bytes] | None = None
        """Changes what the remote systems answer."""
        self.is_crowded = False
        self.processes = 0
        self._ledger_path = folder / "ledger.db"
        self._runner = asyncio.Runner()
        self._patch = patch.object(leases, "POLL_SECONDS", 0.0)
        self._patch.start()
        self.ledger = self._runner.run(self._open_ledger())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do this to its end."""
        return self._runner.run(work)

    def close(self) -> None:
        self._runner.run(self.ledger.close())
        self._runner.close()
        self._patch.stop()
        self.world.close()

    async def let_others_go_first(self) -> None:
        """Where two processes run at once, each call may be overtaken by others."""
        for _ in range(self.chance.randrange(4) if self.is_crowded else 0):
            await asyncio.sleep(0)

    async def _open_ledger(self) -> Ledger:
        ledger = await open_ledger(self._ledger_path, STORE, clock=self.clock, operator="ada")
        for name in ("_reader", "_writer"):
            getattr(ledger._threads, name).shutdown()
            setattr(ledger._threads, name, AtOnce())
        return ledger

    @asynccontextmanager
    async def process(self, life: Life | None = None) -> AsyncIterator[Desk]:
        """A desk of a process of its own, with its own ledger connections; leaves the ledger as it is when it dies."""
        life = life or Life()
        self.processes += 1
        ledger = await self._open_ledger()
        source, warehouse = self._remotes(life)
        try:
            yield Desk(
                store=STORE,
                rules=self.rules,
                source=source,
                warehouse=warehouse,
                ledger=ShuffledLedger(ledger, life, self),  # type: ignore[arg-type]
                clock=self.clock,
                operator="ada",
                holder=f"elsewhere:{self.processes}:x:run {self.processes}",
                allow_large=True,
            )
        finally:
            await _end_all_tasks()
            await source.close()
            await warehouse.close()
            await ledger.close()

    def _remotes(self, life: Life) -> tuple[CratejoySource, SimulatedWarehouse]:
        ways, keys = transports(self.world), self.world.keys

        def client(system: str, key: Any, way: str) -> PoliteClient:
            remote = Remote(system=system, base_url="http://127.0.0.1", requests_per_second=None)
            carrier = MortalTransport(Shuffled(ways[way], self), life)
            return PoliteClient(remote, key, transport=carrier, wait=self.clock.sleep)

        return (
            CratejoySource(client("Cratejoy", BasicKey(keys.client_id, keys.client_secret), "cratejoy")),
            SimulatedWarehouse(
                client("Simulated Warehouse", BearerKey(keys.warehouse_token), "warehouse"),
                delivery=DeliveryClass(self.world.knobs.delivery),
                quiet_seconds=QUIET_SECONDS,
            ),
        )

    # what a process does

    def alone(self, act: Callable[[Desk], Coroutine[Any, Any, T]], life: Life | None = None) -> T | None:
        """Let one process do this. None when it died of it, or found another one at work."""

        async def lived() -> T | None:
            async with self.process(life) as desk:
                try:
                    return await act(desk)
                except LockHeld:
                    return None

        try:
            return self.run(lived())
        except (Died, BaseExceptionGroup) as end:
            if not _is_death(end):
                raise
            return None

    def together(self, *acts: tuple[Callable[[Desk], Coroutine[Any, Any, Any]], Life | None]) -> None:
        """Let several processes do these things at the same time."""

        async def one(act: Callable[[Desk], Coroutine[Any, Any, Any]], life: Life | None, desk: Desk) -> None:
            try:
                await act(desk)
            except LockHeld:
                return
            except (Died, BaseExceptionGroup) as end:
                if not _is_death(end):
                    raise

        async def all_of_them() -> None:
            async with _opened(self, acts) as desks:
                work = [one(act, life, desk) for (act, life), desk in zip(acts, desks, strict=True)]
                await asyncio.gather(*work)

        self.is_crowded = True
        try:
            self.run(all_of_them())
        finally:
            self.is_crowded = False

    def pass_by(self, seconds: float) -> None:
        """Let time pass with nobody at work."""
        self.world.advance(seconds)


@contextmanager
def a_town(**how: Any) -> Iterator[Town]:
    """A town for one test."""
    with chaos_folder() as folder:
        town = Town(folder, **how)
        try:
            yield town
        finally:
            town.close()


@asynccontextmanager
async def _opened(town: Town, acts: tuple[Any, ...]) -> AsyncIterator[list[Desk]]:
    from contextlib import AsyncExitStack

    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(town.process(life)) for _, life in acts]


async def _end_all_tasks() -> None:
    """What a dead process was about to do does not happen."""
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
