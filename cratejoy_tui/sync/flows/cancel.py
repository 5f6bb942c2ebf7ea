"""Cratejoy's cancellations -> warehouse: what was cancelled after the push must not leave, or a person must know."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import timedelta

from cratejoy_tui.errors import LockHeld, NotSupported, SetupError, SignInRefused, Unreachable
from cratejoy_tui.sync.domain.cancellation import Action, needs_stop_ship, on_cancelled
from cratejoy_tui.sync.domain.order import CancelAnswer, CancelOutcome
from cratejoy_tui.sync.domain.plan import Outcome, Result, Row
from cratejoy_tui.sync.domain.record import Ending, Operation, Stored, TaskKind
from cratejoy_tui.sync.domain.retry import next_try
from cratejoy_tui.sync.domain.stage import LIVE_STAGES, Kind, Stage, State
from cratejoy_tui.sync.flows.conflict import into_conflict
from cratejoy_tui.sync.flows.desk import Desk, Step
from cratejoy_tui.sync.flows.leases import WRITE, Holding, hold
from cratejoy_tui.sync.flows.pull import reread

AT_ONCE = 500
WAIT_FOR_WRITE_SECONDS = 600.0
LOOK_BACK = timedelta(days=3)
REASON = "Cancelled in Cratejoy"


async def look_for_cancelled(desk: Desk) -> int:
    """Ask Cratejoy for cancelled boxes and record those that are ours. Reads only; returns how many are new to us."""
    oldest = await desk.ledger.shipments.oldest_target(LIVE_STAGES)
    if oldest is None:
        return 0
    news: list[str] = []
    async for page in desk.source.list_cancelled(oldest - LOOK_BACK):
        ours = await desk.ledger.shipments.get([row.id for row in page.rows])
        news += [id_ for id_, stored in ours.items() if stored.cancel_seen_at is None]
    await reread(desk, news)
    return len(news)


async def preview_cancel(desk: Desk) -> tuple[Row, ...]:
    """One row for every order the warehouse would be asked not to send: cancelled in Cratejoy, or recalled."""
    rows = [
        _row(desk, stored)
        for stored in await _tombstoned(desk)
        if action_for(desk, stored) is Action.ASK_WAREHOUSE and not await _asked_already(desk, stored)
    ]
    rows += [
        Row(Kind.CANCEL, operation.shipment_id, operation.number, _recall_inputs(operation), operation.reason)
        for operation in await desk.ledger.operations.ready(Kind.CANCEL, desk.clock.now())
        if operation.shipment_id not in {row.shipment_id for row in rows}
    ]
    return tuple(rows)


async def note_cancellations(desk: Desk) -> int:
    """Do what needs no remote: tasks for a person, conflicts. Idempotent; returns how many boxes were noted."""
    noted = 0
    for stored in await _tombstoned(desk):
        action = action_for(desk, stored)
        if action is Action.BY_HAND:
            await _by_hand(desk, stored)
            noted += 1
        elif action is Action.CONFLICT and stored.stage is not Stage.CONFLICT:
            await _conflict(desk, stored)
            noted += 1
    return noted


def action_for(desk: Desk, stored: Stored) -> Action:
    """What to do about a box that Cratejoy calls cancelled, given how far it came with us."""
    return on_cancelled(
        stored.stage,
        send_to_wms=desk.rules.send_cancellation_to_wms,
        can_cancel=desk.warehouse.capabilities.can_cancel,
    )


async def _tombstoned(desk: Desk) -> list[Stored]:
    rows: list[Stored] = []
    after = ""
    while page := await desk.ledger.shipments.tombstoned(LIVE_STAGES, after, AT_ONCE):
        after = page[-1].id
        rows += page
    return rows


async def _asked_already(desk: Desk, stored: Stored) -> bool:
    """A cancel under way is settled, not asked anew; a refused one stays refused."""
    operations = await desk.ledger.operations.of(stored.id)
    return any(
        operation.kind is Kind.CANCEL
        and operation.generation == stored.generation
        and operation.state not in {State.READY, State.CLAIMED}
        for operation in operations
    )


def _row(desk: Desk, stored: Stored) -> Row:
    text = f"{stored.stage}\0{stored.generation}\0{stored.cancel_seen_at}\0{desk.rules_hash}"
    inputs = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
    return Row(Kind.CANCEL, stored.id, stored.order_number, inputs, REASON, stored.generation)


def _recall_inputs(operation: Operation) -> str:
    return hashlib.blake2b(f"recall\0{operation.id}".encode(), digest_size=8).hexdigest()


async def apply_cancel(desk: Desk, rows: Sequence[Row]) -> list[Outcome]:
    """Ask the warehouse, one order at a time, and read back what became of each."""
    outcomes: list[Outcome] = []
    for row in rows:
        if desk.should_stop():
            break
        async with hold(desk, WRITE, wait_seconds=WAIT_FOR_WRITE_SECONDS) as holding:
            outcome = await _cancel_one(desk, holding, row)
        outcomes.append(outcome)
        desk.tell(outcome)
        desk.tell(Step(name="cancel", done=len(outcomes), total=len(rows)))
    return outcomes


async def _cancel_one(desk: Desk, holding: Holding, row: Row) -> Outcome:
    operation = await desk.ledger.operations.intend_cancel(
        row.shipment_id, row.number, lease=holding.lease, reason=row.note or REASON, by=desk.operator
    )
    try:
        holding.check()
        answer = await desk.warehouse.cancel(
            row.number, operation.reason or REASON, desk.ledger.operations.delivery(operation)
        )
    except (SignInRefused, LockHeld, SetupError) as stop:
        await _end(desk, holding, row, operation, _not_sent(operation, stop.message, desk))
        raise
    except Unreachable as unreachable:
        return await _end(desk, holding, row, operation, _not_sent(operation, unreachable.message, desk))
    except NotSupported as unsupported:
        answer = CancelOutcome(number=row.number, answer=CancelAnswer.REFUSED, reason=unsupported.message)
    except asyncio.CancelledError:
        await asyncio.shield(_end(desk, holding, row, operation, _stopped(desk, operation)))
        raise
    return await _end(desk, holding, row, operation, cancel_ending(desk, operation, answer))


def _not_sent(operation: Operation, why: str, desk: Desk) -> Ending:
    again = next_try(operation.attempts, desk.clock.now())
    return Ending(operation_id=operation.id, state=State.READY, error=why, not_before=again)


def _stopped(desk: Desk, operation: Operation) -> Ending:
    """Stopped in the middle of the call: the next run asks for it, or hands it over to its end, where it can."""
    error = "the program was stopped during the call"
    if desk.warehouse.capabilities.can_find or desk.warehouse.capabilities.delivers_files:
        return Ending(operation_id=operation.id, state=State.UNKNOWN, error=error, quiet_until=desk.clock.now())
    return unanswerable(operation, error)


def cancel_ending(desk: Desk, operation: Operation, outcome: CancelOutcome) -> Ending:
    """What the warehouse's answer means for the cancel. Asking twice is harmless, so unknown is asked again."""
    now = desk.clock.now()
    match outcome.answer:
        case CancelAnswer.CANCELLED:
            return Ending(operation_id=operation.id, state=State.ACCEPTED, error=outcome.reason)
        case CancelAnswer.NOT_FOUND:
            return Ending(
                operation_id=operation.id, state=State.CONFLICT, error=outcome.reason or "no such order there"
            )
        case CancelAnswer.REFUSED:
            return Ending(operation_id=operation.id, state=State.TOO_LATE, error=outcome.reason)
        case CancelAnswer.UNKNOWN if desk.warehouse.capabilities.can_find:
            return Ending(operation_id=operation.id, state=State.UNKNOWN, error=outcome.reason, quiet_until=now)
        case CancelAnswer.UNKNOWN:
            return unanswerable(operation, outcome.reason)


