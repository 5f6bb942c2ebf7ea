"""News from both remotes into the ledger, and not one write to either: what the console's refresh does."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from cratejoy_tui.errors import LedgerError, LockHeld, RunStopped, SetupError
from cratejoy_tui.sync.flows.cancel import look_for_cancelled, note_cancellations
from cratejoy_tui.sync.flows.desk import Desk
from cratejoy_tui.sync.flows.drift_watch import watch_drift
from cratejoy_tui.sync.flows.fetch import fetch_tracking
from cratejoy_tui.sync.flows.judging import judge_open
from cratejoy_tui.sync.flows.leases import RUN, hold
from cratejoy_tui.sync.flows.pull import pull


@dataclass(slots=True)
class Refreshed:
    """What a look at both remotes brought."""

    counts: Counter[str] = field(default_factory=Counter)
    """new, changed, held, parcels, cancelled, drifted."""
    problems: list[RunStopped | SetupError] = field(default_factory=list)
    """Each side that could not be asked, and why; the other side was asked all the same."""


async def refresh(desk: Desk) -> Refreshed:
    """Pull, look for cancels, judge, fetch tracking. Raises LockHeld while another run does the same, LedgerError."""
    refreshed = Refreshed()
    async with hold(desk, RUN):
        for step in (_from_cratejoy, _judge, _from_warehouse):
            try:
                await step(desk, refreshed.counts)
            except (LockHeld, LedgerError):
                raise
            except (RunStopped, SetupError) as stopped:
                refreshed.problems.append(stopped)
    return refreshed


async def _from_cratejoy(desk: Desk, counts: Counter[str]) -> None:
    pulled = await pull(desk)
    counts.update(new=pulled.new, changed=len(pulled.changed), held=pulled.newly_held)
    counts["drifted"] += len(await watch_drift(desk, pulled.changed))
    counts["cancelled"] += await look_for_cancelled(desk)


async def _judge(desk: Desk, counts: Counter[str]) -> None:
    counts["held"] += (await judge_open(desk)).newly_held
    await note_cancellations(desk)


async def _from_warehouse(desk: Desk, counts: Counter[str]) -> None:
    counts["parcels"] += (await fetch_tracking(desk)).new
