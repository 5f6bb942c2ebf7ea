"""The log: what happened, without keys and without personal data.

Records name boxes, orders and stores by number. Whatever slips through (a key in an error text, an e-mail address, an
escape sequence) is masked where the line is written, so that one careless call cannot leak it.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import traceback
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TextIO

from cratejoy_tui.secret import MASK, without_secrets
from cratejoy_tui.text import clean

FILE_BYTES = 1_000_000
OLD_FILES = 3
LONGEST_LINE = 2000
LONGEST_TRACEBACK = 100_000

RECORD = logging.getLogger("cratejoy_tui.record")
"""For what the terminal is told in its own way: kept in the file, not said again."""

CALLS = logging.getLogger("cratejoy_tui.http")
"""One line for every call to a remote system, at the lowest level."""

_SIGN_IN = re.compile(r"\b(Basic|Bearer|Token)(\s+|%20)[A-Za-z0-9+/=._~-]{6,}", re.IGNORECASE)
_NAMED = re.compile(
    r"""\b((?:client_?)?secret|password|passwd|token|api_?key)(["']?\s*[:=]\s*["']?)[^\s"',;&)}\]]+""", re.IGNORECASE
)
_IN_ADDRESS = re.compile(r"(?<=://)[^/@\s]+@")
_E_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_QUIET = ("httpx", "httpcore", "asyncio", "alembic", "sqlalchemy", "keyring", "markdown_it")


def redacted(text: str) -> str:
    """The text without keys, sign-in headers, passwords in addresses and e-mail addresses."""
    text = without_secrets(text)
    text = _SIGN_IN.sub(rf"\1 {MASK}", text)
    text = _NAMED.sub(rf"\1\2{MASK}", text)
    text = _IN_ADDRESS.sub(f"{MASK}@", text)
    return _E_MAIL.sub("[e-mail]", text)


def redacted_traceback(error: BaseException) -> str:
    """Where it went wrong, without the values of variables and without keys."""
    whole = redacted("".join(traceback.format_exception(type(error), error, error.__traceback__)))
    lines = whole[:LONGEST_TRACEBACK].splitlines()
    return "\n".join(" " * (len(line) - len(line.lstrip(" "))) + clean(line, LONGEST_LINE) for line in lines)


def default_folder() -> Path:
    """Where logs lie when nothing else is said."""
    from platformdirs import user_log_path

    return user_log_path("cratejoy-tui", appauthor=False)


def set_up(
    *,
    folder: Path | None = None,
    talk: TextIO | None = None,
    talk_level: int | None = logging.WARNING,
) -> Path | None:
    """Start logging to a file in this folder, and to `talk` (stderr) from its level on. Gives the file.

    The file also gets one line for every call to a remote system. `talk_level` None says nothing: the console owns the
    screen. A folder that cannot be written is said once and costs the file, not the run.
    """
    root = logging.getLogger()
    for old in [handler for handler in root.handlers if getattr(handler, "is_ours", False)]:
        root.removeHandler(old)
        old.close()
    if talk_level is not None:
        spoken = logging.StreamHandler(talk or sys.stderr)
        spoken.addFilter(lambda record: record.name != RECORD.name)
        _add(root, spoken, SpokenLine(), talk_level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    root.setLevel(logging.INFO)
    CALLS.setLevel(logging.DEBUG)
    path = (folder or default_folder()) / "cratejoy-tui.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _add(root, PrivateRotatingFile(path), WrittenLine(), logging.DEBUG)
    except OSError as error:
        logging.getLogger(__name__).warning("No log is written: %s: %s", path, error.strerror)
        return None
    return path


def write_crash(error: BaseException, folder: Path | None = None) -> Path | None:
    """Keep what is needed to find a fault of this program in a private file; None when that fails too."""
    path = (folder or default_folder()) / f"crash-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}.txt"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(path, "w", encoding="utf-8", opener=_private) as file:
            file.write(redacted_traceback(error) + "\n")
    except OSError:
        return None
    return path


class SpokenLine(logging.Formatter):
    """One line for a person at the terminal: no time, no module, no traceback."""

    def format(self, record: logging.LogRecord) -> str:
        return clean(redacted(record.getMessage()), LONGEST_LINE)


class WrittenLine(logging.Formatter):
    """One line for the file: UTC time, level, place, message; a traceback follows indented."""

    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = f"{when} {record.levelname} {record.name} {clean(redacted(record.getMessage()), LONGEST_LINE)}"
        if record.exc_info and record.exc_info[1]:
            line += "\n    " + redacted_traceback(record.exc_info[1]).replace("\n", "\n    ")
        return line


class PrivateRotatingFile(RotatingFileHandler):
    """A log file that only this user may read, also after it was turned over."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=FILE_BYTES, backupCount=OLD_FILES, encoding="utf-8", errors="replace")

    def _open(self) -> TextIO:  # type: ignore[override]
        return open(self.baseFilename, self.mode, encoding="utf-8", errors="replace", opener=_private)  # type: ignore[return-value]


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _add(root: logging.Logger, handler: logging.Handler, formatter: logging.Formatter, level: int) -> None:
    handler.setFormatter(formatter)
    handler.setLevel(level)
    handler.is_ours = True  # type: ignore[attr-defined]
    root.addHandler(handler)
