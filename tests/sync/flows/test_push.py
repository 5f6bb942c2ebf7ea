"""Shipments to orders: exactly once, whatever changes or breaks on the way."""

from __future__ import annotations

from pathlib import Path

from cratejoy_tui.errors import SetupError
from cratejoy_tui.simulator import changes
from cratejoy_tui.simulator.cast import Piece
from cratejoy_tui.simulator.floor import take_orders
from cratejoy_tui.sync.domain.plan import Result
from cratejoy_tui.sync.domain.stage import Kind, Stage, State
from cratejoy_tui.sync.flows.apply import apply
from cratejoy_tui.sync.flows.cycle import Arrow
from cratejoy_tui.sync.flows.people import hold_boxes, retry, settle_as
from cratejoy_tui.sync.flows.preview import preview
from cratejoy_tui.sync.ports import DeliveryClass
from tests.sync.flows.shop import QUIET_SECONDS, Shop, results, shop_at

PULL = {Arrow.PULL}


def on_push(kind: str) -> dict[str, object]:
    """A fault of the one push; the request before it is the look-up of first contact."""
    return {"kind": kind, "app": "warehouse", "method": "POST", "path": "/orders", "skip": 1, "times": 1}


async def test_a_box_that_changed_since_the_plan_drops_out_and_the_others_go(shop: Shop) -> None:
    changed, same = shop.orders(2)
    await shop.cycle(only=PULL)
    plan = await preview(shop.desk)
    with shop.world.change():
        changes.readdress(shop.world, int(changed), {"street": "1 Other Way"})
    outcomes = {outcome.shipment_id: outcome for outcome in await apply(shop.desk, plan)}
    assert outcomes[same].result is Result.DONE
    assert outcomes[changed].result is Result.CHANGED
    assert "changed in Cratejoy" in outcomes[changed].reason
    assert results(await shop.cycle()) == {"push done": 1}
    await shop.prove()


async def test_a_box_cancelled_between_plan_and_push_is_never_sent(shop: Shop) -> None:
    [id_] = shop.orders(1)
    await shop.cycle(only=PULL)
    plan = await preview(shop.desk)
    shop.cancel(id_)
    [outcome] = await apply(shop.desk, plan)
    assert outcome.result is Result.CHANGED
    assert await shop.stage(id_) is Stage.CANCELLED
    assert shop.record.received == {}


async def test_a_box_held_by_a_person_after_the_plan_is_left_out(shop: Shop) -> None:
    [id_] = shop.orders(1)
    await shop.cycle(only=PULL)
    plan = await preview(shop.desk)
    await hold_boxes(shop.desk, [id_], "customer asked to wait")
    [outcome] = await apply(shop.desk, plan)
    assert (outcome.result, shop.record.received) == (Result.CHANGED, {})


async def test_a_lost_answer_is_looked_up_and_not_sent_again(careful_shop: Shop) -> None:
    shop = careful_shop
    [id_] = shop.orders(1)
    shop.world.turn(
        faults=[{"kind": "lose_answer", "app": "warehouse", "method": "POST", "path": "/orders", "skip": 1, "times": 1}]
    )
    assert results(await shop.cycle()) == {"push unknown": 1}
    assert await shop.stage(id_) is Stage.UNKNOWN
    assert results(await shop.cycle()) == {}, "nothing is asked before the quiet time is over"
    shop.pass_hours(QUIET_SECONDS / 3600 + 0.01)
    assert results(await shop.cycle()) == {}
    assert await shop.stage(id_) is Stage.AT_WAREHOUSE
    assert shop.record.received == {id_: 1}
    [operation] = await shop.desk.ledger.operations.of(id_)
    assert (operation.via, operation.attempts) == ("look-up", 1)


async def test_a_request_that_never_arrived_is_sent_once_more_after_the_quiet_time(careful_shop: Shop) -> None:
    shop = careful_shop
    [id_] = shop.orders(1)
    shop.world.turn(
        faults=[{"kind": "drop", "app": "warehouse", "method": "POST", "path": "/orders", "skip": 1, "times": 1}]
    )
    await shop.cycle()
    assert await shop.stage(id_) is Stage.UNKNOWN
    shop.pass_hours(QUIET_SECONDS / 3600 + 0.01)
    assert results(await shop.cycle()) == {"push done": 1}
    assert shop.record.received == {id_: 1}


