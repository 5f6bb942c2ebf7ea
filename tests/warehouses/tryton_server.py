"""A real Tryton, installed from PyPI into a virtual environment of its own and served on this machine.

The environment and an empty database are kept in this user's cache, or in the folder that
`$CRATEJOY_TUI_TRYTON_VENV` names; making them takes about 100 seconds.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock
from platformdirs import user_cache_path

PACKAGES = tuple(
    f"{name}==8.2.*"
    for name in ("trytond", "trytond_sale", "trytond_sale_shipment_cost", "trytond_stock_package_shipping", "proteus")
)
MODULES = (
    *("ir", "res", "carrier", "sale", "stock", "stock_package"),
    *("stock_package_shipping", "stock_shipment_cost", "sale_shipment_cost"),
)
DATABASE = "tea"
READY_SECONDS = 120.0
_OFFLINE = re.compile(
    r"No matching distribution|ConnectionError|NewConnectionError|resolve|unreachable|timed out|ProxyError",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Served:
    """Where it is served, and a key that is good there."""

    url: str
    key: str


@contextmanager
def tryton_served(work: Path) -> Iterator[Served]:
    """Serve a database of its own, with a company, two products on the shelf, a carrier and a key."""
    home = Path(os.environ.get("CRATEJOY_TUI_TRYTON_VENV") or user_cache_path("cratejoy-tui") / "tryton-8.2")
    home.mkdir(parents=True, exist_ok=True)
    with FileLock(home / "lock"):
        _install(home)
        _make_database(home)
    shutil.copy(home / "empty.sqlite", work / f"{DATABASE}.sqlite")
    port = _free_port()
    config = _config(work, port)
    key = (
        _run(home, "python", Path(__file__).with_name("tryton_furnished.py"), config, DATABASE).strip().splitlines()[-1]
    )
    log = work / "server.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [_tool(home, "trytond"), "-c", config, "-d", DATABASE], stdout=out, stderr=subprocess.STDOUT, cwd=work
        )
    try:
        _await_port(server, port, log)
        yield Served(url=f"http://127.0.0.1:{port}", key=key)
    finally:
        server.terminate()
        server.wait(30)


def _install(home: Path) -> None:
    done = home / "installed"
    if done.exists():
        return
    venv.create(home / "venv", clear=True, with_pip=True)
    pip = [_tool(home, "python"), "-m", "pip", "install", "--quiet", "--no-input", *PACKAGES]
    told = subprocess.run(pip, capture_output=True, text=True, check=False)
    if told.returncode and _OFFLINE.search(told.stderr):
        pytest.skip(f"Tryton is not tried: PyPI cannot be reached ({told.stderr.strip().splitlines()[-1][:200]})")
    assert told.returncode == 0, told.stderr
    done.touch()


def _make_database(home: Path) -> None:
    """An empty database with the modules activated: the slow part, done once."""
    done = home / "empty.sqlite"
    if done.exists():
        return
    work = home / "making"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    (work / f"{DATABASE}.sqlite").touch()
    (work / "password").write_text("made-up-for-tests\n")
    command = ("trytond-admin", "-c", _config(work, 0), "-d", DATABASE, "--all", "-p", "--email", "clerk@example.test")
    _run(home, *command, "-u", *MODULES, "--activate-dependencies", TRYTONPASSFILE=str(work / "password"))
    (work / f"{DATABASE}.sqlite").rename(done)
    shutil.rmtree(work)


def _config(work: Path, port: int) -> Path:
    path = work / "trytond.conf"
    path.write_text(f"[database]\nuri=sqlite://\npath={work}\n[web]\nlisten=127.0.0.1:{port}\n")
    return path


def _tool(home: Path, name: str) -> str:
    folder = "Scripts" if sys.platform == "win32" else "bin"
    return str(home / "venv" / folder / name)


def _run(home: Path, name: str, *arguments: object, **environment: str) -> str:
    command = [_tool(home, name), *(str(one) for one in arguments)]
    told = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    assert told.returncode == 0, told.stderr[-4000:]
    return told.stdout


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _await_port(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)  # it loads its modules first; nothing tells when it is done
        else:
            return
    raise AssertionError(f"Tryton did not start: {log.read_text()[-2000:]}")
