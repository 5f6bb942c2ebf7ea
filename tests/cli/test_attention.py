from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from cratejoy_tui.cli.attention import call, has_turned


@pytest.mark.parametrize(
    ("before", "now", "turned"),
    [(None, 0, False), (None, 3, True), (0, 0, False), (3, 4, False), (1, 4, True), (4, 0, True), (4, 1, True)],
)
def test_only_a_change_is_news(before: int | None, now: int, turned: bool) -> None:
    assert has_turned(before, now) is turned


@pytest.mark.parametrize(("before", "now"), [(None, 1), (0, 1), (1, 0), (1, 1)])
def test_holds_alone_neither_turn_the_state_bad_nor_good(before: int | None, now: int) -> None:
    assert not has_turned(before, now)


async def test_the_command_reads_the_summary_on_its_stdin(tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    script = f"import sys; open({str(heard)!r}, 'w').write(sys.stdin.read())"
    assert await call([sys.executable, "-I", "-c", script], {"store": "main", "exit_code": 3}) == ""
    assert json.loads(heard.read_text()) == {"store": "main", "exit_code": 3}


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["/no/such/program"], "could not be started"),
        ([sys.executable, "-I", "-c", "raise SystemExit(4)"], "ended with 4"),
    ],
)
async def test_a_command_that_fails_costs_a_sentence_only(command: list[str], told: str) -> None:
    assert told in await call(command, {})


async def test_a_command_that_hangs_is_stopped() -> None:
    command = [sys.executable, "-I", "-c", "import time; time.sleep(60)"]
    assert "was stopped" in await call(command, {}, wait_seconds=0.2)
