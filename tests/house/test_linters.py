"""The linters, called by the one test command."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.places import PACKAGE, ROOT

LINT_IMPORTS = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command(sys.argv[1:])"


def ran(*command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=cwd, capture_output=True, text=True, timeout=600, check=False)


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["-m", "ruff", "check", "."], id="ruff check"),
        pytest.param(["-m", "ruff", "format", "--check", "."], id="ruff format"),
        pytest.param(["-m", "mypy"], id="mypy"),
        pytest.param(["-c", LINT_IMPORTS, "--no-cache"], id="import contracts"),
    ],
)
def test_the_linter_has_nothing_to_say(command: list[str]) -> None:
    done = ran(*command)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package somewhere else, to plant faults in."""
    place = tmp_path_factory.mktemp("planted")
    shutil.copytree(PACKAGE, place / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", place)
    return place


@pytest.mark.parametrize(
    ("room", "planted"),
    [
        ("new_room.py", ""),
        ("sync/new_room.py", ""),
        ("sync/domain/planted.py", "import cratejoy_tui.sync.ports"),
        ("sync/domain/planted.py", "import httpx"),
        ("sync/domain/planted.py", "def read():\n    import os"),
        ("sync/flows/planted.py", "def look():\n    from cratejoy_tui.sync.ledger import open_ledger"),
        ("sync/flows/planted.py", "import textual"),
        ("warehouses/planted.py", "import cratejoy_tui.sync.flows.push"),
        ("warehouses/planted.py", "import cratejoy_tui.cratejoy"),
        ("warehouses/planted.py", "import cratejoy_tui.sync.ledger"),
        ("warehouses/planted.py", "import sqlalchemy"),
        ("cratejoy/planted.py", "import cratejoy_tui.warehouses"),
        ("settings/planted.py", "import cratejoy_tui.http"),
        ("cli/planted.py", "import textual"),
        ("cli/planted.py", "import httpx"),
        ("cli/planted.py", "def open():\n    import cratejoy_tui.sync.ledger"),
        ("cli/planted.py", "import cratejoy_tui.credentials"),
        ("setup/planted.py", "import cratejoy_tui.cli"),
        ("tui/planted.py", "import httpx"),
        ("tui/planted.py", "def look():\n    import cratejoy_tui.sync.ledger"),
    ],
)
def test_a_planted_import_is_caught(copy: Path, room: str, planted: str) -> None:
    file = copy / PACKAGE.name / room
    file.write_text(planted + "\n")
    try:
        done = ran("-c", LINT_IMPORTS, "--no-cache", cwd=copy)
    finally:
        file.unlink()
    assert done.returncode == 1, done.stdout + done.stderr
    assert "BROKEN" in done.stdout
