"""The tracking book: every parcel the warehouse told of, matched to our boxes by order number and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update

from cratejoy_tui.sync.domain.record import Tracked
from cratejoy_tui.sync.domain.stage import Kind, Stage
from cratejoy_tui.sync.domain.tracking import Parcel, Quality
from cratejoy_tui.sync.ledger.people import remark
from cratejoy_tui.sync.ledger.rows import AnyRow, digest, encoded, tracked
from cratejoy_tui.sync.ledger.stages import the_box
from cratejoy_tui.sync.ledger.tables import cursors, operations, parcels, shipments
from cratejoy_tui.sync.ledger.transactions import Part, Transaction, reads, writes
from cratejoy_tui.sync.ledger.upsert import among, upsert

KEY = ("store", "order_number", "reference")
WAITING = frozenset({Stage.AT_WAREHOUSE, Stage.PARTLY_SHIPPED, Stage.SHIPPED})
CONTENT = (
    *("carrier_code", "carrier_name", "service", "tracking_number", "tracking_link"),
    *("shipped_at", "voided", "order_closed"),
)

Name = tuple[str, str]
"""Order number and reference: names a parcel for ever."""


class TrackingBook(Part):
    """Parcels, what was judged and decided about them, and how far each stream was read."""

    @writes
    def add(self, transaction: Transaction, seen: Sequence[Parcel]) -> list[Tracked]:
        """Take in parcels; returns the new and the changed ones. A changed one is to be judged again."""
        latest = {(parcel.order_number, parcel.reference): parcel for parcel in seen}
        known = _known(transaction, latest)
        latest = _without_purged(transaction, latest, known)
        news = {name: parcel for name, parcel in latest.items() if _differs(known.get(name), parcel)}
        if not news:
            return []
        owners = _owners(transaction, [parcel.order_number for parcel in news.values()])
        rows = [_row(transaction, parcel, known.get(name), owners) for name, parcel in news.items()]
        upsert(transaction.connection, parcels, rows, key=KEY, keep=("first_seen_at",))
        transaction.record("parcels", new=len(news.keys() - known.keys()), changed=len(news.keys() & known.keys()))
        return [tracked(row) for row in _known(transaction, news).values()]

    @reads
    def of(self, transaction: Transaction, shipment_ids: Collection[str]) -> dict[str, list[Tracked]]:
        """All parcels of these boxes, oldest first; boxes without any are absent."""
        found: dict[str, list[Tracked]] = {}
        query = select(parcels).where(among(parcels.c.shipment_id)).order_by(parcels.c.id)
        for row in transaction.run(query, shipment_ids):
            found.setdefault(row.shipment_id, []).append(tracked(row))
        return found

    @reads
    def waiting(self, transaction: Transaction, after_id: str = "", limit: int = 500) -> list[str]:
        """Boxes that have parcels and are not confirmed, by id, after the given one."""
        has_parcel = select(parcels.c.id).where(
            parcels.c.store == shipments.c.store, parcels.c.shipment_id == shipments.c.id
        )
        query = select(shipments.c.id).where(
            shipments.c.store == transaction.store,
            shipments.c.stage.in_(sorted(WAITING)),
            shipments.c.id > after_id,
            has_parcel.exists(),
        )
        return list(transaction.connection.execute(query.order_by(shipments.c.id).limit(limit)).scalars())

    @writes
    def judged(self, transaction: Transaction, verdicts: Sequence[tuple[int, Quality, str]]) -> None:
        """Write down how sure each parcel's match is; what is known already causes no write."""
        c = parcels.c
        for id_, quality, reason in verdicts:
            news = or_(c.quality.is_(None), c.quality != quality, c.reason != reason)
            mine = update(parcels).filter_by(store=transaction.store, id=id_).where(news)
            transaction.connection.execute(mine.values(quality=quality, reason=reason))

    @writes
    def decide(self, transaction: Transaction, tracked_id: int, decision: str, by: str, reason: str = "") -> None:
        """Note a person's word on a parcel: accepted, rejected, or "" to take it back."""
        mine = update(parcels).filter_by(store=transaction.store, id=tracked_id)
        decided = mine.values(decision=decision, decided_by=by if decision else "")
        row = transaction.connection.execute(decided.returning(parcels.c.shipment_id)).first()
        if row is None:
            return
        why = {}
        if reason:
            remark(transaction, row.shipment_id, by, f"Tracking {decision or 'undecided'}: {reason}")
            why = {"reason": digest(the_box(transaction, row.shipment_id).salt, reason.encode())}
        transaction.record("tracking decided", row.shipment_id, parcel=tracked_id, decision=decision, by=by, **why)

    @reads
    def number_uses(
        self, transaction: Transaction, tracking_numbers: Collection[str], since: datetime
    ) -> dict[str, list[str]]:
        """On which of our boxes each of these tracking numbers was seen since then; voided parcels do not count."""
        c = parcels.c
        query = (
            select(c.tracking_number, c.shipment_id)
            .where(among(c.tracking_number), c.shipment_id != "", c.first_seen_at >= since, ~c.voided)
            .distinct()
            .order_by(c.tracking_number, c.shipment_id)
        )
        uses: dict[str, list[str]] = {}
        for number, shipment_id in transaction.run(query, tracking_numbers):
            uses.setdefault(number, []).append(shipment_id)
        return uses

    @reads
    def list(
        self,
        transaction: Transaction,
        quality: Quality | None = None,
        undecided: bool = False,
        after_id: int = 0,
        limit: int = 500,
    ) -> list[Tracked]:
        """Parcels of our boxes, by id, after the given one; of one quality, or waiting for a person's word."""
        query = select(parcels).filter_by(store=transaction.store)
        query = query.where(parcels.c.shipment_id != "", parcels.c.id > after_id)
        if quality is not None:
            query = query.filter_by(quality=quality)
        if undecided:
            query = query.filter_by(decision="")
        return [tracked(row) for row in transaction.connection.execute(query.order_by(parcels.c.id).limit(limit))]

    @reads
    def cursor(self, transaction: Transaction, stream: str) -> str:
        """How far a stream was read; "" at first."""
        query = select(cursors.c.value).filter_by(store=transaction.store, stream=stream)
        return str(transaction.connection.execute(query).scalar() or "")

    @writes
    def set_cursor(self, transaction: Transaction, stream: str, value: str) -> None:
        """Remember how far a stream was read."""
        row = {"store": transaction.store, "stream": stream, "value": value, "moved_at": transaction.now}
        upsert(transaction.connection, cursors, [row], key=("store", "stream"))


