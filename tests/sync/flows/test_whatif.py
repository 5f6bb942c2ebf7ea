"""Another setting tried on paper."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec

from cratejoy_tui.sync.domain.reason import Reason
from cratejoy_tui.sync.domain.rules import ShipCodeBy, SkuSuffix
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.flows.whatif import whatif
from tests.sync.factories import NOW, ecom, line, sale, shipment
from tests.sync.flows.conftest import MakeRig


async def test_the_same_rules_change_nothing(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(), ecom(id="5"))
    await rig.pull()
    what = await whatif(rig.desk, rig.rules)
    assert what.changes_nothing
    assert what.changes == ()
    assert what.looked_at == 2


async def test_a_wider_window_shows_boxes_that_were_never_pulled(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(), shipment(id="2", adjusted_ordered_at=NOW + timedelta(days=9)))
    await rig.pull()
    what = await whatif(rig.desk, replace(rig.rules, target_ship_date_within_days=10))
    assert [(effect.shipment_id, effect.before) for effect in what.becomes_eligible] == [("2", Reason.NOT_DUE)]
    assert [(change.name, change.before, change.after) for change in what.changes] == [
        ("target_ship_date_within_days", "7", "10")
    ]
    assert "2" not in await rig.ledger.shipments.get(["2"])


async def test_a_narrower_window_holds_boxes(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(adjusted_ordered_at=NOW + timedelta(days=5)))
    await rig.pull()
    what = await whatif(rig.desk, replace(rig.rules, target_ship_date_within_days=1))
    assert [(effect.number, effect.after) for effect in what.becomes_held] == [("SUB-4124", Reason.NOT_DUE)]


async def test_a_type_switched_on_is_listed(make_rig: MakeRig) -> None:
    rig = await make_rig(ecom(id="5"))
    rig.rules = replace(rig.rules, pull_ecommerce=False)
    await rig.pull()
    what = await whatif(rig.desk, replace(rig.rules, pull_ecommerce=True))
    assert [effect.shipment_id for effect in what.becomes_eligible] == ["5"]


async def test_another_suffix_shows_both_skus_and_freezes_neither(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.pull()
    what = await whatif(rig.desk, replace(rig.rules, sku_suffix=SkuSuffix.CYCLE))
    assert [(effect.before, effect.after) for effect in what.other_skus] == [("1 x TEA-01", "1 x TEA-01-2")]
    await rig.push()
    sent = (await rig.ledger.shipments.get(["4124"]))["4124"].sent_order
    assert sent is not None
    assert sent.lines[0].sku == "TEA-01"


async def test_another_ship_code_is_shown(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.pull()
    what = await whatif(rig.desk, replace(rig.rules, order_ship_code=ShipCodeBy.SHIPPING_CHARGE))
    assert [(effect.before, effect.after) for effect in what.other_ship_code] == [("SUBSCRIPTION", "FREE")]


async def test_a_suffix_that_cannot_be_made_is_a_hold(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(sub_cycle=None))
    await rig.pull()
    what = await whatif(rig.desk, replace(rig.rules, sku_suffix=SkuSuffix.CYCLE))
    assert [effect.after for effect in what.becomes_held] == [Reason.NO_CYCLE]


async def test_a_box_held_for_another_reason_is_told(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(lines=(line(sale=sale(financial_status="pending")),)))
    await rig.pull()
    what = await whatif(rig.desk, replace(rig.rules, pull_adhoc=False))
    assert [(effect.before, effect.after) for effect in what.other_reason] == [(Reason.UNPAID, Reason.TYPE_OFF)]


async def test_orders_at_the_warehouse_are_left_alone(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.push()
    what = await whatif(rig.desk, replace(rig.rules, sku_suffix=SkuSuffix.YYMM, target_ship_date_within_days=30))
    assert what.changes_nothing
    assert (await rig.ledger.shipments.counts())[Stage.AT_WAREHOUSE] == 1


async def test_without_cratejoy_only_the_ledger_is_looked_at_and_that_is_said(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.pull()
    rig.source.is_down = True
    what = await whatif(rig.desk, replace(rig.rules, target_ship_date_within_days=30))
    assert not what.complete
    assert "could not be reached" in what.notes[0]
    assert msgspec.json.decode(msgspec.json.encode(what))["looked_at"] == 1
