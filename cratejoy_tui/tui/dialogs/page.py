"""A page to read: an explanation, a report, the help."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from cratejoy_tui.tui.dialogs.dialog import Dialog
from cratejoy_tui.tui.safe import as_it_is

WIDTH, FRAME = 108, 9
"""How wide a page is at most, and what its frame takes of that."""


def page_width(app: App[Any]) -> int:
    """How many cells a line of a page may have now."""
    return min(round(app.size.width * 0.96), WIDTH) - FRAME


class PageDialog(Dialog[None]):
    """Scrolls through a text; any of Esc, q, Enter closes it, `e` writes it to a file where that is offered."""

    kind = "page"
    deaf_seconds: ClassVar[float] = 0.0
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,enter", "leave", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown,space,ctrl+d", "scroll(12)", show=False),
        Binding("pageup,ctrl+u", "scroll(-12)", show=False),
        Binding("home,g", "scroll(-1000000)", show=False),
        Binding("end,G", "scroll(1000000)", show=False),
        Binding("e", "write", show=False),
    ]

    def __init__(self, title: str, text: Content, *, write: Callable[[str], None] | None = None) -> None:
        super().__init__(title)
        self._text = text
        self._write = write

    @property
    def around(self) -> int:
        return 0  # its text has a height of its own

    def inside(self) -> ComposeResult:
        yield from self.text(self._text)
        hint = "esc  back    ↑↓ pgup pgdn  scroll" + ("    e  write to a file" if self._write else "")
        yield Static(as_it_is(hint, "$muted"), markup=False, classes="dialog-hint")

    def action_scroll(self, by: int) -> None:
        """Move through the text."""
        for body in self.query(VerticalScroll):  # none yet, or none any more, while keys are typed fast
            body.scroll_relative(y=by, animate=False)

    def action_write(self) -> None:
        """Write it to a file."""
        if self._write is not None:
            self._write(self._text.plain)
