"""A person's word on tracking that the program is not sure of."""

from __future__ import annotations

import pytest

from cratejoy_tui.errors import ItemRefused, OrderNotFound
from cratejoy_tui.sync.domain.record import Tracked
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.domain.tracking import Quality
from cratejoy_tui.sync.flows.confirm import preview_confirm
from cratejoy_tui.sync.flows.doubtful_tracking import all_tracking, decide_tracking
from cratejoy_tui.sync.flows.fetch import fetch_tracking
from tests.sync.factories import ship_to, shipment
from tests.sync.flows.conftest import MakeRig
from tests.sync.flows.rig import TRACKING_NUMBERS, Rig


async def doubtful(make_rig: MakeRig, **changes: object) -> tuple[Rig, Tracked]:
    """A box at the warehouse whose one parcel has a number that does not look like its carrier's."""
    rig = await make_rig(shipment())
    await rig.push()
    rig.warehouse.ship("SUB-4124", **({"carrier_code": "UPS", "tracking_number": "ABC"} | changes))
    await fetch_tracking(rig.desk)
    [tracked] = await all_tracking(rig.desk)
    return rig, tracked


async def confirmable(rig: Rig) -> list[str]:
    rows, _ = await preview_confirm(rig.desk)
    return [row.shipment_id for row in rows]


async def test_doubtful_tracking_waits_until_a_person_accepts_it(make_rig: MakeRig) -> None:
    rig, tracked = await doubtful(make_rig)
    assert tracked.quality is Quality.CHECK
    assert await confirmable(rig) == []
    assert [t.id for t in await all_tracking(rig.desk, Quality.CHECK, undecided=True)] == [tracked.id]
    await decide_tracking(rig.desk, [tracked.id], accept=True)
    assert await confirmable(rig) == ["4124"]
    assert await all_tracking(rig.desk, Quality.CHECK, undecided=True) == []
    [decided] = await all_tracking(rig.desk)
    assert (decided.decision, decided.decided_by) == ("accepted", "ada")


async def test_rejected_tracking_takes_its_box_back_to_the_warehouse(make_rig: MakeRig) -> None:
    rig, tracked = await doubtful(make_rig)
    await decide_tracking(rig.desk, [tracked.id], accept=False, reason="label was reused")
    stored = (await rig.ledger.shipments.get(["4124"]))["4124"]
    assert stored.stage is Stage.AT_WAREHOUSE
    assert await confirmable(rig) == []
    assert [note.text for note in await rig.ledger.people.notes("4124")] == ["Tracking rejected: label was reused"]
    told = [one.detail for one in await rig.ledger.audit.records(0, 200, "4124") if one.action == "tracking decided"]
    assert "reason" in told[0]
    assert "reused" not in told[0]


async def test_a_word_taken_back_leaves_the_match_as_it_was_found(make_rig: MakeRig) -> None:
    rig, tracked = await doubtful(make_rig)
    await decide_tracking(rig.desk, [tracked.id], accept=True)
    await decide_tracking(rig.desk, [tracked.id], accept=None)
    [again] = await all_tracking(rig.desk)
    assert (again.decision, again.decided_by) == ("", "")
    assert await confirmable(rig) == []


async def test_a_voided_parcel_cannot_be_accepted(make_rig: MakeRig) -> None:
    rig, tracked = await doubtful(make_rig, voided=True)
    with pytest.raises(ItemRefused, match="was voided"):
        await decide_tracking(rig.desk, [tracked.id], accept=True)


async def test_one_unknown_number_decides_nothing_at_all(make_rig: MakeRig) -> None:
    rig, tracked = await doubtful(make_rig)
    with pytest.raises(OrderNotFound, match="999"):
        await decide_tracking(rig.desk, [tracked.id, 999], accept=True)
    [still] = await all_tracking(rig.desk)
    assert still.decision == ""


async def one_label_on_two(make_rig: MakeRig, **other_ship_to: str) -> tuple[Rig, Tracked, Tracked]:
    """Two boxes at the warehouse that came back under one tracking number."""
    rig = await make_rig(shipment(), shipment(id="4125", ship_to=ship_to(**other_ship_to)))
    await rig.push()
    for number in ("SUB-4124", "SUB-4125"):
        rig.warehouse.ship(number, tracking_number=TRACKING_NUMBERS[0])
    await fetch_tracking(rig.desk)
    first, second = await all_tracking(rig.desk)
    assert (first.quality, second.quality) == (Quality.CHECK, Quality.CHECK)
    return rig, first, second


async def test_a_number_on_two_boxes_may_be_accepted_for_one_address(make_rig: MakeRig) -> None:
    rig, first, second = await one_label_on_two(make_rig, to="Bob Example", phone="", city="SPRINGFIELD ")
    await decide_tracking(rig.desk, [first.id, second.id], accept=True)
    assert await confirmable(rig) == ["4124", "4125"]


async def test_a_number_that_travels_to_another_address_is_not_accepted(make_rig: MakeRig) -> None:
    rig, first, second = await one_label_on_two(make_rig, street="9 Other Rd")
    with pytest.raises(ItemRefused, match=f"is also on 4125, which goes to another address.*reject {second.id}"):
        await decide_tracking(rig.desk, [first.id], accept=True)
    await decide_tracking(rig.desk, [second.id], accept=False)
    await decide_tracking(rig.desk, [first.id], accept=True)
    assert await confirmable(rig) == ["4124"]
