"""The forms of dates that the simulated Cratejoy reads."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from cratejoy_tui.simulator.world import to_ms

LATEST = 253_402_300_800_000
"""The year 10000."""
_FORM = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?\Z", re.ASCII
)


def read_moment(value: object) -> int | None:
    """Milliseconds since 1970 of a date in any form the API takes; None if it is no date."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 <= value < LATEST else None
    found = _FORM.match(value) if isinstance(value, str) else None
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    try:
        return to_ms(datetime(year, month, day, hour, minute, second, tzinfo=_zone(found[7])))
    except (ValueError, OverflowError):
        return None


def _zone(text: str | None) -> timezone:
    if text is None or text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))
