"""The console on a store that is set up: real HTTP, a real settings file, and the log that runs beside it write too."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cratejoy_tui.cli.console import live_opener
from cratejoy_tui.cli.options import Options
from cratejoy_tui.simulator.scenarios import build
from cratejoy_tui.simulator.server import Served, serving
from cratejoy_tui.simulator.world import World
from cratejoy_tui.tui.app import Console
from cratejoy_tui.tui.dialogs.choice import ChoiceDialog
from cratejoy_tui.tui.dialogs.page import PageDialog
from cratejoy_tui.tui.dialogs.question import Question
from cratejoy_tui.tui.door import Look
from cratejoy_tui.tui.log_book import LogBook
from tests.tui.conftest import WIDE, Driver

CONFIG = """# Kept by hand, and by the console.
ledger = "{folder}/ledger.sqlite"

[stores.tea]
api-url = "{url}"
requests-per-second = 50

[stores.tea.rules]
open-batch = "hold"

[stores.tea.warehouse]
kind = "simulated"
url = "{warehouse}"

[stores.mug]
api-url = "{url}"
requests-per-second = 50

[stores.mug.warehouse]
kind = "simulated"
url = "{warehouse}"
"""
EARLIER = "2026-01-02T03:04:05.006+00:00 INFO cratejoy_tui.record auto at tea begins\n"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    world = World(tmp_path / "world.sqlite")
    build(world, "calm-day", boxes=0)
    with serving(world) as served:
        yield served
    world.close()


@pytest.fixture
def config(tmp_path: Path, served: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A settings file and the keys in the environment; logging is put back as it was."""
    keys = {"CLIENT_ID": served.client_id, "CLIENT_SECRET": served.client_secret, "TOKEN": served.warehouse_token}
    for name, key in keys.items():
        monkeypatch.setenv(f"CRATEJOY_TUI_TEA_{name}", key)
        monkeypatch.setenv(f"CRATEJOY_TUI_MUG_{name}", key)
    monkeypatch.setattr("cratejoy_tui.logs.default_folder", lambda: tmp_path / "logs")
    path = tmp_path / "config.toml"
    path.write_text(CONFIG.format(folder=tmp_path, url=served.url, warehouse=served.warehouse_url))
    root = logging.getLogger()
    level = root.level
    yield path
    for handler in [one for one in root.handlers if getattr(one, "is_ours", False)]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


def add_to(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@asynccontextmanager
async def live(config: Path) -> AsyncIterator[Driver]:
    app = Console(live_opener(Options(config=config)), Look(grace_seconds=0.0))
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        driver = Driver(app, pilot)
        await driver.until(lambda: app.session.desk is not None and app.frame.room.table.is_loaded, "the store")
        yield driver


async def test_a_setting_is_looked_at_then_saved_to_the_file_and_in_force(config: Path) -> None:
    async with live(config) as driver:
        app = driver.app
        await driver.refresh()
        await driver.press("6")
        await driver.idle()
        table = app.frame.room.table
        table.move_to(list(table.ids).index("open-batch"))
        await driver.press("c")
        await driver.dialog(Question)
        await driver.press(*["backspace"] * 4)
        await driver.type("push")
        await driver.press("enter")
        page = await driver.dialog(PageDialog)
        assert "become ready" in page._text.plain  # type: ignore[attr-defined]
        await driver.press("escape")
        await driver.dialog(ChoiceDialog)
        await driver.type("save")
        await driver.press("enter")
        await driver.until(lambda: any("Saved" in text for text in driver.toasts()), "the word that it is saved")
        assert app.session.desk is not None
        assert app.session.desk.rules.open_batch == "push"
        await driver.until(lambda: "push" in driver.text())
    saved = tomllib.loads(text_of(config))["stores"]["tea"]
    assert saved["rules"]["open-batch"] == "push"
    assert saved["warehouse"]["kind"] == "simulated"


async def test_a_wrong_value_is_refused_and_nothing_is_written(config: Path) -> None:
    before = text_of(config)
    async with live(config) as driver:
        await driver.press("6")
        await driver.idle()
        table = driver.app.frame.room.table
        table.move_to(list(table.ids).index("open-batch"))
        await driver.press("enter")
        await driver.dialog(Question)
        await driver.type("x")
        await driver.press("enter")
        await driver.until(lambda: any("holdx" in text for text in driver.toasts()), "the refusal")
    assert text_of(config) == before


async def test_the_next_store_is_opened_with_its_own_boxes(config: Path) -> None:
    async with live(config) as driver:
        app = driver.app
        await driver.refresh()
        first = app.session.store
        assert app.frame.room.table.ids
        await driver.press("ctrl+p")
        await driver.dialog(ChoiceDialog)
        await driver.type("next store")
        await driver.press("enter")
        await driver.until(lambda: app.session.store != first and app.session.desk is not None, "the other store")
        await driver.until(lambda: "no boxes" in driver.text(), "its own list")
        await driver.until(lambda: f" {app.session.store} " in driver.text(), "its name in the header")
        assert "29 new" not in driver.text()


async def test_the_log_holds_every_call_and_what_others_did_but_no_key(config: Path, served: Served) -> None:
    path = config.parent / "logs" / "cratejoy-tui.log"
    add_to(path, EARLIER)
    async with live(config) as driver:
        await driver.refresh()
        await driver.press("l")
        await driver.until(lambda: "http.client: Cratejoy GET" in driver.text(), "the calls")
        assert any("auto at tea begins" in line for line in driver.app.session.book.lines)
        add_to(path, EARLIER.replace("begins", "ends"))
        await driver.until(lambda: "auto at tea ends" in driver.text(), "what the other run did")
    written = text_of(path)
    assert "DEBUG cratejoy_tui.http.client Cratejoy GET" in written
    for secret in (served.client_id, served.client_secret, served.warehouse_token):
        assert secret not in written


def test_a_followed_file_may_be_cut_short_or_hold_anything(tmp_path: Path) -> None:
    path = tmp_path / "log"
    book = LogBook()
    book.follow(path)
    book.catch_up()
    assert not book.lines
    path.write_bytes(b"no log line\x1b[2J\xff\n" + EARLIER.encode() + b"half")
    book.catch_up()
    assert [line for line in book.lines if "\x1b" in line] == []
    assert len(book.lines) == 2
    assert book.lines[1].startswith("01-0")
    path.write_bytes(b"anew\n")
    book.catch_up()
    assert book.lines[-1] == "anew"
