"""Opening a ledger: place, tables, threads, and the parts it is made of."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import make_url

from cratejoy_tui.errors import LedgerError
from cratejoy_tui.sync.ledger.audit import Audit
from cratejoy_tui.sync.ledger.faults import translated
from cratejoy_tui.sync.ledger.leases import Leases
from cratejoy_tui.sync.ledger.migrate import prepare
from cratejoy_tui.sync.ledger.operations import Operations
from cratejoy_tui.sync.ledger.people import People
from cratejoy_tui.sync.ledger.postgres import PostgresServer, name_of
from cratejoy_tui.sync.ledger.purge import Purge
from cratejoy_tui.sync.ledger.questions import Questions
from cratejoy_tui.sync.ledger.runs import Runs
from cratejoy_tui.sync.ledger.shipments import Shipments
from cratejoy_tui.sync.ledger.sqlite import SqliteFile
from cratejoy_tui.sync.ledger.tracking_book import TrackingBook
from cratejoy_tui.sync.ledger.transactions import Database, Threads, finished
from cratejoy_tui.sync.ledger.views import Views
from cratejoy_tui.sync.ports import Clock

URL = re.compile(r"[a-z][a-z0-9+]*://", re.IGNORECASE)


class Ledger:
    """What one store has seen, decided and done. Every method of its parts is one transaction."""

    def __init__(self, threads: Threads) -> None:
        self._threads = threads
        self.store = threads.store
        self.ledger_id = threads.ledger_id
        """Made once with the ledger, the same for all its stores."""
        self.name = threads.database.name
        """Where it is, for the operator."""
        self.shipments = Shipments(threads)
        self.operations = Operations(threads)
        self.tracking = TrackingBook(threads)
        self.people = People(threads)
        self.runs = Runs(threads)
        self.leases = Leases(threads)
        self.audit = Audit(threads)
        self.views = Views(threads)
        self.questions = Questions(threads)
        self._purge = Purge(threads)

    async def purge(self, before: datetime, by: str) -> int:
        """Forget names and addresses of boxes closed before this moment; returns how many boxes."""
        return await self._purge.closed_before(before, by)

    async def close(self) -> None:
        """Finish what is under way and let go of the file or server."""
        await self._threads.close()


async def open_ledger(url_or_path: str | Path, store: str, *, clock: Clock, operator: str) -> Ledger:
    """Open a store's ledger, making or migrating it first if needed.

    A path, or a `sqlite:///` or `postgresql://` URL. Raises LedgerError when it cannot be used, is damaged, or was
    changed by a newer program.
    """
    now = clock.now()
    with ThreadPoolExecutor(1, "ledger-opening") as opening:
        database, ledger_id = await finished(opening.submit(_open, str(url_or_path), store, now))
    return Ledger(Threads(database, store, ledger_id, clock, operator))


def _open(where: str, store: str, now: datetime) -> tuple[Database, str]:
    with translated(name_of(make_url(where)) if URL.match(where) else where):
        database = _database(where)
        try:
            return database, prepare(database, store, now)
        except BaseException:
            database.close()
            raise


def _database(where: str) -> Database:
    if not URL.match(where):
        return SqliteFile(Path(where))
    backend = make_url(where).get_backend_name()
    if backend == "sqlite":
        return SqliteFile(Path(make_url(where).database or ""))
    if backend.startswith("postgres"):
        return PostgresServer(where)
    raise LedgerError(
        f"A ledger cannot be kept in {backend}.", next_step="Give a file path or a postgresql:// URL in the settings."
    )
