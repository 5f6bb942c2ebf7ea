from __future__ import annotations

from datetime import timedelta

import pytest

from cratejoy_tui.errors import OrderNotFound
from cratejoy_tui.sync.domain.record import PersonHold, TaskKind
from cratejoy_tui.sync.domain.shipment import Subscription
from cratejoy_tui.sync.domain.stage import Stage, State
from cratejoy_tui.sync.ledger import Ledger
from tests.sync.factories import NOW
from tests.sync.ledger.steps import (
    RULES,
    SetClock,
    box,
    end,
    plan,
    push,
    send,
    ship,
    sightings,
    stage,
    the_lease,
    verdict,
)


async def test_a_persons_hold_stays_until_it_is_released(ledger: Ledger) -> None:
    await plan(ledger, "1")
    await ledger.people.hold(["1"], "call first", "bob")
    held = await box(ledger)
    assert (held.stage, held.reason) == (Stage.HELD, "HELD_BY_PERSON")
    assert held.hold == PersonHold(by="bob", reason="call first", since=NOW)
    assert [stored.id for stored in await ledger.shipments.to_judge(RULES, NOW)] == ["1"]
    assert await ledger.shipments.planned() == []
    await ledger.people.release(["1"], "ann", "they agreed")
    released = await box(ledger)
    assert (released.hold, released.approved) == (None, ())
    await ledger.shipments.judged(RULES, [verdict(released)])
    assert [row.shipment_id for row in await ledger.shipments.planned()] == ["1"]
    assert [note.text for note in await ledger.people.notes("1")] == ["Released: they agreed"]


async def test_a_hold_on_a_live_box_leaves_its_stage(ledger: Ledger) -> None:
    await push(ledger, "1")
    await ledger.people.hold(["1"], "", "bob")
    assert await stage(ledger) is Stage.AT_WAREHOUSE
    assert (await box(ledger)).hold is not None


async def test_a_decision_on_an_unknown_box_changes_nothing(ledger: Ledger) -> None:
    await plan(ledger, "1")
    with pytest.raises(OrderNotFound, match="does not know shipment 99"):
        await ledger.people.hold(["1", "99"], "wait", "bob")
    assert (await box(ledger)).hold is None


async def test_a_rules_hold_is_approved_for_the_box(ledger: Ledger) -> None:
    await ledger.shipments.record(sightings("1"))
    await ledger.shipments.judged(RULES, [verdict(await box(ledger), stage=Stage.HELD, reason="UNPAID")])
    await ledger.people.release(["1"], "ann", "")
    assert (await box(ledger)).approved == ("UNPAID",)
    stale = verdict(await box(ledger), stage=Stage.HELD, reason="UNPAID")
    await ledger.shipments.judged(RULES, [stale])
    assert [stored.id for stored in await ledger.shipments.to_judge(RULES, NOW)] == ["1"]


async def test_a_release_may_cover_the_whole_subscription(ledger: Ledger) -> None:
    await ledger.shipments.record(sightings("1", "2"))
    await ledger.shipments.record(sightings("3", subscriptions=(Subscription(id="56"),)))
    boxes = await ledger.shipments.get(["1", "2", "3"])
    why = {"stage": Stage.HELD, "reason": "SUBSCRIPTION_NOT_ACTIVE"}
    await ledger.shipments.judged(RULES, [verdict(stored, **why) for stored in boxes.values()])
    await ledger.people.release(["1"], "ann", "owed", subscription=True)
    await ledger.shipments.record(sightings("4"))
    boxes = await ledger.shipments.get(["1", "2", "3", "4"])
    assert {id_: stored.approved for id_, stored in boxes.items()} == {
        "1": ("SUBSCRIPTION_NOT_ACTIVE",),
        "2": ("SUBSCRIPTION_NOT_ACTIVE",),
        "3": (),
        "4": ("SUBSCRIPTION_NOT_ACTIVE",),
    }


async def test_a_conflict_resolved_as_ours_is_at_the_warehouse_again(ledger: Ledger) -> None:
    operations, lease = await send(ledger, "1")
    await end(ledger, operations[0], State.REVIEW, lease)
    await ledger.people.task(TaskKind.REVIEW, "1", "SUB-1", "Look there.")
    await ledger.people.resolve("1", Stage.AT_WAREHOUSE, "ours", "bob", "saw it on the shelf")
    assert await stage(ledger) is Stage.AT_WAREHOUSE
    [operation] = await ledger.operations.of("1")
    assert (operation.state, operation.via) == (State.ACCEPTED, "person: bob")
    assert await ledger.people.tasks() == []


async def test_a_conflict_resolved_as_closed_frees_the_number(ledger: Ledger) -> None:
    operations, lease = await send(ledger, "1")
    await end(ledger, operations[0], State.CONFLICT, lease)
    await ledger.people.resolve("1", Stage.CANCELLED, "closed", "bob", "")
    assert [op.state for op in await ledger.operations.of("1")] == [State.CANCELLED_LOCAL]
    assert await ledger.operations.new_generation("1", "bob", "after all") == 2


async def test_a_confirmation_in_doubt_ends_with_its_conflict(ledger: Ledger) -> None:
    from tests.sync.ledger.steps import confirmation

    lease = await ship(ledger)
    operation = await ledger.operations.intend_confirm(confirmation(), lease=lease)
    await end(ledger, operation, State.CONFLICT, lease)
    await ledger.people.resolve("1", Stage.CONFIRMED, "theirs", "bob", "")
    assert await stage(ledger) is Stage.CONFIRMED
    assert await ledger.operations.in_doubt(await the_lease(ledger)) == []


async def test_a_task_is_open_once_per_box_and_kind(ledger: Ledger, clock: SetClock) -> None:
    first = await ledger.people.task(TaskKind.STOP_SHIP, "1", "SUB-1", "Stop it.")
    assert await ledger.people.task(TaskKind.STOP_SHIP, "1", "SUB-1", "Stop it now.") == first
    other = await ledger.people.task(TaskKind.CONFLICT, "1", "SUB-1", "Look.")
    await ledger.people.assign(first, "carl", "ann")
    clock.move(hours=1)
    await ledger.people.done(first, "carl", "walked there")
    assert [task.id for task in await ledger.people.tasks()] == [other]
    closed = (await ledger.people.tasks(open_only=False, kind=TaskKind.STOP_SHIP))[0]
    assert (closed.text, closed.owner, closed.note, closed.done_by) == ("Stop it now.", "carl", "walked there", "carl")
    assert closed.done_at == NOW + timedelta(hours=1)
    assert await ledger.people.task(TaskKind.STOP_SHIP, "1", "SUB-1", "Again.") != first
    await ledger.people.close_tasks("1", "ann")
    assert await ledger.people.tasks() == []


async def test_remarks_stay_with_the_box(ledger: Ledger) -> None:
    await plan(ledger, "1")
    await ledger.people.note("1", "left a voice mail", "bob")
    [note] = await ledger.people.notes("1")
    assert (note.by, note.at, note.text) == ("bob", NOW, "left a voice mail")


async def test_the_word_on_what_was_there_before_us_is_kept(ledger: Ledger) -> None:
    assert await ledger.people.adoption() is None
    await ledger.people.set_adoption(True, 0, "ann")
    await ledger.people.set_adoption(False, 12, "bob")
    adoption = await ledger.people.adoption()
    assert adoption is not None
    assert (adoption.none, adoption.count, adoption.by, adoption.at) == (False, 12, "bob", NOW)
