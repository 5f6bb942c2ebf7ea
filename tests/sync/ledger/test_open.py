from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, create_engine, inspect, text, update
from sqlalchemy.engine import make_url

from cratejoy_tui.errors import LedgerError
from cratejoy_tui.sync.domain.shipment import revision
from cratejoy_tui.sync.domain.stage import OPEN_STAGES, Stage
from cratejoy_tui.sync.ledger import Ledger, migrate, open_ledger, tables
from cratejoy_tui.sync.ledger.migrations import REVISION
from cratejoy_tui.sync.ledger.sqlite import make_private
from tests.sync.factories import NOW, shipment
from tests.sync.ledger import first_revision
from tests.sync.ledger.conftest import Open
from tests.sync.ledger.steps import SetClock, box, plan, push

only_sqlite = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


def schema_of(connection: Connection) -> dict[str, Any]:
    """Everything the database says of its tables."""
    inspector = inspect(connection)
    return {
        name: {
            "columns": [column | {"type": repr(column["type"])} for column in inspector.get_columns(name)],
            "key": inspector.get_pk_constraint(name),
            "indexes": sorted(str(plain(index)) for index in inspector.get_indexes(name)),
            "unique": sorted(inspector.get_unique_constraints(name), key=lambda unique: str(unique["name"])),
        }
        for name in inspector.get_table_names()
    }


def plain(index: Any) -> dict[str, str]:
    """An index with its condition as text."""
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return {name: str(value) for name, value in index.items()} | {"dialect_options": str(options)}


async def test_a_migrated_ledger_equals_a_fresh_one(place: str) -> None:
    engine = create_engine(make_url(place if "://" in place else "sqlite://"))
    with engine.connect() as connection:
        with connection.begin() as made:
            tables.metadata.create_all(connection)
            fresh = schema_of(connection)
            if connection.dialect.name == "postgresql":
                made.rollback()
            else:
                tables.metadata.drop_all(connection)
        with connection.begin():
            first_revision.make(Operations(MigrationContext.configure(connection)))
            migrate.migrate(connection, 1)
            assert schema_of(connection) == fresh
            assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
    engine.dispose()


async def test_a_ledger_keeps_its_id_and_content(ledger: Ledger, opened: Open) -> None:
    await push(ledger, "1")
    again = await opened()
    assert again.ledger_id == ledger.ledger_id
    assert await again.shipments.counts() == {Stage.AT_WAREHOUSE: 1}


async def test_a_ledger_of_the_first_revision_is_copied_and_brought_up_to_date(place: str, opened: Open) -> None:
    make_first_revision(place)
    ledger = await opened()
    assert ledger.ledger_id == "first"
    stored = await box(ledger, "7")
    assert (stored.shipment, stored.stage) == (shipment(id="7"), Stage.SEEN)
    await plan(ledger, "8")
    assert (await ledger.audit.verify()).ok
    assert await (await opened()).shipments.ids(OPEN_STAGES) == ["7", "8"]
    if "://" not in place:
        assert copied(place) == [("7", 1)]


def make_first_revision(place: str) -> None:
    """A ledger as the first version of the program left it, with one box."""
    told = shipment(id="7")
    row = {
        "store": "shop",
        "id": "7",
        "stage": Stage.SEEN,
        "stage_since": NOW,
        "status": "unshipped",
        "revision": revision(told),
        "fingerprint": "f7",
        "first_seen_at": NOW,
        "changed_at": NOW,
        "salt": "s",
        "payload": msgspec.json.encode(told),
    }
    engine = create_engine(make_url(place if "://" in place else f"sqlite:///{place}"))
    with engine.begin() as connection:
        first_revision.make(Operations(MigrationContext.configure(connection)))
        head = {"id": 1, "ledger_id": "first", "revision": 1, "made_at": NOW}
        connection.execute(tables.ledger.insert(), head)
        connection.execute(tables.shipments.insert(), row)
    engine.dispose()


def copied(place: str) -> list[tuple[str, int]]:
    """What the copy made before the change holds: its box and its revision."""
    [copy] = Path(place).parent.glob("*.before-*")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(sqlite3.connect(copy)) as connection:
        return connection.execute("SELECT shipments.id, ledger.revision FROM shipments, ledger").fetchall()


async def test_a_ledger_changed_by_a_newer_program_is_refused(place: str, opened: Open) -> None:
    await opened()
    engine = create_engine(make_url(place if "://" in place else f"sqlite:///{place}"))
    with engine.begin() as connection:
        connection.execute(update(tables.ledger).values(revision=REVISION + 1))
    engine.dispose()
    with pytest.raises(LedgerError, match=r"newer cratejoy-tui .* Update cratejoy-tui") as refused:
        await opened()
    assert refused.value.exit_code == 7


