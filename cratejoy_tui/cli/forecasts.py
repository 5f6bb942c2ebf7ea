"""What is coming, and what another setting would do: `readiness` and `whatif`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from cratejoy_tui.cli.desks import at_each_desk
from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.cli.options import Options, verb
from cratejoy_tui.cli.output import Output, fields_of
from cratejoy_tui.text import counted

if TYPE_CHECKING:
    from cratejoy_tui.sync.domain.rules import Rules
    from cratejoy_tui.sync.flows.desk import Desk
    from cratejoy_tui.sync.flows.readiness import Readiness
    from cratejoy_tui.sync.flows.whatif import WhatIf


@verb("readiness", examples=["cratejoy-tui readiness", "cratejoy-tui readiness --days 45"])
@click.option("--days", type=click.IntRange(1, 366), metavar="N", help="How far past the window to look.")
def readiness_verb(options: Options, days: int | None) -> ExitCode:
    """Look at the batches to come: how many boxes, which SKUs the warehouse will need, what would hold them."""

    async def work(desk: Desk) -> None:
        from cratejoy_tui.sync.flows.readiness import DAYS_AHEAD, readiness

        found = await readiness(desk, days or DAYS_AHEAD)
        output = options.output()
        output.record("readiness", **fields_of(found))
        _tell_readiness(output, found)

    return at_each_desk(options, "readiness", work)


def _tell_readiness(output: Output, found: Readiness) -> None:
    rows = [{**fields_of(batch), "pieces": sum(batch.skus.values())} for batch in found.batches]
    columns = ["day", "billing", "boxes", "ready", "due_from", "pieces", "unknown_skus"]
    output.table("", rows, columns, title=found.store, empty=f"{found.store}: no boxes are dated that far ahead.")
    for batch in found.batches:
        for problem in batch.problems:
            some = f"{counted(problem.boxes, 'box')}, such as {', '.join(problem.shipment_ids)}"
            output.line(f"{batch.day} {problem.reason}: {some}. {problem.detail}".rstrip())
    for note in found.notes:
        output.line(note)


@verb(
    "whatif",
    examples=[
        "cratejoy-tui whatif target-ship-date-within=10",
        "cratejoy-tui whatif subscription-sku-suffix=YYMM open-batch=push",
    ],
)
@click.argument("settings", nargs=-1, required=True, metavar="SETTING=VALUE...")
def whatif_verb(options: Options, settings: tuple[str, ...]) -> ExitCode:
    """Show what other settings would do to every open box. Nothing is changed."""
    if bad := [text for text in settings if "=" not in text]:
        raise click.UsageError(f"{bad[0]}: write SETTING=VALUE, such as target-ship-date-within=10.")

    async def work(desk: Desk) -> None:
        from cratejoy_tui.sync.flows.whatif import whatif

        found = await whatif(desk, _changed(desk.rules, settings))
        output = options.output()
        output.record("whatif", **fields_of(found))
        _tell_whatif(output, found)

    return at_each_desk(options, "whatif", work)


def _changed(rules: Rules, settings: tuple[str, ...]) -> Rules:
    from cratejoy_tui.settings import change_rule

    for text in settings:
        name, _, value = text.partition("=")
        rules = change_rule(rules, name, value)
    return rules


def _tell_whatif(output: Output, found: WhatIf) -> None:
    from cratejoy_tui.settings import rule_name

    for change in found.changes:
        output.line(f"{rule_name(change.name)}: {change.before} > {change.after}")
    parts = (
        ("Would be sent", found.becomes_eligible),
        ("Would be held", found.becomes_held),
        ("Would be held for another reason", found.other_reason),
        ("Would have other SKUs", found.other_skus),
        ("Would have another ship code", found.other_ship_code),
    )
    for title, effects in parts:
        columns = ["shipment_id", "number", "before", "after", "detail"]
        output.table("", effects, columns, title=f"{title}: {len(effects)}")
    if found.other_ship_date:
        output.line(f"Another ship date would be asked for {counted(found.other_ship_date, 'box')}.")
    for note in found.notes:
        output.line(note)
    nothing = " Nothing would change." if found.changes_nothing else ""
    output.line(f"{found.store}: {counted(found.looked_at, 'open box')} looked at.{nothing}")
