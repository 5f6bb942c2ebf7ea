"""Puts together what set-up and the doctor work with. Nothing heavy is imported before it is used."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from cratejoy_tui import wiring
from cratejoy_tui.clock import SystemClock
from cratejoy_tui.errors import CratejoyTuiError
from cratejoy_tui.setup.fields import FieldKind
from cratejoy_tui.setup.parts import Parts, Sourced, WarehouseKind, WarehouseSetting

if TYPE_CHECKING:
    from cratejoy_tui.credentials import Credentials
    from cratejoy_tui.settings import Settings, StoreSettings
    from cratejoy_tui.setup.draft import Keys
    from cratejoy_tui.sync.flows.desk import Desk, Told
    from cratejoy_tui.sync.ledger import Ledger
    from cratejoy_tui.sync.ports import Clock


def setup_parts(operator: str, *, person_present: bool = True, clock: Clock | None = None) -> Parts:
    """Everything real. `person_present`: someone may unlock the keyring meanwhile."""
    import sqlite3

    from cratejoy_tui import logs, warehouses
    from cratejoy_tui.credentials import OsKeyring, variable

    now = clock or SystemClock()
    return Parts(
        clock=now,
        keyring=OsKeyring(person_present=person_present),
        kind_names=warehouses.names,
        kind=_kind,
        find_keys=_find_keys,
        variable=variable,
        keys_in_environment=_keys_in_environment,
        source=lambda store, keys: wiring.live_source(store, _given(store, keys), now),
        warehouse=lambda store, keys: wiring.live_warehouse(store, _given(store, keys), now),
        desk_on=lambda store, keys, path, tell: _desk_on(store, keys, path, tell, now, operator),
        live_desk=lambda settings, store, keys: _live_desk(settings, store, keys, now, operator),
        ledger=lambda settings, name: _ledger(settings, name, now, operator),
        damage=_damage,
        sqlite_version=sqlite3.sqlite_version,
        log_folder=logs.default_folder(),
    )


def pairs_in(text: str) -> dict[str, str]:
    """Names and values as a credential command prints them. Raises CredentialsMissing for unreadable JSON."""
    from cratejoy_tui.credentials.chain import pairs_of

    return pairs_of(text)


_KINDS = {"number": FieldKind.NUMBER, "yes or no": FieldKind.YES_NO, "choice": FieldKind.CHOICE}


def _kind(name: str) -> WarehouseKind:
    from cratejoy_tui import warehouses

    adapter = warehouses.load(name)
    settings = tuple(
        WarehouseSetting(
            name=wiring.key_name(setting.name) if setting.secret else setting.name,
            kind=FieldKind.TABLE if setting.kind == "columns" else _KINDS.get(setting.kind.value, FieldKind.TEXT),
            help=setting.help,
            default=setting.default,
            choices=setting.choices,
            is_secret=setting.secret,
        )
        for setting in adapter.settings
    )
    return WarehouseKind(name=name, title=adapter.title, settings=settings)


def _given(store: StoreSettings, keys: Keys) -> Credentials:
    """Keys that are at hand."""
    from cratejoy_tui.credentials import Credential, Credentials

    def find(name: str) -> Credential | None:
        return Credential(value=keys[name], source="set-up") if name in keys else None

    return Credentials(store.name, [find])


def _find_keys(settings: Settings, store: StoreSettings, names: Sequence[str]) -> Sourced:
    credentials = wiring.credentials_of(settings.with_store(store), store)
    keys, sources, trouble = {}, {}, ""
    for name in names:
        try:
            found = credentials.find(name)
        except CratejoyTuiError as error:
            trouble = f"{error.message} {error.next_step}"
            continue
        if found is not None:
            keys[name], sources[name] = found.value, found.source
    return Sourced(keys=MappingProxyType(keys), sources=MappingProxyType(sources), trouble=trouble)


def _keys_in_environment(settings: Settings, store: StoreSettings, names: Sequence[str]) -> Keys:
    from cratejoy_tui.credentials.chain import in_environment

    find = in_environment(store.name, os.environ, alone=set(settings.stores) <= {store.name})
    return {name: found.value for name in names if (found := find(name))}


def _desk_on(
    store: StoreSettings, keys: Keys, path: Path, tell: Callable[[Told], None], clock: Clock, operator: str
) -> AbstractAsyncContextManager[Desk]:
    manner = wiring.Manner(label="set-up", operator=operator, read_only=True, tell=tell)
    return _desk_at(store, keys, str(path), clock, manner)


def _live_desk(
    settings: Settings, store: StoreSettings, keys: Keys, clock: Clock, operator: str
) -> AbstractAsyncContextManager[Desk]:
    from cratejoy_tui.settings import ledger_location

    manner = wiring.Manner(label="set-up", operator=operator)
    return _desk_at(store, keys, ledger_location(settings), clock, manner)


def _desk_at(
    store: StoreSettings, keys: Keys, ledger: str, clock: Clock, manner: wiring.Manner
) -> AbstractAsyncContextManager[Desk]:
    credentials = _given(store, keys)
    warehouse = wiring.live_warehouse(store, credentials, clock)
    source = wiring.live_source(store, credentials, clock)
    return wiring.desk_of(store.name, wiring.rules_of(store, warehouse), source, warehouse, ledger, clock, manner)


@asynccontextmanager
async def _ledger(settings: Settings, name: str, clock: Clock, operator: str) -> AsyncIterator[Ledger]:
    from cratejoy_tui.settings import ledger_location
    from cratejoy_tui.sync.ledger import open_ledger

    ledger = await open_ledger(ledger_location(settings), name, clock=clock, operator=operator)
    try:
        yield ledger
    finally:
        await ledger.close()


def _damage(path: Path) -> str:
    import sqlite3
    from contextlib import closing

    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=10)) as connection:
            rows: list[tuple[str]] = connection.execute("PRAGMA integrity_check(3)").fetchall()
    except sqlite3.OperationalError:  # a full or refusing disk harms no file; opening the ledger says what is wrong
        return ""
    except sqlite3.Error as error:
        return str(error)
    found = [row[0] for row in rows]
    return "" if found == ["ok"] else "; ".join(found)
