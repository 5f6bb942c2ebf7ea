"""`setup` without questions, `forget` and `doctor`, typed as commands."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cratejoy_tui import setup_wiring
from cratejoy_tui.cli import run
from cratejoy_tui.settings import load
from cratejoy_tui.setup.parts import Parts
from cratejoy_tui.simulator.server import Served
from cratejoy_tui.simulator.world import World
from tests.setup.drawer import Drawer


class Typed:
    """How a command line ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    def finding(self, name: str) -> dict[str, Any]:
        return next(record for record in self.records if record.get("name") == name)


Command = Callable[..., Typed]


@pytest.fixture
def command(parts: Parts, capfd: pytest.CaptureFixture[str]) -> Command:
    """Type a command line; the computer's keyring is the drawer."""

    def typed(*arguments: str) -> Typed:
        capfd.readouterr()
        code = run(arguments)
        told = capfd.readouterr()
        return Typed(code, told.out, told.err)

    return typed


@pytest.fixture
def flags(places: Path, served: Served) -> list[str]:
    """Everything that is not secret."""
    (places / "wms").mkdir()
    told = f"--store tea --time-zone America/New_York --api-url {served.url} --warehouse folder"
    return [*told.split(), "--set", f"root={places / 'wms'}", "--earliest-order-date", "none", "--adopt", "none"]


