"""Forget names and addresses that are no longer needed: in the ledger, and in the files of a file warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from cratejoy_tui.errors import ReadOnly
from cratejoy_tui.sync.flows.desk import Desk


@runtime_checkable
class KeepsFiles(Protocol):
    """A warehouse whose archive, error and staged files hold names and addresses."""

    async def purge(self, before: datetime) -> int:
        """Delete such files last changed before that moment; returns how many."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """What was forgotten."""

    store: str
    before: datetime
    boxes: int
    """Boxes closed before that moment whose payloads are gone; open boxes are never touched."""
    files: int | None
    """Files deleted; None where the warehouse keeps none that we may delete."""


async def purge(desk: Desk, days: int | None = None) -> Purged:
    """Forget what was closed more than `days` ago (default: the retention setting). The audit chain stays whole."""
    if desk.read_only:
        raise ReadOnly(f"Nothing of {desk.store} was purged: the program runs read-only.")
    kept_days = desk.rules.retention_days if days is None else days
    before = desk.clock.now() - timedelta(days=kept_days)
    files = await desk.warehouse.purge(before) if isinstance(desk.warehouse, KeepsFiles) else None
    boxes = await desk.ledger.purge(before, desk.operator)
    return Purged(store=desk.store, before=before, boxes=boxes, files=files)
