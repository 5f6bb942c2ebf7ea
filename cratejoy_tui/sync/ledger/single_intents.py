"""Intents written one at a time: a confirmation, a cancel, a person's wish to have an order cancelled."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from cratejoy_tui.errors import AlreadyShipped, ConfirmationRefused, ItemRefused, OrderNotFound
from cratejoy_tui.sync.domain.books import Lease
from cratejoy_tui.sync.domain.record import Operation
from cratejoy_tui.sync.domain.stage import CLOSED_STAGES, Kind, Stage, State, stage_after
from cratejoy_tui.sync.domain.tracking import Confirmation
from cratejoy_tui.sync.ledger.intents import FRESH, KEY, begin_attempts, check_lease, name_delivery, record_intent
from cratejoy_tui.sync.ledger.rows import AnyRow, digest, encoded, operation
from cratejoy_tui.sync.ledger.stages import put, the_box
from cratejoy_tui.sync.ledger.tables import attempts, operations
from cratejoy_tui.sync.ledger.transactions import Transaction
from cratejoy_tui.sync.ledger.upsert import upsert

UNDER_WAY = frozenset({State.SENDING, State.UNKNOWN})
MAY_CONFIRM = frozenset({Stage.SHIPPED, Stage.PARTLY_SHIPPED})
SETTLE_FIRST = "It is settled before anything else is sent for this box."


def confirm(
    transaction: Transaction, wanted: Confirmation, lease: Lease, precheck: str, replace: bool, by: str, reason: str
) -> Operation:
    """Write the intent to tell Cratejoy of a box that left. Raises ConfirmationRefused when that must not happen."""
    check_lease(transaction, lease)
    box = the_box(transaction, wanted.shipment_id)
    kind = Kind.REPLACE if replace else Kind.CONFIRM
    former = _latest(transaction, kind, box)
    _refuse_confirm(box, former, replace)
    payload = encoded(wanted)
    values = {
        "generation": _confirm_generation(box, former, replace),
        "number": wanted.tracking_number,
        "payload": payload,
        "request_hash": digest(box.salt, payload),
        "precheck": precheck,
        "reason": reason,
    }
    sent = _send(transaction, box, kind, former, lease, by, values)
    put(transaction, box, stage_after(kind, State.SENDING, box.stage))
    return sent


def _refuse_confirm(box: AnyRow, former: AnyRow | None, replace: bool) -> None:
    if former is not None and former.state in UNDER_WAY:
        raise ConfirmationRefused(f"A confirmation of shipment {box.id} is {former.state}.", next_step=SETTLE_FIRST)
    if replace:
        if box.stage is not Stage.CONFIRMED:
            raise ConfirmationRefused(f"Shipment {box.id} is {box.stage}; only a confirmed one can be told anew.")
        return
    if box.hold_by:
        raise ConfirmationRefused(f"{box.hold_by} holds shipment {box.id}: {box.hold_reason}.")
    if box.stage not in MAY_CONFIRM:
        raise ConfirmationRefused(f"Shipment {box.id} is {box.stage}; only a shipped one can be confirmed.")
    if former is not None and former.state is State.ACCEPTED and former.generation == box.generation:
        raise ConfirmationRefused(f"Shipment {box.id} was confirmed already with {former.number}.")


def _confirm_generation(box: AnyRow, former: AnyRow | None, replace: bool) -> int:
    if not replace:
        return int(box.generation)
    if former is None:
        return 1
    return int(former.generation) + (former.state is State.ACCEPTED)


def cancel(
    transaction: Transaction,
    shipment_id: str,
    number: str,
    lease: Lease,
    reason: str,
    by: str,
    warehouse: str,
    prefix: str,
) -> Operation:
    """Write the intent to ask the warehouse not to send an order. Asking twice is harmless until it said yes."""
    check_lease(transaction, lease)
    box = the_box(transaction, shipment_id)
    push = pushed(transaction, shipment_id, number)
    former = _of_generation(transaction, Kind.CANCEL, shipment_id, push.generation)
    if former is not None and former.state is State.ACCEPTED:
        raise ItemRefused(f"Order {number} is cancelled already.")
    name, sequence = name_delivery(transaction, prefix)
    values = {
        "generation": push.generation,
        "number": number,
        "reason": reason,
        "payload": None,
        "warehouse": warehouse or push.warehouse,
        "delivery_name": name,
        "delivery_sequence": sequence,
    }
    sent = _send(transaction, box, Kind.CANCEL, former, lease, by, values)
    put(transaction, box, stage_after(Kind.CANCEL, State.SENDING, box.stage))
    return sent


def ask_cancel(transaction: Transaction, shipment_id: str, number: str, reason: str, by: str) -> Operation:
    """Note a person's wish that an order be cancelled; a cancel round sends it. Needs no lease."""
    box = the_box(transaction, shipment_id)
    if box.stage in CLOSED_STAGES:
        raise AlreadyShipped(f"Shipment {shipment_id} is {box.stage}; there is nothing left to recall.")
    push = pushed(transaction, shipment_id, number)
    former = _of_generation(transaction, Kind.CANCEL, shipment_id, push.generation)
    if former is not None and former.state in UNDER_WAY | {State.ACCEPTED, State.READY}:
        return operation(former)
    values = FRESH | {
        "store": transaction.store,
        "kind": Kind.CANCEL,
        "shipment_id": shipment_id,
        "generation": push.generation,
        "number": number,
        "state": State.READY,
        "attempts": former.attempts if former is not None else 0,
        "made_at": transaction.now,
        "reason": reason,
        "by": by,
        "warehouse": push.warehouse,
    }
    upsert(transaction.connection, operations, [values], key=KEY, keep=("made_at",))
    transaction.record("recall asked", shipment_id, number=number, by=by, reason=digest(box.salt, reason.encode()))
    row = _of_generation(transaction, Kind.CANCEL, shipment_id, push.generation)
    assert row is not None
    return operation(row)


