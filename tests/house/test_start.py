"""What the program loads before it answers: a terminal that waits for `--help` is a bad start."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("textual", "sqlalchemy", "alembic", "keyring", "httpx", "starlette", "uvicorn", "pytest")

SCRIPT = """
import sys
sys.argv = ["cratejoy-tui", *sys.argv[1:]]
from cratejoy_tui.__main__ import main
code = main()
names = {name if name.startswith("cratejoy_tui") else name.split(".")[0] for name in sys.modules}
print("\\nLOADED", code, *names)
"""


def loaded(*arguments: str) -> tuple[int, set[str]]:
    """Exit code and loaded modules after this command line."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments], capture_output=True, text=True, timeout=60, check=True
    )
    code, *modules = done.stdout.rsplit("LOADED", 1)[1].split()
    return int(code), set(modules)


def test_the_version_is_answered_before_anything_is_loaded() -> None:
    code, modules = loaded("--version")
    assert code == 0
    assert not modules & {*HEAVY, "click", "rich", "msgspec", "asyncio", "logging", "cratejoy_tui.cli"}


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["push", "--help"], ["completion", "bash"], [], ["--nonsense"], ["pusch"]],
    ids=lambda arguments: " ".join(arguments) or "nothing",
)
def test_help_and_mistakes_are_answered_without_the_heavy_parts(arguments: list[str]) -> None:
    _, modules = loaded(*arguments)
    assert not modules & set(HEAVY)


def test_one_verb_does_not_load_the_others() -> None:
    _, modules = loaded("completion", "bash")
    assert "cratejoy_tui.cli.decisions" not in modules
    assert not {module for module in modules if module.startswith("cratejoy_tui.sync.flows")}


def test_a_missing_settings_file_is_told_without_the_heavy_parts(tmp_path_factory: pytest.TempPathFactory) -> None:
    missing = tmp_path_factory.mktemp("none") / "config.toml"
    code, modules = loaded("--auto", "--config", str(missing))
    assert code == 2
    assert not modules & {"textual", "sqlalchemy", "keyring", "starlette"}
