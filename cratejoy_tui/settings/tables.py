"""TOML tables read into frozen dataclasses, with every problem found instead of the first one.

Types say what is allowed; `names` and `checks` of a `Shape` add what types cannot say. Adapters read their own settings
with it too, so that every message looks alike.
"""

from __future__ import annotations

import difflib
import json
import types
import typing
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from datetime import date, datetime, time
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from cratejoy_tui.text import one_line

T = TypeVar("T")
Check = Callable[[Any], Any]
Path = tuple[str, ...]

_SECRET_NAMES = frozenset({"api_key", "apikey", "access_key", "account_key", "private_key", "client_id"})
_SECRET_ENDINGS = ("secret", "password", "passwd", "passphrase", "token", "secret_key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something in the settings that cannot be used, and where it stands."""

    path: Path
    text: str

    def __str__(self) -> str:
        return f"{'.'.join(self.path)}: {self.text}" if self.path else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the types of some dataclasses do not say: the names used in the file, and limits."""

    names: Mapping[type, Mapping[str, str]] = field(default_factory=dict)
    """Attribute -> its name in the file, "" when it is not kept there; others are spelled with hyphens."""
    checks: Mapping[type, Mapping[str, Check]] = field(default_factory=dict)
    """Attribute -> a function that takes the raw value and gives the one to use, or raises ValueError saying what it
    must be: "must be ..."; a second argument is a suggestion."""
    writers: Mapping[type, Mapping[str, Callable[[Any], Any]]] = field(default_factory=dict)
    """Attribute -> how its value is spelled in the file, where that is not plain."""

    def name(self, cls: type, attribute: str) -> str:
        """The name an operator writes for this attribute."""
        return self.names.get(cls, {}).get(attribute, attribute.replace("_", "-"))


class Unshown(ValueError):
    """A value that cannot be used and must not be repeated on a screen, for it may hold a password."""


def read_table(
    cls: type[T],
    table: object,
    path: Path,
    problems: list[Problem],
    shape: Shape,
    given: Mapping[str, Any] | None = None,
) -> T | None:
    """This table as a `cls`; None when a needed value is missing or unusable.

    Values that cannot be used are added to `problems`, and the default stands in for them. `given` are attributes
    that do not come from the table.
    """
    if not isinstance(table, Mapping):
        problems.append(Problem(path=path, text="must be a table"))
        return None
    known, values = _known(cls, shape), dict(given or {})
    problems.extend(_unknown(table, known, path))
    for key, value in table.items():
        if (found := known.get(plain_key(key))) is not None:
            _read_value(cls, found, value, (*path, key), problems, shape, values)
    missing = [name for name, f in known.items() if f.name not in values and _is_needed(f)]
    written = {plain_key(key) for key in table}
    problems.extend(Problem(path=(*path, name), text="is missing") for name in missing if name not in written)
    return None if missing else cls(**values)


def given_names(cls: type, table: Mapping[str, object], shape: Shape) -> frozenset[str]:
    """Which attributes of `cls` the table sets itself, by attribute name."""
    keys = {plain_key(key) for key in table}
    return frozenset(f.name for name, f in _known(cls, shape).items() if name in keys)


def write_table(value: Any, shape: Shape, *, keep: Collection[str] = ()) -> dict[str, Any]:
    """The table that reads back as `value`: what differs from the defaults, and the attributes in `keep`."""
    table: dict[str, Any] = {}
    for name, f in _known(type(value), shape).items():
        inner = getattr(value, f.name)
        if f.name in keep or _is_needed(f) or inner != _default(f):
            writer = shape.writers.get(type(value), {}).get(f.name)
            table[name] = writer(inner) if writer else written(inner, shape)
    return {key: inner for key, inner in table.items() if inner is not None}


def written(value: Any, shape: Shape = Shape()) -> Any:
    """A frozen value as the plain kind that a TOML writer takes."""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return {key: written(item, shape) for key, item in value.items()}
    if isinstance(value, tuple):
        return [written(item, shape) for item in value]
    return write_table(value, shape) if is_dataclass(value) else value


def plain_key(key: str) -> str:
    """Hyphens and underscores are the same in the names of settings."""
    return key.replace("_", "-")


def looks_secret(name: str) -> bool:
    """Would a person take the value under this name for a key or password?"""
    word = name.lower().replace("-", "_")
    return word in _SECRET_NAMES or word.endswith(_SECRET_ENDINGS)


def near(word: str, known: Collection[str]) -> str:
    """` Did you mean ...?` when a known word, or the end of one, is close, else nothing."""
    parts = word.count("-") + 1
    ends = {"-".join(whole.split("-")[-parts:]): whole for whole in known}
    close = difflib.get_close_matches(word, known, n=1)
    close = close or [ends[end] for end in difflib.get_close_matches(word, ends, n=1, cutoff=0.8)]
    return f"; did you mean {close[0]}?" if close else ""


def shown(value: object) -> str:
    """A value as it may be repeated to the person who wrote it."""
    return one_line(json.dumps(value, default=str, ensure_ascii=False), 60)


def secret_problems(value: object, path: Path) -> list[Problem]:
    """Keys and passwords do not belong in the settings, however deep they stand."""
    if path and looks_secret(path[-1]):
        return [Problem(path=path, text="looks like a key or password; remove it here and run `cratejoy-tui setup`")]
    if isinstance(value, Mapping):
        return [problem for key, inner in value.items() for problem in secret_problems(inner, (*path, key))]
    return []


def _unknown(table: Mapping[str, object], known: Mapping[str, Field[Any]], path: Path) -> list[Problem]:
    found = []
    for key, value in table.items():
        if plain_key(key) not in known:
            text = f"is not a setting{near(plain_key(key), known)}"
            found += secret_problems(value, (*path, key)) or [Problem(path=(*path, one_line(key, 60)), text=text)]
    return found


def _read_value(
    cls: type, f: Field[Any], value: object, path: Path, problems: list[Problem], shape: Shape, values: dict[str, Any]
) -> None:
    kind = _types(cls)[f.name]
    inner = _item_dataclass(kind)
    try:
        if (check := shape.checks.get(cls, {}).get(f.name)) is not None:
            value = check(value)
        if inner is None:
            values[f.name] = convert(value, kind)
        elif typing.get_origin(kind) is tuple:
            values[f.name] = _read_list(inner, value, path, problems, shape)
        elif (read := read_table(inner, value, path, problems, shape)) is not None:
            values[f.name] = read
    except Unshown as error:
        problems.append(Problem(path=path, text=str(error)))
    except ValueError as error:
        text, *suggestion = error.args
        problems.append(Problem(path=path, text=f"{text}, not {shown(value)}{''.join(suggestion)}"))


def _read_list(inner: type, value: object, path: Path, problems: list[Problem], shape: Shape) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise ValueError("must be a list of tables")
    read = [read_table(inner, item, (*path, str(i)), problems, shape) for i, item in enumerate(value, 1)]
    return tuple(item for item in read if item is not None)


def convert(value: object, kind: Any) -> Any:
    """One TOML value as this type, frozen. Raises ValueError: "must be ..."."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any:
        return _frozen(value)
    if origin in (typing.Union, types.UnionType):
        return convert(value, next(a for a in arguments if a is not type(None)))
    if origin is tuple and isinstance(value, (list, tuple)):
        return tuple(convert(item, arguments[0]) for item in value)
    if origin is not None and origin is not tuple and isinstance(value, Mapping):
        return types.MappingProxyType({key: convert(item, arguments[1]) for key, item in value.items()})
    if origin is not None:
        raise ValueError("must be a list" if origin is tuple else "must be a table")
    return _convert_plain(value, kind)


def _convert_plain(value: object, kind: type) -> Any:
    if issubclass(kind, StrEnum):
        return _word(value, kind)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is kind:
        return value
    if kind in (date, time) and isinstance(value, str):
        try:
            return kind.fromisoformat(value)
        except ValueError:
            pass  # said below, with an example of what would do
    raise ValueError(f"must be {_KINDS.get(kind, kind.__name__)}")


_KINDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text in quotes",
    date: "a date such as 2026-11-23",
    time: "a time such as 20:00",
    datetime: "a date and time",
}


