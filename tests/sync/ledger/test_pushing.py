from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec import structs

from cratejoy_tui.errors import LockHeld
from cratejoy_tui.sync.domain.record import Ending, PushIntent
from cratejoy_tui.sync.domain.stage import Kind, Stage, State
from cratejoy_tui.sync.ledger import Ledger
from tests.sync.factories import NOW, order
from tests.sync.ledger.steps import (
    SetClock,
    box,
    end,
    intend,
    plan,
    push,
    send,
    sightings,
    stage,
    write_lease,
)


async def test_an_intent_is_on_disk_before_anything_is_sent(ledger: Ledger) -> None:
    intents = await plan(ledger, "1", "2")
    intended = await intend(ledger, intents)
    assert [operation.number for operation in intended.operations] == ["SUB-1", "SUB-2"]
    first = intended.operations[0]
    assert (first.kind, first.state, first.attempts, first.sent_at) == (Kind.PUSH, State.SENDING, 1, NOW)
    assert (first.by, first.warehouse, first.fence) == ("ann", "Floor", 1)
    assert await ledger.operations.orders([first.id]) == {first.id: intents[0].order}
    assert await stage(ledger) is Stage.SENDING
    [attempt] = await ledger.operations.attempts("1")
    assert (attempt.nr, attempt.sent_at, attempt.state) == (1, NOW, None)


async def test_deliveries_are_named_once_and_numbered_upwards(ledger: Ledger) -> None:
    [first] = (await intend(ledger, await plan(ledger, "1"))).operations
    [second] = (await intend(ledger, await plan(ledger, "2"))).operations
    assert first.delivery_name == "orders_20261123T180000Z_000001"
    assert (second.delivery_name, second.delivery_sequence) == ("orders_20261123T180000Z_000002", 2)


async def test_staging_is_remembered_for_the_whole_delivery(ledger: Ledger) -> None:
    operations, _ = await send(ledger, "1", "2")
    delivery = ledger.operations.delivery(operations[0])
    assert (delivery.is_staged, delivery.ledger_id, delivery.sequence) == (False, ledger.ledger_id, 1)
    await delivery.staged()
    assert delivery.is_staged
    assert [op.delivery_staged for id_ in ("1", "2") for op in await ledger.operations.of(id_)] == [True, True]


async def test_an_intent_that_no_longer_holds_is_dropped_by_name(ledger: Ledger) -> None:
    intents = await plan(ledger, "1", "2", "3", "4", "5")
    await ledger.shipments.record(sightings("1", gift_message="Hi"))
    await ledger.people.hold(["2"], "address looks odd", "bob")
    await ledger.shipments.record(sightings("3", status="cancelled"))
    ghost = PushIntent(order=order(shipment_id="9"), revision="r")
    grown = replace(intents[3], revision="other")
    intended = await intend(ledger, [*intents[:3], ghost, grown, intents[4], intents[4]])
    assert [operation.shipment_id for operation in intended.operations] == ["5"]
    assert {(drop.shipment_id, drop.reason) for drop in intended.dropped} == {
        ("1", "it is seen"),
        ("2", "bob holds it: address looks odd"),
        ("3", "Cratejoy cancelled it"),
        ("9", "it is not in the ledger"),
        ("4", "it changed since the plan was made"),
        ("5", "order number SUB-5 is live for shipment 5"),
    }


async def test_one_order_number_is_live_once(ledger: Ledger) -> None:
    await push(ledger, "1")
    [intent] = await plan(ledger, "2")
    taken = replace(intent, order=structs.replace(intent.order, number="SUB-1"))
    intended = await intend(ledger, [taken])
    assert [drop.reason for drop in intended.dropped] == ["order number SUB-1 is live for shipment 1"]
    assert intended.operations == ()


async def test_a_box_on_its_way_is_not_sent_again(ledger: Ledger) -> None:
    intents = await plan(ledger, "1")
    lease = await write_lease(ledger)
    await intend(ledger, intents, lease)
    again = await intend(ledger, intents, lease)
    assert [drop.reason for drop in again.dropped] == ["it is sending"]


