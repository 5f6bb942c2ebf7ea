"""Tracking to Cratejoy: the right number, on the right box, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

from cratejoy_tui.simulator import changes
from cratejoy_tui.simulator.cast import Piece
from cratejoy_tui.sync.domain.rules import PartialShipments, QuietHours
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.flows.preview import preview
from tests.sync.flows.shop import Shop, results


async def at_warehouse(shop: Shop, **box: object) -> str:
    id_ = shop.order(**box)
    await shop.cycle()
    return id_


async def test_a_lost_answer_of_the_put_is_settled_by_reading_and_mails_once(shop: Shop) -> None:
    id_ = await at_warehouse(shop)
    shop.ship(id_)
    shop.world.turn(faults=[{"kind": "lose_answer", "app": "cratejoy", "method": "PUT", "times": 1}])
    await shop.cycle()
    assert await shop.stage(id_) is Stage.UNKNOWN
    shop.pass_hours(0.2)
    await shop.cycle()
    assert await shop.stage(id_) is Stage.CONFIRMED
    assert shop.record.emails == {id_: 1}
    assert shop.record.puts == {id_: 1}


async def test_a_put_that_never_arrived_is_made_again_after_a_new_read(shop: Shop) -> None:
    id_ = await at_warehouse(shop)
    shop.ship(id_)
    shop.world.turn(faults=[{"kind": "drop", "app": "cratejoy", "method": "PUT", "times": 1}])
    await shop.cycle()
    shop.pass_hours(0.2)
    await shop.cycle()
    assert await shop.stage(id_) is Stage.CONFIRMED
    assert shop.record.emails == {id_: 1}


async def test_a_box_shipped_in_cratejoy_by_somebody_else_is_a_conflict(shop: Shop) -> None:
    id_ = await at_warehouse(shop)
    shop.ship(id_)
    with shop.world.change():
        changes.ship_here(shop.world, int(id_), "9400100000000000000001")
    await shop.cycle()
    assert await shop.stage(id_) is Stage.CONFLICT
    assert shop.record.puts.get(id_, 0) == 0


async def test_several_parcels_are_confirmed_when_the_box_is_complete(shop: Shop) -> None:
    shop.world.turn(split_share=1.0)
    id_ = await at_warehouse(shop, pieces=(Piece(sku="MUG-GRN"), Piece(sku="POSTER-A3")))
    from cratejoy_tui.simulator.floor import ship

    [reference] = [row[0] for row in shop.world.db.execute("SELECT reference FROM floor_orders")]
    with shop.world.change():
        ship(shop.world, reference)
    await shop.cycle()
    assert await shop.stage(id_) is Stage.PARTLY_SHIPPED
    assert shop.record.puts == {}
    numbers = shop.ship(id_)
    await shop.cycle()
    assert await shop.stage(id_) is Stage.CONFIRMED
    assert len(numbers) == 2
    assert shop.record.emails == {id_: 1}
    await shop.prove()


async def test_the_first_parcel_is_enough_where_the_rules_say_so(shop: Shop) -> None:
    shop.world.turn(split_share=1.0)
    eager = shop.with_(rules=replace(shop.desk.rules, partial_shipments=PartialShipments.FIRST_PARCEL))
    id_ = await at_warehouse(eager, pieces=(Piece(sku="MUG-GRN"), Piece(sku="POSTER-A3")))
    from cratejoy_tui.simulator.floor import ship

    [reference] = [row[0] for row in shop.world.db.execute("SELECT reference FROM floor_orders")]
    with shop.world.change():
        ship(shop.world, reference)
    await eager.cycle()
    assert await shop.stage(id_) is Stage.CONFIRMED


async def test_a_label_voided_before_the_confirm_is_never_told(shop: Shop) -> None:
    id_ = await at_warehouse(shop)
    slow = shop.with_(rules=replace(shop.desk.rules, confirm_delay_minutes=60))
    [voided] = shop.ship(id_)
    await slow.cycle()
    [reference] = [row[0] for row in shop.world.db.execute("SELECT reference FROM parcels")]
    from cratejoy_tui.simulator.floor import void

    void(shop.world, reference)
    shop.pass_hours(2)
    await slow.cycle()
    assert await shop.stage(id_) is Stage.CONFIRMED
    told = await shop.desk.ledger.operations.confirmed_number(id_)
    assert told != voided
    await shop.prove()


async def test_customers_are_not_mailed_in_quiet_hours(shop: Shop) -> None:
    id_ = await at_warehouse(shop)
    quiet = shop.with_(rules=replace(shop.desk.rules, quiet_hours=QuietHours(start=time(7), end=time(10))))
    shop.ship(id_)
    await quiet.cycle()
    assert await shop.stage(id_) is Stage.SHIPPED
    [held] = (await preview(quiet.desk)).holds
    assert held.reason == "WAITS"
    shop.pass_hours(3)
    await quiet.cycle()
    assert await shop.stage(id_) is Stage.CONFIRMED


async def test_parcels_under_strange_numbers_are_counted_and_touch_nothing(shop: Shop) -> None:
    shop.world.turn(foreign_parcels=True)
    id_ = await at_warehouse(shop)
    shop.ship(id_)
    ended = await shop.cycle()
    assert ended.counts["strangers"] == 1
    assert results(ended) == {"confirm done": 1}
