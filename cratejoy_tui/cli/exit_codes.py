"""What the exit code of a run tells the machine that started it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class ExitCode(IntEnum):
    """How a run ended."""

    WELL = 0
    ATTENTION = 1
    USAGE = 2
    SIGN_IN_REFUSED = 3
    UNREACHABLE = 4
    UNEXPECTED_ANSWER = 5
    UNSAFE_PLAN = 6
    LEDGER = 7
    LOCK_HELD = 8
    FAULT = 70
    HANG_UP = 129
    INTERRUPTED = 130
    TERMINATED = 143

    @property
    def sentence(self) -> str:
        """What it means, to a person."""
        return _SENTENCES[self]


_SENTENCES = {
    ExitCode.WELL: "All well.",
    ExitCode.ATTENTION: "Something was refused or held that was not before; see `cratejoy-tui status`.",
    ExitCode.USAGE: "Wrong use or not set up; nothing was sent.",
    ExitCode.SIGN_IN_REFUSED: "A key was refused.",
    ExitCode.UNREACHABLE: "A remote system could not be reached, or asks to slow down.",
    ExitCode.UNEXPECTED_ANSWER: "A remote system answered something that cannot be used safely.",
    ExitCode.UNSAFE_PLAN: "The plan is far larger than usual and was not applied.",
    ExitCode.LEDGER: "The ledger cannot be trusted or written.",
    ExitCode.LOCK_HELD: "Another run works on this store; nothing was done.",
    ExitCode.FAULT: "A fault in this program; a crash file was written.",
    ExitCode.HANG_UP: "The terminal hung up.",
    ExitCode.INTERRUPTED: "Interrupted.",
    ExitCode.TERMINATED: "Terminated.",
}

_MOST_SERIOUS_FIRST = (
    ExitCode.FAULT,
    ExitCode.TERMINATED,
    ExitCode.INTERRUPTED,
    ExitCode.HANG_UP,
    ExitCode.LEDGER,
    ExitCode.UNEXPECTED_ANSWER,
    ExitCode.SIGN_IN_REFUSED,
    ExitCode.UNSAFE_PLAN,
    ExitCode.USAGE,
    ExitCode.UNREACHABLE,
    ExitCode.LOCK_HELD,
    ExitCode.ATTENTION,
    ExitCode.WELL,
)


def most_serious(codes: Iterable[int]) -> ExitCode:
    """The one code for several stores or several troubles; none of them is all well."""
    return min((ExitCode(code) for code in codes), key=_MOST_SERIOUS_FIRST.index, default=ExitCode.WELL)
