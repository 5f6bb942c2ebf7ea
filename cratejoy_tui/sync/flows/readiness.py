"""Are the next batches ready? Boxes beyond today's window, judged as of the day on which they come due."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from cratejoy_tui.errors import RunStopped
from cratejoy_tui.sync.domain.dates import day_end, local_day, window_end
from cratejoy_tui.sync.domain.eligibility import Judgement
from cratejoy_tui.sync.domain.shipment import Billing, Shipment
from cratejoy_tui.sync.flows.desk import Desk, Step
from cratejoy_tui.sync.flows.judging import judge_under
from cratejoy_tui.sync.flows.pull import enabled
from cratejoy_tui.sync.flows.when_due import when_due
from cratejoy_tui.sync.ports import KnowsSkus, Listed

DAYS_AHEAD = 31
READ_AT_ONCE = 50
SAMPLE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that would hold boxes of a batch."""

    reason: str
    boxes: int
    detail: str
    """Of the first such box."""
    shipment_ids: tuple[str, ...]
    """The first few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingBatch:
    """The boxes of one type with one target day."""

    day: date
    """Store-local target day."""
    billing: Billing
    boxes: int
    ready: int
    """Boxes that nothing but the date keeps back."""
    due_from: datetime
    """When the first of them comes into the window."""
    skus: dict[str, int]
    """As the warehouse will see them, suffix, alias and kits applied -> pieces."""
    unknown_skus: tuple[str, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What is coming, and what would go wrong with it."""

    store: str
    at: datetime
    window_end: datetime
    until: datetime
    complete: bool
    notes: tuple[str, ...]
    """What could not be found out, and why."""
    skus_checked: bool
    """The warehouse was asked for every SKU; False where it cannot be asked."""
    batches: tuple[ComingBatch, ...]


@dataclass(slots=True)
class _Batch:
    ready: int = 0
    boxes: int = 0
    due_from: datetime | None = None
    skus: Counter[str] = field(default_factory=Counter)
    held: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))


async def readiness(desk: Desk, days_ahead: int = DAYS_AHEAD) -> Readiness:
    """Look `days_ahead` days past the window. Reads only; nothing is recorded, nothing is frozen."""
    now = desk.clock.now()
    end = window_end(desk.rules, now)
    until = day_end(local_day(end, desk.rules.zone) + timedelta(days=days_ahead), desk.rules.zone)
    batches: dict[tuple[date, Billing], _Batch] = defaultdict(_Batch)
    notes: list[str] = []
    for billing in enabled(desk.rules):
        if billing is not Billing.ECOM:
            await _look(desk, billing, until, batches, notes)
    complete = not notes
    unknown = await _unknown_skus(desk, {sku for batch in batches.values() for sku in batch.skus}, notes)
    return Readiness(
        store=desk.store,
        at=now,
        window_end=end,
        until=until,
        complete=complete,
        notes=tuple(notes),
        skus_checked=unknown is not None,
        batches=tuple(_batch(*key, batches[key], unknown or frozenset(), now) for key in sorted(batches)),
    )


async def _look(
    desk: Desk, billing: Billing, until: datetime, batches: dict[tuple[date, Billing], _Batch], notes: list[str]
) -> None:
    seen: set[str] = set()
    try:
        async for page in desk.source.list_unshipped(billing, until):
            fresh = [row for row in page.rows if row.id not in seen]
            seen.update(row.id for row in fresh)
            await _add(desk, billing, [row for row in fresh if _waits(desk, row.shipment)], batches)
            desk.tell(Step(name=f"look ahead {billing}", done=len(seen), total=page.expected))
            if page.complete is False:
                notes.append(f"Cratejoy's list of {billing} shipments is incomplete: {page.problem or 'cut'}.")
    except RunStopped as stopped:
        notes.append(stopped.message)


def _waits(desk: Desk, shipment: Shipment) -> bool:
    """Is the box held back by a date that will come?"""
    verdicts = judge_under(desk, desk.rules, shipment, desk.clock.now()).verdicts
    return any(verdict.until is not None and not verdict.passed for verdict in verdicts)


async def _add(
    desk: Desk, billing: Billing, rows: Sequence[Listed], batches: dict[tuple[date, Billing], _Batch]
) -> None:
    for start in range(0, len(rows), READ_AT_ONCE):
        group = rows[start : start + READ_AT_ONCE]
        ids = [row.id for row in group]
        reading = await desk.source.read(ids)
        stored = await desk.ledger.shipments.get(ids)
        for row in group:
            found = reading.shipments.get(row.id)
            if found is None:
                continue
            shipment = replace(found, queried_as=row.shipment.queried_as or billing)
            judgement, moment = when_due(desk, shipment, stored.get(row.id))
            if judgement.target_at is not None:
                day = local_day(judgement.target_at, desk.rules.zone)
                _count(batches[day, billing], row.id, judgement, moment or desk.clock.now())


def _count(batch: _Batch, id_: str, judgement: Judgement, moment: datetime) -> None:
    batch.boxes += 1
    batch.due_from = min(batch.due_from or moment, moment)
    if judgement.order is None:
        batch.held[judgement.reason].append((id_, judgement.detail))
        return
    batch.ready += 1
    for line in judgement.order.lines:
        batch.skus[line.sku] += line.quantity


async def _unknown_skus(desk: Desk, skus: Collection[str], notes: list[str]) -> frozenset[str] | None:
    """None where the warehouse cannot be asked; that is said once, not per SKU."""
    if not isinstance(desk.warehouse, KnowsSkus):
        notes.append(f"{desk.warehouse.name} cannot be asked which SKUs it knows.")
        return None
    try:
        return await desk.warehouse.unknown_skus(skus)
    except RunStopped as stopped:
        notes.append(stopped.message)
        return None


def _batch(day: date, billing: Billing, batch: _Batch, unknown: frozenset[str], now: datetime) -> ComingBatch:
    return ComingBatch(
        day=day,
        billing=billing,
        boxes=batch.boxes,
        ready=batch.ready,
        due_from=batch.due_from or now,
        skus=dict(sorted(batch.skus.items())),
        unknown_skus=tuple(sorted(unknown.intersection(batch.skus))),
        problems=tuple(
            Problem(
                reason=reason,
                boxes=len(held),
                detail=held[0][1],
                shipment_ids=tuple(id_ for id_, _ in held[:SAMPLE]),
            )
            for reason, held in sorted(batch.held.items())
        ),
    )
