"""Writing an intent down before anything is sent: checked, numbered and on disk, or dropped by name."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select, update

from cratejoy_tui.sync.domain.books import Lease
from cratejoy_tui.sync.domain.order import Order
from cratejoy_tui.sync.domain.record import Dropped, Intended, Operation, PushIntent
from cratejoy_tui.sync.domain.stage import Kind, Stage, State
from cratejoy_tui.sync.ledger import leases
from cratejoy_tui.sync.ledger.rows import AnyRow, digest, encoded
from cratejoy_tui.sync.ledger.stages import Values
from cratejoy_tui.sync.ledger.tables import attempts, ledger, operations, shipments
from cratejoy_tui.sync.ledger.transactions import Part, Transaction, writes
from cratejoy_tui.sync.ledger.upsert import among, upsert

MAY_SEND_AGAIN = frozenset({State.READY, State.CLAIMED, State.REJECTED})

_BOX_COLUMNS = ("id", "stage", "revision", "generation", "salt", "hold_by", "hold_reason", "cancel_seen_at")
_BOXES = select(*(shipments.c[name] for name in _BOX_COLUMNS)).where(among(shipments.c.id))
_PUSH_COLUMNS = ("id", "shipment_id", "generation", "state", "attempts", "made_at")
_PUSHES = select(*(operations.c[name] for name in _PUSH_COLUMNS)).where(
    among(operations.c.shipment_id), operations.c.kind == Kind.PUSH
)
_LIVE = select(operations.c.number, operations.c.shipment_id).where(among(operations.c.number), operations.c.live)
_NAME_DELIVERY = update(ledger).values(deliveries=ledger.c.deliveries + 1).returning(ledger.c.deliveries)
_TO_SENDING = (
    update(shipments)
    .where(among(shipments.c.id))
    .values(stage=Stage.SENDING, stage_since=bindparam("since"), not_before=None, reason="", detail="")
)


class PushIntents(Part):
    """Orders about to be handed over."""

    @writes
    def intend_push(
        self, transaction: Transaction, intended: Sequence[PushIntent], *, lease: Lease, warehouse: str = ""
    ) -> Intended:
        """Write down, durably, that these orders are about to be handed over; the boxes are now sending.

        Drops, by name, every intent whose box changed, is held, cancelled, elsewhere, or whose number is live.
        Raises LockHeld when the write lease was lost.
        """
        check_lease(transaction, lease)
        kept, dropped = _sort(transaction, intended)
        if not kept:
            return Intended(dropped=tuple(dropped))
        delivery = name_delivery(transaction, "orders")
        rows = []
        for order, box, former in kept:
            row = row_of(transaction, box, Kind.PUSH, order.generation, order.number, encoded(order))
            rows.append(row | sending(transaction, lease, former) | delivery | {"live": True, "warehouse": warehouse})
        write_rows(transaction, rows)
        ids = _pushes(transaction, [order.shipment_id for order, _, _ in kept])
        written = tuple(_operation(ids[row["shipment_id"], row["generation"]].id, row) for row in rows)
        transaction.run(_TO_SENDING, [operation.shipment_id for operation in written], since=transaction.now)
        begin_attempts(transaction, written)
        return Intended(operations=written, dropped=tuple(dropped))

    @writes
    def leave(self, transaction: Transaction, ids: Sequence[int], *, lease: Lease) -> None:
        """Note that the calls of these intents leave only now. Raises LockHeld when the write lease was lost."""
        check_lease(transaction, lease)
        under_way = update(operations).where(among(operations.c.id), operations.c.state == State.SENDING)
        transaction.run(under_way.values(sent_at=transaction.now), ids)
        tries = update(attempts).where(among(attempts.c.operation_id), attempts.c.ended_at.is_(None))
        transaction.run(tries.values(sent_at=transaction.now), ids)


def check_lease(transaction: Transaction, lease: Lease) -> None:
    """Raise LockHeld unless the write lease is still ours."""
    if lease.name != leases.WRITE:
        raise ValueError(f"an intent is written under the {leases.WRITE} lease, not under {lease.name}")
    leases.check(transaction, lease)


def name_delivery(transaction: Transaction, prefix: str) -> Values:
    """A delivery name that was never used and never will be, and its number."""
    sequence = int(transaction.connection.execute(_NAME_DELIVERY).scalar_one())
    name = f"{prefix}_{transaction.now:%Y%m%dT%H%M%SZ}_{sequence:06}"
    return {"delivery_name": name, "delivery_sequence": sequence}


def row_of(
    transaction: Transaction, box: AnyRow, kind: Kind, generation: int, number: str, payload: bytes | None = None
) -> Values:
    """What every operation starts with, also one that is tried again."""
    return {
        "store": transaction.store,
        "kind": kind,
        "shipment_id": box.id,
        "generation": generation,
        "number": number,
        "state": State.SENDING,
        "made_at": transaction.now,
        "quiet_until": None,
        "not_before": None,
        "payload": payload,
        "request_hash": digest(box.salt, payload) if payload else "",
        "remote_ref": "",
        "via": "",
        "error": "",
        "by": transaction.operator,
        "delivery_staged": False,
    }


def sending(transaction: Transaction, lease: Lease, former: AnyRow | None) -> Values:
    """What is new with each try; `former` is the same operation as an earlier one left it."""
    attempt, made_at = (former.attempts + 1, former.made_at) if former is not None else (1, transaction.now)
    return {"attempts": attempt, "fence": lease.fence, "made_at": made_at, "sent_at": transaction.now}


def write_rows(transaction: Transaction, rows: Sequence[Values]) -> None:
    """Write operations, each once, however often it is tried."""
    key = ("store", "kind", "shipment_id", "generation")
    upsert(transaction.connection, operations, rows, key=key, keep=("made_at",))


def begin_attempts(transaction: Transaction, written: Sequence[Operation]) -> None:
    """Note one more try of each of these operations, also in the audit chain."""
    rows = [
        {"operation_id": operation.id, "nr": operation.attempts, "fence": operation.fence, "sent_at": transaction.now}
        for operation in written
    ]
    transaction.connection.execute(attempts.insert(), [row | {"store": transaction.store} for row in rows])
    for operation in written:
        transaction.record(
            "intended",
            operation.shipment_id,
            kind=operation.kind,
            number=operation.number,
            generation=operation.generation,
            attempt=operation.attempts,
            fence=operation.fence,
            request=operation.request_hash,
        )


Kept = tuple[Order, AnyRow, AnyRow | None]
"""An order, its box, and its former operation if there is one."""


def _sort(transaction: Transaction, intents: Sequence[PushIntent]) -> tuple[list[Kept], list[Dropped]]:
    orders = [intent.order for intent in intents]
    ids = [order.shipment_id for order in orders]
    boxes = {row.id: row for row in transaction.run(_BOXES, ids)}
    former = _pushes(transaction, ids)
    live: dict[str, str] = dict(tuple(row) for row in transaction.run(_LIVE, [order.number for order in orders]))
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


def _pushes(transaction: Transaction, ids: Sequence[str]) -> dict[tuple[str, int], AnyRow]:
    """The push operations of these boxes, of all generations."""
    return {(row.shipment_id, row.generation): row for row in transaction.run(_PUSHES, ids)}


def _operation(id_: int, row: Values) -> Operation:
    """The row just written, as flows see it."""
    return Operation(id=id_, **{name: value for name, value in row.items() if name not in {"store", "live"}})
