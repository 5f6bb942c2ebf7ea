"""Cratejoy's cancellations, at every stage they can come."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from cratejoy_tui.sync.domain.order import CancelOutcome
from cratejoy_tui.sync.domain.record import TaskKind
from cratejoy_tui.sync.domain.stage import Kind, Stage, State
from cratejoy_tui.sync.flows.cancel import apply_cancel, preview_cancel
from cratejoy_tui.sync.flows.cycle import Arrow
from cratejoy_tui.sync.flows.settle import settle
from cratejoy_tui.sync.ports import Delivery, DeliveryClass
from tests.sync.factories import shipment
from tests.sync.flows.conftest import MakeRig
from tests.sync.flows.rig import Rig
from tests.sync.flows.shop import QUIET_SECONDS, Shop, results


async def tasks(shop: Shop) -> set[TaskKind]:
    return {task.kind for task in await shop.desk.ledger.people.tasks()}


async def test_a_box_cancelled_before_the_push_never_goes(shop: Shop) -> None:
    keep, drop = shop.orders(2)
    await shop.cycle(only={Arrow.PULL})
    shop.cancel(drop)
    assert results(await shop.cycle()) == {"push done": 1}
    assert (await shop.stage(keep), await shop.stage(drop)) == (Stage.AT_WAREHOUSE, Stage.CANCELLED)
    assert set(shop.record.received) == {keep}


async def test_a_late_cancel_is_passed_on_once(shop: Shop) -> None:
    keep, drop = shop.orders(2)
    await shop.cycle()
    shop.cancel(drop)
    assert results(await shop.cycle()) == {"cancel done": 1}
    assert await shop.stage(drop) is Stage.CANCELLED
    assert results(await shop.cycle()) == {}
    assert shop.record.cancels == {drop: "cancelled"}
    assert await shop.stage(keep) is Stage.AT_WAREHOUSE


async def test_a_refused_cancel_goes_on_the_stop_ship_list(shop: Shop) -> None:
    _, drop = shop.orders(2)
    await shop.cycle()
    shop.world.turn(cancel_until="never")
    shop.cancel(drop)
    ended = await shop.cycle()
    assert (results(ended), ended.exit_code) == ({"cancel refused": 1}, 1)
    assert await shop.stage(drop) is Stage.CANCEL_REFUSED
    assert await tasks(shop) == {TaskKind.STOP_SHIP}
    assert results(await shop.cycle()) == {}, "a refused cancel is not asked again"


async def test_a_box_that_ships_after_a_refused_cancel_is_a_conflict_and_nobody_is_mailed(shop: Shop) -> None:
    _, drop = shop.orders(2)
    await shop.cycle()
    shop.world.turn(cancel_until="never")
    shop.cancel(drop)
    await shop.cycle()
    shop.ship(drop)
    await shop.cycle()
    assert await shop.stage(drop) is Stage.CONFLICT
    assert shop.record.emails == {}


async def test_with_the_setting_off_a_person_gets_the_task(shop: Shop) -> None:
    _, drop = shop.orders(2)
    off = shop.with_(rules=replace(shop.desk.rules, send_cancellation_to_wms=False))
    await off.cycle()
    shop.cancel(drop)
    await off.cycle()
    assert await shop.stage(drop) is Stage.CANCEL_BY_HAND
    assert await tasks(shop) == {TaskKind.CANCEL_BY_HAND, TaskKind.STOP_SHIP}
    assert shop.record.cancels == {}


async def test_a_cancel_whose_answer_was_lost_is_read_back(shop: Shop) -> None:
    _, drop = shop.orders(2)
    await shop.cycle()
    shop.cancel(drop)
    shop.world.turn(faults=[{"kind": "lose_answer", "app": "warehouse", "path": "/cancel", "times": 1}])
    await shop.cycle()
    await shop.cycle()
    assert await shop.stage(drop) is Stage.CANCELLED


async def test_a_cancel_during_an_unknown_push_waits_for_the_answer(careful_shop: Shop) -> None:
    shop = careful_shop
    keep, drop = shop.orders(2)
    lost = {"kind": "lose_answer", "app": "warehouse", "method": "POST", "path": "/orders", "skip": 1, "times": 1}
    shop.world.turn(faults=[lost])
    await shop.cycle()
    shop.cancel(drop)
    await shop.cycle()
    assert await shop.stage(drop) is Stage.UNKNOWN
    shop.pass_hours(QUIET_SECONDS / 3600 + 0.01)
    await shop.cycle()
    assert (await shop.stage(keep), await shop.stage(drop)) == (Stage.AT_WAREHOUSE, Stage.CANCELLED)
    assert shop.record.cancels == {drop: "cancelled"}


async def test_a_cancelled_box_that_never_arrived_is_looked_for_twice(careful_shop: Shop) -> None:
    shop = careful_shop
    _, drop = shop.orders(2)
    shop.world.turn(
        faults=[{"kind": "drop", "app": "warehouse", "method": "POST", "path": "/orders", "skip": 1, "times": 1}]
    )
    await shop.cycle()
    shop.cancel(drop)
    shop.pass_hours(QUIET_SECONDS / 3600 + 0.01)
    await shop.cycle()
    assert await shop.stage(drop) is Stage.UNKNOWN, "a late commit may still come"
    shop.pass_hours(QUIET_SECONDS / 3600 + 0.01)
    await shop.cycle()
    assert await shop.stage(drop) is Stage.CANCELLED
    assert drop not in shop.record.received


async def test_a_cancel_after_the_box_left_is_a_conflict_and_cratejoy_is_told_nothing(shop: Shop) -> None:
    _, drop = shop.orders(2)
    slow = shop.with_(rules=replace(shop.desk.rules, confirm_delay_minutes=600))
    await slow.cycle()
    shop.ship(drop)
    await slow.cycle()
    shop.cancel(drop)
    await slow.cycle()
    assert await shop.stage(drop) is Stage.CONFLICT
    assert shop.record.puts == {}


async def test_a_revived_box_goes_nowhere_before_a_person_agrees(shop: Shop) -> None:
    _, back = shop.orders(2)
    await shop.cycle()
    shop.cancel(back)
    await shop.cycle()
    shop.uncancel(back)
    await shop.cycle()
    assert await shop.stage(back) is Stage.CANCELLED
    assert TaskKind.REVIVED in await tasks(shop)
    assert shop.record.received[back] == 1


async def dying(rig: Rig, monkeypatch: pytest.MonkeyPatch, what: BaseException) -> None:
    """The program ends in the middle of a cancel."""
    await rig.ledger.people.set_adoption(True, 0, "ada")
    await rig.push()
    rig.source.change("4124", status="cancelled")
    await rig.pull()

    async def end(number: str, reason: str, delivery: Delivery) -> CancelOutcome:
        raise what

    with monkeypatch.context() as dead:
        dead.setattr(rig.warehouse, "cancel", end)
        with pytest.raises(type(what)):
            await apply_cancel(rig.desk, await preview_cancel(rig.desk))


async def test_a_cancel_that_died_on_its_way_to_a_blind_warehouse_is_not_called_told(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = await make_rig(shipment(), delivery=DeliveryClass.BLIND, can_find=False)
    await dying(rig, monkeypatch, SystemExit("kill -9"))
    await settle(rig.desk, frozenset({Kind.CANCEL}))
    texts = {task.text for task in await rig.ledger.people.tasks()}
    why = "the program ended before the answer was written down"
    assert texts == {f"Nobody knows whether Cellar will cancel order SUB-4124 ({why}). Make sure that the box stays."}
    assert await rig.ledger.shipments.counts() == {Stage.CANCEL_BY_HAND: 1}


@pytest.mark.parametrize("powers", [{"can_find": False, "delivers_files": True}, {"can_find": True}])
async def test_a_cancel_stopped_half_way_is_left_to_the_next_run_where_that_can_end_it(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch, powers: dict[str, bool]
) -> None:
    rig = await make_rig(shipment(), **powers)
    await dying(rig, monkeypatch, asyncio.CancelledError())
    [doubtful] = await rig.ledger.questions.in_doubt()
    assert (doubtful.kind, doubtful.state) == (Kind.CANCEL, State.UNKNOWN)
    assert await rig.ledger.people.tasks() == []
    await settle(rig.desk, frozenset({Kind.CANCEL}))
    assert await rig.ledger.shipments.counts() != {Stage.UNKNOWN: 1}
