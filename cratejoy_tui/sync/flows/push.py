"""Shipments -> orders -> warehouse. The preview reads; apply does only what the preview said, and not one row more."""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cratejoy_tui.sync.domain.order import Found
from cratejoy_tui.sync.domain.plan import Outcome, Result, Row
from cratejoy_tui.sync.domain.record import PushIntent, Stored
from cratejoy_tui.sync.domain.stage import Kind, Stage
from cratejoy_tui.sync.flows.desk import Desk, Step
from cratejoy_tui.sync.flows.first_contact import already_there, look_up
from cratejoy_tui.sync.flows.handing_over import HandOver, handing_over, places
from cratejoy_tui.sync.flows.judging import judgement_of
from cratejoy_tui.sync.flows.leases import WRITE, Instant, hold, instant, is_wanted, seconds_since, step_aside
from cratejoy_tui.sync.flows.pull import reread

PAGE = 2000
GROUP = 50
FRESH_SECONDS = 60.0
"""A group that was read longer ago than this when its turn comes is read once more."""
WAIT_FOR_WRITE_SECONDS = 600.0


async def preview_push(desk: Desk) -> tuple[Row, ...]:
    """One row for every box that would be pushed now, in the order they would go: earliest target first."""
    rows: list[Row] = []
    after = ""
    while page := await desk.ledger.shipments.planned(after, PAGE):
        after = page[-1].shipment_id
        rows += (
            Row(
                Kind.PUSH,
                planned.shipment_id,
                planned.order_number,
                inputs_of(desk, planned.revision, planned.generation),
                ", ".join(planned.flags),
                planned.generation,
            )
            for planned in page
        )
    return tuple(rows)


def inputs_of(desk: Desk, revision: str, generation: int) -> str:
    """Fingerprint of everything a push decision rests on; the stage is checked again when the intent is written."""
    text = f"{revision}\0{generation}\0{desk.rules_hash}\0{desk.warehouse.name}"
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Pause:
    """Something that is done in the middle of a push, while nothing is on its way and others may write."""

    is_due: Callable[[], bool]
    take: Callable[[], Awaitable[None]]


async def apply_push(desk: Desk, rows: Sequence[Row], *, pause: Pause | None = None) -> list[Outcome]:
    """Push these rows in groups. One bad row never stops the others; a refused key stops all.

    Every row gets an outcome. Each group is read again from Cratejoy right before it goes, and a row that changed
    since the plan drops out. Between groups the write lease is given up to whoever waits for it, and for `pause`
    when that is due; else one group follows the other without a gap.
    """
    push = _Push(desk, Coming(desk, rows), len(rows), pause)
    try:
        while not desk.should_stop() and (group := await push.coming.next()) is not None:
            await push.from_here(group)
    finally:
        await push.coming.close()
    return push.outcomes


@dataclass(slots=True)
class Group:
    """A few rows, got ready: what may go, and what is left out."""

    rows: Sequence[Row]
    read_at: Instant
    ready: list[PushIntent] = field(default_factory=list)
    there: Mapping[str, Sequence[Found]] = field(default_factory=dict)
    """Order numbers that the warehouse has and this ledger never sent."""
    outcomes: list[Outcome] = field(default_factory=list)


class Coming:
    """The groups of a push in their order; the next one is got ready while the one before it is on its way."""

    def __init__(self, desk: Desk, rows: Sequence[Row]) -> None:
        size = group_size(desk)
        self._desk = desk
        self._left = deque(rows[start : start + size] for start in range(0, len(rows), size))
        self._ahead: asyncio.Task[Group] | None = None

    def look_ahead(self) -> None:
        """Begin to get the next group ready: only reading, nothing is decided."""
        if self._ahead is None and self._left:
            self._ahead = asyncio.create_task(_prepare(self._desk, self._left.popleft()))

    async def next(self) -> Group | None:
        """The next group as it is now; None after the last. Its holds and cancels are checked with its intents."""
        self.look_ahead()
        if self._ahead is None:
            return None
        ahead, self._ahead = self._ahead, None
        group = await ahead
        if seconds_since(group.read_at) > FRESH_SECONDS:
            group = await _prepare(self._desk, group.rows)
        known = await already_there(self._desk, group.ready, group.there)
        group.outcomes += known
        settled = {outcome.shipment_id for outcome in known}
        group.ready = [intent for intent in group.ready if intent.order.shipment_id not in settled]
        return group

    async def close(self) -> None:
        """Let go of what was begun; nothing of it was sent."""
        if self._ahead is not None:
            self._ahead.cancel()
            await asyncio.gather(self._ahead, return_exceptions=True)


