"""`tracking`: the parcels we heard of, and a person's word on the doubtful ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import rich_click as click

from cratejoy_tui.cli.desks import at_each_desk, at_one_desk
from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.cli.options import Options, verb
from cratejoy_tui.cli.output import Output, fields_of

if TYPE_CHECKING:
    from cratejoy_tui.sync.domain.record import Tracked
    from cratejoy_tui.sync.flows.desk import Desk

COLUMNS = ["id", "shipment_id", "order_number", "carrier_name", "tracking_number", "shipped_at", "quality", "reason"]


@verb(
    "tracking",
    examples=[
        "cratejoy-tui tracking",
        "cratejoy-tui tracking list --all",
        "cratejoy-tui tracking accept 17",
        'cratejoy-tui tracking reject 17 18 --reason "label was reused"',
    ],
)
@click.argument("what", type=click.Choice(["list", "accept", "reject"]), default="list")
@click.argument("parcels", type=int, nargs=-1, metavar="PARCEL...")
@click.option("--all", "all_of_them", is_flag=True, help="List every parcel, not only those that wait for your word.")
@click.option("--reason", default="", metavar="TEXT", help="Why; kept with the box and in the audit.")
def tracking_verb(options: Options, what: str, parcels: tuple[int, ...], all_of_them: bool, reason: str) -> ExitCode:
    """List tracking that the program is not sure of, and accept or reject it by its number in the list."""
    output = options.output()
    if what == "list":
        return at_each_desk(options, "tracking", lambda desk: _list(output, desk, all_of_them))
    if not parcels:
        raise click.UsageError(f"Give the numbers of the parcels to {what}, as `tracking list` shows them.")
    accept = what == "accept"
    return at_one_desk(options, "tracking", lambda desk: _decide(output, desk, parcels, reason, accept=accept))


async def _list(output: Output, desk: Desk, all_of_them: bool) -> None:
    from cratejoy_tui.sync.domain.tracking import Quality
    from cratejoy_tui.sync.flows.doubtful_tracking import all_tracking

    quality = None if all_of_them else Quality.CHECK
    rows = [_row(desk, tracked) for tracked in await all_tracking(desk, quality, undecided=not all_of_them)]
    columns = [*COLUMNS, "decision"] if all_of_them else COLUMNS
    output.table("parcel", rows, columns, empty="No tracking waits for your word.", title=desk.store)


async def _decide(output: Output, desk: Desk, parcels: tuple[int, ...], reason: str, *, accept: bool) -> None:
    from cratejoy_tui.sync.flows.doubtful_tracking import decide_tracking

    word = "accepted" if accept else "rejected"
    for tracked in await decide_tracking(desk, parcels, accept=accept, reason=reason):
        output.record("decision", **{**_row(desk, tracked), "decision": word, "decided_by": desk.operator})
        output.line(f"Parcel {tracked.id} of order {tracked.parcel.order_number}: {word}.")


def _row(desk: Desk, tracked: Tracked) -> dict[str, Any]:
    own = {name: value for name, value in fields_of(tracked).items() if name != "parcel"}
    return {"store": desk.store, **fields_of(tracked.parcel), **own}
