"""Looking after the ledger, and playing the simulator: `verify`, `purge`, `simulate`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from cratejoy_tui.cli.desk_verbs import desk_verb
from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.cli.options import Verb
from cratejoy_tui.cli.output import Output, fields_of
from cratejoy_tui.setup.findings import need_whole
from cratejoy_tui.text import counted

if TYPE_CHECKING:
    from cratejoy_tui.sync.flows.desk import Desk


@desk_verb("verify", examples=["cratejoy-tui verify", "cratejoy-tui verify --store main --json"])
async def verify_verb(desk: Desk, output: Output) -> None:
    """Check that nothing in the audit was changed, removed or added afterwards."""
    found = await desk.ledger.audit.verify()
    output.record("verified", store=desk.store, **fields_of(found))
    need_whole(desk.store, found)
    output.line(f"{desk.store}: {found.count} records, unbroken. Newest: {found.head}")


def _sure(context: click.Context, _: click.Parameter, yes: bool) -> None:
    if yes or context.resilient_parsing:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("Say --yes: what is purged cannot be brought back.")
    click.confirm("What is purged cannot be brought back. Go on?", abort=True, err=True)


@desk_verb("purge", examples=["cratejoy-tui purge --yes", "cratejoy-tui purge --days 90 --yes"])
@click.option(
    "--days", type=click.IntRange(min=0), metavar="N", help="Closed more than N days ago. [default: the setting]"
)
@click.option("--yes", is_flag=True, help="Do not ask.", callback=_sure, expose_value=False)
async def purge_verb(desk: Desk, output: Output, days: int | None) -> None:
    """Forget names and addresses of boxes closed long ago. Open boxes are never touched; the audit stays whole."""
    from cratejoy_tui.sync.flows.purge import purge

    done = await purge(desk, days)
    output.record("purged", **fields_of(done))
    files = "" if done.files is None else f" and {counted(done.files, 'file')}"
    output.line(f"{desk.store}: names and addresses of {counted(done.boxes, 'box')}{files} are gone.")


@click.command(
    "simulate",
    cls=Verb,
    examples=["cratejoy-tui simulate --port 8800", "cratejoy-tui simulate --port 8800 --scenario late-cancels"],
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="0 takes any free one.")
@click.option("--scenario", default="calm-day", show_default=True, metavar="NAME", help="What happens there.")
@click.option(
    "--world", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Keep the world in a file."
)
@click.option("--seed", type=int, default=1, show_default=True, metavar="N", help="Chance of the world.")
@click.option("--boxes", type=click.IntRange(min=1), metavar="N", help="How many boxes to begin with.")
@click.option("--still", is_flag=True, help="Time stands still until a client moves it.")
def simulate_verb(port: int, scenario: str, world: Path | None, seed: int, boxes: int | None, still: bool) -> ExitCode:
    """Serve a made-up Cratejoy store and warehouse on this machine, until interrupted."""
    from cratejoy_tui.wiring import serve_simulator

    serve_simulator(port, scenario, world, seed=seed, boxes=boxes, standing_still=still)
    return ExitCode.WELL
