"""A box that only a person can bring on: a task says what to do, and its stage keeps every run off it."""

from __future__ import annotations

from cratejoy_tui.sync.domain.record import Stored, TaskKind
from cratejoy_tui.sync.domain.stage import LIVE_STAGES, OPEN_STAGES, Stage
from cratejoy_tui.sync.flows.desk import Desk


async def into_conflict(desk: Desk, stored: Stored, reason: str, text: str) -> None:
    """Ask a person, then stop the box, unless it is closed. Idempotent.

    The task stands first, so that a run that is killed in between hides nothing.
    """
    await desk.ledger.people.task(TaskKind.CONFLICT, stored.id, stored.order_number, text)
    if stored.stage in (OPEN_STAGES | LIVE_STAGES) - {Stage.CONFLICT}:
        await desk.ledger.shipments.move(stored.id, Stage.CONFLICT, expect={stored.stage}, reason=reason, detail=text)
