"""The verdict must see what a bad tool does; a verdict that cannot fail proves nothing."""

from __future__ import annotations

import pytest

from cratejoy_tui.simulator.changes import cancel
from cratejoy_tui.simulator.floor import cancel_order, ship_now, take_orders, void
from cratejoy_tui.simulator.proof import record, verdict
from cratejoy_tui.simulator.puts import put_shipment
from cratejoy_tui.simulator.world import World
from tests.simulator.conftest import Builder, an_order


@pytest.fixture
def world(small: Builder) -> World:
    made = small()
    made.turn(delivery="look-up")
    return made


def confirm(world: World, id_: int, tracking: str | None) -> None:
    put_shipment(world, id_, {"status": "shipped", "tracking_number": tracking})


def push(world: World, number: str) -> None:
    take_orders(world, [an_order(number, "A", "B")])


def test_a_box_sent_and_confirmed_once_is_clean(world: World) -> None:
    box = world.case("gift")
    push(world, f"SUB-{box}")
    confirm(world, box, ship_now(world, f"SUB-{box}")[0])
    found = verdict(world)
    assert found.proven
    assert str(box) not in found.lost + found.unconfirmed
    assert record(world).emails == {str(box): 1}
    assert record(world).puts == {str(box): 1}


def test_a_second_order_is_seen_even_after_it_was_cancelled(world: World) -> None:
    box = world.case("ecom")
    push(world, str(box))
    push(world, str(box))
    cancel_order(world, str(box), "oops")
    assert verdict(world).duplicated_orders == (str(box),)
    assert not verdict(world).proven


def test_a_box_sent_anew_while_the_first_order_is_open_is_a_duplicate(world: World) -> None:
    box = world.case("gift")
    push(world, f"SUB-{box}")
    push(world, f"SUB-{box}-R2")
    assert verdict(world).duplicated_orders == (f"SUB-{box}-R2",)


@pytest.mark.parametrize("end", ["cancelled", "shipped"])
def test_a_box_sent_anew_after_the_first_order_ended_is_none(world: World, end: str) -> None:
    box = world.case("gift")
    push(world, f"SUB-{box}")
    if end == "cancelled":
        cancel_order(world, f"SUB-{box}", "resend")
    else:
        ship_now(world, f"SUB-{box}")
    push(world, f"SUB-{box}-R2")
    assert verdict(world).duplicated_orders == ()
    confirm(world, box, ship_now(world, f"SUB-{box}-R2")[0])
    assert verdict(world).proven


def test_a_number_of_another_box_is_a_wrong_confirmation(world: World) -> None:
    one, two = world.case("gift"), world.case("ecom")
    push(world, f"SUB-{one}")
    push(world, str(two))
    tracking = ship_now(world, f"SUB-{one}")[0]
    ship_now(world, str(two))
    confirm(world, two, tracking)
    assert verdict(world).wrong_confirmations == (str(two),)


def test_an_invented_number_and_a_box_never_sent_are_wrong_confirmations(world: World) -> None:
    one, two = world.case("gift"), world.case("ecom")
    confirm(world, one, "9400100000000000000001")
    confirm(world, two, None)
    assert set(verdict(world).wrong_confirmations) == {str(one), str(two)}


def test_confirming_a_cancelled_box_is_wrong_though_the_number_is_right(world: World) -> None:
    box = world.case("ecom")
    push(world, str(box))
    tracking = ship_now(world, str(box))[0]
    cancel(world, box)
    confirm(world, box, tracking)
    assert verdict(world).wrong_confirmations == (str(box),)


def test_a_number_voided_before_it_was_confirmed_is_late_and_not_wrong(world: World) -> None:
    box = world.case("ecom")
    push(world, str(box))
    tracking = ship_now(world, str(box))[0]
    for (reference,) in world.db.execute("SELECT reference FROM parcels").fetchall():
        void(world, reference)
    confirm(world, box, tracking)
    assert verdict(world).proven


def test_a_customer_told_twice_is_seen(world: World) -> None:
    box = world.case("ecom")
    push(world, str(box))
    tracking = ship_now(world, str(box))[0]
    confirm(world, box, tracking)
    confirm(world, box, tracking)
    assert verdict(world).double_emails == (str(box),)


def test_a_confirmation_without_a_number_is_wrong_only_for_a_box_that_never_left(world: World) -> None:
    box, other = world.case("ecom"), world.case("zero-total")
    push(world, str(box))
    ship_now(world, str(box))
    confirm(world, box, None)
    assert verdict(world).proven
    confirm(world, other, None)
    assert verdict(world).wrong_confirmations == (str(other),)


@pytest.mark.parametrize("case", ["test", "cancelled", "shipped"])
def test_orders_that_must_never_go_out_are_seen(world: World, case: str) -> None:
    push(world, str(world.case(case)))
    push(world, "SUB-1")
    assert set(verdict(world).unwanted_orders) == {str(world.case(case)), "SUB-1"}


def test_a_box_of_next_month_that_leaves_now_is_seen(world: World) -> None:
    later = world.case("gift") + 1
    push(world, f"SUB-{later}")
    push(world, f"SUB-{world.case('postponed')}")
    world.advance(3600)
    assert verdict(world).early_orders == (f"SUB-{later}",)
    assert not verdict(world).proven
    assert verdict(world, days_ahead=40).proven


def test_a_due_box_that_never_arrived_is_lost_until_it_is_cancelled(world: World) -> None:
    box = world.case("ecom")
    assert str(box) in verdict(world).lost
    cancel(world, box)
    assert str(box) not in verdict(world).lost


def test_a_box_that_left_and_was_not_confirmed_is_seen(world: World) -> None:
    box = world.case("ecom")
    push(world, str(box))
    ship_now(world, str(box))
    assert verdict(world).unconfirmed == (str(box),)