def unanswerable(operation: Operation, why: str) -> Ending:
    """The warehouse will never say whether it heard us: whether the box stays is for a person to see."""
    return Ending(operation_id=operation.id, state=State.REVIEW, error=why, stage=Stage.CANCEL_BY_HAND)


async def _end(desk: Desk, holding: Holding, row: Row, operation: Operation, ending: Ending) -> Outcome:
    # What a person must do is noted first: once the operation has its end, nobody looks at it again.
    if ending.state is State.TOO_LATE:
        await note_refused(desk, operation, ending.error)
    if ending.state is State.CONFLICT:
        await note_missing(desk, operation)
    if ending.state is State.REVIEW:
        await note_unanswered(desk, operation, ending.error)
    stages = await desk.ledger.operations.end([ending], lease=holding.lease)
    results = {
        State.ACCEPTED: Result.DONE,
        State.TOO_LATE: Result.REFUSED,
        State.CONFLICT: Result.CONFLICT,
        State.REVIEW: Result.UNKNOWN,
        State.UNKNOWN: Result.UNKNOWN,
        State.READY: Result.NOT_SENT,
    }
    return Outcome(
        kind=Kind.CANCEL,
        shipment_id=row.shipment_id,
        number=row.number,
        result=results[ending.state],
        stage=stages.get(operation.id, Stage.UNKNOWN),
        reason=ending.error,
    )


