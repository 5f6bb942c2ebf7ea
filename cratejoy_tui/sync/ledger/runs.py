"""Runs, and the rules they ran under."""

from __future__ import annotations

from sqlalchemy import select, update

from cratejoy_tui.sync.domain.books import Run, SettingsInForce
from cratejoy_tui.sync.domain.rules import Rules, rules_hash, rules_json
from cratejoy_tui.sync.ledger.rows import filled
from cratejoy_tui.sync.ledger.tables import runs, settings
from cratejoy_tui.sync.ledger.transactions import Part, Transaction, reads, writes


class Runs(Part):
    """What ran, when, and how it ended."""

    @writes
    def begin(self, transaction: Transaction, kind: str, rules: Rules | None = None) -> Run:
        """Note the start of a run. The rules it works under are kept once; None, when it never got to know them."""
        values = {"kind": kind, "operator": transaction.operator, "started_at": transaction.now}
        insert = runs.insert().values(store=transaction.store, **values).returning(runs.c.id)
        run_id = transaction.connection.execute(insert).scalar_one()
        transaction.record("run began", run=run_id, kind=kind, rules=_keep(transaction, rules) if rules else "")
        return Run(id=run_id, kind=kind, operator=transaction.operator, started_at=transaction.now)

    @writes
    def finish(self, transaction: Transaction, run_id: int, exit_code: int, good: bool, summary: str = "") -> None:
        """Note the end of a run; `summary` is a JSON object of counts."""
        mine = update(runs).filter_by(store=transaction.store, id=run_id)
        ended = {"ended_at": transaction.now, "exit_code": exit_code, "good": good, "summary": summary}
        transaction.connection.execute(mine.values(**ended))
        transaction.record("run ended", run=run_id, exit_code=exit_code)

    @reads
    def last_good(self, transaction: Transaction) -> Run | None:
        """The newest run that did all its work."""
        query = select(runs).filter_by(store=transaction.store, good=True).order_by(runs.c.id.desc())
        row = transaction.connection.execute(query.limit(1)).first()
        return filled(Run, row) if row is not None else None

    @reads
    def recent(self, transaction: Transaction, limit: int = 50) -> list[Run]:
        """The newest runs, newest first."""
        query = select(runs).filter_by(store=transaction.store).order_by(runs.c.id.desc())
        return [filled(Run, row) for row in transaction.connection.execute(query.limit(limit))]

    @reads
    def rules(self, transaction: Transaction, limit: int = 50) -> list[SettingsInForce]:
        """The rules that runs worked under, newest first."""
        query = select(settings).filter_by(store=transaction.store).order_by(settings.c.id.desc())
        return [filled(SettingsInForce, row) for row in transaction.connection.execute(query.limit(limit))]


def _keep(transaction: Transaction, rules: Rules) -> str:
    """Keep the rules, unless they are kept; returns their fingerprint, by which verdicts and runs name them."""
    name = rules_hash(rules)
    known = select(settings.c.id).filter_by(store=transaction.store, rules=name)
    if transaction.connection.execute(known).first() is None:
        kept = {"rules": name, "json": rules_json(rules).decode(), "by": transaction.operator}
        transaction.connection.execute(settings.insert().values(store=transaction.store, since=transaction.now, **kept))
        transaction.record("rules kept", rules=name)
    return name
