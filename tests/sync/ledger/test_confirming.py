from __future__ import annotations

import pytest

from cratejoy_tui.errors import ConfirmationRefused, LockHeld
from cratejoy_tui.sync.domain.stage import Kind, Stage, State
from cratejoy_tui.sync.ledger import Ledger
from tests.sync.factories import NOW
from tests.sync.ledger.steps import SetClock, confirm, confirmation, emails, end, push, ship, stage, the_lease


async def test_a_confirmation_is_written_down_before_it_is_sent(ledger: Ledger) -> None:
    lease = await ship(ledger)
    operation = await ledger.operations.intend_confirm(confirmation(), lease=lease, by="bob")
    assert (operation.kind, operation.state, operation.number) == (Kind.CONFIRM, State.SENDING, "9400")
    assert operation.by == "bob"
    assert await ledger.operations.confirmation(operation.id) == confirmation()
    assert await stage(ledger) is Stage.CONFIRMING
    assert await end(ledger, operation, State.ACCEPTED, lease) is Stage.CONFIRMED
    assert await ledger.operations.confirmed_number("1") == "9400"


async def test_a_confirmation_needs_the_write_lease(ledger: Ledger, clock: SetClock) -> None:
    lease = await ship(ledger)
    clock.move(seconds=61)
    with pytest.raises(LockHeld):
        await ledger.operations.intend_confirm(confirmation(), lease=lease)


async def test_only_a_shipped_box_that_nobody_holds_is_confirmed(ledger: Ledger) -> None:
    lease = await push(ledger, "1")
    with pytest.raises(ConfirmationRefused, match="at warehouse; only a shipped one"):
        await ledger.operations.intend_confirm(confirmation(), lease=lease)
    await ledger.shipments.move("1", Stage.SHIPPED, expect={Stage.AT_WAREHOUSE})
    await ledger.people.hold(["1"], "customer called", "bob")
    with pytest.raises(ConfirmationRefused, match="bob holds shipment 1: customer called"):
        await ledger.operations.intend_confirm(confirmation(), lease=lease)
    assert await stage(ledger) is Stage.SHIPPED


async def test_a_confirmation_on_its_way_or_in_doubt_is_not_repeated(ledger: Ledger) -> None:
    lease = await ship(ledger)
    operation = await ledger.operations.intend_confirm(confirmation(), lease=lease)
    for state in (State.SENDING, State.UNKNOWN):
        with pytest.raises(ConfirmationRefused, match=f"is {state}"):
            await ledger.operations.intend_confirm(confirmation(), lease=lease)
        await end(ledger, operation, State.UNKNOWN, lease)
    assert await end(ledger, operation, State.READY, via="look-up") is Stage.SHIPPED
    again = await ledger.operations.intend_confirm(confirmation(number="9401"), lease=lease)
    assert (again.id, again.attempts, again.number) == (operation.id, 2, "9401")


async def test_emails_are_counted_by_what_the_customer_may_have_got(ledger: Ledger) -> None:
    lease = await ship(ledger)
    assert await emails(ledger) == 0
    operation = await ledger.operations.intend_confirm(confirmation(), lease=lease)
    assert await emails(ledger) == 1
    await end(ledger, operation, State.UNKNOWN, lease)
    assert await emails(ledger) == 1
    await end(ledger, operation, State.READY, via="look-up")
    assert await emails(ledger) == 0
    await ledger.operations.intend_confirm(confirmation(), lease=lease)
    await end(ledger, operation, State.ACCEPTED, lease)
    assert await emails(ledger) == 1


async def test_a_box_found_confirmed_already_costs_no_email(ledger: Ledger) -> None:
    lease = await ship(ledger)
    operation = await ledger.operations.intend_confirm(confirmation(), lease=lease)
    await end(ledger, operation, State.ACCEPTED, lease, via="look-up")
    assert await emails(ledger) == 0


async def test_a_replacement_is_a_second_email_and_leaves_the_box_confirmed(ledger: Ledger) -> None:
    lease = await confirm(ledger)
    with pytest.raises(ConfirmationRefused, match="only a shipped one"):
        await ledger.operations.intend_confirm(confirmation(), lease=lease)
    for nr, number in enumerate(["9401", "9402"], 1):
        wanted = confirmation(number=number)
        operation = await ledger.operations.intend_confirm(wanted, lease=lease, replace=True)
        assert (operation.kind, operation.generation) == (Kind.REPLACE, nr)
        assert await end(ledger, operation, State.ACCEPTED, lease) is Stage.CONFIRMED
    assert await ledger.operations.confirmed_number("1") == "9402"
    assert await emails(ledger) == 3


async def test_a_replacement_in_doubt_is_settled_first(ledger: Ledger) -> None:
    lease = await confirm(ledger)
    operation = await ledger.operations.intend_confirm(confirmation(), lease=lease, replace=True)
    await end(ledger, operation, State.UNKNOWN, lease)
    with pytest.raises(ConfirmationRefused, match="is unknown"):
        await ledger.operations.intend_confirm(confirmation(), lease=lease, replace=True)
    await end(ledger, operation, State.READY, via="look-up")
    again = await ledger.operations.intend_confirm(confirmation(), lease=lease, replace=True)
    assert (again.generation, again.attempts) == (operation.generation, 2)


async def test_only_a_confirmed_box_is_told_anew(ledger: Ledger) -> None:
    lease = await ship(ledger)
    with pytest.raises(ConfirmationRefused, match="only a confirmed one"):
        await ledger.operations.intend_confirm(confirmation(), lease=lease, replace=True)


async def test_a_refused_confirmation_is_a_conflict(ledger: Ledger) -> None:
    lease = await ship(ledger)
    operation = await ledger.operations.intend_confirm(confirmation(), lease=lease)
    assert await end(ledger, operation, State.REJECTED, lease, error="gone") is Stage.CONFLICT
    assert await the_lease(ledger) == lease
    assert (await ledger.operations.attempts("1"))[-1].ended_at == NOW
