"""What the doctor finds: a level, a sentence, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cratejoy_tui.errors import CratejoyTuiError, LedgerError
from cratejoy_tui.sync.domain.books import Verified


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


def well(name: str, text: str, store: str = "") -> Finding:
    """Nothing is to be done."""
    return Finding(level=Level.OK, name=name, text=text, store=store)


def warned(name: str, text: str, next_step: str, store: str = "") -> Finding:
    """Runs can go, but somebody should look."""
    return Finding(level=Level.WARN, name=name, text=text, next_step=next_step, store=store)


def failing(name: str, text: str, next_step: str, store: str = "", code: int = 2) -> Finding:
    """Runs cannot go, and end with this code."""
    return Finding(level=Level.FAIL, name=name, text=text, next_step=next_step, store=store, code=code)


def need_whole(store: str, found: Verified) -> None:
    """Raises LedgerError where something in the audit was changed afterwards."""
    if not found.ok:
        raise LedgerError(
            f"The audit of {store} is broken at record {found.broken_at}.",
            next_step="Keep a copy of the ledger as it is, and compare it with your last backup.",
        )


def failed(name: str, error: CratejoyTuiError, store: str = "") -> Finding:
    """An error as a finding."""
    return failing(name, error.message, error.next_step, store, error.exit_code)
