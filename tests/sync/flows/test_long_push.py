"""What must not wait until a push of hours is over."""

from __future__ import annotations

from typing import Any

from cratejoy_tui.sync.domain.plan import Outcome
from cratejoy_tui.sync.domain.stage import Stage
from tests.sync.flows.shop import Shop, results


async def test_cancels_are_looked_for_between_two_groups_of_a_long_push(shop: Shop) -> None:
    ids = shop.orders(120)

    def meanwhile(told: Any) -> None:
        if isinstance(told, Outcome) and told.shipment_id == ids[0] and told.stage is Stage.AT_WAREHOUSE:
            shop.cancel(ids[0])
            shop.cancel(ids[-1])
            shop.pass_hours(0.1)

    ended = results(await shop.with_(tell=meanwhile).cycle())
    assert ended == {"push done": 119, "push changed": 1, "cancel done": 1}
    assert await shop.stage(ids[0]) is Stage.CANCELLED
    assert ids[-1] not in shop.record.received
    await shop.prove()
