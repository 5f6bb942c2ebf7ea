"""What all dialogs share: they are deaf at first, Esc leaves them, the arrows go round their buttons."""

from __future__ import annotations

import time
from typing import ClassVar, TypeVar

from textual import events
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

T = TypeVar("T")

DEAF_SECONDS = 0.3


class Dialog(ModalScreen[T]):
    """A window over the console that gives an answer of type T; None when it was left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", show=False),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]
    deaf_seconds: ClassVar[float] = DEAF_SECONDS
    """A key held down, or pressed a moment too late, must not answer a question nobody has read."""

    def __init__(self) -> None:
        super().__init__()
        self._opened_at = time.monotonic()
        self._is_answered = False

    @property
    def around(self) -> int:
        """Lines that everything but the scrolling text needs; whatever happens, the buttons stay in sight."""
        return 9

    @property
    def is_deaf(self) -> bool:
        """Keys are dropped, because the dialog has just come up."""
        return time.monotonic() - self._opened_at < self.deaf_seconds

    def is_deaf_to(self, key: events.Key) -> bool:
        """Is this key dropped?"""
        return self.is_deaf

    def on_mount(self) -> None:
        """The deaf time counts from when it can be seen."""
        self._opened_at = time.monotonic()

    def on_resize(self, event: events.Resize) -> None:
        """Let the text have what is left of the window."""
        for body in self.query(".dialog-body"):
            body.styles.max_height = max(event.size.height - self.around, 2)

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Close with this answer; a second answer, from keys typed faster than the window closes, is dropped."""
        if self._is_answered or not self.is_current:
            return AwaitComplete()
        self._is_answered = True
        return super().dismiss(result)

    def action_leave(self) -> None:
        """Close without an answer."""
        self.dismiss(None)
