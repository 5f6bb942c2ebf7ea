"""What went over the wire and what was said about it, in a drawer at the bottom."""

from __future__ import annotations

from textual.widgets import Log

from cratejoy_tui.tui.log_book import KEPT, LogBook

EVERY_SECONDS = 0.2


class LogDrawer(Log):
    """The newest lines of the log; hidden until asked for."""

    def __init__(self, book: LogBook) -> None:
        super().__init__(highlight=False, max_lines=KEPT, id="log")
        self.book = book
        self._shown = 0

    def on_mount(self) -> None:
        """Batches, because a line at a time is slow."""
        self.set_interval(EVERY_SECONDS, self.catch_up)
        self.catch_up()

    def catch_up(self) -> None:
        """Show what came since the last time."""
        if self.display:
            self.book.catch_up()
        new = min(self.book.count - self._shown, len(self.book.lines))
        if self.display and new > 0:
            lines = list(self.book.lines)
            self.write_lines(lines[-new:])
            self._shown = self.book.count
