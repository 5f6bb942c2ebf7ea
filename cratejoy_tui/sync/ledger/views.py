"""Read-only questions of screens and reports."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

import msgspec
from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from cratejoy_tui.sync.domain.books import DayCounts, Standing
from cratejoy_tui.sync.domain.search import WORD_FIELDS, Term
from cratejoy_tui.sync.domain.stage import CLOSED_STAGES, Kind, Stage
from cratejoy_tui.sync.ledger.rows import filled
from cratejoy_tui.sync.ledger.tables import operations, reopenings, search_texts, shipments
from cratejoy_tui.sync.ledger.transactions import Part, Transaction, reads


class _Told(msgspec.Struct):
    """The little of an order that lateness needs."""

    requested_ship_date: date | None = None


_told = msgspec.json.Decoder(_Told)


_ORDERS: dict[str, ColumnElement[object]] = {
    "id": shipments.c.id,
    "target": shipments.c.target_at,
    "stage": shipments.c.stage,
    "since": shipments.c.stage_since,
    "number": shipments.c.order_number,
}
"""What lists of boxes can be ordered by."""


class Views(Part):
    """Lists, ages and counts."""

    @reads
    def ids(
        self, transaction: Transaction, stages: Collection[Stage] | None = None, *, reason: str = "", text: str = ""
    ) -> list[str]:
        """Ids of the boxes that fit, by target date. `text` is looked for at the start of ids and order numbers."""
        query = select(shipments.c.id).filter_by(store=transaction.store)
        if stages is not None:
            query = query.where(shipments.c.stage.in_(sorted(stages)))
        if reason:
            query = query.filter_by(reason=reason)
        if text:
            starts = [c.startswith(text, autoescape=True) for c in (shipments.c.id, shipments.c.order_number)]
            query = query.where(or_(*starts))
        return _ordered(transaction, query, "target")

    @reads
    def find(
        self,
        transaction: Transaction,
        stages: Collection[Stage],
        terms: Sequence[Term] = (),
        *,
        sort: str = "target",
        descending: bool = False,
    ) -> list[str]:
        """Ids of the boxes that fit all the terms, in order. Terms about other things than boxes are passed over."""
        query = select(shipments.c.id).where(
            shipments.c.store == transaction.store, shipments.c.stage.in_(sorted(stages))
        )
        if any(_is_words(term) for term in terms):
            query = query.where(shipments.c.id.in_(_worded(transaction, terms, search_texts.c.id)))
        for term in terms:
            if term.field == "reason":
                fits = func.lower(shipments.c.reason).contains(term.text, autoescape=True)
                query = query.where(~fits if term.is_not else fits)
        return _ordered(transaction, query, sort, descending=descending)

    @reads
    def worded(self, transaction: Transaction, terms: Sequence[Term]) -> frozenset[str]:
        """Ids of all boxes, at whatever stage, whose words fit the terms; without an order, and quick."""
        joined = func.aggregate_strings(search_texts.c.id, "\n")
        found = transaction.connection.execute(_worded(transaction, terms, joined)).scalar_one()
        return frozenset(found.split("\n")) if found else frozenset()

    @reads
    def standing(
        self, transaction: Transaction, stages: Collection[Stage], after_id: str = "", limit: int = 2000
    ) -> list[Standing]:
        """How long boxes have stood at these stages, by id, after the given one."""
        c, o = shipments.c, operations.c
        push = (o.store == c.store) & (o.shipment_id == c.id) & (o.generation == c.generation) & (o.kind == Kind.PUSH)
        query = (
            select(c.id.label("shipment_id"), c.order_number, c.stage, c.stage_since, o.payload)
            .select_from(shipments.outerjoin(operations, push))
            .where(c.store == transaction.store, c.stage.in_(sorted(stages)), c.id > after_id)
            .order_by(c.id)
            .limit(limit)
        )
        found = []
        for row in transaction.connection.execute(query):
            told = _told.decode(row.payload) if row.payload else _Told()
            found.append(filled(Standing, row, requested_ship_date=told.requested_ship_date))
        return found

    @reads
    def by_target(self, transaction: Transaction) -> list[tuple[datetime | None, Stage, int]]:
        """How many boxes stand at each stage, by their target date; those without one come last."""
        target, stage = shipments.c.target_at, shipments.c.stage
        query = select(target, stage, func.count()).where(shipments.c.store == transaction.store)
        found = transaction.connection.execute(query.group_by(target, stage).order_by(target.is_(None), target, stage))
        return [(at, stage, count) for at, stage, count in found]

    @reads
    def day_counts(self, transaction: Transaction, start: datetime, end: datetime) -> DayCounts:
        """A stretch of time in numbers, `start` included and `end` not; the same whenever it is asked for."""
        seen, since = shipments.c.first_seen_at, shipments.c.stage_since
        closed = shipments.c.stage.in_(sorted(CLOSED_STAGES))
        still = [func.count().filter(and_(seen < moment, or_(~closed, since >= moment))) for moment in (start, end)]
        query = select(
            still[0],
            func.count().filter(within(seen, start, end)),
            func.count().filter(and_(shipments.c.stage == Stage.CANCELLED, within(since, start, end))),
            func.count().filter(and_(shipments.c.stage == Stage.CONFIRMED, within(since, start, end))),
            still[1],
        ).where(shipments.c.store == transaction.store)
        now = transaction.connection.execute(query).one()
        then = transaction.connection.execute(_reopened(start, end).filter_by(store=transaction.store)).one()
        counts = (a + b for a, b in zip(tuple(now), tuple(then), strict=True))
        return DayCounts(**dict(zip(("opening", "new", "cancelled", "confirmed", "closing"), counts, strict=True)))


def _reopened(start: datetime, end: datetime) -> Select[int, int, int, int, int]:
    """What boxes that were closed once add to the counts: by their present stage they look open all along."""
    c = reopenings.c
    shut = [-func.count().filter(and_(c.closed_at < moment, c.reopened_at >= moment)) for moment in (start, end)]
    return select(
        shut[0],
        func.count().filter(within(c.reopened_at, start, end)),
        func.count().filter(and_(c.was == Stage.CANCELLED, within(c.closed_at, start, end))),
        func.count().filter(and_(c.was == Stage.CONFIRMED, within(c.closed_at, start, end))),
        shut[1],
    )


def within(moment: ColumnElement[datetime], start: datetime, end: datetime) -> ColumnElement[bool]:
    """From `start` up to, not including, `end`."""
    return and_(moment >= start, moment < end)


def _ordered(transaction: Transaction, query: Select[str], sort: str, *, descending: bool = False) -> list[str]:
    """These ids by a column, those without a value last."""
    column = _ORDERS[sort]
    order = (column.is_(None), column.desc() if descending else column, shipments.c.id)
    return list(transaction.connection.execute(query.order_by(*order)).scalars())


def _is_words(term: Term) -> bool:
    return not term.field or term.field in WORD_FIELDS


def _worded(transaction: Transaction, terms: Sequence[Term], what: ColumnElement[str]) -> Select[str]:
    words = [_has(transaction, term) for term in terms if _is_words(term)]
    return select(what).where(search_texts.c.store == transaction.store, *words)


def _has(transaction: Transaction, term: Term) -> ColumnElement[bool]:
    place = func.strpos if transaction.connection.dialect.name == "postgresql" else func.instr
    found = place(search_texts.c.text, term.needle)
    return found == 0 if term.is_not else found > 0
