"""What happened on these days? The books of a store: boxes in and out, what the warehouse did, what is left to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from cratejoy_tui.sync.domain.books import DayCounts
from cratejoy_tui.sync.domain.dates import day_start
from cratejoy_tui.sync.domain.overdue import Overdue
from cratejoy_tui.sync.domain.record import Task
from cratejoy_tui.sync.domain.stage import Kind
from cratejoy_tui.sync.flows.desk import Desk
from cratejoy_tui.sync.flows.late import overdue


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One store-local day in numbers."""

    day: date
    counts: DayCounts
    """opening + new - cancelled - confirmed = closing."""
    orders: dict[str, int]
    """Warehouse -> orders it took."""
    parcels: dict[str, int]
    """Warehouse -> parcels that left and were not voided."""
    emails: int
    """Confirmations that made Cratejoy e-mail a customer, doubtful ones included."""
    second_emails: int
    """Tracking replaced after the confirmation: possibly a second e-mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTask:
    """One piece of work that waits for a person."""

    task: Task
    age_hours: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The days asked for, their sum, and what is open at the time of asking."""

    store: str
    time_zone: str
    first: date
    last: date
    shift: str = ""
    """`06:00-14:00` in store time where only that part of the day is told."""
    made_at: datetime
    days: tuple[Day, ...]
    total: Day
    """`day` is the last one; opening is that of the first."""
    tasks: tuple[OpenTask, ...]
    """Open now, oldest first."""
    overdue: tuple[Overdue, ...]
    """Now."""
    audit_seq: int
    audit_head: str
    """Hash of the newest audit record: kept with this report, it proves that nothing was changed since."""


async def report(desk: Desk, first: date, last: date, shift: tuple[time, time] | None = None) -> Report:
    """Report on the store days from `first` to `last`, both included, or on one shift of each. Reads the ledger only.

    A shift that does not end after it begins goes on into the next day.
    """
    now = desk.clock.now()
    first, last = min(first, last), max(first, last)
    days = [await _day(desk, first + timedelta(days=n), shift) for n in range((last - first).days + 1)]
    tasks = sorted(await desk.ledger.people.tasks(), key=lambda task: (task.made_at, task.id))
    seq, head = await desk.ledger.questions.audit_head()
    return Report(
        store=desk.store,
        time_zone=desk.rules.time_zone,
        first=first,
        last=last,
        shift=f"{shift[0]:%H:%M}-{shift[1]:%H:%M}" if shift else "",
        made_at=now,
        days=tuple(days),
        total=_total(days),
        tasks=tuple(OpenTask(task=task, age_hours=(now - task.made_at).total_seconds() / 3600) for task in tasks),
        overdue=await overdue(desk),
        audit_seq=seq,
        audit_head=head,
    )


def _stretch(desk: Desk, day: date, shift: tuple[time, time] | None) -> tuple[datetime, datetime]:
    zone, next_day = desk.rules.zone, day + timedelta(days=1)
    if shift is None:
        return day_start(day, zone), day_start(next_day, zone)
    begins, ends = shift
    last = day if ends > begins else next_day
    return (
        datetime.combine(day, begins, zone).astimezone(UTC),
        datetime.combine(last, ends, zone).astimezone(UTC),
    )


async def _day(desk: Desk, day: date, shift: tuple[time, time] | None) -> Day:
    start, end = _stretch(desk, day, shift)
    questions = desk.ledger.questions
    emails = await questions.emails_sent(start, end)
    return Day(
        day=day,
        counts=await desk.ledger.views.day_counts(start, end),
        orders=await questions.orders_handed_over(start, end),
        parcels=await questions.parcels_shipped(start, end),
        emails=emails.get(Kind.CONFIRM, 0),
        second_emails=emails.get(Kind.REPLACE, 0),
    )


def _total(days: list[Day]) -> Day:
    counts = [day.counts for day in days]
    return Day(
        day=days[-1].day,
        counts=DayCounts(
            opening=counts[0].opening,
            new=sum(each.new for each in counts),
            cancelled=sum(each.cancelled for each in counts),
            confirmed=sum(each.confirmed for each in counts),
            closing=counts[-1].closing,
        ),
        orders=_sum(day.orders for day in days),
        parcels=_sum(day.parcels for day in days),
        emails=sum(day.emails for day in days),
        second_emails=sum(day.second_emails for day in days),
    )


def _sum(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return dict(sorted(total.items()))
