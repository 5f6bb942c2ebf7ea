"""What a cancellation in Cratejoy leads to, at every stage."""

from __future__ import annotations

from itertools import product

import pytest

from cratejoy_tui.sync.domain.cancellation import (
    Action,
    needs_stop_ship,
    on_cancelled,
    order_state_after_cancel,
    revived,
)
from cratejoy_tui.sync.domain.order import OrderState
from cratejoy_tui.sync.domain.stage import LIVE_STAGES, OPEN_STAGES, Stage, State
from tests.sync.factories import found, shipment


def test_every_situation_has_an_answer():
    for stage, setting, power, state in product(Stage, (True, False), (True, False), (None, *State)):
        assert isinstance(on_cancelled(stage, send_to_wms=setting, can_cancel=power, push_state=state), Action)


@pytest.mark.parametrize(
    ("stage", "able", "unable"),
    [
        *((stage, Action.LOCAL, Action.LOCAL) for stage in sorted(OPEN_STAGES)),
        (Stage.SENDING, Action.SETTLE_FIRST, Action.SETTLE_FIRST),
        (Stage.UNKNOWN, Action.SETTLE_FIRST, Action.SETTLE_FIRST),
        (Stage.AT_WAREHOUSE, Action.ASK_WAREHOUSE, Action.BY_HAND),
        (Stage.PARTLY_SHIPPED, Action.ASK_WAREHOUSE, Action.CONFLICT),
        (Stage.SHIPPED, Action.CONFLICT, Action.CONFLICT),
        (Stage.CONFIRMING, Action.SETTLE_FIRST, Action.SETTLE_FIRST),
        (Stage.CONFIRMED, Action.NOTE, Action.NOTE),
        (Stage.CANCELLED, Action.NOTHING, Action.NOTHING),
        (Stage.CANCEL_REFUSED, Action.NOTHING, Action.NOTHING),
        (Stage.CANCEL_BY_HAND, Action.NOTHING, Action.NOTHING),
        (Stage.CONFLICT, Action.CONFLICT, Action.CONFLICT),
    ],
)
def test_the_table_of_cancellations(stage: Stage, able: Action, unable: Action):
    assert on_cancelled(stage, send_to_wms=True, can_cancel=True) is able
    assert on_cancelled(stage, send_to_wms=False, can_cancel=True) is unable
    assert on_cancelled(stage, send_to_wms=True, can_cancel=False) is unable


@pytest.mark.parametrize("state", [State.SENDING, State.UNKNOWN])
@pytest.mark.parametrize("stage", [*sorted(OPEN_STAGES), Stage.AT_WAREHOUSE])
def test_a_push_whose_end_is_unknown_is_settled_first(stage: Stage, state: State):
    assert on_cancelled(stage, send_to_wms=True, can_cancel=True, push_state=state) is Action.SETTLE_FIRST


def test_a_box_that_may_still_leave_is_never_met_with_silence():
    handled = {Stage.CANCEL_REFUSED, Stage.CANCEL_BY_HAND}
    for stage, setting, power in product(LIVE_STAGES - handled, (True, False), (True, False)):
        action = on_cancelled(stage, send_to_wms=setting, can_cancel=power)
        assert action in {Action.SETTLE_FIRST, Action.ASK_WAREHOUSE} or needs_stop_ship(stage, action)


def test_a_box_wanted_again_is_revived():
    assert revived(shipment(), Stage.CANCELLED, was_cancelled=False)
    assert revived(shipment(), Stage.AT_WAREHOUSE, was_cancelled=True)
    assert not revived(shipment(), Stage.HELD, was_cancelled=False)
    assert not revived(shipment(status="cancelled"), Stage.CANCELLED, was_cancelled=True)


@pytest.mark.parametrize(
    ("states", "proven"),
    [
        ((), None),
        ((OrderState.CANCELLED,), OrderState.CANCELLED),
        ((OrderState.CANCELLED, OrderState.OPEN), OrderState.OPEN),
        ((OrderState.CANCELLED, OrderState.SHIPPED), OrderState.SHIPPED),
        ((OrderState.SHIPPED, OrderState.OPEN), OrderState.OPEN),
    ],
)
def test_after_a_cancel_the_worst_that_is_found_counts(states: tuple[OrderState, ...], proven: OrderState | None):
    assert order_state_after_cancel([found(state=state) for state in states]) is proven
