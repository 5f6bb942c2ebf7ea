"""What Cratejoy shows late, or in no list at all."""

from __future__ import annotations

from cratejoy_tui.simulator.changes import refund
from cratejoy_tui.sync.domain.stage import Stage
from tests.sync.flows.shop import Shop


async def shipped(shop: Shop) -> str:
    """A box that has left, with its confirmation still to come."""
    [id_] = shop.orders(1)
    await shop.cycle()
    shop.ship(id_)
    return id_


async def test_a_confirmation_that_is_shown_late_is_waited_for(shop: Shop) -> None:
    id_ = await shipped(shop)
    shop.world.turn(read_lag_seconds=50)
    await shop.cycle()
    assert await shop.stage(id_) is Stage.CONFIRMED
    assert (shop.record.puts, shop.record.emails) == ({id_: 1}, {id_: 1})


async def test_a_confirmation_not_shown_for_two_minutes_is_unknown_and_never_sent_twice(shop: Shop) -> None:
    id_ = await shipped(shop)
    shop.world.turn(read_lag_seconds=240)
    began = shop.desk.clock.now()
    await shop.cycle()
    assert await shop.stage(id_) is Stage.UNKNOWN
    assert 120 <= (shop.desk.clock.now() - began).total_seconds() < 240
    shop.pass_hours(0.2)
    await shop.cycle()
    assert await shop.stage(id_) is Stage.CONFIRMED
    assert (shop.record.puts, shop.record.emails) == ({id_: 1}, {id_: 1})


async def test_every_open_box_is_read_again_once_a_day(shop: Shop) -> None:
    [id_] = shop.orders(1)
    await shop.cycle(dry_run=True)
    with shop.world.change():
        refund(shop.world, int(id_), None)
    shop.pass_hours(23)
    await shop.cycle(dry_run=True)
    assert await shop.stage(id_) is Stage.PLANNED
    shop.pass_hours(1.1)
    await shop.cycle(dry_run=True)
    assert (await shop.stored(id_)).reason == "REFUNDED"
