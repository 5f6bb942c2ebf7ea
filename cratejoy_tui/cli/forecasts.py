"""What is coming, and what another setting would do: `readiness` and `whatif`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from cratejoy_tui.cli.desk_verbs import desk_verb
from cratejoy_tui.cli.output import Output, fields_of
from cratejoy_tui.text import counted

if TYPE_CHECKING:
    from cratejoy_tui.sync.flows.desk import Desk
    from cratejoy_tui.sync.flows.whatif import WhatIf


@desk_verb("readiness", examples=["cratejoy-tui readiness", "cratejoy-tui readiness --days 45"])
@click.option("--days", type=click.IntRange(1, 366), metavar="N", help="How far past the window to look.")
async def readiness_verb(desk: Desk, output: Output, days: int | None) -> None:
    """Look at the batches to come: how many boxes, which SKUs the warehouse will need, what would hold them."""
    from cratejoy_tui.sync.flows.readiness import DAYS_AHEAD, readiness

    found = await readiness(desk, days or DAYS_AHEAD)
    output.record("readiness", **fields_of(found))
    rows = [{**fields_of(batch), "pieces": sum(batch.skus.values())} for batch in found.batches]
    columns = ["day", "billing", "boxes", "ready", "due_from", "pieces", "unknown_skus"]
    output.table("", rows, columns, title=found.store, empty=f"{found.store}: no boxes are dated that far ahead.")
    for batch in found.batches:
        for problem in batch.problems:
            some = f"{counted(problem.boxes, 'box')}, such as {', '.join(problem.shipment_ids)}"
            output.line(f"{batch.day} {problem.reason}: {some}. {problem.detail}".rstrip())
    for note in found.notes:
        output.line(note)


@desk_verb(
    "whatif",
    examples=[
        "cratejoy-tui whatif target-ship-date-within=10",
        "cratejoy-tui whatif subscription-sku-suffix=YYMM open-batch=push",
    ],
)
@click.argument("settings", nargs=-1, required=True, metavar="SETTING=VALUE...")
async def whatif_verb(desk: Desk, output: Output, settings: tuple[str, ...]) -> None:
    """Show what other settings would do to every open box. Nothing is changed."""
    from cratejoy_tui.settings import change_rule
    from cratejoy_tui.sync.flows.whatif import whatif

    rules = desk.rules
    for text in settings:
        name, sign, value = text.partition("=")
        if not sign:
            raise click.UsageError(f"{text}: write SETTING=VALUE, such as target-ship-date-within=10.")
        rules = change_rule(rules, name, value)
    found = await whatif(desk, rules)
    output.record("whatif", **fields_of(found))
    _tell_whatif(output, found)


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
