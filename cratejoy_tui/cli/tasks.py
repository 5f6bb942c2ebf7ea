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


@verb("assign", examples=["cratejoy-tui assign 17 maria"])
@click.argument("task_id", type=int, metavar="TASK")
@click.argument("owner")
def assign_verb(options: Options, task_id: int, owner: str) -> ExitCode:
    """Give a task to somebody."""

    async def work(desk: Desk) -> None:
        from cratejoy_tui.sync.flows.people import assign

        await assign(desk, task_id, owner)
        options.output().record("decision", store=desk.store, decision="assigned", task=task_id, owner=owner)
        options.output().line(f"Task {task_id} is {owner}'s now.")

    return at_one_desk(options, "assign", work)
