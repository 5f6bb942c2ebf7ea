"""Where a shipment stands with us, and the moves it may make."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from cratejoy_tui.errors import ImpossibleMove


class Stage(StrEnum):
    """Our own word for how far a shipment has come; *status* is always a remote system's word."""

    SEEN = "seen"
    HELD = "held"
    PLANNED = "planned"
    SENDING = "sending"
    UNKNOWN = "unknown"
    AT_WAREHOUSE = "at warehouse"
    PARTLY_SHIPPED = "partly shipped"
    SHIPPED = "shipped"
    CONFIRMING = "confirming"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    CANCEL_REFUSED = "cancel refused"
    CANCEL_BY_HAND = "cancel by hand"
    CONFLICT = "conflict"
    ERROR = "error"


class Kind(StrEnum):
    """What an operation does at a remote system."""

    PUSH = "push"
    CONFIRM = "confirm"
    CANCEL = "cancel"
    REPLACE = "replace"
    """A new tracking number for a box already confirmed."""


class State(StrEnum):
    """How far one operation has come. Only these words are stored."""

    READY = "ready"
    CLAIMED = "claimed"
    SENDING = "sending"
    """The intent is on disk; the write may be on its way or done."""
    UNKNOWN = "unknown"
    """The answer was lost; a look-up must settle it."""
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    """The remote said no; tried again only when the content changed, or by `retry`."""
    REVIEW = "review"
    """Only a person can tell."""
    CONFLICT = "conflict"
    CANCELLED_LOCAL = "cancelled locally"
    """Given up before anything was sent."""
    TOO_LATE = "too late"
    """A cancel that the warehouse refused."""


OPEN_STAGES = frozenset({Stage.SEEN, Stage.HELD, Stage.PLANNED, Stage.ERROR})
"""Not with the warehouse as far as we know: re-judged every cycle."""

LIVE_STAGES = frozenset(
    {
        Stage.SENDING,
        Stage.UNKNOWN,
        Stage.AT_WAREHOUSE,
        Stage.PARTLY_SHIPPED,
        Stage.SHIPPED,
        Stage.CONFIRMING,
        Stage.CANCEL_REFUSED,
        Stage.CANCEL_BY_HAND,
        Stage.CONFLICT,
    }
)
"""Handed over, or perhaps handed over, and not closed."""

CLOSED_STAGES = frozenset({Stage.CONFIRMED, Stage.CANCELLED})


_RECALLABLE = frozenset(Stage) - {Stage.PARTLY_SHIPPED, Stage.SHIPPED, Stage.CONFIRMING, Stage.CONFIRMED}
_PAST_THE_DOOR = frozenset(
    {
        Stage.PARTLY_SHIPPED,
        Stage.SHIPPED,
        Stage.CONFIRMING,
        Stage.CONFIRMED,
        Stage.CANCEL_REFUSED,
        Stage.CANCEL_BY_HAND,
    }
)

_AFTER_PUSH = {
    State.READY: Stage.PLANNED,
    State.CLAIMED: Stage.PLANNED,
    State.SENDING: Stage.SENDING,
    State.UNKNOWN: Stage.UNKNOWN,
    State.ACCEPTED: Stage.AT_WAREHOUSE,
    State.REJECTED: Stage.ERROR,
    State.REVIEW: Stage.CONFLICT,
    State.CONFLICT: Stage.CONFLICT,
    State.CANCELLED_LOCAL: Stage.CANCELLED,
    State.TOO_LATE: Stage.CONFLICT,
}

_AFTER_CONFIRM = {
    State.SENDING: Stage.CONFIRMING,
    State.UNKNOWN: Stage.UNKNOWN,
    State.ACCEPTED: Stage.CONFIRMED,
    State.REJECTED: Stage.CONFLICT,
    State.REVIEW: Stage.CONFLICT,
    State.CONFLICT: Stage.CONFLICT,
    State.TOO_LATE: Stage.CONFLICT,
}


def stage_after(kind: Kind, state: State, before: Stage) -> Stage:
    """Where a box stands once an operation of this kind has reached this state.

    Total: every combination has an answer, and `check_move` refuses the ones that only a bug can ask for.
    """
    return _AFTER[kind](state, before)


def _after_push(state: State, before: Stage) -> Stage:
    if state is State.ACCEPTED and before in _PAST_THE_DOOR:
        return before  # tracking or a cancel was quicker than the look-up that proves the push
    if before is Stage.CANCELLED and state in {State.READY, State.CLAIMED, State.REJECTED}:
        return before  # it was not sent, so it stays cancelled
    return _AFTER_PUSH[state]


def _after_confirm(state: State, before: Stage) -> Stage:
    if state in {State.READY, State.CLAIMED, State.CANCELLED_LOCAL}:
        began = {Stage.CONFIRMING, Stage.UNKNOWN, Stage.CONFLICT, Stage.ERROR}
        return Stage.SHIPPED if before in began else before
    # Refused by Cratejoy is a conflict, not an error: a box in error may be pushed again, and this one has left.
    return _AFTER_CONFIRM[state]


