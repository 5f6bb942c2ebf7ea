from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cratejoy_tui.cli import run
from cratejoy_tui.cli.options import Options

TWO_STORES = """
[stores.main.warehouse]
kind = "folder"
[stores.tea.warehouse]
kind = "folder"
"""


@dataclass(frozen=True)
class Ended:
    """How one command line ended."""

    code: int
    out: str
    err: str


Command = Callable[..., Ended]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A settings file with two stores, and all other places of ours in a folder that goes away."""
    path = tmp_path / "config.toml"
    path.write_text(TWO_STORES)
    monkeypatch.setenv("CRATEJOY_TUI_CONFIG", str(path))
    monkeypatch.setenv("CRATEJOY_TUI_LEDGER", str(tmp_path / "ledger.db"))
    monkeypatch.setattr("cratejoy_tui.logs.default_folder", lambda: tmp_path / "logs")
    return path


@pytest.fixture
def command(config: Path, capfd: pytest.CaptureFixture[str]) -> Command:
    """Type a command line."""

    def typed(*arguments: str) -> Ended:
        code = run(arguments)
        captured = capfd.readouterr()
        return Ended(code, captured.out, captured.err)

    return typed


@pytest.fixture
def desks(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The desks that stores open, by name; an exception instead of a desk is raised at the door. Filled by the test."""
    by_name: dict[str, Any] = {}

    @asynccontextmanager
    async def opened(options: Options, name: str, *_: object) -> AsyncIterator[Any]:
        if isinstance(by_name[name], BaseException):
            raise by_name[name]
        yield by_name[name]

    monkeypatch.setattr("cratejoy_tui.cli.desks.opened", opened)
    return by_name
