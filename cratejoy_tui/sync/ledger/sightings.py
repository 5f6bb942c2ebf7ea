"""What a shipment just read from Cratejoy changes in the ledger, decided row by row, written in bulk."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import bindparam, select, update

from cratejoy_tui.sync.domain.record import Judged, Recorded, Sighting, TaskKind
from cratejoy_tui.sync.domain.search import search_text
from cratejoy_tui.sync.domain.shipment import Shipment, revision_of
from cratejoy_tui.sync.domain.stage import LIVE_STAGES, OPEN_STAGES, Kind, Stage, State, check_move
from cratejoy_tui.sync.ledger import unsent, verdicts
from cratejoy_tui.sync.ledger.rows import AnyRow, encoded
from cratejoy_tui.sync.ledger.tables import approvals, operations, search_texts, shipments
from cratejoy_tui.sync.ledger.tasks import open_task
from cratejoy_tui.sync.ledger.transactions import Transaction
from cratejoy_tui.sync.ledger.upsert import among, upsert

KEY = ("store", "id")
ONCE = ("first_seen_at", "approved")

_KNOWN_BY = (
    *("id", "stage", "stage_since", "revision", "fingerprint", "first_seen_at", "salt", "order_number"),
    *("cancel_seen_at", "revived", "approved"),
)
_these = select(*(shipments.c[name] for name in _KNOWN_BY)).where(among(shipments.c.id))
_releases = select(approvals.c.subscription_id, approvals.c.reason).where(among(approvals.c.subscription_id))

Values = dict[str, Any]


class _Read(Struct, frozen=True, gc=False):
    """A shipment as read, encoded once."""

    shipment: Shipment
    fingerprint: str
    verdict: Judged | None
    payload: bytes
    revision: str

    @classmethod
    def of(cls, sighting: Sighting) -> _Read:
        payload = encoded(sighting.shipment)
        return cls(sighting.shipment, sighting.fingerprint, sighting.verdict, payload, revision_of(payload))


def record(transaction: Transaction, sightings: Sequence[Sighting], rules: str) -> Recorded:
    """Take these sightings in. What is known as it is causes no write."""
    latest = {sighting.shipment.id: sighting for sighting in sightings}
    known = {row.id: row for row in transaction.run(_these, latest)}
    read = {id_: _Read.of(sighting) for id_, sighting in latest.items()}
    new = [id_ for id_ in latest if id_ not in known]
    changed = [id_ for id_, row in known.items() if row.revision != read[id_].revision]
    judged = _write_new(transaction, [read[id_] for id_ in new], rules)
    _write_changed(transaction, [(known[id_], read[id_]) for id_ in changed])
    _write_fingerprints(transaction, known, latest, frozenset(changed))
    if new or changed:
        seen = "\n".join(f"{id_} {read[id_].revision}" for id_ in sorted([*new, *changed]))
        mark = hashlib.blake2b(seen.encode(), digest_size=12).hexdigest()
        transaction.record("recorded", new=len(new), changed=len(changed), digest=mark)
    verdicts.tell(transaction, rules, judged)
    return Recorded(new=tuple(new), changed=tuple(changed), judged=tuple([verdict.shipment_id for verdict in judged]))


def _new_salt() -> str:
    return os.urandom(8).hex()


def _write_new(transaction: Transaction, sightings: Sequence[_Read], rules: str) -> list[Judged]:
    """Returns the verdicts that were written with their boxes."""
    released = _released(transaction, sightings)
    seen: list[Values] = []
    planned_or_held: list[Values] = []
    judged: list[Judged] = []
    for sighting in sightings:
        row = _new_row(transaction, sighting, _approved(sighting.shipment, released))
        verdict = sighting.verdict
        if verdict is None or row["approved"] or row["stage"] is not Stage.SEEN:
            seen.append(row)
        else:
            row |= verdicts.values(rules, verdict, sighting.revision)
            planned_or_held.append(row)
            judged.append(verdict)
    upsert(transaction.connection, shipments, seen, key=KEY, keep=ONCE)
    upsert(transaction.connection, shipments, planned_or_held, key=KEY, keep=ONCE)
    _write_search_texts(transaction, [sighting.shipment for sighting in sightings])
    return judged


def _new_row(transaction: Transaction, sighting: _Read, approved: tuple[str, ...]) -> Values:
    cancelled = sighting.shipment.status == "cancelled"
    return {
        **_content(transaction, sighting),
        "fingerprint": sighting.fingerprint,
        "stage": Stage.CANCELLED if cancelled else Stage.SEEN,
        "stage_since": transaction.now,
        "first_seen_at": transaction.now,
        "salt": _new_salt(),
        "cancel_seen_at": transaction.now if cancelled else None,
        "approved": approved,
    }


def _write_search_texts(transaction: Transaction, boxes: Sequence[Shipment]) -> None:
    rows = [{"store": transaction.store, "id": box.id, "text": search_text(box)} for box in boxes]
    upsert(transaction.connection, search_texts, rows, key=KEY)


def _released(transaction: Transaction, sightings: Sequence[_Read]) -> dict[str, list[str]]:
    """Subscription -> the hold reasons a person has released for all its boxes."""
    ids = {sub.id for sighting in sightings for sub in sighting.shipment.subscriptions}
    released: dict[str, list[str]] = {}
    for subscription_id, reason in transaction.run(_releases, ids):
        released.setdefault(subscription_id, []).append(reason)
    return released


def _approved(shipment: Shipment, released: Mapping[str, list[str]]) -> tuple[str, ...]:
    if not released:
        return ()
    return tuple(sorted({reason for sub in shipment.subscriptions for reason in released.get(sub.id, ())}))


def _content(transaction: Transaction, sighting: _Read) -> Values:
    return {
        "store": transaction.store,
        "id": sighting.shipment.id,
        "status": sighting.shipment.status,
        "revision": sighting.revision,
        "changed_at": transaction.now,
        "payload": sighting.payload,
    }


def _write_changed(transaction: Transaction, pairs: Sequence[tuple[AnyRow, _Read]]) -> None:
    asked = _cancels_asked(transaction, [row.id for row, sighting in pairs if _is_back(row, sighting)])
    rows = []
    for row, sighting in pairs:
        values = _content(transaction, sighting)
        values |= {
            "fingerprint": sighting.fingerprint or row.fingerprint,
            "first_seen_at": row.first_seen_at,
            "salt": row.salt or _new_salt(),
            "approved": row.approved,
        }
        rows.append(values | _moved(transaction, row, sighting.shipment, row.id in asked))
    upsert(transaction.connection, shipments, rows, key=KEY, keep=ONCE)
    _write_search_texts(transaction, [sighting.shipment for _, sighting in pairs])
    gone = [row.id for row, values in zip((r for r, _ in pairs), rows, strict=True) if _was_given_up(row, values)]
    unsent.give_up(transaction, gone)


def _moved(transaction: Transaction, row: AnyRow, shipment: Shipment, cancel_asked: bool) -> Values:
    """Stage, tombstone and revival after this change."""
    values = {
        "stage": row.stage,
        "stage_since": row.stage_since,
        "cancel_seen_at": row.cancel_seen_at,
        "revived": row.revived,
    }
    if shipment.status == "cancelled":
        values["cancel_seen_at"] = row.cancel_seen_at or transaction.now
        values["revived"] = False
    elif _is_back_status(row, shipment):
        if row.stage in LIVE_STAGES and not cancel_asked:
            values["cancel_seen_at"] = None  # the warehouse was never told, so nothing happened
        else:
            values["revived"] = True
            _ask_about_revival(transaction, row)
    stage = _stage_after_change(row.stage, cancelled=shipment.status == "cancelled")
    check_move(row.stage, stage)
    if stage is not row.stage:
        values |= {"stage": stage, "stage_since": transaction.now}
    return values


def _stage_after_change(stage: Stage, *, cancelled: bool) -> Stage:
    if stage not in OPEN_STAGES:
        return stage
    return Stage.CANCELLED if cancelled else Stage.SEEN


def _is_back(row: AnyRow, sighting: _Read) -> bool:
    return _is_back_status(row, sighting.shipment)


def _is_back_status(row: AnyRow, shipment: Shipment) -> bool:
    return row.cancel_seen_at is not None and shipment.status == "unshipped" and not row.revived


def _ask_about_revival(transaction: Transaction, row: AnyRow) -> None:
    text = f"Shipment {row.id} was cancelled and is wanted again in Cratejoy. If it shall be sent, resend {row.id}."
    open_task(transaction, TaskKind.REVIVED, row.id, row.order_number, text)


def _was_given_up(row: AnyRow, values: Values) -> bool:
    return row.stage in OPEN_STAGES and values["stage"] is Stage.CANCELLED


def _cancels_asked(transaction: Transaction, ids: Sequence[str]) -> set[str]:
    """Which of these boxes have a cancel that was sent, or may have been."""
    if not ids:
        return set()
    query = select(operations.c.shipment_id).where(
        operations.c.store == transaction.store,
        operations.c.shipment_id.in_(ids),
        operations.c.kind == Kind.CANCEL,
        operations.c.state.in_([State.SENDING, State.UNKNOWN, State.ACCEPTED]),
    )
    return set(transaction.connection.execute(query).scalars())


def _write_fingerprints(
    transaction: Transaction,
    known: Mapping[str, AnyRow],
    latest: Mapping[str, Sighting],
    changed: frozenset[str],
) -> None:
    """The listing shows a row in a new way that means nothing to us: remember it, or it would be read each time."""
    rows = [
        {"b_id": id_, "b_fingerprint": latest[id_].fingerprint}
        for id_, row in known.items()
        if id_ not in changed and latest[id_].fingerprint not in {"", row.fingerprint}
    ]
    if rows:
        transaction.connection.execute(
            update(shipments)
            .where(shipments.c.store == transaction.store, shipments.c.id == bindparam("b_id"))
            .values(fingerprint=bindparam("b_fingerprint")),
            rows,
        )
