"""What a shipment just read from Cratejoy changes in the ledger, decided row by row, written in bulk."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct
from sqlalchemy import select

from cratejoy_tui.sync.domain.record import Judged, Recorded, Sighting, TaskKind
from cratejoy_tui.sync.domain.search import search_text
from cratejoy_tui.sync.domain.shipment import Shipment, revision_of
from cratejoy_tui.sync.domain.stage import LIVE_STAGES, OPEN_STAGES, Kind, Stage, State
from cratejoy_tui.sync.ledger import unsent, verdicts
from cratejoy_tui.sync.ledger.rows import AnyRow, digest, encoded
from cratejoy_tui.sync.ledger.stages import Values, change_all, moved
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
        transaction.record("recorded", new=len(new), changed=len(changed), digest=digest("", seen.encode()))
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
    asked = _cancels_asked(transaction, [row.id for row, sighting in pairs if _is_back(row, sighting.shipment)])
    rows = [_changed_row(transaction, row, sighting, row.id in asked) for row, sighting in pairs]
    upsert(transaction.connection, shipments, rows, key=KEY, keep=ONCE)
    _write_search_texts(transaction, [sighting.shipment for _, sighting in pairs])
    cancelled = [row for row, sighting in pairs if sighting.shipment.status == "cancelled"]
    unsent.give_up(transaction, [row.id for row in cancelled if row.stage in OPEN_STAGES])


def _changed_row(transaction: Transaction, row: AnyRow, sighting: _Read, cancel_asked: bool) -> Values:
    """With stage, tombstone and revival after this change."""
    is_cancelled = sighting.shipment.status == "cancelled"
    values = {
        **_content(transaction, sighting),
        **{name: getattr(row, name) for name in (*ONCE, "stage", "stage_since", "cancel_seen_at", "revived")},
        "fingerprint": sighting.fingerprint or row.fingerprint,
        "salt": row.salt or _new_salt(),
    }
    if is_cancelled:
        values |= {"cancel_seen_at": row.cancel_seen_at or transaction.now, "revived": False}
    elif _is_back(row, sighting.shipment):
        if row.stage in LIVE_STAGES and not cancel_asked:
            values["cancel_seen_at"] = None  # the warehouse was never told, so nothing happened
        else:
            values["revived"] = True
            _ask_about_revival(transaction, row)
    if row.stage in OPEN_STAGES:
        stage = Stage.CANCELLED if is_cancelled else Stage.SEEN
        values |= moved(transaction, row.id, row.stage, row.stage_since, stage)
    return values


def _is_back(row: AnyRow, shipment: Shipment) -> bool:
    return row.cancel_seen_at is not None and shipment.status == "unshipped" and not row.revived


def _ask_about_revival(transaction: Transaction, row: AnyRow) -> None:
    text = f"Shipment {row.id} was cancelled and is wanted again in Cratejoy. If it shall be sent, resend {row.id}."
    open_task(transaction, TaskKind.REVIVED, row.id, row.order_number, text)


def _cancels_asked(transaction: Transaction, ids: Sequence[str]) -> set[str]:
    """Which of these boxes have a cancel that was sent, or may have been."""
    if not ids:
        return set()
    c = operations.c
    may_know = c.state.in_([State.SENDING, State.UNKNOWN, State.ACCEPTED])
    query = select(c.shipment_id).where(among(c.shipment_id), c.kind == Kind.CANCEL, may_know)
    return {row.shipment_id for row in transaction.run(query, ids)}


def _write_fingerprints(
    transaction: Transaction, known: Mapping[str, AnyRow], latest: Mapping[str, Sighting], changed: Collection[str]
) -> None:
    """The listing shows a row in a new way that means nothing to us: remember it, or it would be read each time."""
    same = {id_: row.fingerprint for id_, row in known.items() if id_ not in changed}
    news = {id_: latest[id_].fingerprint for id_, before in same.items() if latest[id_].fingerprint not in {"", before}}
    change_all(transaction, {id_: {"fingerprint": fingerprint} for id_, fingerprint in news.items()})
