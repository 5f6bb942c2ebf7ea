"""The last seconds in which nothing has been sent yet."""

from __future__ import annotations

import time
from typing import ClassVar

from textual.app import ComposeResult
from textual.widgets import Static

from cratejoy_tui.tui.dialogs.dialog import Dialog
from cratejoy_tui.tui.safe import as_it_is, joined


class GraceDialog(Dialog[bool]):
    """Counts down, then gives True; Esc gives None, and nothing was sent."""

    deaf_seconds: ClassVar[float] = 0.0

    def __init__(self, boxes: int, seconds: float) -> None:
        super().__init__()
        self._boxes = boxes
        self._seconds = seconds
        self._end = 0.0

    def inside(self) -> ComposeResult:
        yield Static(as_it_is(""), markup=False, id="countdown")

    def on_mount(self) -> None:
        super().on_mount()
        self._end = time.monotonic() + self._seconds
        self.set_interval(0.1, self._tick)
        self._tick()

    def _tick(self) -> None:
        left = self._end - time.monotonic()
        if left <= 0:
            if self.is_current:
                self.dismiss(True)
            return
        self.query_one("#countdown", Static).update(
            joined(
                (f"Sending {self._boxes:,} in {left:.0f} s ", "bold $warning"),
                ("━" * round(24 * left / max(self._seconds, 0.1)), "$warning"),
                "\n\nEsc stops it. Nothing has been sent yet.",
            )
        )
