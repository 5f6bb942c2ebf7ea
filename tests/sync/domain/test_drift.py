"""What changed in Cratejoy since the push; the passing of days alone is no change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from cratejoy_tui.sync.domain.build import build_order
from cratejoy_tui.sync.domain.drift import Difference, Remedy, differences, drift, remedy
from cratejoy_tui.sync.domain.order import Order, OrderLine
from cratejoy_tui.sync.domain.rules import Rules, SkuSuffix
from tests.sync.factories import NOW, add_on, line, order, ship_to, shipment


def sent(rules: Rules | None = None) -> Order:
    made = build_order(shipment(), rules or Rules(), NOW)
    assert isinstance(made, Order)
    return made


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, []),
        ({"ship_to": ship_to(unit="", street="1 New Rd")}, ["ship-to street", "ship-to unit"]),
        ({"gift_message": "For you"}, ["gift message"]),
        ({"adjusted_ordered_at": NOW + timedelta(days=4)}, ["requested ship date"]),
        ({"lines": (line(quantity=2),)}, ["quantity of TEA-01"]),
        ({"lines": (line(), add_on())}, ["quantity of MUG-01"]),
        ({"lines": (line(title="New name"),)}, []),
        ({"lines": (line(status="cancelled"),)}, ["order"]),
        ({"status": "shipped", "tracking_number": "1"}, []),
    ],
)
def test_each_changed_field_is_named(changes: dict[str, Any], fields: list[str]):
    assert [difference.field for difference in drift(sent(), shipment(**changes), Rules(), NOW)] == fields


def test_a_difference_shows_both_sides():
    changed = shipment(lines=(line(), add_on(quantity=3)))
    assert drift(sent(), changed, Rules(), NOW) == (Difference("quantity of MUG-01", "0", "3"),)


def test_days_that_pass_are_no_drift():
    old = shipment(adjusted_ordered_at=NOW - timedelta(days=30))
    made = build_order(old, Rules(), NOW)
    assert isinstance(made, Order)
    later = build_order(old, Rules(), NOW + timedelta(days=5))
    assert isinstance(later, Order)
    assert differences(made, later) != ()
    assert drift(made, old, Rules(), NOW) == ()


def test_a_moved_date_shows_the_sku_it_would_have_now():
    rules = Rules(sku_suffix=SkuSuffix.YYMM)
    moved = shipment(adjusted_ordered_at=NOW + timedelta(days=10))
    assert {d.field for d in drift(sent(rules), moved, rules, NOW)} == {
        "quantity of TEA-01-2611",
        "quantity of TEA-01-2612",
        "requested ship date",
    }


def test_released_reasons_are_released_for_the_comparison_too():
    rules = Rules(reject_unmapped_ship_codes=True)
    assert drift(sent(), shipment(), rules, NOW, ("SHIP_CODE_UNMAPPED",)) == ()
    assert drift(sent(), shipment(), rules, NOW)[0].now.startswith("SHIP_CODE_UNMAPPED")


def test_the_same_order_never_differs_from_itself():
    made = order(lines=(OrderLine(sku="A", quantity=1), OrderLine(sku="B", quantity=2)))
    assert differences(made, replace(made, ordered_at=None)) == ()


def test_the_gentlest_remedy_the_warehouse_knows_is_offered():
    assert remedy(can_edit=True, can_cancel=True) is Remedy.EDIT
    assert remedy(can_edit=False, can_cancel=True) is Remedy.RECALL
    assert remedy(can_edit=False, can_cancel=False) is Remedy.CALL
