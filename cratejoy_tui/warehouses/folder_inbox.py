"""The way in: which files from the warehouse may be read, and where they go afterwards.

A file is read when nobody writes to it any more. It leaves its place only after its rows were taken over, so a
process that dies in between reads it again; rows that could not be used come back as a file of their own.
"""

from __future__ import annotations

import csv
import hashlib
import io
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatch
from pathlib import PurePath

import msgspec

from cratejoy_tui.sync.ports import Clock
from cratejoy_tui.text import csv_cell, one_line
from cratejoy_tui.warehouses.folder_files import Kind, Seen
from cratejoy_tui.warehouses.folder_parcels import BadRow
from cratejoy_tui.warehouses.folder_places import Places
from cratejoy_tui.warehouses.folder_rows import REASON, FindFields, Sheet, decode, is_complete, read_csv, read_json

STILL_SECONDS = 60.0
LARGEST = 64 * 1024 * 1024
UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload", ".swp")
MARKERS = (".done", ".trg", ".ok")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """One file that was read whole."""

    path: PurePath
    content: bytes
    seen: Seen
    """The file as it was when it was read."""
    marker: PurePath | None = None

    @property
    def is_json(self) -> bool:
        """By its name."""
        return self.path.suffix.lower() == ".json"

    def sheet(self, find_fields: FindFields) -> Sheet:
        """What is in it, in rows."""
        return (read_json if self.is_json else read_csv)(decode(self.content), find_fields)


class Inbox:
    """One folder the warehouse writes into."""

    def __init__(self, places: Places, kind: str, clock: Clock, *, final_line_end: bool = True) -> None:
        self._places = places
        self._files = places.files
        self._folder = places.path(kind)
        self._clock = clock
        self._final_line_end = final_line_end

    def ready(self, patterns: Sequence[str]) -> list[PurePath]:
        """The files that may be read now, oldest first. Links, dotfiles and unfinished files are passed over."""
        there = self._files.list(self._folder)
        plain = {one.path for one in there if one.kind is Kind.FILE}
        now = min(filter(None, (self._clock.now(), self._files.now(self._places.ours))))
        found = [
            one
            for one in there
            if _is_candidate(one, patterns)
            and (_is_still(one, now) or any(marker in plain for marker in _marker_names(one.path)))
        ]
        return [one.path for one in sorted(found, key=lambda one: (one.modified_ns, one.path.name))]

    def read(self, path: PurePath) -> Arrived | None:
        """The whole file; None when it went away, is too large, or its last line has not ended."""
        try:
            content, seen = self._files.read(path, LARGEST + 1)
        except (ConnectionError, TimeoutError):
            raise
        except OSError as problem:
            self._leave(path, one_line(problem.strerror or problem))
            return None
        if len(content) > LARGEST:
            self._leave(path, f"it is larger than {LARGEST // 1024 // 1024} MiB")
            return None
        marker = self._marker(path)
        arrived = Arrived(path=path, content=content, seen=seen, marker=marker)
        if not arrived.is_json and marker is None and self._final_line_end and content and not is_complete(content):
            self._leave(path, "its last line has not ended; it may still be on its way")
            return None
        return arrived

    def hand_back(self, arrived: Arrived, sheet: Sheet, bad: Sequence[BadRow]) -> None:
        """Put the rows that could not be used into the error folder, each with its reason; drop in the file again
        once it is corrected. The same file gives the same name, so reading it twice leaves one copy."""
        content = _json_rows(bad) if arrived.is_json else _csv_rows(sheet, bad)
        self._put_error(arrived, content)
        # Only the place of a row: the row and the reason may hold what belongs to a customer.
        first = bad[0].row.place
        log.warning("%s: %d rows could not be used, first: %s", one_line(arrived.path.name), len(bad), first)

    def reject(self, arrived: Arrived, reason: str) -> None:
        """Put a copy of a file of which nothing can be used into the error folder."""
        self._put_error(arrived, arrived.content)
        log.warning("%s: nothing in it can be used: %s", one_line(arrived.path.name), reason)

    def put_away(self, arrived: Arrived) -> None:
        """Move a file whose rows were taken over into the archive. One that was written to meanwhile stays."""
        try:
            now = self._files.look(arrived.path)
            if now is None or now.identity != arrived.seen.identity:
                self._leave(arrived.path, "it changed while it was read; it is read again")
                return
            target = self._free_name(arrived.path)
            self._files.rename(arrived.path, target)
            if arrived.marker is not None:
                self._files.remove(arrived.marker)
            self._files.settle(target.parent)
        except OSError as problem:
            self._leave(arrived.path, f"it cannot be moved to the archive: {one_line(problem.strerror or problem)}")

    def _marker(self, path: PurePath) -> PurePath | None:
        seen = ((marker, self._files.look(marker)) for marker in _marker_names(path))
        return next((marker for marker, one in seen if one is not None and one.kind is Kind.FILE), None)

    def _leave(self, path: PurePath, reason: str) -> None:
        log.warning("%s is left where it is: %s", one_line(path.name), reason)

    def _put_error(self, arrived: Arrived, content: bytes) -> None:
        digest = hashlib.blake2b(arrived.content, digest_size=5).hexdigest()
        stem = _safe(arrived.path.stem)
        name = f"{stem}_{digest}{'.json' if arrived.is_json else '.csv'}"
        self._files.put(self._places.path("errors") / name, content, by_way_of=self._places.staging)

    def _free_name(self, path: PurePath) -> PurePath:
        stamp = self._clock.now().strftime("%Y%m%dT%H%M%SZ")
        names = (f"{stamp}_{number}_{_safe(path.name)}" for number in range(1, 10_000))
        archive = self._places.path("archive")
        return next(archive / name for name in names if self._files.look(archive / name) is None)


def _is_candidate(one: Seen, patterns: Sequence[str]) -> bool:
    name = one.path.name.lower()
    if name.startswith((".", "~")) or name.endswith((*UNFINISHED, *MARKERS)):
        return False
    return any(fnmatch(name, pattern) for pattern in patterns) and one.kind is Kind.FILE


def _is_still(one: Seen, now: datetime) -> bool:
    return (now - one.modified_at).total_seconds() >= STILL_SECONDS


def _marker_names(path: PurePath) -> list[PurePath]:
    return [path.with_name(path.name + ending) for ending in MARKERS] + [path.with_suffix(e) for e in MARKERS]


def _safe(name: str) -> str:
    """A name of ours made after theirs: letters, digits, dot, dash and underscore only."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".-")[-80:] or "file"


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
    records = [{**(one.row.raw if isinstance(one.row.raw, dict) else {}), REASON: _told(one)} for one in bad]
    return msgspec.json.format(msgspec.json.encode({"shipments": records})) + b"\n"


def _told(one: BadRow) -> str:
    return one_line(f"{one.row.place}: {one.reason}", 500)
