"""Which boxes take longer than they may?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from cratejoy_tui.sync.domain.books import Standing
from cratejoy_tui.sync.domain.dates import add_working_days, day_end, local_day
from cratejoy_tui.sync.domain.record import Task
from cratejoy_tui.sync.domain.rules import Rules
from cratejoy_tui.sync.domain.stage import Stage


class Late(StrEnum):
    """What has not happened in time."""

    PICKUP = "not picked up by the warehouse"
    TRACKING = "no tracking"
    CONFIRM = "tracking in, not confirmed"
    PARTLY_SHIPPED = "partly shipped"
    UNKNOWN = "unknown"
    STOP_SHIP = "stop-ship not ticked"


@dataclass(frozen=True, slots=True)
class Overdue:
    """One box is late for one thing since a moment."""

    shipment_id: str
    order_number: str
    late: Late
    since: datetime


_AT_WAREHOUSE = frozenset({Stage.AT_WAREHOUSE, Stage.CANCEL_REFUSED})
_TRACKING_IN = frozenset({Stage.SHIPPED, Stage.CONFIRMING})


def overdue_of(box: Standing, rules: Rules, now: datetime, *, picked_up: bool | None = None) -> tuple[Overdue, ...]:
    """Everything this box is late for. `picked_up` is None where the warehouse cannot tell."""
    limits = _limits(box, rules, picked_up)
    return tuple(Overdue(box.shipment_id, box.order_number, late, since) for late, since in limits if now > since)


def stop_ship_overdue(task: Task, rules: Rules, now: datetime) -> tuple[Overdue, ...]:
    """A box on the stop-ship list that nobody has ticked off in time."""
    since = task.made_at + timedelta(hours=rules.overdue_after.stop_ship_hours)
    return (Overdue(task.shipment_id, task.number, Late.STOP_SHIP, since),) if now > since else ()


def _limits(box: Standing, rules: Rules, picked_up: bool | None) -> Iterator[tuple[Late, datetime]]:
    after, stage, since = rules.overdue_after, box.stage, box.stage_since
    if stage is Stage.AT_WAREHOUSE and picked_up is False:
        yield Late.PICKUP, since + timedelta(hours=after.pickup_hours)
    if stage in _AT_WAREHOUSE and box.requested_ship_date:
        yield Late.TRACKING, _working_days_on(box.requested_ship_date, after.tracking_working_days, rules)
    if stage in _TRACKING_IN:
        yield Late.CONFIRM, since + timedelta(hours=after.confirm_hours)
    if stage is Stage.PARTLY_SHIPPED:
        yield (
            Late.PARTLY_SHIPPED,
            _working_days_on(local_day(since, rules.zone), after.partly_shipped_working_days, rules),
        )
    if stage is Stage.UNKNOWN:
        yield Late.UNKNOWN, since + timedelta(hours=after.unknown_hours)


def _working_days_on(day: date, count: int, rules: Rules) -> datetime:
    """The end of the working day by which it should have happened."""
    return day_end(add_working_days(day, count, rules.ship_days, rules.closed_dates), rules.zone)