def pushed(transaction: Transaction, shipment_id: str, number: str) -> AnyRow:
    """The push of this number for this box. Raises OrderNotFound."""
    query = select(operations).where(
        operations.c.store == transaction.store,
        operations.c.kind == Kind.PUSH,
        operations.c.shipment_id == shipment_id,
        operations.c.number == number,
    )
    row = transaction.connection.execute(query.order_by(operations.c.generation.desc())).first()
    if row is None:
        raise OrderNotFound(f"No order {number} was ever handed over for shipment {shipment_id}.")
    return row


def _latest(transaction: Transaction, kind: Kind, box: AnyRow) -> AnyRow | None:
    query = (
        select(operations)
        .where(operations.c.store == transaction.store, operations.c.kind == kind, operations.c.shipment_id == box.id)
        .order_by(operations.c.generation.desc())
    )
    return transaction.connection.execute(query).first()


def _of_generation(transaction: Transaction, kind: Kind, shipment_id: str, generation: int) -> AnyRow | None:
    query = select(operations).where(
        operations.c.store == transaction.store,
        operations.c.kind == kind,
        operations.c.shipment_id == shipment_id,
        operations.c.generation == generation,
    )
    return transaction.connection.execute(query).first()


def _send(
    transaction: Transaction,
    box: AnyRow,
    kind: Kind,
    former: AnyRow | None,
    lease: Lease,
    by: str,
    values: dict[str, Any],
) -> Operation:
    again = former if former is not None and former.generation == values["generation"] else None
    row = FRESH | {
        "store": transaction.store,
        "kind": kind,
        "shipment_id": box.id,
        "attempts": (again.attempts if again is not None else 0) + 1,
        "fence": lease.fence,
        "made_at": transaction.now,
        "sent_at": transaction.now,
        "by": by or transaction.operator,
    }
    upsert(transaction.connection, operations, [row | values], key=KEY, keep=("made_at",))
    written = _of_generation(transaction, kind, box.id, values["generation"])
    assert written is not None
    sent = operation(written)
    begin_attempts(transaction, [sent])
    record_intent(transaction, sent)
    return sent


def emails(transaction: Transaction, shipment_id: str) -> int:
    """How many e-mails Cratejoy may have sent the customer because of us: doubtful ones count."""
    told = (attempts.c.state == State.ACCEPTED) & (attempts.c.via != "look-up")
    lost = attempts.c.state.is_(None) | (attempts.c.state == State.UNKNOWN)
    maybe = lost & (attempts.c.settled.is_(None) | (attempts.c.settled == State.ACCEPTED))
    query = (
        select(func.count())
        .select_from(attempts.join(operations, operations.c.id == attempts.c.operation_id))
        .where(
            operations.c.store == transaction.store,
            operations.c.shipment_id == shipment_id,
            operations.c.kind.in_([Kind.CONFIRM, Kind.REPLACE]),
            told | maybe,
        )
    )
    return int(transaction.connection.execute(query).scalar_one())
