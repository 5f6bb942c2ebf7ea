"""How do things stand? Counted from the ledger alone, in one look."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from cratejoy_tui.sync.domain.books import Lease, Run
from cratejoy_tui.sync.domain.overdue import Overdue
from cratejoy_tui.sync.domain.record import Operation, Task
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.flows.desk import Desk
from cratejoy_tui.sync.flows.judging import WAITING
from cratejoy_tui.sync.flows.late import overdue
from cratejoy_tui.sync.flows.leases import RUN, WRITE


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The state of one store."""

    store: str
    warehouse: str
    at: datetime
    stages: dict[str, int]
    """Every stage that has boxes -> how many."""
    holds: dict[str, int]
    """Holds that ask something of a person, by reason."""
    waiting: dict[str, int]
    """Holds that end by themselves, or are the operator's wish."""
    tried_again: int
    """Planned boxes whose last push surely did not arrive and whose next try is not due yet."""
    next_try: datetime | None
    overdue: tuple[Overdue, ...]
    tasks: tuple[Task, ...]
    """Open ones, oldest first."""
    in_doubt: tuple[Operation, ...]
    """Writes of which nobody knows yet whether they were done; without what was sent."""
    last_run: Run | None
    last_good_run: Run | None
    good_run_age_seconds: float | None
    """Since the end of the last good run; None when there was none."""
    running: Lease | None
    """Who runs a cycle now."""
    writing: Lease | None
    """Who writes to a remote system now."""

    def is_stale(self, max_age_seconds: float) -> bool:
        """True when no good run ended within that time."""
        return self.good_run_age_seconds is None or self.good_run_age_seconds > max_age_seconds


async def status(desk: Desk, *, ask_warehouse: bool = False) -> Status:
    """Look at everything. No remote is asked, unless pick-ups are wanted from the warehouse."""
    ledger, now = desk.ledger, desk.clock.now()
    reasons = await ledger.shipments.hold_counts()
    good, recent = await ledger.runs.last_good(), await ledger.runs.recent(1)
    counts = await ledger.shipments.counts()
    tried_again, next_try = await ledger.questions.tried_again(now)
    return Status(
        store=desk.store,
        warehouse=desk.warehouse.name,
        at=now,
        stages={stage.value: counts[stage] for stage in Stage if counts.get(stage)},
        holds={reason: boxes for reason, boxes in sorted(reasons.items()) if reason not in WAITING},
        waiting={reason: boxes for reason, boxes in sorted(reasons.items()) if reason in WAITING},
        tried_again=tried_again,
        next_try=next_try,
        overdue=await overdue(desk, ask_warehouse=ask_warehouse),
        tasks=tuple(sorted(await ledger.people.tasks(), key=lambda task: (task.made_at, task.id))),
        in_doubt=tuple(replace(operation, payload=b"") for operation in await ledger.questions.in_doubt()),
        last_run=recent[0] if recent else None,
        last_good_run=good,
        good_run_age_seconds=_age(good, now),
        running=await ledger.leases.held_by(RUN),
        writing=await ledger.leases.held_by(WRITE),
    )


def _age(run: Run | None, now: datetime) -> float | None:
    return None if run is None else (now - (run.ended_at or run.started_at)).total_seconds()
