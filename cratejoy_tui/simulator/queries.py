"""What a client asks of a collection: its query string, taken apart and checked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote

from cratejoy_tui.simulator.knobs import Knobs
from cratejoy_tui.simulator.moments import read_moment
from cratejoy_tui.simulator.puts import Refusal
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
WORDS_AS_NUMBERS: Mapping[str, Mapping[str, str]] = {
    "status": {"1": "unshipped", "2": "shipped", "3": "cancelled"},
    "fulfillment_status": {"1": "unfulfilled", "2": "partial", "3": "fulfilled"},
    "result": {"1": "authorized", "2": "captured", "3": "failed", "4": "refunded", "5": "failed refund"},
}
ORDER_STATUS = {"1": "open", "2": "closed"}
SUBSCRIPTION_WORDS = ("unpaid", "active", "cancelled", "suspended", "expired", "past_due", "pending_renewal")
SUBSCRIPTION_STATUS = {str(number): word for number, word in enumerate(SUBSCRIPTION_WORDS, 1)}


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


def take_apart(query_string: str, kind: str, version: str, knobs: Knobs) -> Query | Refusal:
    """Read a query string as the API's version does."""
    pairs = parse_qsl(query_string, keep_blank_values=True)
    numbers: dict[str, int] = {}
    wanted: frozenset[str] | None = None
    conditions: list[Condition] = []
    for key, value in pairs:
        if key in ("limit", "page"):
            if not re.fullmatch(r"\d{1,9}", value) or (key == "limit" and int(value) == 0):
                return Refusal(400, "not a usable number", key)
            numbers[key] = int(value)
        elif key == "with" and version == "v1":
            wanted = frozenset(part.strip() for part in value.split(",") if part.strip())
        else:
            condition = _condition(key, value, kind, version)
            if isinstance(condition, Condition):
                conditions += [] if condition.name in knobs.ignored_filters else [condition]
            elif condition.reason != "unknown" or knobs.unknown_parameter == "400":
                return condition
    limit = numbers.get("limit", V1_DEFAULT_LIMIT)
    if version == "v1.1" and limit > V11_CAP:
        if knobs.limit_above_cap == "400":
            return Refusal(400, f"limit is at most {V11_CAP}", "limit")
        limit = V11_CAP
    repeated = [pair for pair in pairs if pair[0] != "page" and (pair[0] != "limit" or knobs.next_keeps_limit)]
    return Query(
        conditions=tuple(conditions),
        limit=limit,
        page=numbers.get("page"),
        wanted=wanted,
        repeated=tuple(repeated),
    )


def _condition(key: str, value: str, kind: str, version: str) -> Condition | Refusal:
    path, _, operator = key.partition("__")
    operator = operator or "eq"
    relation, _, name = path.rpartition(".")
    if version == "v1.1":
        if relation or path not in V11_FILTERS:
            return Refusal(400, "unknown", key)
        if operator not in V11_FILTERS[path]:
            return Refusal(400, "unknown operator", key)
    elif operator not in OPERATORS or "." in relation:
        return Refusal(400, "unknown operator" if operator not in OPERATORS else "one relation only", key)
    parts = _values(value, name, operator, version)
    read = [_value(part, name, operator, relation or kind) for part in parts or ()]
    if parts is None or any(one is _BAD for one in read):
        return Refusal(400, "bad value", key)
    return Condition(relation=relation, name=name, operator=operator, values=tuple(read))


def _values(value: str, name: str, operator: str, version: str) -> list[str] | None:
    """v1.1 wants words as a JSON array and numbers as a comma list."""
    if operator not in ("in", "nin"):
        return [value]
    if version == "v1.1" and name in ("status", "billing_type"):
        try:
            read = json.loads(value)
        except ValueError:
            return None
        return read if isinstance(read, list) and all(isinstance(one, str) for one in read) else None
    return [part.strip() for part in value.split(",") if part.strip()]


_BAD = object()


def _value(text: str, name: str, operator: str, kind: str) -> Any:
    """One value as the property's type; _BAD when it cannot be one."""
    if operator == "is_null":
        return {"true": True, "1": True, "": True, "false": False, "0": False}.get(text.lower(), _BAD)
    if operator in ("like", "ilike"):
        return text
    if name in DATES:
        read = read_moment(text)
        return _BAD if read is None else read
    if name == "status" and kind in ("order", "orders"):
        return ORDER_STATUS.get(text, text)
    if name == "status" and kind in ("subscription", "subscriptions"):
        return SUBSCRIPTION_STATUS.get(text, text)
    if name in WORDS_AS_NUMBERS:
        return WORDS_AS_NUMBERS[name].get(text, text)
    if name == "id" or name.endswith(("_id", "_cycle")):
        return int(text) if re.fullmatch(r"-?\d{1,18}", text) else _BAD
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
    parts = "".join(".*" if one == "%" else "." if one == "_" else re.escape(one) for one in str(pattern))
    return re.fullmatch(parts, str(held), re.DOTALL | flags) is not None


_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda held, value: bool(held == value),
    "ne": lambda held, value: bool(held == value),
    "in": lambda held, value: bool(held == value),
    "nin": lambda held, value: bool(held == value),
    "lt": lambda held, value: bool(held < value),
    "le": lambda held, value: bool(held <= value),
    "gt": lambda held, value: bool(held > value),
    "ge": lambda held, value: bool(held >= value),
    "like": _like,
    "ilike": lambda held, value: _like(held, value, re.IGNORECASE),
}


def fragment(page: int, query: Query) -> str:
    """The query string of another page, as `next` and `prev` give it."""
    pairs = [("page", str(page)), *query.repeated]
    return "?" + "&".join(f"{quote(key, safe='_.')}={quote(value, safe='')}" for key, value in pairs)
