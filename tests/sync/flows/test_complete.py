"""The three-way comparison: every way in which Cratejoy, the ledger and the warehouse can disagree."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest

from cratejoy_tui.sync.domain.order import OrderState
from cratejoy_tui.sync.domain.rules import Rules
from cratejoy_tui.sync.domain.shipment import Billing
from cratejoy_tui.sync.flows.complete import Reconciled, reconcile
from cratejoy_tui.sync.flows.disagreement import NEXT_STEPS, Missing
from tests.sync.factories import NOW, ecom, line, sale, shipment, standard
from tests.sync.flows.conftest import MakeRig


def kinds(reconciled: Reconciled) -> list[tuple[Missing, str]]:
    return [(one.kind, one.shipment_id) for one in reconciled.disagreements]


def test_every_disagreement_says_what_to_do() -> None:
    assert NEXT_STEPS.keys() == set(Missing)


async def test_all_well_is_complete_and_silent(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(), ecom(id="5"), standard(id="6"))
    await rig.push()
    reconciled = await reconcile(rig.desk)
    assert reconciled.complete
    assert (reconciled.listed, reconciled.open_here, reconciled.asked_there) == (3, 3, 3)
    assert reconciled.disagreements == ()


async def test_a_listed_box_that_was_never_pulled_is_named(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    reconciled = await reconcile(rig.desk)
    [one] = reconciled.disagreements
    assert (one.kind, one.number, one.cratejoy, one.ledger) == (
        Missing.NOT_PULLED,
        "SUB-4124",
        "unshipped",
        "unknown",
    )


async def test_boxes_of_a_type_that_is_off_are_counted_not_missed(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    rig.rules = Rules(pull_adhoc=False)
    reconciled = await reconcile(rig.desk)
    assert (reconciled.listed, reconciled.not_wanted, reconciled.disagreements) == (1, 1, ())


async def test_boxes_older_than_the_first_date_are_owed_whether_pulled_or_not(make_rig: MakeRig) -> None:
    old = (line(sale=sale(placed_at=NOW - timedelta(days=400))),)
    rig = await make_rig(shipment(id="1", lines=old))
    rig.rules = Rules(earliest_order_date=date(2026, 11, 1))
    await rig.pull()
    rig.source.put(shipment(id="2", lines=old), shipment(id="3"))
    assert (await reconcile(rig.desk)).owed == ("1", "2")


async def test_a_box_cancelled_elsewhere_is_missed_until_we_noticed(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.push()
    rig.source.change("4124", status="cancelled")
    assert kinds(await reconcile(rig.desk)) == [(Missing.NOT_LISTED, "4124"), (Missing.ONLY_AT_WAREHOUSE, "4124")]
    await rig.pull()
    assert kinds(await reconcile(rig.desk)) == [(Missing.ONLY_AT_WAREHOUSE, "4124")]


async def test_a_box_moved_to_a_later_date_is_not_missed(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.pull()
    rig.source.change("4124", adjusted_ordered_at=NOW + timedelta(days=60))
    assert (await reconcile(rig.desk)).disagreements == ()


async def test_nothing_is_concluded_from_a_list_that_was_cut_short(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(id="1"), shipment(id="2"))
    await rig.pull()
    rig.source.change("2", status="cancelled")
    rig.source.cut_short = {Billing.ADHOC}
    reconciled = await reconcile(rig.desk)
    assert not reconciled.complete
    assert reconciled.problems == ("Cratejoy's list of adhoc shipments is incomplete: page 2 did not come.",)
    assert Missing.NOT_LISTED not in reconciled.counts


async def test_without_cratejoy_nothing_is_missing_and_nothing_is_complete(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.push()
    rig.source.is_down = True
    reconciled = await reconcile(rig.desk)
    assert not reconciled.complete
    assert reconciled.disagreements == ()


@pytest.mark.parametrize(
    ("state", "missing"),
    [
        (OrderState.CANCELLED, [Missing.CANCELLED_THERE]),
        (OrderState.SHIPPED, [Missing.SHIPPED_THERE]),
        (OrderState.OPEN, []),
    ],
)
async def test_the_warehouse_can_be_ahead_of_us(make_rig: MakeRig, state: OrderState, missing: list[Missing]) -> None:
    rig = await make_rig(shipment())
    await rig.push()
    rig.warehouse.put("SUB-4124", state)
    assert [kind for kind, _ in kinds(await reconcile(rig.desk))] == missing


async def test_an_order_the_warehouse_lost_is_named(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.push()
    rig.warehouse.orders.clear()
    [one] = (await reconcile(rig.desk)).disagreements
    assert (one.kind, one.ledger, one.warehouse) == (Missing.NOT_AT_WAREHOUSE, "at warehouse", "absent")


async def test_an_order_there_that_this_ledger_never_sent_is_named(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.pull()
    rig.warehouse.put("SUB-4124")
    assert kinds(await reconcile(rig.desk)) == [(Missing.NOT_HANDED_OVER, "4124")]


async def test_two_orders_under_one_number_are_named(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.push()
    rig.warehouse.orders["SUB-4124"] *= 2
    assert kinds(await reconcile(rig.desk)) == [(Missing.TWICE_THERE, "4124")]


async def test_an_order_cancelled_here_but_open_there_is_named(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.push()
    rig.source.change("4124", status="cancelled")
    await rig.pull()
    await rig.ledger.shipments.move("4124", "cancelled", expect={"at warehouse"})  # type: ignore[arg-type]
    assert kinds(await reconcile(rig.desk)) == [(Missing.ONLY_AT_WAREHOUSE, "4124")]


async def test_a_confirmed_box_that_cratejoy_still_lists_is_named(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.confirm("SUB-4124")
    rig.source.change("4124", status="unshipped", shipped_at=None, tracking_number="")
    assert (Missing.LISTED_THOUGH_CLOSED, "4124") in kinds(await reconcile(rig.desk))


async def test_a_warehouse_that_cannot_be_asked_is_left_out(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(), can_find=False)
    await rig.pull()
    reconciled = await reconcile(rig.desk)
    assert reconciled.asked_there is None
    assert reconciled.complete


async def test_a_warehouse_that_is_down_is_a_problem_of_its_own(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.push()
    rig.warehouse.is_down = True
    reconciled = await reconcile(rig.desk)
    assert reconciled.complete
    assert reconciled.problems == ("Cellar could not be reached: no route.",)
    assert reconciled.disagreements == ()


async def test_the_comparison_can_be_written_as_json(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    told = msgspec.json.decode(msgspec.json.encode(await reconcile(rig.desk)))
    assert told["disagreements"][0]["kind"] == "in Cratejoy's list, unknown to the ledger"
