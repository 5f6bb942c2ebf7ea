"""Pictures of set-up, step by step, against a simulator on this machine; called by the same script as the console's."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from textual.pilot import Pilot
from textual.widgets import Input

from cratejoy_tui.setup.wizard import Wizard, begin
from cratejoy_tui.setup_wiring import setup_parts
from cratejoy_tui.simulator.scenarios import build
from cratejoy_tui.simulator.server import Served, serving
from cratejoy_tui.simulator.world import World
from cratejoy_tui.tui.setup.app import SetupScreens
from cratejoy_tui.tui.setup.one_of import OneOf
from tests.setup.drawer import Drawer

SIZE = (120, 40)
LONGEST_SECONDS = 60.0


class Hand:
    """Fills in steps and goes on."""

    def __init__(self, app: SetupScreens, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    async def until(self, is_so: Callable[[], object]) -> None:
        """Wait until this is so."""
        end = time.monotonic() + LONGEST_SECONDS
        while not is_so():
            assert time.monotonic() < end, f"waited in vain:\n{self.text()}"
            await self.pilot.pause(0.02)

    async def at(self, step: str) -> None:
        """Wait until this step is on the screen and nothing is under way."""

        def is_there() -> bool:
            wizard = self.app.wizard
            if wizard is None or self.app.is_busy:
                return False
            return (self.app.step.id if self.app.step else "summary") == step

        await self.until(is_there)
        await self.pilot.pause()

    def fill(self, name: str, text: str) -> None:
        """Put a value into a field."""
        widget = self.app.query_one(f"#field-{name}")
        if isinstance(widget, OneOf):
            widget.choose(text)
        else:
            assert isinstance(widget, Input)
            widget.value = text

    async def go_on(self, step: str) -> None:
        """Next, and wait for the step that follows."""
        await self.pilot.press("ctrl+n")
        await self.at(step)

    def text(self) -> str:
        """The screen as text."""
        return "\n".join(strip.text.rstrip() for strip in self.app.screen._compositor.render_strips(self.app.size))

    async def to_the_end(self, served: Served, root: Path | str, seen: Callable[[str], None]) -> None:
        """The whole way, with `seen` called where something is worth a look."""
        await self.at("store")
        self.fill("name", "tea")
        self.fill("api-url", served.url)
        seen("store")
        await self.go_on("keys")
        self.fill("client_id", served.client_id)
        self.fill("client_secret", served.client_secret)
        await self.pilot.pause()
        seen("keys")
        await self.go_on("warehouse")
        self.fill("kind", "folder")
        seen("warehouse")
        await self.go_on("connection")
        self.fill("root", str(root))
        seen("connection")
        await self.go_on("rules")
        seen("rules")
        await self.go_on("first-pull")
        self.fill("earliest-order-date", "none")
        self.fill("adopt", "none")
        await self.pilot.pause()
        seen("first-pull")
        await self.go_on("summary")
        seen("summary")


async def setup_screens(folder: Path) -> None:
    """Take a picture of every step into this folder."""
    with _place() as place, _store(place) as served:
        await _taken(folder, place, served)


@contextmanager
def _place() -> Iterator[Path]:
    """A folder of the same name every time, because its name is in the pictures."""
    place = Path(tempfile.gettempdir()) / "cratejoy-pictures"
    place.mkdir()
    try:
        yield place
    finally:
        shutil.rmtree(place)


async def _taken(folder: Path, place: Path, served: Served) -> None:
    async def opened() -> Wizard:
        return await begin(replace(setup_parts("sam"), keyring=Drawer("Secret Service")), place / "config.toml")

    app = SetupScreens(opened)
    async with app.run_test(size=SIZE) as pilot:

        def shoot(step: str) -> None:
            (folder / f"setup-{step}.svg").write_text(app.export_screenshot(title="cratejoy-tui"), encoding="utf-8")

        await Hand(app, pilot).to_the_end(served, "~/wms", shoot)


@contextmanager
def _store(place: Path) -> Iterator[Served]:
    world = World(place / "world.sqlite")
    build(world, "calm-day", boxes=120)
    (place / "wms").mkdir()
    try:
        with patch.dict(os.environ, {"HOME": str(place)}), serving(world) as served:
            yield served
    finally:
        world.close()
