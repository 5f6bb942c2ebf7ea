"""Brings a ledger's tables to what this program expects: makes them, changes them, or refuses."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import Connection, inspect, select, text, update

from cratejoy_tui.errors import LedgerError
from cratejoy_tui.sync.ledger import chain, tables
from cratejoy_tui.sync.ledger.migrations import REVISION
from cratejoy_tui.sync.ledger.sqlite import SqliteFile, backup_path
from cratejoy_tui.sync.ledger.transactions import Database

MAKING_LOCK = 4839017261
"""Any number, as long as every program takes the same one: two of them must not make the tables at once."""


def prepare(database: Database, store: str, now: datetime) -> str:
    """Make or change the tables if needed, and give the store its chain. Returns the ledger's id.

    Raises LedgerError for a ledger that a newer program has changed, and for a file that is no ledger.
    """
    with database.guard():
        with database.writer.begin() as connection:
            stored = stored_revision(connection, database.name)
        if stored is not None and stored < REVISION and isinstance(database, SqliteFile):
            database.copy_to(backup_path(database.path, stored, now))
        with database.writer.begin() as connection:
            _lock(connection)
            _bring_up(connection, database.name, now)
            _begin_chain(connection, store)
            return str(connection.execute(select(tables.ledger.c.ledger_id)).scalar_one())


def stored_revision(connection: Connection, name: str) -> int | None:
    """How the tables of this ledger look; None when there are none yet."""
    there = set(inspect(connection).get_table_names())
    if "ledger" in there:
        return int(connection.execute(select(tables.ledger.c.revision)).scalar_one())
    if there and connection.dialect.name == "sqlite":
        raise LedgerError(
            f"The file {name} belongs to another program.", next_step="Give the ledger a file of its own."
        )
    return None


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MAKING_LOCK})


def _bring_up(connection: Connection, name: str, now: datetime) -> None:
    stored = stored_revision(connection, name)
    if stored is None:
        tables.metadata.create_all(connection)
        stamp(connection, now)
    elif stored > REVISION:
        raise LedgerError(
            f"The ledger {name} was changed by a newer cratejoy-tui (revision {stored}; this one knows {REVISION}).",
            next_step="Update cratejoy-tui on this machine.",
        )
    elif stored < REVISION:
        migrate(connection, stored)


def stamp(connection: Connection, now: datetime) -> None:
    """Write down who this new ledger is and how its tables look."""
    row = {"id": 1, "ledger_id": secrets.token_hex(8), "revision": REVISION, "made_at": now}
    connection.execute(tables.ledger.insert(), row)


def migrate(connection: Connection, stored: int) -> None:
    """Change the tables step by step, in one transaction."""
    from importlib import import_module

    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    operations = Operations(MigrationContext.configure(connection))
    for revision in range(stored + 1, REVISION + 1):
        step = import_module(f"cratejoy_tui.sync.ledger.migrations.revision_{revision:04}")
        step.upgrade(operations)
    connection.execute(update(tables.ledger).values(revision=REVISION))


def _begin_chain(connection: Connection, store: str) -> None:
    heads = tables.audit_heads
    if connection.execute(select(heads.c.seq).where(heads.c.store == store)).first() is not None:
        return
    connection.execute(heads.insert(), {"store": store, "seq": 0, "hash": chain.first_hash(store)})
