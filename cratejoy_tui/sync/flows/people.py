"""What a person decides about single boxes: hold, release, retry, settle, resolve, recall, resend, adopt, remarks.

Each is one ledger transaction with the operator's name and reason in the audit; none waits for a running cycle.
"""

from __future__ import annotations

from collections.abc import Sequence

from cratejoy_tui.errors import ItemRefused, OrderNotFound, ShipmentUnfit
from cratejoy_tui.sync.domain.order import OrderState
from cratejoy_tui.sync.domain.plan import Outcome
from cratejoy_tui.sync.domain.record import Ending, Operation, Stored
from cratejoy_tui.sync.domain.stage import OPEN_STAGES, Kind, Stage, State
from cratejoy_tui.sync.flows.cancel import apply_cancel, preview_cancel
from cratejoy_tui.sync.flows.cancellations import STOPS
from cratejoy_tui.sync.flows.desk import Desk

MAY_RECALL = frozenset({Stage.AT_WAREHOUSE, Stage.PARTLY_SHIPPED, Stage.CANCEL_REFUSED, Stage.CONFLICT})
IN_DOUBT = frozenset({State.UNKNOWN, State.SENDING, State.REVIEW})
HANDED_OVER = IN_DOUBT | {State.ACCEPTED, State.CONFLICT}
"""States of a push in which the warehouse had the order, or may have had it."""


async def hold_boxes(desk: Desk, ids: Sequence[str], reason: str) -> None:
    """Keep these boxes from being pushed or confirmed until a person releases them."""
    await _all_known(desk, ids)
    await desk.ledger.people.hold(ids, reason, desk.operator)


async def release_boxes(desk: Desk, ids: Sequence[str], reason: str, *, subscription: bool = False) -> None:
    """Release a person's hold, or approve a rule's hold; for all paid boxes of the same subscription if asked."""
    await _all_known(desk, ids)
    await desk.ledger.people.release(ids, desk.operator, reason, subscription=subscription)


async def retry(desk: Desk, ids: Sequence[str]) -> None:
    """Let boxes that were refused, or whose next try is later, be tried in the next plan as they are."""
    for stored in await _all_known(desk, ids):
        if stored.stage not in {Stage.ERROR, Stage.PLANNED}:
            raise ItemRefused(f"Shipment {stored.id} is {stored.stage}; only boxes in error can be tried again.")
    await desk.ledger.people.retry(ids, desk.operator)


async def settle_as(desk: Desk, shipment_id: str, *, sent: bool, reason: str) -> None:
    """A person looked: the write in doubt was done, or surely not."""
    [stored] = await _all_known(desk, [shipment_id])
    operation = await _in_doubt(desk, stored)
    state = State.ACCEPTED if sent else State.READY
    ending = Ending(operation_id=operation.id, state=state, via=f"person: {desk.operator}", error=reason)
    await desk.ledger.operations.end([ending], lease=None)
    await desk.ledger.people.close_tasks(shipment_id, desk.operator, reason)


async def _in_doubt(desk: Desk, stored: Stored) -> Operation:
    for operation in reversed(await desk.ledger.operations.of(stored.id)):
        if operation.state in IN_DOUBT:
            return operation
    raise ItemRefused(f"Shipment {stored.id} is {stored.stage}: nothing about it is in doubt.")


async def resolve(desk: Desk, shipment_id: str, *, as_: str, reason: str) -> None:
    """End a conflict: `ours` (our order stands), `theirs` (leave it as it is there, never touch it again), `closed`."""
    [stored] = await _all_known(desk, [shipment_id])
    if stored.stage is not Stage.CONFLICT:
        raise ItemRefused(f"Shipment {shipment_id} is {stored.stage}; there is no conflict to resolve.")
    target = {
        "ours": Stage.AT_WAREHOUSE if stored.sent_order is not None else Stage.SEEN,
        "theirs": Stage.CONFIRMED,
        "closed": Stage.CANCELLED,
    }[as_]
    await desk.ledger.people.resolve(shipment_id, target, as_, desk.operator, reason)


async def recall_boxes(desk: Desk, ids: Sequence[str], reason: str) -> None:
    """Decide that the warehouse must not send these orders. Recorded at once; sent by the next cancel round.

    Nothing is recorded where one of them cannot be recalled: raises ItemRefused.
    """
    boxes = await _all_known(desk, ids)
    for stored in boxes:
        if stored.stage not in MAY_RECALL:
            raise ItemRefused(
                f"Shipment {stored.id} is {stored.stage}; only an order at the warehouse can be recalled.",
                next_step="Hold it instead." if stored.stage in OPEN_STAGES else "",
            )
    for stored in boxes:
        await desk.ledger.operations.ask_cancel(stored.id, stored.order_number, reason, desk.operator)


