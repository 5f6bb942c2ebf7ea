from __future__ import annotations

from datetime import timedelta

import pytest

from cratejoy_tui.errors import AlreadyShipped, ItemRefused, OrderNotFound, ShipmentUnfit
from cratejoy_tui.sync.domain.record import PushIntent
from cratejoy_tui.sync.domain.stage import Kind, Stage, State
from cratejoy_tui.sync.ledger import Ledger
from tests.sync.factories import NOW, order, parcel
from tests.sync.ledger.steps import (
    RULES,
    box,
    confirm,
    end,
    intend,
    plan,
    push,
    send,
    sightings,
    stage,
    the_lease,
    verdict,
)


async def test_a_cancel_that_the_warehouse_takes_frees_the_number(ledger: Ledger) -> None:
    lease = await push(ledger, "1")
    operation = await ledger.operations.intend_cancel("1", "SUB-1", lease=lease, reason="Cancelled", by="ann")
    assert (operation.kind, operation.state, operation.delivery_sequence) == (Kind.CANCEL, State.SENDING, 2)
    assert operation.delivery_name.startswith("cancels_")
    assert await stage(ledger) is Stage.AT_WAREHOUSE
    assert await end(ledger, operation, State.ACCEPTED, lease) is Stage.CANCELLED
    [intent] = await plan(ledger, "2")
    taken = PushIntent(order=order(shipment_id="2", number="SUB-1"), revision=intent.revision)
    assert (await intend(ledger, [taken], lease)).operations


async def test_a_refused_cancel_is_told_apart(ledger: Ledger) -> None:
    lease = await push(ledger, "1")
    operation = await ledger.operations.intend_cancel("1", "SUB-1", lease=lease, reason="", by="ann")
    assert await end(ledger, operation, State.TOO_LATE, lease, error="packed") is Stage.CANCEL_REFUSED
    assert (await box(ledger)).detail == "packed"


async def test_asking_again_after_a_lost_answer_is_fine_but_not_after_a_yes(ledger: Ledger) -> None:
    lease = await push(ledger, "1")
    operation = await ledger.operations.intend_cancel("1", "SUB-1", lease=lease, reason="", by="ann")
    assert await end(ledger, operation, State.UNKNOWN, lease, quiet_until=NOW) is Stage.AT_WAREHOUSE
    again = await ledger.operations.intend_cancel("1", "SUB-1", lease=lease, reason="", by="ann")
    assert (again.id, again.attempts) == (operation.id, 2)
    await end(ledger, again, State.ACCEPTED, lease)
    with pytest.raises(ItemRefused, match="SUB-1 is cancelled already"):
        await ledger.operations.intend_cancel("1", "SUB-1", lease=lease, reason="", by="ann")
    with pytest.raises(OrderNotFound, match="No order SUB-9"):
        await ledger.operations.intend_cancel("1", "SUB-9", lease=lease, reason="", by="ann")


async def test_a_recall_waits_for_the_next_cancel_round_and_needs_no_lease(ledger: Ledger) -> None:
    await push(ledger, "1")
    asked = await ledger.operations.ask_cancel("1", "SUB-1", "wrong box", "bob")
    assert (asked.state, asked.reason, asked.by) == (State.READY, "wrong box", "bob")
    assert await ledger.operations.ask_cancel("1", "SUB-1", "again", "bob") == asked
    assert [op.id for op in await ledger.operations.ready(Kind.CANCEL)] == [asked.id]
    lease = await the_lease(ledger)
    sent = await ledger.operations.intend_cancel("1", "SUB-1", lease=lease, reason=asked.reason, by="ann")
    assert sent.id == asked.id
    again = NOW + timedelta(minutes=1)
    await end(ledger, sent, State.READY, lease, not_before=again)
    assert await ledger.operations.ready(Kind.CANCEL, NOW) == []
    assert len(await ledger.operations.ready(Kind.CANCEL, again)) == 1


