"""Cratejoy's dates: four shapes in, aware UTC out."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

_EARLIEST, _LATEST = 2000, 2200
_DATE_ONLY = 10
_SHORTEST_MILLISECONDS = 12
_LONGEST = 40


class Unreadable(ValueError):
    """A record holds something that makes no sense; the text names the field."""


def moment(value: str | float | None, field: str) -> datetime | None:
    """An instant from ISO text with `Z`, offset or neither (then UTC), epoch milliseconds, or a bare date.

    A bare date is noon UTC, which is the same calendar day from Alaska to Sydney. Raises Unreadable for anything else,
    and for years no box was sold in.
    """
    if value is None or value == "":
        return None
    try:
        # Cut before it reaches the cache, which keeps what it is given.
        found = _of_text(value[:_LONGEST]) if isinstance(value, str) else _of_milliseconds(value)
    except (ValueError, OverflowError, OSError):
        found = None
    if found is None or not _EARLIEST <= found.year < _LATEST:
        raise Unreadable(f"{field}: not a date we can read")
    return found


def instant(when: datetime) -> str:
    """The form Cratejoy takes everywhere: UTC, whole seconds, `Z`."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# Thousands of boxes share a few dates.
@lru_cache(maxsize=4096)
def _of_text(value: str) -> datetime:
    value = value.strip()
    if len(value) >= _SHORTEST_MILLISECONDS and value.isdecimal():
        return _of_milliseconds(int(value))
    found = datetime.fromisoformat(value)
    if len(value) <= _DATE_ONLY:
        found = found.replace(hour=12)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _of_milliseconds(value: float) -> datetime:
    return datetime.fromtimestamp(value / 1000, UTC)
