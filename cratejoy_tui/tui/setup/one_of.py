"""One of a few words, on one line; of many, each on a line of its own."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from cratejoy_tui.tui.safe import joined, words

WIDEST = 70
"""Columns that all words on one line may take."""


class OneOf(Static, can_focus=True):
    """Left, right and space choose; the chosen word has a filled mark, so that no colour is needed to see it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", show=False),
        Binding("right,space", "step(1)", show=False),
        Binding("enter", "app.focus_next", show=False),
    ]

    def __init__(self, options: Sequence[str], value: str, *, field_id: str) -> None:
        super().__init__(markup=False, id=field_id)
        self._options = tuple(options)
        self._stacked = sum(len(option) + 5 for option in self._options) > WIDEST
        self.value = value
        """The word that is chosen; "" while none is."""

    def render(self) -> Content:
        """All words with their marks."""
        parts: list[Content] = []
        for option in self._options:
            chosen = option == self.value
            style = "bold $primary" if chosen else "$muted"
            parts.append(joined(("● " if chosen else "○ ", style), words(option, style)))
        return Content("\n" if self._stacked else "   ").join(parts)

    def action_step(self, by: int) -> None:
        """Choose the next word, or the one before."""
        at = self._options.index(self.value) + by if self.value in self._options else 0
        self.choose(self._options[at % len(self._options)])

    def choose(self, value: str) -> None:
        """Take this word."""
        self.value = value
        self.refresh(layout=True)

    def on_click(self, event: events.Click) -> None:
        """A click on a word takes it."""
        place = event.get_content_offset(self)
        if place is None:
            return
        ends = accumulate(1 if self._stacked else len(option) + 5 for option in self._options)
        at = sum(end <= (place.y if self._stacked else place.x) for end in ends)
        if at < len(self._options):
            self.choose(self._options[at])
