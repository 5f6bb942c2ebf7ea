"""Cratejoy -> ledger: every unshipped box that is due, and what became of those that are gone from the list."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from msgspec.structs import replace

from cratejoy_tui.errors import UnsafePlan
from cratejoy_tui.sync.domain.dates import window_end
from cratejoy_tui.sync.domain.limits import suddenly_empty
from cratejoy_tui.sync.domain.record import Known, Sighting
from cratejoy_tui.sync.domain.rules import Rules
from cratejoy_tui.sync.domain.shipment import Billing, Shipment
from cratejoy_tui.sync.domain.stage import LIVE_STAGES, OPEN_STAGES, Stage
from cratejoy_tui.sync.flows.conflict import into_conflict
from cratejoy_tui.sync.flows.desk import Desk, Remark, Step
from cratejoy_tui.sync.flows.judging import is_newly_held, judged_at_sight
from cratejoy_tui.sync.ports import Listed, ListingPage

READ_AT_ONCE = 50
JUDGE_AT_ONCE = 50
WRITE_AT_ONCE = 600
REREAD_EVERY = timedelta(hours=24)
REREAD_CURSOR = "reread"


@dataclass(slots=True)
class Pulled:
    """What a pull brought in."""

    listed: int = 0
    new: int = 0
    newly_held: int = 0
    """New boxes with a hold that asks something of a person."""
    changed: list[str] = field(default_factory=list)
    """Ids whose content is not what it was."""
    gone: int = 0
    incomplete: list[str] = field(default_factory=list)
    """One sentence for each listing that did not end cleanly."""

    @property
    def complete(self) -> bool:
        """May absence be concluded from what was listed?"""
        return not self.incomplete


async def pull(desk: Desk, pulled: Pulled | None = None) -> Pulled:
    """Bring the ledger up to date with Cratejoy. Nothing is written to any remote; safe to repeat at any time.

    Counts into `pulled` as it goes, so that it tells the truth after a stop half-way too.
    """
    pulled = pulled or Pulled()
    listed: set[str] = set()
    for billing in enabled(desk.rules):
        await _pull_billing(desk, billing, listed, pulled)
    pulled.listed = len(listed)
    if pulled.complete:
        await _read_absent(desk, listed, pulled)
    else:
        for sentence in pulled.incomplete:
            desk.tell(Remark(text=sentence, is_warning=True))
    await _reread_daily(desk, pulled)
    return pulled


def enabled(rules: Rules) -> tuple[Billing, ...]:
    """The billing types the operator wants pulled."""
    return tuple(billing for billing in Billing if rules.pulls(billing))


def until(rules: Rules, billing: Billing, now: datetime) -> datetime | None:
    """The upper date bound of a billing type's listing; e-commerce boxes are due at once and have none."""
    return None if billing is Billing.ECOM else window_end(rules, now)


async def _pull_billing(desk: Desk, billing: Billing, listed: set[str], pulled: Pulled) -> None:
    seen_here = 0
    async with Writing(desk, pulled) as writing:
        async for page in desk.source.list_unshipped(billing, until(desk.rules, billing, desk.clock.now())):
            news = await _news(desk, [row for row in page.rows if row.id not in listed])
            listed.update(row.id for row in page.rows)
            seen_here += len(page.rows)
            desk.tell(Step(name=f"pull {billing}", done=seen_here, total=page.expected))
            await writing.take(await _read(desk, billing, news))
            _note_end(page, billing, pulled)


class Writing:
    """Judges and writes what was read while more is on its way; never more than two batches behind."""

    def __init__(self, desk: Desk, pulled: Pulled) -> None:
        self._desk = desk
        self._pulled = pulled
        self._waiting: list[Sighting] = []
        self._under_way: asyncio.Task[None] | None = None

    async def take(self, sightings: Sequence[Sighting]) -> None:
        """Write these once they are worth a transaction; waits until the batch before is written."""
        self._waiting += sightings
        if len(self._waiting) >= WRITE_AT_ONCE:
            await self._begin()

    async def _begin(self) -> None:
        await self._finish()
        if self._waiting:
            self._under_way = asyncio.create_task(self._write(self._waiting))
            self._waiting = []

    async def _write(self, seen: Sequence[Sighting]) -> None:
        sightings: list[Sighting] = []
        for start in range(0, len(seen), JUDGE_AT_ONCE):
            now = self._desk.clock.now()
            sightings += [_judged(self._desk, sighting, now) for sighting in seen[start : start + JUDGE_AT_ONCE]]
            await asyncio.sleep(0)  # the next request is not kept waiting
        recorded = await self._desk.ledger.shipments.record(sightings, rules=self._desk.rules_hash)
        kept = frozenset(recorded.judged)
        verdicts = [sighting.verdict for sighting in sightings if sighting.shipment.id in kept]
        self._pulled.newly_held += sum(is_newly_held(verdict) for verdict in verdicts if verdict is not None)
        self._pulled.new += len(recorded.new)
        self._pulled.changed += recorded.changed

    async def _finish(self) -> None:
        if self._under_way is not None:
            under_way, self._under_way = self._under_way, None
            await under_way

    async def __aenter__(self) -> Writing:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._begin()
        await self._finish()


