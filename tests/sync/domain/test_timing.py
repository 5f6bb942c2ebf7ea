"""Time alone changes verdicts at exactly the instants that are told, and absurd dates break nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratejoy_tui.sync.domain.dates import window_end
from cratejoy_tui.sync.domain.eligibility import judge as judged
from cratejoy_tui.sync.domain.reason import Reason
from cratejoy_tui.sync.domain.rules import OpenBatch, Rules, SkuSuffix, StandardTarget
from cratejoy_tui.sync.domain.shipment import Batch
from tests.sync.factories import NOW, line, sale, shipment, standard

TICK = timedelta(microseconds=1)

targets = st.timedeltas(timedelta(days=-30), timedelta(days=400)).map(lambda gap: NOW + gap)
zones = st.sampled_from(["America/Los_Angeles", "UTC", "Pacific/Auckland", "Asia/Kolkata"])


@given(targets, st.integers(0, 60), zones)
def test_a_box_that_waits_for_its_date_is_due_at_the_instant_told_and_not_before(
    target: datetime, days: int, zone: str
):
    rules = Rules(time_zone=zone, target_ship_date_within_days=days)
    box = shipment(adjusted_ordered_at=target)
    waiting = judged(box, rules, NOW)
    if waiting.is_eligible:
        return
    at = waiting.reconsider_at
    assert waiting.reason == Reason.NOT_DUE
    assert at is not None
    assert at > NOW
    assert judged(box, rules, at - TICK).reason == Reason.NOT_DUE
    assert judged(box, rules, at).is_eligible


@given(targets, targets, st.sampled_from(OpenBatch), st.sampled_from(StandardTarget))
def test_a_standard_box_is_due_at_the_instant_told_and_not_before(
    target: datetime, end: datetime, open_batch: OpenBatch, by: StandardTarget
):
    rules = Rules(open_batch=open_batch, standard_target=by)
    box = standard(adjusted_ordered_at=target, batch=Batch(end=end))
    waiting = judged(box, rules, NOW)
    if waiting.is_eligible:
        return
    assert waiting.reason in {Reason.NOT_DUE, Reason.BATCH_OPEN}
    at = waiting.reconsider_at
    assert at is not None
    assert at > NOW
    assert not judged(box, rules, at - TICK).is_eligible
    assert judged(box, rules, at).is_eligible


@given(targets, zones)
def test_the_order_of_an_eligible_box_stays_the_same_until_the_instant_told(target: datetime, zone: str):
    rules = Rules(time_zone=zone, target_ship_date_within_days=60)
    box = shipment(adjusted_ordered_at=target)
    now_is = judged(box, rules, NOW)
    if now_is.order is None:
        return
    assert now_is.reconsider_at is not None
    assert judged(box, rules, now_is.reconsider_at - TICK).order == now_is.order
    later = judged(box, rules, now_is.reconsider_at).order
    assert later is not None
    assert later.requested_ship_date == (now_is.order.requested_ship_date or date.max) + timedelta(days=1)


def test_what_time_does_not_change_is_not_looked_at_again_for_it():
    assert judged(shipment(lines=(line(sale=sale(financial_status="unpaid")),)), Rules(), NOW).reconsider_at is None
    assert judged(shipment(adjusted_ordered_at=None), Rules(), NOW).reconsider_at is None


def test_boxes_of_a_prepay_dated_months_ahead_do_not_leave_early():
    dates = [NOW + timedelta(days=30 * n) for n in range(6)]
    boxes = [
        shipment(id=str(n), adjusted_ordered_at=at, lines=(line(cycle_number=n, total_cycles=6),))
        for n, at in enumerate(dates)
    ]
    assert [judged(box, Rules(), NOW).is_eligible for box in boxes] == [True, False, False, False, False, False]


@pytest.mark.parametrize(
    "target", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)]
)
@pytest.mark.parametrize("suffix", list(SkuSuffix))
def test_absurd_dates_are_judged_and_never_an_error(target: datetime, suffix: SkuSuffix):
    for box in (standard(adjusted_ordered_at=target, batch=Batch(end=target)), shipment(adjusted_ordered_at=target)):
        judged(box, Rules(sku_suffix=suffix, standard_target=StandardTarget.BATCH_END), NOW)


def test_the_last_instant_of_the_window_belongs_to_it():
    last = window_end(Rules(), NOW)
    assert judged(shipment(adjusted_ordered_at=last), Rules(), NOW).is_eligible
    assert judged(shipment(adjusted_ordered_at=last + TICK), Rules(), NOW).reason == Reason.NOT_DUE
