"""Remarks on boxes, and work that only a person can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from cratejoy_tui.cli.decisions import decide, id_argument
from cratejoy_tui.cli.desks import at_one_desk
from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.cli.options import Options, verb

if TYPE_CHECKING:
    from cratejoy_tui.sync.flows.desk import Desk


@verb("note", examples=['cratejoy-tui note 123456 "called the customer"'])
@id_argument
@click.argument("text")
def note_verb(options: Options, asked: str, text: str) -> ExitCode:
    """Leave a remark on a box."""
    from cratejoy_tui.sync.flows.people import remark

    return decide(options, "noted", (asked,), lambda desk, ids: remark(desk, ids[0], text))


task_argument = click.argument("task_id", type=int, metavar="TASK")


@verb("assign", examples=["cratejoy-tui assign 17 maria"])
@task_argument
@click.argument("owner")
def assign_verb(options: Options, task_id: int, owner: str) -> ExitCode:
    """Give a task to somebody."""

    async def work(desk: Desk) -> None:
        from cratejoy_tui.sync.flows.people import assign

        await assign(desk, task_id, owner)
        options.output().record("decision", store=desk.store, decision="assigned", task=task_id, owner=owner)
        options.output().line(f"Task {task_id} is {owner}'s now.")

    return at_one_desk(options, "assign", work)


@verb("done", examples=['cratejoy-tui done 17 --note "customer keeps the old address"'])
@task_argument
@click.option("--note", required=True, metavar="TEXT", help="What came of it; kept with the task.")
def done_verb(options: Options, task_id: int, note: str) -> ExitCode:
    """Tick a task off. A box of the stop-ship list is ticked off by `cancellations --done`."""

    async def work(desk: Desk) -> None:
        from cratejoy_tui.sync.flows.people import done

        await done(desk, task_id, note)
        options.output().record("decision", store=desk.store, decision="done", task=task_id, by=desk.operator)
        options.output().line(f"Task {task_id} is done.")

    return at_one_desk(options, "done", work)
