"""Forgetting personal data: names, addresses and free text of boxes closed long ago, from every file we wrote."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from cratejoy_tui.sync.domain.stage import CLOSED_STAGES
from cratejoy_tui.sync.ledger.sqlite import SqliteFile, backups_of
from cratejoy_tui.sync.ledger.tables import (
    OF_ANY_KIND,
    attempts,
    notes,
    operations,
    parcels,
    search_texts,
    shipments,
    tasks,
)
from cratejoy_tui.sync.ledger.transactions import Part, Transaction, writes
from cratejoy_tui.sync.ledger.upsert import among

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
        _forget(transaction, ids)
        strangers = _forget_strangers(transaction, before)
        _drop_copies(self, transaction)
        if ids or strangers:
            transaction.purged = True
            transaction.record("purged", boxes=len(ids), strangers=strangers, before=before.isoformat(), by=by)
        return len(ids)


def _forget(transaction: Transaction, ids: Sequence[str]) -> None:
    of_boxes = OF_ANY_KIND & among(operations.c.shipment_id)
    theirs = attempts.c.operation_id.in_(select(operations.c.id).where(of_boxes))
    for statement in (
        update(shipments).where(among(shipments.c.id)).values(payload=None, salt="", detail="", hold_reason=""),
        delete(search_texts).where(among(search_texts.c.id)),
        update(attempts).where(theirs).values(error=""),
        update(operations).where(of_boxes).values(payload=None, error="", reason=""),
        update(parcels).where(among(parcels.c.shipment_id)).values(tracking_link=""),
        update(notes).where(among(notes.c.shipment_id)).values(text=""),
        update(tasks).where(among(tasks.c.shipment_id)).values(text="", note=""),
    ):
        transaction.run(statement, ids)


def _forget_strangers(transaction: Transaction, before: datetime) -> int:
    """Parcels under numbers that never became ours."""
    strangers = delete(parcels).filter_by(store=transaction.store, shipment_id="")
    return transaction.connection.execute(strangers.where(parcels.c.changed_at < before)).rowcount


def _drop_copies(part: Part, transaction: Transaction) -> None:
    database = part.threads.database
    if not isinstance(database, SqliteFile):
        return
    for copy in backups_of(database.path):
        if copy.stat().st_mtime < (transaction.now - KEEP_COPIES).timestamp():
            copy.unlink()
