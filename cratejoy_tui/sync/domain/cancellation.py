"""What to do when Cratejoy calls a box cancelled, depending on how far it came with us."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from cratejoy_tui.sync.domain.order import Found, OrderState
from cratejoy_tui.sync.domain.shipment import Shipment
from cratejoy_tui.sync.domain.stage import OPEN_STAGES, Stage, State

LOOKED_ONCE = "looked once, not there"
"""A cancelled box must be missing twice, some time apart, before it counts as never sent."""
SECOND_LOOK_AFTER = timedelta(minutes=5)
"""At least this long, also where equal numbers are refused: that protects from two orders, not from a late one."""
BY_LOOK_UP = "look-up"


class Action(StrEnum):
    """The answer to a cancellation."""

    LOCAL = "cancelled before send"
    """Nothing was handed over: close it here, never send it."""
    SETTLE_FIRST = "settle first"
    """A write is unknown or on its way: find out what became of it, then ask again what to do."""
    ASK_WAREHOUSE = "ask the warehouse"
    BY_HAND = "cancel by hand"
    """A person cancels it at the warehouse; the box is on the stop-ship list."""
    CONFLICT = "conflict"
    """It left, wholly or in part: Cratejoy is told nothing, a person decides."""
    NOTE = "note only"
    NOTHING = "nothing to do"
    """It was dealt with already."""


_FIXED = {
    Stage.SENDING: Action.SETTLE_FIRST,
    Stage.UNKNOWN: Action.SETTLE_FIRST,
    Stage.CONFIRMING: Action.SETTLE_FIRST,
    Stage.SHIPPED: Action.CONFLICT,
    Stage.CONFLICT: Action.CONFLICT,
    Stage.CONFIRMED: Action.NOTE,
    Stage.CANCELLED: Action.NOTHING,
    Stage.CANCEL_REFUSED: Action.NOTHING,
    Stage.CANCEL_BY_HAND: Action.NOTHING,
}

_NOT_SENT = frozenset({State.READY, State.CLAIMED, State.REJECTED})
_UNSETTLED = frozenset({State.SENDING, State.UNKNOWN})


def on_cancelled(stage: Stage, *, send_to_wms: bool, can_cancel: bool, push_state: State | None = None) -> Action:
    """What to do about a box that Cratejoy cancelled. Total; `push_state` is that of its live push, if there is one."""
    if stage in _FIXED:
        return _FIXED[stage]
    if push_state in _UNSETTLED:
        return Action.SETTLE_FIRST
    if stage in OPEN_STAGES:
        return Action.LOCAL
    if send_to_wms and can_cancel:
        return Action.ASK_WAREHOUSE
    return Action.CONFLICT if stage is Stage.PARTLY_SHIPPED else Action.BY_HAND


def needs_stop_ship(stage: Stage, action: Action) -> bool:
    """True when somebody must walk to the floor: the box, or the rest of it, may still leave."""
    return action is Action.BY_HAND or (
        action is Action.CONFLICT and stage in {Stage.PARTLY_SHIPPED, Stage.SHIPPED, Stage.CONFLICT}
    )


def may_still_arrive(push_state: State, via: str) -> bool:
    """True for an order whose answer was lost, that one look-up missed, and that was not sent again since."""
    return push_state is State.READY and via == BY_LOOK_UP


def push_of_cancelled(state: State, via: str, error: str) -> State:
    """Where a push ends whose box Cratejoy cancelled before it ended as `state`; `error`: what it showed before.

    What did not happen never will; but one look-up that misses an order does not prove that it will not arrive.
    """
    if state not in _NOT_SENT:
        return state
    return State.UNKNOWN if may_still_arrive(state, via) and error != LOOKED_ONCE else State.CANCELLED_LOCAL


def revived(shipment: Shipment, stage: Stage, *, was_cancelled: bool) -> bool:
    """True when Cratejoy wants a box again that it had cancelled; it goes nowhere before a person agrees."""
    return shipment.status == "unshipped" and (was_cancelled or stage is Stage.CANCELLED)


def order_state_after_cancel(found: Sequence[Found]) -> OrderState | None:
    """What a look-up after a cancel proves; None when the warehouse has no such order. The worst one counts."""
    states = {there.state for there in found}
    return next(
        (state for state in (OrderState.OPEN, OrderState.SHIPPED, OrderState.CANCELLED) if state in states), None
    )
