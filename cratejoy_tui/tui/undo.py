"""Taking back what was decided here and sent nowhere: holds, releases, choices of a match."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

MOST = 50


@dataclass(frozen=True, slots=True)
class Step:
    """One decision, and how it is taken back."""

    text: str
    """What was done, in the past tense: `held 3 boxes`."""
    back: Callable[[], Awaitable[None]]


class UndoBook:
    """The last local decisions of this console, newest last."""

    def __init__(self) -> None:
        self._steps: list[Step] = []

    @property
    def can_undo(self) -> bool:
        """There is something to take back."""
        return bool(self._steps)

    def add(self, text: str, back: Callable[[], Awaitable[None]]) -> None:
        """Remember how to take this back."""
        self._steps.append(Step(text, back))
        del self._steps[:-MOST]

    def take(self) -> Step:
        """The newest step, which is then forgotten."""
        return self._steps.pop()

    def clear(self) -> None:
        """Forget everything: another store was opened."""
        self._steps.clear()