def _known(transaction: Transaction, names: Collection[Name]) -> dict[Name, AnyRow]:
    query = select(parcels).where(among(parcels.c.order_number)).order_by(parcels.c.id)
    rows = transaction.run(query, {number for number, _ in names})
    return {name: row for row in rows if (name := (row.order_number, row.reference)) in names}


def _without_purged(
    transaction: Transaction, latest: Mapping[Name, Parcel], known: Mapping[Name, AnyRow]
) -> dict[Name, Parcel]:
    """A link that purge took away stays away, though the warehouse tells of it again."""
    bare = {row.shipment_id for name, row in known.items() if not row.tracking_link and latest[name].tracking_link}
    c = shipments.c
    query = select(c.id).where(among(c.id), c.payload.is_(None))
    purged = {row.id for row in transaction.run(query, bare - {""})}
    return {
        name: replace(parcel, tracking_link="") if name in known and known[name].shipment_id in purged else parcel
        for name, parcel in latest.items()
    }


def _differs(row: AnyRow | None, parcel: Parcel) -> bool:
    if row is None:
        return True
    return (row.lines or None) != _lines(parcel) or any(getattr(row, n) != getattr(parcel, n) for n in CONTENT)


def _lines(parcel: Parcel) -> bytes | None:
    return encoded(parcel.lines) if parcel.lines is not None else None


def _owners(transaction: Transaction, numbers: Iterable[str]) -> dict[str, str]:
    """Order number -> box. Spaces around a number are forgiven; judging then sees that the two differ."""
    c = operations.c
    query = select(c.number, c.shipment_id).where(among(c.number), c.kind == Kind.PUSH)
    return dict(tuple(row) for row in transaction.run(query, {number.strip() for number in numbers}))


def _row(transaction: Transaction, parcel: Parcel, before: AnyRow | None, owners: Mapping[str, str]) -> dict[str, Any]:
    same_number = before is not None and before.tracking_number == parcel.tracking_number
    return {
        **{name: getattr(parcel, name) for name in (*CONTENT, "order_number", "reference")},
        "store": transaction.store,
        "lines": _lines(parcel),
        "shipment_id": owners.get(parcel.order_number.strip(), ""),
        "first_seen_at": transaction.now,
        "changed_at": transaction.now,
        "quality": None,
        "reason": "",
        "decision": before.decision if before is not None and same_number else "",
        "decided_by": before.decided_by if before is not None and same_number else "",
    }
