"""Insert-or-update and in-lists, the two things both databases spell their own way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Integer,
    LargeBinary,
    Table,
    Text,
    and_,
    bindparam,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

STORE: BindParameter[str] = bindparam("our_store")
LISTED: BindParameter[str] = bindparam("listed", type_=Text())
"""Of statements for many ids: whose rows, and the ids as one JSON text; hundreds of places would cost far more."""


class _EachText(FunctionElement[Any]):
    """The members of a JSON list, as rows."""

    inherit_cache = True
    type: TypeEngine[Any] = Text()


class _EachNumber(_EachText):
    inherit_cache = True
    type = BigInteger()


@compiles(_EachText, "sqlite")
def _as_sqlite(element: _EachText, compiler: SQLCompiler, **how: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **how)}))"  # noqa: S608 - our own place


@compiles(_EachText, "postgresql")
def _as_postgres(element: _EachText, compiler: SQLCompiler, **how: Any) -> str:
    each = f"json_array_elements_text(CAST({compiler.process(element.clauses, **how)} AS json))"
    return f"(SELECT CAST({each} AS {compiler.dialect.type_compiler_instance.process(element.type)}))"


def among(column: Column[Any]) -> ColumnElement[bool]:
    """Rows of STORE whose column is one of the ids that LISTED holds; for `Transaction.run`."""
    each = _EachNumber if isinstance(column.type, Integer) else _EachText
    return and_(column.table.c.store == STORE, column.bool_op("IN")(each(LISTED)))


def upsert(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    key: Collection[str],
    keep: Collection[str] = (),
) -> None:
    """Insert these rows; where the key is there already, update everything given except `keep`. All have equal keys.

    Columns that are left out begin at their default.
    """
    if not rows:
        return
    statement, names = _statement(connection.dialect.name, table, tuple(rows[0]), tuple(key), tuple(keep))
    # Thousands of rows take the short way: values are made ready for the driver column by column.
    columns = zip(*map(itemgetter(*names), rows), strict=True)
    converters = _converters(connection.dialect, table, names)
    ready = [
        _ready(column, convert) if convert else column for column, convert in zip(columns, converters, strict=True)
    ]
    connection.exec_driver_sql(statement, list(zip(*ready, strict=True)))


def _ready(column: Sequence[Any], convert: Callable[[Any], Any]) -> Iterable[Any]:
    """Moments and words: many rows share a few, and each is converted once."""
    converted = {value: convert(value) for value in set(column)}
    return map(converted.__getitem__, column)


@lru_cache(maxsize=64)
def _statement(
    dialect: str, table: Table, names: tuple[str, ...], key: tuple[str, ...], keep: tuple[str, ...]
) -> tuple[str, tuple[str, ...]]:
    """The statement as the driver takes it, and the columns its places stand for."""
    is_postgres = dialect == "postgresql"
    insert = (postgresql.insert(table) if is_postgres else sqlite.insert(table)).inline()
    changed = {name: insert.excluded[name] for name in names if name not in key and name not in keep}
    whole = insert.on_conflict_do_update(index_elements=list(key), set_=changed)
    spelling = postgresql.dialect(paramstyle="format") if is_postgres else sqlite.dialect()  # type: ignore[no-untyped-call]
    compiled = whole.compile(dialect=spelling, column_keys=list(names))
    return compiled.string, tuple(compiled.positiontup or ())


@lru_cache(maxsize=64)
def _converters(dialect: Dialect, table: Table, names: tuple[str, ...]) -> tuple[Callable[[Any], Any] | None, ...]:
    """What each column's type does to a value before the driver gets it; None where it goes as it is."""
    types = [table.c[name].type for name in names]
    # Drivers take bytes as they are.
    return tuple(
        [None if isinstance(t, LargeBinary) else t.dialect_impl(dialect).bind_processor(dialect) for t in types]
    )