def _word(value: object, kind: type[StrEnum]) -> StrEnum:
    # The hosted product writes `Order Type` and `YearWeek`; an operator who copies that is understood.
    asked = "".join(c for c in value.lower() if c.isalnum()) if isinstance(value, str) else ""
    for member in kind:
        if asked == "".join(c for c in member.value if c.isalnum()):
            return member
    raise ValueError(f"must be one of {', '.join(member.value for member in kind)}")


def _frozen(value: object) -> Any:
    if isinstance(value, Mapping):
        return types.MappingProxyType({key: _frozen(item) for key, item in value.items()})
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _known(cls: type, shape: Shape) -> dict[str, Field[Any]]:
    return {name: f for f in fields(cls) if (name := shape.name(cls, f.name))}


@cache
def _types(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _item_dataclass(kind: Any) -> type | None:
    """The dataclass that this type is, or that stands in `tuple[X, ...]` or `X | None`."""
    inner = next((a for a in (kind, *typing.get_args(kind)) if is_dataclass(a)), None)
    return inner if isinstance(inner, type) else None


def _is_needed(f: Field[Any]) -> bool:
    return f.default is MISSING and f.default_factory is MISSING


def _default(f: Field[Any]) -> Any:
    return f.default_factory() if f.default_factory is not MISSING else f.default
