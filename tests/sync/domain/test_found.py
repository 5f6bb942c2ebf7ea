"""A look-up proves a push only when state and content agree."""

from __future__ import annotations

import pytest

from cratejoy_tui.sync.domain.found import Comparison, already_there, compare
from cratejoy_tui.sync.domain.order import Found, Lost, OrderLine, OrderState, Receipt
from tests.sync.factories import found, order, ship_to


@pytest.mark.parametrize(
    ("there", "comparison"),
    [
        ((), Comparison.ABSENT),
        ((found(),), Comparison.SAME),
        ((found(state=OrderState.SHIPPED),), Comparison.SAME),
        ((found(lines=None, ship_to=None),), Comparison.SAME),
        ((found(ship_to=ship_to(phone="+1 (555) 0100", to="ADA  example")),), Comparison.SAME),
        ((found(lines=(OrderLine(sku="TEA-01", quantity=1, title="other"),)),), Comparison.SAME),
        ((found(state=OrderState.CANCELLED),), Comparison.CANCELLED),
        ((found(lines=(OrderLine(sku="TEA-01", quantity=2),)),), Comparison.OTHER_CONTENT),
        ((found(lines=()),), Comparison.OTHER_CONTENT),
        ((found(lines=(OrderLine(sku="tea-01", quantity=1),)),), Comparison.OTHER_CONTENT),
        ((found(ship_to=ship_to(unit="")),), Comparison.OTHER_CONTENT),
        ((found(ship_to=ship_to(street="13 Main St")),), Comparison.OTHER_CONTENT),
        ((found(), found(reference="W-2")), Comparison.DUPLICATE),
        ((found(), found(reference="W-2", state=OrderState.CANCELLED)), Comparison.DUPLICATE),
        ((found(number="SUB-41240"),), Comparison.ABSENT),
        ((found(number="sub-4124"),), Comparison.ABSENT),
        ((found(), found(number="SUB-4124-R2", reference="W-2")), Comparison.SAME),
    ],
)
def test_what_is_found_is_set_against_the_order(there: tuple[Found, ...], comparison: Comparison):
    assert compare(order(), there) is comparison


def test_the_order_of_lines_and_how_they_are_split_do_not_matter():
    ours = order(lines=(OrderLine(sku="A", quantity=2), OrderLine(sku="B", quantity=1)))
    theirs = tuple(OrderLine(sku=sku, quantity=1) for sku in "BAA")
    assert compare(ours, [found(lines=theirs)]) is Comparison.SAME


@pytest.mark.parametrize("told", ["", "Ada Example", "ADA  EXAMPLE"])
def test_a_company_that_only_repeats_the_name_is_no_other_address(told: str):
    ours = order(ship_to=ship_to(to="Ada Example", company="Ada Example"))
    assert compare(ours, [found(ship_to=ship_to(to="Ada Example", company=told))]) is Comparison.SAME
    assert compare(ours, [found(ship_to=ship_to(to="Ada Example", company="Acme"))]) is Comparison.OTHER_CONTENT


def test_an_order_that_is_there_is_taken_for_ours_only_when_it_is_the_same():
    assert already_there(order(), [found()], "Acme") == Receipt(number="SUB-4124", reference="W-1")


@pytest.mark.parametrize(
    ("there", "words"),
    [
        ((found(state=OrderState.CANCELLED),), "cancelled"),
        ((found(lines=()),), "with other content"),
        ((found(), found(reference="W-2")), "2 times"),
    ],
)
def test_any_other_order_under_the_number_leaves_ours_to_be_settled(there: tuple[Found, ...], words: str):
    lost = already_there(order(), there, "Acme")
    assert isinstance(lost, Lost)
    assert lost.reason == f"Acme has this number already, {words}; it was not changed"
