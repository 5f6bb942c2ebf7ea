"""Operations: the truth about every write to a remote system, written down before it is made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import func, or_, select, update

from cratejoy_tui.errors import LedgerError, OrderNotFound
from cratejoy_tui.sync.domain.books import Lease
from cratejoy_tui.sync.domain.order import Order
from cratejoy_tui.sync.domain.record import Attempt, Operation
from cratejoy_tui.sync.domain.stage import Kind, State
from cratejoy_tui.sync.domain.tracking import Confirmation
from cratejoy_tui.sync.ledger.endings import Endings
from cratejoy_tui.sync.ledger.generations import ADOPTED, Generations
from cratejoy_tui.sync.ledger.intents import PushIntents
from cratejoy_tui.sync.ledger.rows import filled, operation, order_of
from cratejoy_tui.sync.ledger.single_intents import SingleIntents
from cratejoy_tui.sync.ledger.tables import OF_ANY_KIND, attempts, operations, plans
from cratejoy_tui.sync.ledger.transactions import Transaction, reads, writes
from cratejoy_tui.sync.ledger.upsert import among


@dataclass(slots=True)
class LedgerDelivery:
    """The ledger's side of one hand-over, for warehouses that take files; `staged` is on disk before it returns."""

    name: str
    sequence: int
    ledger_id: str
    is_staged: bool
    mark: Callable[[str], Awaitable[None]]

    async def staged(self) -> None:
        """Record that the file is complete in the staging place."""
        await self.mark(self.name)
        self.is_staged = True


class Operations(PushIntents, SingleIntents, Endings, Generations):
    """Intents, their ends, and what is in doubt."""

    @writes
    def staged(self, transaction: Transaction, delivery_name: str) -> None:
        """Note that a delivery's file is complete in the staging place."""
        mine = update(operations).filter_by(store=transaction.store, delivery_name=delivery_name)
        transaction.connection.execute(mine.values(delivery_staged=True))
        transaction.record("staged", delivery=delivery_name)

    def delivery(self, of: Operation) -> LedgerDelivery:
        """The hand-over this operation belongs to, as the warehouse sees it."""
        return LedgerDelivery(
            of.delivery_name, of.delivery_sequence, self.threads.ledger_id, of.delivery_staged, self.staged
        )

    @reads
    def in_doubt(self, transaction: Transaction, lease: Lease) -> list[Operation]:
        """Operations whose end nobody knows: unknown ones, and those sent under a write lease older than this one."""
        c = operations.c
        left_behind = (c.state == State.SENDING) & (c.fence != lease.fence)
        query = select(operations).where(c.store == transaction.store, or_(c.state == State.UNKNOWN, left_behind))
        return [operation(row) for row in transaction.connection.execute(query.order_by(c.id))]

    @reads
    def ready(self, transaction: Transaction, kind: Kind, now: datetime | None = None) -> list[Operation]:
        """Operations of a kind that wait to be sent; with a time, only those that are due by then."""
        query = select(operations).filter_by(store=transaction.store, state=State.READY, kind=kind)
        if now is not None:
            query = query.where(or_(operations.c.not_before.is_(None), operations.c.not_before <= now))
        return [operation(row) for row in transaction.connection.execute(query.order_by(operations.c.id))]

    @reads
    def of(self, transaction: Transaction, shipment_id: str) -> list[Operation]:
        """Everything we ever wanted done at a remote for this box, oldest first."""
        query = select(operations).filter_by(store=transaction.store, shipment_id=shipment_id).where(OF_ANY_KIND)
        return [operation(row) for row in transaction.connection.execute(query.order_by(operations.c.id))]

    @reads
    def attempts(self, transaction: Transaction, shipment_id: str) -> list[Attempt]:
        """Every try for this box, oldest first."""
        query = (
            select(attempts, operations.c.kind, operations.c.number)
            .join_from(attempts, operations, operations.c.id == attempts.c.operation_id)
            .where(OF_ANY_KIND, operations.c.store == transaction.store, operations.c.shipment_id == shipment_id)
            .order_by(attempts.c.id)
        )
        return [filled(Attempt, row) for row in transaction.connection.execute(query)]

    @reads
    def orders(self, transaction: Transaction, operation_ids: Collection[int]) -> dict[int, Order]:
        """The orders that push operations handed over; purged ones are absent."""
        c = operations.c
        query = select(c.id, c.payload).where(among(c.id), c.kind == Kind.PUSH)
        found = {id_: order_of(payload) for id_, payload in transaction.run(query, operation_ids)}
        return {id_: order for id_, order in found.items() if order is not None}

    @reads
    def confirmation(self, transaction: Transaction, operation_id: int) -> Confirmation:
        """What a confirm operation told, or is to tell, Cratejoy. Raises OrderNotFound once purged."""
        query = select(operations.c.payload).filter_by(store=transaction.store, id=operation_id)
        payload = transaction.connection.execute(query).scalar()
        if not payload:
            raise OrderNotFound(f"The ledger no longer has the content of confirmation {operation_id}.")
        try:
            return msgspec.json.decode(payload, type=Confirmation)
        except msgspec.DecodeError as error:
            raise LedgerError(f"Confirmation {operation_id} cannot be read: {error}.") from error

    @reads
    def confirmed_number(self, transaction: Transaction, shipment_id: str) -> str:
        """The tracking number Cratejoy was last told for this box; "" when none."""
        c = operations.c
        told = select(c.number).filter_by(store=transaction.store, shipment_id=shipment_id, state=State.ACCEPTED)
        query = told.where(c.kind.in_([Kind.CONFIRM, Kind.REPLACE])).order_by(c.sent_at.desc(), c.id.desc())
        return str(transaction.connection.execute(query.limit(1)).scalar() or "")

    @reads
    def never_sent(self, transaction: Transaction, ids: Collection[str]) -> set[str]:
        """Those of these boxes that this ledger neither sent nor adopted."""
        c = operations.c
        was_here = or_(c.attempts > 0, c.via == ADOPTED)
        query = select(c.shipment_id).where(among(c.shipment_id), c.kind == Kind.PUSH, was_here)
        return set(ids) - {row.shipment_id for row in transaction.run(query, ids)}

    @reads
    def largest_plan(self, transaction: Transaction, kind: Kind, since: datetime) -> int | None:
        """The most boxes of this kind applied at once since then; None when there was no such plan."""
        applied = select(func.max(plans.c.boxes)).filter_by(store=transaction.store, kind=kind)
        return transaction.connection.execute(applied.where(plans.c.at >= since)).scalar()

    @writes
    def applied_plan(self, transaction: Transaction, kind: Kind, boxes: int, by: str) -> None:
        """Remember how many boxes a plan wrote, for the limits of later ones."""
        values = {"kind": kind, "boxes": boxes, "by": by, "hash": "", "at": transaction.now}
        transaction.connection.execute(plans.insert().values(store=transaction.store, **values))
        transaction.record("plan applied", kind=kind, boxes=boxes, by=by)
