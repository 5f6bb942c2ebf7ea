"""How a method becomes a transaction: one writer thread, one reader thread, one transaction per call.

The parts of the ledger are plain code that takes the open transaction first. `reads` and `writes` turn it into
async methods. A caller may be cancelled at any time; the transaction it began is finished first.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

import msgspec
from sqlalchemy import Connection, Engine, Executable

from cratejoy_tui.errors import LedgerError
from cratejoy_tui.sync.ledger import chain
from cratejoy_tui.sync.ledger.faults import translated
from cratejoy_tui.sync.ledger.rows import AnyRow
from cratejoy_tui.sync.ledger.upsert import LISTED, STORE
from cratejoy_tui.sync.ports import Clock

S = TypeVar("S", bound="Part")
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(slots=True)
class Transaction:
    """The open transaction a ledger method works in."""

    connection: Connection
    store: str
    operator: str
    now: datetime
    entries: list[chain.Entry] = field(default_factory=list)
    purged: bool = False
    """Bytes were given up that must also leave the files on disk."""

    def run(self, statement: Executable, ids: Iterable[str | int], **values: Any) -> Iterable[AnyRow]:
        """Do what a statement with `among` says to the rows of these ids; returns those that a query finds."""
        listed = msgspec.json.encode(list(ids)).decode()
        return self.connection.execute(statement, {STORE.key: self.store, LISTED.key: listed, **values})

    def record(self, action: str, subject: str = "", **detail: chain.Value) -> None:
        """Put one record into the audit chain; it is written with the rest of the transaction, or not at all."""
        self.entries.append(chain.Entry(action, subject, detail))


class Database(Protocol):
    """Where a ledger lives."""

    name: str
    """As an operator knows it; never with a password."""

    @property
    def writer(self) -> Engine: ...

    @property
    def reader(self) -> Engine: ...

    def guard(self) -> AbstractContextManager[object]:
        """Keep every other writer out for the block."""
        ...

    def tidy(self, *, purged: bool) -> None:
        """Called after each commit, still guarded."""
        ...

    def close(self) -> None: ...


class Threads:
    """The two threads all work of one ledger is done in."""

    def __init__(self, database: Database, store: str, ledger_id: str, clock: Clock, operator: str) -> None:
        self.database = database
        self.store = store
        self.ledger_id = ledger_id
        self.operator = operator
        self._clock = clock
        self._is_closed = False
        self._writer = ThreadPoolExecutor(1, "ledger-writer")
        self._reader = ThreadPoolExecutor(1, "ledger-reader")

    async def write(self, work: Callable[[Transaction], R]) -> R:
        """Do this in one write transaction, with its audit records."""
        return await finished(self._submit(self._writer, self._write, self._clock.now(), work))

    async def read(self, work: Callable[[Transaction], R]) -> R:
        """Do this in one read transaction, which sees one moment of the ledger and cannot change it."""
        return await finished(self._submit(self._reader, self._read, self._clock.now(), work))

    async def close(self) -> None:
        """Finish what is queued, then let go of the database. Harmless when repeated."""
        if self._is_closed:
            return
        self._is_closed = True
        await finished(self._submit(self._reader, self.database.reader.dispose))
        await finished(self._submit(self._writer, self._close))
        self._reader.shutdown()
        self._writer.shutdown()

    def _submit(
        self, executor: ThreadPoolExecutor, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs
    ) -> Future[R]:
        try:
            return executor.submit(work, *args, **kwargs)
        except RuntimeError as closed:
            raise LedgerError(f"The ledger {self.database.name} is closed.") from closed

    def _write(self, now: datetime, work: Callable[[Transaction], R]) -> R:
        with translated(self.database.name), self.database.guard():
            with self.database.writer.begin() as connection:
                transaction = self._transaction(connection, now)
                head = chain.lock_head(connection, self.store)
                result = work(transaction)
                chain.append(connection, self.store, head, now.isoformat(), self.operator, transaction.entries)
            self.database.tidy(purged=transaction.purged)
        return result

    def _read(self, now: datetime, work: Callable[[Transaction], R]) -> R:
        with translated(self.database.name), self.database.reader.begin() as connection:
            return work(self._transaction(connection, now))

    def _transaction(self, connection: Connection, now: datetime) -> Transaction:
        return Transaction(connection, self.store, self.operator, now)

    def _close(self) -> None:
        with translated(self.database.name), self.database.guard():
            self.database.close()


async def finished(work: Future[R]) -> R:
    """Wait for the thread's work, however often the waiting is cancelled; the cancellation goes on afterwards."""
    waiting = asyncio.wrap_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not waiting.done():
        try:
            await asyncio.wait([waiting])
        except asyncio.CancelledError as stop:
            cancelled = stop
    if cancelled is not None:
        raise cancelled from waiting.exception()
    return waiting.result()


class Part:
    """One noun of the ledger: what can be asked and changed about it."""

    __slots__ = ("threads",)

    def __init__(self, threads: Threads) -> None:
        self.threads = threads


def reads(method: Callable[Concatenate[S, Transaction, P], R]) -> Callable[Concatenate[S, P], Coroutine[Any, Any, R]]:
    """Make this method one read transaction in the reader thread."""

    async def call(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await self.threads.read(lambda transaction: method(self, transaction, *args, **kwargs))

    functools.update_wrapper(call, method)
    return call


def writes(method: Callable[Concatenate[S, Transaction, P], R]) -> Callable[Concatenate[S, P], Coroutine[Any, Any, R]]:
    """Make this method one write transaction in the writer thread."""

    async def call(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await self.threads.write(lambda transaction: method(self, transaction, *args, **kwargs))

    functools.update_wrapper(call, method)
    return call
