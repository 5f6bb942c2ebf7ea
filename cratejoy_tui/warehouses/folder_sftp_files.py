"""Files on an SFTP server, handled with the same promises as files on a disk."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import PurePath, PurePosixPath
from typing import TYPE_CHECKING

from cratejoy_tui.errors import SetupError
from cratejoy_tui.warehouses.folder_files import LOCK_SECONDS, Kind, Seen
from cratejoy_tui.warehouses.folder_sftp_link import Link

if TYPE_CHECKING:
    import asyncssh

BETWEEN_TRIES = 0.5
LONGEST_WAITS = 4
"""So many times the life of a lock is waited while others take turns."""


class SftpFiles:
    """The folders of one account."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._one_at_a_time = threading.Lock()
        self._ours: set[str] = set()
        """Locks that we hold, or held when the connection broke."""

    def connect(self) -> None:
        """Connect unless we are. Raises SignInRefused, Unreachable, SetupError."""
        self._link.connect()

    def is_folder(self, path: PurePath) -> bool:
        """Is it a folder, or a link to one?"""
        return self._link.ask(lambda sftp: sftp.isdir(str(path)))

    def look(self, path: PurePath) -> Seen | None:
        """What lies there; None: nothing."""
        try:
            return _seen(path, self._link.ask(lambda sftp: sftp.lstat(str(path))))
        except FileNotFoundError:
            return None

    def list(self, folder: PurePath) -> list[Seen]:
        """Everything in the folder, as the server lists it."""
        names = self._link.ask(lambda sftp: sftp.readdir(str(folder)))
        plain = [(str(name.filename), name.attrs) for name in names]
        return [_seen(folder / name, about) for name, about in plain if name not in (".", "..") and "/" not in name]

    def read(self, path: PurePath, most: int) -> tuple[bytes, Seen]:
        """The file's first bytes, and the file as it was when it was opened; a link is not followed."""
        seen = self.look(path)
        if seen is None:
            raise FileNotFoundError(f"{path.name} is not there")
        if seen.kind is not Kind.FILE:
            raise OSError("it is no plain file")

        async def read(sftp: asyncssh.SFTPClient) -> bytes:
            async with sftp.open(str(path), "rb") as file:
                content = await file.read(most)
                return content if isinstance(content, bytes) else content.encode()

        return self._link.ask(read), seen

    def put(self, path: PurePath, content: bytes, *, by_way_of: PurePath) -> None:
        """Write a file that is either there whole or not at all; on the server's disk where it can tell."""
        draft = str(by_way_of / f"{path.name}.part")

        async def put(sftp: asyncssh.SFTPClient) -> None:
            async with sftp.open(draft, "wb") as file:
                await file.write(content)
                await _sync(file)
            await sftp.posix_rename(draft, str(path))

        try:
            self._link.ask(put)
        except (ConnectionError, TimeoutError):
            raise
        except OSError as problem:
            with suppress(OSError):
                self.remove(PurePosixPath(draft))
            if "not supported" in str(problem):
                raise SetupError(
                    "This SFTP server cannot put a file in the place of another in one step (posix-rename).",
                    next_step="Ask the warehouse for an OpenSSH server, or use a folder that this machine sees.",
                ) from problem
            raise

    def rename(self, source: PurePath, target: PurePath) -> None:
        """In one step."""
        self._link.ask(lambda sftp: sftp.posix_rename(str(source), str(target)))

    def remove(self, path: PurePath) -> None:
        """Delete a file; one that is not there is fine."""
        with suppress(FileNotFoundError):
            self._link.ask(lambda sftp: sftp.remove(str(path)))

    def make_folder(self, path: PurePath, *, private: bool) -> None:
        """With those above it; one that is there is fine."""
        import asyncssh

        for folder in (*reversed(path.parents), path):
            if str(folder) not in ("/", ".") and not self.is_folder(folder):
                about = asyncssh.SFTPAttrs(permissions=0o700) if private else asyncssh.SFTPAttrs()
                self._link.ask(lambda sftp, name=str(folder), about=about: sftp.mkdir(name, about))  # type: ignore[misc]

    def settle(self, folder: PurePath) -> None:
        """SFTP has no word for it; a server writes names down in its own time."""

    def device(self, path: PurePath) -> int:
        """SFTP does not tell; a rename between two file systems is refused when it is tried."""
        return 0

    @contextmanager
    def locked(self, path: PurePath) -> Iterator[None]:
        """Nobody else holds this lock meanwhile. A lock that has not moved for half a minute is a dead one's: nothing
        done under it takes that long."""
        with self._one_at_a_time:
            token = self._take(path)
            try:
                yield
            finally:
                # Where the connection broke, the next of us finds its own lock and takes it back.
                with suppress(ConnectionError, TimeoutError):
                    self.remove(path)
                    self._ours.discard(token)

    def now(self, ours: PurePath) -> datetime | None:
        """The server's clock, by a file written there just now."""
        probe = ours / "clock"

        async def touch(sftp: asyncssh.SFTPClient) -> None:
            async with sftp.open(str(probe), "wb") as file:
                await file.write(b".")

        self._link.ask(touch)
        seen = self.look(probe)
        return None if seen is None else seen.modified_at

    def close(self) -> None:
        """Hang up."""
        self._link.close()

    def _take(self, path: PurePath) -> str:
        token, first, since = secrets.token_hex(8), "", time.monotonic()
        until = since + LONGEST_WAITS * LOCK_SECONDS
        self._ours.add(token)
        while not self._was_made(path, token):
            holder = self._holder(path)
            if holder != first:
                first, since = holder, time.monotonic()
            if holder in self._ours or time.monotonic() - since > LOCK_SECONDS:
                self._break(path, token)
            elif time.monotonic() > until:
                raise TimeoutError(f"others have held {path} all the time")
            else:
                time.sleep(BETWEEN_TRIES)
        return token

    def _was_made(self, path: PurePath, token: str) -> bool:
        async def make(sftp: asyncssh.SFTPClient) -> None:
            async with sftp.open(str(path), "xb") as file:
                await file.write(token.encode())

        try:
            self._link.ask(make)
        except (ConnectionError, TimeoutError, FileNotFoundError, PermissionError):
            raise
        except OSError:  # the older protocol has one word for every failure
            if self.look(path) is None:
                raise
            return False
        return True

    def _holder(self, path: PurePath) -> str:
        try:
            return self.read(path, 100)[0].decode("ascii", "replace")
        except FileNotFoundError:
            return ""

    def _break(self, path: PurePath, token: str) -> None:
        # Renamed first, so that of several who wait only one takes it away.
        aside = path.with_name(f"{path.name}.{token}")
        with suppress(FileNotFoundError):
            self.rename(path, aside)
            self.remove(aside)


async def _sync(file: asyncssh.SFTPClientFile) -> None:
    import asyncssh

    with suppress(asyncssh.SFTPOpUnsupported):
        await file.fsync()


def _seen(path: PurePath, about: asyncssh.SFTPAttrs) -> Seen:
    import asyncssh

    kinds = {asyncssh.FILEXFER_TYPE_REGULAR: Kind.FILE, asyncssh.FILEXFER_TYPE_DIRECTORY: Kind.FOLDER}
    seconds = about.mtime or 0
    return Seen(
        path=path,
        kind=kinds.get(about.type, Kind.OTHER),
        size=about.size or 0,
        modified_ns=seconds * 1_000_000_000 + (about.mtime_ns or 0),
    )
