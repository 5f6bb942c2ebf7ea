"""A hundred thousand orders through a program that keeps dying and a warehouse that keeps lying, class by class.

The decisions are the product's: its push and settle flows, first contact, quiet times, and its tables of stages. Only
the ledger and the warehouse are in memory, for speed; the real ledger goes through the same in the random days.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from cratejoy_tui.sync.domain.found import Comparison
from cratejoy_tui.sync.domain.record import Ending
from cratejoy_tui.sync.domain.stage import State
from cratejoy_tui.sync.flows import handing_over, settle
from cratejoy_tui.sync.ports import DeliveryClass
from tests.chaos.brutal import Brutality, Odds, Tally

FEW, MANY = 4_000, 100_000
WORSE = Odds(slow=0.3, request_lost=0.1, dies_on_the_wire=0.01)
"""Groups take so long that their last calls leave minutes after the first."""


def brutalised(delivery: DeliveryClass, orders: int, **how: Any) -> Tally:
    """What became of so many orders; printed, so that a run with `-s` shows it."""
    tally = asyncio.run(Brutality(delivery, **{"seed": 20261123} | how).run(orders))
    print(f"\n{delivery}: {tally}")  # noqa: T201 - the figure is what the run is for
    return tally


def well(tally: Tally, orders: int) -> None:
    assert tally.orders == orders
    assert tally.deaths
    assert tally.duplicated == []
    assert tally.lost == []
    assert tally.escaped == []


@pytest.mark.parametrize("odds", [Odds(), WORSE], ids=["brutal", "worse"])
@pytest.mark.parametrize("delivery", DeliveryClass)
@pytest.mark.parametrize("orders", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_no_order_is_sent_twice_and_none_is_lost(delivery: DeliveryClass, orders: int, odds: Odds) -> None:
    tally = brutalised(delivery, orders, odds=odds)
    well(tally, orders)
    is_blind = delivery is DeliveryClass.BLIND
    assert (tally.for_a_person > orders / 100) == is_blind


def test_the_same_seed_gives_the_same_days() -> None:
    assert str(brutalised(DeliveryClass.LOOK_UP, 1000)) == str(brutalised(DeliveryClass.LOOK_UP, 1000))


# the test of the test: each of these must be found


def test_a_quiet_time_that_is_too_short_is_found() -> None:
    assert brutalised(DeliveryClass.LOOK_UP, FEW, quiet_seconds=60.0).duplicated


def test_a_look_up_that_is_skipped_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "compare", lambda order, found: Comparison.ABSENT)
    assert brutalised(DeliveryClass.LOOK_UP, FEW).duplicated


def test_an_unknown_order_that_is_sent_again_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def again(desk: Any, operation: Any, reason: str, now: Any) -> Ending:
        return Ending(operation_id=operation.id, state=State.READY, error=reason)

    monkeypatch.setattr(handing_over, "_lost", again)
    assert brutalised(DeliveryClass.LOOK_UP, FEW).duplicated
    assert brutalised(DeliveryClass.BLIND, FEW).duplicated


def test_a_dead_process_taken_for_one_that_never_sent_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "_quiet", lambda desk, operation: timedelta(0))
    assert brutalised(DeliveryClass.LOOK_UP, FEW, odds=WORSE).duplicated


def test_a_box_cancelled_in_doubt_and_forgotten_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.chaos.fast_ledger.SECOND_LOOK_AFTER", timedelta(0))
    monkeypatch.setattr("cratejoy_tui.sync.domain.cancellation.may_still_arrive", lambda state, via: False)
    monkeypatch.setattr("tests.chaos.fast_ledger.may_still_arrive", lambda state, via: False)
    assert brutalised(DeliveryClass.UNIQUE, FEW, odds=WORSE).escaped


def test_a_write_that_is_always_believed_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def believed(desk: Any, operation: Any, reason: str, now: Any) -> Ending:
        return Ending(operation_id=operation.id, state=State.ACCEPTED)

    monkeypatch.setattr(handing_over, "_lost", believed)
    assert brutalised(DeliveryClass.LOOK_UP, FEW).lost