@only_sqlite
async def test_folder_and_files_are_their_owners_alone(tmp_path: Path, opened: Open) -> None:
    old = os.umask(0o022)
    try:
        ledger = await opened(str(tmp_path / "new" / "deeper" / "ledger.db"))
        await plan(ledger, "1")
        assert modes(tmp_path / "new" / "deeper") == {0o600}
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "new" / "deeper").stat().st_mode) == 0o700


def modes(folder: Path) -> set[int]:
    files = list(folder.iterdir())
    assert len(files) == 4, "ledger, -wal, -shm, .lock"
    return {stat.S_IMODE(path.stat().st_mode) for path in files}


@only_sqlite
async def test_a_file_others_could_read_is_closed_to_them(place: str, tmp_path: Path, opened: Open) -> None:
    write(place, b"")
    await opened()
    assert modes(tmp_path) == {0o600}


def write(place: str, content: bytes) -> None:
    Path(place).touch(0o644)
    Path(place).write_bytes(content)


@only_sqlite
def test_looking_at_the_file_does_not_drop_the_locks_on_it(place: str) -> None:
    with closing(sqlite3.connect(place, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE ours (id)")
        connection.execute("BEGIN EXCLUSIVE")
        make_private(Path(place))
        code = f"import sqlite3; sqlite3.connect({place!r}, timeout=0).execute('SELECT * FROM ours')"
        other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert "database is locked" in other.stderr


@only_sqlite
def test_a_fresh_ledger_needs_no_migration_tool(place: str) -> None:
    code = f"""
import asyncio, sys
from cratejoy_tui.sync.ledger import open_ledger
from tests.sync.ledger.steps import SetClock
asyncio.run(open_ledger({place!r}, "shop", clock=SetClock(), operator="ann"))
print("alembic" in sys.modules, "psycopg" in sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "False"]


@only_sqlite
async def test_a_file_of_another_program_is_refused(place: str, opened: Open) -> None:
    with closing(sqlite3.connect(place)) as connection:
        connection.execute("CREATE TABLE theirs (id)")
    with pytest.raises(LedgerError, match="belongs to another program"):
        await opened()


@only_sqlite
async def test_a_file_that_is_no_database_is_refused(place: str, opened: Open) -> None:
    write(place, b"Dear diary, " * 1000)
    with pytest.raises(LedgerError, match=r"the file is not a ledger\. Do not send anything\."):
        await opened()


@only_sqlite
async def test_a_damaged_file_left_open_is_refused(place: str, opened: Open) -> None:
    ledger = await opened()
    for start in range(0, 400, 50):
        await plan(ledger, *(str(nr) for nr in range(start, start + 50)))
    await ledger.close()
    damage(place)
    with pytest.raises(LedgerError, match=r"damaged"):
        await opened()


def damage(place: str) -> None:
    """Overwrite pages in the middle, and leave a write-ahead file as a killed program would."""
    with Path(place).open("r+b") as file:
        file.seek(20 * 4096)
        file.write(b"\xff" * 4096 * 20)
    Path(f"{place}-wal").write_bytes(b"\0" * 32)


async def test_a_place_that_cannot_be_reached_says_so(clock: SetClock) -> None:
    url = "postgresql://ann:very-secret@127.0.0.1:9/ledger?connect_timeout=1"
    with pytest.raises(LedgerError, match=r"cannot be reached|connection .* lost") as error:
        await open_ledger(url, "shop", clock=clock, operator="ann")
    assert "very-secret" not in str(error.value)


async def test_an_unknown_kind_of_database_is_refused(clock: SetClock) -> None:
    with pytest.raises(LedgerError, match="cannot be kept in mysql"):
        await open_ledger("mysql://localhost/x", "shop", clock=clock, operator="ann")


async def test_a_folder_that_cannot_be_made_is_a_ledger_error(tmp_path: Path, clock: SetClock) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LedgerError, match="cannot be used: "):
        await open_ledger(tmp_path / "file" / "ledger.db", "shop", clock=clock, operator="ann")


async def test_a_closed_ledger_says_so(place: str, clock: SetClock) -> None:
    ledger = await open_ledger(place, "shop", clock=clock, operator="ann")
    await ledger.close()
    with pytest.raises(LedgerError, match="is closed"):
        await ledger.shipments.counts()


@only_sqlite
async def test_the_reader_cannot_write(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="it may not be written"):
        await ledger._threads.read(lambda transaction: transaction.connection.execute(text("DELETE FROM runs")))


@only_sqlite
async def test_sqlite_is_set_up_to_keep_what_it_was_given(ledger: Ledger) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "wal_autocheckpoint": 0, "secure_delete": 1}
    found = await ledger._threads.write(
        lambda transaction: {name: transaction.connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}
    )
    assert found == wanted


async def test_times_come_back_as_they_were_in_utc(ledger: Ledger) -> None:
    await ledger.people.set_adoption(True, 0, "ann")
    adoption = await ledger.people.adoption()
    assert adoption is not None
    assert (adoption.at, str(adoption.at.tzinfo)) == (NOW, "UTC")
