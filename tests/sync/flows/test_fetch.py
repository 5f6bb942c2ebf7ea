"""Only a parcel of the live order moves a box on, or speaks for it."""

from __future__ import annotations

from cratejoy_tui.sync.domain.plan import Result
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.flows.people import resend
from cratejoy_tui.sync.flows.replace import replace
from tests.sync.flows.shop import Shop


async def sent_anew(shop: Shop) -> str:
    """A confirmed box whose second order is at the warehouse."""
    [id_] = shop.orders(1)
    await shop.cycle()
    shop.ship(id_)
    await shop.cycle()
    await resend(shop.desk, id_, "lost in the post")
    await shop.cycle()
    return id_


async def test_a_box_sent_anew_is_at_warehouse_until_its_own_parcel_leaves(shop: Shop) -> None:
    id_ = await sent_anew(shop)
    assert await shop.stage(id_) is Stage.AT_WAREHOUSE
    await shop.cycle()
    assert await shop.stage(id_) is Stage.AT_WAREHOUSE
    shop.ship(f"{id_}-R2")
    await shop.cycle()
    stored = await shop.stored(id_)
    assert (stored.stage, stored.reason) == (Stage.CONFIRMED, "RESENT")


async def test_the_number_that_replaces_is_that_of_the_box_sent_anew(shop: Shop) -> None:
    id_ = await sent_anew(shop)
    shop.ship(f"{id_}-R2")
    await shop.cycle()
    first, second = (await shop.desk.ledger.tracking.of([id_]))[id_]
    outcome = await replace(shop.desk, id_, "the customer asked for it")
    assert (outcome.result, outcome.number) == (Result.DONE, second.parcel.tracking_number)
    assert first.parcel.tracking_number != second.parcel.tracking_number
