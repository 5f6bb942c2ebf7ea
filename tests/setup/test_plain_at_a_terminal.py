"""The whole of plain set-up at a real terminal, with a real keyring where one is installed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cratejoy_tui.settings import load
from cratejoy_tui.simulator.server import Served
from tests.setup.secret_service import ROOT, SecretService, why_none
from tests.setup.terminal import Terminal


def environment(folder: Path, service: SecretService | None = None) -> dict[str, str]:
    plain = (service or SecretService(folder / "home")).environment
    return plain | {"TERM": "dumb", "PYTHONPATH": str(ROOT), "CRATEJOY_TUI_CONFIG": str(folder / "config.toml")}


@pytest.fixture
def at_hand(served: Served, tmp_path: Path, secret_service: SecretService) -> Iterator[Terminal]:
    (tmp_path / "wms").mkdir()
    told = environment(tmp_path, secret_service)
    with Terminal("setup", "--plain", "--api-url", served.url, environment=told) as terminal:
        yield terminal


def test_a_newcomer_gets_from_nothing_to_a_stored_store(
    at_hand: Terminal, served: Served, tmp_path: Path, secret_service: SecretService
) -> None:
    at_hand.answer("Store name .*: ", "tea")
    at_hand.answer("Time zone .*: ", "America/New_York")
    at_hand.answer("or Enter to go on: ")
    assert served.client_secret.encode() not in at_hand.command_line()
    at_hand.answer("Client ID .*: ", served.client_id)
    at_hand.answer("Client Secret Key .*: ", f"  {served.client_secret} ")
    at_hand.answer("Keep keys in .*: ", "key")
    assert "OK: Cratejoy answers" in at_hand.wait_for("Secret Service")
    at_hand.answer("Warehouse .*: ", "folder")
    at_hand.answer("Root.*: ", str(tmp_path / "wms"))
    at_hand.answer("or Enter to go on: ", "layout")
    at_hand.answer("Layout .*: ", "dsfx")
    at_hand.answer("or Enter to go on: ")
    at_hand.wait_for("OK: Folder")
    leave_the_rules_but_ten_days(at_hand)
    at_hand.answer("first pull now.*: ")
    assert "Nothing is sent" in at_hand.text
    assert "Would be sent in the first push" in at_hand.wait_for("Earliest Order Date: ")
    at_hand.type("2099-01-01")
    at_hand.answer("At the warehouse already .*: ", "none")
    assert "would stay behind as TOO_OLD" in at_hand.wait_for("As it would be kept")
    at_hand.answer("a step to change .*: ", "first-pull")
    at_hand.answer("first pull now.*: ", "no")
    at_hand.answer("Earliest Order Date .*: ", "none")
    at_hand.answer("already .*: ")
    at_hand.answer("a step to change .*: ", "save")
    assert at_hand.ended() == 0
    assert "keyring (Secret Service)" in at_hand.text
    kept = load(tmp_path / "config.toml").store("tea")
    assert kept.warehouse.options == {"root": str(tmp_path / "wms"), "layout": "dsfx"}
    assert kept.rules.target_ship_date_within_days == 10
    assert kept.rules.earliest_order_date is None
    assert kept.rules.time_zone == "America/New_York"
    assert (tmp_path / "wms" / "in").is_dir(), "the ledger adopted the folder"
    held_by_none(served, tmp_path, at_hand, secret_service)


def leave_the_rules_but_ten_days(terminal: Terminal) -> None:
    for rule in ("Ecommerce", "Ad-hoc", "Standard"):
        terminal.answer(f"Pull {rule} Orders .*: ")
    terminal.answer("Target Ship Date Within .*: ", "10")
    for label in ("SKU Suffix", "Order Ship Code", "Send Cancellation", "Open batch"):
        terminal.answer(f"{label} .*: ")
    terminal.answer("or Enter to go on: ")


def held_by_none(served: Served, folder: Path, terminal: Terminal, service: SecretService) -> None:
    """No key on the screen, and none in any file of ours; the keyring's own file is not plain text."""
    for word in (served.client_id, served.client_secret):
        assert word.encode() not in terminal.bytes
        for path in folder.rglob("*"):
            if path.is_file():
                assert word.encode() not in path.read_bytes(), path


