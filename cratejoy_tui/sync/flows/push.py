"""Shipments -> orders -> warehouse. The preview reads; apply does only what the preview said, and not one row more."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cratejoy_tui.errors import LockHeld, SetupError, SignInRefused
from cratejoy_tui.sync.domain.order import Lost, NotSent, Order, PushOutcome, Receipt, Refused
from cratejoy_tui.sync.domain.plan import Outcome, Result, Row
from cratejoy_tui.sync.domain.record import Dropped, Ending, Intended, Operation, PushIntent, Stored, TaskKind
from cratejoy_tui.sync.domain.retry import next_try
from cratejoy_tui.sync.domain.stage import Kind, Stage, State
from cratejoy_tui.sync.flows.desk import Desk, Step
from cratejoy_tui.sync.flows.first_contact import first_contact
from cratejoy_tui.sync.flows.judging import judgement_of
from cratejoy_tui.sync.flows.leases import WRITE, Holding, hold
from cratejoy_tui.sync.flows.pull import reread
from cratejoy_tui.sync.flows.together import Together
from cratejoy_tui.sync.ports import DeliveryClass

PAGE = 2000
GROUP = 50
WAIT_FOR_WRITE_SECONDS = 600.0

Pause = Callable[[], Awaitable[None]]


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


@dataclass(slots=True)
class Group:
    """One group on its way: what is ready to go, and what already has its outcome."""

    ready: list[PushIntent] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)


async def apply_push(desk: Desk, rows: Sequence[Row], *, between_groups: Pause | None = None) -> list[Outcome]:
    """Push these rows in groups. One bad row never stops the others; a refused key stops all.

    Every row gets an outcome. Each group is read again from Cratejoy right before it goes, and a row that
    changed since the plan drops out. `between_groups` runs after each group, outside the write lease.
    """
    outcomes: list[Outcome] = []
    size = group_size(desk)
    for start in range(0, len(rows), size):
        if desk.should_stop():
            break
        group = await _prepare(desk, rows[start : start + size])
        group.outcomes += await _send(desk, group.ready)
        outcomes += group.outcomes
        for outcome in group.outcomes:
            desk.tell(outcome)
        desk.tell(Step(name="push", done=min(start + size, len(rows)), total=len(rows)))
        if between_groups is not None:
            await between_groups()
    return outcomes


def group_size(desk: Desk) -> int:
    """How many boxes are checked and written down together; what is written down together is one file."""
    batch = desk.warehouse.capabilities.batch_size
    return batch if batch > 1 or desk.warehouse.capabilities.delivers_files else GROUP


async def _prepare(desk: Desk, rows: Sequence[Row]) -> Group:
    ids = [row.shipment_id for row in rows]
    await reread(desk, ids)
    stored = await desk.ledger.shipments.get(ids)
    group = Group()
    now = desk.clock.now()
    for row in rows:
        _admit(desk, group, row, stored.get(row.shipment_id), now)
    found = await first_contact(desk, group.ready)
    group.outcomes += found
    settled = {outcome.shipment_id for outcome in found}
    group.ready = [intent for intent in group.ready if intent.order.shipment_id not in settled]
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


async def _send(desk: Desk, intents: Sequence[PushIntent]) -> list[Outcome]:
    if not intents:
        return []
    async with hold(desk, WRITE, wait_seconds=WAIT_FOR_WRITE_SECONDS) as holding:
        return await _hand_over(desk, holding, intents)


def _dropped(drop: Dropped, order: Order) -> Outcome:
    return Outcome(
        kind=Kind.PUSH,
        shipment_id=drop.shipment_id,
        number=order.number,
        result=Result.CHANGED,
        stage=Stage.PLANNED,
        reason=f"Order {order.number} was left out: {drop.reason}.",
    )


class Journal:
    """The ledger's side of one group: what several calls have to write at the same time goes to disk together."""

    def __init__(self, desk: Desk, holding: Holding) -> None:
        self.holding = holding
        self.intents = Together(self._intend)
        self.endings = Together(self._end)
        self._desk = desk

    async def _intend(self, intents: Sequence[PushIntent]) -> Intended:
        await self.holding.keep(self._desk)
        operations, warehouse = self._desk.ledger.operations, self._desk.warehouse.name
        return await operations.intend_push(intents, lease=self.holding.lease, warehouse=warehouse)

    async def _end(self, endings: Sequence[Ending]) -> Mapping[int, Stage]:
        return await self._desk.ledger.operations.end(endings, lease=self.holding.lease)


