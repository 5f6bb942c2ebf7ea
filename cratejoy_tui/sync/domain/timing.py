"""Is it time, and is it not too old? Rules 6 and 7."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from cratejoy_tui.sync.domain.build import ordered_at
from cratejoy_tui.sync.domain.dates import day_end, local_day, reaches_window_at, target_of, window_end
from cratejoy_tui.sync.domain.order import Order
from cratejoy_tui.sync.domain.reason import Reason
from cratejoy_tui.sync.domain.rules import OpenBatch, Rules
from cratejoy_tui.sync.domain.shipment import Billing, Shipment
from cratejoy_tui.sync.domain.verdict import Verdict, failed, passed

_DUE = "due"
_NEW_ENOUGH = "not older than the earliest order date"
_TICK = timedelta(microseconds=1)


def due(shipment: Shipment, billing: Billing | None, rules: Rules, now: datetime) -> Verdict:
    """Rule 6. One-time boxes are due when paid, the others by their target date; an open batch may still change."""
    if billing is Billing.ECOM:
        return passed(6, _DUE, "at once")
    target = target_of(shipment, billing, rules)
    if target is None:
        return failed(6, _DUE, Reason.NOT_DUE, "no target date", "Cratejoy gives no target date")
    value = local_day(target, rules.zone).isoformat()
    closes = _open_until(shipment, billing, now)
    waits = closes if rules.open_batch is OpenBatch.HOLD else None
    if target > window_end(rules, now):
        until = reaches_window_at(target, rules)
        until = max(until, waits) if waits else until
        return failed(6, _DUE, Reason.NOT_DUE, value, f"target date {value}", until)
    if waits is not None:
        day = local_day(waits, rules.zone).isoformat()
        return failed(6, _DUE, Reason.BATCH_OPEN, value, f"its batch collects until {day}", waits)
    return passed(6, _DUE, value, flag="its batch is still open" if closes else "")


def _open_until(shipment: Shipment, billing: Billing | None, now: datetime) -> datetime | None:
    if billing is not Billing.STANDARD or shipment.batch is None or shipment.batch.end is None:
        return None
    return shipment.batch.end if now < shipment.batch.end else None


def age(shipment: Shipment, billing: Billing | None, rules: Rules) -> Verdict:
    """Rule 7. Boxes of a prepay are compared by their own target date: the sale behind them may be a year old."""
    earliest = rules.earliest_order_date
    if earliest is None:
        return passed(7, _NEW_ENOUGH, "no limit")
    is_prepay = any((line.total_cycles or 0) > 1 for line in shipment.open_lines)
    moment = target_of(shipment, billing, rules) if is_prepay else ordered_at(shipment)
    if moment is None:
        return failed(7, _NEW_ENOUGH, Reason.TOO_OLD, "not known", "Cratejoy gives no date to compare")
    day = local_day(moment, rules.zone)
    if day >= earliest:
        return passed(7, _NEW_ENOUGH, day.isoformat())
    what = "target date" if is_prepay else "ordered on"
    return failed(7, _NEW_ENOUGH, Reason.TOO_OLD, day.isoformat(), f"{what} {day}, earliest is {earliest}")


def ship_date_passes(order: Order, rules: Rules) -> datetime | None:
    """When the day asked of the warehouse is over, so that a later one would be asked for."""
    day = order.requested_ship_date
    return None if day is None or day == date.max else day_end(day, rules.zone) + _TICK
