"""Is everything in place for runs to go well? Every line is a finding with a next step; nothing is changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cratejoy_tui.errors import CratejoyTuiError, KeyringUnavailable, LedgerError
from cratejoy_tui.settings import Settings, StoreSettings, ledger_location, load
from cratejoy_tui.setup.draft import CRATEJOY_KEYS
from cratejoy_tui.setup.findings import Finding, failed, failing, need_whole, warned, well
from cratejoy_tui.setup.machine import disk, permissions, sqlite
from cratejoy_tui.setup.parts import Parts, Sourced
from cratejoy_tui.setup.trials import Remote, contact_of, skew_of, told_contact, told_skew, try_keyring
from cratejoy_tui.sync.domain.books import Run, Verified
from cratejoy_tui.sync.ports import Contact

SKEW_WARNED = timedelta(seconds=30)
SKEW_FAILED = timedelta(minutes=5)
LAST_RUN_WARNED = timedelta(hours=24)


async def examine(parts: Parts, path: Path, stores: Sequence[str] = ()) -> AsyncIterator[Finding]:
    """Look at this machine, then at each store; one finding after the other. Raises nothing foreseen."""
    try:
        settings = load(path)
        chosen = settings.chosen(stores)
    except CratejoyTuiError as error:
        yield failed("settings", error)
        return
    yield _settings(settings, path)
    sourced = {store.name: await asyncio.to_thread(_keys_of, parts, settings, store) for store in chosen}
    yield await _keyring(parts, next(iter(sourced), "main"), [one for one, _ in sourced.values()])
    ledger = Path(where) if "://" not in (where := ledger_location(settings)) else None
    yield sqlite(parts.sqlite_version)
    for folder, what in ((ledger.parent if ledger else None, "ledger"), (parts.log_folder, "log")):
        if folder is not None:
            yield disk(folder, what)
    yield permissions(path, ledger, parts.log_folder)
    for store in chosen:
        found, missing = sourced[store.name]
        async for finding in _store(parts, settings, store, found, missing, ledger):
            yield finding


async def _store(
    parts: Parts, settings: Settings, store: StoreSettings, found: Sourced, missing: Sequence[str], ledger: Path | None
) -> AsyncIterator[Finding]:
    yield _keys(parts, store, found, missing)
    contact: Contact | None = None
    if not set(missing) & set(CRATEJOY_KEYS):
        findings, _ = await _remote(parts, store, "Cratejoy", lambda: parts.source(store, found.keys))
        for finding in findings:
            yield finding
    if not set(missing) - set(CRATEJOY_KEYS):
        findings, contact = await _remote(parts, store, "warehouse", lambda: parts.warehouse(store, found.keys))
        for finding in findings:
            yield finding
    for finding in await _ledger(parts, settings, store.name, ledger, contact):
        yield finding


def _settings(settings: Settings, path: Path) -> Finding:
    if not settings.stores:
        return failing("settings", f"{path} sets up no store.", "Run `cratejoy-tui setup`.")
    if settings.warnings:
        return warned("settings", " ".join(settings.warnings), f"Change it in {path} if it is not meant.")
    return well("settings", f"{path} sets up {', '.join(settings.stores)}.")


def _keys_of(parts: Parts, settings: Settings, store: StoreSettings) -> tuple[Sourced, tuple[str, ...]]:
    """Keys at hand, and the names of those that are missing."""
    try:
        names = (*CRATEJOY_KEYS, *parts.kind(store.warehouse.kind).secret_names)
    except CratejoyTuiError:
        names = CRATEJOY_KEYS  # the warehouse's own line says what is wrong with it
    found = parts.find_keys(settings, store, names)
    return found, tuple(name for name in names if name not in found.keys)


def _keys(parts: Parts, store: StoreSettings, found: Sourced, missing: Sequence[str]) -> Finding:
    if missing:
        variables = ", ".join(parts.variable(store.name, name) for name in missing)
        text = f"No {' and no '.join(name.replace('_', ' ') for name in missing)}. {found.trouble}".strip()
        next_step = f"Run `cratejoy-tui setup --store {store.name}`, or set {variables}."
        return failing("keys", text, next_step, store.name)
    told = ", ".join(f"{name.replace('_', ' ')}: {source}" for name, source in found.sources.items())
    return well("keys", told, store.name)


async def _keyring(parts: Parts, store: str, found: Sequence[Sourced]) -> Finding:
    is_used = any("keyring" in source for one in found for source in one.sources.values())
    try:
        return well("keyring", f"{await try_keyring(parts, store)} answers.")
    except KeyringUnavailable as error:
        if is_used or not all(one.sources for one in found):
            return failed("keyring", error)
        return well("keyring", f"Not needed: keys come from elsewhere. {error.message}")


async def _remote(
    parts: Parts, store: StoreSettings, name: str, make: Callable[[], Remote]
) -> tuple[list[Finding], Contact | None]:
    """Does it answer, is the key good, and do the clocks agree?"""
    try:
        contact = await contact_of(make())
    except CratejoyTuiError as error:
        return [failed(name, error, store.name)], None
    takes_key = name == "Cratejoy" or bool(parts.kind(store.warehouse.kind).secret_names)
    text = f"{told_contact(contact, takes_key=takes_key)} {contact.detail}".strip()
    step = contact.next_step
    found = failing(name, text, step, store.name) if step else well(name, text, store.name)
    skew = skew_of(contact, parts.clock)
    clock = [_clock(skew, contact.system, store.name)] if skew is not None and name == "Cratejoy" else []
    return [found, *clock], contact


def _clock(skew: timedelta, system: str, store: str) -> Finding:
    text = f"This computer's clock is {told_skew(skew)} {system}'s."
    if abs(skew) <= SKEW_WARNED:
        return well("clock", text, store)
    text += " What is due, and when an e-mail may go, is judged by it."
    finding = failing if abs(skew) > SKEW_FAILED else warned
    return finding("clock", text, "Set the clock by the network (NTP), then run again.", store)


async def _ledger(
    parts: Parts, settings: Settings, store: str, path: Path | None, contact: Contact | None
) -> list[Finding]:
    if path is not None and not await asyncio.to_thread(path.exists):
        text = f"There is no ledger at {path} yet; the first run makes it."
        return [*_mark(store, contact, "", 0), warned("ledger", text, "Run `cratejoy-tui --auto`.", store)]
    try:
        if path is not None and (damage := await asyncio.to_thread(parts.damage, path)):
            raise LedgerError(f"The ledger {path} is damaged: {damage}.")
        async with parts.ledger(settings, store) as ledger:
            audit, run = await ledger.audit.verify(), await ledger.runs.last_good()
            mark = _mark(store, contact, ledger.ledger_id, await ledger.questions.last_delivery())
            return [*mark, _audit(store, audit), _last_run(store, run, parts.clock.now())]
    except CratejoyTuiError as error:
        return [failed("ledger", error, store)]


def _mark(store: str, contact: Contact | None, ledger_id: str, newest: int) -> list[Finding]:
    """Nothing can be delivered where the mark of the deliveries is not this ledger's."""
    if contact is None or (contact.ledger in ("", ledger_id) and contact.sequence <= newest):
        return []
    whose = "has had later deliveries than this ledger knows of"
    text = f"{contact.system} {whose if contact.ledger == ledger_id else 'belongs to another ledger'}."
    return [failing("warehouse", text, "Use that ledger, or make this one the owner: `cratejoy-tui adopt`.", store)]


def _audit(store: str, found: Verified) -> Finding:
    need_whole(store, found)
    return well("ledger", f"Whole; {found.count} audit records, unbroken.", store)


def _last_run(store: str, run: Run | None, now: datetime) -> Finding:
    next_step = "Run `cratejoy-tui --auto`, and see that a timer does."
    if run is None:
        return warned("last run", "No run has ended well yet.", next_step, store)
    ended = run.ended_at or run.started_at
    text = f"The last good run ended at {ended:%Y-%m-%d %H:%M}Z."
    return (
        warned("last run", text, next_step, store) if now - ended > LAST_RUN_WARNED else well("last run", text, store)
    )
