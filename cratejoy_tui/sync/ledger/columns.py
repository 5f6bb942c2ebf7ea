"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from sqlalchemy import BigInteger, Boolean, Column, DateTime, Integer, String, Text, false, text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

E = TypeVar("E", bound=StrEnum)

Key = BigInteger().with_variant(Integer(), "sqlite")
"""Numbers rows. SQLite fills only a plain INTEGER key by itself."""

Id = Text().with_variant(Text(collation="C"), "postgresql")
"""Ids and numbers as text, compared byte by byte on both databases, so that pages follow each other alike."""


class Instant(TypeDecorator[datetime]):
    """A moment in UTC. Takes aware times only, gives aware times back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(String() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return _as_text(value) if dialect.name == "sqlite" else _as_utc(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return datetime.fromisoformat(value).replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


def _as_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone cannot be stored: {moment}")
    return moment.astimezone(UTC)


@lru_cache(maxsize=64)
def _as_text(moment: datetime) -> str:
    """Text of one length, so that comparing texts compares moments. Bulk writes carry one moment many times."""
    return _as_utc(moment).replace(tzinfo=None).isoformat(" ", "microseconds")


class Word(TypeDecorator[E]):
    """One word of a fixed list, stored as the text it shows."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[E]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: E | str | None, dialect: Dialect) -> str | None:
        if isinstance(value, self.words):
            return value.value
        return None if value is None else self.words(value).value

    def process_result_value(self, value: Any, dialect: Dialect) -> E | None:
        return None if value is None else self.words(value)


class Words(TypeDecorator[tuple[str, ...]]):
    """A short list of words, stored as JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        if not value:
            return None if value is None else "[]"
        return msgspec.json.encode(list(value)).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[str, ...] | None:
        if value == "[]":
            return ()
        return None if value is None else tuple(msgspec.json.decode(value, type=list[str]))


def counter(name: str) -> Column[int]:
    """A column of whole numbers that begins at 0."""
    return Column(name, Integer, nullable=False, server_default="0")


def flag(name: str) -> Column[bool]:
    """A column of yes and no that begins as no."""
    return Column(name, Boolean, nullable=False, server_default=false())


def needed(kind: Any, *names: str) -> list[Column[Any]]:
    """Columns that are always written."""
    return [Column(name, kind, nullable=False) for name in names]


def optional(kind: Any, *names: str) -> list[Column[Any]]:
    """Columns that may stay without a value."""
    return [Column(name, kind) for name in names]


def plain_texts(*names: str) -> list[Column[str]]:
    """Columns of text that are empty unless something is written."""
    return [Column(name, Text, nullable=False, server_default="") for name in names]


def only(condition: str, **more: bool) -> dict[str, Any]:
    """What makes an index cover only some rows, for both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition), **more}
