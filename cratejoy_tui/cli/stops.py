"""`cancellations`: the stop-ship list, to print and to tick off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from cratejoy_tui.cli.desks import at_each_desk, at_one_desk
from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.cli.options import Options, verb
from cratejoy_tui.cli.output import Output, fields_of

if TYPE_CHECKING:
    from cratejoy_tui.sync.flows.desk import Desk


@verb(
    "cancellations",
    examples=[
        "cratejoy-tui cancellations",
        "cratejoy-tui cancellations --csv > stop.csv",
        'cratejoy-tui cancellations --done 123456 --note "taken off the belt"',
        'cratejoy-tui cancellations --done 123456 --left --note "was on the truck"',
    ],
)
@click.option("--csv", "as_csv", is_flag=True, help="For a spreadsheet.")
@click.option("--done", metavar="ID", default="", help="Tick this box off: it was stopped.")
@click.option("--left", is_flag=True, help="With --done: it had left already.")
@click.option("--note", metavar="TEXT", default="", help="With --done: what happened; kept in the audit.")
def cancellations_verb(options: Options, as_csv: bool, done: str, left: bool, note: str) -> ExitCode:
    """List the boxes that somebody must stop by hand at the warehouse, longest waiting first."""
    output = options.output()
    if not done:
        if left or note:
            raise click.UsageError(f"{'--left' if left else '--note'} goes with --done.")
        return at_each_desk(options, "cancellations", lambda desk: _list(output, desk, as_csv))
    if not note:
        raise click.UsageError("--done needs a --note saying what happened.")
    return at_one_desk(options, "cancellations", lambda desk: _tick_off(output, desk, done, note, stopped=not left))


async def _list(output: Output, desk: Desk, as_csv: bool) -> None:
    from cratejoy_tui.sync.flows import cancellations

    boxes = await cancellations.stop_ship_list(desk)
    for box in boxes:
        output.record("stop", store=desk.store, **fields_of(box))
    if as_csv:
        output.document(cancellations.as_csv(boxes))
    elif boxes:
        output.document(cancellations.as_text(boxes, desk.rules.zone))
    else:
        output.say(f"{desk.store}: nothing is to be stopped by hand.")


async def _tick_off(output: Output, desk: Desk, asked: str, note: str, *, stopped: bool) -> None:
    from cratejoy_tui.sync.flows.cancellations import tick_off

    stage = await tick_off(desk, asked, note, stopped=stopped)
    output.record("decision", store=desk.store, decision="ticked off", asked=asked, stage=stage)
    output.line(f"{asked} is {stage} now.")
