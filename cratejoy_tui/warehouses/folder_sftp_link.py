"""One SSH connection with a checked host key, kept open and used by plain code that waits for its answers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from cratejoy_tui.errors import CredentialsMissing, SetupError, SignInRefused, Unreachable
from cratejoy_tui.secret import Secret
from cratejoy_tui.text import one_line

if TYPE_CHECKING:
    import asyncssh

T = TypeVar("T")

CONNECT_SECONDS = 20.0
ANSWER_SECONDS = 60.0
KEEPALIVE_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """Where the server is, who we are there, and how we know that it is the right one."""

    name: str
    """The warehouse, as the operator calls it."""
    host: str
    port: int = 22
    user: str = ""
    secret: Secret = field(repr=False)
    """The account's password, or its private key as text."""
    fingerprint: str = ""
    """The host key must have this one (`SHA256:...`); "": it must be in the known_hosts file."""
    known_hosts: str = ""


class Link:
    """The connection. It lives on a thread of its own; whoever asks something of it waits, and nobody else does."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._guard = threading.RLock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._connection: asyncssh.SSHClientConnection | None = None
        self._sftp: asyncssh.SFTPClient | None = None

    def connect(self) -> None:
        """Connect unless we are. Raises SignInRefused, Unreachable, SetupError; only here is a connection made."""
        with self._guard:
            if self._is_alive():
                return
            self._drop()
            self._run(self._open(), CONNECT_SECONDS)

    def ask(self, do: Callable[[asyncssh.SFTPClient], Awaitable[T]]) -> T:
        """Have the server do one thing. Raises OSError as a disk would; ConnectionError when nobody knows whether it
        was done."""
        import asyncssh

        sftp = self._sftp
        if sftp is None:
            raise ConnectionError(f"{self._host.name} is not connected")
        try:
            return self._run(do(sftp), ANSWER_SECONDS)
        except (asyncssh.SFTPNoConnection, asyncssh.SFTPConnectionLost, asyncssh.DisconnectError) as problem:
            self._drop()
            raise ConnectionError(f"the connection broke: {one_line(problem)}") from problem
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath) as problem:
            raise FileNotFoundError(one_line(problem.reason)) from problem
        except asyncssh.SFTPPermissionDenied as problem:
            raise PermissionError(13, one_line(problem.reason)) from problem
        except asyncssh.SFTPFileAlreadyExists as problem:
            raise FileExistsError(one_line(problem.reason)) from problem
        except asyncssh.SFTPError as problem:
            raise OSError(one_line(problem.reason)) from problem
        except (TimeoutError, ConnectionError):
            # It may still be done on the other side; what comes next must look with fresh eyes.
            self._drop()
            raise

    def close(self) -> None:
        """Hang up and end the thread."""
        with self._guard:
            self._drop()
            if self._loop is not None and self._thread is not None:
                self._loop.call_soon_threadsafe(self._loop.stop)
                self._thread.join()
                self._loop.close()
            self._loop = self._thread = None

    def _is_alive(self) -> bool:
        # A server hangs up on whoever was silent for long, and only a question shows it.
        try:
            return self.ask(lambda sftp: sftp.exists("."))
        except OSError:
            return False

    async def _open(self) -> None:
        import asyncssh

        shown: list[str] = []
        try:
            self._connection, _ = await asyncssh.create_connection(
                _visitor(self._host.fingerprint, shown),
                self._host.host,
                self._host.port,
                username=self._host.user,
                known_hosts=b"" if self._host.fingerprint else self._host.known_hosts,
                config=None,
                agent_path=None,
                keepalive_interval=KEEPALIVE_SECONDS,
                connect_timeout=CONNECT_SECONDS,
                **self._proof(),
            )
            self._sftp = await self._connection.start_sftp_client()
        except asyncssh.HostKeyNotVerifiable as problem:
            raise self._stranger("".join(shown[-1:])) from problem
        except asyncssh.PermissionDenied as problem:
            raise SignInRefused(f"{self._host.name} refused the key of {one_line(self._host.user)}.") from problem
        except (asyncssh.Error, OSError) as problem:
            why = one_line(problem) or type(problem).__name__
            raise Unreachable(
                f"{self._host.name} at {one_line(self._host.host)} cannot be reached: {why}."
            ) from problem

    def _proof(self) -> dict[str, Any]:
        """What we show at the door: a private key or a password, never both, and no key of the user's own."""
        import asyncssh

        text = self._host.secret.reveal()
        if "-----BEGIN" not in text:
            return {"password": text, "client_keys": None}
        try:
            # A keyring or a variable often holds the lines of a key as one.
            return {"client_keys": [asyncssh.import_private_key(text.replace("\\n", "\n").strip() + "\n")]}
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
            said = f"The private key for {self._host.name} cannot be read; it must be whole and without a passphrase."
        raise CredentialsMissing(said)

    def _stranger(self, shown: str) -> SetupError:
        expected = self._host.fingerprint or f"one of those for it in {one_line(self._host.known_hosts)}"
        return SetupError(
            f"{one_line(self._host.host)} shows the host key {shown or 'of another kind'}, which is not {expected}. "
            "It may be another machine; nothing was sent.",
            next_step="Ask the warehouse for its host key's fingerprint; if it is this one, put it into `host_key`.",
        )

    def _run(self, what: Awaitable[T], seconds: float) -> T:
        async def timed() -> T:
            return await asyncio.wait_for(what, seconds)

        return asyncio.run_coroutine_threadsafe(timed(), self._started()).result()

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._guard:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="sftp", daemon=True)
                self._thread.start()
            return self._loop

    def _drop(self) -> None:
        connection, self._connection, self._sftp = self._connection, None, None
        if connection is not None and self._loop is not None:

            async def hang_up() -> None:
                connection.abort()
                await connection.wait_closed()

            asyncio.run_coroutine_threadsafe(hang_up(), self._loop).result(ANSWER_SECONDS)


def _visitor(expected: str, shown: list[str]) -> type[asyncssh.SSHClient]:
    """Whoever comes in: looks at the host key before anything is said, and keeps in `shown` what it was."""
    import asyncssh

    class Visitor(asyncssh.SSHClient):
        def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
            shown.append(key.get_fingerprint())
            return bool(expected) and shown[-1] == expected

    return Visitor
