"""Is everything in place for runs to go well? Every line is a finding with a next step; nothing is changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from pathlib import Path

from cratejoy_tui.errors import CratejoyTuiError, KeyringUnavailable, LedgerError
from cratejoy_tui.settings import Settings, StoreSettings, ledger_location, load
from cratejoy_tui.setup.draft import CRATEJOY_KEYS, Keys
from cratejoy_tui.setup.findings import Finding, Level, failed
from cratejoy_tui.setup.machine import disk, permissions, sqlite
from cratejoy_tui.setup.parts import LedgerBook, Parts, Sourced
from cratejoy_tui.setup.trials import Remote, contact_of, skew_of, told_contact, told_skew, try_keyring

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
    if not set(missing) & set(CRATEJOY_KEYS):
        for finding in await _remote(parts, store, "Cratejoy", lambda: parts.source(store, found.keys)):
            yield finding
    if not set(missing) - set(CRATEJOY_KEYS):
        for finding in await _remote(parts, store, "warehouse", lambda: _warehouse(parts, store, found.keys)):
            yield finding
    for finding in await _ledger(parts, settings, store.name, ledger):
        yield finding


def _settings(settings: Settings, path: Path) -> Finding:
    names = ", ".join(settings.stores)
    if not settings.stores:
        return Finding(
            level=Level.FAIL,
            name="settings",
            text=f"{path} sets up no store.",
            next_step="Run `cratejoy-tui setup`.",
            code=2,
        )
    if settings.warnings:
        return Finding(
            level=Level.WARN,
            name="settings",
            text=" ".join(settings.warnings),
            next_step=f"Change it in {path} if it is not meant.",
        )
    return Finding(level=Level.OK, name="settings", text=f"{path} sets up {names}.")


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
        return Finding(
            level=Level.FAIL,
            name="keys",
            store=store.name,
            text=f"No {' and no '.join(name.replace('_', ' ') for name in missing)}. {found.trouble}".strip(),
            next_step=f"Run `cratejoy-tui setup --store {store.name}`, or set {variables}.",
            code=2,
        )
    told = ", ".join(f"{name.replace('_', ' ')}: {source}" for name, source in found.sources.items())
    return Finding(level=Level.OK, name="keys", store=store.name, text=told)


async def _keyring(parts: Parts, store: str, found: Sequence[Sourced]) -> Finding:
    is_used = any("keyring" in source for one in found for source in one.sources.values())
    try:
        return Finding(level=Level.OK, name="keyring", text=f"{await try_keyring(parts, store)} answers.")
    except KeyringUnavailable as error:
        if is_used or not all(one.sources for one in found):
            return failed("keyring", error)
        return Finding(level=Level.OK, name="keyring", text=f"Not needed: keys come from elsewhere. {error.message}")


def _warehouse(parts: Parts, store: StoreSettings, keys: Keys) -> Remote:
    return parts.warehouse(store, keys)


async def _remote(parts: Parts, store: StoreSettings, name: str, make: Callable[[], Remote]) -> list[Finding]:
    """Does it answer, is the key good, and do the clocks agree?"""
    try:
        contact = await contact_of(make())
    except CratejoyTuiError as error:
        return [failed(name, error, store.name)]
    takes_key = name == "Cratejoy" or bool(parts.kind(store.warehouse.kind).secret_names)
    text = f"{told_contact(contact, takes_key=takes_key)} {contact.detail}".strip()
    found = [
        Finding(level=Level.FAIL, name=name, store=store.name, text=text, next_step=contact.next_step, code=2)
        if contact.next_step
        else Finding(level=Level.OK, name=name, store=store.name, text=text)
    ]
    skew = skew_of(contact, parts.clock)
    if skew is not None and name == "Cratejoy":
        found.append(_clock(skew, contact.system, store.name))
    return found


def _clock(skew: timedelta, system: str, store: str) -> Finding:
    text = f"This computer's clock is {told_skew(skew)} {system}'s."
    if abs(skew) <= SKEW_WARNED:
        return Finding(level=Level.OK, name="clock", store=store, text=text)
    is_far = abs(skew) > SKEW_FAILED
    return Finding(
        level=Level.FAIL if is_far else Level.WARN,
        name="clock",
        store=store,
        text=f"{text} What is due, and when an e-mail may go, is judged by it.",
        next_step="Set the clock by the network (NTP), then run again.",
        code=2 if is_far else 0,
    )


async def _ledger(parts: Parts, settings: Settings, store: str, path: Path | None) -> list[Finding]:
    if path is not None and not await asyncio.to_thread(path.exists):
        text = f"There is no ledger at {path} yet; the first run makes it."
        return [
            Finding(level=Level.WARN, name="ledger", store=store, text=text, next_step="Run `cratejoy-tui --auto`.")
        ]
    try:
        if path is not None and (damage := await asyncio.to_thread(parts.damage, path)):
            raise LedgerError(f"The ledger {path} is damaged: {damage}.")
        async with parts.book(settings, store) as book:
            return [await each(parts, store, book) for each in (_audit, _last_run)]
    except CratejoyTuiError as error:
        return [failed("ledger", error, store)]


async def _audit(_: Parts, store: str, book: LedgerBook) -> Finding:
    found = await book.verify()
    if not found.ok:
        raise LedgerError(
            f"The audit of {store} is broken at record {found.broken_at}.",
            next_step="Keep a copy of the ledger as it is, and compare it with your last backup.",
        )
    text = f"Whole; {found.count} audit records, unbroken."
    return Finding(level=Level.OK, name="ledger", store=store, text=text)


async def _last_run(parts: Parts, store: str, book: LedgerBook) -> Finding:
    run = await book.last_good()
    next_step = "Run `cratejoy-tui --auto`, and see that a timer does."
    if run is None:
        text = "No run has ended well yet."
        return Finding(level=Level.WARN, name="last run", store=store, text=text, next_step=next_step)
    ended = run.ended_at or run.started_at
    text = f"The last good run ended at {ended:%Y-%m-%d %H:%M}Z."
    is_late = parts.clock.now() - ended > LAST_RUN_WARNED
    return Finding(
        level=Level.WARN if is_late else Level.OK,
        name="last run",
        store=store,
        text=text,
        next_step=next_step if is_late else "",
    )
