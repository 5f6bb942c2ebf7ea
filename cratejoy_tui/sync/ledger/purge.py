"""Forgetting personal data: names, addresses and free text of boxes closed long ago, from every file we wrote."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from cratejoy_tui.sync.domain.stage import CLOSED_STAGES
from cratejoy_tui.sync.ledger.sqlite import SqliteFile, backups_of
from cratejoy_tui.sync.ledger.tables import attempts, notes, operations, parcels, search_texts, shipments, tasks
from cratejoy_tui.sync.ledger.transactions import Part, Transaction, writes
from cratejoy_tui.sync.ledger.upsert import groups

KEEP_COPIES = timedelta(days=7)
"""How long a copy made before a change of the tables is kept; it holds what purge takes away."""


class Purge(Part):
    """The one place where content is destroyed. Ids, stages and fingerprints stay, so the audit chain still holds."""

    @writes
    def closed_before(self, transaction: Transaction, before: datetime, by: str) -> int:
        """Forget the content of boxes closed before this moment. Returns how many; open boxes are never touched."""
        query = select(shipments.c.id).where(
            shipments.c.store == transaction.store,
            shipments.c.stage.in_(sorted(CLOSED_STAGES)),
            shipments.c.stage_since < before,
            shipments.c.payload.is_not(None),
        )
        ids = list(transaction.connection.execute(query).scalars())
        for group in groups(ids):
            _forget(transaction, group)
        strangers = _forget_strangers(transaction, before)
        _drop_copies(self, transaction)
        if ids or strangers:
            transaction.purged = True
            transaction.record("purged", boxes=len(ids), strangers=strangers, before=before.isoformat(), by=by)
        return len(ids)


def _forget(transaction: Transaction, ids: list[str]) -> None:
    execute, store = transaction.connection.execute, transaction.store
    execute(
        update(shipments)
        .where(shipments.c.store == store, shipments.c.id.in_(ids))
        .values(payload=None, salt="", detail="", hold_reason="")
    )
    execute(delete(search_texts).where(search_texts.c.store == store, search_texts.c.id.in_(ids)))
    of_boxes = (operations.c.store == store) & operations.c.shipment_id.in_(ids)
    execute(
        update(attempts).where(attempts.c.operation_id.in_(select(operations.c.id).where(of_boxes))).values(error="")
    )
    execute(update(operations).where(of_boxes).values(payload=None, error="", reason=""))
    execute(update(parcels).where(parcels.c.store == store, parcels.c.shipment_id.in_(ids)).values(tracking_link=""))
    execute(update(notes).where(notes.c.store == store, notes.c.shipment_id.in_(ids)).values(text=""))
    execute(update(tasks).where(tasks.c.store == store, tasks.c.shipment_id.in_(ids)).values(text="", note=""))


def _forget_strangers(transaction: Transaction, before: datetime) -> int:
    """Parcels under numbers that never became ours."""
    gone = transaction.connection.execute(
        delete(parcels).where(
            parcels.c.store == transaction.store, parcels.c.shipment_id == "", parcels.c.changed_at < before
        )
    )
    return gone.rowcount


def _drop_copies(part: Part, transaction: Transaction) -> None:
    database = part.threads.database
    if not isinstance(database, SqliteFile):
        return
    for copy in backups_of(database.path):
        if copy.stat().st_mtime < (transaction.now - KEEP_COPIES).timestamp():
            copy.unlink()
