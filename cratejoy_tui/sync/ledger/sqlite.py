"""A ledger in one SQLite file, safe for several programs on one machine.

Older SQLite versions can damage the file when a checkpoint runs beside a commit, so both happen only while an
operating-system lock is held, and SQLite never checkpoints by itself.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import AbstractContextManager, closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL

from cratejoy_tui.errors import LedgerError
from cratejoy_tui.sync.ledger.faults import RESTORE

LOCK_WAIT_SECONDS = 60.0
BUSY_WAIT_SECONDS = 10.0
POLL_SECONDS = 0.004
CHECKPOINT_BYTES = 4 * 1024 * 1024
KEPT_WAL_BYTES = 1024 * 1024
"""What is left of the write-ahead file when it starts anew; uncut, it would look due for tidying after every commit."""
NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph"})

EVERYWHERE = ("PRAGMA wal_autocheckpoint=0", "PRAGMA temp_store=MEMORY")
WRITER = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    f"PRAGMA journal_size_limit={KEPT_WAL_BYTES}",
    *EVERYWHERE,
)
READER = ("PRAGMA query_only=ON", *EVERYWHERE)


class SqliteFile:
    """One ledger file with its lock file beside it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = str(path)
        make_private(path)
        refuse_network_file_system(path)
        self._lock = FileLock(f"{path}.lock", mode=0o600, timeout=LOCK_WAIT_SECONDS, poll_interval=POLL_SECONDS)
        self._truncate_owed = False
        was_left_open = self._wal_bytes() > 0
        self.writer = _engine(path, "BEGIN IMMEDIATE", WRITER)
        self.reader = _engine(path, "BEGIN", READER)
        if was_left_open:
            with self.guard():
                self._refuse_damaged()

    def guard(self) -> AbstractContextManager[object]:
        """Keep every other program out while writing."""
        return self._lock

    def tidy(self, *, purged: bool) -> None:
        """Move what was committed from the write-ahead file into the ledger, now and then."""
        self._truncate_owed = self._truncate_owed or purged
        if self._truncate_owed:
            [busy, *_] = self._run("PRAGMA wal_checkpoint(TRUNCATE)")
            self._truncate_owed = bool(busy)
        elif self._wal_bytes() > CHECKPOINT_BYTES:
            self._run("PRAGMA wal_checkpoint(PASSIVE)")

    def copy_to(self, target: Path) -> None:
        """Write a whole, compact copy of the ledger, readable by its owner only."""
        make_private(target)
        self._run("VACUUM INTO ?", str(target))

    def close(self) -> None:
        """Let go of the file; the last program to do so tidies it up."""
        self.reader.dispose()
        self.writer.dispose()

    def _wal_bytes(self) -> int:
        try:
            return Path(f"{self.path}-wal").stat().st_size
        except FileNotFoundError:
            return 0

    def _refuse_damaged(self) -> None:
        [verdict] = self._run("PRAGMA quick_check(1)")
        if verdict != "ok":
            raise LedgerError(f"The ledger {self.name} is damaged: {verdict}.", next_step=RESTORE)

    def _run(self, statement: str, *values: str) -> tuple[Any, ...]:
        """Run one statement outside any transaction."""
        with self.writer.connect() as connection:
            connection.info["quiet"] = True
            try:
                result = connection.exec_driver_sql(statement, values or None)
                row = result.first() if result.returns_rows else None
            finally:
                connection.info.pop("quiet")
        return tuple(row) if row is not None else (0,)


def backup_path(path: Path, revision: int, now: datetime) -> Path:
    """Where the copy goes that is made before the tables are changed."""
    return path.with_name(f"{path.name}.before-{revision + 1}-{now:%Y%m%dT%H%M%S%f}Z")


def backups_of(path: Path) -> list[Path]:
    """The copies made before changes of the tables, oldest first."""
    return sorted(path.parent.glob(f"{path.name}.before-*"))


def make_private(path: Path) -> None:
    """Make the folder and the file, for their owner only, before anything is written to them."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        # A file that is there must not be opened: closing it again would drop the locks that SQLite holds on it
        # for other connections of this very process.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)


def refuse_network_file_system(path: Path) -> None:
    """Programs share a ledger file through memory, which works on one machine's own disks only."""
    mounts = Path("/proc/self/mounts")
    if not mounts.exists():
        return
    folder = path.parent.resolve()
    kind, longest = "", -1
    for line in mounts.read_text(errors="replace").splitlines():
        _, point, type_, *_ = line.split(" ")
        mounted = Path(point.encode().decode("unicode_escape", errors="replace"))
        if folder.is_relative_to(mounted) and len(mounted.parts) > longest:
            kind, longest = type_, len(mounted.parts)
    if kind in NETWORK_FILE_SYSTEMS:
        raise LedgerError(
            f"The ledger {path} lies on a network file system ({kind}), where it could be damaged.",
            next_step="Put it on a local disk, or use a PostgreSQL URL to share it.",
        )


def _engine(path: Path, begin: str, pragmas: tuple[str, ...]) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        hide_parameters=True,
        pool_size=1,
        max_overflow=0,
        connect_args={"timeout": BUSY_WAIT_SECONDS},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None
        with closing(connection.cursor()) as cursor:
            for pragma in pragmas:
                cursor.execute(pragma)

    @event.listens_for(engine, "begin")
    def begin_as_wanted(connection: Connection) -> None:
        if "quiet" not in connection.info:
            connection.exec_driver_sql(begin)

    return engine
