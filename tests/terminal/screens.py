"""A real terminal for a real process: a pty, its size, and everything that was written to it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

LONGEST_SECONDS = 60.0


def _environment() -> dict[str, str]:
    """Ours, without the size of our own terminal: it would be believed before the size of the pty."""
    return {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}


class Terminal:
    """Runs one command on a pty and keeps every byte it writes."""

    def __init__(
        self,
        arguments: list[str],
        environment: Mapping[str, str],
        *,
        size: tuple[int, int] = (100, 30),
        command: tuple[str, ...] = (),
    ) -> None:
        self.master, slave = pty.openpty()
        self.resize(*size)
        self.written = b""
        self.process = subprocess.Popen(
            [sys.executable, *(command or ("-m", "cratejoy_tui")), *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**_environment(), "TERM": "xterm-256color", "COLORTERM": "truecolor", **environment},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.master >= 0:
            os.close(self.master)

    def resize(self, width: int, height: int) -> None:
        """Give the window another size."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        if hasattr(self, "process"):
            os.killpg(self.process.pid, signal.SIGWINCH)

    def press(self, keys: str) -> None:
        """Type these bytes."""
        os.write(self.master, keys.encode())

    def read(self, seconds: float = 0.05) -> None:
        """Take in what is there."""
        while select.select([self.master], [], [], seconds)[0]:
            try:
                data = os.read(self.master, 65536)
            except OSError:  # the other side is closed
                return
            if not data:
                return
            self.written += data

    def until(self, words: str, since: int = 0) -> int:
        """Wait until these words were written; gives where the writing stands."""
        end = time.monotonic() + LONGEST_SECONDS
        while words.encode() not in self.written[since:]:
            assert time.monotonic() < end, f"{words!r} never came; the end of what did:\n{self.written[-3000:]!r}"
            assert self.process.poll() is None or select.select([self.master], [], [], 0)[0], self.written[-3000:]
            self.read()
        return len(self.written)

    def ended(self) -> int:
        """Wait for the end; gives the exit code."""
        end = time.monotonic() + LONGEST_SECONDS
        while self.process.poll() is None:
            assert time.monotonic() < end, f"it does not end:\n{self.written[-2000:]!r}"
            if self.master >= 0:
                self.read()
            else:
                time.sleep(0.02)
        if self.master >= 0:
            self.read()
        return self.process.returncode

    def hang_up(self) -> None:
        """Close the window."""
        os.close(self.master)
        self.master = -1


def place(folder: Path) -> dict[str, str]:
    """An environment in which nothing outside this folder is read or written."""
    ours = ("DEMO", "STATE", "EXPORTS")
    names = [f"CRATEJOY_TUI_{name}" for name in ours] + [
        f"XDG_{name}_HOME" for name in ("CONFIG", "DATA", "STATE", "CACHE")
    ]
    names.append("HOME")
    return {name: str(folder / name.lower()) for name in names}