async def note_refused(desk: Desk, operation: Operation, why: str) -> None:
    """Put a refused cancel on the stop-ship list: somebody must walk to the floor."""
    said = why or "no reason given"
    text = f"{desk.warehouse.name} would not cancel order {operation.number}: {said}. Stop the box by hand."
    await desk.ledger.people.task(TaskKind.STOP_SHIP, operation.shipment_id, operation.number, text)


async def note_missing(desk: Desk, operation: Operation) -> None:
    """The warehouse took the order once and has none now: it may be anywhere."""
    text = (
        f"{desk.warehouse.name} took order {operation.number} and does not know it now, so it could not be cancelled. "
        f"Ask there, then resolve {operation.shipment_id}."
    )
    await desk.ledger.people.task(TaskKind.CONFLICT, operation.shipment_id, operation.number, text)


async def note_unanswered(desk: Desk, operation: Operation, why: str) -> None:
    """Put a cancel that nobody answers on a person's list, and on the stop-ship list."""
    unknown = f"Nobody knows whether {desk.warehouse.name} will cancel order {operation.number}"
    text = f"{unknown} ({why or 'it gives no answer'}). Make sure that the box stays."
    for kind in (TaskKind.CANCEL_BY_HAND, TaskKind.STOP_SHIP):
        await desk.ledger.people.task(kind, operation.shipment_id, operation.number, text)


async def _by_hand(desk: Desk, stored: Stored) -> None:
    text = f"Order {stored.order_number} was cancelled in Cratejoy. Cancel it at {desk.warehouse.name} by hand."
    await desk.ledger.people.task(TaskKind.CANCEL_BY_HAND, stored.id, stored.order_number, text)
    await desk.ledger.people.task(TaskKind.STOP_SHIP, stored.id, stored.order_number, text)
    if stored.stage is not Stage.CANCEL_BY_HAND:
        await desk.ledger.shipments.move(
            stored.id, Stage.CANCEL_BY_HAND, expect={stored.stage}, reason="CANCELLED", detail=text
        )


async def _conflict(desk: Desk, stored: Stored) -> None:
    text = f"Order {stored.order_number} was cancelled in Cratejoy after it shipped. Decide, then resolve {stored.id}."
    if needs_stop_ship(stored.stage, Action.CONFLICT):
        await desk.ledger.people.task(TaskKind.STOP_SHIP, stored.id, stored.order_number, text)
    await into_conflict(desk, stored, "CANCELLED_LATE", text)
