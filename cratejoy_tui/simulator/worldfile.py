"""The file a simulated world lives in: transactions, remembered facts, counters."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from cratejoy_tui.errors import SettingsInvalid
from cratejoy_tui.simulator.tables import SCHEMA, SCHEMA_VERSION


class WorldFile:
    """One SQLite file, safe to be used by several threads and processes, and safe from kills."""

    def __init__(self, path: Path | str) -> None:
        self.path = str(path)
        self._lock = threading.RLock()
        self._depth = 0
        self.cache: dict[tuple[str, int], dict[str, Any]] = {}
        """Documents read in the running transaction."""
        self._facts: dict[str, str] = {}
        """Facts read in the running transaction."""
        self.db = sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
        try:
            for setting in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-65536"):
                self.db.execute(f"PRAGMA {setting}")
            self._make_tables()
        except BaseException:
            self.db.close()
            raise

    def _make_tables(self) -> None:
        with self.change():
            found = self.db.execute("PRAGMA user_version").fetchone()[0]
            if found not in (0, SCHEMA_VERSION):
                raise SettingsInvalid(
                    [f"the simulated world {self.path} was made by another version of this program"],
                    next_step="Begin anew with --demo-reset, or name another file.",
                )
            if not found:
                for statement in SCHEMA.split(";\n"):
                    if statement.strip():
                        self.db.execute(statement)
                self.db.execute(f"PRAGMA user_version={SCHEMA_VERSION}")

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self.db.close()

    # transactions

    def change(self) -> AbstractContextManager[None]:
        """One transaction that may write: all of it is kept or nothing; inner ones join the outer."""
        return self._transaction("BEGIN IMMEDIATE")

    def look(self) -> AbstractContextManager[None]:
        """One transaction that only reads: everything in it is seen at one moment."""
        return self._transaction("BEGIN")

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        with self._lock:
            if self._depth:
                yield
                return
            self.db.execute(begin)
            self._depth = 1
            try:
                yield
                self.db.execute("COMMIT")
            except BaseException:
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
                raise
            finally:
                self._depth = 0
                self.cache.clear()
                self._facts.clear()

    @property
    def in_transaction(self) -> bool:
        """Is something under way that sees the world at one moment?"""
        return self._depth > 0

    # small facts

    def fact(self, key: str, default: str = "") -> str:
        """One remembered fact."""
        with self._lock:
            held = self._facts.get(key)
            if held is None:
                row = self.db.execute("SELECT value FROM meta WHERE key=?", (key,)).fetchone()
                held = "" if row is None else str(row[0])
                if self._depth:
                    self._facts[key] = held
        return held or default

    def remember(self, key: str, value: object) -> None:
        """Keep one fact."""
        with self.change():
            self.db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, str(value)))
            self._facts[key] = str(value)

    def count(self, name: str, start: int = 0) -> int:
        """The next value of a counter, kept for ever; the first one is `start` + 1."""
        with self.change():
            row = self.db.execute(
                "INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
                (name, start + 1),
            ).fetchone()
        return int(row[0])

    def counted(self, name: str) -> int:
        """Where a counter stands."""
        with self._lock:
            row = self.db.execute("SELECT value FROM counters WHERE name=?", (name,)).fetchone()
        return 0 if row is None else int(row[0])

    def wipe(self) -> None:
        """Forget everything."""
        with self.change():
            names = self.db.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall()
            for (name,) in names:
                self.db.execute(f"DELETE FROM {name}")  # noqa: S608 - our own table names
            self.db.execute(f"PRAGMA application_id={self.wipes() + 1}")
            self.cache.clear()
            self._facts.clear()

    def wipes(self) -> int:
        """How often everything was forgotten, by any process; what is remembered of an earlier time is void."""
        return int(self.db.execute("PRAGMA application_id").fetchone()[0])
