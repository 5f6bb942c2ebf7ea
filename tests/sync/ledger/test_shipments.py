from __future__ import annotations

from datetime import timedelta

import pytest

from cratejoy_tui.errors import OrderNotFound
from cratejoy_tui.sync.domain.plan import Hold
from cratejoy_tui.sync.domain.record import TaskKind
from cratejoy_tui.sync.domain.shipment import revision
from cratejoy_tui.sync.domain.stage import OPEN_STAGES, ImpossibleMove, Stage, State
from cratejoy_tui.sync.ledger import Ledger
from tests.sync.factories import NOW, ecom, shipment
from tests.sync.ledger.conftest import Open
from tests.sync.ledger.steps import (
    RULES,
    SetClock,
    box,
    end,
    plan,
    push,
    send,
    sighting,
    sightings,
    stage,
    verdict,
)


async def test_a_new_shipment_is_seen_and_comes_back_whole(ledger: Ledger) -> None:
    told = ecom(id="7", gift_message="Für Zoë ✨")
    recorded = await ledger.shipments.record([sighting(told, "f7")])
    assert (recorded.new, recorded.changed) == (("7",), ())
    stored = await box(ledger, "7")
    assert stored.shipment == told
    assert (stored.stage, stored.revision, stored.first_seen_at) == (Stage.SEEN, revision(told), NOW)
    known = (await ledger.shipments.known(["7", "8"]))["7"]
    assert (known.fingerprint, known.stage, known.read_again) == ("f7", Stage.SEEN, False)


async def test_what_is_known_as_it_is_causes_no_write(ledger: Ledger, clock: SetClock) -> None:
    await ledger.shipments.record(sightings("1", "2"))
    before = await ledger.audit.records()
    clock.move(hours=1)
    recorded = await ledger.shipments.record(sightings("1", "2"))
    assert (recorded.new, recorded.changed) == ((), ())
    assert await ledger.audit.records() == before


async def test_a_new_look_of_the_listing_is_remembered_but_changes_nothing(ledger: Ledger) -> None:
    await ledger.shipments.record([sighting(shipment(id="1"), "old")])
    recorded = await ledger.shipments.record([sighting(shipment(id="1"), "new")])
    assert not recorded.changed
    assert (await ledger.shipments.known(["1"]))["1"].fingerprint == "new"
    await ledger.shipments.record([sighting(shipment(id="1", gift_message="Hi"), "")])
    assert (await ledger.shipments.known(["1"]))["1"].fingerprint == "new"


async def test_a_changed_open_box_is_judged_again_and_a_live_one_keeps_its_stage(ledger: Ledger) -> None:
    await plan(ledger, "1")
    await push(ledger, "2")
    recorded = await ledger.shipments.record(sightings("1", "2", gift_message="Hi"))
    assert set(recorded.changed) == {"1", "2"}
    assert await stage(ledger, "1") is Stage.SEEN
    live = await box(ledger, "2")
    assert live.stage is Stage.AT_WAREHOUSE
    assert live.shipment is not None
    assert live.shipment.gift_message == "Hi"


async def test_a_box_cancelled_before_send_is_never_sent(ledger: Ledger) -> None:
    operations, lease = await send(ledger, "1")
    await end(ledger, operations[0], State.READY, lease)
    await ledger.shipments.record(sightings("1", status="cancelled"))
    stored = await box(ledger)
    assert (stored.stage, stored.cancel_seen_at) == (Stage.CANCELLED, NOW)
    [operation] = await ledger.operations.of("1")
    assert operation.state is State.CANCELLED_LOCAL


async def test_a_cancel_of_a_live_box_leaves_a_tombstone_only(ledger: Ledger) -> None:
    await push(ledger, "1", "2")
    await ledger.shipments.record(sightings("1", status="cancelled"))
    assert await stage(ledger) is Stage.AT_WAREHOUSE
    assert [stored.id for stored in await ledger.shipments.tombstoned({Stage.AT_WAREHOUSE})] == ["1"]


