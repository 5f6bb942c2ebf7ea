"""The right to write: taken for one group of boxes, given up between groups, kept alive by a heartbeat."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from cratejoy_tui.errors import LedgerError, LockHeld, ReadOnly
from cratejoy_tui.sync.domain.books import Lease
from cratejoy_tui.sync.flows.desk import Desk, Remark
from cratejoy_tui.sync.ports import Steady

RUN = "run"
WRITE = "write"
LEASE_SECONDS = 90.0
POLL_SECONDS = 0.25
NEXT = "next to "
"""Begins the name of the lease by which one who waits is seen."""
WAITING_SECONDS = 5.0
ASIDE = 40
"""How often one who could take a lease looks whether another who waits has taken it: a second in all."""


@dataclass(slots=True)
class Holding:
    """A lease in hand. `lease` is replaced at each renewal; `check` raises once it is lost."""

    lease: Lease
    asked_at: Instant
    """When it was last asked for: the ledger counts from a moment that is not before this."""
    lost: LockHeld | LedgerError | None = None

    def check(self) -> None:
        """Call before every remote write: nothing is sent under a lease that is gone."""
        if self.is_lost and self.lost is not None:
            raise self.lost

    @property
    def is_lost(self) -> bool:
        """Did a renewal fail, or did this program sleep for longer than the lease lasts?"""
        if self.lost is None and seconds_since(self.asked_at) >= LEASE_SECONDS:
            self.lost = LockHeld(
                f"{self.lease.store}: this program slept for longer than its {self.lease.name} lease lasts.",
                next_step="Nothing more was sent here; what was on its way is settled by the next run.",
            )
        return self.lost is not None

    async def keep(self, desk: Desk) -> None:
        """Call before each intent: renews a lease that has run low. Raises LockHeld when another has it.

        The heartbeat does that in real time; on a simulated clock a wait for an answer can outrun it.
        """
        self.check()
        if (self.lease.expires_at - desk.clock.now()).total_seconds() < LEASE_SECONDS / 2:
            await self.renew(desk)

    async def renew(self, desk: Desk) -> None:
        """Keep the lease for its full length from now. Raises LockHeld when another has it, LedgerError."""
        asked_at = instant()
        self.lease = await desk.ledger.leases.renew(self.lease, LEASE_SECONDS)
        self.asked_at = asked_at


Instant = tuple[float, float]
"""By the clock that runs steadily and by the one on the wall."""


def instant() -> Instant:
    """This moment."""
    return time.monotonic(), time.time()


def seconds_since(then: Instant) -> float:
    """How much real time passed; the steady clock rests while a computer is suspended, the other may be set back."""
    return max(now - before for now, before in zip(instant(), then, strict=True))


@asynccontextmanager
async def hold(desk: Desk, name: str, *, wait_seconds: float = 0.0) -> AsyncIterator[Holding]:
    """Hold the named lease for the block. Waits up to `wait_seconds` of real time for another holder.

    Raises LockHeld, naming the holder, when it cannot be had in time; ReadOnly for the right to write, where
    nothing may be written.
    """
    if name == WRITE and desk.read_only:
        raise ReadOnly(f"{desk.store}: nothing is sent, the program runs read-only.")
    holding = await _take(desk, name, wait_seconds)
    heartbeat = asyncio.create_task(_beat(desk, holding))
    try:
        yield holding
    finally:
        heartbeat.cancel()
        with suppress(asyncio.CancelledError):
            await heartbeat
        await asyncio.shield(desk.ledger.leases.give_up(holding.lease))


async def is_wanted(desk: Desk, name: str) -> bool:
    """Does somebody wait for this lease?"""
    return await desk.ledger.leases.held_by(NEXT + name) is not None


async def step_aside(desk: Desk, name: str) -> None:
    """Let whoever waits for a lease have it first; for a moment, because nobody may be left who waits."""
    for _ in range(ASIDE):
        if not await is_wanted(desk, name):
            return
        await asyncio.sleep(POLL_SECONDS / 10)


async def _take(desk: Desk, name: str, wait_seconds: float) -> Holding:
    give_up_at = time.monotonic() + wait_seconds
    waiting: Lease | None = None
    told = False
    try:
        while True:
            try:
                return await _take_now(desk, name)
            except LockHeld as held:
                if time.monotonic() >= give_up_at:
                    raise
                if not told:
                    desk.tell(Remark(text=f"Waiting: {held.message}"))
                    told = True
                waiting = await _wait_next(desk, name, waiting)
            await asyncio.sleep(POLL_SECONDS)
    finally:
        if waiting is not None:
            await asyncio.shield(desk.ledger.leases.give_up(waiting))


async def _take_now(desk: Desk, name: str) -> Holding:
    asked_at = instant()
    uptime = desk.clock.uptime() if isinstance(desk.clock, Steady) else None
    return Holding(await desk.ledger.leases.take(name, desk.holder, LEASE_SECONDS, uptime), asked_at)


async def _wait_next(desk: Desk, name: str, waiting: Lease | None) -> Lease | None:
    """Show the holder that somebody waits; when several do, one of them shows it."""
    with suppress(LockHeld):
        if waiting is None:
            return await desk.ledger.leases.take(NEXT + name, desk.holder, WAITING_SECONDS)
        return await desk.ledger.leases.renew(waiting, WAITING_SECONDS)
    return None


async def _beat(desk: Desk, holding: Holding) -> None:
    """Renew in real time, whatever the desk's clock says: the danger is a paused process, not a simulated one."""
    while True:
        await asyncio.sleep(LEASE_SECONDS / 3)
        try:
            await holding.renew(desk)
        except (LockHeld, LedgerError) as lost:
            holding.lost = lost
            return
