"""What became of a write whose answer was lost: ask, then decide. Nothing unknown is ever sent again blindly."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

from cratejoy_tui.errors import RunStopped, Unreachable
from cratejoy_tui.sync.domain.cancellation import BY_LOOK_UP, order_state_after_cancel
from cratejoy_tui.sync.domain.found import Comparison, compare
from cratejoy_tui.sync.domain.matching import Before, before_confirm, is_shown
from cratejoy_tui.sync.domain.order import Found, Order, OrderState
from cratejoy_tui.sync.domain.record import Ending, Operation, TaskKind
from cratejoy_tui.sync.domain.retry import next_try
from cratejoy_tui.sync.domain.stage import Kind, State
from cratejoy_tui.sync.flows.cancel import (
    REASON,
    cancel_ending,
    note_missing,
    note_refused,
    note_unanswered,
    unanswerable,
)
from cratejoy_tui.sync.flows.confirm import QUIET as CONFIRM_QUIET
from cratejoy_tui.sync.flows.desk import Desk, Remark, Step
from cratejoy_tui.sync.flows.handing_over import ask_a_person, ending_of
from cratejoy_tui.sync.flows.leases import WRITE, Holding, hold
from cratejoy_tui.sync.flows.pull import reread
from cratejoy_tui.sync.ports import DeliveryClass

WAIT_FOR_WRITE_SECONDS = 600.0
AT_ONCE = 50


async def settle(desk: Desk, kinds: frozenset[Kind]) -> int:
    """Settle what can be settled now, of these kinds; returns how many operations found their end.

    What is still in its quiet time, or cannot be asked, stays unknown and is shown.
    """
    settled = 0
    async with hold(desk, WRITE, wait_seconds=WAIT_FOR_WRITE_SECONDS) as holding:
        doubtful = [op for op in await desk.ledger.operations.in_doubt(holding.lease) if op.kind in kinds]
        doubtful = [await _known_unknown(desk, op) for op in doubtful]
        due = [op for op in doubtful if op.quiet_until is None or op.quiet_until <= desk.clock.now()]
        for kind, settle_kind in ((Kind.PUSH, _pushes), (Kind.CANCEL, _cancels)):
            chosen = [op for op in due if op.kind is kind]
            for start in range(0, len(chosen), AT_ONCE):
                settled += await _record(desk, holding, await settle_kind(desk, chosen[start : start + AT_ONCE]))
        for op in due:
            if op.kind in {Kind.CONFIRM, Kind.REPLACE}:
                settled += await _record(desk, holding, [await _confirm(desk, op)])
    if doubtful:
        desk.tell(Step(name="settle", done=settled, total=len(doubtful)))
    return settled


async def _record(desk: Desk, holding: Holding, endings: Sequence[Ending]) -> int:
    """Write the ends down, unless another took over after they were looked up: it may have sent again since."""
    await desk.ledger.operations.end(endings, lease=None, under=holding.lease)
    return sum(ending.state is not State.UNKNOWN for ending in endings)


async def _known_unknown(desk: Desk, operation: Operation) -> Operation:
    """An operation found mid-way, its process gone, is unknown from the moment it was written down."""
    if operation.state is not State.SENDING:
        return operation
    start = operation.sent_at or operation.made_at
    return await desk.ledger.operations.doubt(
        operation.id, start + _quiet(desk, operation), "the program ended before the answer was written down"
    )


def _quiet(desk: Desk, operation: Operation) -> timedelta:
    if operation.kind is Kind.PUSH:
        return timedelta(seconds=desk.warehouse.capabilities.quiet_seconds)
    return timedelta(0) if operation.kind is Kind.CANCEL else CONFIRM_QUIET


async def _pushes(desk: Desk, operations: Sequence[Operation]) -> list[Ending]:
    capabilities = desk.warehouse.capabilities
    if capabilities.delivers_files:
        return await _resume(desk, operations)
    if not capabilities.can_find or capabilities.delivery is DeliveryClass.BLIND:
        return [await _for_a_person(desk, op, f"{desk.warehouse.name} cannot be asked for it") for op in operations]
    found = await desk.warehouse.find([op.number for op in operations])
    orders = await desk.ledger.operations.orders([op.id for op in operations])
    absent = [op.shipment_id for op in operations if op.number not in found]
    await reread(desk, absent)
    return [await _pushed(desk, op, orders[op.id], found.get(op.number, ())) for op in operations]


async def _resume(desk: Desk, operations: Sequence[Operation]) -> list[Ending]:
    endings: list[Ending] = []
    orders = await desk.ledger.operations.orders([op.id for op in operations])
    for _, group in groupby(sorted(operations, key=lambda op: (op.delivery_sequence, op.id)), _delivery_name):
        part = list(group)
        delivery = desk.ledger.operations.delivery(part[0])
        answers = await desk.warehouse.resume([orders[op.id] for op in part], delivery)
        endings += [ending_of(desk, op, answer) for op, answer in zip(part, answers, strict=True)]
    return endings


def _delivery_name(operation: Operation) -> str:
    return operation.delivery_name


async def _pushed(desk: Desk, operation: Operation, order: Order, found: Sequence[Found]) -> Ending:
    """One that is not there may go again. Of a cancelled box the ledger makes one more look, after the quiet time."""
    comparison = compare(order, found)
    if comparison is Comparison.SAME:
        return Ending(operation_id=operation.id, state=State.ACCEPTED, via=BY_LOOK_UP, remote_ref=found[0].reference)
    if comparison is Comparison.ABSENT:
        quiet = desk.clock.now() + _quiet(desk, operation)
        return Ending(
            operation_id=operation.id, state=State.READY, via=BY_LOOK_UP, error="it never arrived", quiet_until=quiet
        )
    why = {
        Comparison.DUPLICATE: f"{desk.warehouse.name} has it {len(found)} times",
        Comparison.CANCELLED: f"{desk.warehouse.name} has it cancelled",
    }.get(comparison, f"{desk.warehouse.name} has other content under this number")
    return await _for_a_person(desk, operation, why)


async def _for_a_person(desk: Desk, operation: Operation, why: str) -> Ending:
    await ask_a_person(desk, operation, why)
    return Ending(operation_id=operation.id, state=State.REVIEW, via=BY_LOOK_UP, error=why)


async def _cancels(desk: Desk, operations: Sequence[Operation]) -> list[Ending]:
    if desk.warehouse.capabilities.delivers_files:
        return [await _finish_cancel(desk, op) for op in operations]
    if not desk.warehouse.capabilities.can_find:
        for op in operations:
            await note_unanswered(desk, op, op.error)
        return [unanswerable(op, op.error) for op in operations]
    found = await desk.warehouse.find([op.number for op in operations])
    return [await _cancelled(desk, op, found.get(op.number, ())) for op in operations]


async def _finish_cancel(desk: Desk, operation: Operation) -> Ending:
    """Finish handing the file over that asks for the cancel; one that was handed over is not written again."""
    delivery = desk.ledger.operations.delivery(operation)
    try:
        outcome = await desk.warehouse.cancel(operation.number, operation.reason or REASON, delivery)
    except Unreachable as unreachable:
        again = next_try(operation.attempts, desk.clock.now())
        return Ending(operation_id=operation.id, state=State.READY, error=unreachable.message, not_before=again)
    await note_unanswered(desk, operation, outcome.reason)
    return cancel_ending(desk, operation, outcome)


async def _cancelled(desk: Desk, operation: Operation, found: Sequence[Found]) -> Ending:
    state = order_state_after_cancel(found)
    if state is OrderState.OPEN:
        return Ending(operation_id=operation.id, state=State.READY, via=BY_LOOK_UP, error="still open there")
    if state is OrderState.SHIPPED:
        await note_refused(desk, operation, "it has shipped")
        return Ending(operation_id=operation.id, state=State.TOO_LATE, via=BY_LOOK_UP, error="it has shipped")
    if state is None:
        await note_missing(desk, operation)
        return Ending(operation_id=operation.id, state=State.CONFLICT, via=BY_LOOK_UP, error="no such order there")
    return Ending(operation_id=operation.id, state=State.ACCEPTED, via=BY_LOOK_UP)


async def _confirm(desk: Desk, operation: Operation) -> Ending:
    """Read the shipment and compare; a write is repeated only through a new plan, never here."""
    wanted = await desk.ledger.operations.confirmation(operation.id)
    try:
        reading = await desk.source.read([operation.shipment_id])
    except RunStopped as stopped:
        desk.tell(Remark(text=stopped.message, is_warning=True))
        return Ending(operation_id=operation.id, state=State.UNKNOWN, error=operation.error)
    shown = reading.shipments.get(operation.shipment_id)
    if is_shown(shown, wanted):
        return Ending(operation_id=operation.id, state=State.ACCEPTED, via=BY_LOOK_UP)
    before, why = before_confirm(shown, wanted)
    if before is Before.PUT:
        return Ending(operation_id=operation.id, state=State.READY, via=BY_LOOK_UP, error="it never arrived")
    text = f"Shipment {operation.shipment_id} was to be confirmed with {operation.number}: {why}."
    await desk.ledger.people.task(TaskKind.CONFLICT, operation.shipment_id, operation.number, text)
    return Ending(operation_id=operation.id, state=State.CONFLICT, via=BY_LOOK_UP, error=why)
