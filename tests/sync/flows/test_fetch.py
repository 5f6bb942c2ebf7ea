"""Only a parcel of the live order moves a box on."""

from __future__ import annotations

from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.flows.people import resend
from tests.sync.flows.shop import Shop


async def test_a_box_sent_anew_is_at_warehouse_until_its_own_parcel_leaves(shop: Shop) -> None:
    [id_] = shop.orders(1)
    await shop.cycle()
    shop.ship(id_)
    await shop.cycle()
    await resend(shop.desk, id_, "lost in the post")
    await shop.cycle()
    assert await shop.stage(id_) is Stage.AT_WAREHOUSE
    await shop.cycle()
    assert await shop.stage(id_) is Stage.AT_WAREHOUSE
    shop.ship(f"{id_}-R2")
    await shop.cycle()
    stored = await shop.stored(id_)
    assert (stored.stage, stored.reason) == (Stage.CONFIRMED, "RESENT")