async def test_a_cancelled_box_that_comes_back_asks_a_person_once(ledger: Ledger) -> None:
    await ledger.shipments.record(sightings("1", status="cancelled"))
    assert await stage(ledger) is Stage.CANCELLED
    for message in ("", "Hi"):
        await ledger.shipments.record(sightings("1", gift_message=message))
    assert await stage(ledger) is Stage.CANCELLED
    assert [task.kind for task in await ledger.people.tasks()] == [TaskKind.REVIVED]


async def test_a_cancel_taken_back_before_the_warehouse_heard_of_it_is_forgotten(ledger: Ledger) -> None:
    lease = await push(ledger, "1", "2")
    await ledger.shipments.record(sightings("1", "2", status="cancelled"))
    await ledger.operations.intend_cancel("2", "SUB-2", lease=lease, reason="", by="ann")
    await ledger.shipments.record(sightings("1", "2"))
    assert (await box(ledger, "1")).cancel_seen_at is None
    assert (await box(ledger, "2")).cancel_seen_at is not None
    assert [(task.kind, task.shipment_id) for task in await ledger.people.tasks()] == [(TaskKind.REVIVED, "2")]


async def test_only_what_changed_is_judged_again(ledger: Ledger, clock: SetClock) -> None:
    await ledger.shipments.record(sightings("1", "2", "3"))
    page = await ledger.shipments.to_judge(RULES, NOW)
    assert [stored.id for stored in page] == ["1", "2", "3"]
    later = NOW + timedelta(hours=1)
    held = verdict(page[1], stage=Stage.HELD, reason="NOT_DUE", reconsider_at=later, flags=("a", "b"))
    await ledger.shipments.judged(RULES, [verdict(page[0]), held, verdict(page[2])])
    assert await ledger.shipments.to_judge(RULES, NOW) == []
    assert [stored.id for stored in await ledger.shipments.to_judge(RULES, later)] == ["2"]
    assert len(await ledger.shipments.to_judge("rules-2", NOW)) == 3
    await ledger.shipments.record(sightings("3", gift_message="Hi"))
    assert [stored.id for stored in await ledger.shipments.to_judge(RULES, NOW)] == ["3"]
    assert (await box(ledger, "2")).flags == ("a", "b")


async def test_a_verdict_on_what_has_changed_since_is_dropped(ledger: Ledger) -> None:
    await ledger.shipments.record(sightings("1", "2", "3"))
    page = await ledger.shipments.to_judge(RULES, NOW)
    await ledger.shipments.record(sightings("1", gift_message="Hi"))
    await ledger.people.hold(["2"], "wait", "bob")
    held = verdict(page[2], stage=Stage.HELD, reason="HELD_BY_PERSON")
    await ledger.shipments.judged(RULES, [verdict(page[0]), verdict(page[1]), held])
    assert await ledger.shipments.counts() == {Stage.SEEN: 2, Stage.HELD: 1}
    assert len(await ledger.shipments.to_judge(RULES, NOW)) == 3


async def test_a_stage_that_stays_keeps_its_age(ledger: Ledger, clock: SetClock) -> None:
    await plan(ledger, "1")
    clock.move(hours=1)
    await ledger.shipments.judged("rules-2", [verdict(await box(ledger))])
    assert (await box(ledger)).stage_since == NOW


async def test_planned_boxes_come_earliest_target_first_in_pages(ledger: Ledger) -> None:
    await ledger.shipments.record(sightings("1", "2", "3", "4", "5", "6"))
    stored = await ledger.shipments.get(["1", "2", "3", "4", "5", "6"])
    days = {"1": 3, "2": 1, "3": None, "4": 1, "5": None, "6": 2}
    await ledger.shipments.judged(
        RULES,
        [
            verdict(stored[id_], target_at=None if after is None else NOW + timedelta(days=after))
            for id_, after in days.items()
        ],
    )
    seen: list[str] = []
    while page := await ledger.shipments.planned(seen[-1] if seen else "", 2):
        seen += [row.shipment_id for row in page]
    assert seen == ["3", "5", "2", "4", "6", "1"]


