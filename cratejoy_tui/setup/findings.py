"""What the doctor finds: a level, a sentence, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cratejoy_tui.errors import CratejoyTuiError


class Level(StrEnum):
    """How serious it is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the doctor's."""

    level: Level
    name: str
    text: str
    next_step: str = ""
    store: str = ""
    """"" when it is about the machine."""
    code: int = 0
    """The exit code a run would end with because of it."""


def failed(name: str, error: CratejoyTuiError, store: str = "") -> Finding:
    """An error as a finding."""
    return Finding(
        level=Level.FAIL,
        name=name,
        text=error.message,
        next_step=error.next_step,
        store=store,
        code=error.exit_code,
    )
