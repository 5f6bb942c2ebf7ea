"""What the exit code of a run tells the machine that started it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class ExitCode(IntEnum):
    """How a run ended."""

    sentence: str
    """What it means, to a person."""

    def __new__(cls, code: int, sentence: str = "") -> ExitCode:
        """A code and its sentence."""
        made = int.__new__(cls, code)
        made._value_ = code
        made.sentence = sentence
        return made

    WELL = 0, "All well."
    ATTENTION = 1, "Something was refused, not sent, or newly held; see `cratejoy-tui status`."
    USAGE = 2, "Wrong use or not set up; nothing was sent."
    SIGN_IN_REFUSED = 3, "A key was refused."
    UNREACHABLE = 4, "A remote system could not be reached, or asks to slow down."
    UNEXPECTED_ANSWER = 5, "A remote system answered something that cannot be used safely."
    UNSAFE_PLAN = 6, "The plan is far larger than usual and was not applied."
    LEDGER = 7, "The ledger cannot be trusted or written."
    LOCK_HELD = 8, "Another run works on this store; nothing was done."
    FAULT = 70, "A fault in this program; a crash file was written."
    HANG_UP = 129, "The terminal hung up."
    INTERRUPTED = 130, "Interrupted."
    TERMINATED = 143, "Terminated."


_MOST_SERIOUS_FIRST = (70, 143, 130, 129, 7, 5, 3, 6, 2, 4, 8, 1, 0)


def most_serious(codes: Iterable[int]) -> ExitCode:
    """The one code for several stores or several troubles; none of them is all well."""
    return ExitCode(min(codes, key=_MOST_SERIOUS_FIRST.index, default=0))