async def test_a_lost_lease_stops_the_next_intent(ledger: Ledger, clock: SetClock) -> None:
    intents = await plan(ledger, "1")
    lease = await write_lease(ledger, "h:1::auto", 30)
    clock.move(seconds=31)
    with pytest.raises(LockHeld, match="ran out"):
        await intend(ledger, intents, lease)
    other = await write_lease(ledger, "h:2::console", 30)
    with pytest.raises(LockHeld, match="console on h, process 2 has it now"):
        await intend(ledger, intents, lease)
    assert await stage(ledger) is Stage.PLANNED
    assert (await intend(ledger, intents, other)).operations


async def test_an_order_that_leaves_late_counts_from_then(ledger: Ledger, clock: SetClock) -> None:
    [first, second], lease = await send(ledger, "1", "2")
    clock.move(seconds=20)
    await ledger.operations.leave([second.id], lease=lease)
    sent = [one.sent_at for id_ in ("1", "2") for one in await ledger.operations.of(id_)]
    assert sent == [NOW, NOW + timedelta(seconds=20)]
    assert [one.sent_at for one in await ledger.operations.attempts("2")] == sent[1:]
    clock.move(seconds=41)
    with pytest.raises(LockHeld):
        await ledger.operations.leave([first.id], lease=lease)


async def test_intents_need_the_write_lease(ledger: Ledger) -> None:
    intents = await plan(ledger, "1")
    run = await ledger.leases.take("run", "h:1::auto", 30)
    with pytest.raises(ValueError, match="under the write lease"):
        await intend(ledger, intents, run)


async def test_an_accepted_push_is_at_the_warehouse(ledger: Ledger) -> None:
    operations, lease = await send(ledger, "1")
    assert await end(ledger, operations[0], State.ACCEPTED, lease, remote_ref="W-7") is Stage.AT_WAREHOUSE
    [operation] = await ledger.operations.of("1")
    assert (operation.state, operation.remote_ref, operation.via) == (State.ACCEPTED, "W-7", "answer")
    [attempt] = await ledger.operations.attempts("1")
    assert (attempt.state, attempt.ended_at, attempt.settled) == (State.ACCEPTED, NOW, None)


async def test_an_answer_lost_is_in_doubt_until_it_is_settled(ledger: Ledger, clock: SetClock) -> None:
    operations, lease = await send(ledger, "1")
    quiet = NOW + timedelta(minutes=5)
    assert await end(ledger, operations[0], State.UNKNOWN, lease, quiet_until=quiet) is Stage.UNKNOWN
    [doubtful] = await ledger.operations.in_doubt(lease)
    assert doubtful.quiet_until == quiet
    clock.move(minutes=6)
    assert await end(ledger, doubtful, State.ACCEPTED, via="look-up") is Stage.AT_WAREHOUSE
    [attempt] = await ledger.operations.attempts("1")
    assert (attempt.state, attempt.settled) == (State.UNKNOWN, State.ACCEPTED)
    assert await ledger.operations.in_doubt(lease) == []


async def test_what_never_arrived_may_be_sent_again_under_the_same_number(ledger: Ledger) -> None:
    intents = await plan(ledger, "1")
    lease = await write_lease(ledger)
    [operation] = (await intend(ledger, intents, lease)).operations
    await end(ledger, operation, State.UNKNOWN, lease)
    assert await end(ledger, operation, State.READY, via="look-up") is Stage.PLANNED
    [again] = (await intend(ledger, intents, lease)).operations
    assert (again.id, again.attempts, again.made_at) == (operation.id, 2, NOW)
    assert [attempt.settled for attempt in await ledger.operations.attempts("1")] == [State.READY, None]


async def test_a_push_left_behind_by_a_dead_process_is_in_doubt(ledger: Ledger, clock: SetClock) -> None:
    operations, lease = await send(ledger, "1")
    assert await ledger.operations.in_doubt(lease) == []
    await ledger.leases.give_up(lease)
    newer = await write_lease(ledger)
    [left] = await ledger.operations.in_doubt(newer)
    assert left.id == operations[0].id
    doubted = await ledger.operations.doubt(left.id, NOW + timedelta(minutes=5), "the process ended")
    assert (doubted.state, doubted.quiet_until) == (State.UNKNOWN, NOW + timedelta(minutes=5))
    assert await stage(ledger) is Stage.UNKNOWN


