"""Why a box is held: the words that screens, logs and the ledger share."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """One word for each thing that keeps a box from being pushed."""

    ALREADY = "ALREADY"
    HELD_BY_PERSON = "HELD_BY_PERSON"
    UNREADABLE = "UNREADABLE"
    TYPE_OFF = "TYPE_OFF"
    TEST = "TEST"
    SHIPPED = "SHIPPED"
    CANCELLED = "CANCELLED"
    LABELLED = "LABELLED"
    UNPAID = "UNPAID"
    REFUNDED = "REFUNDED"
    SUBSCRIPTION_NOT_ACTIVE = "SUBSCRIPTION_NOT_ACTIVE"
    NOT_DUE = "NOT_DUE"
    BATCH_OPEN = "BATCH_OPEN"
    TOO_OLD = "TOO_OLD"
    FILTERED = "FILTERED"
    UNCLASSIFIED = "UNCLASSIFIED"
    NOTHING_TO_SEND = "NOTHING_TO_SEND"
    """Every line is closed or cancelled."""
    NO_SKU = "NO_SKU"
    NO_CYCLE = "NO_CYCLE"
    NO_TARGET_DATE = "NO_TARGET_DATE"
    WEEK_53 = "WEEK_53"
    BAD_ADDRESS = "BAD_ADDRESS"
    SHIP_CODE_UNMAPPED = "SHIP_CODE_UNMAPPED"
    TOO_LONG = "TOO_LONG"


RELEASABLE = frozenset(
    {
        Reason.TYPE_OFF,
        Reason.TEST,
        Reason.LABELLED,
        Reason.UNPAID,
        Reason.REFUNDED,
        Reason.SUBSCRIPTION_NOT_ACTIVE,
        Reason.NOT_DUE,
        Reason.BATCH_OPEN,
        Reason.TOO_OLD,
        Reason.FILTERED,
        Reason.WEEK_53,
        Reason.BAD_ADDRESS,
        Reason.SHIP_CODE_UNMAPPED,
    }
)
"""A person may decide to send the box all the same; the other reasons leave no order that could be sent."""

READ_AGAIN = frozenset(
    {
        Reason.UNPAID,
        Reason.REFUNDED,
        Reason.LABELLED,
        Reason.SUBSCRIPTION_NOT_ACTIVE,
        Reason.TEST,
        Reason.UNREADABLE,
        Reason.BAD_ADDRESS,
        Reason.NOTHING_TO_SEND,
    }
)
"""The listing cannot show that these are over: the box is read by id to find out."""
