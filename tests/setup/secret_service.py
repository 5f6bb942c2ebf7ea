"""A real Secret Service (gnome-keyring on a bus of its own), for tests that must not trust an imitation."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

NEEDED = ("gnome-keyring-daemon", "dbus-daemon", "dbus-send")
WAIT_SECONDS = 20
ROOT = Path(__file__).parents[2]


def why_none() -> str:
    """Why there can be none here; "" when there can."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    return f"needs {' and '.join(missing)}: install gnome-keyring and dbus to run this" if missing else ""


class SecretService:
    """Starts with its collection unlocked. `locked` starts it with a wrong password over the same collection."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._bus: subprocess.Popen[bytes] | None = None
        self._daemon: subprocess.Popen[bytes] | None = None
        self.address = ""

    @property
    def environment(self) -> dict[str, str]:
        """For programs that shall use it."""
        keep = {name: os.environ[name] for name in ("PATH", "COVERAGE_PROCESS_START") if name in os.environ}
        names = {"DATA_HOME": "data", "CACHE_HOME": "cache", "CONFIG_HOME": "config", "STATE_HOME": "state"}
        places = {f"XDG_{name}": str(self.folder / place) for name, place in names.items()}
        runtime = {"XDG_RUNTIME_DIR": str(self.folder / "run"), "HOME": str(self.folder)}
        bus = {"DBUS_SESSION_BUS_ADDRESS": self.address} if self.address else {}
        return keep | places | runtime | bus | {"LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}

    def start(self, password: bytes = b"only-for-tests") -> None:
        for name in ("run", "data", "cache", "config", "state"):
            (self.folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        self._bus = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--print-address"],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert self._bus.stdout is not None
        self.address = self._bus.stdout.readline().decode().strip()
        self._daemon = subprocess.Popen(
            ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert self._daemon.stdin is not None
        self._daemon.stdin.write(password)
        self._daemon.stdin.close()
        self._wait_until_it_answers()

    def restart_locked(self) -> None:
        """The same collection, opened with a password that is not its own."""
        self.stop()
        self.start(password=b"not-the-password")

    def kill(self) -> None:
        """The daemon dies; the bus may start another one, locked."""
        assert self._daemon is not None
        self._daemon.kill()
        self._daemon.wait(WAIT_SECONDS)

    def stop(self) -> None:
        for process in (self._daemon, self._bus):
            if process is None:
                continue
            if process.poll() is None:
                process.kill()
            process.wait(WAIT_SECONDS)
            if process.stdout is not None:
                process.stdout.close()
            self._end_group(process.pid)
        self._daemon = self._bus = None

    def python(self, script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a script that uses it."""
        return subprocess.run(
            [sys.executable, "-c", script, *arguments],
            cwd=ROOT,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def _end_group(self, group: int) -> None:
        """Whatever the bus started by itself goes too."""
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            return

    def _wait_until_it_answers(self) -> None:
        command = ["dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/"]
        question = ["org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"]
        give_up_at = time.monotonic() + WAIT_SECONDS
        while True:
            told = subprocess.run([*command, *question], env=self.environment, capture_output=True, check=False)
            if b"boolean true" in told.stdout:
                return
            assert time.monotonic() < give_up_at, "the Secret Service never came up"
            time.sleep(0.02)
