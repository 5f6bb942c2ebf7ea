"""Moving one box from stage to stage, with everything that must happen in the same transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import literal, select, update

from cratejoy_tui.errors import OrderNotFound
from cratejoy_tui.sync.domain.stage import CLOSED_STAGES, Kind, Stage, check_move
from cratejoy_tui.sync.ledger.rows import AnyRow
from cratejoy_tui.sync.ledger.tables import operations, reopenings, shipments
from cratejoy_tui.sync.ledger.transactions import Transaction


def the_box(transaction: Transaction, shipment_id: str) -> AnyRow:
    """The box's row. Raises OrderNotFound."""
    query = select(shipments).where(shipments.c.store == transaction.store, shipments.c.id == shipment_id)
    row = transaction.connection.execute(query).first()
    if row is None:
        raise OrderNotFound(
            f"The ledger of {transaction.store} does not know shipment {shipment_id}.",
            next_step="Give the id as Cratejoy shows it; a box is known after its first pull.",
        )
    return row


def change(transaction: Transaction, shipment_id: str, **values: Any) -> None:
    """Write these columns of one box."""
    transaction.connection.execute(
        update(shipments).where(shipments.c.store == transaction.store, shipments.c.id == shipment_id).values(**values)
    )


def put(transaction: Transaction, box: AnyRow, stage: Stage, **values: Any) -> None:
    """Move a box and write these columns with it. Raises ImpossibleMove, which is a bug."""
    check_move(box.stage, stage)
    if box.stage in CLOSED_STAGES and stage not in CLOSED_STAGES:
        _note_reopening(transaction, box.id)
    if stage is not box.stage:
        values |= {"stage": stage, "stage_since": transaction.now}
    if values:
        change(transaction, box.id, **values)
    if stage is Stage.CANCELLED:
        free_number(transaction, box.id, box.generation)


def _note_reopening(transaction: Transaction, shipment_id: str) -> None:
    """The day on which the box was closed keeps it in its books, whatever becomes of the box."""
    c = shipments.c
    closed = select(c.store, c.id, c.stage, c.stage_since, literal(transaction.now, reopenings.c.reopened_at.type))
    names = ["store", "shipment_id", "was", "closed_at", "reopened_at"]
    mine = closed.where(c.store == transaction.store, c.id == shipment_id)
    transaction.connection.execute(reopenings.insert().from_select(names, mine))


def free_number(transaction: Transaction, shipment_id: str, generation: int) -> None:
    """The warehouse no longer has this order: its number is not live any more."""
    transaction.connection.execute(
        update(operations)
        .where(
            operations.c.store == transaction.store,
            operations.c.kind == Kind.PUSH,
            operations.c.shipment_id == shipment_id,
            operations.c.generation == generation,
        )
        .values(live=False)
    )
