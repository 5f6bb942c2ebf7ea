"""Boxes that come with their verdict: written once, and only where nothing here can contradict it."""

from __future__ import annotations

from typing import Any

from cratejoy_tui.sync.domain.record import Judged, Sighting
from cratejoy_tui.sync.domain.shipment import revision
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.ledger import Ledger
from tests.sync.factories import NOW, shipment
from tests.sync.ledger.steps import RULES, box, plan, sightings, stage, verdict


def judged_sighting(id_: str, *, status: str = "unshipped", **changes: Any) -> Sighting:
    fields: dict[str, Any] = {"stage": Stage.PLANNED, "order_number": f"SUB-{id_}", "target_at": NOW}
    told = Judged(shipment_id=id_, revision="", **(fields | changes))
    return Sighting(shipment=shipment(id=id_, status=status), fingerprint="f1", verdict=told)


async def test_a_new_box_is_planned_or_held_as_it_is_written(ledger: Ledger) -> None:
    held = judged_sighting("2", stage=Stage.HELD, reason="UNPAID", detail="pending", read_again=True)
    recorded = await ledger.shipments.record([judged_sighting("1", flags=("new",)), held], rules=RULES)
    assert recorded.judged == ("1", "2")
    [row] = await ledger.shipments.planned()
    assert (row.shipment_id, row.order_number, row.flags) == ("1", "SUB-1", ("new",))
    stored = await box(ledger, "2")
    assert (stored.stage, stored.reason, stored.detail) == (Stage.HELD, "UNPAID", "pending")
    assert (await ledger.shipments.known(["2"]))["2"].read_again
    assert await ledger.shipments.to_judge(RULES, NOW) == []


async def test_it_is_judged_again_under_other_rules_and_at_its_hour(ledger: Ledger) -> None:
    await ledger.shipments.record([judged_sighting("1"), judged_sighting("2", reconsider_at=NOW)], rules=RULES)
    assert [stored.id for stored in await ledger.shipments.to_judge(RULES, NOW)] == ["2"]
    assert [stored.id for stored in await ledger.shipments.to_judge("other", NOW)] == ["1", "2"]


async def test_what_was_judged_at_sight_is_in_the_trail_like_any_verdict(ledger: Ledger) -> None:
    await ledger.shipments.record([judged_sighting("1")], rules=RULES)
    at_sight = (await ledger.audit.records())[-1]
    await ledger.shipments.judged("rules-2", [verdict(await box(ledger), revision=revision(shipment(id="1")))])
    later = (await ledger.audit.records())[-1]
    assert at_sight.action == later.action == "judged"
    assert at_sight.detail.replace(RULES, "rules-2") == later.detail
    assert (await ledger.audit.verify()).ok


async def test_a_rule_released_for_the_subscription_leaves_the_verdict_to_those_who_know(ledger: Ledger) -> None:
    await plan(ledger, "1")
    await ledger.shipments.judged(RULES, [verdict(await box(ledger), stage=Stage.HELD, reason="UNPAID")])
    await ledger.people.release(["1"], "ann", "owed", subscription=True)
    recorded = await ledger.shipments.record([judged_sighting("2", stage=Stage.HELD, reason="UNPAID")], rules=RULES)
    assert (recorded.new, recorded.judged) == (("2",), ())
    assert (await box(ledger, "2")).approved == ("UNPAID",)
    assert "2" in [stored.id for stored in await ledger.shipments.to_judge(RULES, NOW)]


async def test_a_cancelled_box_is_cancelled_whatever_the_verdict(ledger: Ledger) -> None:
    recorded = await ledger.shipments.record([judged_sighting("1", status="cancelled")], rules=RULES)
    assert recorded.judged == ()
    assert await stage(ledger) is Stage.CANCELLED


async def test_a_known_box_is_not_judged_at_sight(ledger: Ledger) -> None:
    await ledger.shipments.record(sightings("1", gift_message="Hi"))
    await ledger.people.hold(["1"], "wait", "ann")
    recorded = await ledger.shipments.record([judged_sighting("1")], rules=RULES)
    assert (recorded.changed, recorded.judged) == (("1",), ())
    assert await ledger.shipments.planned() == []
    assert await stage(ledger) is Stage.SEEN
