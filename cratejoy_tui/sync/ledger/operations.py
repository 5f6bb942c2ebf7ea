"""Operations: the truth about every write to a remote system, written down before it is made."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import and_, func, or_, select, update

from cratejoy_tui.errors import LedgerError, OrderNotFound
from cratejoy_tui.sync.domain.books import Lease
from cratejoy_tui.sync.domain.order import Order
from cratejoy_tui.sync.domain.record import Attempt, Ending, Intended, Operation, PushIntent
from cratejoy_tui.sync.domain.stage import Kind, Stage, State
from cratejoy_tui.sync.domain.tracking import Confirmation
from cratejoy_tui.sync.ledger import endings, generations, intents, leases, single_intents
from cratejoy_tui.sync.ledger.delivery import LedgerDelivery
from cratejoy_tui.sync.ledger.rows import AnySelect, attempt, operation, order_of
from cratejoy_tui.sync.ledger.tables import attempts, operations, plans
from cratejoy_tui.sync.ledger.transactions import Part, Transaction, reads, writes
from cratejoy_tui.sync.ledger.upsert import groups


class Operations(Part):
    """Intents, their ends, and what is in doubt."""

    @writes
    def intend_push(
        self,
        transaction: Transaction,
        intended: Sequence[PushIntent],
        *,
        lease: Lease,
        warehouse: str = "",
        delivery_name_prefix: str = "orders",
    ) -> Intended:
        """Write down, durably, that these orders are about to be handed over; the boxes are now sending.

        Drops, by name, every intent whose box changed, is held, cancelled, elsewhere, or whose number is live.
        Raises LockHeld when the write lease was lost.
        """
        return intents.push(transaction, intended, lease, warehouse, delivery_name_prefix)

    @writes
    def leave(self, transaction: Transaction, ids: Sequence[int], *, lease: Lease) -> None:
        """Note that the calls of these intents leave only now. Raises LockHeld when the write lease was lost."""
        intents.leave(transaction, ids, lease)

    @writes
    def intend_confirm(
        self,
        transaction: Transaction,
        shipment_id: str,
        confirmation: Confirmation,
        *,
        lease: Lease,
        precheck: str = "",
        replace: bool = False,
        by: str = "",
        reason: str = "",
    ) -> Operation:
        """Write down that Cratejoy is about to be told. Raises LockHeld, ConfirmationRefused."""
        assert shipment_id == confirmation.shipment_id
        return single_intents.confirm(transaction, confirmation, lease, precheck, replace, by, reason)

    @writes
    def intend_cancel(
        self,
        transaction: Transaction,
        shipment_id: str,
        number: str,
        *,
        lease: Lease,
        reason: str,
        by: str,
        warehouse: str = "",
        delivery_name_prefix: str = "cancels",
    ) -> Operation:
        """Write down that the warehouse is about to be asked not to send.

        Raises LockHeld, OrderNotFound, and ItemRefused when it said yes already.
        """
        return single_intents.cancel(
            transaction, shipment_id, number, lease, reason, by, warehouse, delivery_name_prefix
        )

    @writes
    def ask_cancel(self, transaction: Transaction, shipment_id: str, number: str, reason: str, by: str) -> Operation:
        """Note a person's wish that this order be cancelled. Raises OrderNotFound, AlreadyShipped."""
        return single_intents.ask_cancel(transaction, shipment_id, number, reason, by)

    @writes
    def staged(self, transaction: Transaction, delivery_name: str) -> None:
        """Note that a delivery's file is complete in the staging place."""
        mine = (operations.c.store == transaction.store) & (operations.c.delivery_name == delivery_name)
        transaction.connection.execute(update(operations).where(mine).values(delivery_staged=True))
        transaction.record("staged", delivery=delivery_name)

    def delivery(self, of: Operation) -> LedgerDelivery:
        """The hand-over this operation belongs to, as the warehouse sees it."""
        return LedgerDelivery(
            of.delivery_name, of.delivery_sequence, self.threads.ledger_id, of.delivery_staged, self.staged
        )

    @writes
    def end(
        self, transaction: Transaction, ended: Sequence[Ending], *, lease: Lease | None, under: Lease | None = None
    ) -> dict[int, Stage]:
        """Write how operations ended, each by compare-and-set. Returns where each box stands now, by operation id.

        One that another process took over meanwhile is left as it is. A push that surely did not happen, for a box
        that Cratejoy cancelled meanwhile, is given up for good. `under` is the lease under which somebody found out
        how operations ended that others sent: raises LockHeld, and nothing is written, when it was lost since.
        """
        if under is not None:
            leases.check(transaction, under, expired_too=False)
        return endings.end(transaction, ended, lease)

    @writes
    def doubt(self, transaction: Transaction, operation_id: int, quiet_until: datetime, error: str) -> Operation:
        """Note that the answer of an operation was lost; it is looked up once the quiet time is over."""
        endings.doubt(transaction, operation_id, quiet_until, error)
        row = transaction.connection.execute(_mine(transaction).where(operations.c.id == operation_id)).one()
        return operation(row)

    @reads
    def in_doubt(self, transaction: Transaction, lease: Lease | None = None) -> list[Operation]:
        """Operations whose end nobody knows: unknown ones, and those sent by a process that is gone.

        With the write lease in hand, everything sent under an older fence counts as left behind.
        """
        fence = lease.fence if lease is not None else leases.write_fence(transaction)
        left = operations.c.state == State.SENDING
        if fence is not None:
            left = and_(left, operations.c.fence != fence)
        query = _mine(transaction).where(or_(operations.c.state == State.UNKNOWN, left)).order_by(operations.c.id)
        return [operation(row) for row in transaction.connection.execute(query)]

    @reads
    def ready(self, transaction: Transaction, kind: Kind, now: datetime | None = None) -> list[Operation]:
        """Operations of a kind that wait to be sent; with a time, only those that are due by then."""
        query = _mine(transaction).where(operations.c.state == State.READY, operations.c.kind == kind)
        if now is not None:
            query = query.where(or_(operations.c.not_before.is_(None), operations.c.not_before <= now))
        return [operation(row) for row in transaction.connection.execute(query.order_by(operations.c.id))]

    @reads
    def of(self, transaction: Transaction, shipment_id: str) -> list[Operation]:
        """Everything we ever wanted done at a remote for this box, oldest first."""
        query = _mine(transaction).where(operations.c.shipment_id == shipment_id).order_by(operations.c.id)
        return [operation(row) for row in transaction.connection.execute(query)]

    @reads
    def attempts(self, transaction: Transaction, shipment_id: str) -> list[Attempt]:
        """Every try for this box, oldest first."""
        query = (
            select(attempts, operations.c.kind, operations.c.number)
            .join_from(attempts, operations, operations.c.id == attempts.c.operation_id)
            .where(operations.c.store == transaction.store, operations.c.shipment_id == shipment_id)
            .order_by(attempts.c.id)
        )
        return [attempt(row) for row in transaction.connection.execute(query)]

    @reads
    def orders(self, transaction: Transaction, operation_ids: Collection[int]) -> dict[int, Order]:
        """The orders that push operations handed over; purged ones are absent."""
        found: dict[int, Order] = {}
        for group in groups(operation_ids):
            query = select(operations.c.id, operations.c.payload).where(
                operations.c.store == transaction.store, operations.c.id.in_(group), operations.c.kind == Kind.PUSH
            )
            for id_, payload in transaction.connection.execute(query):
                order = order_of(payload)
                if order is not None:
                    found[id_] = order
        return found

    @reads
    def confirmation(self, transaction: Transaction, operation_id: int) -> Confirmation:
        """What a confirm operation told, or is to tell, Cratejoy. Raises OrderNotFound once purged."""
        query = select(operations.c.payload).where(
            operations.c.store == transaction.store, operations.c.id == operation_id
        )
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
        query = (
            select(operations.c.number)
            .where(
                operations.c.store == transaction.store,
                operations.c.shipment_id == shipment_id,
                operations.c.kind.in_([Kind.CONFIRM, Kind.REPLACE]),
                operations.c.state == State.ACCEPTED,
            )
            .order_by(operations.c.sent_at.desc(), operations.c.id.desc())
        )
        return str(transaction.connection.execute(query.limit(1)).scalar() or "")

    @reads
    def emails(self, transaction: Transaction, shipment_id: str) -> int:
        """How many e-mails the customer may have got because of us; doubtful ones count."""
        return single_intents.emails(transaction, shipment_id)

    @reads
    def live(self, transaction: Transaction, numbers: Collection[str]) -> dict[str, str]:
        """Which of these order numbers are or were ours, of any generation, and for which box."""
        found: dict[str, str] = {}
        for group in groups(numbers):
            query = select(operations.c.number, operations.c.shipment_id).where(
                operations.c.store == transaction.store, operations.c.kind == Kind.PUSH, operations.c.number.in_(group)
            )
            found |= dict(transaction.connection.execute(query).all())
        return found

    @reads
    def never_sent(self, transaction: Transaction, ids: Collection[str]) -> set[str]:
        """Those of these boxes that this ledger neither sent nor adopted."""
        touched: set[str] = set()
        for group in groups(ids):
            query = select(operations.c.shipment_id).where(
                operations.c.store == transaction.store,
                operations.c.kind == Kind.PUSH,
                operations.c.shipment_id.in_(group),
                or_(operations.c.attempts > 0, operations.c.via == generations.ADOPTED),
            )
            touched |= set(transaction.connection.execute(query).scalars())
        return set(ids) - touched

    @writes
    def adopt(
        self,
        transaction: Transaction,
        rows: Sequence[tuple[Order | str, str]],
        by: str,
        reason: str,
        warehouse: str = "",
    ) -> list[str]:
        """Take orders (or bare numbers) with the warehouse's references as ours; returns the boxes now at warehouse."""
        return generations.adopt(transaction, rows, by, reason, warehouse)

    @writes
    def new_generation(self, transaction: Transaction, shipment_id: str, by: str, reason: str) -> int:
        """Let a box be sent anew; returns its generation (2 for `-R2`). Raises ShipmentUnfit, OrderNotFound."""
        return generations.new_generation(transaction, shipment_id, by, reason)

    @reads
    def largest_plan(self, transaction: Transaction, kind: Kind, since: datetime) -> int | None:
        """The most boxes of this kind applied at once since then; None when there was no such plan."""
        query = select(func.max(plans.c.boxes)).where(
            plans.c.store == transaction.store, plans.c.kind == kind, plans.c.at >= since
        )
        return transaction.connection.execute(query).scalar()

    @writes
    def applied_plan(self, transaction: Transaction, kind: Kind, boxes: int, by: str, plan_hash: str = "") -> None:
        """Remember how many boxes a plan wrote, for the limits of later ones."""
        values = {"kind": kind, "boxes": boxes, "by": by, "hash": plan_hash, "at": transaction.now}
        transaction.connection.execute(plans.insert().values(store=transaction.store, **values))
        transaction.record("plan applied", kind=kind, boxes=boxes, by=by, plan=plan_hash)


def _mine(transaction: Transaction) -> AnySelect:
    return select(operations).where(operations.c.store == transaction.store)
