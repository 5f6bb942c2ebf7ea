"""A person's word on one box, and all it changes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from cratejoy_tui.sync.domain.reason import Reason
from cratejoy_tui.sync.domain.stage import OPEN_STAGES, Kind, Stage, State
from cratejoy_tui.sync.ledger.rows import AnyRow, digest, stored
from cratejoy_tui.sync.ledger.stages import change, put, the_box
from cratejoy_tui.sync.ledger.tables import approvals, notes, operations, shipments
from cratejoy_tui.sync.ledger.tasks import close_tasks_of
from cratejoy_tui.sync.ledger.transactions import Transaction
from cratejoy_tui.sync.ledger.upsert import upsert

NO_REASON = "no reason given"
STUCK = frozenset({State.REVIEW, State.CONFLICT, State.UNKNOWN})
AT_ONCE = 500


def hold(transaction: Transaction, shipment_id: str, reason: str, by: str) -> None:
    """Set a person's hold; a box not sent yet is held at once, whatever the rules say."""
    box = the_box(transaction, shipment_id)
    values = {"hold_by": by, "hold_reason": reason or NO_REASON, "hold_since": transaction.now, "judged_revision": ""}
    if box.stage in OPEN_STAGES:
        values |= {"reason": Reason.HELD_BY_PERSON.value, "detail": reason}
        put(transaction, box, Stage.HELD, **values)
    else:
        change(transaction, shipment_id, **values)
    transaction.record("held", shipment_id, by=by, reason=digest(box.salt, reason.encode()))


def release(transaction: Transaction, shipment_id: str, by: str, reason: str, subscription: bool) -> None:
    """Lift a person's hold, or approve the box in spite of the rule that holds it."""
    box = the_box(transaction, shipment_id)
    approved = ""
    if box.hold_by:
        values = {"hold_by": "", "hold_reason": "", "hold_since": None}
        change(transaction, shipment_id, judged_revision="", **values)
    elif box.stage is Stage.HELD:
        approved = box.reason
        _approve(transaction, box, approved)
        if subscription:
            _approve_subscription(transaction, box, approved, by)
    if reason:
        remark(transaction, shipment_id, by, f"Released: {reason}")
    mark = digest(box.salt, reason.encode())
    transaction.record("released", shipment_id, by=by, rule=approved, subscription=int(subscription), reason=mark)


def _approve(transaction: Transaction, box: AnyRow, rule: str) -> None:
    approved = tuple(sorted({*box.approved, rule}))
    change(transaction, box.id, approved=approved, judged_revision="")


def _approve_subscription(transaction: Transaction, box: AnyRow, rule: str, by: str) -> None:
    """Release the other boxes of the subscription too, and those that are still to come."""
    ids = _subscriptions(box)
    rows = [
        {"store": transaction.store, "subscription_id": id_, "reason": rule, "by": by, "at": transaction.now}
        for id_ in sorted(ids)
    ]
    upsert(transaction.connection, approvals, rows, key=("store", "subscription_id", "reason"))
    after = ""
    while page := _held_after(transaction, after):
        after = page[-1].id
        for other in page:
            if other.id != box.id and ids & _subscriptions(other):
                _approve(transaction, other, rule)


def _subscriptions(row: AnyRow) -> set[str]:
    shipment = stored(row).shipment
    return {sub.id for sub in shipment.subscriptions if sub.id} if shipment is not None else set()


def _held_after(transaction: Transaction, after: str) -> list[AnyRow]:
    query = (
        select(shipments)
        .where(
            shipments.c.store == transaction.store,
            shipments.c.stage.in_(sorted(OPEN_STAGES)),
            shipments.c.id > after,
        )
        .order_by(shipments.c.id)
        .limit(AT_ONCE)
    )
    return list(transaction.connection.execute(query))


def remark(transaction: Transaction, shipment_id: str, by: str, text: str) -> None:
    """Leave a remark on a box, within a decision that has a record of its own."""
    values = {"shipment_id": shipment_id, "by": by, "at": transaction.now, "text": text}
    transaction.connection.execute(notes.insert().values(store=transaction.store, **values))


def retry(transaction: Transaction, shipment_id: str, by: str) -> None:
    """Let a box in error be judged anew; its refused operation may be sent again."""
    box = the_box(transaction, shipment_id)
    if box.stage is not Stage.ERROR:
        return
    put(transaction, box, Stage.SEEN, not_before=None, judged_revision="")
    transaction.record("retry", shipment_id, by=by)


def resolve(transaction: Transaction, shipment_id: str, stage: Stage, as_: str, by: str, reason: str) -> None:
    """End a conflict; operations that nobody can settle any more get their end too."""
    box = the_box(transaction, shipment_id)
    _end_stuck(transaction, box, stage, by)
    put(transaction, box, stage, reason="", detail="", judged_revision="")
    close_tasks_of(transaction, shipment_id, by, reason)
    if reason:
        remark(transaction, shipment_id, by, f"Resolved as {as_}: {reason}")
    mark = digest(box.salt, reason.encode())
    transaction.record("resolved", shipment_id, after=stage, **{"as": as_}, by=by, reason=mark)


def _end_stuck(transaction: Transaction, box: AnyRow, stage: Stage, by: str) -> None:
    push_state = {
        Stage.AT_WAREHOUSE: (State.ACCEPTED, True),
        Stage.CONFIRMED: (State.ACCEPTED, True),
        Stage.SEEN: (State.READY, False),
    }.get(stage, (State.CANCELLED_LOCAL, False))
    _end_all(transaction, box, [Kind.PUSH], push_state[0], by, live=push_state[1])
    if stage in {Stage.CONFIRMED, Stage.CANCELLED}:
        others = [kind for kind in Kind if kind is not Kind.PUSH]
        _end_all(transaction, box, others, State.CANCELLED_LOCAL, by, live=False)


def _end_all(
    transaction: Transaction, box: AnyRow, kinds: Sequence[Kind], state: State, by: str, *, live: bool
) -> None:
    transaction.connection.execute(
        update(operations)
        .where(
            operations.c.store == transaction.store,
            operations.c.shipment_id == box.id,
            operations.c.generation == box.generation,
            operations.c.kind.in_(kinds),
            operations.c.state.in_(sorted(STUCK)),
        )
        .values(state=state, live=live, via=f"person: {by}", quiet_until=None)
    )
