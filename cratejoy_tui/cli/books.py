"""The books: `reconcile`, `report`, `export`."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import rich_click as click

from cratejoy_tui.cli.desk_verbs import desk_verb
from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.cli.output import Output, cell, fields_of
from cratejoy_tui.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cratejoy_tui.sync.flows.complete import Reconciled
    from cratejoy_tui.sync.flows.desk import Desk
    from cratejoy_tui.sync.flows.report import Report

DAY = click.DateTime(["%Y-%m-%d"])
MONTH = click.DateTime(["%Y-%m"])


@desk_verb("reconcile", examples=["cratejoy-tui reconcile", "cratejoy-tui reconcile --json"])
async def reconcile_verb(desk: Desk, output: Output) -> ExitCode:
    """Compare Cratejoy, the ledger and the warehouse, and name every box about which they do not agree."""
    from cratejoy_tui.sync.flows.complete import reconcile

    found = await reconcile(desk)
    _tell_reconciled(output, found)
    if not found.complete:
        return ExitCode.UNEXPECTED_ANSWER
    return ExitCode.ATTENTION if found.disagreements else ExitCode.WELL


def _tell_reconciled(output: Output, found: Reconciled) -> None:
    rows = found.disagreements
    columns = ["kind", "shipment_id", "number", "cratejoy", "ledger", "warehouse", "next_step"]
    output.table("disagreement", rows, columns, empty=f"{found.store}: all three agree.", title=found.store)
    sums = {name: value for name, value in fields_of(found).items() if name != "disagreements"}
    output.record("reconciled", **sums, disagreements=len(rows))
    for problem in found.problems:
        output.warn(problem)
    asked = "not asked" if found.asked_there is None else f"asked for {found.asked_there}"
    output.line(
        f"{found.store}: {found.listed} unshipped in Cratejoy, {found.open_here} open and {found.closed_here} closed "
        f"in the ledger, warehouse {asked}; {len(found.owed)} owed from before the earliest order date."
    )


@desk_verb(
    "report",
    examples=[
        "cratejoy-tui report",
        "cratejoy-tui report --day 2026-11-23",
        "cratejoy-tui report --day 2026-11-23 --shift 06:00-14:00",
        "cratejoy-tui report --month 2026-11",
        "cratejoy-tui report --from 2026-11-01 --to 2026-11-30 --json",
    ],
)
@click.option("--day", type=DAY, metavar="DATE", help="One store day. [default: today]")
@click.option("--from", "first", type=DAY, metavar="DATE", help="First store day of several.")
@click.option("--to", "last", type=DAY, metavar="DATE", help="Last store day of several.")
@click.option("--month", type=MONTH, metavar="YYYY-MM", help="All store days of a month, up to today.")
@click.option(
    "--shift", metavar="HH:MM-HH:MM", default="", help="With --day: only from and to these hours, store time."
)
async def report_verb(
    desk: Desk,
    output: Output,
    day: datetime | None,
    first: datetime | None,
    last: datetime | None,
    month: datetime | None,
    shift: str,
) -> None:
    """Report on store days: boxes in and out, orders and parcels per warehouse, e-mails, open tasks, overdue."""
    from cratejoy_tui.sync.flows.report import report

    if sum(map(bool, (day, first or last, month))) > 1:
        raise click.UsageError("Give --day, or --month, or --from and --to.")
    if shift and (first or last or month):
        raise click.UsageError("--shift goes with --day.")
    today = desk.clock.now().astimezone(desk.rules.zone).date()
    start, end = _month(today, month.date()) if month else _days(today, day or first, day or last)
    found = await report(desk, start, end, _hours(shift) if shift else None)
    output.record("report", **fields_of(found))
    _tell_report(output, found)


def _hours(shift: str) -> tuple[time, time]:
    begins, _, ends = shift.partition("-")
    try:
        return time.fromisoformat(begins.strip()), time.fromisoformat(ends.strip())
    except ValueError:
        raise click.UsageError(f"--shift {shift}: give two times of day, such as 06:00-14:00.") from None


def _month(today: date, first: date) -> tuple[date, date]:
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first, max(first, min(last, today))


def _days(today: date, first: datetime | None, last: datetime | None) -> tuple[date, date]:
    end = last.date() if last else today
    start = first.date() if first else end
    if start > end:
        raise click.UsageError(f"--from {start} is after --to {end}.")
    return start, end


def _tell_report(output: Output, found: Report) -> None:
    rows = [{"day": day.day, **fields_of(day.counts), **fields_of(day)} for day in (*found.days, found.total)]
    rows[-1]["day"] = "together"
    when = f"{found.shift} {found.time_zone}".strip()
    columns = ["day", "opening", "new", "cancelled", "confirmed", "closing", "emails", "second_emails"]
    output.table("", rows, columns, title=f"{found.store} ({when})")
    for warehouse in sorted({*found.total.orders, *found.total.parcels}):
        orders, parcels = found.total.orders.get(warehouse, 0), found.total.parcels.get(warehouse, 0)
        output.line(f"{warehouse}: {orders} orders, {parcels} parcels.")
    tasks = [{**fields_of(one.task), "age_hours": one.age_hours} for one in found.tasks]
    output.table("", tasks, ["id", "kind", "shipment_id", "text", "owner", "note", "age_hours"], title="Open tasks")
    output.table("", found.overdue, ["shipment_id", "order_number", "late", "since"], title="Overdue")
    output.line(f"Made {cell(found.made_at)}. Audit record {found.audit_seq}: {found.audit_head}")


@desk_verb(
    "export",
    one=True,
    examples=["cratejoy-tui export --to boxes.csv", "cratejoy-tui export --form json --stage confirmed"],
)
@click.option("--form", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
@click.option(
    "--to", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="A new file. [default: stdout]"
)
@click.option("--stage", "stages", metavar="STAGE", multiple=True, help="Only boxes at this stage; may be repeated.")
async def export_verb(desk: Desk, output: Output, form: str, to: Path | None, stages: tuple[str, ...]) -> None:
    """Write everything known of every box, with names and addresses that were not purged."""
    from cratejoy_tui.cli.questions import stages_of
    from cratejoy_tui.sync.flows.export import EVERY_STAGE, Form, export

    with _opened(to) as file:
        wanted = stages_of(stages) or EVERY_STAGE
        boxes = await export(desk, file.write, Form.JSON if output.as_json else Form(form), wanted)
    output.say(f"{desk.store}: {counted(boxes, 'box')} written{f' to {to}' if to else ''}.")


@contextmanager
def _opened(path: Path | None) -> Iterator[TextIO]:
    """stdout, or a new file that only this user may read."""
    if path is None:
        yield sys.stdout
        return
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise click.UsageError(f"--to {path}: the file is there already; give a new one.") from None
    except OSError as error:
        raise click.UsageError(f"--to {path}: {error.strerror}.") from None
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        yield file
