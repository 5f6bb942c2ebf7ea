"""Where the filter is typed."""

from __future__ import annotations

from collections.abc import Callable

from textual import events

from cratejoy_tui.tui.widgets.entry import Entry


class FilterLine(Entry):
    """One line of input; Enter keeps the filter, Esc gives it up."""

    def __init__(self, leave: Callable[[bool], None]) -> None:
        """`leave` is told whether the filter stays."""
        self.leave = leave
        super().__init__(hint="words · stage:held · sku:TEA · !US  (Enter keeps it, Esc drops it)", entry_id="filter")

    def on_key(self, event: events.Key) -> None:
        """What was typed before the line closed but comes after it is meant for the list."""
        is_open = self.has_class("-on")
        if is_open and event.key not in {"enter", "down", "escape"}:
            return
        event.stop()
        event.prevent_default()
        if is_open:
            self.leave(event.key != "escape")
        else:
            self.app.post_message(events.Key(event.key, event.character))
