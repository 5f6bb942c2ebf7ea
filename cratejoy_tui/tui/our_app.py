"""What the console and set-up share: our colours, and a fault that ends in a report without values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App

from cratejoy_tui.tui.faults import FAULT, outliving, report_of
from cratejoy_tui.tui.themes import DEFAULT, OFFERED, OURS, muted

if TYPE_CHECKING:
    from textual.driver import Driver


class OurApp(App[None]):
    """An app in our colours."""

    TITLE = "cratejoy-tui"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, theme: str = "") -> None:
        super().__init__()
        for ours in OURS:
            self.register_theme(ours)
        self.choose_theme(theme)

    def get_css_variables(self) -> dict[str, str]:
        """The theme's colours, and one of ours between text and ground for what matters less."""
        variables = super().get_css_variables()
        return {**variables, "muted": muted(variables)}

    def choose_theme(self, name: str) -> None:
        """Take these colours, or the usual ones when there are none of that name."""
        self.theme = name if name in OFFERED or name in self.available_themes else DEFAULT

    def get_driver_class(self) -> type[Driver]:
        """The platform's, made to outlive its window."""
        return outliving(super().get_driver_class())

    def ask_to_stop(self) -> None:
        """A fault closes everything: end what is under way after the item in hand."""

    def _handle_exception(self, error: Exception) -> None:
        # Textual would print every local variable, keys included.
        self._return_code = FAULT
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
            self.ask_to_stop()
            self.panic(report_of(error))
