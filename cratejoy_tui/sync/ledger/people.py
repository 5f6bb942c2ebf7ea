"""What people decide and note: holds, releases, remarks, tasks, and the word on what was there before us."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select, update

from cratejoy_tui.sync.domain.books import Adoption
from cratejoy_tui.sync.domain.record import Note, Task, TaskKind
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.ledger import decisions
from cratejoy_tui.sync.ledger.rows import digest, note, task
from cratejoy_tui.sync.ledger.stages import the_box
from cratejoy_tui.sync.ledger.tables import adoptions, notes, tasks
from cratejoy_tui.sync.ledger.tasks import close_task, close_tasks_of, open_task
from cratejoy_tui.sync.ledger.transactions import Part, Transaction, reads, writes
from cratejoy_tui.sync.ledger.upsert import upsert


class People(Part):
    """Decisions, remarks and tasks. Reasons stay with the box; the audit gets only their fingerprint."""

    @writes
    def hold(self, transaction: Transaction, ids: Collection[str], reason: str, by: str) -> None:
        """Keep these boxes from being pushed or confirmed until somebody releases them. Raises OrderNotFound."""
        for id_ in ids:
            decisions.hold(transaction, id_, reason, by)

    @writes
    def release(
        self, transaction: Transaction, ids: Collection[str], by: str, reason: str, subscription: bool = False
    ) -> None:
        """Lift a person's hold; where a rule holds the box, approve it in spite of that rule.

        With `subscription`, the approval covers all open and coming boxes of the box's subscriptions.
        """
        for id_ in ids:
            decisions.release(transaction, id_, by, reason, subscription)

    @writes
    def retry(self, transaction: Transaction, ids: Collection[str], by: str) -> None:
        """Let boxes in error be judged and tried again, though nothing about them changed."""
        for id_ in ids:
            decisions.retry(transaction, id_, by)

    @writes
    def resolve(self, transaction: Transaction, shipment_id: str, stage: Stage, as_: str, by: str, reason: str) -> None:
        """End a conflict by a person's word (`ours`, `theirs`, `closed`) and move the box to this stage."""
        decisions.resolve(transaction, shipment_id, stage, as_, by, reason)

    @writes
    def note(self, transaction: Transaction, shipment_id: str, text: str, by: str) -> None:
        """Leave a remark on a box. Raises OrderNotFound."""
        box = the_box(transaction, shipment_id)
        values = {"shipment_id": shipment_id, "by": by, "at": transaction.now, "text": text}
        transaction.connection.execute(notes.insert().values(store=transaction.store, **values))
        transaction.record("noted", shipment_id, by=by, text=digest(box.salt, text.encode()))

    @reads
    def notes(self, transaction: Transaction, shipment_id: str) -> list[Note]:
        """Remarks on a box, oldest first."""
        query = select(notes).where(notes.c.store == transaction.store, notes.c.shipment_id == shipment_id)
        return [note(row) for row in transaction.connection.execute(query.order_by(notes.c.id))]

    @writes
    def task(
        self, transaction: Transaction, kind: TaskKind, shipment_id: str, number: str, text: str, again: bool = True
    ) -> int:
        """Ask for a person's work; while one of this kind is open for the box, only its text is refreshed.

        Without `again`, one with the very same text that was ticked off stays done.
        """
        return open_task(transaction, kind, shipment_id, number, text, again=again)

    @writes
    def done(self, transaction: Transaction, task_id: int, by: str, note: str = "") -> None:
        """Tick a task off."""
        close_task(transaction, task_id, by, note)

    @writes
    def close_tasks(self, transaction: Transaction, shipment_id: str, by: str, note: str = "") -> None:
        """Tick off everything that is open for this box."""
        close_tasks_of(transaction, shipment_id, by, note)

    @writes
    def assign(self, transaction: Transaction, task_id: int, owner: str, by: str) -> bool:
        """Give a task to somebody; False when there is none of this number."""
        row = transaction.connection.execute(
            update(tasks)
            .where(tasks.c.store == transaction.store, tasks.c.id == task_id)
            .values(owner=owner)
            .returning(tasks.c.shipment_id)
        ).first()
        if row is not None:
            transaction.record("task assigned", row.shipment_id, task=task_id, owner=owner, by=by)
        return row is not None

    @reads
    def tasks(
        self, transaction: Transaction, open_only: bool = True, kind: TaskKind | None = None, limit: int = 5000
    ) -> list[Task]:
        """Tasks, oldest first."""
        query = select(tasks).where(tasks.c.store == transaction.store)
        if open_only:
            query = query.where(tasks.c.done_at.is_(None))
        if kind is not None:
            query = query.where(tasks.c.kind == kind)
        return [task(row) for row in transaction.connection.execute(query.order_by(tasks.c.id).limit(limit))]

    @reads
    def adoption(self, transaction: Transaction) -> Adoption | None:
        """The word on which orders the warehouse had before us; None while nobody has given it."""
        row = transaction.connection.execute(select(adoptions).where(adoptions.c.store == transaction.store)).first()
        return Adoption(none=row.none, count=row._mapping["count"], by=row.by, at=row.at) if row is not None else None

    @writes
    def set_adoption(self, transaction: Transaction, none: bool, count: int, by: str) -> None:
        """Note what a person said the warehouse had before us."""
        values: dict[str, Any] = {"none": none, "count": count, "by": by, "at": transaction.now}
        upsert(transaction.connection, adoptions, [values | {"store": transaction.store}], key=("store",))
        transaction.record("adoption", none=int(none), count=count, by=by)
