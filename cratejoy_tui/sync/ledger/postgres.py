"""A ledger on a PostgreSQL server, shared by a team's machines."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from sqlalchemy import create_engine
from sqlalchemy.engine import URL, make_url

CONNECT_SECONDS = 10


def name_of(url: URL) -> str:
    """A server and its database for the operator: nothing of user, password or options."""
    return f"{url.get_backend_name()}://{url.host or ''}/{url.database or ''}"


class PostgresServer:
    """One ledger in one schema of a PostgreSQL database."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url).set(drivername="postgresql+psycopg")
        self.name = name_of(parsed)
        engine = create_engine(
            parsed,
            hide_parameters=True,
            pool_size=2,
            max_overflow=0,
            pool_pre_ping=True,
            connect_args={"connect_timeout": CONNECT_SECONDS},
        )
        self._engine = engine
        self.writer = engine.execution_options(isolation_level="READ COMMITTED")
        self.reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def guard(self) -> AbstractContextManager[object]:
        """Nothing to do: the server keeps writers of one store apart by the locked end of its audit chain."""
        return nullcontext()

    def tidy(self, *, purged: bool) -> None:
        """Nothing to do: the server looks after its own files."""

    def close(self) -> None:
        """Let go of the server."""
        self._engine.dispose()
