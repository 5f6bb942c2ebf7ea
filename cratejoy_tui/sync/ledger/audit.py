"""The audit trail: who did what and when, in a chain that shows every later change."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from cratejoy_tui.sync.domain.books import AuditRecord, Verified
from cratejoy_tui.sync.ledger import chain
from cratejoy_tui.sync.ledger.rows import filled
from cratejoy_tui.sync.ledger.tables import audit, audit_heads
from cratejoy_tui.sync.ledger.transactions import Part, Transaction, reads

AT_ONCE = 1000


class Audit(Part):
    """Reading and checking the trail. Records are written by the transactions they tell of."""

    @reads
    def records(
        self, transaction: Transaction, after_seq: int = 0, limit: int = 500, subject: str | None = None
    ) -> list[AuditRecord]:
        """Records in order, after the given number; all of them, or those about one shipment."""
        query = select(audit).where(audit.c.store == transaction.store, audit.c.seq > after_seq)
        if subject is not None:
            query = query.filter_by(subject=subject)
        rows = transaction.connection.execute(query.order_by(audit.c.seq).limit(limit))
        return [filled(AuditRecord, row, at=datetime.fromisoformat(row.at)) for row in rows]

    @reads
    def verify(self, transaction: Transaction) -> Verified:
        """Check the whole chain: finds records that were changed, removed, added, moved or cut off."""
        seq, hash_ = 0, chain.first_hash(transaction.store)
        query = select(audit).filter_by(store=transaction.store).order_by(audit.c.seq)
        with transaction.connection.execute(query.execution_options(yield_per=AT_ONCE)) as rows:
            for row in rows:
                seq += 1
                hash_ = chain.next_hash(hash_, seq, row.at, row.operator, row.action, row.subject, row.detail)
                if row.seq != seq or row.hash != hash_:
                    return Verified(ok=False, count=seq, broken_at=seq)
        heads = select(audit_heads.c.seq, audit_heads.c.hash).filter_by(store=transaction.store)
        if tuple(transaction.connection.execute(heads).one()) != (seq, hash_):
            return Verified(ok=False, count=seq, broken_at=seq + 1)
        return Verified(ok=True, count=seq, head=hash_)
