"""What all dialogs share: they are deaf at first, Esc leaves them, the arrows go round their buttons."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from cratejoy_tui.tui.safe import as_it_is, words

if TYPE_CHECKING:
    from textual.widgets import Button
    from textual.widgets.button import ButtonVariant

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

    kind: ClassVar[str] = ""
    """More style classes of its window."""

    def __init__(self, title: str = "") -> None:
        super().__init__()
        self._title = title
        self._opened_at = time.monotonic()
        self._is_answered = False

    def compose(self) -> ComposeResult:
        with Vertical(classes=f"dialog {self.kind}"):
            if self._title:
                yield Static(words(self._title, "bold"), markup=False, classes="dialog-title")
            yield from self.inside()

    def inside(self) -> ComposeResult:
        """What stands below the title."""
        yield from ()

    def text(self, text: Content) -> ComposeResult:
        """A text that scrolls where the window is small."""
        with VerticalScroll(classes="dialog-body", can_focus=False):
            yield Static(text, markup=False)

    def buttons(self, go: str, variant: ButtonVariant, *, is_disabled: bool = False) -> ComposeResult:
        """Cancel, and the one that says what will be done."""
        from textual.widgets import Button

        with Horizontal(classes="dialog-buttons"):
            yield Button(as_it_is("Cancel"), id="cancel", compact=True)
            yield Button(as_it_is(go), id="go", compact=True, variant=variant, disabled=is_disabled)

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

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "go":
            self.action_proceed()
        else:
            self.action_leave()

    def action_proceed(self) -> None:
        """Answer with what the window stands for."""

    def action_leave(self) -> None:
        """Close without an answer."""
        self.dismiss(None)