def _note_end(page: ListingPage, billing: Billing, pulled: Pulled) -> None:
    if page.complete is False:
        why = page.problem or "it ended early"
        pulled.incomplete.append(f"Cratejoy's list of {billing} shipments is incomplete: {why}. Absence is not judged.")


async def _news(desk: Desk, rows: Sequence[Listed]) -> list[Listed]:
    """The rows that show something the ledger does not know, or whose hold the listing cannot clear."""
    known = await desk.ledger.shipments.known([row.id for row in rows])
    return [row for row in rows if _is_news(row, known.get(row.id))]


def _is_news(row: Listed, known: Known | None) -> bool:
    """A cancelled box that is listed again looks as it did before the cancel, and is news all the same."""
    if known is None or known.fingerprint != row.fingerprint:
        return True
    return known.read_again or known.stage is Stage.CANCELLED


async def _read(desk: Desk, billing: Billing, rows: Sequence[Listed]) -> list[Sighting]:
    """The whole truth about the listed boxes; those that vanished meanwhile are left out."""
    if not rows:
        return []
    reading = await desk.source.read([row.id for row in rows], billing)
    return [_sighting(row, found) for row in rows if (found := reading.shipments.get(row.id)) is not None]


def _sighting(row: Listed, found: Shipment) -> Sighting:
    queried_as = row.shipment.queried_as
    if queried_as is not found.queried_as:
        found = replace(found, queried_as=queried_as)
    return Sighting(shipment=found, fingerprint=row.fingerprint)


def _judged(desk: Desk, seen: Sighting, now: datetime) -> Sighting:
    verdict = judged_at_sight(desk, seen.shipment, now)
    return Sighting(shipment=seen.shipment, fingerprint=seen.fingerprint, verdict=verdict)


async def reread(desk: Desk, ids: Sequence[str]) -> Pulled:
    """Read these shipments by id and record what they are now; ids that Cratejoy no longer has become conflicts."""
    pulled = Pulled()
    for start in range(0, len(ids), READ_AT_ONCE):
        group = ids[start : start + READ_AT_ONCE]
        stored = await desk.ledger.shipments.get(group)
        reading = await desk.source.read(group)
        sightings = [
            Sighting(shipment=replace(found, queried_as=before.shipment.queried_as if before.shipment else None))
            for id_, found in reading.shipments.items()
            if (before := stored.get(id_)) is not None
        ]
        recorded = await desk.ledger.shipments.record(sightings)
        pulled.changed += recorded.changed
        for id_ in sorted(reading.missing & stored.keys()):
            text = f"Cratejoy no longer has shipment {id_}. Find out there whether it was deleted, then resolve {id_}."
            await into_conflict(desk, stored[id_], "GONE", text)
            pulled.gone += 1
    return pulled


async def _read_absent(desk: Desk, listed: set[str], pulled: Pulled) -> None:
    """Boxes we still have open that Cratejoy no longer lists: cancelled, shipped elsewhere, moved, or gone."""
    absent = [id_ for id_ in await desk.ledger.shipments.ids(OPEN_STAGES | LIVE_STAGES) if id_ not in listed]
    _refuse_sudden_emptiness(len(listed), len(absent), desk)
    news = await reread(desk, absent)
    pulled.changed += news.changed
    pulled.gone += news.gone


def _refuse_sudden_emptiness(listed: int, absent: int, desk: Desk) -> None:
    """A store that had many boxes and lists none at all is more likely broken than sold out."""
    if suddenly_empty(listed, absent) and not desk.allow_large:
        raise UnsafePlan(
            f"Cratejoy lists no unshipped box for {desk.store}, but {absent} are open here. Nothing was concluded.",
            next_step="Look at the store in Cratejoy; if it is right, run again with --allow-large-plan.",
        )


async def _reread_daily(desk: Desk, pulled: Pulled) -> None:
    """Once a day every open box is read by id: refunds, moved dates and edits that no list shows."""
    now = desk.clock.now()
    last = await desk.ledger.tracking.cursor(REREAD_CURSOR)
    if last and now - datetime.fromisoformat(last) < REREAD_EVERY:
        return
    if last:
        ids = await desk.ledger.shipments.ids(OPEN_STAGES | LIVE_STAGES)
        news = await reread(desk, ids)
        pulled.changed += news.changed
        pulled.gone += news.gone
    await desk.ledger.tracking.set_cursor(REREAD_CURSOR, now.isoformat())
