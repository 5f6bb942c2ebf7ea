"""Runs and the settings they ran under."""

from __future__ import annotations

from sqlalchemy import select, update

from cratejoy_tui.sync.domain.books import Run, SettingsInForce
from cratejoy_tui.sync.ledger.rows import run
from cratejoy_tui.sync.ledger.tables import runs, settings
from cratejoy_tui.sync.ledger.transactions import Part, Transaction, reads, writes


class Runs(Part):
    """What ran, when, and how it ended."""

    @writes
    def begin(self, transaction: Transaction, kind: str) -> Run:
        """Note the start of a run."""
        values = {"kind": kind, "operator": transaction.operator, "started_at": transaction.now}
        insert = runs.insert().values(store=transaction.store, **values).returning(runs.c.id)
        run_id = transaction.connection.execute(insert).scalar_one()
        transaction.record("run began", run=run_id, kind=kind)
        return Run(id=run_id, kind=kind, operator=transaction.operator, started_at=transaction.now)

    @writes
    def finish(self, transaction: Transaction, run_id: int, exit_code: int, good: bool, summary: str = "") -> None:
        """Note the end of a run; `summary` is a JSON object of counts."""
        transaction.connection.execute(
            update(runs)
            .where(runs.c.store == transaction.store, runs.c.id == run_id)
            .values(ended_at=transaction.now, exit_code=exit_code, good=good, summary=summary)
        )
        transaction.record("run ended", run=run_id, exit_code=exit_code)

    @reads
    def last_good(self, transaction: Transaction) -> Run | None:
        """The newest run that did all its work."""
        query = select(runs).where(runs.c.store == transaction.store, runs.c.good).order_by(runs.c.id.desc()).limit(1)
        row = transaction.connection.execute(query).first()
        return run(row) if row is not None else None

    @reads
    def recent(self, transaction: Transaction, limit: int = 50) -> list[Run]:
        """The newest runs, newest first."""
        query = select(runs).where(runs.c.store == transaction.store).order_by(runs.c.id.desc()).limit(limit)
        return [run(row) for row in transaction.connection.execute(query)]

    @reads
    def settings_in_force(self, transaction: Transaction) -> SettingsInForce | None:
        """The rules of the last run."""
        return _in_force(transaction)

    @writes
    def put_settings(self, transaction: Transaction, rules: str, json: str, by: str) -> None:
        """Keep the rules a run starts under; the same rules again cause no write."""
        before = _in_force(transaction)
        if before is not None and before.rules == rules:
            return
        values = {"rules": rules, "json": json, "by": by, "since": transaction.now}
        transaction.connection.execute(settings.insert().values(store=transaction.store, **values))
        transaction.record("settings changed", rules=rules, former=before.rules if before else "", by=by)


def _in_force(transaction: Transaction) -> SettingsInForce | None:
    query = select(settings).where(settings.c.store == transaction.store).order_by(settings.c.id.desc()).limit(1)
    row = transaction.connection.execute(query).first()
    return SettingsInForce(rules=row.rules, json=row.json, by=row.by, since=row.since) if row is not None else None
