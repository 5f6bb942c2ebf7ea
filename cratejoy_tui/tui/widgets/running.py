"""The line that tells how far a run has come: what, how many, how fast, how long still."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.content import Content
from textual.widget import Widget

from cratejoy_tui.tui.safe import as_it_is, joined, words

BAR = 24


class Running(Widget):
    """One line, seen only while something runs."""

    DEFAULT_CSS = (
        "Running { height: 1; text-wrap: nowrap; text-overflow: clip; display: none; } Running.-on { display: block; }"
    )

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(id="running")
        self._now = now
        self._began = 0.0
        self.name_of_step = ""
        self.done = 0
        self.total: int | None = None
        self.hint = ""

    @property
    def is_on(self) -> bool:
        """True while the line is shown."""
        return self.has_class("-on")

    def begin(self, what: str, hint: str = "ctrl+c stops") -> None:
        """Show the line."""
        self.step(what, 0, None)
        self.hint = hint
        self.add_class("-on")

    def end(self) -> None:
        """Take the line away."""
        self.remove_class("-on")
        self.name_of_step = ""

    def step(self, name: str, done: int, total: int | None) -> None:
        """So far has it come."""
        if name != self.name_of_step:
            self._began = self._now()
        self.name_of_step, self.done, self.total = name, done, total
        self.refresh()

    def render(self) -> Content:
        name, hint = words(self.name_of_step, "bold $primary", 40), f"   {self.hint}" if self.hint else ""
        if self.total:
            figures = f"  {self.done:,} of {self.total:,}{self.pace()}"
            room = self.size.width - len(f" »   {name.plain}{figures}{hint}")
            long = max(min(BAR, room), 1)
            filled = min(round(long * self.done / self.total), long)
            bar = joined(("━" * filled, "$primary"), ("─" * (long - filled), "$muted"))
        else:
            bar, figures = as_it_is(""), f"  {self.done:,}" if self.done else "  …"
        return joined(" » ", name, "  ", bar, figures, (hint, "$muted"))

    def pace(self) -> str:
        """Rate and time left, once both can be told."""
        seconds = self._now() - self._began
        if not self.total or self.done <= 0 or seconds < 0.5:
            return ""
        rate = self.done / seconds
        left = (self.total - self.done) / rate
        return f"  {rate:.1f}/s" + (f"  {duration(left)} left" if left >= 1 else "")


def duration(seconds: float) -> str:
    """A length of time in its two largest units."""
    whole = max(round(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole < 600 and whole % 60 else "")
    if whole < 86400:
        return f"{whole // 3600} h" + (f" {whole % 3600 // 60} min" if whole % 3600 >= 60 else "")
    return f"{whole // 86400} d" + (f" {whole % 86400 // 3600} h" if whole % 86400 >= 3600 else "")
