"""The names, limits and spellings of the rules in the settings file."""

from __future__ import annotations

import tomllib
import zoneinfo
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import time
from typing import Any

from cratejoy_tui.errors import SettingsInvalid
from cratejoy_tui.settings.tables import Check, Problem, Shape, convert, near, plain_key, read_table, write_table
from cratejoy_tui.sync.domain.rules import OrderFilter, OverdueAfter, PlanLimits, QuietHours, Rules

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SHIP_CODES = ("SUBSCRIPTION", "ORDER", "CHARGED", "FREE")
FILTER_FIELDS = ("billing", "country", "state", "city", "zip", "company", "to", "sku", "gift", "ship_code")


def number(low: float, high: float, *, whole: bool = True) -> Check:
    """A number within these limits, both included."""
    kinds, word = ((int,), "whole number") if whole else ((int, float), "number")

    def check(value: Any) -> float:
        if type(value) not in kinds or not low <= value <= high:
            raise ValueError(f"must be a {word} from {low} to {high}")
        return value if whole else float(value)

    return check


def one_of(words: Collection[str]) -> Check:
    """One of these words."""

    def check(value: Any) -> str:
        if value not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return str(value)

    return check


def _time_zone(value: Any) -> str:
    try:
        return zoneinfo.ZoneInfo(convert(value, str)).key
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        close = near(str(value), sorted(zoneinfo.available_timezones()))
        raise ValueError("must be a time zone such as America/Los_Angeles", close) from None


def _ship_days(value: Any) -> tuple[int, ...]:
    days = value if isinstance(value, list) else []
    indexes = sorted({_weekday(day) for day in days})
    if not indexes or -1 in indexes:
        raise ValueError("must be a list of weekdays such as ['monday', 'friday']")
    return tuple(indexes)


def _weekday(day: object) -> int:
    if not isinstance(day, str) or len(day) < 3:
        return -1
    return next((i for i, name in enumerate(WEEKDAYS) if name.startswith(day.lower())), -1)


def _local_time(value: Any) -> time:
    found: time = convert(value, time)
    if found.tzinfo is not None:
        raise ValueError("must be a time of the store's own clock such as 20:00")
    return found


def _table_of(item: type, key: Callable[[str], str], *, least: int | None = None) -> Check:
    def check(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ValueError("must be a table")
        table = {key(name.strip()): convert(inner, item) for name, inner in value.items()}
        if not all(table) or (least is not None and any(inner < least for inner in table.values())):
            raise ValueError("must have names, with quantities of 1 or more")
        return table

    return check


def _ship_codes(value: Any) -> Any:
    table = _table_of(str, str.upper)(value)
    if not set(table) <= set(SHIP_CODES):
        raise ValueError(f"must name only {', '.join(SHIP_CODES)}")
    return table


def _kits(value: Any) -> Any:
    if not isinstance(value, Mapping) or not all(value.values()):
        raise ValueError("must be a table of SKUs, each with a table of components")
    return {sku.strip(): _table_of(int, str, least=1)(parts) for sku, parts in value.items()}


def _financial_statuses(value: Any) -> Any:
    if not isinstance(value, list) or not value or not all(isinstance(word, str) and word.strip() for word in value):
        raise ValueError("must be a list of statuses such as ['paid']")
    return [word.strip().lower() for word in value]


RULES_SHAPE = Shape(
    names={
        Rules: {
            "pull_ecommerce": "pull-ecommerce-orders",
            "pull_adhoc": "pull-ad-hoc-orders",
            "pull_standard": "pull-standard-orders",
            "target_ship_date_within_days": "target-ship-date-within",
            "sku_suffix": "subscription-sku-suffix",
            "standard_target": "standard-target-date",
            "ship_codes": "ship-code-map",
            "aliases": "sku-aliases",
            "carriers": "carrier-map",
        }
    },
    checks={
        Rules: {
            "time_zone": _time_zone,
            "target_ship_date_within_days": number(0, 60),
            "confirm_delay_minutes": number(0, 7 * 24 * 60),
            "retention_days": number(1, 3650),
            "ship_days": _ship_days,
            "ship_codes": _ship_codes,
            "aliases": _table_of(str, str),
            "carriers": _table_of(str, str.lower),
            "kits": _kits,
            "financial_statuses": _financial_statuses,
        },
        OrderFilter: {"field": one_of(FILTER_FIELDS), "action": one_of(("require", "exclude"))},
        OverdueAfter: {name: number(1, 1000) for name in OverdueAfter.__dataclass_fields__},
        PlanLimits: {
            "boxes": number(1, 1_000_000),
            "times_largest": number(1, 1000, whole=False),
            "days": number(1, 3650),
        },
        QuietHours: {"start": _local_time, "end": _local_time},
    },
    writers={Rules: {"ship_days": lambda days: [WEEKDAYS[day] for day in days]}},
)


def shown_rules(rules: Rules) -> dict[str, Any]:
    """Every setting by the name an operator writes, with its value as plain text, numbers, lists and tables."""
    shown = write_table(rules, RULES_SHAPE, keep=tuple(Rules.__dataclass_fields__))
    return {key: shown.get(key, "none") for key in (RULES_SHAPE.name(Rules, a) for a in Rules.__dataclass_fields__)}


def change_rule(rules: Rules, name: str, text: str) -> Rules:
    """The same rules with one setting changed, both as an operator writes them: `target-ship-date-within`, `10`.

    Raises SettingsInvalid.
    """
    problems: list[Problem] = []
    key = plain_key(name.strip())
    read = read_table(Rules, {key: _typed(text)}, (), problems, RULES_SHAPE)
    if problems or read is None:
        raise SettingsInvalid(
            [str(problem) for problem in problems], next_step="Write it as in the settings file: NAME=VALUE."
        )
    attribute = next(a for a in Rules.__dataclass_fields__ if RULES_SHAPE.name(Rules, a) == key)
    return replace(rules, **{attribute: getattr(read, attribute)})


def _typed(text: str) -> Any:
    word = {"yes": "true", "no": "false"}.get(text.strip().lower(), text)
    try:
        return tomllib.loads(f"value = {word}")["value"]
    except (tomllib.TOMLDecodeError, KeyError):
        return text.strip()


def rule_name(attribute: str) -> str:
    """The name an operator writes for this attribute of the rules."""
    return RULES_SHAPE.name(Rules, attribute)
