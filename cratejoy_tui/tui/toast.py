"""Short messages that are always literal, and that cannot stall the console."""

from __future__ import annotations

from time import time

from textual.notifications import Notification

LEAST_SECONDS = 0.1


class Literal(Notification):
    """A message never read as markup.

    Its time left is never negative: a toast that is drawn at the very moment it runs out would otherwise give Textual's
    timer a negative interval, which it counts through without ever letting go of the screen.
    """

    @property
    def time_left(self) -> float:
        """Seconds the message is still to be seen, and a moment at least."""
        return max(self.raised_at + self.timeout - time(), LEAST_SECONDS)

    @property
    def has_expired(self) -> bool:
        """Its time is over; it is not drawn again."""
        return self.raised_at + self.timeout <= time()
