"""Orders that did not come about in the plain way: adopted from another tool, or sent anew."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from cratejoy_tui.errors import ShipmentUnfit
from cratejoy_tui.sync.domain.order import Order
from cratejoy_tui.sync.domain.stage import OPEN_STAGES, Kind, Stage, State
from cratejoy_tui.sync.ledger.intents import FRESH, KEY, MAY_SEND_AGAIN
from cratejoy_tui.sync.ledger.rows import AnyRow, digest, encoded
from cratejoy_tui.sync.ledger.stages import free_number, put, the_box
from cratejoy_tui.sync.ledger.tables import operations, parcels, shipments
from cratejoy_tui.sync.ledger.transactions import Transaction
from cratejoy_tui.sync.ledger.upsert import upsert

PROVEN = frozenset({Stage.CONFIRMED, Stage.CANCELLED, Stage.CONFLICT})
"""Stages in which the former order is closed, cancelled, or was looked into by a person."""
IN_DOUBT = frozenset({State.SENDING, State.UNKNOWN, State.REVIEW})
ADOPTED = "adopted"


def new_generation(transaction: Transaction, shipment_id: str, by: str, reason: str) -> int:
    """Let a box be sent anew under the next number. Raises ShipmentUnfit when the former order may still be live."""
    box = the_box(transaction, shipment_id)
    _refuse_resend(transaction, box)
    free_number(transaction, shipment_id, box.generation)
    generation = int(box.generation) + 1
    put(
        transaction,
        box,
        Stage.SEEN,
        generation=generation,
        cancel_seen_at=None,
        revived=False,
        judged_revision="",
        not_before=None,
        reason="",
        detail="",
    )
    mark = digest(box.salt, reason.encode())
    transaction.record("resend decided", shipment_id, generation=generation, by=by, reason=mark)
    return generation


def _refuse_resend(transaction: Transaction, box: AnyRow) -> None:
    number = box.order_number
    if box.stage not in PROVEN:
        raise ShipmentUnfit(
            f"Order {number} is {box.stage}: two boxes could leave.",
            next_step=f"Recall {box.id} first; once it is cancelled there, resend.",
        )
    if box.status == "cancelled":
        raise ShipmentUnfit(f"Cratejoy still calls shipment {box.id} cancelled.", next_step="Un-cancel it there first.")
    query = select(operations.c.kind, operations.c.state).where(
        operations.c.store == transaction.store,
        operations.c.shipment_id == box.id,
        operations.c.state.in_(sorted(IN_DOUBT)),
    )
    doubtful = transaction.connection.execute(query).first()
    if doubtful is not None:
        raise ShipmentUnfit(
            f"Shipment {box.id}: a {doubtful.kind} is {doubtful.state}.", next_step="Settle it first, then resend."
        )


def adopt(
    transaction: Transaction, rows: Sequence[tuple[Order | str, str]], by: str, reason: str, warehouse: str
) -> list[str]:
    """Take orders as ours that the warehouse had before; returns the boxes that are at warehouse now.

    Numbers that belong to no open box of ours are left out.
    """
    adopted = []
    for order, reference in rows:
        box = _box_of(transaction, order)
        if box is not None and _adopt_one(transaction, box, order, reference, by, warehouse):
            mark = digest(box.salt, reason.encode())
            transaction.record("adopted", box.id, number=_number(order), by=by, reason=mark)
            adopted.append(str(box.id))
    return adopted


def _number(order: Order | str) -> str:
    return order if isinstance(order, str) else order.number


def _box_of(transaction: Transaction, order: Order | str) -> AnyRow | None:
    """The box an order number belongs to: judged boxes know theirs, others are found by the id within it."""
    mine = select(shipments).where(shipments.c.store == transaction.store)
    connection = transaction.connection
    if not isinstance(order, str):
        return connection.execute(mine.where(shipments.c.id == order.shipment_id)).first()
    judged = connection.execute(mine.where(shipments.c.order_number == order)).first()
    return judged or connection.execute(mine.where(shipments.c.id == order.removeprefix("SUB-"))).first()


def _adopt_one(
    transaction: Transaction, box: AnyRow, order: Order | str, reference: str, by: str, warehouse: str
) -> bool:
    if box.stage not in OPEN_STAGES or _is_under_way(transaction, box):
        return False
    payload = None if isinstance(order, str) else encoded(order)
    number = _number(order)
    values = FRESH | {
        "store": transaction.store,
        "kind": Kind.PUSH,
        "shipment_id": box.id,
        "generation": box.generation,
        "number": number,
        "state": State.ACCEPTED,
        "live": True,
        "made_at": transaction.now,
        "payload": payload,
        "request_hash": digest(box.salt, payload) if payload else "",
        "remote_ref": reference,
        "via": ADOPTED,
        "by": by,
        "warehouse": warehouse,
    }
    upsert(transaction.connection, operations, [values], key=KEY, keep=("made_at",))
    put(transaction, box, Stage.AT_WAREHOUSE, order_number=number, reason="", detail="", not_before=None)
    _claim_parcels(transaction, box.id, number)
    return True


def _is_under_way(transaction: Transaction, box: AnyRow) -> bool:
    query = select(operations.c.state).where(
        operations.c.store == transaction.store,
        operations.c.kind == Kind.PUSH,
        operations.c.shipment_id == box.id,
        operations.c.generation == box.generation,
    )
    state = transaction.connection.execute(query).scalar()
    return state is not None and state not in MAY_SEND_AGAIN


def _claim_parcels(transaction: Transaction, shipment_id: str, number: str) -> None:
    """Parcels that came under this number while it was not ours yet."""
    transaction.connection.execute(
        update(parcels)
        .where(parcels.c.store == transaction.store, parcels.c.order_number == number, parcels.c.shipment_id == "")
        .values(shipment_id=shipment_id)
    )
