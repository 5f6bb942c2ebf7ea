"""Every rule is judged and kept; the first that fails is the reason; time, release and settings change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from cratejoy_tui.sync.domain.eligibility import Judgement, judge
from cratejoy_tui.sync.domain.reason import READ_AGAIN, RELEASABLE, Reason
from cratejoy_tui.sync.domain.rules import (
    InactiveSubscription,
    ItemFilters,
    OnUnlistedItem,
    OpenBatch,
    OrderFilter,
    Rules,
    SkuSuffix,
)
from cratejoy_tui.sync.domain.shipment import Batch, Label, Shipment, ShipTo, Subscription
from cratejoy_tui.sync.domain.stage import OPEN_STAGES, Stage
from tests.sync.factories import NOW, add_on, ecom, line, order, sale, ship_to, shipment, standard

FAR = NOW + timedelta(days=90)
TICK = timedelta(microseconds=1)


def judged(box: Shipment, rules: Rules | None = None, now: datetime = NOW, **more: Any) -> Judgement:
    return judge(box, rules or Rules(), now, **more)


def subscribed(status: str, **changes: Any) -> Shipment:
    return standard(subscriptions=(Subscription(id="55", status=status, rebill_day=15, has_billing=True),), **changes)


def paying(**changes: Any) -> Shipment:
    return shipment(lines=(line(sale=sale(**changes)),))


@pytest.mark.parametrize("box", [shipment(), ecom(), standard(), shipment(lines=(line(), add_on()))])
def test_an_ordinary_box_passes_every_rule_and_gives_its_order(box: Shipment):
    judgement = judged(box)
    assert [verdict for verdict in judgement.verdicts if not verdict.passed] == []
    assert sorted({verdict.rule for verdict in judgement.verdicts}) == list(range(10))
    assert (judgement.reason, judgement.flags, judgement.read_again) == ("", (), False)
    assert judgement.order is not None
    assert judgement.order.shipment_id == box.id
    assert judgement.target_at == box.adjusted_ordered_at


def test_the_order_is_the_one_that_building_gives():
    assert judged(shipment()).order == order()


HELD: list[tuple[Shipment, dict[str, Any], int, Reason, str]] = [
    (shipment(unreadable="lines is no list"), {}, 0, Reason.UNREADABLE, "lines is no list"),
    (ecom(), {"pull_ecommerce": False}, 1, Reason.TYPE_OFF, "ecom"),
    (shipment(), {"pull_adhoc": False}, 1, Reason.TYPE_OFF, "adhoc"),
    (standard(), {"pull_standard": False}, 1, Reason.TYPE_OFF, "standard"),
    (shipment(is_test=True), {}, 2, Reason.TEST, "test mode"),
    (shipment(lines=(line(), add_on(sale=sale(is_test=True)))), {}, 2, Reason.TEST, "test mode"),
    (shipment(status="cancelled"), {}, 3, Reason.CANCELLED, "cancelled"),
    (shipment(status="shipped"), {}, 3, Reason.SHIPPED, "shipped"),
    (shipment(tracking_number="9400"), {}, 3, Reason.SHIPPED, "tracking"),
    (shipment(shipped_at=NOW), {}, 3, Reason.SHIPPED, "ship date"),
    (shipment(status="teleported"), {}, 3, Reason.UNREADABLE, "teleported"),
    (shipment(labels=(Label(carrier="USPS"),)), {}, 3, Reason.LABELLED, "label"),
    (paying(financial_status="unpaid"), {}, 4, Reason.UNPAID, "unpaid"),
    (paying(financial_status="never heard of"), {}, 4, Reason.UNPAID, "never heard of"),
    (paying(financial_status=""), {}, 4, Reason.UNPAID, "line 71"),
    (shipment(lines=(line(sale=None),)), {}, 4, Reason.UNPAID, "line 71"),
    (shipment(lines=(line(), add_on(sale=sale(financial_status="unpaid")))), {}, 4, Reason.UNPAID, "unpaid"),
    (paying(refunded_cents=3000), {}, 4, Reason.REFUNDED, "in full"),
    (paying(refunded_cents=9999), {}, 4, Reason.REFUNDED, "in full"),
    (paying(financial_status="refunded"), {}, 4, Reason.REFUNDED, "in full"),
    (paying(financial_status="partially_refunded"), {}, 4, Reason.UNPAID, "partially_refunded"),
    (subscribed("cancelled"), {}, 5, Reason.SUBSCRIPTION_NOT_ACTIVE, "cancelled"),
    (subscribed("past due"), {}, 5, Reason.SUBSCRIPTION_NOT_ACTIVE, "past_due"),
    (standard(subscriptions=()), {}, 5, Reason.SUBSCRIPTION_NOT_ACTIVE, "not known"),
    (shipment(adjusted_ordered_at=FAR), {}, 6, Reason.NOT_DUE, "2027-02-21"),
    (shipment(adjusted_ordered_at=None), {}, 6, Reason.NOT_DUE, "no target date"),
    (standard(adjusted_ordered_at=FAR), {}, 6, Reason.NOT_DUE, "2027-02-21"),
    (standard(batch=Batch(end=NOW + TICK)), {}, 6, Reason.BATCH_OPEN, "2026-11-23"),
    (shipment(), {"earliest_order_date": date(2026, 11, 21)}, 7, Reason.TOO_OLD, "2026-11-20"),
    (
        shipment(created_at=None, lines=(line(sale=sale(placed_at=None)),)),
        {"earliest_order_date": date(2020, 1, 1)},
        7,
        Reason.TOO_OLD,
        "no date",
    ),
    (shipment(), {"order_filters": (OrderFilter(field="country", pattern="CA"),)}, 8, Reason.FILTERED, "country"),
    (shipment(), {"item_filters": ItemFilters(deny=("TEA*",))}, 8, Reason.FILTERED, "TEA-01"),
    (
        shipment(lines=(line(), add_on())),
        {"item_filters": ItemFilters(deny=("TEA*",), on_unlisted=OnUnlistedItem.REFUSE_ORDER)},
        8,
        Reason.FILTERED,
        "TEA-01",
    ),
    (shipment(queried_as=None, subscriptions=()), {}, 9, Reason.UNCLASSIFIED, "does not say"),
    (shipment(lines=(line(sku=""),)), {}, 9, Reason.NO_SKU, "line 71"),
    (shipment(lines=(line(status="cancelled"),)), {}, 9, Reason.NOTHING_TO_SEND, "no line"),
    (standard(lines=(line(status="cancelled"),)), {}, 9, Reason.NOTHING_TO_SEND, "no line"),
    (shipment(lines=(line(quantity=-1),)), {}, 9, Reason.UNREADABLE, "-1 pieces"),
    (shipment(sub_cycle=None), {"sku_suffix": SkuSuffix.CYCLE}, 9, Reason.NO_CYCLE, "none"),
    (
        shipment(adjusted_ordered_at=datetime(2020, 12, 30, 20, tzinfo=UTC)),
        {"sku_suffix": SkuSuffix.YEARWEEK},
        9,
        Reason.WEEK_53,
        "53",
    ),
    (shipment(ship_to=ShipTo()), {}, 9, Reason.BAD_ADDRESS, "name"),
    (shipment(), {"reject_unmapped_ship_codes": True}, 9, Reason.SHIP_CODE_UNMAPPED, "SUBSCRIPTION"),
]


@pytest.mark.parametrize(("box", "settings", "rule", "reason", "says"), HELD)
def test_each_rule_holds_with_its_reason(box: Shipment, settings: dict[str, Any], rule: int, reason: Reason, says: str):
    judgement = judged(box, Rules(**settings))
    first = next(verdict for verdict in judgement.verdicts if not verdict.passed)
    assert (first.rule, judgement.reason, judgement.order) == (rule, reason, None)
    assert says in judgement.detail
    assert judgement.read_again is (reason in READ_AGAIN)
    assert sorted({verdict.rule for verdict in judgement.verdicts}) == list(range(10))


def test_every_reason_of_the_rules_is_shown_above_or_below():
    shown = {reason for *_, reason, _ in HELD}
    elsewhere = {Reason.ALREADY, Reason.HELD_BY_PERSON, Reason.TOO_LONG, Reason.NO_TARGET_DATE}
    assert shown | elsewhere == set(Reason)


def test_without_a_date_no_suffix_is_invented_even_when_its_release_makes_it_due():
    box = shipment(adjusted_ordered_at=None)
    rules = Rules(sku_suffix=SkuSuffix.YYMM)
    assert judged(box, rules, approved=("NOT_DUE",)).reason == Reason.NO_TARGET_DATE


@pytest.mark.parametrize("stage", list(Stage))
def test_a_box_beyond_held_is_not_pushed_again(stage: Stage):
    judgement = judged(shipment(), stage=stage)
    assert judgement.is_eligible is (stage in OPEN_STAGES)
    if stage not in OPEN_STAGES:
        assert (judgement.reason, stage in judgement.detail) == (Reason.ALREADY, True)


def test_a_persons_hold_stays_and_names_its_reason():
    judgement = judged(shipment(), person_hold="customer moves house", approved=("HELD_BY_PERSON",))
    assert (judgement.reason, judgement.detail) == (Reason.HELD_BY_PERSON, "customer moves house")


def test_the_first_failing_rule_is_the_reason_and_all_failures_are_kept():
    box = shipment(is_test=True, adjusted_ordered_at=FAR, ship_to=ShipTo(), lines=(line(sku="", sale=None),))
    judgement = judged(box, Rules(pull_adhoc=False))
    assert judgement.reason == Reason.TYPE_OFF
    failures = [verdict.reason for verdict in judgement.verdicts if not verdict.passed]
    assert failures == ["TYPE_OFF", "TEST", "UNPAID", "NOT_DUE", "NO_SKU", "BAD_ADDRESS"]


@pytest.mark.parametrize(
    "box",
    [
        paying(total_cents=0),
        paying(total_cents=0, refunded_cents=0),
        shipment(labels=(Label(is_void=True),)),
        shipment(lines=(line(), add_on(status="cancelled", sale=sale(financial_status="unpaid")))),
        subscribed("ACTIVE"),
        subscribed("renewing"),
        subscribed("pending renewal"),
        shipment(adjusted_ordered_at=NOW - timedelta(days=400)),
        ecom(adjusted_ordered_at=FAR),
        ecom(adjusted_ordered_at=None),
        standard(batch=Batch(end=NOW)),
    ],
)
def test_boxes_that_only_look_odd_may_go(box: Shipment):
    assert judged(box).is_eligible


def test_a_renewing_subscription_does_not_excuse_an_unpaid_box():
    box = subscribed("renewing", lines=(line(sale=sale(financial_status="unpaid")),))
    failures = [verdict.reason for verdict in judged(box).verdicts if not verdict.passed]
    assert failures == ["UNPAID", "SUBSCRIPTION_NOT_ACTIVE"]


@pytest.mark.parametrize(
    ("box", "settings", "flag"),
    [
        (paying(refunded_cents=500), {}, "partly refunded: 5.00 of 30.00"),
        (paying(refunded_cents=500, financial_status="partially_refunded"), {}, "partly refunded: 5.00 of 30.00"),
        (shipment(subscriptions=(Subscription(id="55", status="cancelled"),)), {}, "subscription is cancelled"),
        (shipment(is_test=True), {"test_shipments": True}, "test shipment"),
        (standard(batch=Batch(end=NOW + TICK)), {"open_batch": OpenBatch.PUSH}, "its batch is still open"),
        (shipment(lines=(line(), add_on(status="cancelled"))), {}, "lines left out: MUG-01"),
        (
            shipment(lines=(line(), add_on())),
            {"item_filters": ItemFilters(deny=("MUG*",))},
            "lines left out by item filters: MUG-01",
        ),
        (
            subscribed("cancelled", lines=(line(cycle_number=2, total_cycles=6),)),
            {"inactive_subscription": InactiveSubscription.RELEASE_WHEN_PAID},
            "subscription is cancelled; 4 paid boxes still owed",
        ),
    ],
)
def test_what_does_not_hold_a_box_is_still_flagged(box: Shipment, settings: dict[str, Any], flag: str):
    judgement = judged(box, Rules(**settings))
    assert judgement.is_eligible
    assert judgement.flags == (flag,)


def test_an_unknown_subscription_of_an_ad_hoc_box_is_nothing_to_flag():
    assert judged(shipment(subscriptions=())).flags == ()


def test_an_ended_prepay_says_how_many_boxes_are_owed():
    box = subscribed("cancelled", lines=(line(cycle_number=2, total_cycles=6),))
    assert "4 paid boxes still owed" in judged(box).detail
    admin_made = subscribed("cancelled", lines=(line(cycle_number=-1, total_cycles=6),))
    assert "not known" in judged(admin_made).detail


def test_an_ended_subscription_is_not_released_unpaid_and_skipped_only_by_name():
    unpaid = subscribed("cancelled", lines=(line(sale=sale(financial_status="unpaid")),))
    by_payment = Rules(inactive_subscription=InactiveSubscription.RELEASE_WHEN_PAID)
    assert [v.passed for v in judged(unpaid, by_payment).verdicts if v.rule == 5] == [False]
    skip = judged(subscribed("cancelled"), Rules(inactive_subscription=InactiveSubscription.SKIP))
    assert skip.reason == Reason.SUBSCRIPTION_NOT_ACTIVE
    assert "skipped by the setting" in skip.detail


@pytest.mark.parametrize(
    ("box", "earliest", "passes"),
    [
        (shipment(), date(2026, 11, 20), True),
        (shipment(), date(2026, 11, 21), False),
        # the sale is a year old, the box is of today
        (
            shipment(lines=(line(total_cycles=12, sale=sale(placed_at=NOW - timedelta(days=330))),)),
            date(2026, 11, 20),
            True,
        ),
        (
            shipment(adjusted_ordered_at=NOW - timedelta(days=9), lines=(line(total_cycles=3),)),
            date(2026, 11, 20),
            False,
        ),
    ],
)
def test_the_earliest_date_looks_at_the_sale_and_for_prepays_at_the_box(box: Shipment, earliest: date, passes: bool):
    assert judged(box, Rules(earliest_order_date=earliest)).is_eligible is passes


def test_other_financial_statuses_can_be_allowed():
    box = paying(financial_status="authorized")
    assert judged(box).reason == Reason.UNPAID
    assert judged(box, Rules(financial_statuses=("paid", "authorized"))).is_eligible


@pytest.mark.parametrize(
    ("limits", "characters", "says"),
    [
        ({"street": 5}, "", "street has 10"),
        ({"number": 7}, "", "number has 8"),
        ({"sku": 3}, "", "sku has 6"),
        ({"gift_message": 2}, "", "gift_message has 5"),
        ({}, "[0-9]+", "SUB-4124"),
        ({}, "[A-Z0-9-]+0?", ""),
    ],
)
def test_what_the_warehouse_would_cut_is_held_and_never_cut(limits: Mapping[str, int], characters: str, says: str):
    judgement = judged(shipment(gift_message="Hello"), max_lengths=limits, characters=characters)
    assert judgement.reason == (Reason.TOO_LONG if says else "")
    assert says in judgement.detail


RELEASED = [case for case in HELD if case[3] in RELEASABLE and "no date" not in case[4]]


@pytest.mark.parametrize(("box", "settings", "rule", "reason", "says"), RELEASED)
def test_a_release_makes_that_rule_pass_with_a_flag(
    box: Shipment, settings: dict[str, Any], rule: int, reason: Reason, says: str
):
    judgement = judged(box, Rules(**settings), approved=(reason.value,))
    released = next(verdict for verdict in judgement.verdicts if verdict.reason == reason)
    assert released.passed
    assert any(flag.startswith(f"released: {reason}") and says in flag for flag in judgement.flags)
    assert judgement.is_eligible


@pytest.mark.parametrize(
    ("box", "settings", "rule", "reason", "says"), [case for case in HELD if case[3] not in RELEASABLE]
)
def test_what_leaves_no_order_cannot_be_released(
    box: Shipment, settings: dict[str, Any], rule: int, reason: Reason, says: str
):
    assert judged(box, Rules(**settings), approved=tuple(Reason)).reason == reason


def test_a_release_of_one_reason_opens_no_other():
    box = shipment(adjusted_ordered_at=FAR, labels=(Label(),))
    assert judged(box, approved=("LABELLED",)).reason == Reason.NOT_DUE


def test_a_release_is_no_flag_once_the_rule_passes_by_itself():
    assert judged(shipment(), approved=tuple(RELEASABLE)).flags == ()


def test_rules_can_be_tried_out_without_touching_anything():
    box, rules = shipment(adjusted_ordered_at=NOW + timedelta(days=10)), Rules()
    assert not judged(box, rules).is_eligible
    assert judged(box, replace(rules, target_ship_date_within_days=14)).is_eligible


def test_a_resent_box_gets_its_generations_number():
    made = judged(shipment(ship_to=ship_to()), generation=2).order
    assert made is not None
    assert (made.number, made.generation) == ("SUB-4124-R2", 2)
