"""Remarks on boxes, and work that only a person can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from cratejoy_tui.cli.decisions import decision, id_argument
from cratejoy_tui.cli.desk_verbs import desk_verb
from cratejoy_tui.cli.output import Output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cratejoy_tui.sync.flows.desk import Desk


@decision("note", "noted", examples=['cratejoy-tui note 123456 "called the customer"'])
@id_argument
@click.argument("text")
async def note_verb(desk: Desk, ids: Sequence[str], text: str) -> None:
    """Leave a remark on a box."""
    from cratejoy_tui.sync.flows.people import remark

    await remark(desk, ids[0], text)


task_argument = click.argument("task_id", type=int, metavar="TASK")


@desk_verb("assign", one=True, examples=["cratejoy-tui assign 17 maria"])
@task_argument
@click.argument("owner")
async def assign_verb(desk: Desk, output: Output, task_id: int, owner: str) -> None:
    """Give a task to somebody."""
    from cratejoy_tui.sync.flows.people import assign

    await assign(desk, task_id, owner)
    output.record("decision", store=desk.store, decision="assigned", task=task_id, owner=owner)
    output.line(f"Task {task_id} is {owner}'s now.")


@desk_verb("done", one=True, examples=['cratejoy-tui done 17 --note "customer keeps the old address"'])
@task_argument
@click.option("--note", required=True, metavar="TEXT", help="What came of it; kept with the task.")
async def done_verb(desk: Desk, output: Output, task_id: int, note: str) -> None:
    """Tick a task off. A box of the stop-ship list is ticked off by `cancellations --done`."""
    from cratejoy_tui.sync.flows.people import done

    await done(desk, task_id, note)
    output.record("decision", store=desk.store, decision="done", task=task_id, by=desk.operator)
    output.line(f"Task {task_id} is done.")
