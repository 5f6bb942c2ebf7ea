"""What a client asks of a collection: its query string, taken apart and checked."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote

import msgspec

from cratejoy_tui.simulator.faults import Refusal
from cratejoy_tui.simulator.knobs import Knobs
from cratejoy_tui.simulator.moments import read_moment
from cratejoy_tui.simulator.rendering import DATES

V1_DEFAULT_LIMIT = 10
V11_CAP = 200
OPERATORS = ("eq", "ne", "lt", "le", "gt", "ge", "like", "ilike", "in", "nin", "is_null")
V11_FILTERS: Mapping[str, tuple[str, ...]] = {
    "status": ("eq", "in"),
    "adjusted_ordered_at": ("eq", "gt", "ge", "lt", "le"),
    "billing_type": ("eq", "in"),
    "customer_id": ("eq", "in"),
    "batch_id": ("eq", "in"),
    "sub_cycle": ("eq", "gt", "ge", "lt", "le"),
    "cust_cycle": ("eq", "gt", "ge", "lt", "le"),
}
NUMBERED: Mapping[str, Sequence[str]] = {
    "order.status": ("open", "closed"),
    "subscription.status": ("unpaid", "active", "cancelled", "suspended", "expired", "past_due", "pending_renewal"),
    "status": ("unshipped", "shipped", "cancelled"),
    "fulfillment_status": ("unfulfilled", "partial", "fulfilled"),
    "result": ("authorized", "captured", "failed", "refunded", "failed refund"),
}
"""Words that may also be asked for by their numbers, which begin at 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One filter: relation (or ""), property, operator, values."""

    relation: str
    name: str
    operator: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Everything one request asks of a collection."""

    conditions: tuple[Condition, ...]
    limit: int
    page: int | None
    wanted: frozenset[str] | None
    """Relations named in `with`; None when it is not given."""
    repeated: tuple[tuple[str, str], ...]
    """The parameters that `next` and `prev` repeat."""


def take_apart(query_string: str, kind: str, version: str, knobs: Knobs) -> Query:
    """Read a query string as the API's version does. Raises Refusal."""
    pairs = parse_qsl(query_string, keep_blank_values=True)
    numbers: dict[str, int] = {}
    wanted: frozenset[str] | None = None
    conditions: list[Condition] = []
    for key, value in pairs:
        if key in ("limit", "page"):
            if not re.fullmatch(r"\d{1,9}", value) or (key == "limit" and int(value) == 0):
                raise Refusal(400, "not a usable number", key)
            numbers[key] = int(value)
        elif key == "with" and version == "v1":
            wanted = frozenset(_parts(value))
        elif version == "v1" or key.partition("__")[0] in V11_FILTERS:
            condition = _condition(key, value, kind, version)
            conditions += [] if condition.name in knobs.ignored_filters else [condition]
        elif knobs.unknown_parameter == "400":
            raise Refusal(400, "unknown", key)
    limit = numbers.get("limit", V1_DEFAULT_LIMIT)
    if version == "v1.1" and limit > V11_CAP:
        if knobs.limit_above_cap == "400":
            raise Refusal(400, f"limit is at most {V11_CAP}", "limit")
        limit = V11_CAP
    repeated = [pair for pair in pairs if pair[0] != "page" and (pair[0] != "limit" or knobs.next_keeps_limit)]
    page = numbers.get("page")
    return Query(conditions=tuple(conditions), limit=limit, page=page, wanted=wanted, repeated=tuple(repeated))


def _condition(key: str, value: str, kind: str, version: str) -> Condition:
    path, _, operation = key.partition("__")
    operation = operation or "eq"
    relation, _, name = path.rpartition(".")
    if operation not in (V11_FILTERS[path] if version == "v1.1" else OPERATORS):
        raise Refusal(400, "unknown operator", key)
    if "." in relation:
        raise Refusal(400, "one relation only", key)
    try:
        values = [_value(part, name, operation, relation or kind) for part in _values(value, name, operation, version)]
    except ValueError:
        raise Refusal(400, "bad value", key) from None
    return Condition(relation=relation, name=name, operator=operation, values=tuple(values))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _values(value: str, name: str, operation: str, version: str) -> list[str]:
    """v1.1 wants words as a JSON array and numbers as a comma list."""
    if operation not in ("in", "nin"):
        return [value]
    if version == "v1.1" and name in ("status", "billing_type"):
        return msgspec.json.decode(value, type=list[str])
    return _parts(value)


def _value(text: str, name: str, operation: str, kind: str) -> Any:
    """One value as the property's type; raises ValueError when it cannot be one."""
    if operation == "is_null":
        if text.lower() not in ("true", "1", "", "false", "0"):
            raise ValueError(text)
        return text.lower() not in ("false", "0")
    if operation in ("like", "ilike"):
        return text
    if name in DATES:
        read = read_moment(text)
        if read is None:
            raise ValueError(text)
        return read
    if words := NUMBERED.get(f"{kind.removesuffix('s')}.{name}") or NUMBERED.get(name):
        return dict(zip("123456789", words, strict=False)).get(text, text)
    if name == "id" or name.endswith(("_id", "_cycle")):
        if not re.fullmatch(r"-?\d{1,18}", text):
            raise ValueError(text)
        return int(text)
    return text


def fits(condition: Condition, held: object) -> bool:
    """Does a value meet the condition?"""
    if condition.operator == "is_null":
        return (held is None) is condition.values[0]
    if held is None:
        return condition.operator in ("ne", "nin")
    if isinstance(held, (dict, list)):
        return False
    wanted = [_alike(held, value) for value in condition.values]
    return any(_TESTS[condition.operator](held, value) for value in wanted) is not (condition.operator in ("ne", "nin"))


def _alike(held: object, value: object) -> object:
    """Bring a text value to the type of what is held."""
    if isinstance(held, bool):
        return str(value).lower() in ("true", "1")
    if isinstance(held, (int, float)) and isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return float("nan")
    if isinstance(held, str) and not isinstance(value, str):
        return str(value)
    return value


def _like(held: Any, pattern: Any, flags: int = 0) -> bool:
    expression = re.escape(str(pattern)).replace("%", ".*").replace("_", ".")
    return re.fullmatch(expression, str(held), re.DOTALL | flags) is not None


_TESTS: Mapping[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("eq", "ne", "in", "nin"), operator.eq),
    **{name: getattr(operator, name) for name in ("lt", "le", "gt", "ge")},
    "like": _like,
    "ilike": lambda held, value: _like(held, value, re.IGNORECASE),
}


def fragment(page: int, query: Query) -> str:
    """The query string of another page, as `next` and `prev` give it."""
    pairs = [("page", str(page)), *query.repeated]
    return "?" + "&".join(f"{quote(key, safe='_.')}={quote(value, safe='')}" for key, value in pairs)