async def test_a_late_commit_within_the_quiet_time_makes_no_second_order(careful_shop: Shop) -> None:
    shop = careful_shop
    [id_] = shop.orders(1)
    shop.world.turn(faults=[{**on_push("late_commit"), "seconds": QUIET_SECONDS - 30}])
    await shop.cycle()
    shop.pass_hours(QUIET_SECONDS / 3600 + 0.01)
    await shop.cycle()
    assert (await shop.stage(id_), shop.record.received) == (Stage.AT_WAREHOUSE, {id_: 1})
    await shop.prove()


async def test_a_warehouse_that_cannot_be_asked_leaves_a_lost_answer_to_a_person(tmp_path: Path) -> None:
    async with shop_at(tmp_path, delivery=DeliveryClass.BLIND) as shop:
        [id_] = shop.orders(1)
        refused = await shop.cycle()
        assert [type(problem) for problem in refused.problems] == [SetupError]
        await shop.desk.ledger.people.set_adoption(none=True, count=0, by="ann")
        shop.world.turn(faults=[{"kind": "lose_answer", "app": "warehouse", "method": "POST", "times": 1}])
        await shop.cycle()
        shop.pass_hours(24)
        assert results(await shop.cycle()) == {}
        [operation] = await shop.desk.ledger.operations.of(id_)
        assert operation.state is State.REVIEW
        await settle_as(shop.desk, id_, sent=True, reason="seen on their screen")
        assert (await shop.stage(id_), shop.record.received) == (Stage.AT_WAREHOUSE, {id_: 1})


async def test_a_refused_order_waits_for_a_change_or_for_retry(shop: Shop) -> None:
    good, bad = shop.order(pieces=(Piece(sku="MUG-GRN"),)), shop.order(pieces=(Piece(sku="MOON-LAMP"),))
    shop.world.turn(unknown_skus=["MOON-LAMP"])
    assert results(await shop.cycle()) == {"push done": 1, "push refused": 1}
    assert (await shop.stage(good), await shop.stage(bad)) == (Stage.AT_WAREHOUSE, Stage.ERROR)
    shop.world.turn(unknown_skus=[])
    assert results(await shop.cycle()) == {}
    await retry(shop.desk, [bad])
    assert results(await shop.cycle()) == {"push done": 1}


async def test_on_the_day_of_moving_over_what_is_there_is_adopted_not_sent(careful_shop: Shop) -> None:
    shop = careful_shop
    [id_] = shop.orders(1)
    await shop.cycle(only=PULL)
    [row] = (await preview(shop.desk)).only({Kind.PUSH})
    from cratejoy_tui.simulator.scenarios import order_like_ours

    with shop.world.change():
        take_orders(shop.world, [order_like_ours(shop.world, int(id_))], planted=True)
    [outcome] = (await shop.cycle()).outcomes
    assert (outcome.result, outcome.number) == (Result.DONE, row.number)
    assert "already" in outcome.reason
    assert (await shop.stage(id_), shop.record.received.get(id_, 1)) == (Stage.AT_WAREHOUSE, 1)


async def test_an_order_of_other_content_under_our_number_is_a_conflict(careful_shop: Shop) -> None:
    shop = careful_shop
    [id_] = shop.orders(1)
    other = {
        "order_number": id_,
        "ship_code": "ORDER",
        "requested_ship_date": None,
        "gift_message": "",
        "ship_to": {"to": "Somebody Else"},
        "lines": [{"sku": "POSTER-A3", "quantity": 3, "title": "Trail Poster"}],
    }
    with shop.world.change():
        take_orders(shop.world, [other], planted=True)
    [outcome] = (await shop.cycle()).outcomes
    assert outcome.result is Result.CONFLICT
    assert await shop.stage(id_) is Stage.CONFLICT
    assert [task.shipment_id for task in await shop.desk.ledger.people.tasks()] == [id_]


async def test_a_stop_between_groups_leaves_the_rest_for_the_next_run(shop: Shop) -> None:
    shop.orders(60)
    asked = iter([False] * 8)
    stopping = shop.with_(should_stop=lambda: next(asked, True))
    ended = await stopping.cycle()
    assert ended.stopped_early
    sent = results(ended).get("push done", 0)
    assert sent in {0, 50}
    assert results(await shop.cycle()) == {"push done": 60 - sent}
    await shop.prove()
