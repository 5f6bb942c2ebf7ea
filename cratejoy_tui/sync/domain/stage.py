"""Where a shipment stands with us, and the moves it may make."""

from __future__ import annotations

from enum import StrEnum


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