async def test_a_box_whose_next_try_is_not_due_is_not_planned(ledger: Ledger, clock: SetClock) -> None:
    operations, lease = await send(ledger, "1", "2")
    again = NOW + timedelta(minutes=5)
    await end(ledger, operations[0], State.READY, lease, not_before=again)
    await end(ledger, operations[1], State.READY, lease, not_before=again, stage=Stage.ERROR, error="no route")
    assert await ledger.shipments.planned() == []
    clock.move(minutes=5)
    assert [row.shipment_id for row in await ledger.shipments.planned()] == ["1", "2"]


async def test_refused_boxes_wait_for_a_change(ledger: Ledger) -> None:
    operations, lease = await send(ledger, "1")
    assert await end(ledger, operations[0], State.REJECTED, lease, error="no such SKU") is Stage.ERROR
    assert (await box(ledger)).detail == "no such SKU"
    assert await ledger.shipments.planned() == []
    assert await ledger.shipments.to_judge(RULES, NOW) == []
    await ledger.people.retry(["1"], "ann")
    assert [stored.id for stored in await ledger.shipments.to_judge(RULES, NOW)] == ["1"]


async def test_holds_and_counts_say_what_stands_where(ledger: Ledger) -> None:
    await ledger.shipments.record(sightings("1", "2"))
    stored = await ledger.shipments.get(["1", "2"])
    no_sku = verdict(stored["1"], stage=Stage.HELD, reason="NO_SKU", detail="line 71")
    await ledger.shipments.judged(RULES, [no_sku, verdict(stored["2"])])
    assert await ledger.shipments.holds() == (Hold("1", "NO_SKU", "line 71"),)
    assert await ledger.shipments.hold_counts() == {"NO_SKU": 1}
    assert await ledger.shipments.counts() == {Stage.HELD: 1, Stage.PLANNED: 1}
    assert await ledger.shipments.ids(OPEN_STAGES) == ["1", "2"]
    assert await ledger.shipments.oldest_target(OPEN_STAGES) == NOW
    assert await ledger.shipments.oldest_target({Stage.SHIPPED}) is None


async def test_pages_follow_each_other_by_id(ledger: Ledger) -> None:
    await ledger.shipments.record(sightings("10", "2", "a", "B", "é"))
    seen: list[str] = []
    while page := await ledger.shipments.page({Stage.SEEN}, seen[-1] if seen else "", 2):
        seen += [stored.id for stored in page]
    assert seen == ["10", "2", "B", "a", "é"]


async def test_a_box_at_the_warehouse_knows_what_was_sent(ledger: Ledger) -> None:
    await push(ledger, "1")
    sent = (await box(ledger)).sent_order
    assert sent is not None
    assert sent.number == "SUB-1"
    [paged] = await ledger.shipments.page({Stage.AT_WAREHOUSE})
    assert paged.sent_order == sent


async def test_a_move_needs_the_expected_stage_and_an_allowed_step(ledger: Ledger) -> None:
    await push(ledger, "1")
    assert await ledger.shipments.move("1", Stage.CONFLICT, expect={Stage.SHIPPED}) is Stage.AT_WAREHOUSE
    assert await ledger.shipments.move("1", Stage.SHIPPED, expect={Stage.AT_WAREHOUSE}) is Stage.SHIPPED
    with pytest.raises(ImpossibleMove):
        await ledger.shipments.move("1", Stage.SEEN, expect={Stage.SHIPPED})
    assert await stage(ledger) is Stage.SHIPPED
    with pytest.raises(OrderNotFound, match="does not know shipment 99"):
        await ledger.shipments.move("99", Stage.SEEN, expect=OPEN_STAGES)


async def test_stores_do_not_see_each_other(ledger: Ledger, opened: Open) -> None:
    other = await opened(store="other")
    assert other.ledger_id == ledger.ledger_id
    await push(ledger, "1")
    assert await other.shipments.counts() == {}
    await push(other, "1")
    assert await ledger.shipments.counts() == await other.shipments.counts() == {Stage.AT_WAREHOUSE: 1}