async def _hand_over(desk: Desk, holding: Holding, intents: Sequence[PushIntent]) -> list[Outcome]:
    """Send the orders, as many calls at once as the warehouse takes; after a stop no further call is begun."""
    capabilities = desk.warehouse.capabilities
    journal = Journal(desk, holding)
    turn = asyncio.Semaphore(capabilities.in_flight)
    stops: list[BaseException] = []

    async def one_call(part: Sequence[PushIntent]) -> list[Outcome]:
        async with turn:
            if stops:
                return []
            try:
                return await _write_down_and_call(desk, journal, part)
            except BaseException as stop:
                stops.append(stop)
                raise

    size = capabilities.batch_size
    parts = [intents[start : start + size] for start in range(0, len(intents), size)]
    done = await asyncio.gather(*(one_call(part) for part in parts), return_exceptions=True)
    for stop in stops:
        raise stop
    return [outcome for part in done if isinstance(part, list) for outcome in part]


async def _write_down_and_call(desk: Desk, journal: Journal, part: Sequence[PushIntent]) -> list[Outcome]:
    """Intents are written right before their call leaves: the quiet time after a death counts from there."""
    orders = {intent.order.shipment_id: intent.order for intent in part}
    intended = await journal.intents.write(part)
    mine = [operation for operation in intended.operations if operation.shipment_id in orders]
    dropped = [drop for drop in intended.dropped if drop.shipment_id in orders]
    outcomes = [_dropped(drop, orders[drop.shipment_id]) for drop in dropped]
    if mine:
        outcomes += await _call(desk, journal, mine, [orders[operation.shipment_id] for operation in mine])
    return outcomes


async def _call(desk: Desk, journal: Journal, part: Sequence[Operation], orders: Sequence[Order]) -> list[Outcome]:
    """One call to the warehouse, with every way it can end written down."""
    try:
        journal.holding.check()
        answers = await desk.warehouse.push(orders, desk.ledger.operations.delivery(part[0]))
    except (SignInRefused, LockHeld, SetupError) as stop:
        await _end(desk, journal, part, [NotSent(number=o.number, reason=stop.message) for o in orders])
        raise
    except asyncio.CancelledError:
        lost = [Lost(number=order.number, reason="the program was stopped during the call") for order in orders]
        await asyncio.shield(_end(desk, journal, part, lost))
        raise
    return await _end(desk, journal, part, answers)


async def _end(
    desk: Desk, journal: Journal, part: Sequence[Operation], answers: Sequence[PushOutcome]
) -> list[Outcome]:
    endings = [ending_of(desk, operation, answer) for operation, answer in zip(part, answers, strict=True)]
    for operation, ending in zip(part, endings, strict=True):
        if ending.state is State.REVIEW:
            await ask_a_person(desk, operation, ending.error)
    stages = await journal.endings.write(endings)
    return [
        outcome_of(operation, answer, stages.get(operation.id, Stage.UNKNOWN))
        for operation, answer in zip(part, answers, strict=True)
    ]


async def ask_a_person(desk: Desk, operation: Operation, why: str) -> None:
    """Put an order on somebody's list whose fate no look-up can tell."""
    text = (
        f"Nobody knows whether order {operation.number} reached {desk.warehouse.name}: {why}. Look there, then "
        f"`settle {operation.shipment_id} --as sent` or `--as not-sent`."
    )
    await desk.ledger.people.task(TaskKind.REVIEW, operation.shipment_id, operation.number, text)


def ending_of(desk: Desk, operation: Operation, answer: PushOutcome) -> Ending:
    """What the warehouse's answer means for the operation."""
    now = desk.clock.now()
    match answer:
        case Receipt(reference=reference):
            return Ending(operation_id=operation.id, state=State.ACCEPTED, remote_ref=reference)
        case Refused(reason=reason):
            return Ending(operation_id=operation.id, state=State.REJECTED, error=reason)
        case NotSent(reason=reason):
            again = next_try(operation.attempts, now)
            return Ending(operation_id=operation.id, state=State.READY, error=reason, not_before=again)
        case Lost(reason=reason):
            return _lost(desk, operation, reason, now)


def _lost(desk: Desk, operation: Operation, reason: str, now: datetime) -> Ending:
    capabilities = desk.warehouse.capabilities
    if capabilities.delivery is DeliveryClass.BLIND and not capabilities.delivers_files:
        return Ending(operation_id=operation.id, state=State.REVIEW, error=reason)
    quiet = now + timedelta(seconds=capabilities.quiet_seconds)
    return Ending(operation_id=operation.id, state=State.UNKNOWN, error=reason, quiet_until=quiet)


RESULTS: dict[type[PushOutcome], Result] = {
    Receipt: Result.DONE,
    Refused: Result.REFUSED,
    NotSent: Result.NOT_SENT,
    Lost: Result.UNKNOWN,
}


def outcome_of(operation: Operation, answer: PushOutcome, stage: Stage) -> Outcome:
    """The answer in the operator's words."""
    return Outcome(
        kind=Kind.PUSH,
        shipment_id=operation.shipment_id,
        number=operation.number,
        result=RESULTS[type(answer)],
        stage=stage,
        reason="" if isinstance(answer, Receipt) else answer.reason,
    )
