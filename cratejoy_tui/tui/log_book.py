"""The last lines of our log, for the drawer and for the activity room."""

from __future__ import annotations

import logging
from collections import deque
from datetime import datetime

from cratejoy_tui.text import clean

KEPT = 2000


class LogBook(logging.Handler):
    """Keeps the last lines of our log, redacted and clean; filled from any thread."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: deque[str] = deque(maxlen=KEPT)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Take one record in."""
        when = datetime.fromtimestamp(record.created)  # noqa: DTZ006  the operator's own clock
        name = record.name.removeprefix("cratejoy_tui.")
        self.add(f"{when:%H:%M:%S} {record.levelname.lower():7} {name}: {record.getMessage()}")

    def add(self, line: str) -> None:
        """Take one line in."""
        from cratejoy_tui.logs import redacted

        self.lines.append(clean(redacted(line), 500))
        self.count += 1