@pytest.mark.slow
def test_what_was_set_up_runs_and_the_doctor_finds_it_well(
    at_hand: Terminal, served: Served, tmp_path: Path, secret_service: SecretService
) -> None:
    test_a_newcomer_gets_from_nothing_to_a_stored_store(at_hand, served, tmp_path, secret_service)
    told = environment(tmp_path, secret_service)

    def typed(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "cratejoy_tui", *arguments]
        return subprocess.run(command, env=told, capture_output=True, text=True, timeout=90, check=False)

    doctor = typed("doctor", "--json")
    lines = [json.loads(line) for line in doctor.stdout.splitlines()]
    found = {line["name"]: line for line in lines if line["type"] == "finding"}
    assert "Secret Service" in found["keys"]["text"]
    assert found["Cratejoy"]["level"] == "ok"
    dry = typed("--auto", "--dry-run", "--json")
    assert dry.returncode in (0, 1), dry.stderr
    assert served.client_secret not in doctor.stdout + doctor.stderr + dry.stdout + dry.stderr
    gone = typed("forget", "--store", "tea", "--yes")
    assert "client_id, client_secret removed" in gone.stdout
    again = typed("--auto", "--dry-run")
    assert again.returncode == 2
    assert "cratejoy-tui setup" in again.stderr


@pytest.mark.skipif(bool(why_none()), reason=why_none() or "there is one")
def test_a_locked_keyring_is_told_before_anything_else_is_asked(
    served: Served, tmp_path: Path, secret_service: SecretService
) -> None:
    secret_service.python("from cratejoy_tui.credentials import OsKeyring; OsKeyring().set('x', 'y', 'z')")
    secret_service.restart_locked()
    with Terminal(
        "setup", "--plain", "--api-url", served.url, environment=environment(tmp_path, secret_service)
    ) as terminal:
        to_the_keys(terminal, served)
        terminal.answer("Keep keys in .*: ", "keyring")
        told = terminal.wait_for("What now .*: ")
        assert "Failed" in told
        terminal.type("change")
        terminal.answer("Client ID .*typed.*: ")
        terminal.answer("Client Secret Key .*typed.*: ")
        terminal.answer("Keep keys in .*: ", "elsewhere")
        terminal.wait_for("OK: Cratejoy answers")
        terminal.press(b"\x03")
        assert terminal.ended() == 130


def to_the_keys(terminal: Terminal, served: Served) -> None:
    terminal.answer("Store name .*: ")
    terminal.answer("Time zone .*: ")
    terminal.answer("or Enter to go on: ")
    terminal.answer("Client ID .*: ", served.client_id)
    terminal.answer("Client Secret Key .*: ", served.client_secret)


def test_two_keys_pasted_at_once_are_asked_for_one_by_one_and_never_shown(served: Served, tmp_path: Path) -> None:
    """What is typed ahead of a hidden prompt is dropped, as it is at any password prompt."""
    with Terminal("setup", "--plain", "--api-url", served.url, environment=environment(tmp_path)) as terminal:
        terminal.answer("Store name .*: ")
        terminal.answer("Time zone .*: ")
        terminal.answer("or Enter to go on: ")
        terminal.answer("Client ID .*: ", f"{served.client_id}\r{served.client_secret}")
        terminal.answer("Client Secret Key .*: ", served.client_secret)
        terminal.answer("Keep keys in .*: ", "elsewhere")
        terminal.wait_for("OK: Cratejoy answers")
        assert served.client_secret.encode() not in terminal.bytes
        terminal.press(b"\x03")
        assert terminal.ended() == 130


@pytest.mark.parametrize(("key", "code"), [(b"\x03", 130), (b"\x04", 130)], ids=["ctrl-c", "ctrl-d"])
def test_leaving_in_the_middle_keeps_nothing(served: Served, tmp_path: Path, key: bytes, code: int) -> None:
    told = environment(tmp_path)
    with Terminal("setup", "--plain", "--api-url", served.url, environment=told) as terminal:
        to_the_keys(terminal, served)
        terminal.answer("Keep keys in .*: ", "elsewhere")
        terminal.wait_for("Warehouse .*: ")
        terminal.press(key)
        assert terminal.ended() == code
        assert "kept nowhere" in terminal.text
    assert not (tmp_path / "config.toml").exists()


def test_leaving_where_a_key_is_typed_gives_the_terminal_back(served: Served, tmp_path: Path) -> None:
    with Terminal("setup", "--plain", environment=environment(tmp_path)) as terminal:
        terminal.answer("Store name .*: ")
        terminal.answer("Time zone .*: ")
        terminal.answer("or Enter to go on: ")
        terminal.wait_for("Client ID .*: ")
        terminal.press(b"\x03")
        assert terminal.ended() == 130
        assert "Traceback" not in terminal.text


def test_a_dumb_terminal_gets_plain_questions_without_being_asked_for_them(tmp_path: Path) -> None:
    with Terminal("setup", environment=environment(tmp_path)) as terminal:
        terminal.wait_for("Store name .*: ")
        assert b"\x1b" not in terminal.bytes
        terminal.press(b"\x03")
        assert terminal.ended() == 130


def test_no_terminal_at_all_is_told_what_to_do(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cratejoy_tui", "setup"],
        env=environment(tmp_path),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "--from-env" in done.stderr
