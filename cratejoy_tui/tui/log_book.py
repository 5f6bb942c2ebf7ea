"""The last lines of our log, for the drawer and for the activity room."""

from __future__ import annotations

import logging
from collections import deque
from datetime import datetime
from pathlib import Path

from cratejoy_tui.text import clean

KEPT = 2000
TAIL_BYTES = 400_000
"""So much of the log file is read when it is opened."""
LEVELS = frozenset({"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"})


class LogBook(logging.Handler):
    """Keeps the last lines of our log, redacted and clean; filled from any thread.

    Where a log file is written, it is followed instead: it also has what was done before this session, and what a run
    beside the console does.
    """

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: deque[str] = deque(maxlen=KEPT)
        self.count = 0
        self._path: Path | None = None
        self._read_to = 0
        self._rest = b""

    def emit(self, record: logging.LogRecord) -> None:
        """Take one record in."""
        if self._path is None:
            when = datetime.fromtimestamp(record.created)  # noqa: DTZ006  the operator's own clock
            self.add(f"{when:%H:%M:%S} {_said(record.levelname, record.name, record.getMessage())}")

    def add(self, line: str) -> None:
        """Take in what a run told."""
        from cratejoy_tui.logs import RECORD, redacted

        if self._path is None:
            self._keep(redacted(line))
        else:
            RECORD.info("%s", line)

    def follow(self, path: Path | None) -> None:
        """From now on show what this file has and gets; None: what is told here."""
        self._path, self._rest = path, b""
        self._read_to = max(_size(path) - TAIL_BYTES, 0) if path else 0

    def catch_up(self) -> None:
        """Take in what the followed file got since the last time."""
        if self._path is None or (size := _size(self._path)) == self._read_to:
            return
        if size < self._read_to:  # it was turned over
            self._read_to, self._rest = 0, b""
        try:
            with self._path.open("rb") as file:
                file.seek(self._read_to)
                *whole, self._rest = (self._rest + file.read()).split(b"\n")
                self._read_to = file.tell()
        except OSError:
            return
        for line in whole:
            self._keep(_of_file(line.decode("utf-8", "replace")))  # redacted when it was written

    def _keep(self, line: str) -> None:
        self.lines.append(clean(line, 500))
        self.count += 1


def _said(level: str, name: str, text: str) -> str:
    return f"{level.lower():7} {name.removeprefix('cratejoy_tui.')}: {text}"


def _of_file(line: str) -> str:
    """A line of the log file in the operator's own time; whatever is not one stays as it is."""
    when, _, rest = line.partition(" ")
    level, _, said = rest.partition(" ")
    name, _, text = said.partition(" ")
    if level not in LEVELS:
        return line
    try:
        at = datetime.fromisoformat(when).astimezone()
    except ValueError:
        return line
    day = "" if at.date() == datetime.now().astimezone().date() else f"{at:%m-%d} "
    return f"{day}{at:%H:%M:%S} {_said(level, name, text)}"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
