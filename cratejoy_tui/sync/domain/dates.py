"""Store-local days, shipping windows, working days and quiet hours.

Every function takes the moment as an argument and is right on days with 23 or 25 hours.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from cratejoy_tui.sync.domain.rules import QuietHours, Rules, StandardTarget
from cratejoy_tui.sync.domain.shipment import Billing, Shipment

_TICK = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_MIDNIGHT = time()


# Thousands of boxes share a few dates.
@lru_cache(maxsize=4096)
def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar day on the store's wall when this happens; absurd years are cut off, never an error."""
    try:
        return moment.astimezone(zone).date()
    except OverflowError:
        return moment.date()


@lru_cache(maxsize=4096)
def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a store-local day, as UTC; also where midnight itself is skipped by a clock change."""
    try:
        return datetime.combine(day, _MIDNIGHT, zone).astimezone(UTC)
    except OverflowError:
        return datetime.combine(day, _MIDNIGHT, UTC)


def day_end(day: date, zone: ZoneInfo) -> datetime:
    """The last instant of a store-local day, as UTC."""
    return datetime.max.replace(tzinfo=UTC) if day == date.max else day_start(day + _DAY, zone) - _TICK


def window_end(rules: Rules, now: datetime) -> datetime:
    """The last instant at which a box may be due to be pulled today: the end of today plus N days, inclusive."""
    return _window_end(rules.zone, rules.target_ship_date_within_days, now)


@lru_cache(maxsize=64)
def _window_end(zone: ZoneInfo, days: int, now: datetime) -> datetime:
    return day_end(local_day(now, zone) + timedelta(days=days), zone)


def reaches_window_at(target: datetime, rules: Rules) -> datetime:
    """The instant from which today plus N days covers this target: local midnight, N days before it."""
    day = local_day(target, rules.zone)
    within = timedelta(days=rules.target_ship_date_within_days)
    return day_start(date.min if day - date.min < within else day - within, rules.zone)


def batch_closes(shipment: Shipment, zone: ZoneInfo) -> datetime | None:
    """The last instant that belongs to the batch: an end at 00:00 store time belongs to the day before."""
    end = shipment.batch.end if shipment.batch else None
    if end is None:
        return None
    at_midnight = end.year > 1 and end == day_start(local_day(end, zone), zone)
    return end - _TICK if at_midnight else end


def target_of(shipment: Shipment, billing: Billing | None, rules: Rules) -> datetime | None:
    """The date that decides when a box is due; None when Cratejoy gives none."""
    if billing is Billing.STANDARD and rules.standard_target is StandardTarget.BATCH_END:
        return batch_closes(shipment, rules.zone) or shipment.adjusted_ordered_at
    return shipment.adjusted_ordered_at


def requested_ship_date(shipment: Shipment, billing: Billing | None, rules: Rules, now: datetime) -> date:
    """The day the warehouse is asked to ship: the latest of target, day after the batch's end, and today."""
    zone = rules.zone
    days = [local_day(now, zone)]
    if (target := target_of(shipment, billing, rules)) is not None:
        days.append(local_day(target, zone))
    if (closes := batch_closes(shipment, zone)) is not None:
        last = local_day(closes, zone)
        days.append(last if last == date.max else last + _DAY)
    return max(days)


def add_working_days(start: date, count: int, ship_days: Collection[int], closed: Collection[date]) -> date:
    """The day on which the warehouse has worked `count` days after `start`."""
    day = start
    while count > 0 and day < date.max:
        day += _DAY
        if (not ship_days or day.weekday() in ship_days) and day not in closed:
            count -= 1
    return day


def is_quiet(quiet: QuietHours | None, zone: ZoneInfo, now: datetime) -> bool:
    """True while no customer may be e-mailed. Equal start and end mean no quiet hours."""
    if quiet is None or quiet.start == quiet.end:
        return False
    wall = now.astimezone(zone).time()
    if quiet.start < quiet.end:
        return quiet.start <= wall < quiet.end
    return wall >= quiet.start or wall < quiet.end


def next_allowed(rules: Rules, now: datetime) -> datetime:
    """The first moment from `now` on at which customers may be e-mailed."""
    quiet, zone = rules.quiet_hours, rules.zone
    if quiet is None or not is_quiet(quiet, zone, now):
        return now
    local = now.astimezone(zone)
    ends_on = local.date() if local.time() < quiet.end else local.date() + _DAY
    # A clock change can skip the end or show it twice; the later reading is quiet by no one's clock.
    ends = (datetime.combine(ends_on, quiet.end, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    return max(ends)
