"""Pictures of the console, made from the demonstration; the same ones every time.

python -m tests.terminal.shots [FOLDER]
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from cratejoy_tui.cli.console import demo_opener
from cratejoy_tui.cli.options import Options
from cratejoy_tui.simulator.scenarios import demo_world
from cratejoy_tui.tui.app import Console
from cratejoy_tui.tui.door import Look
from tests.terminal.setup_shots import setup_screens

WIDE, NARROW = (120, 40), (80, 24)
FOLDER = Path(__file__).parents[2] / "screenshots"
LONGEST_SECONDS = 120.0


class Camera:
    """Drives the console to each scene and takes its picture."""

    def __init__(self, app: Console, pilot: Pilot[None], folder: Path) -> None:
        self.app = app
        self.pilot = pilot
        self.folder = folder

    async def until(self, is_so: Callable[[], object]) -> None:
        """Wait until this is so."""
        end = time.monotonic() + LONGEST_SECONDS
        while not is_so():
            assert time.monotonic() < end, "a scene was waited for in vain"
            await self.pilot.pause(0.05)

    async def rest(self) -> None:
        """Wait until everything on screen is what it will stay."""
        await self.until(lambda: not self.app.session.is_busy and not self.app.frame.room.is_reading)
        await self.app.foreman.teller.look()
        await self.pilot.pause(0.4)

    async def press(self, *keys: str) -> None:
        """Press keys, and let things settle."""
        await self.pilot.press(*keys)
        await self.rest()

    async def shoot(self, name: str) -> None:
        """Take the picture."""
        self.app.clear_notifications()
        await self.rest()
        text = self.app.export_screenshot(title="cratejoy-tui")
        (self.folder / f"{name}.svg").write_text(text, encoding="utf-8")

    async def refresh(self) -> None:
        """Ask for news."""
        self.app.remark = ""
        await self.pilot.press("r")
        await self.until(lambda: self.app.remark.startswith(("news", "no news")))
        await self.rest()

    async def send(self, key: str) -> None:
        """Send what is marked."""
        await self.pilot.press(key)
        await self.until(lambda: type(self.app.screen).__name__ == "PlanDialog")
        await self.pilot.pause(0.5)
        self.app.screen.dismiss(True)
        self.app.remark = ""
        await self.until(lambda: self.app.remark)
        await self.rest()
        if self.app.screen is not self.app.frame:
            await self.press("escape")

    async def pass_time(self, hours: float) -> None:
        """Let the simulated day go on."""
        opened = self.app.session.opened
        assert opened is not None
        await self.app.session.office.do(lambda: opened.desk.clock.sleep(hours * 3600))
        await self.rest()


async def story(camera: Camera) -> None:
    """The scenes, in the order of the day."""
    await camera.refresh()
    await camera.press("home", "down", "space", "space", "space")
    await camera.shoot("1-pending")
    await camera.pilot.press("p")
    await camera.until(lambda: type(camera.app.screen).__name__ == "PlanDialog")
    await camera.shoot("plan")
    await camera.press("escape")
    await camera.pilot.resize_terminal(*NARROW)
    await camera.shoot("1-pending-80x24")
    await camera.pilot.resize_terminal(*WIDE)
    await camera.press("home", "down", "down", "down", "down", "down", "down", "down", "i")
    await camera.shoot("explain")
    await camera.press("escape", "escape", "a")
    await camera.send("p")
    await camera.press("escape")
    await camera.pass_time(0.75)
    await camera.refresh()
    await camera.press("4", "a")
    await camera.send("c")
    await camera.press("escape", "home")
    await camera.shoot("4-cancellations")
    await camera.pass_time(1.5)
    await camera.refresh()
    await camera.press("3", "home")
    await camera.shoot("3-tracking")
    await camera.press("2", "s", "S", "home")
    await camera.shoot("2-orders")
    await camera.pilot.resize_terminal(*NARROW)
    await camera.shoot("2-orders-80x24")
    await camera.pilot.resize_terminal(*WIDE)
    await camera.press("5", "d")
    await camera.shoot("5-activity")
    await camera.press("6", "down", "down", "down", "down")
    await camera.shoot("6-settings")
    await camera.press("1", "question_mark")
    await camera.shoot("help")


async def main(folder: Path) -> None:
    """Play the day once and keep the pictures."""
    demo_world(Path(os.environ["CRATEJOY_TUI_DEMO"]) / "world.sqlite", "late-cancels").close()
    opener = demo_opener(Options(demo=True, operator="sam"), day_passes=False)
    app = Console(opener, Look(is_demo=True, grace_seconds=0.0))
    async with app.run_test(size=WIDE, notifications=False) as pilot:
        camera = Camera(app, pilot, folder)
        await camera.until(lambda: app.session.desk is not None and app.frame.room.table.is_loaded)
        await story(camera)
    await setup_screens(folder)


if __name__ == "__main__":
    target = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else FOLDER
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        os.environ["CRATEJOY_TUI_DEMO"] = "demo"
        asyncio.run(main(target))
