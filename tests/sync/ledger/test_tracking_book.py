from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.domain.tracking import ParcelLine, Quality
from cratejoy_tui.sync.ledger import Ledger
from tests.sync.factories import NOW, parcel
from tests.sync.ledger.steps import SetClock, push


def of(id_: str = "1", **changes: object):  # type: ignore[no-untyped-def]
    return parcel(order_number=f"SUB-{id_}", **changes)


async def test_a_parcel_is_matched_by_order_number_to_our_own_orders_only(ledger: Ledger) -> None:
    await push(ledger, "1")
    told = of(lines=(ParcelLine(sku="TEA-01", quantity=1),))
    ours, stranger, spaced = await ledger.tracking.add(
        [told, of("9", reference="P-9"), replace(told, order_number=" SUB-1 ", reference="P-2")]
    )
    assert (ours.shipment_id, ours.parcel, ours.first_seen_at) == ("1", told, NOW)
    assert stranger.shipment_id == ""
    assert (spaced.shipment_id, spaced.parcel.order_number) == ("1", " SUB-1 ")
    assert [tracked.id for tracked in (await ledger.tracking.of(["1", "2"]))["1"]] == [ours.id, spaced.id]


async def test_repeats_bring_nothing_new_and_changes_are_judged_again(ledger: Ledger, clock: SetClock) -> None:
    await push(ledger, "1")
    [first] = await ledger.tracking.add([of()])
    await ledger.tracking.judged([(first.id, Quality.CHECK, "carrier")])
    await ledger.tracking.decide(first.id, "accepted", "bob")
    clock.move(hours=1)
    assert await ledger.tracking.add([of()]) == []
    [voided] = await ledger.tracking.add([of(voided=True)])
    assert (voided.id, voided.first_seen_at, voided.quality) == (first.id, NOW, None)
    assert voided.decision == "accepted"
    [other] = await ledger.tracking.add([of(tracking_number="9999")])
    assert (other.decision, other.decided_by) == ("", "")


async def test_verdicts_and_decisions_are_kept(ledger: Ledger) -> None:
    await push(ledger, "1", "2")
    one, two = await ledger.tracking.add([of("1"), of("2")])
    await ledger.tracking.judged([(one.id, Quality.SURE, ""), (two.id, Quality.CHECK, "shared number")])
    assert [tracked.id for tracked in await ledger.tracking.list(Quality.CHECK, undecided=True)] == [two.id]
    await ledger.tracking.decide(two.id, "rejected", "bob")
    assert await ledger.tracking.list(Quality.CHECK, undecided=True) == []
    [decided] = await ledger.tracking.list(Quality.CHECK)
    assert (decided.decision, decided.decided_by, decided.reason) == ("rejected", "bob", "shared number")


async def test_a_number_on_several_boxes_is_found(ledger: Ledger, clock: SetClock) -> None:
    await push(ledger, "1", "2", "3")
    await ledger.tracking.add([of("1"), of("2"), of("3", tracking_number="1Z", voided=True)])
    number = parcel().tracking_number
    assert await ledger.tracking.number_uses([number, "1Z"], NOW - timedelta(days=1)) == {number: ["1", "2"]}
    assert await ledger.tracking.number_uses([number], NOW + timedelta(days=1)) == {}


async def test_boxes_with_parcels_wait_for_their_confirmation(ledger: Ledger) -> None:
    await push(ledger, "1", "2", "3")
    await ledger.tracking.add([of("1"), of("3")])
    await ledger.shipments.move("3", Stage.SHIPPED, expect={Stage.AT_WAREHOUSE})
    assert await ledger.tracking.waiting() == ["1", "3"]
    assert await ledger.tracking.waiting("1") == ["3"]


async def test_a_cursor_stays_where_it_was_put(ledger: Ledger) -> None:
    assert await ledger.tracking.cursor("tracking") == ""
    for value in ("a", "b"):
        await ledger.tracking.set_cursor("tracking", value)
    assert await ledger.tracking.cursor("tracking") == "b"
