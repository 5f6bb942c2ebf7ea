"""The live tests of set-up and of the doctor: reads only, each turned into a sentence and a next step."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from cratejoy_tui.errors import CratejoyTuiError, SignInRefused, Unreachable
from cratejoy_tui.settings import StoreSettings
from cratejoy_tui.setup.draft import CLIENT_ID, Keys
from cratejoy_tui.setup.parts import Parts
from cratejoy_tui.sync.ports import Clock, Contact

SKEW_NOTED = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """How a test went."""

    ok: bool
    text: str = ""
    notes: tuple[str, ...] = ()
    next_step: str = ""
    may_pass: bool = False
    """Not proven, but a person may go on all the same: the other side could not be asked now."""
    error: CratejoyTuiError | None = None


class Remote(Protocol):
    """Either side."""

    async def verify(self) -> Contact: ...

    async def close(self) -> None: ...


async def try_source(parts: Parts, store: StoreSettings, keys: Keys) -> Checked:
    """One read from Cratejoy, or two."""
    return await _try(parts, lambda: parts.source(store, keys), takes_key=True)


async def try_warehouse(parts: Parts, store: StoreSettings, keys: Keys) -> Checked:
    """Does the warehouse answer, and take the key?"""
    takes_key = bool(parts.kind(store.warehouse.kind).secret_names)
    return await _try(parts, lambda: parts.warehouse(store, keys), takes_key=takes_key)


async def try_keyring(parts: Parts, store: str) -> str:
    """Its name, once it has answered a question: one that is locked has a name too. Raises KeyringUnavailable."""
    label = await asyncio.to_thread(parts.keyring.label)
    await asyncio.to_thread(parts.keyring.get, store, CLIENT_ID)
    return label


def refused(error: CratejoyTuiError) -> Checked:
    """An error as the end of a test."""
    may_pass = isinstance(error, Unreachable)
    return Checked(ok=False, text=error.message, next_step=_next_step(error), may_pass=may_pass, error=error)


def skew_of(contact: Contact, clock: Clock) -> timedelta | None:
    """How far this computer's clock is ahead of the remote's; None when it does not tell."""
    return None if contact.server_time is None else clock.now() - contact.server_time


async def contact_of(remote: Remote) -> Contact:
    """Ask once and let go. Raises what `verify` raises."""
    try:
        return await remote.verify()
    finally:
        await remote.close()


async def _try(parts: Parts, make: Callable[[], Remote], *, takes_key: bool) -> Checked:
    try:
        contact = await contact_of(make())
    except CratejoyTuiError as error:
        return refused(error)
    notes = [contact.detail] if contact.detail else []
    skew = skew_of(contact, parts.clock)
    if skew is not None and abs(skew) > SKEW_NOTED:
        notes.append(f"This computer's clock is {told_skew(skew)} {contact.system}'s; set it by the network.")
    return Checked(ok=True, text=told_contact(contact, takes_key=takes_key), notes=tuple(notes))


def told_contact(contact: Contact, *, takes_key: bool) -> str:
    """`Cratejoy answers and takes the key.`"""
    return f"{contact.system} answers and takes the key." if takes_key else f"{contact.system} can be used."


def told_skew(skew: timedelta) -> str:
    """`90 s ahead of`."""
    seconds = round(skew.total_seconds())
    return f"{abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'}"


def _next_step(error: CratejoyTuiError) -> str:
    # "Run setup" is no advice to someone who is in the middle of it.
    if isinstance(error, SignInRefused):
        return "Look at the key again where it was made, and paste it once more; a revoked key never works again."
    return error.next_step.replace("Run `cratejoy-tui setup`.", "").replace("then run again", "then try again").strip()
