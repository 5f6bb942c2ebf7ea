"""No key may be found where others could read it: arguments, settings, logs, crash reports, the terminal's bytes."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from cratejoy_tui.simulator.server import Served
from tests.setup.secret_service import ROOT, SecretService
from tests.setup.terminal import Terminal


def spellings(served: Served) -> list[bytes]:
    """The keys as they could be written by mistake."""
    pair = f"{served.client_id}:{served.client_secret}".encode()
    words = [served.client_secret, served.client_id]
    plain = [word.encode() for word in words] + [quote(word, safe="").encode() for word in words]
    encoded = [base64.b64encode(word.encode()).rstrip(b"=")[:-2] for word in words]
    return [*plain, *encoded, base64.b64encode(pair).rstrip(b"=")[:-2]]


def assert_clean(served: Served, folder: Path, *told: bytes) -> None:
    files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for spelling in spellings(served):
        for one in told:
            assert spelling not in one
        for path, content in files.items():
            assert spelling not in content, path


def environment(folder: Path, **more: str) -> dict[str, str]:
    plain = SecretService(folder / "home").environment
    return plain | {"PYTHONPATH": str(ROOT), "CRATEJOY_TUI_CONFIG": str(folder / "config.toml")} | more


def flags(served: Served, folder: Path) -> list[str]:
    (folder / "wms").mkdir()
    told = f"--api-url {served.url} --keys elsewhere --warehouse folder --set root={folder / 'wms'}"
    return [*told.split(), "--earliest-order-date", "none", "--adopt", "none"]


def keys(served: Served) -> dict[str, str]:
    return {"CRATEJOY_CLIENT_ID": served.client_id, "CRATEJOY_CLIENT_SECRET": served.client_secret}


SLOWER = [pytest.param(verb.split(), marks=pytest.mark.slow) for verb in ("--auto --json", "doctor --json", "status")]


@pytest.mark.parametrize("verb", [["doctor"], *SLOWER])
def test_no_run_of_a_connected_store_writes_its_key(served: Served, tmp_path: Path, verb: list[str]) -> None:
    told = environment(tmp_path, **keys(served))
    outputs = []
    for arguments in (["setup", "--from-env", "--verbose", *flags(served, tmp_path)], [*verb, "--verbose"]):
        command = [sys.executable, "-m", "cratejoy_tui", *arguments]
        done = subprocess.run(command, env=told, capture_output=True, timeout=120, check=False)
        assert done.returncode in (0, 1), done.stderr
        outputs += [done.stdout, done.stderr]
    assert list((tmp_path / "home").rglob("cratejoy-tui.log")), "there is a log to be looked at"
    assert_clean(served, tmp_path, *outputs)


def test_plain_questions_write_no_key_to_the_terminal_or_a_file(served: Served, tmp_path: Path) -> None:
    given = flags(served, tmp_path)
    with Terminal("setup", "--plain", "--no-preview", *given, environment=environment(tmp_path)) as terminal:
        terminal.answer("Store name .*: ")
        terminal.answer("Time zone .*: ")
        terminal.answer("or Enter to go on: ")
        terminal.answer("Client ID .*: ", served.client_id)
        terminal.answer("Client Secret Key .*: ", "a-wrong-secret-first")
        terminal.answer("Keep keys in .*: ")
        terminal.answer("What now .*: ", "change")
        terminal.answer("Client ID .*: ")
        terminal.answer("Client Secret Key .*: ", served.client_secret)
        assert not any(spelling in terminal.command_line() for spelling in spellings(served))
        terminal.answer("Keep keys in .*: ")
        terminal.answer("Warehouse .*: ")
        terminal.answer("Root.*: ")
        terminal.answer("or Enter to go on: ")
        terminal.wait_for("Pull Ecommerce Orders .*: ")
        for _ in range(8):
            terminal.type("")
        terminal.answer("or Enter to go on: ")
        terminal.answer("Earliest Order Date .*: ")
        terminal.answer("already .*: ")
        terminal.answer("a step to change .*: ", "save")
        assert terminal.ended() == 0
    assert b"a-wrong-secret-first" not in terminal.bytes
    assert_clean(served, tmp_path, terminal.bytes)


def test_a_fault_without_a_screen_reports_no_key(served: Served, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.setup.faulty", "setup", "--from-env", "--verbose"]
    told = environment(tmp_path, **keys(served))
    done = subprocess.run(
        [*command, *flags(served, tmp_path)], env=told, capture_output=True, timeout=60, check=False, cwd=ROOT
    )
    assert done.returncode == 70, done.stderr
    reports = list((tmp_path / "home").rglob("crash-*.txt"))
    assert len(reports) == 1
    assert "this fault tells" in reports[0].read_text()
    assert_clean(served, tmp_path, done.stdout, done.stderr)


def test_a_fault_on_the_screens_reports_no_key(served: Served, tmp_path: Path) -> None:
    told = environment(tmp_path, TERM="xterm-256color", COLUMNS="100", LINES="30")
    with Terminal("setup", "--api-url", served.url, environment=told, module="tests.setup.faulty") as terminal:
        terminal.wait_for("Store name")
        terminal.press(b"\x0e")
        terminal.wait_for("Client ID")
        terminal.wait_for("which is shown once")
        terminal.press(served.client_id.encode())
        terminal.wait_for("••••••")
        terminal.press(b"\r")
        terminal.wait_for(r"\x1b\[7;[0-9;]*mt\x1b\[0m\S*ype or paste")  # the cursor stands in the empty field
        terminal.press(b"\x1b[200~" + served.client_secret.encode() + b"\x1b[201~")
        terminal.wait_for("••••••")
        terminal.press(b"\x0e")
        terminal.wait_for("This is a fault")
        assert terminal.ended() == 70
    assert len(list((tmp_path / "home").rglob("crash-*.txt"))) == 1
    assert_clean(served, tmp_path, terminal.bytes)


def test_leaving_the_screens_gives_the_terminal_back(served: Served, tmp_path: Path) -> None:
    told = environment(tmp_path, TERM="xterm-256color", COLUMNS="100", LINES="30")
    with Terminal("setup", environment=told) as terminal:
        terminal.wait_for("Store name")
        terminal.press(b"\x1b")
        terminal.wait_for("Esc again")
        terminal.press(b"\x1b")
        assert terminal.ended() == 130
    assert b"\x1b[?1049l" in terminal.bytes
    assert not (tmp_path / "config.toml").exists()


def test_the_console_without_a_store_opens_set_up(tmp_path: Path) -> None:
    told = environment(tmp_path, TERM="xterm-256color", COLUMNS="100", LINES="30")
    with Terminal(environment=told) as terminal:
        terminal.wait_for("Connect a store")
        os.kill(terminal.pid, 15)
        assert terminal.ended() == 143
