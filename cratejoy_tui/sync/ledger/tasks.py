"""Work for a person: opened by flows and by the ledger itself, closed by a person's word."""

from __future__ import annotations

from sqlalchemy import or_, select, update

from cratejoy_tui.sync.domain.record import TaskKind
from cratejoy_tui.sync.ledger.tables import tasks
from cratejoy_tui.sync.ledger.transactions import Transaction


def open_task(
    transaction: Transaction, kind: TaskKind, shipment_id: str, number: str, text: str, *, again: bool = True
) -> int:
    """Open a task, or refresh the text of the one that is open for this box. Returns its id.

    Without `again`, one with the very same text that was ticked off stays done.
    """
    connection = transaction.connection
    fits = tasks.c.done_at.is_(None) if again else or_(tasks.c.done_at.is_(None), tasks.c.text == text)
    there = connection.execute(
        select(tasks.c.id, tasks.c.text)
        .where(tasks.c.store == transaction.store, tasks.c.kind == kind, tasks.c.shipment_id == shipment_id, fits)
        .order_by(tasks.c.done_at.is_not(None))
    ).first()
    if there is not None:
        if there.text != text:
            connection.execute(update(tasks).where(tasks.c.id == there.id).values(text=text, number=number))
        return int(there.id)
    values = {"kind": kind, "shipment_id": shipment_id, "number": number, "text": text}
    insert = tasks.insert().values(store=transaction.store, made_at=transaction.now, **values).returning(tasks.c.id)
    task_id = int(connection.execute(insert).scalar_one())
    transaction.record("task opened", shipment_id, task=task_id, kind=kind)
    return task_id


def close_task(transaction: Transaction, task_id: int, by: str, note: str) -> None:
    """Tick an open task off."""
    closed = transaction.connection.execute(
        update(tasks)
        .where(tasks.c.store == transaction.store, tasks.c.id == task_id, tasks.c.done_at.is_(None))
        .values(done_at=transaction.now, done_by=by, note=note)
        .returning(tasks.c.shipment_id)
    ).first()
    if closed is not None:
        transaction.record("task done", closed.shipment_id, task=task_id, by=by)


def close_tasks_of(transaction: Transaction, shipment_id: str, by: str, note: str) -> None:
    """Tick off everything that is open for this box."""
    query = select(tasks.c.id).where(
        tasks.c.store == transaction.store, tasks.c.shipment_id == shipment_id, tasks.c.done_at.is_(None)
    )
    for task_id in transaction.connection.execute(query).scalars().all():
        close_task(transaction, task_id, by, note)
