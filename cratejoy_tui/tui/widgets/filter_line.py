"""Where the filter is typed."""

from __future__ import annotations

from textual import events
from textual.widgets import Input

from cratejoy_tui.tui.messages import FilterChanged, FilterLeft
from cratejoy_tui.tui.widgets.entry import Entry


class FilterLine(Entry):
    """One line of input that tells every change; Enter keeps the filter, Esc gives it up."""

    def __init__(self) -> None:
        super().__init__(hint="words · stage:held · sku:TEA · !US  (Enter keeps it, Esc drops it)", entry_id="filter")

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(FilterChanged(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(FilterLeft(is_kept=True))

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            event.stop()
            event.prevent_default()
            self.post_message(FilterLeft(is_kept=False))
        elif event.key == "down":
            event.stop()
            event.prevent_default()
            self.post_message(FilterLeft(is_kept=True))
