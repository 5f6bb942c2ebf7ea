"""The line that tells how far a run has come."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from cratejoy_tui.tui.widgets.running import Running


class OneLine(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0
        self.running = Running(lambda: self.seconds)

    def compose(self) -> ComposeResult:
        yield self.running


@pytest.mark.parametrize("width", [60, 80, 140])
async def test_how_to_stop_is_in_sight_however_narrow_the_window(width: int) -> None:
    app = OneLine()
    async with app.run_test(size=(width, 15)) as pilot:
        app.running.begin("push")
        app.seconds = 3.0
        app.running.step("push", 0, 5017)
        app.seconds = 6.0
        app.running.step("push", 600, 5017)
        await pilot.pause()
        shown = app.running.render().plain
        assert "600 of 5,017  100.0/s  44 s left   ctrl+c stops" in shown
        assert len(shown) <= width
        assert "─" in shown