async def recall(desk: Desk, shipment_id: str, reason: str) -> None:
    """As `recall_boxes`, for one."""
    await recall_boxes(desk, [shipment_id], reason)


async def send_recalls(desk: Desk, ids: Sequence[str]) -> list[Outcome]:
    """Send the recalls of these boxes now, where no other run is sending."""
    return await apply_cancel(desk, [row for row in await preview_cancel(desk) if row.shipment_id in set(ids)])


async def resend(desk: Desk, shipment_id: str, reason: str) -> int:
    """Plan the box anew under the next number; returns its generation (2 for -R2).

    Raises ShipmentUnfit unless the former order is proven cancelled or closed, and what asking the warehouse raises.
    """
    [stored] = await _all_known(desk, [shipment_id])
    await _refuse_if_still_there(desk, stored)
    generation = await desk.ledger.operations.new_generation(shipment_id, desk.operator, reason)
    for task in await desk.ledger.people.tasks(shipment_id=shipment_id):
        if task.kind not in STOPS:
            await desk.ledger.people.done(task.id, desk.operator, f"sent anew: {reason}")
    return generation


async def _refuse_if_still_there(desk: Desk, stored: Stored) -> None:
    """Our stage alone proves nothing: somebody may have sent, kept or reopened the order there."""
    operations = await desk.ledger.operations.of(stored.id)
    numbers = [op.number for op in operations if op.kind is Kind.PUSH and op.state in HANDED_OVER]
    can_ask = desk.warehouse.capabilities.can_find
    there = await desk.warehouse.find(numbers) if can_ask and numbers else {}
    for number in numbers:
        if any(found.state is OrderState.OPEN for found in there.get(number, ())):
            first = f"Recall {stored.id}" if stored.stage in MAY_RECALL else "Cancel it there"
            raise ShipmentUnfit(
                f"Order {number} is still open at {desk.warehouse.name}: two boxes could leave.",
                next_step=f"{first}; once it is cancelled there, resend.",
            )
    if stored.stage is Stage.CONFLICT and numbers and numbers[-1] not in there:
        why = "does not know it now" if can_ask else "cannot be asked for it"
        raise ShipmentUnfit(
            f"Order {numbers[-1]} may be anywhere: {desk.warehouse.name} {why}.",
            next_step=f"Ask the people there; `resolve {stored.id} --as closed` once it cannot leave, then resend.",
        )


async def remark(desk: Desk, shipment_id: str, text: str) -> None:
    """Leave a note on a box."""
    await _all_known(desk, [shipment_id])
    await desk.ledger.people.note(shipment_id, text, desk.operator)


async def assign(desk: Desk, task_id: int, owner: str) -> None:
    """Give a task to somebody. Raises OrderNotFound when there is no such task."""
    if not await desk.ledger.people.assign(task_id, owner, desk.operator):
        raise OrderNotFound(
            f"{desk.store} has no task {task_id}.", next_step="`cratejoy-tui status` lists the open ones."
        )


async def done(desk: Desk, task_id: int, note: str) -> None:
    """Tick a task off. Raises OrderNotFound when none of this number is open, ItemRefused for the stop-ship list's."""
    task = next((task for task in await desk.ledger.people.tasks() if task.id == task_id), None)
    if task is None:
        raise OrderNotFound(f"{desk.store} has no open task {task_id}.", next_step="`cratejoy-tui status` lists them.")
    if task.kind in STOPS:
        raise ItemRefused(
            f"Task {task_id} is a box to stop: was it stopped, or had it left?",
            next_step=f"`cratejoy-tui cancellations --done {task.shipment_id}` says so.",
        )
    await desk.ledger.people.done(task_id, desk.operator, note)


async def _all_known(desk: Desk, ids: Sequence[str]) -> list[Stored]:
    stored = await desk.ledger.shipments.get(ids)
    if unknown := [id_ for id_ in ids if id_ not in stored]:
        raise OrderNotFound(
            f"The ledger of {desk.store} does not know {', '.join(unknown)}.",
            next_step="Give the shipment id as Cratejoy shows it; `cratejoy-tui explain ID` asks Cratejoy too.",
        )
    return [stored[id_] for id_ in ids]
