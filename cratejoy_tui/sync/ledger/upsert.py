"""Insert-or-update and in-lists, the two things both databases spell their own way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")

AT_ONCE = 500
"""Ids asked for in one statement."""


def upsert(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    key: Collection[str],
    keep: Collection[str] = (),
) -> None:
    """Insert these rows; where the key is there already, update everything given except `keep`. All have equal keys."""
    if not rows:
        return
    insert = postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
    changed = {name: insert.excluded[name] for name in rows[0] if name not in key and name not in keep}
    statement = insert.on_conflict_do_update(index_elements=list(key), set_=changed)
    connection.execute(statement, list(rows))


def groups(items: Iterable[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    """The items in lists of at most `size`."""
    items = list(items)
    for start in range(0, len(items), size):
        yield items[start : start + size]
