"""Boxes that take longer than they may."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from cratejoy_tui.sync.domain.books import Standing
from cratejoy_tui.sync.domain.overdue import Late, Overdue, overdue_of, stop_ship_overdue
from cratejoy_tui.sync.domain.record import Task, TaskKind
from cratejoy_tui.sync.domain.rules import OverdueAfter, Rules
from cratejoy_tui.sync.domain.stage import Stage
from tests.sync.factories import NOW

TICK = timedelta(seconds=1)


def standing(stage: Stage, **more: Any) -> Standing:
    return Standing(shipment_id="4124", order_number="SUB-4124", stage=stage, stage_since=NOW, **more)


def test_a_box_on_the_stop_ship_list_waits_an_hour() -> None:
    task = Task(id=1, kind=TaskKind.STOP_SHIP, shipment_id="4124", number="SUB-4124", text="stop it", made_at=NOW)
    due = NOW + timedelta(hours=1)
    assert stop_ship_overdue(task, Rules(), due) == ()
    assert stop_ship_overdue(task, Rules(), due + TICK) == (Overdue("4124", "SUB-4124", Late.STOP_SHIP, due),)


@pytest.mark.parametrize(
    ("stage", "told", "late", "after"),
    [
        (Stage.AT_WAREHOUSE, {"picked_up": False}, Late.PICKUP, timedelta(hours=4)),
        (Stage.SHIPPED, {}, Late.CONFIRM, timedelta(hours=24)),
        (Stage.CONFIRMING, {}, Late.CONFIRM, timedelta(hours=24)),
        (Stage.UNKNOWN, {}, Late.UNKNOWN, timedelta(hours=1)),
    ],
)
def test_each_step_has_its_hours(stage: Stage, told: dict[str, Any], late: Late, after: timedelta):
    box = standing(stage)
    assert overdue_of(box, Rules(), NOW + after, **told) == ()
    overdue = overdue_of(box, Rules(), NOW + after + TICK, **told)
    assert [(one.late, one.since, one.order_number) for one in overdue] == [(late, NOW + after, "SUB-4124")]


@pytest.mark.parametrize("picked_up", [None, True])
def test_a_warehouse_that_cannot_tell_or_has_picked_up_is_not_late(picked_up: bool | None):
    box = standing(Stage.AT_WAREHOUSE)
    assert overdue_of(box, Rules(), NOW + timedelta(days=9), picked_up=picked_up) == ()


@pytest.mark.parametrize(
    ("requested", "closed", "last_day"),
    [
        (date(2026, 11, 23), (), date(2026, 11, 25)),
        (date(2026, 11, 27), (), date(2026, 12, 1)),  # over a weekend
        (date(2026, 11, 25), (date(2026, 11, 26),), date(2026, 11, 30)),  # over a holiday and a weekend
    ],
)
def test_tracking_is_late_two_working_days_after_the_requested_day(
    requested: date, closed: tuple[date, ...], last_day: date
):
    box = standing(Stage.AT_WAREHOUSE, requested_ship_date=requested)
    rules = Rules(closed_dates=closed)
    midnight = datetime(last_day.year, last_day.month, last_day.day, 8, tzinfo=UTC) + timedelta(days=1)
    assert overdue_of(box, rules, midnight - TICK) == ()
    assert [one.late for one in overdue_of(box, rules, midnight)] == [Late.TRACKING]


def test_a_partly_shipped_box_is_late_after_three_working_days():
    box = standing(Stage.PARTLY_SHIPPED)
    assert overdue_of(box, Rules(), NOW + timedelta(days=3)) == ()
    assert [one.late for one in overdue_of(box, Rules(), NOW + timedelta(days=4))] == [Late.PARTLY_SHIPPED]


@pytest.mark.parametrize("stage", [Stage.SEEN, Stage.HELD, Stage.PLANNED, Stage.CONFIRMED, Stage.CANCELLED])
def test_boxes_that_nobody_waits_for_are_never_overdue(stage: Stage):
    assert overdue_of(standing(stage), Rules(), NOW + timedelta(days=400)) == ()


def test_each_limit_is_a_setting():
    box = standing(Stage.UNKNOWN)
    assert overdue_of(box, Rules(overdue_after=OverdueAfter(unknown_hours=5)), NOW + timedelta(hours=5)) == ()
