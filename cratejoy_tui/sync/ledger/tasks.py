"""Work for a person: opened by flows and by the ledger itself, closed by a person's word."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select, update

from cratejoy_tui.sync.domain.record import Task, TaskKind
from cratejoy_tui.sync.ledger.rows import filled
from cratejoy_tui.sync.ledger.tables import tasks
from cratejoy_tui.sync.ledger.transactions import Part, Transaction, reads, writes


class Tasks(Part):
    """What somebody must do, and who does it."""

    @writes
    def task(
        self, transaction: Transaction, kind: TaskKind, shipment_id: str, number: str, text: str, again: bool = True
    ) -> int:
        """Ask for a person's work; while one of this kind is open for the box, only its text is refreshed.

        Without `again`, one with the very same text that was ticked off stays done. Returns the task's id.
        """
        return open_task(transaction, kind, shipment_id, number, text, again=again)

    @writes
    def done(self, transaction: Transaction, task_id: int, by: str, note: str = "") -> None:
        """Tick a task off."""
        close_tasks(transaction, by, note, id=task_id)

    @writes
    def close_tasks(self, transaction: Transaction, shipment_id: str, by: str, note: str = "") -> None:
        """Tick off everything that is open for this box."""
        close_tasks(transaction, by, note, shipment_id=shipment_id)

    @writes
    def assign(self, transaction: Transaction, task_id: int, owner: str, by: str) -> bool:
        """Give a task to somebody; False when there is none of this number."""
        given = update(tasks).filter_by(store=transaction.store, id=task_id).values(owner=owner)
        row = transaction.connection.execute(given.returning(tasks.c.shipment_id)).first()
        if row is not None:
            transaction.record("task assigned", row.shipment_id, task=task_id, owner=owner, by=by)
        return row is not None

    @reads
    def tasks(
        self, transaction: Transaction, open_only: bool = True, kind: TaskKind | None = None, shipment_id: str = ""
    ) -> list[Task]:
        """Tasks, oldest first; of one kind, or about one box."""
        that = {"kind": kind, "shipment_id": shipment_id}
        query = select(tasks).filter_by(store=transaction.store, **{name: it for name, it in that.items() if it})
        if open_only:
            query = query.filter_by(done_at=None)
        return [filled(Task, row) for row in transaction.connection.execute(query.order_by(tasks.c.id))]


def open_task(
    transaction: Transaction, kind: TaskKind, shipment_id: str, number: str, text: str, *, again: bool = True
) -> int:
    """As `Tasks.task`, within a transaction that does more."""
    connection = transaction.connection
    fits = tasks.c.done_at.is_(None) if again else or_(tasks.c.done_at.is_(None), tasks.c.text == text)
    of_box = select(tasks.c.id, tasks.c.text).filter_by(store=transaction.store, kind=kind, shipment_id=shipment_id)
    there = connection.execute(of_box.where(fits).order_by(tasks.c.done_at.is_not(None))).first()
    if there is not None:
        if there.text != text:
            connection.execute(update(tasks).filter_by(id=there.id).values(text=text, number=number))
        return int(there.id)
    values = {"kind": kind, "shipment_id": shipment_id, "number": number, "text": text}
    insert = tasks.insert().values(store=transaction.store, made_at=transaction.now, **values).returning(tasks.c.id)
    task_id = int(connection.execute(insert).scalar_one())
    transaction.record("task opened", shipment_id, task=task_id, kind=kind)
    return task_id


def close_tasks(transaction: Transaction, by: str, note: str, **that: Any) -> None:
    """Tick off the open tasks with `that` id, or of that box."""
    of = update(tasks).filter_by(store=transaction.store, done_at=None, **that)
    closing = of.values(done_at=transaction.now, done_by=by, note=note).returning(tasks.c.id, tasks.c.shipment_id)
    for task_id, shipment_id in sorted(transaction.connection.execute(closing).all()):
        transaction.record("task done", shipment_id, task=task_id, by=by)
