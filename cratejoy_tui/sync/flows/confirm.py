"""Tracking -> Cratejoy: read the shipment, write once, read it back. The customer is e-mailed, so never twice."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import timedelta

from cratejoy_tui.errors import AnswerLost, ConfirmationRefused, LockHeld, RunStopped, SignInRefused, Unreachable
from cratejoy_tui.sync.domain.matching import Before, Ready, before_confirm, is_shown, ready_to_confirm
from cratejoy_tui.sync.domain.plan import Hold, Outcome, Result, Row
from cratejoy_tui.sync.domain.record import Ending, Operation, Stored, Tracked
from cratejoy_tui.sync.domain.retry import next_try
from cratejoy_tui.sync.domain.stage import Kind, Stage, State
from cratejoy_tui.sync.domain.tracking import Confirmation
from cratejoy_tui.sync.flows.conflict import into_conflict
from cratejoy_tui.sync.flows.desk import Desk, Step
from cratejoy_tui.sync.flows.leases import WRITE, Holding, hold

AT_ONCE = 500
GROUP = 20
IN_FLIGHT = 4
WAIT_FOR_WRITE_SECONDS = 600.0
READ_BACK_SECONDS = (0.0, 5.0, 10.0, 15.0, 30.0, 60.0)
"""Waits before each look at what Cratejoy shows after the write: two minutes in all."""
QUIET = timedelta(minutes=5)
"""A write whose answer was lost may still arrive this long after it was sent."""

CAN_CONFIRM = frozenset({Stage.SHIPPED, Stage.PARTLY_SHIPPED})


async def preview_confirm(desk: Desk) -> tuple[tuple[Row, ...], tuple[Hold, ...]]:
    """The boxes that would be confirmed now, and those with tracking that wait, each with its reason."""
    rows: list[Row] = []
    holds: list[Hold] = []
    after = ""
    while page := await desk.ledger.shipments.page(CAN_CONFIRM, after, AT_ONCE):
        after = page[-1].id
        parcels = await desk.ledger.tracking.of([stored.id for stored in page])
        for stored in page:
            ready = ready_for(desk, stored, parcels.get(stored.id, []))
            if ready.confirmation is None:
                holds.append(Hold(stored.id, ready.reason, ready.detail))
            else:
                rows.append(_row(desk, stored, parcels.get(stored.id, []), ready.confirmation))
    return tuple(rows), tuple(holds)


def ready_for(desk: Desk, stored: Stored, parcels: Sequence[Tracked]) -> Ready:
    """May this box be confirmed now, and with what?"""
    return ready_to_confirm(stored, parcels, desk.rules, desk.clock.now())


def _row(desk: Desk, stored: Stored, parcels: Sequence[Tracked], confirmation: Confirmation) -> Row:
    return Row(
        Kind.CONFIRM,
        stored.id,
        confirmation.tracking_number,
        inputs_of(desk, stored, parcels),
        f"{len(parcels)} parcels" if len(parcels) > 1 else "",
        stored.generation,
    )


def inputs_of(desk: Desk, stored: Stored, parcels: Sequence[Tracked]) -> str:
    """Fingerprint of all that the decision to confirm rests on."""
    digest = hashlib.blake2b(f"{stored.stage}\0{stored.generation}\0{desk.rules_hash}".encode(), digest_size=8)
    for tracked in sorted(parcels, key=lambda t: t.id):
        parcel = tracked.parcel
        digest.update(
            f"\0{tracked.id}\0{parcel.tracking_number}\0{parcel.voided}\0{tracked.quality}\0{tracked.decision}".encode()
        )
    return digest.hexdigest()


async def apply_confirm(desk: Desk, rows: Sequence[Row]) -> list[Outcome]:
    """Confirm these rows; one bad row never stops the others, a refused key or a lost lease stops all."""
    outcomes: list[Outcome] = []
    for start in range(0, len(rows), GROUP):
        if desk.should_stop():
            break
        async with hold(desk, WRITE, wait_seconds=WAIT_FOR_WRITE_SECONDS) as holding:
            outcomes += await _group(desk, holding, rows[start : start + GROUP])
        desk.tell(Step(name="confirm", done=min(start + GROUP, len(rows)), total=len(rows)))
    return outcomes


async def _group(desk: Desk, holding: Holding, rows: Sequence[Row]) -> list[Outcome]:
    ids = [row.shipment_id for row in rows]
    stored = await desk.ledger.shipments.get(ids)
    parcels = await desk.ledger.tracking.of(ids)
    turn = asyncio.Semaphore(IN_FLIGHT)

    async def one(row: Row) -> Outcome | None:
        async with turn:
            if desk.should_stop():  # each row is an e-mail: what has not begun stays undone
                return None
            outcome = await _confirm_row(
                desk, holding, row, stored.get(row.shipment_id), parcels.get(row.shipment_id, [])
            )
        desk.tell(outcome)
        return outcome

    done = await asyncio.gather(*(one(row) for row in rows), return_exceptions=True)
    for outcome in done:
        if isinstance(outcome, BaseException):
            raise outcome
    return [outcome for outcome in done if isinstance(outcome, Outcome)]


async def _confirm_row(
    desk: Desk, holding: Holding, row: Row, stored: Stored | None, parcels: Sequence[Tracked]
) -> Outcome:
    if stored is None or row.inputs != inputs_of(desk, stored, parcels):
        return _outcome(
            row, Result.CHANGED, stored.stage if stored else Stage.SEEN, "It changed since the plan was made."
        )
    ready = ready_for(desk, stored, parcels)
    if ready.confirmation is None:
        return _outcome(row, Result.CHANGED, stored.stage, f"{ready.reason} {ready.detail}".strip())
    return await confirm_one(desk, holding, row, stored, ready.confirmation)


async def confirm_one(desk: Desk, holding: Holding, row: Row, stored: Stored, wanted: Confirmation) -> Outcome:
    """Look, write at most once, look again. Used for `replace` too."""
    reading = await desk.source.read([row.shipment_id])
    shown = reading.shipments.get(row.shipment_id)
    before, why = before_confirm(shown, wanted)
    if before is Before.CONFLICT:
        return await _conflict(desk, row, stored, why)
    await holding.keep(desk)
    operation = await desk.ledger.operations.intend_confirm(
        wanted,
        lease=holding.lease,
        replace=row.kind is Kind.REPLACE,
        by=desk.operator,
        reason=row.note if row.kind is Kind.REPLACE else "",
    )
    if before is Before.DONE:
        return await _end(desk, holding, row, operation, State.ACCEPTED, via="look-up")
    return await _write(desk, holding, row, operation, wanted)


async def _write(desk: Desk, holding: Holding, row: Row, operation: Operation, wanted: Confirmation) -> Outcome:
    try:
        holding.check()
        await desk.source.confirm(wanted)
    except ConfirmationRefused as refused:
        return await _end(desk, holding, row, operation, State.REJECTED, error=refused.message)
    except AnswerLost as lost:
        return await _end(desk, holding, row, operation, State.UNKNOWN, error=lost.message)
    except (SignInRefused, LockHeld) as stop:
        await _end(desk, holding, row, operation, State.READY, error=stop.message)
        raise
    except Unreachable as unreachable:
        return await _end(desk, holding, row, operation, State.READY, error=unreachable.message)
    except asyncio.CancelledError:
        error = "the program was stopped during the write"
        await asyncio.shield(_end(desk, holding, row, operation, State.UNKNOWN, error=error))
        raise
    if await _read_back(desk, wanted):
        return await _end(desk, holding, row, operation, State.ACCEPTED)
    error = "Cratejoy took the write but does not show it yet"
    return await _end(desk, holding, row, operation, State.UNKNOWN, error=error)


async def _read_back(desk: Desk, wanted: Confirmation) -> bool:
    """Does Cratejoy show the number? Asked again for two minutes; a broken read proves nothing."""
    for wait_seconds in READ_BACK_SECONDS:
        if wait_seconds:
            await desk.clock.sleep(wait_seconds)
        try:
            reading = await desk.source.read([wanted.shipment_id])
        except RunStopped:
            return False
        if is_shown(reading.shipments.get(wanted.shipment_id), wanted):
            return True
    return False


async def _end(
    desk: Desk, holding: Holding, row: Row, operation: Operation, state: State, *, via: str = "answer", error: str = ""
) -> Outcome:
    now = desk.clock.now()
    stages = await desk.ledger.operations.end(
        [
            Ending(
                operation_id=operation.id,
                state=state,
                via=via,
                error=error,
                not_before=next_try(operation.attempts, now) if state is State.READY else None,
                quiet_until=now + QUIET if state is State.UNKNOWN else None,
            )
        ],
        lease=holding.lease,
    )
    return _outcome(row, RESULTS[state], stages.get(operation.id, Stage.UNKNOWN), error)


RESULTS = {
    State.ACCEPTED: Result.DONE,
    State.REJECTED: Result.REFUSED,
    State.UNKNOWN: Result.UNKNOWN,
    State.READY: Result.NOT_SENT,
}


async def _conflict(desk: Desk, row: Row, stored: Stored, why: str) -> Outcome:
    if row.kind is Kind.REPLACE:  # the box stays confirmed: Cratejoy was told of it once
        return _outcome(row, Result.CONFLICT, stored.stage, f"{row.number} was not sent: {why}.")
    text = f"Shipment {row.shipment_id} was not confirmed with {row.number}: {why}. Decide, then resolve {stored.id}."
    await into_conflict(desk, stored, "CONFIRM", text)
    return _outcome(row, Result.CONFLICT, Stage.CONFLICT, text)


def _outcome(row: Row, result: Result, stage: Stage, reason: str) -> Outcome:
    return Outcome(
        kind=row.kind, shipment_id=row.shipment_id, number=row.number, result=result, stage=stage, reason=reason
    )
