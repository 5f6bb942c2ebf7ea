"""Every error raised on purpose, as one tree.

Two questions place an error: does it concern one box or the whole cycle, and is trying again any use?

    CratejoyTuiError
    ├─ SetupError               exit 2: nothing was sent
    │   ├─ SettingsInvalid            lists every problem at once
    │   ├─ CredentialsMissing
    │   └─ KeyringUnavailable
    ├─ RunStopped               the cycle ends for this store; later boxes are untouched
    │   ├─ SignInRefused        exit 3
    │   ├─ Unreachable          exit 4, may be repeated: a read, or a write that surely did not arrive
    │   │   └─ RateLimited            knows how long to wait
    │   ├─ UnexpectedAnswer     exit 5
    │   ├─ UnsafePlan           exit 6: a person must allow it
    │   ├─ LedgerError          exit 7
    │   │   ├─ LedgerBusy             exit 8: another program keeps it locked
    │   │   └─ ImpossibleMove         a bug: a stage that cannot follow
    │   └─ LockHeld             exit 8
    ├─ AnswerLost               one write may have been done: it becomes unknown and is settled before anything else
    └─ ItemRefused              one box; the cycle goes on
        ├─ ShipmentUnfit
        ├─ OrderRefused
        ├─ OrderNotFound
        ├─ AlreadyShipped
        ├─ NotSupported
        ├─ ReadOnly
        └─ ConfirmationRefused

Unreachable and AnswerLost must never be mixed up: the first may be repeated, the second must not.
A text says who, which number, what and why; `next_step` says what to do.
"""

from __future__ import annotations

from collections.abc import Sequence


class CratejoyTuiError(Exception):
    """Something went wrong that we foresaw; the text is fit for the operator."""

    next_step_default = ""
    exit_code = 1

    def __init__(self, message: str, *, next_step: str = "") -> None:
        self.message = message
        self.next_step = next_step or self.next_step_default
        super().__init__(f"{message} {self.next_step}".strip())


class SetupError(CratejoyTuiError):
    """The program is not set up to do this; nothing was sent."""

    next_step_default = "Run `cratejoy-tui setup`."
    exit_code = 2


class SettingsInvalid(SetupError):
    """The settings cannot be used; every problem is listed."""

    next_step_default = "Correct the settings file and run again."

    def __init__(self, problems: Sequence[str], *, where: str = "", next_step: str = "") -> None:
        self.problems = tuple(problems)
        head = f"{where}: " if where else ""
        told = "; ".join(self.problems)
        super().__init__(head + told + ("" if told.endswith("?") else "."), next_step=next_step)


class CredentialsMissing(SetupError):
    """No place we look in holds the key for this store."""


class KeyringUnavailable(SetupError):
    """The operating system's keyring cannot be used."""

    next_step_default = "Unlock or install a keyring, or give the key by environment or credentials directory."


class RunStopped(CratejoyTuiError):
    """This store's cycle ends here; what was already done is in the ledger."""


class SignInRefused(RunStopped):
    """A remote system refused our key."""

    next_step_default = "Check the key and connect the store again: `cratejoy-tui setup`."
    exit_code = 3


class Unreachable(RunStopped):
    """A remote system could not be reached, and nothing can have been done there."""

    next_step_default = "Check the network and the remote system's status, then run again."
    exit_code = 4


class RateLimited(Unreachable):
    """A remote system asks us to slow down."""

    next_step_default = "Wait, then run again; lower the requests per second in the settings if it comes back."

    def __init__(self, message: str, *, wait_seconds: float, next_step: str = "") -> None:
        self.wait_seconds = wait_seconds
        super().__init__(message, next_step=next_step)


class UnexpectedAnswer(RunStopped):
    """A remote system answered something we cannot read safely."""

    next_step_default = "Run again later; if it stays, report it with the log."
    exit_code = 5


class UnsafePlan(RunStopped):
    """The plan is far larger than usual; a person must allow it."""

    next_step_default = "Look at the plan, then allow it with --allow-large-plan."
    exit_code = 6


class LedgerError(RunStopped):
    """The ledger cannot be trusted or written."""

    next_step_default = (
        "Nothing more was sent. Run `cratejoy-tui verify`, check disk space, restore a backup if needed."
    )
    exit_code = 7


class LedgerBusy(LedgerError):
    """Another program keeps the ledger locked for longer than writing takes; nothing of ours was written."""

    exit_code = 8


class ImpossibleMove(LedgerError):
    """The program tried to move a box to a stage that cannot follow; that is a bug, and nothing was changed."""

    next_step_default = "Nothing was changed for this box. Please report it with the log."


class LockHeld(RunStopped):
    """Another run works on this store."""

    next_step_default = "Wait for it to end, or stop it."
    exit_code = 8


class AnswerLost(CratejoyTuiError):
    """A write may or may not have been done; it must be settled, never repeated blindly."""

    next_step_default = "It is looked up before anything else is sent for this box."


class ItemRefused(CratejoyTuiError):
    """One box cannot be handled; the others go on."""


class ShipmentUnfit(ItemRefused):
    """No order can be made from this shipment."""


class OrderRefused(ItemRefused):
    """The warehouse said no to an order."""


class OrderNotFound(ItemRefused):
    """The warehouse, or our ledger, does not know this number."""


class AlreadyShipped(ItemRefused):
    """The box has left; it cannot be cancelled any more."""


class NotSupported(ItemRefused):
    """This warehouse lacks the power asked for."""


class ReadOnly(ItemRefused):
    """The program runs read-only; nothing is sent."""

    next_step_default = "Start without --read-only to send."


class ConfirmationRefused(ItemRefused):
    """Cratejoy said no to a confirmation."""
