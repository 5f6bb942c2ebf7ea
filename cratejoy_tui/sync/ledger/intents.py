"""Writing an intent down before anything is sent: checked, numbered and on disk, or dropped by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select, tuple_, update

from cratejoy_tui.sync.domain.books import Lease
from cratejoy_tui.sync.domain.order import Order
from cratejoy_tui.sync.domain.record import Dropped, Intended, PushIntent
from cratejoy_tui.sync.domain.stage import Kind, Stage, State
from cratejoy_tui.sync.ledger import leases
from cratejoy_tui.sync.ledger.rows import AnyRow, digest, encoded, operation
from cratejoy_tui.sync.ledger.tables import attempts, ledger, operations, shipments
from cratejoy_tui.sync.ledger.transactions import Transaction
from cratejoy_tui.sync.ledger.upsert import groups, upsert

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


def check_lease(transaction: Transaction, lease: Lease) -> None:
    """Raise LockHeld unless the write lease is still ours."""
    if lease.name != leases.WRITE:
        raise ValueError(f"an intent is written under the {leases.WRITE} lease, not under {lease.name}")
    leases.check(transaction, lease)


def name_delivery(transaction: Transaction, prefix: str) -> tuple[str, int]:
    """A delivery name that was never used and never will be, and its number."""
    query = update(ledger).values(deliveries=ledger.c.deliveries + 1).returning(ledger.c.deliveries)
    sequence = int(transaction.connection.execute(query).scalar_one())
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
    written = _written(transaction, [order for order, _, _ in kept])
    begin_attempts(transaction, written)
    _to_sending(transaction, [box for _, box, _ in kept])
    for row in written:
        record_intent(transaction, row)
    return Intended(
        operations=tuple(operation(row) for row in written),
        dropped=tuple(dropped),
        delivery_name=name,
        delivery_sequence=sequence,
    )


Kept = tuple[Order, AnyRow, AnyRow | None]
"""An order, its box, and its former operation if there is one."""


def _sort(transaction: Transaction, intents: Sequence[PushIntent]) -> tuple[list[Kept], list[Dropped]]:
    orders = [intent.order for intent in intents]
    boxes = _boxes(transaction, [order.shipment_id for order in orders])
    former = {(row.shipment_id, row.generation): row for row in _written(transaction, orders)}
    live = _live(transaction, [order.number for order in orders])
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


def _boxes(transaction: Transaction, ids: Sequence[str]) -> dict[str, AnyRow]:
    c = shipments.c
    columns = (c.id, c.stage, c.revision, c.generation, c.salt, c.hold_by, c.hold_reason, c.cancel_seen_at)
    found: dict[str, AnyRow] = {}
    for group in groups(ids):
        query = select(*columns).where(c.store == transaction.store, c.id.in_(group))
        found |= {row.id: row for row in transaction.connection.execute(query)}
    return found


def _written(transaction: Transaction, orders: Iterable[Order]) -> list[AnyRow]:
    """The push operations of these orders, in their order."""
    keys = [(order.shipment_id, order.generation) for order in orders]
    found: dict[tuple[str, int], AnyRow] = {}
    for group in groups(keys):
        query = select(operations).where(
            operations.c.store == transaction.store,
            operations.c.kind == Kind.PUSH,
            tuple_(operations.c.shipment_id, operations.c.generation).in_(group),
        )
        found |= {(row.shipment_id, row.generation): row for row in transaction.connection.execute(query)}
    return [found[key] for key in keys if key in found]


def _live(transaction: Transaction, numbers: Sequence[str]) -> dict[str, str]:
    live: dict[str, str] = {}
    for group in groups(numbers):
        query = select(operations.c.number, operations.c.shipment_id).where(
            operations.c.store == transaction.store, operations.c.live, operations.c.number.in_(group)
        )
        live |= dict(transaction.connection.execute(query).all())
    return live


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
        "made_at": transaction.now,
        "sent_at": transaction.now,
        "payload": payload,
        "request_hash": digest(box.salt, payload),
        "by": transaction.operator,
    }


def begin_attempts(transaction: Transaction, written: Sequence[AnyRow]) -> None:
    """Note one more try of each of these operations."""
    rows = [
        {
            "store": transaction.store,
            "operation_id": row.id,
            "nr": row.attempts,
            "fence": row.fence,
            "sent_at": transaction.now,
        }
        for row in written
    ]
    transaction.connection.execute(attempts.insert(), rows)


def _to_sending(transaction: Transaction, boxes: Sequence[AnyRow]) -> None:
    for group in groups([box.id for box in boxes]):
        transaction.connection.execute(
            update(shipments)
            .where(shipments.c.store == transaction.store, shipments.c.id.in_(group))
            .values(stage=Stage.SENDING, stage_since=transaction.now, not_before=None, reason="", detail="")
        )


def record_intent(transaction: Transaction, row: AnyRow) -> None:
    """Put the intent into the audit chain."""
    transaction.record(
        "intended",
        row.shipment_id,
        kind=row.kind,
        number=row.number,
        generation=row.generation,
        attempt=row.attempts,
        fence=row.fence,
        request=row.request_hash,
    )
