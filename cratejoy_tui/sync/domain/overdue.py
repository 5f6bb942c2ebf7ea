"""Which boxes take longer than they may?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from cratejoy_tui.sync.domain.dates import add_working_days, day_end, local_day
from cratejoy_tui.sync.domain.record import Stored
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


def overdue_of(
    stored: Stored,
    rules: Rules,
    now: datetime,
    *,
    picked_up: bool | None = None,
    stop_ship_since: datetime | None = None,
) -> tuple[Overdue, ...]:
    """Everything this box is late for. `picked_up` is None where the warehouse cannot tell."""
    limits = _limits(stored, rules, picked_up, stop_ship_since)
    return tuple(Overdue(stored.id, stored.order_number, late, since) for late, since in limits if now > since)


def _limits(
    stored: Stored, rules: Rules, picked_up: bool | None, stop_ship_since: datetime | None
) -> Iterator[tuple[Late, datetime]]:
    after, stage, since = rules.overdue_after, stored.stage, stored.stage_since
    if stage is Stage.AT_WAREHOUSE and picked_up is False:
        yield Late.PICKUP, since + timedelta(hours=after.pickup_hours)
    if stage in _AT_WAREHOUSE and stored.sent_order and stored.sent_order.requested_ship_date:
        yield Late.TRACKING, _working_days_on(stored.sent_order.requested_ship_date, after.tracking_working_days, rules)
    if stage in _TRACKING_IN:
        yield Late.CONFIRM, since + timedelta(hours=after.confirm_hours)
    if stage is Stage.PARTLY_SHIPPED:
        yield (
            Late.PARTLY_SHIPPED,
            _working_days_on(local_day(since, rules.zone), after.partly_shipped_working_days, rules),
        )
    if stage is Stage.UNKNOWN:
        yield Late.UNKNOWN, since + timedelta(hours=after.unknown_hours)
    if stop_ship_since is not None:
        yield Late.STOP_SHIP, stop_ship_since + timedelta(hours=after.stop_ship_hours)


def _working_days_on(day: date, count: int, rules: Rules) -> datetime:
    """The end of the working day by which it should have happened."""
    return day_end(add_working_days(day, count, rules.ship_days, rules.closed_dates), rules.zone)
