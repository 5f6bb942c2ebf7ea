"""Boxes: what Cratejoy said of them, what the rules said, and where they stand with us."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, text

from cratejoy_tui.sync.domain.plan import Hold
from cratejoy_tui.sync.domain.record import Judged, Known, Move, PlannedRow, Recorded, Sighting, Stored
from cratejoy_tui.sync.domain.stage import OPEN_STAGES, Kind, Stage
from cratejoy_tui.sync.ledger import sightings, verdicts
from cratejoy_tui.sync.ledger.rows import STORED, AnyRow, AnySelect, stored
from cratejoy_tui.sync.ledger.stages import put, the_box
from cratejoy_tui.sync.ledger.tables import TO_PUSH, operations, shipments
from cratejoy_tui.sync.ledger.transactions import Part, Transaction, reads, writes
from cratejoy_tui.sync.ledger.upsert import among

_known = select(shipments.c.id, shipments.c.fingerprint, shipments.c.stage, shipments.c.read_again).where(
    among(shipments.c.id)
)

_stored = select(*STORED).where(among(shipments.c.id))

_pushes = select(operations.c.shipment_id, operations.c.generation, operations.c.payload).where(
    among(operations.c.shipment_id), operations.c.kind == Kind.PUSH
)


class Shipments(Part):
    """What is known of boxes."""

    @reads
    def known(self, transaction: Transaction, ids: Collection[str]) -> dict[str, Known]:
        """The little a pull needs of those of these boxes that we know."""
        rows = transaction.run(_known, ids)
        return {
            id_: Known(id=id_, fingerprint=fingerprint, stage=stage, read_again=again)
            for id_, fingerprint, stage, again in rows
        }

    @writes
    def record(self, transaction: Transaction, seen: Sequence[Sighting], *, rules: str = "") -> Recorded:
        """Take in shipments just read: new ones are seen, changed open ones are to be judged again.

        New ones may come with a verdict, found under these rules; it is not taken where a person released a rule
        for the whole subscription.

        Boxes at the warehouse keep their stage; a box that Cratejoy calls cancelled gets its tombstone, and is
        cancelled at once when it was not sent yet. What is known as it is causes no write.
        """
        return sightings.record(transaction, seen, rules)

    @reads
    def get(self, transaction: Transaction, ids: Collection[str]) -> dict[str, Stored]:
        """All we know of these boxes; unknown ids are absent."""
        return {box.id: box for box in _with_orders(transaction, list(transaction.run(_stored, ids)))}

    @reads
    def page(
        self, transaction: Transaction, stages: Collection[Stage], after_id: str = "", limit: int = 500
    ) -> list[Stored]:
        """Boxes at these stages, by id, after the given one."""
        return _page(transaction, _at(transaction, stages, *STORED), after_id, limit)

    @reads
    def tombstoned(
        self, transaction: Transaction, stages: Collection[Stage], after_id: str = "", limit: int = 500
    ) -> list[Stored]:
        """Boxes at these stages that Cratejoy calls cancelled, by id, after the given one."""
        query = _at(transaction, stages, *STORED).where(shipments.c.cancel_seen_at.is_not(None))
        return _page(transaction, query, after_id, limit)

    @reads
    def ids(self, transaction: Transaction, stages: Collection[Stage]) -> list[str]:
        """Ids of all boxes at these stages."""
        query = _at(transaction, stages, shipments.c.id).order_by(shipments.c.id)
        return list(transaction.connection.execute(query).scalars())

    @reads
    def to_judge(
        self, transaction: Transaction, rules: str, now: datetime, after_id: str = "", limit: int = 500
    ) -> list[Stored]:
        """Open boxes whose content, rules, hour or person's decision changed since they were judged, by id."""
        query = _at(transaction, OPEN_STAGES, *STORED).where(
            or_(
                shipments.c.judged_revision != shipments.c.revision,
                shipments.c.judged_rules != rules,
                shipments.c.reconsider_at <= now,
            )
        )
        return _page(transaction, query, after_id, limit)

    @writes
    def judged(self, transaction: Transaction, rules: str, rows: Sequence[Judged]) -> None:
        """Write down verdicts; one on a box that changed meanwhile is dropped, and the box is judged again."""
        verdicts.write(transaction, rules, rows)

    @reads
    def planned(self, transaction: Transaction, after_id: str = "", limit: int = 2000) -> list[PlannedRow]:
        """Boxes that may be pushed now, earliest target first, then by id, after the given one.

        Leaves out those whose next try after a fault is not due yet.
        """
        c = shipments.c
        is_due = c.not_before <= transaction.now
        ready = or_(and_(c.stage == Stage.PLANNED, c.not_before.is_(None)), is_due)
        query = (
            select(c.id, c.revision, c.order_number, c.generation, c.flags)
            .where(c.store == transaction.store, text(TO_PUSH), ready, c.hold_by == "", c.cancel_seen_at.is_(None))
            .order_by(c.target_at.nulls_first(), c.id)
            .limit(limit)
        )
        if after_id:
            query = query.where(_after_in_push_order(transaction, after_id))
        rows = transaction.connection.execute(query)
        return [PlannedRow(*row) for row in rows]

    @reads
    def holds(self, transaction: Transaction) -> tuple[Hold, ...]:
        """Every held box with its reason, by id."""
        columns = (shipments.c.id, shipments.c.reason, shipments.c.detail)
        query = _at(transaction, {Stage.HELD}, *columns).order_by(shipments.c.id)
        return tuple(Hold(*row) for row in transaction.connection.execute(query))

    @reads
    def counts(self, transaction: Transaction) -> dict[Stage, int]:
        """How many boxes stand at each stage."""
        query = select(shipments.c.stage, func.count()).filter_by(store=transaction.store)
        return dict(transaction.connection.execute(query.group_by(shipments.c.stage)).all())

    @reads
    def hold_counts(self, transaction: Transaction) -> dict[str, int]:
        """How many boxes are held for each reason."""
        query = _at(transaction, {Stage.HELD}, shipments.c.reason, func.count()).group_by(shipments.c.reason)
        return dict(transaction.connection.execute(query).all())

    @reads
    def oldest_target(self, transaction: Transaction, stages: Collection[Stage]) -> datetime | None:
        """The earliest target date among boxes at these stages."""
        query = _at(transaction, stages, func.min(shipments.c.target_at))
        oldest: datetime | None = transaction.connection.execute(query).scalar()
        return oldest

    @writes
    def move(
        self,
        transaction: Transaction,
        shipment_id: str,
        stage: Stage,
        *,
        expect: Collection[Stage],
        reason: str = "",
        detail: str = "",
    ) -> Stage:
        """Move a box that no remote write is about. Returns where it stands now.

        A box that has left the expected stages meanwhile stays where it is.
        """
        return _move(transaction, shipment_id, stage, expect, reason, detail)

    @writes
    def move_all(self, transaction: Transaction, moves: Sequence[Move]) -> None:
        """As `move`, for many boxes in one transaction."""
        for move in moves:
            _move(transaction, move.shipment_id, move.after, {move.before}, move.reason, "")


