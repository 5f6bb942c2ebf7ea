"""Who holds a lease, as text that another process on the same machine can check: `host:pid:token:label`.

The token names the start of the machine, the process's own numbering space and the moment the process began, so a
reused process number is not taken for the old process, and a process we cannot see is never called dead.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that holds a lease."""

    host: str
    pid: int
    token: str
    label: str

    @classmethod
    def read(cls, text: str) -> Holder:
        """Understand a holder's text; one that we did not write is all label."""
        parts = text.split(":", 3)
        if len(parts) == 4 and parts[1].isdigit():
            return cls(parts[0], int(parts[1]), parts[2], parts[3])
        return cls("", 0, "", text)

    @property
    def text(self) -> str:
        """For an operator."""
        return f"{self.label} on {self.host}, process {self.pid}" if self.pid else self.label


def this_process(label: str) -> str:
    """The holder text of this process; `label` says what it does (auto, console, push ...)."""
    host = socket.gethostname().replace(":", "-")
    return f"{host}:{os.getpid()}:{_token(os.getpid()) or ''}:{label}"


def is_gone(holder: str) -> bool:
    """True only when the holder's process surely runs no more. In doubt it lives."""
    told = Holder.read(holder)
    if told.pid == 0:
        return False
    if told.token:
        place, _, began = told.token.rpartition("-")
        if place != _place():
            return False
        return not began or began != _began(told.pid)
    return told.host == socket.gethostname().replace(":", "-") and not _lives(told.pid)


def _token(pid: int) -> str | None:
    place, began = _place(), _began(pid)
    return f"{place}-{began}" if place and began else None


def _place() -> str:
    """Names this start of this machine and the numbering space of its processes; "" where it cannot be told."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip().replace("-", "")[:12]
        space = str((_PROC / "self/ns/pid").readlink()).strip("pid:[]")
    except OSError:
        return ""
    return f"{boot}-{space}"


def _began(pid: int) -> str | None:
    """When the process began, in ticks; None when there is no such process, or only its remains."""
    fields = _stat(pid)
    return None if not fields or fields[0] in "ZX" else fields[19]


def _stat(pid: int) -> list[str]:
    """State and what follows it; [] when there is no such process."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return []
    return stat.rpartition(")")[2].split()


def process_locking(path: Path) -> tuple[int, bool] | None:
    """The process that holds the lock on this file, and whether it is suspended; None where it cannot be told."""
    try:
        file = path.stat()
        locks = (_PROC / "locks").read_text()
    except OSError:
        return None
    place = f"{os.major(file.st_dev):02x}:{os.minor(file.st_dev):02x}:{file.st_ino}"
    for line in locks.splitlines():
        _, kind, *rest = line.split()
        if kind == "FLOCK" and rest[3] == place and int(rest[2]) > 0:
            pid = int(rest[2])
            return pid, _stat(pid)[:1] == ["T"]
    return None


def _lives(pid: int) -> bool:
    if os.name != "posix":
        return True  # asking would end the process there
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
