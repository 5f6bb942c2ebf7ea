"""Taking back what was decided here and sent nowhere: holds, releases, choices of a match."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

MOST = 50
"""So many decisions can be taken back, the newest first."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision, and how it is taken back."""

    text: str
    """What was done, in the past tense: `held 3 boxes`."""
    back: Callable[[], Awaitable[None]]
