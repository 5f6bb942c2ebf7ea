from __future__ import annotations

import pytest

from cratejoy_tui.simulator.floor import take_orders
from cratejoy_tui.simulator.proof import record, verdict
from cratejoy_tui.simulator.puts import put_shipment
from cratejoy_tui.simulator.scenarios import SCENARIOS, order_like_ours
from cratejoy_tui.simulator.world import World
from tests.simulator.conftest import Builder


def play(world: World, *, steps: int = 48) -> None:
    """A plain, honest tool's day: send what is due, once; confirm what left whole, once."""
    sent: set[str] = set()
    for _ in range(steps):
        due = world.db.execute(
            "SELECT s.id FROM shipments s JOIN reading r USING (id) WHERE s.expected='push' AND r.status='unshipped'"
        ).fetchall()
        orders = [order_like_ours(world, id_) for (id_,) in due]
        fresh = [order for order in orders if order["order_number"] not in sent]
        take_orders(world, [order for order in fresh if order["order_number"] not in record(world).received])
        sent |= {order["order_number"] for order in fresh}
        for number, state in world.db.execute("SELECT order_number, state FROM floor_orders").fetchall():
            id_ = int(number.removeprefix("SUB-"))
            status = world.db.execute("SELECT status FROM reading WHERE id=?", (id_,)).fetchone()[0]
            if state == "shipped" and status == "unshipped":
                tracking = next(one for one in record(world).parcels[number] if one)
                put_shipment(world, id_, {"status": "shipped", "tracking_number": tracking})
        world.advance(15 * 60)


@pytest.mark.parametrize("name", list(SCENARIOS))
def test_an_honest_tool_gets_through_every_scenario_with_a_clean_record(name: str, small: Builder) -> None:
    world = small(name, boxes=25)
    world.turn(blank_tracking_share=0)
    play(world)
    found = verdict(world)
    assert world.ended
    assert found.proven, found
    assert (found.lost, found.unconfirmed) == ((), ())
    assert sum(record(world).emails.values()) >= 25


def test_every_case_of_the_contract_is_in_the_calm_day(small: Builder) -> None:
    world = small()
    cases = {name for (name,) in world.db.execute("SELECT case_name FROM shipments WHERE case_name IS NOT NULL")}
    assert {"month-to-month", "prepay", "first-adhoc", "ecom", "add-on", "gift", "claim", "test", "zero-total"} <= cases
    assert {"partial-refund", "full-refund", "owed", "canadian", "empty-sku", "admin-cycle", "labelled"} <= cases


def test_a_past_due_customer_has_a_subscription_but_no_box(small: Builder) -> None:
    world = small()
    found = world.db.execute(
        "SELECT count(*) FROM objects WHERE kind='subscriptions' AND json_extract(doc, '$.status')='past_due'"
    ).fetchone()[0]
    assert found == 1
    with pytest.raises(KeyError):
        world.case("past-due")


def test_the_crowd_is_as_large_as_asked_and_all_due(small: Builder) -> None:
    world = small("billing-day", boxes=200)
    rows = world.db.execute(
        "SELECT billing_type, count(*) FROM shipments JOIN reading USING (id) WHERE case_name IS NULL"
        " AND expected='push' GROUP BY 1"
    ).fetchall()
    assert sum(count for _, count in rows) == 200
    assert {kind for kind, _ in rows} == {"standard", "adhoc", "ecom"}


def test_moving_over_finds_orders_of_another_tool_at_the_warehouse(small: Builder) -> None:
    world = small("moving-over", boxes=20)
    assert len(record(world).received) == 8
    assert len(record(world).parcels) == 2
    assert verdict(world).unwanted_orders == ()


def test_late_cancels_really_happen(small: Builder) -> None:
    world = small("late-cancels", boxes=30)
    before = world.db.execute("SELECT count(*) FROM reading WHERE status='cancelled'").fetchone()[0]
    world.advance(11 * 3600)
    after = world.db.execute("SELECT count(*) FROM reading WHERE status='cancelled'").fetchone()[0]
    assert after - before > 5
