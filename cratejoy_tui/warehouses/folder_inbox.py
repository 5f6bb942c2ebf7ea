"""The way in: which files from the warehouse may be read, and where they go afterwards.

A file is read when nobody writes to it any more. It leaves its place only after its rows were taken over, so a
process that dies in between reads it again; rows that could not be used come back as a file of their own.
"""

from __future__ import annotations

import csv
import hashlib
import io
import logging
import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path

import msgspec

from cratejoy_tui.sync.ports import Clock
from cratejoy_tui.text import csv_cell, one_line
from cratejoy_tui.warehouses.folder_parcels import BadRow
from cratejoy_tui.warehouses.folder_places import Places, settle_folder, write_whole
from cratejoy_tui.warehouses.folder_rows import REASON, Sheet, is_complete

STILL_SECONDS = 60.0
LARGEST = 64 * 1024 * 1024
UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload", ".swp")
MARKERS = (".done", ".trg", ".ok")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """One file that was read whole."""

    path: Path
    content: bytes
    modified_at: datetime
    identity: tuple[int, int, int]
    """Inode, size and time when it was read."""
    marker: Path | None = None

    @property
    def is_json(self) -> bool:
        """By its name."""
        return self.path.suffix.lower() == ".json"


class Inbox:
    """One folder the warehouse writes into."""

    def __init__(self, places: Places, kind: str, clock: Clock, *, final_line_end: bool = True) -> None:
        self._places = places
        self._folder = places.path(kind)
        self._clock = clock
        self._final_line_end = final_line_end

    def ready(self, patterns: Sequence[str]) -> list[Path]:
        """The files that may be read now, oldest first. Links, dotfiles and unfinished files are passed over."""
        found: list[tuple[int, str, Path]] = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                if not _is_candidate(entry, patterns):
                    continue
                about = entry.stat(follow_symlinks=False)
                path = Path(entry.path)
                if self._is_still(about.st_mtime) or _marker(path) is not None:
                    found.append((about.st_mtime_ns, entry.name, path))
        return [path for _, _, path in sorted(found)]

    def read(self, path: Path) -> Arrived | None:
        """The whole file; None when it went away, is too large, or its last line has not ended."""
        try:
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        except OSError as problem:
            self._leave(path, one_line(problem.strerror or problem))
            return None
        with os.fdopen(descriptor, "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                self._leave(path, "it is no plain file")
                return None
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            self._leave(path, f"it is larger than {LARGEST // 1024 // 1024} MiB")
            return None
        marker = _marker(path)
        arrived = Arrived(
            path=path,
            content=content,
            modified_at=datetime.fromtimestamp(about.st_mtime, UTC),
            identity=_identity(about),
            marker=marker,
        )
        if not arrived.is_json and marker is None and self._final_line_end and content and not is_complete(content):
            self._leave(path, "its last line has not ended; it may still be on its way")
            return None
        return arrived

    def hand_back(self, arrived: Arrived, sheet: Sheet, bad: Sequence[BadRow]) -> None:
        """Put the rows that could not be used into the error folder, each with its reason; drop in the file again
        once it is corrected. The same file gives the same name, so reading it twice leaves one copy."""
        content = _json_rows(bad) if arrived.is_json else _csv_rows(sheet, bad)
        self._put_error(arrived, content)
        log.warning("%s: %d rows could not be used, first: %s", one_line(arrived.path.name), len(bad), _first(bad))

    def reject(self, arrived: Arrived, reason: str) -> None:
        """Put a copy of a file of which nothing can be used into the error folder."""
        self._put_error(arrived, arrived.content)
        log.warning("%s: nothing in it can be used: %s", one_line(arrived.path.name), reason)

    def put_away(self, arrived: Arrived) -> None:
        """Move a file whose rows were taken over into the archive. One that was written to meanwhile stays."""
        try:
            if _identity(arrived.path.lstat()) != arrived.identity:
                self._leave(arrived.path, "it changed while it was read; it is read again")
                return
            target = self._free_name(arrived.path)
            arrived.path.rename(target)
            if arrived.marker is not None:
                arrived.marker.unlink(missing_ok=True)
            settle_folder(target.parent)
        except OSError as problem:
            self._leave(arrived.path, f"it cannot be moved to the archive: {one_line(problem.strerror or problem)}")

    def _is_still(self, modified: float) -> bool:
        return self._clock.now().timestamp() - modified >= STILL_SECONDS

    def _leave(self, path: Path, reason: str) -> None:
        log.warning("%s is left where it is: %s", one_line(path.name), reason)

    def _put_error(self, arrived: Arrived, content: bytes) -> None:
        digest = hashlib.blake2b(arrived.content, digest_size=5).hexdigest()
        stem = _safe(arrived.path.stem)
        name = f"{stem}_{digest}{'.json' if arrived.is_json else '.csv'}"
        write_whole(self._places.path("errors") / name, content, by_way_of=self._places.staging)

    def _free_name(self, path: Path) -> Path:
        stamp = self._clock.now().strftime("%Y%m%dT%H%M%SZ")
        names = (f"{stamp}_{number}_{_safe(path.name)}" for number in range(1, 10_000))
        archive = self._places.path("archive")
        return next(archive / name for name in names if not (archive / name).exists())


def _is_candidate(entry: os.DirEntry[str], patterns: Sequence[str]) -> bool:
    name = entry.name.lower()
    if name.startswith((".", "~")) or name.endswith((*UNFINISHED, *MARKERS)):
        return False
    return any(fnmatch(name, pattern) for pattern in patterns) and entry.is_file(follow_symlinks=False)


def _marker(path: Path) -> Path | None:
    names = [path.with_name(path.name + ending) for ending in MARKERS] + [path.with_suffix(e) for e in MARKERS]
    return next((marker for marker in names if marker.is_file() and not marker.is_symlink()), None)


def _identity(about: os.stat_result) -> tuple[int, int, int]:
    return about.st_ino, about.st_size, about.st_mtime_ns


def _safe(name: str) -> str:
    """A name of ours made after theirs: letters, digits, dot, dash and underscore only."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".-")[-80:] or "file"


def _first(bad: Sequence[BadRow]) -> str:
    # Only the place: the row and the reason may hold what belongs to a customer.
    return bad[0].row.place if bad else ""


def _csv_rows(sheet: Sheet, bad: Sequence[BadRow]) -> bytes:
    width = len(sheet.header)
    keeps = [index for index, heading in enumerate(sheet.header) if heading.strip().lower() != REASON]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*(csv_cell(sheet.header[index]) for index in keeps), REASON])
    for one in bad:
        raw = [str(cell) for cell in one.row.raw]
        cells = [*raw, *[""] * (width - len(raw))]
        writer.writerow([*(csv_cell(cells[index]) for index in keeps), csv_cell(_told(one))])
    return text.getvalue().encode()


def _json_rows(bad: Sequence[BadRow]) -> bytes:
    records = [{**_raw_record(one), REASON: _told(one)} for one in bad]
    return msgspec.json.format(msgspec.json.encode({"shipments": records})) + b"\n"


def _raw_record(one: BadRow) -> dict[str, object]:
    return dict(one.row.raw) if isinstance(one.row.raw, dict) else {}


def _told(one: BadRow) -> str:
    return one_line(f"{one.row.place}: {one.reason}", 500)
