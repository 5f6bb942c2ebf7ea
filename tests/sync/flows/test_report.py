"""The books of a day: what came, what went, what the warehouse did, and what is open."""

from __future__ import annotations

from datetime import date, time, timedelta

import msgspec
import pytest

from cratejoy_tui.sync.domain.record import TaskKind
from cratejoy_tui.sync.flows.fetch import fetch_tracking
from cratejoy_tui.sync.flows.people import resend
from cratejoy_tui.sync.flows.replace import replace
from cratejoy_tui.sync.flows.report import Day, report
from tests.sync.factories import NOW, shipment
from tests.sync.flows.conftest import MakeRig
from tests.sync.flows.rig import TRACKING_NUMBERS, Rig

TODAY = date(2026, 11, 23)


def balances(day: Day) -> bool:
    counts = day.counts
    return counts.opening + counts.new - counts.cancelled - counts.confirmed == counts.closing


async def busy(make_rig: MakeRig) -> Rig:
    """Two boxes on Monday, one of them confirmed; on Tuesday another comes and the open one is cancelled."""
    rig = await make_rig(shipment(id="1"), shipment(id="2", adjusted_ordered_at=NOW + timedelta(days=30)))
    await rig.confirm("SUB-1")
    rig.source.change("2", adjusted_ordered_at=NOW + timedelta(days=2))
    await rig.pull()
    rig.clock.pass_by(days=1)
    rig.source.put(shipment(id="3"))
    rig.source.change("2", status="cancelled")
    await rig.push()
    return rig


async def test_every_day_balances_and_hands_over_to_the_next(make_rig: MakeRig) -> None:
    rig = await busy(make_rig)
    told = await report(rig.desk, TODAY, TODAY + timedelta(days=2))
    assert len(told.days) == 3
    assert all(balances(day) for day in (*told.days, told.total))
    monday, tuesday, wednesday = (day.counts for day in told.days)
    assert (monday.opening, monday.new, monday.confirmed, monday.closing) == (0, 2, 1, 1)
    assert (tuesday.opening, tuesday.new, tuesday.cancelled, tuesday.closing) == (1, 1, 1, 1)
    assert wednesday.opening == wednesday.closing == 1


async def test_the_total_spans_the_days(make_rig: MakeRig) -> None:
    rig = await busy(make_rig)
    total = (await report(rig.desk, TODAY, TODAY + timedelta(days=1))).total
    assert (total.counts.opening, total.counts.new, total.counts.closing) == (0, 3, 1)
    assert total.orders == {"Cellar": 2}
    assert total.parcels == {"Cellar": 1}
    assert (total.emails, total.second_emails) == (1, 0)


async def test_days_are_the_stores_not_utc(make_rig: MakeRig) -> None:
    rig = await make_rig()
    rig.clock.pass_by(hours=12)  # 06:00 UTC on Tuesday, still Monday evening in Los Angeles
    rig.source.put(shipment())
    await rig.pull()
    [monday] = (await report(rig.desk, TODAY, TODAY)).days
    assert monday.counts.new == 1


@pytest.mark.parametrize(
    ("begins", "ends", "new"),
    [("06:00", "14:00", 1), ("14:00", "22:00", 0), ("22:00", "06:00", 0), ("06:00", "06:00", 1)],
)
async def test_a_shift_is_a_part_of_the_store_day_and_may_pass_midnight(
    make_rig: MakeRig, begins: str, ends: str, new: int
) -> None:
    rig = await make_rig(shipment(id="1"))
    local = rig.clock.now().astimezone(rig.rules.zone)
    rig.clock.pass_by(hours=10 - local.hour)
    await rig.pull()
    shift = (time.fromisoformat(begins), time.fromisoformat(ends))
    told = await report(rig.desk, local.date(), local.date(), shift)
    assert (told.shift, told.total.counts.new) == (f"{begins}-{ends}", new)
    assert balances(told.total)