def _move(
    transaction: Transaction, shipment_id: str, stage: Stage, expect: Collection[Stage], reason: str, detail: str
) -> Stage:
    box = the_box(transaction, shipment_id)
    if box.stage not in expect:
        return Stage(box.stage)
    put(transaction, box, stage, reason=reason, detail=detail)
    transaction.record("moved", shipment_id, before=box.stage, after=stage, reason=reason)
    return stage


def _at(transaction: Transaction, stages: Collection[Stage], *columns: ColumnElement[Any]) -> AnySelect:
    return select(*columns).where(shipments.c.store == transaction.store, shipments.c.stage.in_(sorted(stages)))


def _page(transaction: Transaction, query: AnySelect, after_id: str, limit: int) -> list[Stored]:
    query = query.where(shipments.c.id > after_id).order_by(shipments.c.id).limit(limit)
    return _with_orders(transaction, transaction.connection.execute(query).all())


def _with_orders(transaction: Transaction, rows: Sequence[AnyRow]) -> list[Stored]:
    """Boxes with the orders the warehouse was given; boxes never handed over have none."""
    handed_over = transaction.run(_pushes, [row.id for row in rows if row.stage not in OPEN_STAGES])
    sent = {(id_, generation): payload for id_, generation, payload in handed_over}
    return [stored(row, sent.get((row.id, row.generation))) for row in rows]


def _after_in_push_order(transaction: Transaction, id_: str) -> ColumnElement[bool]:
    c = shipments.c
    target = transaction.connection.execute(select(c.target_at).filter_by(store=transaction.store, id=id_)).scalar()
    if target is None:
        return or_(c.target_at.is_not(None), c.id > id_)
    return or_(c.target_at > target, and_(c.target_at == target, c.id > id_))