async def test_a_closed_box_cannot_be_recalled(ledger: Ledger) -> None:
    await confirm(ledger)
    with pytest.raises(AlreadyShipped, match="is confirmed"):
        await ledger.operations.ask_cancel("1", "SUB-1", "", "bob")


async def cancelled(ledger: Ledger) -> None:
    lease = await push(ledger, "1")
    operation = await ledger.operations.intend_cancel("1", "SUB-1", lease=lease, reason="", by="ann")
    await end(ledger, operation, State.ACCEPTED, lease)


async def test_a_box_is_sent_anew_under_the_next_generation(ledger: Ledger) -> None:
    await cancelled(ledger)
    assert await ledger.operations.new_generation("1", "bob", "lost in the post") == 2
    stored = await box(ledger)
    assert (stored.stage, stored.generation, stored.sent_order) == (Stage.SEEN, 2, None)
    await ledger.shipments.judged(RULES, [verdict(stored, order_number="SUB-1-R2")])
    anew = order(shipment_id="1", number="SUB-1-R2", generation=2)
    intended = await intend(ledger, [PushIntent(order=anew, revision=stored.revision)])
    assert [op.generation for op in intended.operations] == [2]
    assert {await ledger.questions.shipment_of(number) for number in ("SUB-1", "SUB-1-R2")} == {"1"}


async def test_the_end_of_an_older_generation_does_not_move_the_box(ledger: Ledger) -> None:
    lease = await push(ledger, "1")
    old = await ledger.operations.intend_cancel("1", "SUB-1", lease=lease, reason="", by="ann")
    await ledger.shipments.move("1", Stage.CONFLICT, expect={Stage.AT_WAREHOUSE})
    await end(ledger, old, State.READY, lease)
    await ledger.operations.new_generation("1", "bob", "proven dead")
    assert await end(ledger, old, State.ACCEPTED) is Stage.SEEN


async def test_a_box_that_may_still_leave_is_not_sent_anew(ledger: Ledger) -> None:
    operations, lease = await send(ledger, "1")
    with pytest.raises(ShipmentUnfit, match="SUB-1 is sending: two boxes could leave"):
        await ledger.operations.new_generation("1", "bob", "")
    await end(ledger, operations[0], State.REVIEW, lease)
    with pytest.raises(ShipmentUnfit, match="a push is review"):
        await ledger.operations.new_generation("1", "bob", "")


async def test_a_box_still_cancelled_in_cratejoy_is_not_sent_anew(ledger: Ledger) -> None:
    await ledger.shipments.record(sightings("1", status="cancelled"))
    with pytest.raises(ShipmentUnfit, match="still calls shipment 1 cancelled"):
        await ledger.operations.new_generation("1", "bob", "")
    await ledger.shipments.record(sightings("1"))
    assert await ledger.operations.new_generation("1", "bob", "wanted again") == 2
    stored = await box(ledger)
    assert (stored.stage, stored.cancel_seen_at) == (Stage.SEEN, None)


async def test_an_adopted_order_is_ours_from_then_on(ledger: Ledger) -> None:
    await plan(ledger, "1", "2")
    await ledger.shipments.record(sightings("3"))
    await ledger.tracking.add([parcel(order_number="SUB-3")])
    rows = [(order(shipment_id="1"), "W-1"), ("SUB-3", ""), ("SUB-77", "")]
    assert await ledger.operations.adopt(rows, by="bob", reason="moving over") == ["1", "3"]
    assert await ledger.shipments.ids({Stage.AT_WAREHOUSE}) == ["1", "3"]
    first = await box(ledger, "1")
    assert first.sent_order == order(shipment_id="1")
    third = await box(ledger, "3")
    assert (third.order_number, third.sent_order) == ("SUB-3", None)
    assert list(await ledger.tracking.of(["3"])) == ["3"]
    assert await ledger.operations.adopt(rows, by="bob", reason="again") == []
    [intent] = await plan(ledger, "4")
    taken = PushIntent(order=order(shipment_id="4", number="SUB-3"), revision=intent.revision)
    assert [drop.shipment_id for drop in (await intend(ledger, [taken])).dropped] == ["4"]