async def test_orders_and_parcels_are_counted_on_the_day_they_happened(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.push()
    rig.clock.pass_by(days=1)
    rig.warehouse.ship("SUB-4124", shipped_at=rig.clock.now())
    rig.warehouse.ship("SUB-4124", reference="P-2", shipped_at=rig.clock.now(), voided=True)
    rig.warehouse.ship("not-ours", shipped_at=rig.clock.now())
    await fetch_tracking(rig.desk)
    monday, tuesday = (await report(rig.desk, TODAY, TODAY + timedelta(days=1))).days
    assert (monday.orders, monday.parcels) == ({"Cellar": 1}, {})
    assert (tuesday.orders, tuesday.parcels) == ({}, {"Cellar": 1})


async def test_a_replaced_number_counts_as_a_possible_second_email(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.confirm("SUB-4124")
    await replace(rig.desk, "4124", "wrong label", tracking_number=TRACKING_NUMBERS[1])
    [day] = (await report(rig.desk, TODAY, TODAY)).days
    assert (day.emails, day.second_emails) == (1, 1)


async def test_a_box_somebody_else_confirmed_is_no_email_of_ours(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.ship("SUB-4124")
    rig.source.change("4124", status="shipped", tracking_number=TRACKING_NUMBERS[0])
    await rig.confirm()
    [day] = (await report(rig.desk, TODAY, TODAY)).days
    assert rig.source.told == []
    assert (day.counts.confirmed, day.emails) == (1, 0)


async def test_open_tasks_are_told_with_age_owner_and_note(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.push()
    task_id = await rig.ledger.people.task(TaskKind.CONFLICT, "4124", "SUB-4124", "decide")
    await rig.ledger.people.assign(task_id, "bob", "ada")
    rig.clock.pass_by(hours=30)
    [task] = (await report(rig.desk, TODAY, TODAY)).tasks
    assert (task.task.owner, task.task.text) == ("bob", "decide")
    assert task.age_hours == pytest.approx(30)


async def test_the_report_carries_the_head_of_the_audit_chain(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.push()
    told = await report(rig.desk, TODAY, TODAY)
    verified = await rig.ledger.audit.verify()
    assert (told.audit_seq, told.audit_head) == (verified.count, verified.head)


async def test_the_order_of_the_two_dates_does_not_matter(make_rig: MakeRig) -> None:
    rig = await make_rig()
    told = await report(rig.desk, TODAY + timedelta(days=2), TODAY)
    assert (told.first, told.last) == (TODAY, TODAY + timedelta(days=2))
    assert msgspec.json.decode(msgspec.json.encode(told))["days"][0]["day"] == "2026-11-23"


async def test_a_box_sent_anew_leaves_the_books_of_past_days_as_they_were(make_rig: MakeRig) -> None:
    rig = await busy(make_rig)  # on Tuesday
    yesterday = await report(rig.desk, TODAY, TODAY)
    rig.clock.pass_by(days=2)
    rig.source.change("2", status="unshipped")
    await rig.pull()
    assert await resend(rig.desk, "1", "lost in the post") == 2
    assert await resend(rig.desk, "2", "wanted after all") == 2
    rig.clock.pass_by(days=1)
    await rig.push()
    rig.warehouse.ship("SUB-1-R2", tracking_number=TRACKING_NUMBERS[1], shipped_at=rig.clock.now())
    await fetch_tracking(rig.desk)
    told = await report(rig.desk, TODAY, TODAY + timedelta(days=4))
    assert told.days[0] == yesterday.days[0]
    assert all(balances(day) for day in (*told.days, told.total))
    closings = [day.counts.closing for day in told.days]
    assert [day.counts.opening for day in told.days] == [0, *closings[:-1]]
    tuesday, thursday, friday = (told.days[nr].counts for nr in (1, 3, 4))
    assert (tuesday.cancelled, tuesday.closing) == (1, 1)
    assert (thursday.new, thursday.closing) == (2, 3)
    assert friday.confirmed == 1
