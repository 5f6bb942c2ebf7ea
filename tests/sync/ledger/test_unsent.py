from __future__ import annotations

from datetime import timedelta

import pytest

from cratejoy_tui.sync.domain.cancellation import LOOKED_ONCE, SECOND_LOOK_AFTER
from cratejoy_tui.sync.domain.stage import Stage, State
from cratejoy_tui.sync.ledger import Ledger
from tests.sync.factories import NOW
from tests.sync.ledger.steps import SetClock, end, intend, plan, sightings, stage, the_lease


async def cancelled_after(ledger: Ledger, state: State, via: str) -> tuple[State, str]:
    """Let a push end so, let Cratejoy cancel the box, and see what became of the push."""
    intended = await intend(ledger, await plan(ledger, "1"))
    await end(ledger, intended.operations[0], state, await the_lease(ledger), via=via)
    await ledger.shipments.record(sightings("1", status="cancelled"))
    [push] = await ledger.operations.of("1")
    assert await stage(ledger) is Stage.CANCELLED
    return push.state, push.error


async def test_an_order_that_one_look_up_missed_is_looked_for_again(ledger: Ledger) -> None:
    assert await cancelled_after(ledger, State.READY, "look-up") == (State.UNKNOWN, LOOKED_ONCE)
    [push] = await ledger.operations.in_doubt(await the_lease(ledger))
    assert push.quiet_until == NOW + SECOND_LOOK_AFTER


async def test_an_order_that_was_there_after_all_can_be_cancelled_there(ledger: Ledger) -> None:
    await cancelled_after(ledger, State.READY, "look-up")
    [push] = await ledger.operations.of("1")
    assert await end(ledger, push, State.ACCEPTED, None, via="look-up") is Stage.AT_WAREHOUSE


async def test_the_books_keep_the_day_on_which_an_order_found_later_was_cancelled(
    ledger: Ledger, clock: SetClock
) -> None:
    await cancelled_after(ledger, State.READY, "look-up")
    clock.move(days=1)
    of_first_day = await ledger.views.day_counts(NOW, clock.now())
    assert (of_first_day.cancelled, of_first_day.closing) == (1, 0)
    [push] = await ledger.operations.of("1")
    await end(ledger, push, State.ACCEPTED, None, via="look-up")
    assert await ledger.views.day_counts(NOW, clock.now()) == of_first_day
    assert (await ledger.views.day_counts(clock.now(), clock.now() + timedelta(days=1))).closing == 1


@pytest.mark.parametrize(("state", "via"), [(State.READY, "answer"), (State.REJECTED, "answer")])
async def test_an_order_that_surely_was_not_taken_is_given_up(ledger: Ledger, state: State, via: str) -> None:
    assert (await cancelled_after(ledger, state, via))[0] is State.CANCELLED_LOCAL
    assert await ledger.operations.in_doubt(await the_lease(ledger)) == []


async def test_a_box_cancelled_while_its_push_was_looked_up_is_looked_for_once_more(ledger: Ledger) -> None:
    intended = await intend(ledger, await plan(ledger, "1"))
    lease = await the_lease(ledger)
    await end(ledger, intended.operations[0], State.UNKNOWN, lease)
    await ledger.shipments.record(sightings("1", status="cancelled"))
    late = NOW + 2 * SECOND_LOOK_AFTER
    await end(ledger, intended.operations[0], State.READY, None, via="look-up", quiet_until=late)
    [push] = await ledger.operations.in_doubt(lease)
    assert (push.state, push.error, push.quiet_until) == (State.UNKNOWN, LOOKED_ONCE, late)
    assert await stage(ledger) is Stage.UNKNOWN
    assert await end(ledger, push, State.READY, None, via="look-up", error="it never arrived") is Stage.CANCELLED
    assert await ledger.operations.in_doubt(lease) == []


async def test_a_push_that_surely_was_not_sent_needs_no_second_look(ledger: Ledger) -> None:
    intended = await intend(ledger, await plan(ledger, "1"))
    await ledger.shipments.record(sightings("1", status="cancelled"))
    assert await end(ledger, intended.operations[0], State.READY, await the_lease(ledger)) is Stage.CANCELLED
