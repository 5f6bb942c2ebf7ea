"""The day in numbers, and what waits for a person."""

from __future__ import annotations

from textual.content import Content

from cratejoy_tui.sync.flows.report import OpenTask, Report
from cratejoy_tui.tui.pages.layout import fact, gap, grid, heading, page, section
from cratejoy_tui.tui.safe import joined, words


def report_page(found: Report) -> Content:
    """A report of one day or several."""
    rows = [
        (
            str(day.day), day.counts.opening, day.counts.new, day.counts.cancelled, day.counts.confirmed,
            day.counts.closing, sum(day.orders.values()), sum(day.parcels.values()), day.emails + day.second_emails,
        )
        for day in found.days
    ]  # fmt: skip
    names = ("day", "opening", "new", "cancelled", "confirmed", "closing", "orders", "parcels", "e-mails")
    parts = [
        fact("store", found.store, "bold"),
        fact("time zone", found.time_zone),
        *section("opening + new - cancelled - confirmed = closing", grid(names, rows, (10, 9, 9, 9, 9, 9, 9, 9, 9))),
    ]
    tasks = [part for one in found.tasks for part in _task(one)]
    none = [words("✓ Nothing waits for a person.", "$success")]
    parts += section(f"Open tasks ({len(found.tasks)})", tasks or none)
    parts += [gap(), heading(f"Overdue ({len(found.overdue)})")]
    parts += [
        words(f"! {late.order_number}: {late.late} since {late.since:%Y-%m-%d %H:%M} UTC") for late in found.overdue
    ]
    parts += [gap(), fact("audit", f"{found.audit_seq} records, head {found.audit_head[:16]}", "$muted")]
    return page(parts)


def _task(one: OpenTask) -> tuple[Content, Content]:
    task = one.task
    return (
        words(f"□ {one.age_hours:5.1f} h  {task.kind}  {task.number} — {task.owner or 'nobody yet'}", "bold"),
        joined("  ", words(task.text + (f" ({task.note})" if task.note else ""), "$muted", 400)),
    )
