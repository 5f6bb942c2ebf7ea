"""Moving one box from stage to stage, with everything that must happen in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from cratejoy_tui.errors import OrderNotFound
from cratejoy_tui.sync.domain.stage import CLOSED_STAGES, Kind, Stage, check_move
from cratejoy_tui.sync.ledger.rows import AnyRow
from cratejoy_tui.sync.ledger.tables import operations, reopenings, shipments
from cratejoy_tui.sync.ledger.transactions import Transaction
from cratejoy_tui.sync.ledger.upsert import STORE

_CHANGE = update(shipments).where(shipments.c.store == STORE, shipments.c.id == bindparam("box"))

Values = dict[str, Any]


def the_box(transaction: Transaction, shipment_id: str) -> AnyRow:
    """The box's row. Raises OrderNotFound."""
    row = transaction.connection.execute(select(shipments).filter_by(store=transaction.store, id=shipment_id)).first()
    if row is None:
        raise OrderNotFound(
            f"The ledger of {transaction.store} does not know shipment {shipment_id}.",
            next_step="Give the id as Cratejoy shows it; a box is known after its first pull.",
        )
    return row


def change(transaction: Transaction, shipment_id: str, **values: Any) -> None:
    """Write these columns of one box."""
    change_all(transaction, {shipment_id: values})


def change_all(transaction: Transaction, boxes: Mapping[str, Values]) -> None:
    """Write columns of many boxes, of each the same ones, by its id."""
    if boxes:
        rows = [{STORE.key: transaction.store, "box": id_, **values} for id_, values in boxes.items()]
        transaction.connection.execute(_CHANGE, rows)


def put(transaction: Transaction, box: AnyRow, stage: Stage, **values: Any) -> None:
    """Move a box and write these columns with it. Raises ImpossibleMove, which is a bug."""
    values |= moved(transaction, box.id, box.stage, box.stage_since, stage)
    if values:
        change(transaction, box.id, **values)
    if stage is Stage.CANCELLED:
        free_number(transaction, box.id, box.generation)


def moved(transaction: Transaction, shipment_id: str, before: Stage, since: datetime, after: Stage) -> Values:
    """The columns that tell of a move; {} when the box stays where it is. Raises ImpossibleMove, which is a bug.

    The day on which a box was closed keeps it in its books, whatever becomes of the box.
    """
    check_move(before, after)
    if after is before:
        return {}
    if before in CLOSED_STAGES and after not in CLOSED_STAGES:
        values = {"shipment_id": shipment_id, "was": before, "closed_at": since, "reopened_at": transaction.now}
        transaction.connection.execute(reopenings.insert().values(store=transaction.store, **values))
    return {"stage": after, "stage_since": transaction.now}


def free_number(transaction: Transaction, shipment_id: str, generation: int) -> None:
    """The warehouse no longer has this order: its number is not live any more."""
    of = {"store": transaction.store, "kind": Kind.PUSH, "shipment_id": shipment_id, "generation": generation}
    transaction.connection.execute(update(operations).filter_by(**of).values(live=False))
