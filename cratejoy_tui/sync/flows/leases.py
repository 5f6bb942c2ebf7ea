"""The right to write: taken for one group of boxes, given up between groups, kept alive by a heartbeat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from cratejoy_tui.errors import LedgerError, LockHeld, ReadOnly
from cratejoy_tui.sync.domain.record import Lease
from cratejoy_tui.sync.flows.desk import Desk, Remark

RUN = "run"
WRITE = "write"
LEASE_SECONDS = 90.0
POLL_SECONDS = 0.25


@dataclass(slots=True)
class Holding:
    """A lease in hand. `lease` is replaced at each renewal; `check` raises once it is lost."""

    lease: Lease
    lost: LockHeld | LedgerError | None = None

    def check(self) -> None:
        """Call before every remote write: nothing is sent under a lease that is gone."""
        if self.lost is not None:
            raise self.lost


@asynccontextmanager
async def hold(desk: Desk, name: str, *, wait_seconds: float = 0.0) -> AsyncIterator[Holding]:
    """Hold the named lease for the block. Waits up to `wait_seconds` of real time for another holder.

    Raises LockHeld, naming the holder, when it cannot be had in time; ReadOnly for the right to write, where
    nothing may be written.
    """
    if name == WRITE and desk.read_only:
        raise ReadOnly(f"{desk.store}: nothing is sent, the program runs read-only.")
    holding = Holding(await _take(desk, name, wait_seconds))
    heartbeat = asyncio.create_task(_beat(desk, holding))
    try:
        yield holding
    finally:
        heartbeat.cancel()
        with suppress(asyncio.CancelledError):
            await heartbeat
        await asyncio.shield(desk.ledger.leases.give_up(holding.lease))


async def _take(desk: Desk, name: str, wait_seconds: float) -> Lease:
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + wait_seconds
    told = False
    while True:
        try:
            return await desk.ledger.leases.take(name, desk.holder, LEASE_SECONDS)
        except LockHeld as held:
            if loop.time() >= give_up_at:
                raise
            if not told:
                desk.tell(Remark(text=f"Waiting: {held.message}"))
                told = True
        await asyncio.sleep(POLL_SECONDS)


async def _beat(desk: Desk, holding: Holding) -> None:
    """Renew in real time, whatever the desk's clock says: the danger is a paused process, not a simulated one."""
    while True:
        await asyncio.sleep(LEASE_SECONDS / 3)
        try:
            holding.lease = await desk.ledger.leases.renew(holding.lease, LEASE_SECONDS)
        except (LockHeld, LedgerError) as lost:
            holding.lost = lost
            return
