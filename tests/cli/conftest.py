from __future__ import annotations

import json
import shutil
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


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demonstration day, played once by the command line itself."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRATEJOY_TUI_DEMO", str(folder))
        patch.setattr("cratejoy_tui.logs.default_folder", lambda: folder / "logs")
        assert run(["--auto", "--demo", "--quiet", "--as", "night shift"]) in (0, 1)
    return folder


@pytest.fixture
def demo(played: Path, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Type a command on a copy of that store."""
    folder = tmp_path / "demo"
    shutil.copytree(played, folder)
    monkeypatch.setenv("CRATEJOY_TUI_DEMO", str(folder))

    def typed(*arguments: str) -> Ended:
        return command(*arguments, "--demo")

    return typed


def lines(ended: Ended) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ended.out.splitlines()]


def boxes(demo: Command, *filters: str) -> list[dict[str, Any]]:
    return lines(demo("list", "--json", *filters))


def one_box(demo: Command, *filters: str) -> str:
    return str(boxes(demo, *filters)[0]["shipment_id"])


def held_for(demo: Command, reason: str) -> str:
    return one_box(demo, "--stage", "held", "--reason", reason)
