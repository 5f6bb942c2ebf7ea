"""Store-local days and windows, on ordinary days and on those with 23 or 25 hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratejoy_tui.sync.domain.dates import (
    add_working_days,
    batch_closes,
    day_end,
    day_start,
    is_quiet,
    local_day,
    next_allowed,
    reaches_window_at,
    requested_ship_date,
    target_of,
    window_end,
)
from cratejoy_tui.sync.domain.rules import QuietHours, Rules, StandardTarget
from cratejoy_tui.sync.domain.shipment import Batch, Billing
from tests.sync.factories import NOW, shipment, standard

PACIFIC = ZoneInfo("America/Los_Angeles")
ZONES = ["America/Los_Angeles", "UTC", "Asia/Kolkata", "Pacific/Kiritimati", "America/Sao_Paulo", "Australia/Lord_Howe"]
TICK = timedelta(microseconds=1)

moments = st.timedeltas(timedelta(0), timedelta(days=60 * 365)).map(
    lambda past: datetime(2000, 1, 1, tzinfo=UTC) + past
)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("now", "days", "last"),
    [
        (utc(2026, 11, 23, 18), 7, utc(2026, 12, 1, 8)),
        (utc(2026, 11, 23, 18), 0, utc(2026, 11, 24, 8)),
        (utc(2026, 11, 24, 7, 59), 0, utc(2026, 11, 24, 8)),
        (utc(2026, 11, 24, 8), 0, utc(2026, 11, 25, 8)),
        (utc(2026, 3, 7, 20), 0, utc(2026, 3, 8, 8)),
        (utc(2026, 3, 7, 20), 1, utc(2026, 3, 9, 7)),  # the day with 23 hours
        (utc(2026, 10, 31, 20), 0, utc(2026, 11, 1, 7)),
        (utc(2026, 10, 31, 20), 1, utc(2026, 11, 2, 8)),  # the day with 25 hours
        (utc(2026, 12, 31, 20), 1, utc(2027, 1, 2, 8)),
        (utc(2026, 11, 23, 18), 60, utc(2027, 1, 23, 8)),
    ],
)
def test_the_window_ends_with_the_last_instant_of_a_store_day(now: datetime, days: int, last: datetime):
    assert window_end(Rules(target_ship_date_within_days=days), now) == last - TICK


@given(moments, st.integers(0, 60), st.sampled_from(ZONES))
def test_the_window_is_the_end_of_today_plus_n_days_in_any_zone(now: datetime, days: int, name: str):
    zone = ZoneInfo(name)
    end = window_end(Rules(time_zone=name, target_ship_date_within_days=days), now)
    wanted = local_day(now, zone) + timedelta(days=days)
    assert local_day(end, zone) == wanted
    assert local_day(end + TICK, zone) == wanted + timedelta(days=1)


@given(moments, st.sampled_from(ZONES))
def test_a_day_begins_at_its_start_and_not_before(moment: datetime, name: str):
    zone = ZoneInfo(name)
    start = day_start(local_day(moment, zone), zone)
    assert start <= moment <= day_end(local_day(moment, zone), zone)
    assert local_day(start - TICK, zone) < local_day(start, zone)


@given(moments, st.integers(0, 60), st.sampled_from(ZONES))
def test_a_target_is_reached_at_exactly_the_instant_that_is_told(target: datetime, days: int, name: str):
    rules = Rules(time_zone=name, target_ship_date_within_days=days)
    reached = reaches_window_at(target, rules)
    assert window_end(rules, reached) >= target > window_end(rules, reached - TICK)


@pytest.mark.parametrize("moment", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
@pytest.mark.parametrize("name", ZONES)
def test_absurd_years_are_cut_off_and_never_an_error(moment: datetime, name: str):
    rules = Rules(time_zone=name)
    box = standard(adjusted_ordered_at=moment, batch=Batch(end=moment))
    assert local_day(moment, rules.zone).year == moment.year
    assert reaches_window_at(moment, rules).tzinfo is UTC
    assert requested_ship_date(box, Billing.STANDARD, rules, NOW) >= local_day(NOW, rules.zone)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (utc(2026, 6, 10, 7), date(2026, 6, 10)),  # midnight Pacific in summer
        (utc(2026, 6, 10, 6, 59), date(2026, 6, 9)),
        (utc(2026, 12, 10, 8), date(2026, 12, 10)),
        (utc(2026, 12, 10, 7), date(2026, 12, 9)),
        (utc(2026, 6, 10), date(2026, 6, 9)),  # midnight UTC is the evening before
    ],
)
def test_midnight_pacific_belongs_to_the_day_that_begins(moment: datetime, day: date):
    assert local_day(moment, PACIFIC) == day


@pytest.mark.parametrize(
    ("end", "closes", "next_day"),
    [
        (utc(2026, 12, 6, 8), utc(2026, 12, 6, 8) - TICK, date(2026, 12, 6)),  # 00:00 on the 6th: the 5th's
        (utc(2026, 12, 6, 8, 1), utc(2026, 12, 6, 8, 1), date(2026, 12, 7)),
        (utc(2026, 12, 6, 7, 59, 59), utc(2026, 12, 6, 7, 59, 59), date(2026, 12, 6)),
    ],
)
def test_a_batch_that_ends_at_midnight_belongs_to_the_day_before(end: datetime, closes: datetime, next_day: date):
    box = standard(batch=Batch(end=end))
    assert batch_closes(box, PACIFIC) == closes
    assert requested_ship_date(box, Billing.STANDARD, Rules(), NOW) == next_day


def test_a_box_without_batch_closes_never():
    assert batch_closes(shipment(), PACIFIC) is None
    assert batch_closes(standard(batch=Batch(id="1")), PACIFIC) is None


def test_only_standard_boxes_are_due_by_their_batch_and_only_by_setting():
    end = utc(2026, 12, 5, 20)
    box = standard(batch=Batch(end=end))
    by_batch = Rules(standard_target=StandardTarget.BATCH_END)
    assert target_of(box, Billing.STANDARD, Rules()) == box.adjusted_ordered_at
    assert target_of(box, Billing.STANDARD, by_batch) == end
    assert target_of(box, Billing.ADHOC, by_batch) == box.adjusted_ordered_at
    assert target_of(standard(batch=None), Billing.STANDARD, by_batch) == box.adjusted_ordered_at


@pytest.mark.parametrize(
    ("target", "batch_end", "asked"),
    [
        (NOW + timedelta(days=2), None, date(2026, 11, 25)),
        (NOW - timedelta(days=9), None, date(2026, 11, 23)),
        (None, None, date(2026, 11, 23)),
        (NOW, utc(2026, 11, 27, 20), date(2026, 11, 28)),
        (NOW + timedelta(days=9), utc(2026, 11, 20, 20), date(2026, 12, 2)),
    ],
)
def test_the_warehouse_is_asked_for_the_latest_of_target_batch_and_today(
    target: datetime | None, batch_end: datetime | None, asked: date
):
    box = standard(adjusted_ordered_at=target, batch=Batch(end=batch_end))
    assert requested_ship_date(box, Billing.STANDARD, Rules(), NOW) == asked


@given(
    st.dates(date(2026, 1, 1), date(2026, 6, 1)),
    st.integers(0, 120),
    st.sets(st.integers(0, 6)),
    st.sets(st.dates(date(2026, 1, 1), date(2026, 9, 1)), max_size=8),
)
def test_working_days_are_those_one_would_count_on_the_calendar(
    start: date, count: int, ship_days: set[int], closed: set[date]
):
    end = add_working_days(start, count, ship_days, closed)
    days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    worked = [day for day in days if (not ship_days or day.weekday() in ship_days) and day not in closed]
    assert len(worked) == count
    assert end == (worked[-1] if worked else start)


def test_two_working_days_after_a_friday_before_a_holiday_is_a_wednesday():
    assert add_working_days(date(2026, 11, 20), 2, (0, 1, 2, 3, 4), (date(2026, 11, 23),)) == date(2026, 11, 25)


def test_a_store_that_never_ships_is_counted_by_calendar_days():
    assert add_working_days(date(2026, 11, 20), 2, (), ()) == date(2026, 11, 22)
    assert add_working_days(date.max, 2, (), ()) == date.max


NIGHT = QuietHours(start=time(21), end=time(8))


@pytest.mark.parametrize(
    ("quiet", "now", "allowed"),
    [
        (None, utc(2026, 11, 24, 9), utc(2026, 11, 24, 9)),
        (NIGHT, utc(2026, 11, 23, 18), utc(2026, 11, 23, 18)),
        (NIGHT, utc(2026, 11, 24, 5), utc(2026, 11, 24, 16)),  # 21:00 sharp: quiet until 08:00 the next day
        (NIGHT, utc(2026, 11, 24, 4, 59), utc(2026, 11, 24, 4, 59)),
        (NIGHT, utc(2026, 11, 24, 9), utc(2026, 11, 24, 16)),  # after midnight: until 08:00 the same day
        (NIGHT, utc(2026, 11, 24, 16), utc(2026, 11, 24, 16)),
        (QuietHours(start=time(12), end=time(13)), utc(2026, 11, 23, 20, 30), utc(2026, 11, 23, 21)),
        (QuietHours(start=time(8), end=time(8)), utc(2026, 11, 23, 18), utc(2026, 11, 23, 18)),
        (NIGHT, utc(2026, 3, 8, 6), utc(2026, 3, 8, 15)),  # the night the clocks go forward
        (NIGHT, utc(2026, 11, 1, 6), utc(2026, 11, 1, 16)),  # the night they go back
        (QuietHours(start=time(22), end=time(2, 30)), utc(2026, 3, 8, 8), utc(2026, 3, 8, 10, 30)),  # 02:30 is skipped
        (
            QuietHours(start=time(22), end=time(1, 30)),
            utc(2026, 11, 1, 7),
            utc(2026, 11, 1, 9, 30),
        ),  # 01:30 comes twice
    ],
)
def test_nobody_is_mailed_in_quiet_hours(quiet: QuietHours | None, now: datetime, allowed: datetime):
    assert next_allowed(Rules(quiet_hours=quiet), now) == allowed


@given(moments, st.times(), st.times(), st.sampled_from(ZONES))
def test_the_next_allowed_moment_is_allowed_and_within_a_day(now: datetime, start: time, end: time, name: str):
    rules = Rules(time_zone=name, quiet_hours=QuietHours(start=start, end=end))
    allowed = next_allowed(rules, now)
    assert now <= allowed <= now + timedelta(hours=26)
    assert not is_quiet(rules.quiet_hours, rules.zone, allowed)
    assert allowed == now or is_quiet(rules.quiet_hours, rules.zone, now)
