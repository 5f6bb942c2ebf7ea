"""Intents written one at a time: a confirmation, a cancel, a person's wish to have an order cancelled."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from cratejoy_tui.errors import AlreadyShipped, ConfirmationRefused, ItemRefused, OrderNotFound
from cratejoy_tui.sync.domain.books import Lease
from cratejoy_tui.sync.domain.record import Operation
from cratejoy_tui.sync.domain.stage import CLOSED_STAGES, Kind, Stage, State, stage_after
from cratejoy_tui.sync.domain.tracking import Confirmation
from cratejoy_tui.sync.ledger.intents import (
    begin_attempts,
    check_lease,
    name_delivery,
    row_of,
    sending,
    write_rows,
)
from cratejoy_tui.sync.ledger.rows import AnyRow, digest, encoded, operation
from cratejoy_tui.sync.ledger.stages import Values, put, the_box
from cratejoy_tui.sync.ledger.tables import operations
from cratejoy_tui.sync.ledger.transactions import Part, Transaction, writes

UNDER_WAY = frozenset({State.SENDING, State.UNKNOWN})
MAY_CONFIRM = frozenset({Stage.SHIPPED, Stage.PARTLY_SHIPPED})
SETTLE_FIRST = "It is settled before anything else is sent for this box."


class SingleIntents(Part):
    """Writes about one box that has left, or shall not leave."""

    @writes
    def intend_confirm(
        self,
        transaction: Transaction,
        wanted: Confirmation,
        *,
        lease: Lease,
        replace: bool = False,
        by: str = "",
        reason: str = "",
    ) -> Operation:
        """Write down that Cratejoy is about to be told of a box that left. Raises LockHeld, ConfirmationRefused."""
        check_lease(transaction, lease)
        box = the_box(transaction, wanted.shipment_id)
        kind = Kind.REPLACE if replace else Kind.CONFIRM
        former = newest(transaction, kind, box.id)
        _refuse_confirm(box, former, replace)
        generation = _confirm_generation(box, former, replace)
        row = row_of(transaction, box, kind, generation, wanted.tracking_number, encoded(wanted))
        return _send(transaction, box, former, lease, row | {"by": by or transaction.operator, "reason": reason})

    @writes
    def intend_cancel(
        self, transaction: Transaction, shipment_id: str, number: str, *, lease: Lease, reason: str, by: str
    ) -> Operation:
        """Write down that the warehouse is about to be asked not to send an order. Asking twice is harmless.

        Raises LockHeld, OrderNotFound, and ItemRefused when it said yes already.
        """
        check_lease(transaction, lease)
        box = the_box(transaction, shipment_id)
        push = pushed(transaction, shipment_id, number)
        former = newest(transaction, Kind.CANCEL, shipment_id, generation=push.generation)
        if former is not None and former.state is State.ACCEPTED:
            raise ItemRefused(f"Order {number} is cancelled already.")
        row = row_of(transaction, box, Kind.CANCEL, push.generation, number) | name_delivery(transaction, "cancels")
        why = {"by": by or transaction.operator, "reason": reason, "warehouse": push.warehouse}
        return _send(transaction, box, former, lease, row | why)

    @writes
    def ask_cancel(self, transaction: Transaction, shipment_id: str, number: str, reason: str, by: str) -> Operation:
        """Note a person's wish that an order be cancelled; a cancel round sends it, so it needs no lease.

        Raises OrderNotFound, AlreadyShipped.
        """
        box = the_box(transaction, shipment_id)
        if box.stage in CLOSED_STAGES:
            raise AlreadyShipped(f"Shipment {shipment_id} is {box.stage}; there is nothing left to recall.")
        push = pushed(transaction, shipment_id, number)
        former = newest(transaction, Kind.CANCEL, shipment_id, generation=push.generation)
        if former is not None and former.state in UNDER_WAY | {State.ACCEPTED, State.READY}:
            return operation(former)
        row = row_of(transaction, box, Kind.CANCEL, push.generation, number)
        wish = {"state": State.READY, "reason": reason, "by": by, "warehouse": push.warehouse}
        asked = _written(transaction, row | wish)
        transaction.record("recall asked", shipment_id, number=number, by=by, reason=digest(box.salt, reason.encode()))
        return asked


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


def newest(transaction: Transaction, kind: Kind, shipment_id: str, **that: Any) -> AnyRow | None:
    """The newest operation of a kind for a box, with `that` generation or number."""
    query = select(operations).filter_by(store=transaction.store, kind=kind, shipment_id=shipment_id, **that)
    return transaction.connection.execute(query.order_by(operations.c.generation.desc())).first()


def pushed(transaction: Transaction, shipment_id: str, number: str) -> AnyRow:
    """The push of this number for this box. Raises OrderNotFound."""
    row = newest(transaction, Kind.PUSH, shipment_id, number=number)
    if row is None:
        raise OrderNotFound(f"No order {number} was ever handed over for shipment {shipment_id}.")
    return row


def _send(transaction: Transaction, box: AnyRow, former: AnyRow | None, lease: Lease, row: Values) -> Operation:
    again = former if former is not None and former.generation == row["generation"] else None
    sent = _written(transaction, row | sending(transaction, lease, again))
    begin_attempts(transaction, [sent])
    put(transaction, box, stage_after(sent.kind, State.SENDING, box.stage))
    return sent


def _written(transaction: Transaction, row: Values) -> Operation:
    write_rows(transaction, [row])
    return operation(newest(transaction, row["kind"], row["shipment_id"], generation=row["generation"]))
