"""A person at a real terminal: a pseudo-terminal with the program on its other side."""

from __future__ import annotations

import errno
import os
import pty
import re
import select
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

WAIT_SECONDS = 40


class Terminal:
    """Types and reads; keeps every byte that the program wrote."""

    def __init__(self, *arguments: str, environment: Mapping[str, str], module: str = "cratejoy_tui") -> None:
        self.pid, self._end = pty.fork()
        if self.pid == 0:
            os.execve(sys.executable, [sys.executable, "-m", module, *arguments], dict(environment))
        self.bytes = b""
        self._read_up_to = 0
        self._code: int | None = None

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._code is None:
            os.kill(self.pid, 9)
            os.waitpid(self.pid, 0)
        os.close(self._end)

    @property
    def text(self) -> str:
        """All that was written."""
        return self.bytes.decode("utf-8", "replace").replace("\r\n", "\n")

    def command_line(self) -> bytes:
        """What other users of the machine can see of it."""
        return Path(f"/proc/{self.pid}/cmdline").read_bytes()

    def wait_for(self, pattern: str) -> str:
        """Read on until this stands there; gives what came up to it."""
        give_up_at = time.monotonic() + WAIT_SECONDS
        while True:
            fresh = self.bytes[self._read_up_to :].decode("utf-8", "replace")
            if found := re.search(pattern, fresh):
                self._read_up_to += len(fresh[: found.end()].encode())
                return fresh[: found.end()]
            if not self._read(give_up_at):
                raise AssertionError(f"{pattern!r} never came; the end was: {self.text[-1500:]}")

    def type(self, text: str) -> None:
        """A line, with Enter."""
        os.write(self._end, text.encode() + b"\r")

    def press(self, key: bytes) -> None:
        """One key, such as b"\\x03" for Ctrl-C."""
        os.write(self._end, key)

    def answer(self, pattern: str, text: str = "") -> str:
        """Wait for a question and answer it."""
        seen = self.wait_for(pattern)
        self.type(text)
        return seen

    def ended(self) -> int:
        """Read to the end; gives the exit code."""
        give_up_at = time.monotonic() + WAIT_SECONDS
        while self._read(give_up_at):
            pass
        _, status = os.waitpid(self.pid, 0)
        self._code = os.waitstatus_to_exitcode(status)
        return self._code

    def _read(self, give_up_at: float) -> bool:
        ready, _, _ = select.select([self._end], [], [], max(give_up_at - time.monotonic(), 0))
        assert ready, f"the program said nothing more; the end was: {self.text[-1500:]}"
        try:
            more = os.read(self._end, 65536)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return False
        self.bytes += more
        return bool(more)
