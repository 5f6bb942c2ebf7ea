"""What a look-up did not find, kept for a minute: a push right after it need not look again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from cratejoy_tui.sync.ports import Clock

HOLDS = timedelta(seconds=60)


class Absences:
    """Order numbers that were not there a moment ago. One that is sent is forgotten: it may be there from then on."""

    def __init__(self, clock: Clock | None) -> None:
        """Without a clock, nothing is kept."""
        self._clock = clock
        self._seen: dict[str, datetime] = {}

    def learn(self, numbers: Iterable[str], found: Collection[str]) -> None:
        """These were looked up, and those of them were found."""
        if self._clock is None:
            return
        now = self._clock.now()
        kept = {number: seen for number, seen in self._seen.items() if now - seen <= HOLDS}
        self._seen = kept | dict.fromkeys(numbers, now)
        self.forget(found)

    def unsure(self, numbers: Iterable[str]) -> list[str]:
        """Those of the numbers that must be looked up."""
        if self._clock is None:
            return list(numbers)
        now = self._clock.now()
        sure = {number for number, seen in self._seen.items() if timedelta(0) <= now - seen <= HOLDS}
        return [number for number in numbers if number not in sure]

    def forget(self, numbers: Iterable[str]) -> None:
        """Nothing is known of these any more."""
        for number in numbers:
            self._seen.pop(number, None)
