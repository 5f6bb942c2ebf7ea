"""A console on the demonstration, driven by keys; nothing here sleeps for its own sake."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from cratejoy_tui.cli.console import demo_opener
from cratejoy_tui.cli.options import Options
from cratejoy_tui.simulator.scenarios import demo_world
from cratejoy_tui.simulator.world import World
from cratejoy_tui.tui.app import Console
from cratejoy_tui.tui.dialogs.dialog import Dialog
from cratejoy_tui.tui.door import Look

WIDE = (120, 40)
NARROW = (80, 24)
LONGEST_SECONDS = 60.0


class Driver:
    """Presses keys and waits for what they bring about."""

    def __init__(self, app: Console, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    async def until(self, is_so: Callable[[], object], what: str = "") -> None:
        """Wait until this is so."""
        end = time.monotonic() + LONGEST_SECONDS
        while not is_so():
            if time.monotonic() > end:
                raise AssertionError(f"waited in vain for {what or is_so}:\n{self.text()}")
            await self.pilot.pause(0.02)

    async def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        await self.pilot.press(*keys)

    async def open_dialog(self, key: str) -> None:
        """Press a key, once, and wait until its dialog stands there and listens."""
        await self.press(key)
        await self.until(lambda: not getattr(self.app.screen, "is_deaf", True), f"the dialog of {key}")

    async def type(self, text: str) -> None:
        """Type a text."""
        names = {" ": "space", ":": "colon", "!": "exclamation_mark", "-": "minus"}
        await self.pilot.press(*(names.get(char, char) for char in text))

    async def dialog(self, kind: type[Dialog[object]]) -> Dialog[object]:
        """Wait for a dialog of this kind that listens."""
        await self.until(lambda: isinstance(self.app.screen, kind) and not self.app.screen.is_deaf, kind.__name__)
        assert isinstance(self.app.screen, kind)
        return self.app.screen

    async def idle(self) -> None:
        """Wait until no run is under way and the list in front is read."""
        await self.until(lambda: not self.app.session.is_busy, "the run's end")
        await self.until(lambda: self.app.frame.room.table.is_loaded and not self.app.frame.room.is_reading, "the list")
        await self.pilot.pause()

    async def refresh(self) -> None:
        """Ask for news and wait for it."""
        before = self.app.remark
        self.app.remark = ""
        await self.press("r")
        await self.until(lambda: self.app.remark.startswith(("news", "no news")), f"news after {before}")
        await self.idle()

    async def pass_time(self, hours: float) -> None:
        """Let the simulated day go on."""
        opened = self.app.session.opened
        assert opened is not None
        await self.app.session.office.do(lambda: opened.desk.clock.sleep(hours * 3600))

    def toasts(self) -> list[str]:
        """What is or was told in short messages."""
        return [notification.message for notification in self.app._notifications]

    def header(self) -> str:
        """The topmost line."""
        return self.text().split("\n", 1)[0]

    def text(self) -> str:
        """The screen as text."""
        return "\n".join(strip.text.rstrip() for strip in self.app.screen._compositor.render_strips(self.app.size))


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for the demonstration's world and ledger."""
    monkeypatch.setenv("CRATEJOY_TUI_DEMO", str(tmp_path / "demo"))
    monkeypatch.setenv("CRATEJOY_TUI_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("CRATEJOY_TUI_EXPORTS", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "demo"


@pytest.fixture
def world(demo: Path) -> Callable[[], World]:
    """The demonstration's world, to be looked at beside the console."""
    return lambda: demo_world(demo / "world.sqlite", "calm-day")


@asynccontextmanager
async def console(
    *, size: tuple[int, int] = WIDE, look: Look | None = None, options: Options | None = None
) -> AsyncIterator[Driver]:
    """A console on the demonstration whose clock stands still; toasts are drawn, as for an operator."""
    opener = demo_opener(options or Options(demo=True), day_passes=False)
    app = Console(opener, look or Look(is_demo=True, grace_seconds=0.0))
    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        driver = Driver(app, pilot)
        await driver.until(lambda: app.session.desk is not None and app.frame.room.table.is_loaded, "the store")
        yield driver
