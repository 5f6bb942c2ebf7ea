"""What people decide and note: holds, releases, remarks, tasks, and the word on what was there before us."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select, update

from cratejoy_tui.sync.domain.books import Adoption
from cratejoy_tui.sync.domain.reason import Reason
from cratejoy_tui.sync.domain.record import Note
from cratejoy_tui.sync.domain.stage import OPEN_STAGES, Kind, Stage, State
from cratejoy_tui.sync.ledger.rows import AnyRow, digest, filled, stored
from cratejoy_tui.sync.ledger.stages import change, put, the_box
from cratejoy_tui.sync.ledger.tables import adoptions, approvals, notes, operations, shipments
from cratejoy_tui.sync.ledger.tasks import Tasks, close_tasks
from cratejoy_tui.sync.ledger.transactions import Transaction, reads, writes
from cratejoy_tui.sync.ledger.upsert import upsert

NO_REASON = "no reason given"
STUCK = frozenset({State.REVIEW, State.CONFLICT, State.UNKNOWN})
AT_ONCE = 500


class People(Tasks):
    """Decisions, remarks and tasks. Reasons stay with the box; the audit gets only their fingerprint."""

    @writes
    def hold(self, transaction: Transaction, ids: Collection[str], reason: str, by: str) -> None:
        """Keep these boxes from being pushed or confirmed until somebody releases them. Raises OrderNotFound."""
        for id_ in ids:
            box = the_box(transaction, id_)
            values = {"hold_by": by, "hold_reason": reason or NO_REASON, "hold_since": transaction.now}
            if box.stage in OPEN_STAGES:
                values |= {"reason": Reason.HELD_BY_PERSON.value, "detail": reason}
                put(transaction, box, Stage.HELD, judged_revision="", **values)
            else:
                change(transaction, id_, judged_revision="", **values)
            transaction.record("held", id_, by=by, reason=digest(box.salt, reason.encode()))

    @writes
    def release(
        self, transaction: Transaction, ids: Collection[str], by: str, reason: str, subscription: bool = False
    ) -> None:
        """Lift a person's hold; where a rule holds the box, approve it in spite of that rule.

        With `subscription`, the approval covers all open and coming boxes of the box's subscriptions.
        """
        for id_ in ids:
            box = the_box(transaction, id_)
            rule = _lift(transaction, box, by, subscription)
            if reason:
                remark(transaction, id_, by, f"Released: {reason}")
            mark = digest(box.salt, reason.encode())
            transaction.record("released", id_, by=by, rule=rule, subscription=int(subscription), reason=mark)

    @writes
    def retry(self, transaction: Transaction, ids: Collection[str], by: str) -> None:
        """Let boxes in error, or with a next try to come, be judged and tried at once, though nothing changed."""
        for id_ in ids:
            box = the_box(transaction, id_)
            if box.stage in {Stage.ERROR, Stage.PLANNED}:
                put(transaction, box, Stage.SEEN, not_before=None, judged_revision="")
                transaction.record("retry", id_, by=by)

    @writes
    def resolve(self, transaction: Transaction, shipment_id: str, stage: Stage, as_: str, by: str, reason: str) -> None:
        """End a conflict by a person's word (`ours`, `theirs`, `closed`) and move the box to this stage."""
        box = the_box(transaction, shipment_id)
        _end_stuck(transaction, box, stage, by)
        put(transaction, box, stage, reason="", detail="", judged_revision="")
        close_tasks(transaction, by, reason, shipment_id=shipment_id)
        if reason:
            remark(transaction, shipment_id, by, f"Resolved as {as_}: {reason}")
        mark = digest(box.salt, reason.encode())
        transaction.record("resolved", shipment_id, after=stage, **{"as": as_}, by=by, reason=mark)

    @writes
    def note(self, transaction: Transaction, shipment_id: str, text: str, by: str) -> None:
        """Leave a remark on a box. Raises OrderNotFound."""
        box = the_box(transaction, shipment_id)
        remark(transaction, shipment_id, by, text)
        transaction.record("noted", shipment_id, by=by, text=digest(box.salt, text.encode()))

    @reads
    def notes(self, transaction: Transaction, shipment_id: str) -> list[Note]:
        """Remarks on a box, oldest first."""
        query = select(notes).filter_by(store=transaction.store, shipment_id=shipment_id).order_by(notes.c.id)
        return [filled(Note, row) for row in transaction.connection.execute(query)]

    @reads
    def adoption(self, transaction: Transaction) -> Adoption | None:
        """The word on which orders the warehouse had before us; None while nobody has given it."""
        row = transaction.connection.execute(select(adoptions).filter_by(store=transaction.store)).first()
        return filled(Adoption, row) if row is not None else None

    @writes
    def set_adoption(self, transaction: Transaction, none: bool, count: int, by: str) -> None:
        """Note what a person said the warehouse had before us."""
        values: dict[str, Any] = {"none": none, "count": count, "by": by, "at": transaction.now}
        upsert(transaction.connection, adoptions, [values | {"store": transaction.store}], key=("store",))
        transaction.record("adoption", none=int(none), count=count, by=by)


def _lift(transaction: Transaction, box: AnyRow, by: str, subscription: bool) -> str:
    """Lift a person's hold, or approve the box in spite of the rule that holds it. Returns that rule."""
    if box.hold_by:
        change(transaction, box.id, judged_revision="", hold_by="", hold_reason="", hold_since=None)
        return ""
    if box.stage is not Stage.HELD:
        return ""
    _approve(transaction, box, box.reason)
    if subscription:
        _approve_subscription(transaction, box, box.reason, by)
    return str(box.reason)


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
    c = shipments.c
    query = select(shipments).where(c.store == transaction.store, c.stage.in_(sorted(OPEN_STAGES)), c.id > after)
    return list(transaction.connection.execute(query.order_by(c.id).limit(AT_ONCE)))


def remark(transaction: Transaction, shipment_id: str, by: str, text: str) -> None:
    """Leave a remark on a box, within a decision that has a record of its own."""
    values = {"shipment_id": shipment_id, "by": by, "at": transaction.now, "text": text}
    transaction.connection.execute(notes.insert().values(store=transaction.store, **values))


def _end_stuck(transaction: Transaction, box: AnyRow, stage: Stage, by: str) -> None:
    of_push = {Stage.AT_WAREHOUSE: State.ACCEPTED, Stage.CONFIRMED: State.ACCEPTED, Stage.SEEN: State.READY}
    state = of_push.get(stage, State.CANCELLED_LOCAL)
    _end_all(transaction, box, [Kind.PUSH], state, by, live=state is State.ACCEPTED)
    if stage in {Stage.CONFIRMED, Stage.CANCELLED}:
        others = [kind for kind in Kind if kind is not Kind.PUSH]
        _end_all(transaction, box, others, State.CANCELLED_LOCAL, by, live=False)


def _end_all(
    transaction: Transaction, box: AnyRow, kinds: Sequence[Kind], state: State, by: str, *, live: bool
) -> None:
    c = operations.c
    of_box = update(operations).filter_by(store=transaction.store, shipment_id=box.id, generation=box.generation)
    stuck = of_box.where(c.kind.in_(kinds), c.state.in_(sorted(STUCK)))
    transaction.connection.execute(stuck.values(state=state, live=live, via=f"person: {by}", quiet_until=None))
