"""What may be done now, and why not: plain questions about the state of the console."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What may be done depends on this, and on nothing else."""

    room: str = ""
    is_open: bool = True
    """The ledger is there to be read."""
    is_reading: bool = False
    """The rows that are wanted are on their way; what asks for rows waits for them."""
    is_read_only: bool = False
    is_busy: bool = False
    """A run of ours is under way."""
    rows: int = 0
    marked: int = 0
    has_row: bool = False
    """The cursor stands on a row."""
    stage: str = ""
    """Of the row under the cursor."""
    can_undo: bool = False

    @property
    def chosen(self) -> int:
        """How many rows a verb would act on: the marked ones only, else the one under the cursor."""
        return self.marked or int(self.has_row)


WhyNot = Callable[[Situation], str]


def always(_: Situation) -> str:
    """It can always be done."""
    return ""


def opened(now: Situation) -> str:
    """Only once the ledger is open."""
    return "" if now.is_open else "The ledger is not open yet."


READING = "The list is being read; press the key again in a moment."


def ready(now: Situation) -> str:
    """Only once the rows that are wanted are there."""
    return opened(now) or (READING if now.is_reading else "")


def row(now: Situation) -> str:
    """Only with a row to do it to."""
    return ready(now) or ("" if now.chosen else "There is no box under the cursor, and none is marked.")


def rows(now: Situation) -> str:
    """Only with rows in the list."""
    return ready(now) or ("" if now.rows else "There is nothing in this list.")


def idle(now: Situation) -> str:
    """Not while a run of ours is under way."""
    return opened(now) or ("A run is under way; wait for it, or stop it with ctrl+c." if now.is_busy else "")


def sends(now: Situation) -> str:
    """For what writes to a remote system."""
    if now.is_read_only:
        return "The console runs read-only: nothing is sent. Start it without --read-only."
    return idle(now)


def sends_rows(now: Situation) -> str:
    """For what writes to a remote system about chosen rows."""
    return sends(now) or row(now)


def decides(now: Situation) -> str:
    """For what a person decides about chosen rows."""
    if now.is_read_only:
        return "The console runs read-only: nothing is changed. Start it without --read-only."
    return row(now)


_SAID = {
    "sending": "being sent",
    "error": "in error",
    "unknown": "in doubt (unknown)",
    "conflict": "in conflict",
    "at warehouse": "at the warehouse",
    "cancel refused": "stuck after a refused cancel",
    "cancel by hand": "to be cancelled by hand",
    "confirming": "being confirmed",
}


def at(*stages: str) -> WhyNot:
    """Only for a box at one of these stages; marked boxes are judged one by one when it is done."""

    def why(now: Situation) -> str:
        if (reason := decides(now)) or now.marked or now.stage in stages:
            return reason
        wanted = " or ".join(filter(None, (", ".join(map(_named, stages[:-1])), _named(stages[-1]))))
        return f"This box is {_named(now.stage or 'not ours')}; this is only for boxes that are {wanted}."

    return why


def _named(stage: str) -> str:
    """A stage as it is said of a box."""
    return _SAID.get(stage, stage)


def under_cursor(*stages: str) -> WhyNot:
    """As `at`, for what is done to one box at a time."""

    def why(now: Situation) -> str:
        if now.marked > 1:
            return "This is done to one box at a time: clear the marks with Esc first."
        return at(*stages)(now)

    return why


def undoes(now: Situation) -> str:
    """Only with something to take back."""
    return opened(now) or ("" if now.can_undo else "There is nothing to undo; what was sent cannot be undone.")


def stops(now: Situation) -> str:
    """Only while something runs."""
    return "" if now.is_busy else "Nothing is running. Press q to quit."
