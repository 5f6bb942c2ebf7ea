"""What a person decides about single boxes, and that it holds."""

from __future__ import annotations

import pytest

from cratejoy_tui.errors import ItemRefused, OrderNotFound, ShipmentUnfit
from cratejoy_tui.sync.domain.order import OrderState
from cratejoy_tui.sync.domain.record import TaskKind
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.flows.adopt import adopt
from cratejoy_tui.sync.flows.people import (
    hold_boxes,
    recall,
    release_boxes,
    remark,
    resend,
    resolve,
    send_recalls,
)
from tests.sync.factories import shipment
from tests.sync.flows.conftest import MakeRig
from tests.sync.flows.rig import Rig
from tests.sync.flows.shop import Shop, results


async def test_a_held_box_stays_until_it_is_released(shop: Shop) -> None:
    [id_] = shop.orders(1)
    await hold_after_pull(shop, id_)
    assert results(await shop.cycle()) == {}
    assert (await shop.stored(id_)).reason == "HELD_BY_PERSON"
    await release_boxes(shop.desk, [id_], "customer called")
    assert results(await shop.cycle()) == {"push done": 1}


async def hold_after_pull(shop: Shop, id_: str) -> None:
    await shop.cycle(dry_run=True)
    await hold_boxes(shop.desk, [id_], "customer asked to wait")


async def test_releasing_a_subscription_lets_all_its_paid_boxes_go(shop: Shop) -> None:
    ids = [shop.order(billing="standard", subscription_status="cancelled", sub_cycle=2) for _ in range(1)]
    await shop.cycle()
    assert (await shop.stored(ids[0])).reason == "SUBSCRIPTION_NOT_ACTIVE"
    await release_boxes(shop.desk, ids, "they are owed", subscription=True)
    assert results(await shop.cycle()) == {"push done": 1}


async def test_a_recalled_order_is_cancelled_at_the_warehouse_and_may_be_sent_anew(shop: Shop) -> None:
    [id_] = shop.orders(1)
    await shop.cycle()
    with pytest.raises(ShipmentUnfit):
        await resend(shop.desk, id_, "too early")
    await recall(shop.desk, id_, "wrong product")
    await send_recalls(shop.desk, [id_])
    assert await shop.stage(id_) is Stage.CANCELLED
    assert await resend(shop.desk, id_, "right product now") == 2
    assert results(await shop.cycle()) == {"push done": 1}
    assert shop.record.received == {id_: 1, f"{id_}-R2": 1}
    await shop.prove()


async def test_a_confirmed_box_sent_again_is_not_confirmed_a_second_time(shop: Shop) -> None:
    [id_] = shop.orders(1)
    await shop.cycle()
    shop.ship(id_)
    await shop.cycle()
    assert await shop.stage(id_) is Stage.CONFIRMED
    assert await resend(shop.desk, id_, "lost in the post") == 2
    assert results(await shop.cycle()) == {"push done": 1}
    shop.ship(f"{id_}-R2")
    assert results(await shop.cycle()) == {}
    assert await shop.stage(id_) is Stage.CONFIRMED
    assert (shop.record.emails, shop.record.puts) == ({id_: 1}, {id_: 1})


async def test_a_conflict_ends_as_the_person_says(shop: Shop) -> None:
    _, id_ = shop.orders(2)
    await shop.cycle()
    shop.world.turn(cancel_until="never")
    shop.cancel(id_)
    await shop.cycle()
    shop.ship(id_)
    await shop.cycle()
    assert await shop.stage(id_) is Stage.CONFLICT
    await resolve(shop.desk, id_, as_="closed", reason="customer keeps it")
    assert await shop.stage(id_) is Stage.CANCELLED
    assert results(await shop.cycle()) == {}


async def test_what_makes_no_sense_is_refused_by_name(shop: Shop) -> None:
    [id_] = shop.orders(1)
    await shop.cycle(dry_run=True)
    with pytest.raises(ItemRefused, match="Hold it instead"):
        await recall(shop.desk, id_, "")
    with pytest.raises(ItemRefused, match="no conflict"):
        await resolve(shop.desk, id_, as_="ours", reason="")
    with pytest.raises(OrderNotFound, match="999"):
        await remark(shop.desk, "999", "?")


async def in_conflict(rig: Rig) -> None:
    await rig.push()
    await rig.ledger.shipments.move("4124", Stage.CONFLICT, expect={Stage.AT_WAREHOUSE}, reason="TEST", detail="")


async def test_an_order_still_open_there_is_not_sent_anew_from_a_conflict(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await in_conflict(rig)
    with pytest.raises(ShipmentUnfit, match=r"SUB-4124 is still open at Cellar.*Recall 4124"):
        await resend(rig.desk, "4124", "lost")
    rig.warehouse.put("SUB-4124", OrderState.CANCELLED)
    assert await resend(rig.desk, "4124", "lost") == 2


@pytest.mark.parametrize("can_find", [True, False])
async def test_an_order_that_may_be_anywhere_is_sent_anew_only_on_a_persons_word(
    make_rig: MakeRig, can_find: bool
) -> None:
    rig = await make_rig(shipment(), can_find=can_find)
    if not can_find:
        await adopt(rig.desk, None)
    await in_conflict(rig)
    rig.warehouse.orders.clear()
    with pytest.raises(ShipmentUnfit, match=r"may be anywhere: Cellar .*resolve 4124 --as closed"):
        await resend(rig.desk, "4124", "lost")
    await resolve(rig.desk, "4124", as_="closed", reason="not on the floor")
    assert await resend(rig.desk, "4124", "lost") == 2


async def test_a_persons_word_does_not_outweigh_an_order_that_is_open_there(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await in_conflict(rig)
    await resolve(rig.desk, "4124", as_="closed", reason="I think so")
    with pytest.raises(ShipmentUnfit, match="Cancel it there; once"):
        await resend(rig.desk, "4124", "lost")


async def test_what_a_box_sent_anew_left_to_do_is_done(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await in_conflict(rig)
    for kind in (TaskKind.REVIVED, TaskKind.CONFLICT, TaskKind.STOP_SHIP):
        await rig.ledger.people.task(kind, "4124", "SUB-4124", "look")
    rig.warehouse.put("SUB-4124", OrderState.CANCELLED)
    await resend(rig.desk, "4124", "wanted after all")
    assert [task.kind for task in await rig.ledger.people.tasks()] == [TaskKind.STOP_SHIP]
