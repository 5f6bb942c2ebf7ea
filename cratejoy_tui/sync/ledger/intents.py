"""Writing an intent down before anything is sent: checked, numbered and on disk, or dropped by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select, update

from cratejoy_tui.sync.domain.books import Lease
from cratejoy_tui.sync.domain.order import Order
from cratejoy_tui.sync.domain.record import Dropped, Intended, Operation, PushIntent
from cratejoy_tui.sync.domain.stage import Kind, Stage, State
from cratejoy_tui.sync.ledger import leases
from cratejoy_tui.sync.ledger.rows import AnyRow, digest, encoded
from cratejoy_tui.sync.ledger.tables import attempts, ledger, operations, shipments
from cratejoy_tui.sync.ledger.transactions import Transaction
from cratejoy_tui.sync.ledger.upsert import IDS, STORE, groups, upsert

KEY = ("store", "kind", "shipment_id", "generation")
MAY_SEND_AGAIN = frozenset({State.READY, State.CLAIMED, State.REJECTED})
FRESH: dict[str, Any] = {
    "state": State.SENDING,
    "quiet_until": None,
    "not_before": None,
    "remote_ref": "",
    "via": "",
    "error": "",
    "delivery_staged": False,
}
"""What every intent starts with, also one that is tried again."""

_BOXES = select(
    shipments.c.id,
    shipments.c.stage,
    shipments.c.revision,
    shipments.c.generation,
    shipments.c.salt,
    shipments.c.hold_by,
    shipments.c.hold_reason,
    shipments.c.cancel_seen_at,
).where(shipments.c.store == STORE, shipments.c.id.in_(IDS))
_PUSHES = select(
    operations.c.id,
    operations.c.shipment_id,
    operations.c.generation,
    operations.c.state,
    operations.c.attempts,
    operations.c.made_at,
).where(operations.c.store == STORE, operations.c.kind == Kind.PUSH, operations.c.shipment_id.in_(IDS))
_LIVE = select(operations.c.number, operations.c.shipment_id).where(
    operations.c.store == STORE, operations.c.live, operations.c.number.in_(IDS)
)
_NAME_DELIVERY = update(ledger).values(deliveries=ledger.c.deliveries + 1).returning(ledger.c.deliveries)
_BEGIN_ATTEMPT = attempts.insert()
_TO_SENDING = (
    update(shipments)
    .where(shipments.c.store == STORE, shipments.c.id.in_(IDS))
    .values(stage=Stage.SENDING, stage_since=bindparam("since"), not_before=None, reason="", detail="")
)

Key = tuple[str, int]
"""Shipment and generation: names a push for ever."""


def check_lease(transaction: Transaction, lease: Lease) -> None:
    """Raise LockHeld unless the write lease is still ours."""
    if lease.name != leases.WRITE:
        raise ValueError(f"an intent is written under the {leases.WRITE} lease, not under {lease.name}")
    leases.check(transaction, lease)


def name_delivery(transaction: Transaction, prefix: str) -> tuple[str, int]:
    """A delivery name that was never used and never will be, and its number."""
    sequence = int(transaction.connection.execute(_NAME_DELIVERY).scalar_one())
    return f"{prefix.rstrip('_')}_{transaction.now:%Y%m%dT%H%M%SZ}_{sequence:06}", sequence


def push(
    transaction: Transaction, intents: Sequence[PushIntent], lease: Lease, warehouse: str, prefix: str
) -> Intended:
    """Write the push intents that still hold; the rest is dropped, each with its reason."""
    check_lease(transaction, lease)
    kept, dropped = _sort(transaction, intents)
    if not kept:
        return Intended(dropped=tuple(dropped))
    name, sequence = name_delivery(transaction, prefix)
    delivery = {"delivery_name": name, "delivery_sequence": sequence, "warehouse": warehouse}
    rows = [_push_row(transaction, order, box, former, lease) | delivery for order, box, former in kept]
    upsert(transaction.connection, operations, rows, key=KEY, keep=("made_at",))
    ids = {key: row.id for key, row in _pushes(transaction, [order for order, _, _ in kept]).items()}
    written = [_operation(ids[row["shipment_id"], row["generation"]], row) for row in rows]
    begin_attempts(transaction, written)
    _to_sending(transaction, [operation.shipment_id for operation in written])
    for operation in written:
        record_intent(transaction, operation)
    return Intended(operations=tuple(written), dropped=tuple(dropped), delivery_name=name, delivery_sequence=sequence)


Kept = tuple[Order, AnyRow, AnyRow | None]
"""An order, its box, and its former operation if there is one."""


def _sort(transaction: Transaction, intents: Sequence[PushIntent]) -> tuple[list[Kept], list[Dropped]]:
    orders = [intent.order for intent in intents]
    boxes = {row.id: row for row in transaction.rows(_BOXES, [order.shipment_id for order in orders])}
    former = _pushes(transaction, orders)
    live: dict[str, str] = dict(tuple(row) for row in transaction.rows(_LIVE, [order.number for order in orders]))
    kept: list[Kept] = []
    dropped: list[Dropped] = []
    for intent in intents:
        order = intent.order
        box = boxes.get(order.shipment_id)
        before = former.get((order.shipment_id, order.generation))
        reason = _why_not(intent, box, before, live)
        if reason or box is None:
            dropped.append(Dropped(shipment_id=order.shipment_id, reason=reason))
        else:
            kept.append((order, box, before))
            live[order.number] = order.shipment_id
    return kept, dropped


def _why_not(intent: PushIntent, box: AnyRow | None, before: AnyRow | None, live: dict[str, str]) -> str:
    order = intent.order
    if box is None:
        return "it is not in the ledger"
    if box.cancel_seen_at is not None:
        return "Cratejoy cancelled it"
    if box.hold_by:
        return f"{box.hold_by} holds it: {box.hold_reason}"
    if box.stage not in {Stage.PLANNED, Stage.ERROR}:
        return f"it is {box.stage}"
    if box.revision != intent.revision or box.generation != order.generation:
        return "it changed since the plan was made"
    if before is not None and before.state not in MAY_SEND_AGAIN:
        return f"its order is {before.state}"
    if order.number in live:
        return f"order number {order.number} is live for shipment {live[order.number]}"
    return ""


def _pushes(transaction: Transaction, orders: Sequence[Order]) -> dict[Key, AnyRow]:
    """The push operations of these boxes, of all generations."""
    rows = transaction.rows(_PUSHES, [order.shipment_id for order in orders])
    return {(row.shipment_id, row.generation): row for row in rows}


def _push_row(
    transaction: Transaction, order: Order, box: AnyRow, former: AnyRow | None, lease: Lease
) -> dict[str, Any]:
    payload = encoded(order)
    return FRESH | {
        "store": transaction.store,
        "kind": Kind.PUSH,
        "shipment_id": order.shipment_id,
        "generation": order.generation,
        "number": order.number,
        "live": True,
        "attempts": (former.attempts if former is not None else 0) + 1,
        "fence": lease.fence,
        "made_at": former.made_at if former is not None else transaction.now,
        "sent_at": transaction.now,
        "payload": payload,
        "request_hash": digest(box.salt, payload),
        "by": transaction.operator,
    }


def _operation(id_: int, row: dict[str, Any]) -> Operation:
    """The row just written, as flows see it."""
    return Operation(id=id_, **{name: value for name, value in row.items() if name not in {"store", "live"}})


def begin_attempts(transaction: Transaction, written: Sequence[Operation]) -> None:
    """Note one more try of each of these operations."""
    rows = [
        {
            "store": transaction.store,
            "operation_id": operation.id,
            "nr": operation.attempts,
            "fence": operation.fence,
            "sent_at": transaction.now,
        }
        for operation in written
    ]
    transaction.connection.execute(_BEGIN_ATTEMPT, rows)


def _to_sending(transaction: Transaction, ids: Sequence[str]) -> None:
    for group in groups(ids):
        whose = {"our_store": transaction.store, "these_ids": group, "since": transaction.now}
        transaction.connection.execute(_TO_SENDING, whose)


def leave(transaction: Transaction, ids: Sequence[int], lease: Lease) -> None:
    """Count the quiet time of these intents from now on."""
    check_lease(transaction, lease)
    for group in groups(ids):
        mine = (operations.c.id.in_(group)) & (operations.c.state == State.SENDING)
        transaction.connection.execute(update(operations).where(mine).values(sent_at=transaction.now))
        tries = (attempts.c.operation_id.in_(group)) & (attempts.c.ended_at.is_(None))
        transaction.connection.execute(update(attempts).where(tries).values(sent_at=transaction.now))


def record_intent(transaction: Transaction, written: Operation) -> None:
    """Put the intent into the audit chain."""
    transaction.record(
        "intended",
        written.shipment_id,
        kind=written.kind,
        number=written.number,
        generation=written.generation,
        attempt=written.attempts,
        fence=written.fence,
        request=written.request_hash,
    )