def _after_cancel(state: State, before: Stage) -> Stage:
    if before in CLOSED_STAGES:
        return before
    match state:
        case State.ACCEPTED:
            return Stage.CANCELLED if before in _RECALLABLE else Stage.CONFLICT
        case State.REJECTED | State.TOO_LATE:
            return _after_refused_cancel(before)
        case State.REVIEW | State.CONFLICT:
            return Stage.CONFLICT
        case _:
            return before  # also when unknown: the operation says so, and the push it belongs to is still true


def _after_refused_cancel(before: Stage) -> Stage:
    if before in {Stage.SHIPPED, Stage.CONFIRMING} or before in OPEN_STAGES:
        return before
    return Stage.CONFLICT if before in {Stage.PARTLY_SHIPPED, Stage.CONFLICT} else Stage.CANCEL_REFUSED


def _after_replace(state: State, before: Stage) -> Stage:
    if state is State.ACCEPTED:
        return Stage.CONFIRMED
    stuck = state in {State.REJECTED, State.REVIEW, State.CONFLICT, State.TOO_LATE}
    return Stage.CONFLICT if stuck and before is not Stage.CONFIRMED else before


_AFTER = {
    Kind.PUSH: _after_push,
    Kind.CONFIRM: _after_confirm,
    Kind.CANCEL: _after_cancel,
    Kind.REPLACE: _after_replace,
}

_FROM_OPEN = OPEN_STAGES | {Stage.AT_WAREHOUSE, Stage.CONFLICT, Stage.CANCELLED}
_AFTER_REFUSED = frozenset(
    {
        Stage.AT_WAREHOUSE,
        Stage.PARTLY_SHIPPED,
        Stage.SHIPPED,
        Stage.CANCELLED,
        Stage.CANCEL_REFUSED,
        Stage.CANCEL_BY_HAND,
        Stage.CONFLICT,
    }
)

ALLOWED_MOVES: Mapping[Stage, frozenset[Stage]] = MappingProxyType(
    {
        Stage.SEEN: _FROM_OPEN,
        Stage.HELD: _FROM_OPEN,
        Stage.PLANNED: _FROM_OPEN | {Stage.SENDING},
        Stage.ERROR: _FROM_OPEN | {Stage.SENDING},
        Stage.SENDING: frozenset(
            {Stage.AT_WAREHOUSE, Stage.UNKNOWN, Stage.PLANNED, Stage.ERROR, Stage.CONFLICT, Stage.CANCELLED}
        ),
        Stage.UNKNOWN: frozenset(Stage) - {Stage.SEEN, Stage.HELD, Stage.SENDING, Stage.CONFIRMING},
        Stage.AT_WAREHOUSE: _AFTER_REFUSED,
        Stage.PARTLY_SHIPPED: frozenset(
            {Stage.AT_WAREHOUSE, Stage.SHIPPED, Stage.CONFIRMING, Stage.CONFIRMED, Stage.CONFLICT}
        ),
        Stage.SHIPPED: frozenset(
            {Stage.AT_WAREHOUSE, Stage.PARTLY_SHIPPED, Stage.CONFIRMING, Stage.CONFIRMED, Stage.CONFLICT}
        ),
        Stage.CONFIRMING: frozenset(
            {Stage.CONFIRMED, Stage.UNKNOWN, Stage.SHIPPED, Stage.PARTLY_SHIPPED, Stage.CONFLICT}
        ),
        Stage.CONFIRMED: frozenset({Stage.SEEN}),  # resend: lost, damaged, returned
        Stage.CANCELLED: frozenset({Stage.SEEN, Stage.AT_WAREHOUSE, Stage.CONFLICT}),  # revived, or a late commit
        Stage.CANCEL_REFUSED: _AFTER_REFUSED,
        Stage.CANCEL_BY_HAND: _AFTER_REFUSED,
        Stage.CONFLICT: frozenset(Stage) - {Stage.HELD, Stage.SENDING, Stage.UNKNOWN, Stage.CONFIRMING},
    }
)
"""Every move there is. Staying where one is is no move and always allowed."""


def check_move(before: Stage, after: Stage) -> None:
    """Stop the program from moving a box where it cannot go. Raises ImpossibleMove, which is always a bug."""
    if after is not before and after not in ALLOWED_MOVES[before]:
        raise ImpossibleMove(f'The ledger refused to move a box from "{before}" to "{after}": no such step exists.')


_IM_WORDS = {
    Stage.SEEN: "New",
    Stage.HELD: "Error",
    Stage.PLANNED: "New",
    Stage.SENDING: "New",
    Stage.UNKNOWN: "New",
    Stage.AT_WAREHOUSE: "At WMS",
    Stage.PARTLY_SHIPPED: "At WMS",
    Stage.SHIPPED: "Shipped",
    Stage.CONFIRMING: "Shipped",
    Stage.CONFIRMED: "Confirmed",
    Stage.CANCELLED: "Canceled",
    Stage.CANCEL_REFUSED: "At WMS",
    Stage.CANCEL_BY_HAND: "At WMS",
    Stage.CONFLICT: "Error",
    Stage.ERROR: "Error",
}


def im_word(stage: Stage, cancelling: bool = False) -> str:
    """The word that exports use for a stage, for readers coming from the hosted product; `cancelling`: under way."""
    return "Cancel Sending" if cancelling and stage not in CLOSED_STAGES else _IM_WORDS[stage]
