"""The whole of set-up on screens, driven by keys."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.widgets import Input

from cratejoy_tui.settings import load
from cratejoy_tui.setup.first_look import Looked
from cratejoy_tui.setup.parts import Parts
from cratejoy_tui.setup.wizard import Wizard, begin
from cratejoy_tui.simulator.server import Served
from cratejoy_tui.simulator.world import World
from cratejoy_tui.sync.flows.desk import Step, Told
from cratejoy_tui.tui.setup.app import SetupScreens
from cratejoy_tui.tui.setup.one_of import OneOf
from tests.setup.drawer import Drawer
from tests.terminal.setup_shots import Hand


@asynccontextmanager
async def screens(
    parts: Parts, places: Path, *, size: tuple[int, int] = (120, 40), store: str = ""
) -> AsyncIterator[Hand]:
    async def opened() -> Wizard:
        return await begin(parts, places / "config" / "config.toml", store)

    app = SetupScreens(opened)
    async with app.run_test(size=size, notifications=True) as pilot:
        yield Hand(app, pilot)


def all_below(folder: Path) -> list[Path]:
    return list(folder.rglob("*"))


@pytest.fixture
def root(places: Path) -> Path:
    (places / "wms").mkdir()
    return places / "wms"


async def test_a_newcomer_connects_a_store_by_keys_alone(
    parts: Parts, places: Path, served: Served, drawer: Drawer, root: Path
) -> None:
    pictures: list[str] = []
    async with screens(parts, places) as hand:
        await hand.to_the_end(served, root, lambda _: pictures.append(hand.app.export_screenshot()))
        assert not drawer.values
        assert not (places / "config" / "config.toml").exists()
        await hand.pilot.press("ctrl+n")
        await hand.until(lambda: hand.app.saved is not None and not hand.app.is_busy)
        assert "keyring (drawer)" in hand.text()
        await hand.pilot.press("enter")
    assert hand.app.return_code == 0
    assert drawer.values == {("tea", "client_id"): served.client_id, ("tea", "client_secret"): served.client_secret}
    assert load(places / "config" / "config.toml").store("tea").warehouse.options == {"root": str(root)}
    assert len(pictures) == 7
    shown = "".join(re.sub("<[^>]*>|&#160;", "", picture) for picture in pictures)
    assert served.client_secret not in shown
    assert served.client_id not in shown


async def test_the_first_pull_is_shown_before_it_is_asked_from_when_on(
    parts: Parts, places: Path, served: Served, root: Path
) -> None:
    async with screens(parts, places) as hand:
        await hand.to_the_end(served, root, lambda _: None)
        await hand.pilot.press("ctrl+b")
        await hand.at("first-pull")
        text = hand.text()
        assert "Would be sent in the first push" in text
        hand.fill("earliest-order-date", "2099-01-01")
        await hand.go_on("summary")
        assert "TOO_OLD" in hand.text()


async def test_many_words_stand_below_each_other_and_a_click_takes_the_one_under_it(parts: Parts, places: Path) -> None:
    async with screens(parts, places, size=(100, 50)) as hand:
        await hand.at("store")
        words = [f"warehouse-{n}" for n in range(9)]
        many, few = OneOf(words, words[0], field_id="many"), OneOf(["yes", "no"], "yes", field_id="few")
        await hand.app.query_one("#step").mount(many, few)
        await hand.pilot.pause()
        assert (many.size.height, few.size.height) == (9, 1)
        await hand.pilot.click("#many", offset=(4, 7))
        await hand.pilot.click("#few", offset=(9, 0))
        assert (many.value, few.value) == ("warehouse-7", "no")


async def test_escape_stops_a_first_look_that_takes_long_and_the_step_goes_on_without_it(
    parts: Parts, places: Path, served: Served, root: Path
) -> None:
    async with screens(parts, places) as hand:
        await hand.to_the_end(served, root, lambda _: None)
        wizard = hand.app.wizard
        assert wizard is not None
        await wizard.close()

        async def endless(tell: Callable[[Told], None]) -> Looked:
            tell(Step(name="pull ecom", done=1200, total=50_000))
            await asyncio.Event().wait()
            raise AssertionError

        wizard.look = endless  # type: ignore[method-assign]
        await hand.pilot.press("ctrl+b")
        await hand.until(lambda: "1,200 of 50,000" in hand.text())
        assert "Esc stops" in hand.text()
        await hand.pilot.press("escape")
        await hand.at("first-pull")
        await hand.until(lambda: not hand.app.is_busy)
        assert "Not looked at" in hand.text()
        hand.fill("earliest-order-date", "none")
        await hand.go_on("summary")


async def test_a_wrong_key_stays_on_its_step_and_leaves_no_trace_in_it(
    parts: Parts, places: Path, served: Served
) -> None:
    async with screens(parts, places) as hand:
        await hand.at("store")
        hand.fill("api-url", served.url)
        await hand.go_on("keys")
        hand.fill("client_id", served.client_id)
        hand.fill("client_secret", "not-the-secret")
        await hand.pilot.press("ctrl+n")
        await hand.until(lambda: "Failed" in hand.text() and not hand.app.is_busy)
        assert hand.app.step is not None
        assert hand.app.step.id == "keys"
        assert [widget.value for widget in hand.app.query(Input)] == ["", ""]
        await hand.pilot.press("ctrl+u")
        assert hand.app.step.id == "keys", "a refused key is not passed over"


async def test_what_is_missing_is_named_and_nothing_is_asked(parts: Parts, places: Path) -> None:
    async with screens(parts, places) as hand:
        await hand.at("store")
        hand.fill("name", "Tea Time")
        await hand.pilot.press("ctrl+n")
        await hand.until(lambda: "small letters" in hand.text())
        assert hand.app.step is not None
        assert hand.app.step.id == "store"


async def test_escape_leaves_nothing_behind_and_is_asked_twice(
    parts: Parts, places: Path, served: Served, drawer: Drawer, root: Path
) -> None:
    async with screens(parts, places) as hand:
        await hand.to_the_end(served, root, lambda _: None)
        await hand.pilot.press("escape")
        await hand.until(lambda: "Esc again" in hand.text())
        await hand.pilot.press("escape")
    assert hand.app.return_code == 130
    assert not drawer.values
    assert all_below(places) == [root]


async def test_one_thing_is_changed_and_the_rest_stays(
    parts: Parts, places: Path, served: Served, drawer: Drawer, root: Path
) -> None:
    async with screens(parts, places) as hand:
        await hand.to_the_end(served, root, lambda _: None)
        await hand.pilot.press("ctrl+n")
        await hand.until(lambda: hand.app.saved is not None and not hand.app.is_busy)
    before = dict(drawer.values)
    async with screens(parts, places) as hand:
        await hand.at("summary")
        await hand.pilot.press("5")
        await hand.at("rules")
        hand.fill("open-batch", "push")
        await hand.go_on("summary")
        await hand.pilot.press("ctrl+n")
        await hand.until(lambda: hand.app.saved is not None and not hand.app.is_busy)
    assert drawer.values == before
    kept = load(places / "config" / "config.toml").store("tea")
    assert kept.rules.open_batch == "push"
    assert kept.warehouse.options == {"root": str(root)}


async def test_a_small_terminal_shows_the_step_alone(parts: Parts, places: Path) -> None:
    async with screens(parts, places, size=(80, 24)) as hand:
        await hand.at("store")
        text = hand.text()
        assert "Store name" in text
        assert "First pull" not in text


async def test_words_are_chosen_with_the_arrow_keys(parts: Parts, places: Path, served: Served, world: World) -> None:
    async with screens(parts, places) as hand:
        await hand.at("store")
        hand.fill("api-url", served.url)
        await hand.go_on("keys")
        widget = hand.app.query_one("#field-keys")
        widget.focus()
        await hand.pilot.press("right")
        assert "● elsewhere" in hand.text()
        await hand.pilot.press("left")
        assert "● keyring" in hand.text()
