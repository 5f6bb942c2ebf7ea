"""Remarks on boxes, and work that only a person can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from cratejoy_tui.cli.decisions import decide, id_argument
from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.cli.options import Verb, shared

if TYPE_CHECKING:
    from cratejoy_tui.sync.flows.desk import Desk


@click.command("note", cls=Verb, examples=['cratejoy-tui note 123456 "called the customer"'])
@id_argument
@click.argument("text")
@shared
@click.pass_context
def note_verb(context: click.Context, /, shipment_id: str, text: str) -> ExitCode:
    """Leave a remark on a box."""

    async def work(desk: Desk) -> None:
        from cratejoy_tui.sync.flows.people import remark

        await remark(desk, shipment_id, text)

    return decide(context, "noted", (shipment_id,), work)


@click.command("assign", cls=Verb, examples=["cratejoy-tui assign 17 maria"])
@click.argument("task_id", type=int, metavar="TASK")
@click.argument("owner")
@shared
@click.pass_context
def assign_verb(context: click.Context, /, task_id: int, owner: str) -> ExitCode:
    """Give a task to somebody."""

    async def work(desk: Desk) -> str:
        from cratejoy_tui.sync.flows.people import assign

        await assign(desk, task_id, owner)
        return f"Task {task_id} is {owner}'s now."

    return decide(context, "assigned", (str(task_id),), work)
