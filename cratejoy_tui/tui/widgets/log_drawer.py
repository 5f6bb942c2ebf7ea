"""What went over the wire and what was said about it, in a drawer at the bottom."""

from __future__ import annotations

import logging
from collections import deque
from datetime import datetime

from textual.widgets import Log

from cratejoy_tui.logs import redacted
from cratejoy_tui.text import clean

KEPT = 2000
EVERY_SECONDS = 0.2


class LogBook(logging.Handler):
    """Keeps the last lines of our log, redacted and clean; filled from any thread."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: deque[str] = deque(maxlen=KEPT)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Take one record in."""
        when = datetime.fromtimestamp(record.created)  # noqa: DTZ006  the operator's own clock
        name = record.name.removeprefix("cratejoy_tui.")
        self.add(f"{when:%H:%M:%S} {record.levelname.lower():7} {name}: {record.getMessage()}")

    def add(self, line: str) -> None:
        """Take one line in."""
        self.lines.append(clean(redacted(line), 500))
        self.count += 1


class LogDrawer(Log):
    """The newest lines of the log; hidden until asked for."""

    def __init__(self, book: LogBook) -> None:
        super().__init__(highlight=False, max_lines=KEPT, id="log")
        self.book = book
        self._shown = 0

    def on_mount(self) -> None:
        """Batches, because a line at a time is slow."""
        self.set_interval(EVERY_SECONDS, self.catch_up)
        self.catch_up()

    def catch_up(self) -> None:
        """Show what came since the last time."""
        new = min(self.book.count - self._shown, len(self.book.lines))
        if self.display and new > 0:
            lines = list(self.book.lines)
            self.write_lines(lines[-new:])
            self._shown = self.book.count
