"""What comes after the window, judged as of the day it comes due."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta

import msgspec

from cratejoy_tui.sync.domain.reason import Reason
from cratejoy_tui.sync.domain.rules import Rules, SkuSuffix
from cratejoy_tui.sync.domain.shipment import Batch, Billing
from cratejoy_tui.sync.flows.readiness import readiness
from cratejoy_tui.sync.guard import ReadOnlyWarehouse
from cratejoy_tui.sync.ports import KnowsSkus
from tests.sync.factories import NOW, ecom, line, sale, ship_to, shipment, standard
from tests.sync.flows.conftest import MakeRig
from tests.sync.flows.rig import MemoryWarehouse
from tests.sync.flows.shop import Shop

LATER = NOW + timedelta(days=20)


async def test_boxes_within_the_window_are_not_upcoming(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(), ecom(id="5"))
    assert (await readiness(rig.desk)).batches == ()


async def test_coming_boxes_are_counted_by_day_and_type_with_their_suffixed_skus(make_rig: MakeRig) -> None:
    rig = await make_rig(
        shipment(id="1", adjusted_ordered_at=LATER),
        shipment(id="2", adjusted_ordered_at=LATER),
        standard(id="3", adjusted_ordered_at=LATER),
        shipment(id="4", adjusted_ordered_at=LATER + timedelta(days=1)),
    )
    rig.rules = Rules(sku_suffix=SkuSuffix.YYMM)
    batches = (await readiness(rig.desk)).batches
    assert [(batch.day, batch.billing, batch.boxes, batch.ready) for batch in batches] == [
        (date(2026, 12, 13), Billing.ADHOC, 2, 2),
        (date(2026, 12, 13), Billing.STANDARD, 1, 1),
        (date(2026, 12, 14), Billing.ADHOC, 1, 1),
    ]
    assert batches[0].skus == {"TEA-01-2612": 2}
    assert batches[0].due_from.astimezone(rig.rules.zone).date() == date(2026, 12, 6)


async def test_what_would_hold_a_coming_box_is_told_now(make_rig: MakeRig) -> None:
    unpaid = (line(sale=sale(financial_status="pending")),)
    rig = await make_rig(
        shipment(id="1", adjusted_ordered_at=LATER, lines=unpaid),
        shipment(id="2", adjusted_ordered_at=LATER, ship_to=ship_to(zip="")),
        shipment(id="3", adjusted_ordered_at=LATER),
    )
    [batch] = (await readiness(rig.desk)).batches
    assert (batch.boxes, batch.ready) == (3, 1)
    assert {problem.reason: problem.shipment_ids for problem in batch.problems} == {
        Reason.UNPAID: ("1",),
        Reason.BAD_ADDRESS: ("2",),
    }


async def test_an_open_batch_within_the_window_is_coming_too(make_rig: MakeRig) -> None:
    end = NOW + timedelta(days=4)
    rig = await make_rig(standard(batch=Batch(id="31", start=NOW, end=end)))
    [batch] = (await readiness(rig.desk)).batches
    assert batch.ready == 1
    assert batch.due_from == end


async def test_nothing_beyond_the_days_asked_for_is_shown(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(adjusted_ordered_at=NOW + timedelta(days=60)))
    assert (await readiness(rig.desk, days_ahead=10)).batches == ()
    assert len((await readiness(rig.desk, days_ahead=60)).batches) == 1


async def test_looking_ahead_leaves_no_trace(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(adjusted_ordered_at=LATER))
    await readiness(rig.desk)
    assert await rig.ledger.shipments.counts() == {}


async def test_a_warehouse_that_knows_no_skus_is_not_asked(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(adjusted_ordered_at=LATER))
    ready = await readiness(rig.desk)
    assert not ready.skus_checked
    assert ready.complete
    assert ready.notes == ("Cellar cannot be asked which SKUs it knows.",)
    assert ready.batches[0].unknown_skus == ()


class KnowingWarehouse(MemoryWarehouse):
    async def unknown_skus(self, skus: Collection[str]) -> frozenset[str]:
        return frozenset(sku for sku in skus if sku.startswith("TEA"))


async def test_skus_that_the_warehouse_does_not_know_are_named(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(adjusted_ordered_at=LATER))
    rig.warehouse = KnowingWarehouse()
    ready = await readiness(rig.desk)
    assert ready.skus_checked
    assert ready.batches[0].unknown_skus == ("TEA-01",)


async def test_read_only_asks_for_skus_too(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(adjusted_ordered_at=LATER))
    rig.warehouse = ReadOnlyWarehouse(KnowingWarehouse())  # type: ignore[assignment]
    assert (await readiness(rig.desk)).batches[0].unknown_skus == ("TEA-01",)
    assert not isinstance(ReadOnlyWarehouse(MemoryWarehouse()), KnowsSkus)


async def test_the_simulators_warehouse_names_suffixed_skus_it_does_not_know(shop: Shop) -> None:
    shop.order(billing="adhoc", target_days=20)
    suffixed = shop.with_(rules=replace(shop.desk.rules, sku_suffix=SkuSuffix.YYMM)).desk
    [sku] = {sku for batch in (await readiness(suffixed)).batches for sku in batch.skus}
    shop.world.turn(unknown_skus=[sku])
    ready = await readiness(suffixed)
    assert ready.skus_checked
    assert [batch.unknown_skus for batch in ready.batches] == [(sku,)]


async def test_a_list_cut_short_is_said_and_what_came_is_shown(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(id="1", adjusted_ordered_at=LATER), shipment(id="2", adjusted_ordered_at=LATER))
    rig.source.cut_short = {Billing.ADHOC}
    ready = await readiness(rig.desk)
    assert not ready.complete
    assert ready.batches[0].boxes == 1
    assert msgspec.json.decode(msgspec.json.encode(ready))["batches"][0]["day"] == "2026-12-13"
