"""The only file that names concrete parts: it puts a store's desk together, live or on the simulator.

Nothing heavy is imported before a desk is asked for.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from cratejoy_tui.errors import LedgerError
from cratejoy_tui.sync.domain.rules import Rules
from cratejoy_tui.sync.flows.desk import Desk, Told
from cratejoy_tui.sync.guard import ReadOnlySource, ReadOnlyWarehouse
from cratejoy_tui.sync.ports import Clock, OrderSource, Warehouse

if TYPE_CHECKING:
    from cratejoy_tui.credentials import Credentials, Secret
    from cratejoy_tui.settings import Settings, StoreSettings
    from cratejoy_tui.simulator.clock import SimulatedClock
    from cratejoy_tui.simulator.world import World
    from cratejoy_tui.sync.domain.books import Run

DEMO = "demo"


def _say_nothing(_: Told) -> None:
    return


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a front end wants to work at a desk."""

    label: str
    """What it does, for those who wait for it: auto, console, push ..."""
    operator: str
    read_only: bool = False
    allow_large: bool = False
    tell: Callable[[Told], None] = _say_nothing
    should_stop: Callable[[], bool] = _never


@asynccontextmanager
async def live_desk(settings: Settings, name: str, manner: Manner) -> AsyncIterator[Desk]:
    """The desk of a store that is set up here, closed again afterwards.

    Raises SetupError for settings or keys that are missing or wrong, LedgerError for a ledger that cannot be used.
    """
    from cratejoy_tui.clock import SystemClock
    from cratejoy_tui.settings import ledger_location

    store = settings.store(name)
    credentials = credentials_of(settings, store)
    clock = SystemClock()
    warehouse = live_warehouse(store, credentials, clock)
    source = live_source(store, credentials, clock)
    rules = rules_of(store, warehouse)
    place, sources = ledger_location(settings), credentials.sources
    async with desk_of(name, rules, source, warehouse, place, clock, manner, key_sources=sources) as desk:
        yield desk


async def note_failed_run(settings: Settings, name: str, operator: str, exit_code: int) -> int | None:
    """Keep in a store's ledger that a run failed before its desk was open; returns how the run before it ended.

    None, too, where the ledger cannot be used: then nothing is remembered.
    """
    from cratejoy_tui.clock import SystemClock
    from cratejoy_tui.settings import ledger_location
    from cratejoy_tui.sync.ledger import open_ledger

    try:
        ledger = await open_ledger(ledger_location(settings), name, clock=SystemClock(), operator=operator)
    except LedgerError:
        return None
    try:
        before = last_code(await ledger.runs.recent())
        run = await ledger.runs.begin("auto")
        await ledger.runs.finish(run.id, exit_code, False)
    except LedgerError:
        return None
    finally:
        await ledger.close()
    return before


def last_code(newest_first: Sequence[Run]) -> int | None:
    """How the last cycle ended that was no dry run and not a person's at the console; None when there was none."""
    return next((run.exit_code for run in newest_first if run.kind == "auto" and run.exit_code is not None), None)


def credentials_of(settings: Settings, store: StoreSettings) -> Credentials:
    """Every place this store's keys may be in."""
    from cratejoy_tui.credentials import OsKeyring, chain

    return chain(
        store.name,
        keyring=OsKeyring(),
        file=store.credentials_file,
        command=store.credential_command,
        alone=len(settings.stores) == 1,
    )


def key_sources(settings: Settings, name: str) -> tuple[tuple[str, str], ...]:
    """Which of a store's keys comes from where; never the key. Raises CredentialsMissing."""
    from cratejoy_tui.credentials import CLIENT_ID, CLIENT_SECRET

    found = credentials_of(settings, settings.store(name)).need((CLIENT_ID, CLIENT_SECRET))
    return tuple((key, found[key].source) for key in (CLIENT_ID, CLIENT_SECRET))


def live_source(store: StoreSettings, credentials: Credentials, clock: Clock) -> OrderSource:
    """Cratejoy, for this store. Raises CredentialsMissing."""
    from cratejoy_tui.cratejoy.source import CratejoySource
    from cratejoy_tui.credentials import CLIENT_ID, CLIENT_SECRET
    from cratejoy_tui.http import BasicKey, PoliteClient, Remote

    keys = credentials.need((CLIENT_ID, CLIENT_SECRET))
    remote = Remote(system="Cratejoy", base_url=store.api_url, requests_per_second=store.requests_per_second)
    key = BasicKey(keys[CLIENT_ID].value.reveal(), keys[CLIENT_SECRET].value.reveal())
    return CratejoySource(PoliteClient(remote, key, wait=clock.sleep))


def live_warehouse(store: StoreSettings, credentials: Credentials, clock: Clock) -> Warehouse:
    """This store's warehouse. Raises SettingsInvalid, CredentialsMissing."""
    from cratejoy_tui import warehouses
    from cratejoy_tui.warehouses.declared import Place

    adapter = warehouses.load(store.warehouse.kind)
    names = {key_name(setting.name): setting.name for setting in adapter.settings if setting.secret}
    secrets: Mapping[str, Secret] = {names[key]: found.value for key, found in credentials.need(list(names)).items()}
    place = Place(store=store.name, clock=clock, zone=store.rules.zone, secrets=secrets)
    return adapter.from_settings(store.warehouse.options, place)