async def test_an_end_by_a_process_that_lost_its_operation_is_skipped(ledger: Ledger) -> None:
    intents = await plan(ledger, "1")
    first = await write_lease(ledger, seconds=60)
    [operation] = (await intend(ledger, intents, first)).operations
    await ledger.leases.give_up(first)
    second = await write_lease(ledger)
    await ledger.operations.doubt(operation.id, NOW, "gone")
    await end(ledger, operation, State.READY, via="look-up")
    [again] = (await intend(ledger, intents, second)).operations
    assert again.fence != operation.fence
    assert await end(ledger, operation, State.REJECTED, first) is Stage.SENDING
    assert await end(ledger, again, State.ACCEPTED, second) is Stage.AT_WAREHOUSE
    assert await end(ledger, again, State.REJECTED, second) is Stage.AT_WAREHOUSE


async def test_a_late_answer_still_counts_when_nobody_sent_it_again(ledger: Ledger) -> None:
    operations, lease = await send(ledger, "1")
    await ledger.leases.give_up(lease)
    await ledger.operations.doubt(operations[0].id, NOW, "gone")
    assert await end(ledger, operations[0], State.ACCEPTED, lease) is Stage.AT_WAREHOUSE


async def test_a_cancelled_box_is_not_sent_again_after_its_push_failed(ledger: Ledger) -> None:
    operations, lease = await send(ledger, "1")
    await ledger.shipments.record(sightings("1", status="cancelled"))
    assert await end(ledger, operations[0], State.READY, lease, error="no route") is Stage.CANCELLED
    [operation] = await ledger.operations.of("1")
    assert operation.state is State.CANCELLED_LOCAL


async def test_a_cancelled_box_is_not_tried_again_whatever_its_flow_wishes(ledger: Ledger) -> None:
    operations, lease = await send(ledger, "1")
    await ledger.shipments.record(sightings("1", status="cancelled"))
    assert await end(ledger, operations[0], State.READY, lease, stage=Stage.ERROR, not_before=NOW) is Stage.CANCELLED


async def test_the_outcome_is_kept_when_a_person_moved_the_box_meanwhile(ledger: Ledger) -> None:
    operations, lease = await send(ledger, "1")
    await ledger.shipments.move("1", Stage.CONFLICT, expect={Stage.SENDING})
    assert await end(ledger, operations[0], State.UNKNOWN, lease) is Stage.CONFLICT
    assert [op.state for op in await ledger.operations.in_doubt(lease)] == [State.UNKNOWN]


async def test_one_bad_row_does_not_lose_the_others(ledger: Ledger) -> None:
    operations, lease = await send(ledger, "1", "2")
    stages = await ledger.operations.end(
        [Ending(operation_id=op, state=State.REJECTED) for op in (operations[0].id, 999)], lease=lease
    )
    assert stages == {operations[0].id: Stage.ERROR}
    assert (await box(ledger, "2")).stage is Stage.SENDING


async def test_boxes_never_sent_from_here_are_told_apart(ledger: Ledger) -> None:
    await push(ledger, "1")
    await plan(ledger, "2", "3")
    await ledger.operations.adopt([("SUB-3", "W-3")], by="ann", reason="was there")
    assert await ledger.operations.never_sent(["1", "2", "3", "4"]) == {"2", "4"}


async def test_the_largest_plan_of_late_is_remembered(ledger: Ledger, clock: SetClock) -> None:
    assert await ledger.operations.largest_plan(Kind.PUSH, NOW) is None
    await ledger.operations.applied_plan(Kind.PUSH, 300, "ann")
    clock.move(days=50)
    await ledger.operations.applied_plan(Kind.PUSH, 12, "ann")
    await ledger.operations.applied_plan(Kind.CONFIRM, 99, "ann")
    assert await ledger.operations.largest_plan(Kind.PUSH, clock.now() - timedelta(days=40)) == 12
    assert await ledger.operations.largest_plan(Kind.PUSH, NOW) == 300


async def test_what_was_found_out_under_a_lost_lease_is_not_written(ledger: Ledger, clock: SetClock) -> None:
    operations, _ = await send(ledger, "1")
    clock.move(seconds=61)
    mine = await write_lease(ledger, "me")
    clock.move(seconds=61)
    await write_lease(ledger, "you")
    never_arrived = Ending(operation_id=operations[0].id, state=State.READY)
    with pytest.raises(LockHeld, match="lost"):
        await ledger.operations.end([never_arrived], lease=None, under=mine)
    assert await stage(ledger, "1") is Stage.SENDING
