"""What a file warehouse does to files, said once for every kind of place they can lie in."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path, PurePath
from typing import Protocol

from filelock import FileLock, Timeout

LOCK_SECONDS = 30.0


class Kind(StrEnum):
    """What lies under a name."""

    FILE = "file"
    FOLDER = "folder"
    OTHER = "other"
    """A link, a pipe: nothing we read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One name in a folder, and what lies under it."""

    path: PurePath
    kind: Kind
    size: int = 0
    modified_ns: int = 0
    number: int = 0
    """The place's own number for the file, 0 where it tells none."""

    @property
    def identity(self) -> tuple[int, int, int]:
        """Another one means that the file was changed, or that it is another file."""
        return self.number, self.size, self.modified_ns

    @property
    def modified_at(self) -> datetime:
        """When it was last written to."""
        return datetime.fromtimestamp(self.modified_ns / 1e9, UTC)


class Files(Protocol):
    """A place with folders. Everything raises OSError, ConnectionError when the way there broke; links are not followed
    but for the root."""

    def connect(self) -> None:
        """Make sure that the place can be reached. Raises Unreachable, SignInRefused, SetupError."""
        ...

    def is_folder(self, path: PurePath) -> bool: ...

    def look(self, path: PurePath) -> Seen | None:
        """What lies there; None: nothing."""
        ...

    def list(self, folder: PurePath) -> list[Seen]: ...

    def read(self, path: PurePath, most: int) -> tuple[bytes, Seen]:
        """The file's first bytes, and the file as it was then."""
        ...

    def put(self, path: PurePath, content: bytes, *, by_way_of: PurePath) -> None:
        """Write a file that is either there whole or not at all, also after a power cut."""
        ...

    def rename(self, source: PurePath, target: PurePath) -> None:
        """In one step, on one file system."""
        ...

    def remove(self, path: PurePath) -> None:
        """Delete a file; one that is not there is fine."""
        ...

    def make_folder(self, path: PurePath, *, private: bool) -> None:
        """With those above it; one that is there is fine."""
        ...

    def settle(self, folder: PurePath) -> None:
        """Make the names in a folder last through a power cut, where the place can."""
        ...

    def device(self, path: PurePath) -> int:
        """Which file system it lies on; 0 where the place does not tell."""
        ...

    def locked(self, path: PurePath) -> AbstractContextManager[None]:
        """Nobody else holds this lock meanwhile. Raises TimeoutError when another does for too long."""
        ...

    def now(self, ours: PurePath) -> datetime | None:
        """The place's own clock, seen in our folder; None where it is this machine's."""
        ...

    def close(self) -> None: ...


class LocalFiles:
    """Folders that this machine sees: a disk, a drive, a share."""

    def connect(self) -> None:
        """It is here."""

    def is_folder(self, path: PurePath) -> bool:
        """Is it a folder, or a link to one?"""
        return Path(path).is_dir()

    def look(self, path: PurePath) -> Seen | None:
        """What lies there; None: nothing."""
        try:
            return _seen(path, Path(path).lstat())
        except FileNotFoundError:
            return None

    def list(self, folder: PurePath) -> list[Seen]:
        """Everything in the folder that has not gone meanwhile."""
        with os.scandir(folder) as entries:
            found = [self.look(Path(entry.path)) for entry in entries]
        return [one for one in found if one is not None]

    def read(self, path: PurePath, most: int) -> tuple[bytes, Seen]:
        """The file's first bytes, and the file as it was then."""
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            seen = _seen(path, os.fstat(file.fileno()))
            if seen.kind is not Kind.FILE:
                raise OSError("it is no plain file")
            return file.read(most), seen

    def put(self, path: PurePath, content: bytes, *, by_way_of: PurePath) -> None:
        """Write a file that is either there whole or not at all, also after a power cut."""
        draft = Path(by_way_of) / f"{path.name}.part"
        try:
            with draft.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except Exception:
            draft.unlink(missing_ok=True)
            raise
        self.settle(by_way_of)
        self.settle(path.parent)

    def rename(self, source: PurePath, target: PurePath) -> None:
        """In one step, on one file system."""
        Path(source).rename(target)

    def remove(self, path: PurePath) -> None:
        """Delete a file; one that is not there is fine."""
        Path(path).unlink(missing_ok=True)

    def make_folder(self, path: PurePath, *, private: bool) -> None:
        """With those above it; one that is there is fine."""
        Path(path).mkdir(mode=0o700 if private else 0o777, parents=True, exist_ok=True)

    def settle(self, folder: PurePath) -> None:
        """Make the names in a folder last through a power cut, where the system can."""
        if not hasattr(os, "O_DIRECTORY"):
            return
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def device(self, path: PurePath) -> int:
        """Which file system it lies on."""
        return Path(path).stat().st_dev

    @contextmanager
    def locked(self, path: PurePath) -> Iterator[None]:
        """Nobody else holds this lock meanwhile. Raises TimeoutError when another does for too long."""
        try:
            with FileLock(path, timeout=LOCK_SECONDS):
                yield
        except Timeout as problem:
            raise TimeoutError(f"another process has held {path} for {LOCK_SECONDS:.0f} s") from problem

    def now(self, ours: PurePath) -> datetime | None:
        """It has no clock but this machine's."""
        return None

    def close(self) -> None:
        """Nothing is held open."""


def _seen(path: PurePath, about: os.stat_result) -> Seen:
    kind = Kind.FILE if stat.S_ISREG(about.st_mode) else Kind.OTHER
    kind = Kind.FOLDER if stat.S_ISDIR(about.st_mode) else kind
    return Seen(path=path, kind=kind, size=about.st_size, modified_ns=about.st_mtime_ns, number=about.st_ino)
