"""The order made from a shipment: number, suffix, aliases, kits, ship code, ship-to."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratejoy_tui.sync.domain.build import build_order, order_hash, order_number
from cratejoy_tui.sync.domain.filters import FILTER_FIELDS, refusing_filter
from cratejoy_tui.sync.domain.order import Order, OrderLine
from cratejoy_tui.sync.domain.plan import Hold
from cratejoy_tui.sync.domain.reason import Reason
from cratejoy_tui.sync.domain.rules import (
    ItemFilters,
    OnUnlistedItem,
    OrderFilter,
    Rules,
    ShipCodeBy,
    SkuSuffix,
    StandardTarget,
)
from cratejoy_tui.sync.domain.shipment import Batch, Billing, Shipment
from tests.sync.factories import NOW, add_on, ecom, line, order, sale, ship_to, shipment, standard

CYCLE = Rules(sku_suffix=SkuSuffix.CYCLE)
YYMM = Rules(sku_suffix=SkuSuffix.YYMM)
YEARWEEK = Rules(sku_suffix=SkuSuffix.YEARWEEK)


def built(box: Shipment, rules: Rules | None = None, **more: object) -> Order:
    made = build_order(box, rules or Rules(), NOW, **more)  # type: ignore[arg-type]
    assert isinstance(made, Order), made
    return made


def refused(box: Shipment, rules: Rules | None = None) -> Hold:
    made = build_order(box, rules or Rules(), NOW)
    assert isinstance(made, Hold), made
    return made


def skus(box: Shipment, rules: Rules) -> dict[str, int]:
    return {one.sku: one.quantity for one in built(box, rules).lines}


def test_the_ordinary_box_becomes_the_ordinary_order():
    assert built(shipment()) == order()


@pytest.mark.parametrize(
    ("box", "generation", "number"),
    [
        (ecom(), 1, "4124"),
        (shipment(), 1, "SUB-4124"),
        (standard(), 1, "SUB-4124"),
        (shipment(), 2, "SUB-4124-R2"),
        (ecom(), 3, "4124-R3"),
        (ecom(id="9007199254740993"), 1, "9007199254740993"),
        (shipment(id="4294967296"), 1, "SUB-4294967296"),
        (shipment(queried_as=None, subscriptions=()), 1, ""),
    ],
)
def test_the_order_number_is_the_whole_id_with_its_prefix(box: Shipment, generation: int, number: str):
    assert order_number(box, generation) == number


@given(st.integers(1, 2**70), st.integers(1, 99))
def test_no_two_boxes_or_generations_share_a_number(number: int, generation: int):
    mine = order_number(shipment(id=str(number)), generation)
    assert str(number) in mine
    assert mine != order_number(shipment(id=str(number)), generation + 1)
    assert mine != order_number(ecom(id=str(number)), generation)


def test_pieces_of_one_sku_are_one_line_whatever_order_cratejoy_lists_them_in():
    lines = [line(id="1"), add_on(id="2", quantity=3), line(id="3", title="Tea"), add_on(id="4")]
    orders = set()
    for seed in range(5):
        random.Random(seed).shuffle(lines)
        orders.add(built(shipment(lines=tuple(lines))))
    assert len(orders) == 1
    assert orders.pop().lines == (
        OrderLine(sku="MUG-01", quantity=4, title="Mug"),
        OrderLine(sku="TEA-01", quantity=2, title="Tea box"),
    )


def test_cancelled_and_closed_lines_are_left_out():
    box = shipment(lines=(line(), add_on(status="cancelled"), add_on(status="closed")))
    assert skus(box, Rules()) == {"TEA-01": 1}


@pytest.mark.parametrize(
    ("box", "reason", "says"),
    [
        (shipment(lines=(line(sku=""),)), Reason.NO_SKU, "line 71"),
        (shipment(lines=(line(status="cancelled"),)), Reason.NOTHING_TO_SEND, "no line"),
        (shipment(lines=()), Reason.NOTHING_TO_SEND, "no line"),
        (shipment(lines=(line(quantity=0),)), Reason.UNREADABLE, "0 pieces"),
        (shipment(lines=(line(), add_on(status="backordered"))), Reason.UNREADABLE, "backordered"),
        (shipment(queried_as=None, subscriptions=()), Reason.UNCLASSIFIED, "standard"),
    ],
)
def test_a_box_without_a_clear_content_becomes_no_order(box: Shipment, reason: Reason, says: str):
    hold = refused(box)
    assert (hold.shipment_id, hold.reason) == ("4124", reason)
    assert says in hold.detail


@pytest.mark.parametrize(
    ("target", "rules", "sku"),
    [
        (datetime(2017, 4, 15, 12, tzinfo=UTC), YYMM, "TEA-01-1704"),
        (datetime(2026, 12, 1, 7, 59, tzinfo=UTC), YYMM, "TEA-01-2611"),  # still November in Los Angeles
        (datetime(2026, 12, 1, 8, tzinfo=UTC), YYMM, "TEA-01-2612"),
        (datetime(2017, 2, 22, 12, tzinfo=UTC), YEARWEEK, "TEA-01-1708"),
        (datetime(2027, 1, 4, 12, tzinfo=UTC), YEARWEEK, "TEA-01-2701"),
        (datetime(2024, 12, 30, 12, tzinfo=UTC), YEARWEEK, "TEA-01-2501"),  # the last days of a year in week 1
        (datetime(2022, 1, 1, 12, tzinfo=UTC), YEARWEEK, "TEA-01-2152"),  # the first day of a year in week 52
    ],
)
def test_the_suffix_follows_the_target_date_in_the_stores_zone(target: datetime, rules: Rules, sku: str):
    assert skus(shipment(adjusted_ordered_at=target), rules) == {sku: 1}


@given(st.dates(date(2000, 1, 3), date(2090, 12, 31)))
def test_the_week_suffix_is_the_iso_week_or_a_hold(day: date):
    box = shipment(adjusted_ordered_at=datetime(day.year, day.month, day.day, 20, tzinfo=UTC))
    made = build_order(box, YEARWEEK, NOW)
    year, week, _ = day.isocalendar()
    if week == 53:
        assert isinstance(made, Hold)
        assert made.reason == Reason.WEEK_53
    else:
        assert isinstance(made, Order)
        assert made.lines[0].sku == f"TEA-01-{year % 100:02d}{week:02d}"


def test_week_53_goes_when_a_person_releases_it():
    box = shipment(adjusted_ordered_at=datetime(2026, 12, 30, 20, tzinfo=UTC))
    assert refused(box, YEARWEEK).reason == Reason.WEEK_53
    assert built(box, YEARWEEK, approved=("WEEK_53",)).lines[0].sku == "TEA-01-2653"


def test_a_batch_end_at_midnight_gives_the_suffix_of_the_month_before():
    rules = Rules(sku_suffix=SkuSuffix.YYMM, standard_target=StandardTarget.BATCH_END)
    box = standard(batch=Batch(end=datetime(2026, 12, 1, 8, tzinfo=UTC)))
    assert skus(box, rules) == {"TEA-01-2611": 1}


@pytest.mark.parametrize(("cycle", "sku"), [(1, "TEA-01-1"), (2, "TEA-01-2"), (13, "TEA-01-13")])
def test_the_cycle_suffix_counts_boxes_across_renewals(cycle: int, sku: str):
    assert skus(shipment(sub_cycle=cycle, lines=(line(cycle_number=0),)), CYCLE) == {sku: 1}


@pytest.mark.parametrize("cycle", [None, 0, -1])
def test_a_box_without_a_cycle_is_held(cycle: int | None):
    assert refused(shipment(sub_cycle=cycle), CYCLE).reason == Reason.NO_CYCLE


def test_a_box_without_a_date_gets_no_invented_suffix():
    assert refused(shipment(adjusted_ordered_at=None), YYMM).reason == Reason.NO_TARGET_DATE


def test_only_subscription_lines_are_suffixed():
    assert skus(shipment(lines=(line(), add_on())), CYCLE) == {"TEA-01-2": 1, "MUG-01": 1}
    assert skus(ecom(), CYCLE) == {"MUG-01": 1}


@pytest.mark.parametrize(
    ("aliases", "sku"),
    [
        ({}, "TEA-01-2"),
        ({"TEA-01": "T1"}, "T1-2"),
        ({"TEA-01-2": "SECOND"}, "SECOND"),
        ({"TEA-01": "T1", "TEA-01-2": "SECOND"}, "SECOND"),
        ({"TEA-01-3": "THIRD"}, "TEA-01-2"),
    ],
)
def test_an_alias_of_the_suffixed_sku_wins_and_one_of_the_raw_sku_keeps_the_suffix(aliases: dict[str, str], sku: str):
    assert skus(shipment(), replace(CYCLE, aliases=aliases)) == {sku: 1}


def test_kits_are_taken_apart_after_aliases_and_merged_with_single_pieces():
    rules = Rules(aliases={"TEA-01": "KIT"}, kits={"KIT": {"LEAF": 2, "MUG-01": 1}})
    box = shipment(lines=(line(quantity=3), add_on()))
    assert skus(box, rules) == {"LEAF": 6, "MUG-01": 4}


@given(st.lists(st.tuples(st.sampled_from("ABCK"), st.integers(1, 9)), min_size=1, max_size=12))
def test_no_piece_is_lost_or_made_up(pieces: list[tuple[str, int]]):
    rules = Rules(kits={"K": {"A": 2, "X": 1}}, aliases={"B": "A"})
    box = shipment(lines=tuple(line(sku=sku, quantity=quantity) for sku, quantity in pieces))
    total = sum(quantity * (3 if sku == "K" else 1) for sku, quantity in pieces)
    made = built(box, rules)
    assert sum(one.quantity for one in made.lines) == total
    assert len({one.sku for one in made.lines}) == len(made.lines)


@pytest.mark.parametrize(
    ("box", "by", "code"),
    [
        (ecom(), ShipCodeBy.ORDER_TYPE, "ORDER"),
        (shipment(), ShipCodeBy.ORDER_TYPE, "SUBSCRIPTION"),
        (shipment(lines=(line(), add_on())), ShipCodeBy.ORDER_TYPE, "SUBSCRIPTION"),
        (ecom(), ShipCodeBy.SHIPPING_CHARGE, "FREE"),
        (ecom(lines=(add_on(shipping_cents=499),)), ShipCodeBy.SHIPPING_CHARGE, "CHARGED"),
        (ecom(lines=(add_on(), add_on(shipping_cents=1))), ShipCodeBy.SHIPPING_CHARGE, "CHARGED"),
        (ecom(lines=(add_on(), add_on(status="cancelled", shipping_cents=1))), ShipCodeBy.SHIPPING_CHARGE, "FREE"),
    ],
)
def test_the_ship_code_is_made_by_setting(box: Shipment, by: ShipCodeBy, code: str):
    assert built(box, Rules(order_ship_code=by)).ship_code == code


def test_the_ship_code_map_translates_and_may_reject_what_it_lacks():
    rules = Rules(ship_codes={"SUBSCRIPTION": "GROUND"}, reject_unmapped_ship_codes=True)
    assert built(shipment(), rules).ship_code == "GROUND"
    assert refused(ecom(), rules).reason == Reason.SHIP_CODE_UNMAPPED
    assert built(ecom(), replace(rules, reject_unmapped_ship_codes=False)).ship_code == "ORDER"
    assert built(ecom(), rules, approved=("SHIP_CODE_UNMAPPED",)).ship_code == "ORDER"


def test_ship_to_and_gift_message_are_taken_over_whole():
    address = ship_to(company="Acme", unit="Flat 7", phone="+1 555")
    made = built(shipment(ship_to=address, gift_message="Happy birthday\nAda"))
    assert made.ship_to is address
    assert made.gift_message == "Happy birthday\nAda"


def test_the_order_date_is_the_earliest_sale_of_the_open_lines():
    early, late = NOW - timedelta(days=30), NOW - timedelta(days=2)
    lines = (line(sale=sale(placed_at=late)), add_on(sale=sale(placed_at=early)))
    assert built(shipment(lines=lines)).ordered_at == early
    assert built(shipment(lines=(line(sale=None),))).ordered_at == shipment().created_at


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        (ItemFilters(), {"TEA-01": 1, "MUG-01": 1}),
        (ItemFilters(deny=("mug-*",)), {"TEA-01": 1}),
        (ItemFilters(allow=("TEA-*",)), {"TEA-01": 1}),
        (ItemFilters(allow=("*",), deny=("TEA-??",)), {"MUG-01": 1}),
        (ItemFilters(allow=("TEA-*",), on_unlisted=OnUnlistedItem.REFUSE_ORDER), None),
        (ItemFilters(deny=("*",)), None),
    ],
)
def test_item_filters_drop_lines_or_refuse_the_order(filters: ItemFilters, left: dict[str, int] | None):
    box, rules = shipment(lines=(line(), add_on())), Rules(item_filters=filters)
    if left is None:
        assert refused(box, rules).reason == Reason.FILTERED
        assert len(built(box, rules, approved=("FILTERED",)).lines) == 2
    else:
        assert skus(box, rules) == left


def test_item_filters_look_at_the_raw_sku_and_never_hide_a_missing_one():
    rules = Rules(item_filters=ItemFilters(allow=("TEA-01",)), aliases={"TEA-01": "T1"})
    assert skus(shipment(), rules) == {"T1": 1}
    assert refused(shipment(lines=(line(), add_on(sku=""))), rules).reason == Reason.NO_SKU


def _require(field: str, pattern: str) -> OrderFilter:
    return OrderFilter(field=field, pattern=pattern)


def _exclude(field: str, pattern: str) -> OrderFilter:
    return OrderFilter(field=field, pattern=pattern, action="exclude")


@pytest.mark.parametrize(
    ("filters", "passes"),
    [
        ((), True),
        ((_require("country", "us"),), True),
        ((_require("country", "CA"),), False),
        ((_require("country", "CA"), _require("country", "US")), True),
        ((_require("country", "US"), _require("state", "CA")), False),
        ((_exclude("sku", "tea-*"),), False),
        ((_exclude("sku", "mug-*"),), True),
        ((_require("zip", "627*"), _exclude("city", "Chicago")), True),
        ((_require("gift", "no"),), True),
        ((_exclude("billing", "adhoc"),), False),
        ((_require("ship_code", "SUBSCRIPTION"),), True),
        ((_exclude("to", "ada *"),), False),
        ((_exclude("company", "?*"),), True),
    ],
)
def test_order_filters_require_or_exclude(filters: tuple[OrderFilter, ...], passes: bool):
    rule = refusing_filter(shipment(), Billing.ADHOC, "SUBSCRIPTION", Rules(order_filters=filters))
    assert (rule is None) is passes


@pytest.mark.parametrize("field", sorted(FILTER_FIELDS))
def test_every_field_a_filter_may_name_can_be_looked_at(field: str):
    assert refusing_filter(shipment(), None, "", Rules(order_filters=(_require(field, "*"),))) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"number": "SUB-1"},
        {"ship_code": "X"},
        {"gift_message": "hi"},
        {"ship_to": ship_to(unit="")},
        {"lines": (OrderLine(sku="TEA-01", quantity=2),)},
        {"lines": (OrderLine(sku="TEA-02", quantity=1),)},
    ],
)
def test_the_order_hash_changes_with_what_is_packed_and_where_it_goes(changes: dict[str, object]):
    assert order_hash(order(**changes)) != order_hash(order())


def test_the_order_hash_does_not_change_with_titles_or_the_day():
    other = order(lines=(OrderLine(sku="TEA-01", quantity=1, title="New"),), requested_ship_date=None, ordered_at=None)
    assert order_hash(other) == order_hash(order())