def key_name(setting: str) -> str:
    """Under which name a warehouse's secret setting is kept: no warehouse may be shown Cratejoy's own key."""
    from cratejoy_tui.credentials import CLIENT_ID, CLIENT_SECRET

    return f"warehouse_{setting}" if setting in (CLIENT_ID, CLIENT_SECRET) else setting


def rules_of(store: StoreSettings, warehouse: Warehouse) -> Rules:
    """The store's rules, with the warehouse's own defaults behind what the file does not set."""
    if "confirm_delay_minutes" in store.given_rules:
        return store.rules
    return replace(store.rules, confirm_delay_minutes=warehouse.capabilities.default_confirm_delay_minutes)


@asynccontextmanager
async def demo_desk(
    manner: Manner,
    *,
    next_day: bool = False,
    reset: bool = False,
    scenario: str = "calm-day",
    folder: Path | None = None,
) -> AsyncIterator[Desk]:
    """A desk on the simulator. Its world and its ledger stay in `folder` until they are reset."""
    from cratejoy_tui.simulator.clock import SimulatedClock
    from cratejoy_tui.simulator.scenarios import demo_world

    folder = folder or demo_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if reset:
        forget_demo(folder)
    world = demo_world(folder / "world.sqlite", scenario)
    try:
        if next_day and world.ended:
            world.next_day()
        source, warehouse = _simulated(world)
        clock = SimulatedClock(world)
        async with desk_of(DEMO, Rules(), source, warehouse, str(folder / "ledger.sqlite"), clock, manner) as desk:
            yield desk
    finally:
        world.close()


def day_of(desk: Desk) -> SimulatedClock:
    """The clock of a demo desk, which knows when the simulated day has ended."""
    from cratejoy_tui.simulator.clock import SimulatedClock

    assert isinstance(desk.clock, SimulatedClock), "only a demo desk has a day"
    return desk.clock


def demo_folder() -> Path:
    """Where the demonstration keeps its world and its ledger; $CRATEJOY_TUI_DEMO names another place."""
    from platformdirs import user_data_path

    return Path(os.environ.get("CRATEJOY_TUI_DEMO") or user_data_path("cratejoy-tui", appauthor=False) / "demo")


def serve_simulator(
    port: int, scenario: str, world: Path | None, *, seed: int, boxes: int | None, standing_still: bool
) -> None:
    """Serve a made-up store and warehouse on this machine until interrupted. Raises SetupError."""
    from cratejoy_tui.errors import SetupError

    try:
        from cratejoy_tui.simulator.server import serve
    except ModuleNotFoundError as missing:
        raise SetupError(
            f"The simulator needs {missing.name} to be served.",
            next_step="Run `pip install '.[simulator]'` in the clone, or `pip install 'cratejoy-tui[simulator]'`.",
        ) from None
    serve(port, scenario, world or ":memory:", seed=seed, boxes=boxes, standing_still=standing_still)


def forget_demo(folder: Path) -> None:
    """Throw the demonstration's world and ledger away; only the files it made."""
    for name in ("world.sqlite", "ledger.sqlite"):
        for path in folder.glob(f"{name}*"):
            path.unlink()


def _simulated(world: World) -> tuple[OrderSource, Warehouse]:
    """Both remotes of a world, reached without a network and without pacing."""
    from cratejoy_tui.cratejoy.source import CratejoySource
    from cratejoy_tui.http import BasicKey, BearerKey, PoliteClient, Remote
    from cratejoy_tui.simulator.clock import SimulatedClock
    from cratejoy_tui.simulator.transport import transports
    from cratejoy_tui.sync.ports import DeliveryClass
    from cratejoy_tui.warehouses.simulated import SimulatedWarehouse

    keys, ways, clock = world.keys, transports(world), SimulatedClock(world)
    shop = Remote(system="Cratejoy", base_url="http://127.0.0.1", requests_per_second=None)
    floor = Remote(system=SimulatedWarehouse.title, base_url="http://127.0.0.1", requests_per_second=None)
    source = CratejoySource(
        PoliteClient(shop, BasicKey(keys.client_id, keys.client_secret), transport=ways["cratejoy"], wait=clock.sleep)
    )
    warehouse = SimulatedWarehouse(
        PoliteClient(floor, BearerKey(keys.warehouse_token), transport=ways["warehouse"], wait=clock.sleep),
        delivery=DeliveryClass(world.knobs.delivery),
    )
    return source, warehouse


@asynccontextmanager
async def desk_of(
    store: str,
    rules: Rules,
    source: OrderSource,
    warehouse: Warehouse,
    ledger_place: str,
    clock: Clock,
    manner: Manner,
    *,
    key_sources: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[Desk]:
    """A desk made of these parts; they are closed with it."""
    from cratejoy_tui.sync.ledger import open_ledger, this_process

    async with AsyncExitStack() as stack:
        stack.push_async_callback(source.close)
        stack.push_async_callback(warehouse.close)
        ledger = await open_ledger(ledger_place, store, clock=clock, operator=manner.operator)
        stack.push_async_callback(ledger.close)
        yield Desk(
            store=store,
            rules=rules,
            source=ReadOnlySource(source) if manner.read_only else source,
            warehouse=ReadOnlyWarehouse(warehouse) if manner.read_only else warehouse,
            ledger=ledger,
            clock=clock,
            operator=manner.operator,
            holder=this_process(manner.label),
            read_only=manner.read_only,
            allow_large=manner.allow_large,
            tell=manner.tell,
            key_sources=key_sources,
            should_stop=manner.should_stop,
        )
