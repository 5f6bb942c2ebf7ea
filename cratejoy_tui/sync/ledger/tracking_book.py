"""The tracking book: every parcel the warehouse told of, matched to our boxes by order number and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_, update

from cratejoy_tui.sync.domain.record import Tracked
from cratejoy_tui.sync.domain.stage import Kind, Stage
from cratejoy_tui.sync.domain.tracking import Parcel, Quality
from cratejoy_tui.sync.ledger.people import remark
from cratejoy_tui.sync.ledger.rows import AnyRow, AnySelect, digest, encoded, tracked
from cratejoy_tui.sync.ledger.stages import the_box
from cratejoy_tui.sync.ledger.tables import cursors, operations, parcels, shipments
from cratejoy_tui.sync.ledger.transactions import Part, Transaction, reads, writes
from cratejoy_tui.sync.ledger.upsert import groups, upsert

KEY = ("store", "order_number", "reference")
WAITING = frozenset({Stage.AT_WAREHOUSE, Stage.PARTLY_SHIPPED, Stage.SHIPPED})
CONTENT = (
    "carrier_code",
    "carrier_name",
    "service",
    "tracking_number",
    "tracking_link",
    "shipped_at",
    "voided",
    "order_closed",
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
        for group in groups(shipment_ids):
            query = _mine(transaction).where(parcels.c.shipment_id.in_(group)).order_by(parcels.c.id)
            for row in transaction.connection.execute(query):
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
        for id_, quality, reason in verdicts:
            transaction.connection.execute(
                update(parcels)
                .where(
                    parcels.c.store == transaction.store,
                    parcels.c.id == id_,
                    (parcels.c.quality.is_(None)) | (parcels.c.quality != quality) | (parcels.c.reason != reason),
                )
                .values(quality=quality, reason=reason)
            )

    @writes
    def decide(self, transaction: Transaction, tracked_id: int, decision: str, by: str, reason: str = "") -> None:
        """Note a person's word on a parcel: accepted, rejected, or "" to take it back."""
        row = transaction.connection.execute(
            update(parcels)
            .where(parcels.c.store == transaction.store, parcels.c.id == tracked_id)
            .values(decision=decision, decided_by=by if decision else "")
            .returning(parcels.c.shipment_id)
        ).first()
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
        uses: dict[str, list[str]] = {}
        for group in groups(tracking_numbers):
            query = (
                select(parcels.c.tracking_number, parcels.c.shipment_id)
                .where(
                    parcels.c.store == transaction.store,
                    parcels.c.tracking_number.in_(group),
                    parcels.c.shipment_id != "",
                    parcels.c.first_seen_at >= since,
                    ~parcels.c.voided,
                )
                .distinct()
                .order_by(parcels.c.tracking_number, parcels.c.shipment_id)
            )
            for number, shipment_id in transaction.connection.execute(query):
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
        query = _mine(transaction).where(parcels.c.shipment_id != "", parcels.c.id > after_id)
        if quality is not None:
            query = query.where(parcels.c.quality == quality)
        if undecided:
            query = query.where(parcels.c.decision == "")
        return [tracked(row) for row in transaction.connection.execute(query.order_by(parcels.c.id).limit(limit))]

    @reads
    def cursor(self, transaction: Transaction, stream: str) -> str:
        """How far a stream was read; "" at first."""
        query = select(cursors.c.value).where(cursors.c.store == transaction.store, cursors.c.stream == stream)
        return str(transaction.connection.execute(query).scalar() or "")

    @writes
    def set_cursor(self, transaction: Transaction, stream: str, value: str) -> None:
        """Remember how far a stream was read."""
        row = {"store": transaction.store, "stream": stream, "value": value, "moved_at": transaction.now}
        upsert(transaction.connection, cursors, [row], key=("store", "stream"))


def _mine(transaction: Transaction) -> AnySelect:
    return select(parcels).where(parcels.c.store == transaction.store)


def _known(transaction: Transaction, names: Iterable[Name]) -> dict[Name, AnyRow]:
    known: dict[Name, AnyRow] = {}
    for group in groups(names):
        query = _mine(transaction).where(tuple_(parcels.c.order_number, parcels.c.reference).in_(group))
        for row in transaction.connection.execute(query.order_by(parcels.c.id)):
            known[row.order_number, row.reference] = row
    return known


def _without_purged(
    transaction: Transaction, latest: Mapping[Name, Parcel], known: Mapping[Name, AnyRow]
) -> dict[Name, Parcel]:
    """A link that purge took away stays away, though the warehouse tells of it again."""
    bare = {row.shipment_id for name, row in known.items() if not row.tracking_link and latest[name].tracking_link}
    purged: set[str] = set()
    for group in groups(bare - {""}):
        query = select(shipments.c.id).where(
            shipments.c.store == transaction.store, shipments.c.id.in_(group), shipments.c.payload.is_(None)
        )
        purged |= set(transaction.connection.execute(query).scalars())
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
    wanted = {number.strip() for number in numbers}
    owners: dict[str, str] = {}
    for group in groups(sorted(wanted)):
        query = select(operations.c.number, operations.c.shipment_id).where(
            operations.c.store == transaction.store, operations.c.kind == Kind.PUSH, operations.c.number.in_(group)
        )
        owners |= dict(transaction.connection.execute(query).all())
    return owners


def _row(transaction: Transaction, parcel: Parcel, before: AnyRow | None, owners: Mapping[str, str]) -> dict[str, Any]:
    content = {name: getattr(parcel, name) for name in CONTENT}
    same_number = before is not None and before.tracking_number == parcel.tracking_number
    return content | {
        "store": transaction.store,
        "order_number": parcel.order_number,
        "reference": parcel.reference,
        "lines": _lines(parcel),
        "shipment_id": owners.get(parcel.order_number.strip(), ""),
        "first_seen_at": transaction.now,
        "changed_at": transaction.now,
        "quality": None,
        "reason": "",
        "decision": before.decision if before is not None and same_number else "",
        "decided_by": before.decided_by if before is not None and same_number else "",
    }
