"""When a write that surely did not arrive is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta

STEPS_MINUTES = (1, 5, 15, 60)


def next_try(attempts: int, now: datetime) -> datetime:
    """After 1, 5, 15 and 60 minutes, then hourly; never given up."""
    step = STEPS_MINUTES[min(max(attempts, 1), len(STEPS_MINUTES)) - 1]
    return now + timedelta(minutes=step)