@pytest.fixture
def in_environment(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRATEJOY_CLIENT_ID", served.client_id)
    monkeypatch.setenv("CRATEJOY_CLIENT_SECRET", served.client_secret)


@pytest.fixture
def connected(command: Command, flags: list[str], in_environment: None, monkeypatch: pytest.MonkeyPatch) -> Command:
    """A store that is set up, its keys in the keyring only."""
    ended = command("setup", "--from-env", "--no-preview", *flags)
    assert ended.code == 0, ended.err
    monkeypatch.delenv("CRATEJOY_CLIENT_ID")
    monkeypatch.delenv("CRATEJOY_CLIENT_SECRET")
    return command


def config(places: Path) -> Path:
    return places / "config" / "config.toml"


def test_a_server_is_set_up_from_its_environment(
    command: Command, flags: list[str], in_environment: None, served: Served, drawer: Drawer, places: Path
) -> None:
    ended = command(
        "setup",
        "--from-env",
        "--json",
        *flags,
        "--rule",
        "target-ship-date-within=10",
        "--rule",
        "reject-unmapped-ship-codes=yes",
    )
    assert ended.code == 0, ended.err
    assert [record["type"] for record in ended.records] == ["first_pull", "saved", "adopted"]
    assert drawer.values["tea", "client_secret"] == served.client_secret
    rules = load(config(places)).store("tea").rules
    assert rules.target_ship_date_within_days == 10
    assert rules.reject_unmapped_ship_codes


def test_keys_come_in_by_a_file_descriptor(
    command: Command, flags: list[str], served: Served, drawer: Drawer, places: Path
) -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as file:
        json.dump({"client_id": served.client_id, "tea.client_secret": served.client_secret}, file)
    ended = command("setup", "--from-env", "--secrets-fd", str(reading), "--no-preview", *flags)
    assert ended.code == 0, ended.err
    assert drawer.values["tea", "client_secret"] == served.client_secret


def test_keys_come_in_by_stdin(
    command: Command, flags: list[str], served: Served, drawer: Drawer, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"client_id={served.client_id}\nclient_secret={served.client_secret}\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert command("setup", "--secrets-stdin", "--no-preview", *flags).code == 0
    assert drawer.values["tea", "client_id"] == served.client_id


@pytest.mark.parametrize("flag", ["client_secret=hunter2hunter2", "token=hunter2hunter2", "api-key=hunter2hunter2"])
def test_a_key_as_an_argument_is_refused_and_not_repeated(command: Command, places: Path, flag: str) -> None:
    ended = command("setup", "--from-env", "--set", flag)
    assert ended.code == 2
    assert "hunter2" not in ended.out + ended.err
    assert "--secrets-fd" in ended.err


def test_everything_that_is_missing_is_told_at_once(command: Command, places: Path) -> None:
    ended = command("setup", "--from-env", "--set", "roof=/x", "--rule", "retention-days=0")
    assert ended.code == 2
    for missing in ("Client ID", "Client Secret Key", "Warehouse", "Earliest Order Date", "retention-days"):
        assert missing in ended.err
    assert not config(places).exists()


def test_a_revoked_key_ends_set_up_with_the_code_of_a_refused_sign_in(
    command: Command, flags: list[str], in_environment: None, world: World, drawer: Drawer, places: Path
) -> None:
    world.turn(keys_revoked=True)
    assert command("setup", "--from-env", *flags).code == 3
    assert not drawer.values
    assert not config(places).exists()


def test_set_up_again_changes_one_thing(connected: Command, places: Path, drawer: Drawer) -> None:
    before = dict(drawer.values)
    ended = connected("setup", "--from-env", "--no-preview", "--rule", "open-batch=push")
    assert ended.code == 0, ended.err
    store = load(config(places)).store("tea")
    assert store.rules.open_batch == "push"
    assert store.rules.time_zone == "America/New_York"
    assert drawer.values == before


def test_a_key_revoked_between_runs_stops_the_run_and_is_found_by_the_doctor(
    connected: Command, world: World, served: Served
) -> None:
    assert connected("--auto", "--dry-run").code in (0, 1)
    world.turn(keys_revoked=True)
    ended = connected("--auto")
    assert ended.code == 3
    assert "cratejoy-tui setup" in ended.err
    assert served.client_secret not in ended.err
    doctor = connected("doctor", "--json")
    assert doctor.code == 3
    assert doctor.finding("Cratejoy")["level"] == "fail"


def test_status_names_where_each_key_comes_from(connected: Command) -> None:
    ended = connected("status", "--json")
    assert ended.records[0]["keys"] == {"client_id": "keyring (drawer)", "client_secret": "keyring (drawer)"}
    assert "client_secret from keyring (drawer)" in connected("status").out


def test_forgotten_keys_are_gone_and_the_rest_stays(
    connected: Command, drawer: Drawer, places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRATEJOY_CLIENT_ID", "still-here")
    ended = connected("forget", "--store", "tea", "--yes")
    assert ended.code == 0
    assert not drawer.values
    assert "client_id still comes from: environment" in ended.err
    assert "tea" in load(config(places)).stores


def test_keys_without_a_store_are_forgotten_too(connected: Command, drawer: Drawer, places: Path) -> None:
    """What a kill in the middle of saving can leave: the keys were kept, the settings not yet."""
    for name in ("client_id", "api_secret"):
        drawer.values["orphan", name] = "made-up"
    ended = connected("forget", "--store", "orphan", "--yes")
    assert (ended.code, "orphan: client_id, api_secret removed" in ended.out) == (0, True)
    config(places).unlink()
    ended = connected("forget", "--store", "tea", "--yes")
    assert ended.code == 0
    assert not drawer.values


def test_a_name_that_is_no_store_and_has_no_keys_is_told_to_be_none(connected: Command, drawer: Drawer) -> None:
    ended = connected("forget", "--store", "typo", "--yes")
    assert ended.code == 2
    assert "typo" in ended.err
    assert drawer.values


def test_forgetting_asks_for_which_store(connected: Command, drawer: Drawer) -> None:
    assert connected("forget", "--yes").code == 2
    assert drawer.values


def test_the_doctor_finds_a_fresh_store_well(connected: Command) -> None:
    ended = connected("doctor", "--json")
    assert ended.code == 0, ended.err
    names = [record["name"] for record in ended.records if record["type"] == "finding"]
    wanted = ["settings", "keyring", "SQLite", "disk", "disk", "permissions", "keys", "Cratejoy", "clock"]
    assert names == [*wanted, "warehouse", "ledger", "last run"]
    assert ended.finding("keys")["text"] == "client id: keyring (drawer), client secret: keyring (drawer)"
    assert ended.finding("last run")["level"] == "warn"
    assert ended.records[-1] == {"type": "summary", "exit_code": 0, "ok": 11, "warn": 1, "fail": 0}


def test_after_a_good_run_the_doctor_has_nothing_to_say(connected: Command) -> None:
    assert connected("--auto").code in (0, 1)
    assert connected("doctor", "--quiet").out == ""


def test_the_doctor_tells_a_machine_where_nothing_is_set_up_what_to_do(command: Command, places: Path) -> None:
    ended = command("doctor")
    assert ended.code == 2
    assert "cratejoy-tui setup" in ended.out


def test_missing_keys_are_a_matter_of_set_up(connected: Command, drawer: Drawer) -> None:
    drawer.values.clear()
    ended = connected("doctor", "--json")
    assert ended.code == 2
    assert "CRATEJOY_TUI_TEA_CLIENT_ID" in ended.finding("keys")["next_step"]


def test_a_locked_keyring_that_is_needed_is_found(connected: Command, drawer: Drawer) -> None:
    drawer.is_there = False
    drawer.fail = lambda *_: drawer.label() and None
    ended = connected("doctor", "--json")
    assert ended.code == 2
    assert ended.finding("keyring")["level"] == "fail"
    assert "locked" in ended.finding("keys")["text"]


def test_an_unreachable_store_is_found(connected: Command, places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cratejoy_tui.http.client._LONGEST_BACKOFF", 0.0)
    text = config(places).read_text()
    config(places).write_text("\n".join(line for line in text.splitlines() if "api-url" not in line))
    elsewhere = config(places).read_text().replace("[stores.tea]", '[stores.tea]\napi-url = "http://127.0.0.1:9"')
    config(places).write_text(elsewhere)
    ended = connected("doctor", "--json")
    assert ended.code == 4
    assert ended.finding("warehouse")["level"] == "ok"


def test_a_folder_that_waits_to_be_adopted_is_found(connected: Command, places: Path) -> None:
    shutil.rmtree(places / "wms" / ".cratejoy-tui")
    ended = connected("doctor", "--json")
    assert ended.code == 2
    found = ended.finding("warehouse")
    assert found["level"] == "fail"
    assert "cratejoy-tui adopt" in found["next_step"]


def test_a_folder_that_another_store_reads_is_found(connected: Command, places: Path) -> None:
    config(places).write_text(config(places).read_text().replace("[stores.tea", "[stores.mug"))
    ended = connected("doctor", "--json")
    assert ended.code == 2
    found = ended.finding("warehouse")
    assert found["level"] == "fail"
    assert "store tea" in found["text"]
    assert "folder of its own" in found["next_step"]


@pytest.mark.parametrize(
    ("mark", "told"), [({"ledger": "0123abcd"}, "another ledger"), ({"stores": {"tea": {"last": 9}}}, "later deliver")]
)
def test_a_folder_that_another_ledger_delivers_to_is_found(
    connected: Command, places: Path, mark: dict[str, Any], told: str
) -> None:
    path = places / "wms" / ".cratejoy-tui" / "mark.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | mark))
    for _ in ("with a ledger", "before its first run"):
        ended = connected("doctor", "--json")
        assert ended.code == 2
        found = [one for one in ended.records if one.get("level") == "fail"]
        assert [one["name"] for one in found] == ["warehouse"]
        assert told in found[0]["text"]
        assert "cratejoy-tui adopt" in found[0]["next_step"]
        for file in (places / "data").glob("ledger.sqlite*"):
            file.unlink()
        told = "another ledger"


def test_a_damaged_ledger_is_found_before_it_is_opened(connected: Command, places: Path) -> None:
    path = places / "data" / "ledger.sqlite"
    content = bytearray(path.read_bytes())
    content[4096 * 2 : 4096 * 4] = os.urandom(4096 * 2)
    path.write_bytes(content)
    ended = connected("doctor", "--json")
    assert ended.code == 7
    assert "damaged" in ended.finding("ledger")["text"]


def test_a_ledger_that_cannot_be_read_now_is_not_called_damaged(connected: Command, places: Path) -> None:
    assert setup_wiring._damage(places / "data" / "ledger.sqlite") == ""
    assert setup_wiring._damage(places / "data" / "nowhere.sqlite") == ""
    assert "not a database" in setup_wiring._damage(config(places))


def test_others_who_may_change_the_settings_are_found(connected: Command, places: Path) -> None:
    config(places).chmod(0o666)
    ended = connected("doctor", "--json")
    assert ended.code == 2
    assert "others may change" in ended.finding("permissions")["text"].lower()


def test_little_disk_space_is_found(connected: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 50 * 1024 * 1024

    monkeypatch.setattr("cratejoy_tui.setup.machine.shutil.disk_usage", lambda _: Usage)
    ended = connected("doctor", "--json")
    assert ended.code == 7
    assert ended.finding("disk")["level"] == "fail"


@pytest.mark.parametrize(("ahead", "level", "code"), [(10, "ok", 0), (60, "warn", 0), (3600, "fail", 2)])
def test_a_clock_that_is_off_is_found(
    connected: Command, monkeypatch: pytest.MonkeyPatch, ahead: int, level: str, code: int
) -> None:
    def now(_: object) -> datetime:
        return datetime.fromtimestamp(datetime.now(UTC).timestamp() + ahead, UTC)

    monkeypatch.setattr("cratejoy_tui.clock.SystemClock.now", now)
    ended = connected("doctor", "--json")
    assert ended.finding("clock")["level"] == level
    assert ended.code == code


def test_wrong_settings_are_the_doctors_first_and_only_finding(connected: Command, places: Path) -> None:
    config(places).write_text("[stores.tea]\nwharehouse = 1\n")
    ended = connected("doctor", "--json")
    assert ended.code == 2
    assert [record["name"] for record in ended.records if record["type"] == "finding"] == ["settings"]
