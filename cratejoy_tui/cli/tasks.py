"""Remarks on boxes, and work that only a person can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from cratejoy_tui.cli.decisions import decide, id_argument
from cratejoy_tui.cli.desks import at_one_desk
from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.cli.options import Verb, chosen, shared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cratejoy_tui.sync.flows.desk import Desk


@click.command("note", cls=Verb, examples=['cratejoy-tui note 123456 "called the customer"'])
@id_argument
@click.argument("text")
@shared
@click.pass_context
def note_verb(context: click.Context, /, asked: str, text: str) -> ExitCode:
    """Leave a remark on a box."""

    async def work(desk: Desk, ids: Sequence[str]) -> None:
        from cratejoy_tui.sync.flows.people import remark

        await remark(desk, ids[0], text)

    return decide(context, "noted", (asked,), work)


@click.command("assign", cls=Verb, examples=["cratejoy-tui assign 17 maria"])
@click.argument("task_id", type=int, metavar="TASK")
@click.argument("owner")
@shared
@click.pass_context
def assign_verb(context: click.Context, /, task_id: int, owner: str) -> ExitCode:
    """Give a task to somebody."""

    options = chosen(context)

    async def work(desk: Desk) -> None:
        from cratejoy_tui.sync.flows.people import assign

        await assign(desk, task_id, owner)
        options.output().record("decision", store=desk.store, decision="assigned", task=task_id, owner=owner)
        options.output().line(f"Task {task_id} is {owner}'s now.")

    return at_one_desk(options, "assign", work)