@dataclass(slots=True)
class _Push:
    """One push under way."""

    desk: Desk
    coming: Coming
    total: int
    pause: Pause | None
    outcomes: list[Outcome] = field(default_factory=list)

    def note(self, news: Sequence[Outcome]) -> None:
        self.outcomes += news
        for outcome in news:
            self.desk.tell(outcome)

    async def from_here(self, group: Group) -> None:
        """Send this group, and those after it as long as nobody else wants to write."""
        if group.ready:
            await step_aside(self.desk, WRITE)
            async with (
                hold(self.desk, WRITE, wait_seconds=WAIT_FOR_WRITE_SECONDS) as holding,
                handing_over(self.desk, holding, self.note) as hand_over,
            ):
                await self._send(hand_over, group)
        else:
            self.note(group.outcomes)
        self.desk.tell(Step(name="push", done=len(self.outcomes), total=self.total))
        if self.pause is not None and self.pause.is_due():
            await self.pause.take()

    async def _send(self, hand_over: HandOver, group: Group) -> None:
        capabilities = self.desk.warehouse.capabilities
        wave = places(capabilities) * capabilities.batch_size
        following: Group | None = group
        while following is not None:
            self.note(following.outcomes)
            first = max(len(following.ready) - wave, 0)
            await hand_over.begin(following.ready[:first])
            self.coming.look_ahead()
            await hand_over.begin(following.ready[first:])
            self.desk.tell(Step(name="push", done=len(self.outcomes), total=self.total))
            following = None if await self._ends_here(hand_over) else await self.coming.next()

    async def _ends_here(self, hand_over: HandOver) -> bool:
        await hand_over.room()
        is_due = self.pause is not None and self.pause.is_due()
        return hand_over.stop is not None or is_due or self.desk.should_stop() or await is_wanted(self.desk, WRITE)


def group_size(desk: Desk) -> int:
    """How many boxes are checked and written down together; what is written down together is one file."""
    batch = desk.warehouse.capabilities.batch_size
    return batch if batch > 1 or desk.warehouse.capabilities.delivers_files else GROUP


async def _prepare(desk: Desk, rows: Sequence[Row]) -> Group:
    group = Group(rows, instant())
    ids = [row.shipment_id for row in rows]
    await reread(desk, ids)
    stored = await desk.ledger.shipments.get(ids)
    now = desk.clock.now()
    for row in rows:
        _admit(desk, group, row, stored.get(row.shipment_id), now)
    group.there = await look_up(desk, group.ready)
    return group


def _admit(desk: Desk, group: Group, row: Row, stored: Stored | None, now: datetime) -> None:
    """Let a row through only if the box is still exactly what the plan was made from."""
    if stored is None or stored.shipment is None:
        group.outcomes.append(_left_out(row, Stage.SEEN, "it is not in the ledger"))
        return
    if row.inputs != inputs_of(desk, stored.revision, stored.generation):
        group.outcomes.append(_left_out(row, stored.stage, "it changed in Cratejoy since the plan was made"))
        return
    judgement = judgement_of(desk, stored, now)
    if judgement.order is None:
        group.outcomes.append(_left_out(row, stored.stage, f"{judgement.reason} {judgement.detail}".strip()))
        return
    group.ready.append(PushIntent(order=judgement.order, revision=stored.revision))


def _left_out(row: Row, stage: Stage, why: str) -> Outcome:
    return Outcome(
        kind=Kind.PUSH,
        shipment_id=row.shipment_id,
        number=row.number,
        result=Result.CHANGED,
        stage=stage,
        reason=f"Order {row.number} was left out: {why}.",
    )
