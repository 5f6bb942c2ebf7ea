"""A real SSH server on this machine with a folder behind it, and somebody on the folder's other side."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from cratejoy_tui.secret import Secret
from cratejoy_tui.warehouses.folder_sftp import SftpWarehouse
from tests.warehouses.folder_rig import FolderRig, StoppedClock, place

USER, PASSWORD = "teabox", "made-up-password"
CLIENT_KEY = asyncssh.generate_private_key("ssh-ed25519")
HOST_KEY = asyncssh.generate_private_key("ssh-ed25519")


@dataclass
class Server:
    """What the server does wrong next."""

    root: Path
    port: int = 0
    connections: list[asyncssh.SSHServerConnection] = field(default_factory=list)
    fails: dict[str, list[Callable[[], None]]] = field(default_factory=dict)
    """`before STEP` or `after STEP` -> what happens then, once each; a step is a verb with the folder it ends in."""
    steps: list[str] = field(default_factory=list)

    def happen(self, when: str, step: str) -> None:
        """Something was done, or is about to be."""
        if when == "before":
            self.steps.append(step)
        for act in self.fails.pop(f"{when} {step}", ()):
            act()

    def cut(self) -> None:
        """Every connection is gone at once."""
        for connection in self.connections:
            connection.abort()
        self.connections.clear()

    def fill_disk(self) -> None:
        raise asyncssh.SFTPFailure("no space left")


class Doorman(asyncssh.SSHServer):
    """Lets one account in, by its password or its key."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._server.connections.append(conn)

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == USER and key.get_fingerprint() == CLIENT_KEY.get_fingerprint()


class Folders(asyncssh.SFTPServer):
    """The account's folders; it cannot see anything else."""

    def __init__(self, chan: Any, server: Server) -> None:
        super().__init__(chan, chroot=str(server.root))
        self._server = server

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> Any:
        step = f"rename {newpath.decode().split('/')[-2]}"
        self._server.happen("before", step)
        done = super().posix_rename(oldpath, newpath)
        self._server.happen("after", step)
        return done

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> Any:
        self._server.happen("before", f"open {path.decode().split('/')[-1]}")
        return super().open(path, pflags, attrs)


@dataclass
class SftpRig(FolderRig):
    """One account on one server."""

    server: Server = field(default_factory=lambda: Server(root=Path()))
    settings: Mapping[str, object] = field(default_factory=lambda: {"orders_per_file": 500})
    secret: str = PASSWORD
    make: Callable[..., SftpWarehouse] = SftpWarehouse.from_settings
    has_keys: bool = True
    clock: StoppedClock = field(default_factory=lambda: StoppedClock(moment=datetime.now(UTC)))
    made: list[SftpWarehouse] = field(default_factory=list)

    async def connect(self, *, wrong_key: bool = False, **settings: object) -> SftpWarehouse:
        given = {
            "host": "127.0.0.1",
            "port": self.server.port,
            "user": USER,
            "root": "/",
            "host_key": HOST_KEY.get_fingerprint(),
            **self.settings,
            **settings,
        }
        secrets = {"key": Secret("wrong" if wrong_key else self.secret)}
        warehouse = self.make(given, replace(place(clock=self.clock), secrets=secrets))
        self.made.append(warehouse)
        if not wrong_key and not (self.root / "in").exists():
            await warehouse.adopt("ledger-of-the-contract", self.sequence)
        return warehouse

    def files(self, start: str = "o") -> list[Path]:
        return super().files(start) if (self.root / "in").exists() else []

    async def close(self) -> None:
        for warehouse in self.made:
            await warehouse.close()

    async def lose_next_answer(self) -> None:
        self.server.fails["after rename in"] = [self.server.cut]

    async def block_next_write(self) -> None:
        self.server.fails["before rename staging"] = [self.server.fill_disk]


@asynccontextmanager
async def rigged(root: Path, patch: pytest.MonkeyPatch, **options: Any) -> AsyncIterator[SftpRig]:
    """A server of its own with an empty folder."""
    server = Server(root=root)
    acceptor = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=lambda: Doorman(server),
        server_host_keys=[HOST_KEY],
        sftp_factory=lambda chan: Folders(chan, server),
        config=None,
    )
    server.port = acceptor.get_port()
    rig = SftpRig(root=root, patch=patch, server=server, **options)
    try:
        yield rig
    finally:
        await rig.close()
        server.cut()
        acceptor.close()
        await acceptor.wait_closed()
