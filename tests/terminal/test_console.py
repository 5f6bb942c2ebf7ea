"""The console as a process on a real terminal: how it starts, is resized, is told to go, and what it leaves behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cratejoy_tui.simulator.scenarios import demo_world

if sys.platform == "win32":
    pytest.skip("a pty is needed", allow_module_level=True)

from tests.terminal.screens import Terminal, place

LEFT_ALTERNATE_SCREEN = b"\x1b[?1049l"
LEFT_MOUSE = b"\x1b[?1000l"
OURS = re.compile(
    rb"\x1b\[[0-9;?>=<]*[A-Za-z]"  # colours, cursor, modes
    rb"|\x1b\[[?>0-9;]*\$p"  # asks whether the terminal knows a mode
    rb"|\x1b[()][AB0]|\x1b[78=>]"
    rb"|\x1bP\+q[0-9a-f;]*\x1b\\\\"
    rb"|\x1b\]2;cratejoy-tui\x07|\x1b\]22;[a-z]*\x07"
)


def opened(folder: Path, *arguments: str, size: tuple[int, int] = (100, 30)) -> Terminal:
    return Terminal(["--demo", *arguments], place(folder), size=size)


def test_it_opens_refreshes_and_quits_with_zero(tmp_path: Path) -> None:
    with opened(tmp_path) as terminal:
        terminal.until("SUB-7093500001")
        terminal.press("q")
        assert terminal.ended() == 0
        assert LEFT_ALTERNATE_SCREEN in terminal.written
        assert LEFT_MOUSE in terminal.written


def test_a_small_window_says_so_and_recovers(tmp_path: Path) -> None:
    with opened(tmp_path) as terminal:
        at = terminal.until("news:")
        terminal.resize(60, 15)
        at = terminal.until("SUB-7093500001", at)
        terminal.resize(50, 12)
        at = terminal.until("too small", at)
        terminal.resize(100, 30)
        terminal.until("SUB-7093500001", at)
        terminal.press("q")
        assert terminal.ended() == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_restores_the_terminal_and_gives_its_code(number: signal.Signals, code: int, tmp_path: Path) -> None:
    with opened(tmp_path) as terminal:
        terminal.until("Press r to ask Cratejoy")
        terminal.process.send_signal(number)
        assert terminal.ended() == code
        assert LEFT_ALTERNATE_SCREEN in terminal.written


def test_a_closed_window_ends_it(tmp_path: Path) -> None:
    with opened(tmp_path) as terminal:
        terminal.until("Press r to ask Cratejoy")
        terminal.hang_up()
        assert terminal.ended() == 129


@pytest.mark.parametrize("arguments", [[], ["--demo"]])
def test_without_a_terminal_it_points_at_auto(arguments: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cratejoy_tui", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, **place(tmp_path)},
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "--auto" in done.stderr
    assert done.stdout == ""


def test_a_dumb_terminal_is_refused(tmp_path: Path) -> None:
    with Terminal(["--demo"], {**place(tmp_path), "TERM": "dumb"}) as terminal:
        assert terminal.ended() == 2
        assert b"--auto" in terminal.written


def test_hostile_names_write_nothing_but_our_own_sequences_and_no_secret(tmp_path: Path) -> None:
    folder = Path(place(tmp_path)["CRATEJOY_TUI_DEMO"])
    world = demo_world(folder / "world.sqlite", "nasty-data")
    keys = world.keys
    world.close()
    with opened(tmp_path, size=(120, 40)) as terminal:
        terminal.until("news:")
        for room in "123456":
            terminal.press(room)
            terminal.read(0.4)
            for _ in range(8):
                terminal.press("jd")
                terminal.read(0.1)
            terminal.press("\x1b")
            terminal.read(0.3)
        terminal.press("1")
        terminal.read(0.3)
        terminal.press("i")
        terminal.until("When will it go?")
        for key in ("\x1b", "l"):
            terminal.press(key)
            terminal.read(0.5)
        terminal.press("q")
        assert terminal.ended() == 0
        rest = OURS.sub(b"", terminal.written).decode("utf-8", "replace")
        strange = {char for char in rest if not char.isprintable() and char not in "\r\n\t\u200d"}
        assert strange == set()
        for secret in (keys.client_id, keys.client_secret, keys.warehouse_token):
            assert secret.encode() not in terminal.written


def test_nothing_heavy_is_loaded_before_the_first_paint() -> None:
    code = (
        "import sys, cratejoy_tui.cli.border, cratejoy_tui.cli.console, cratejoy_tui.tui.app\n"
        "heavy = {'sqlalchemy', 'keyring', 'httpx', 'alembic', 'starlette', 'msgspec', 'click'} & set(sys.modules)\n"
        "print(*sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
    assert done.stdout == "\n"
