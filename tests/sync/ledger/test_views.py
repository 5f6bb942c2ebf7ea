from __future__ import annotations

from datetime import timedelta

from cratejoy_tui.sync.domain.books import DayCounts
from cratejoy_tui.sync.domain.stage import OPEN_STAGES, Stage
from cratejoy_tui.sync.ledger import Ledger
from tests.sync.factories import NOW, order
from tests.sync.ledger.steps import RULES, SetClock, confirm, plan, push, sightings, verdict


async def test_lists_are_filtered_and_sorted(ledger: Ledger) -> None:
    await ledger.shipments.record(sightings("11", "12", "2"))
    stored = await ledger.shipments.get(["11", "12", "2"])
    held = verdict(stored["2"], stage=Stage.HELD, reason="NO_SKU", target_at=None)
    later = verdict(stored["11"], target_at=NOW + timedelta(days=1))
    await ledger.shipments.judged(RULES, [later, verdict(stored["12"]), held])
    assert await ledger.views.ids() == ["12", "11", "2"]
    assert await ledger.views.find(frozenset(Stage), sort="id", descending=True) == ["2", "12", "11"]
    assert await ledger.views.ids(OPEN_STAGES, reason="NO_SKU") == ["2"]
    assert await ledger.views.ids({Stage.PLANNED}, text="SUB-1") == ["12", "11"]
    assert await ledger.views.ids(text="1%") == []


async def test_standing_says_how_long_a_box_waits_and_what_the_warehouse_was_told(ledger: Ledger) -> None:
    await push(ledger, "1", "2")
    one, two = await ledger.views.standing({Stage.AT_WAREHOUSE})
    assert (one.shipment_id, one.order_number, one.stage_since) == ("1", "SUB-1", NOW)
    assert two.requested_ship_date == order().requested_ship_date is not None
    assert [box.shipment_id for box in await ledger.views.standing({Stage.AT_WAREHOUSE}, "1")] == ["2"]
    await plan(ledger, "3")
    [planned] = await ledger.views.standing({Stage.PLANNED})
    assert planned.requested_ship_date is None


async def test_a_days_counts_add_up(ledger: Ledger, clock: SetClock) -> None:
    await plan(ledger, "1", "2", "3")
    clock.move(days=1)
    start = clock.now()
    await plan(ledger, "4")
    await ledger.shipments.record(sightings("2", status="cancelled"))
    await confirm(ledger, "3")
    clock.move(days=1)
    end = clock.now()
    await plan(ledger, "5")
    await ledger.shipments.record(sightings("1", status="cancelled"))
    counts = await ledger.views.day_counts(start, end)
    assert counts == DayCounts(opening=3, new=1, cancelled=1, confirmed=1, closing=2)
