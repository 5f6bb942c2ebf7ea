"""Questions that reports ask of the ledger, each answered by one read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from cratejoy_tui.sync.domain.record import Operation
from cratejoy_tui.sync.domain.stage import Kind, Stage, State
from cratejoy_tui.sync.ledger.rows import operation
from cratejoy_tui.sync.ledger.tables import OF_ANY_KIND, attempts, audit_heads, ledger, operations, parcels, shipments
from cratejoy_tui.sync.ledger.transactions import Part, Transaction, reads
from cratejoy_tui.sync.ledger.upsert import among
from cratejoy_tui.sync.ledger.views import within

IN_DOUBT = (State.SENDING, State.UNKNOWN, State.REVIEW)


class Questions(Part):
    """Reading across nouns, for reports; nothing here changes anything."""

    @reads
    def shipment_of(self, transaction: Transaction, number: str) -> str | None:
        """The shipment that has this id, or that has or had this order number; None when it is not ours."""
        mine = shipments.c.store == transaction.store
        by_id = select(shipments.c.id).where(mine, or_(shipments.c.id == number, shipments.c.order_number == number))
        pushes = select(operations.c.shipment_id)
        by_order = pushes.filter_by(store=transaction.store, kind=Kind.PUSH, number=number)
        for query in (by_id.order_by(shipments.c.id), by_order.order_by(operations.c.id)):
            found = transaction.connection.execute(query.limit(1)).scalar_one_or_none()
            if found is not None:
                return str(found)
        return None

    @reads
    def operations_of(self, transaction: Transaction, ids: Sequence[str]) -> dict[str, tuple[Operation, ...]]:
        """Every remote write of these boxes, oldest first; boxes without any are absent."""
        query = select(operations).where(OF_ANY_KIND, among(operations.c.shipment_id))
        found: dict[str, list[Operation]] = defaultdict(list)
        for row in transaction.run(query.order_by(operations.c.id), ids):
            found[row.shipment_id].append(operation(row))
        return {id_: tuple(of_box) for id_, of_box in found.items()}

    @reads
    def in_doubt(self, transaction: Transaction) -> tuple[Operation, ...]:
        """Every write of which nobody knows yet whether it was done, oldest first."""
        c = operations.c
        query = select(operations).where(c.store == transaction.store, c.state.in_(IN_DOUBT))
        rows = transaction.connection.execute(query.order_by(c.made_at, c.id))
        return tuple(operation(row) for row in rows)

    @reads
    def tried_again(self, transaction: Transaction, now: datetime) -> tuple[int, datetime | None]:
        """How many planned boxes wait for another try after a fault, and when the first of them has it."""
        query = select(func.count(), func.min(shipments.c.not_before)).where(
            shipments.c.store == transaction.store, shipments.c.stage == Stage.PLANNED, shipments.c.not_before > now
        )
        boxes, at = transaction.connection.execute(query).one()
        return int(boxes), at

    @reads
    def last_delivery(self, transaction: Transaction) -> int:
        """The sequence number of the newest delivery this ledger has named; 0 before the first."""
        return int(transaction.connection.execute(select(ledger.c.deliveries)).scalar_one())

    @reads
    def audit_head(self, transaction: Transaction) -> tuple[int, str]:
        """Number and hash of the newest audit record."""
        query = select(audit_heads.c.seq, audit_heads.c.hash).filter_by(store=transaction.store)
        seq, hash_ = transaction.connection.execute(query).one()
        return int(seq), str(hash_)

    @reads
    def orders_handed_over(self, transaction: Transaction, start: datetime, end: datetime) -> dict[str, int]:
        """Warehouse -> orders it took from `start` up to, not including, `end`."""
        c = operations.c
        pushes = select(c.warehouse, func.count()).filter_by(store=transaction.store, kind=Kind.PUSH)
        taken = pushes.filter_by(state=State.ACCEPTED)
        query = taken.where(within(func.coalesce(c.sent_at, c.made_at), start, end)).group_by(c.warehouse)
        return {row[0]: row[1] for row in transaction.connection.execute(query)}

    @reads
    def parcels_shipped(self, transaction: Transaction, start: datetime, end: datetime) -> dict[str, int]:
        """Warehouse -> parcels of ours that left in that time and were not voided."""
        ours = and_(
            operations.c.store == parcels.c.store,
            operations.c.kind == Kind.PUSH,
            operations.c.shipment_id == parcels.c.shipment_id,
            operations.c.number == parcels.c.order_number,
        )
        query = (
            select(operations.c.warehouse, func.count(parcels.c.id.distinct()))
            .select_from(parcels.outerjoin(operations, ours))
            .where(
                parcels.c.store == transaction.store,
                parcels.c.shipment_id != "",
                parcels.c.voided.is_(False),
                within(func.coalesce(parcels.c.shipped_at, parcels.c.first_seen_at), start, end),
            )
            .group_by(operations.c.warehouse)
        )
        counts: Counter[str] = Counter()
        for warehouse, left in transaction.connection.execute(query):
            counts[warehouse or ""] += left
        return dict(counts)

    @reads
    def emails_sent(self, transaction: Transaction, start: datetime, end: datetime) -> dict[Kind, int]:
        """Confirm and replace -> writes in that time that made, or may have made, Cratejoy e-mail a customer.

        A write whose answer was lost counts until it is proven not done; one that found its work done does not.
        """
        done = or_(
            attempts.c.settled == State.ACCEPTED,
            and_(attempts.c.settled.is_(None), attempts.c.state == State.ACCEPTED, attempts.c.via == "answer"),
            and_(attempts.c.settled.is_(None), or_(attempts.c.state == State.UNKNOWN, attempts.c.state.is_(None))),
        )
        query = (
            select(operations.c.kind, func.count())
            .select_from(attempts.join(operations, attempts.c.operation_id == operations.c.id))
            .where(
                operations.c.store == transaction.store,
                operations.c.kind.in_((Kind.CONFIRM, Kind.REPLACE)),
                within(attempts.c.sent_at, start, end),
                done,
            )
            .group_by(operations.c.kind)
        )
        return {row[0]: row[1] for row in transaction.connection.execute(query)}
