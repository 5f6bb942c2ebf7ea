"""The forms of dates that the simulated Cratejoy reads."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from cratejoy_tui.simulator.world import to_ms

LATEST = 253_402_300_800_000
"""The year 10000."""
_SHORT = re.compile(r"-(\d)(?!\d)", re.ASCII)
"""A month or day of one digit, as in 2018-1-5."""


def read_moment(value: object) -> int | None:
    """Milliseconds since 1970 of a date in any form the API takes; None if it is no date."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 <= value < LATEST else None
    try:
        at = datetime.fromisoformat(_SHORT.sub(r"-0\1", value) if isinstance(value, str) else "")
        return to_ms((at if at.tzinfo else at.replace(tzinfo=UTC)).replace(microsecond=0))
    except (ValueError, OverflowError):
        return None
