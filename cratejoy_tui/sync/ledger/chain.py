"""The audit chain: each record carries the hash of the one before it, so no edit, gap or new order goes unseen."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, select, update

from cratejoy_tui.sync.ledger.tables import audit, audit_heads
from cratejoy_tui.sync.ledger.upsert import STORE

Value = str | int | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done, not yet in the chain. Ids, stages and digests only: never personal data."""

    action: str
    subject: str
    detail: Mapping[str, Value]


def first_hash(store: str) -> str:
    """What the first record of a store's chain hangs on."""
    return hashlib.sha256(f"ledger of {store}".encode()).hexdigest()


def next_hash(before: str, seq: int, at: str, operator: str, action: str, subject: str, detail: str) -> str:
    """The hash of one record, over all it says and the hash before it."""
    text = msgspec.json.encode([before, seq, at, operator, action, subject, detail])
    return hashlib.sha256(text).hexdigest()


def canonical(detail: Mapping[str, Value]) -> str:
    """Detail as text that is the same on every machine."""
    return msgspec.json.encode(dict(detail), order="deterministic").decode()


_HEAD = select(audit_heads.c.seq, audit_heads.c.hash).where(audit_heads.c.store == STORE).with_for_update()
_MOVE_HEAD = update(audit_heads).where(audit_heads.c.store == STORE)


def lock_head(connection: Connection, store: str) -> tuple[int, str]:
    """Take the end of the store's chain for this transaction: number and hash of its newest record."""
    seq, hash_ = connection.execute(_HEAD, {"our_store": store}).one()
    return seq, hash_


def append(
    connection: Connection, store: str, head: tuple[int, str], at: str, operator: str, entries: Sequence[Entry]
) -> None:
    """Hang these entries on the locked head, in order."""
    if not entries:
        return
    seq, hash_ = head
    rows = []
    for entry in entries:
        seq += 1
        detail = canonical(entry.detail)
        hash_ = next_hash(hash_, seq, at, operator, entry.action, entry.subject, detail)
        told = {"action": entry.action, "subject": entry.subject, "detail": detail}
        rows.append({"store": store, "seq": seq, "at": at, "operator": operator, **told, "hash": hash_})
    connection.execute(audit.insert(), rows)
    connection.execute(_MOVE_HEAD, {"our_store": store, "seq": seq, "hash": hash_})
