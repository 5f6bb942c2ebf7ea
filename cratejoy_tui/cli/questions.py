"""How do things stand, and why? `status`, `list`, `explain`, `history`."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import rich_click as click

from cratejoy_tui.cli.desk_verbs import desk_verb
from cratejoy_tui.cli.desks import at_each_desk, at_one_desk
from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.cli.options import Options, seconds_of, verb
from cratejoy_tui.cli.output import Output, cell, fields_of
from cratejoy_tui.text import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cratejoy_tui.sync.domain.books import AuditRecord
    from cratejoy_tui.sync.domain.record import Stored
    from cratejoy_tui.sync.domain.stage import Stage
    from cratejoy_tui.sync.flows.desk import Desk
    from cratejoy_tui.sync.flows.explain import Explained
    from cratejoy_tui.sync.flows.status import Status

AT_ONCE = 500


@desk_verb("status", examples=["cratejoy-tui status", "cratejoy-tui status --max-age 30m --quiet"])
@click.option("--max-age", metavar="TIME", default="", help="End with 1 when the last good run is older, such as 30m.")
@click.option("--ask-warehouse", is_flag=True, help="Ask the warehouse too whether orders were picked up.")
async def status_verb(desk: Desk, output: Output, max_age: str, *, ask_warehouse: bool) -> ExitCode:
    """Show how each store stands: boxes by stage, holds, what is overdue or in doubt, open tasks, the last run."""
    from cratejoy_tui.sync.flows.status import status

    most_seconds = seconds_of(max_age, "--max-age") if max_age else 0
    found = await status(desk, ask_warehouse=ask_warehouse)
    output.record("status", **fields_of(found), keys=dict(desk.key_sources))
    if not output.quiet:
        _tell_status(output, found)
        if keys := ", ".join(f"{name} from {source}" for name, source in desk.key_sources.items()):
            output.line(f"Keys: {keys}.")
    if most_seconds and found.is_stale(most_seconds):
        output.warn(f"{desk.store}: no good run within {max_age}.")
        return ExitCode.ATTENTION
    return ExitCode.WELL


def _tell_status(output: Output, found: Status) -> None:
    rows = [{"stage": stage, "boxes": count} for stage, count in found.stages.items()]
    output.table("", rows, ["stage", "boxes"], title=f"{found.store} > {found.warehouse}", empty="No boxes yet.")
    for title, reasons in (("Held", found.holds), ("Waiting", found.waiting)):
        if reasons:
            output.line(f"{title}: {', '.join(f'{count} {reason}' for reason, count in reasons.items())}")
    if found.tried_again:
        output.line(f"Tried again: {counted(found.tried_again, 'box')} from {cell(found.next_try)}, or after `retry`.")
    output.table("", found.overdue, ["shipment_id", "order_number", "late", "since"], title="Overdue")
    output.table("", found.in_doubt, ["kind", "shipment_id", "number", "sent_at", "error"], title="In doubt")
    output.table("", found.tasks, ["id", "kind", "shipment_id", "text", "owner", "made_at"], title="Tasks")
    for lease, what in ((found.running, "runs"), (found.writing, "writes")):
        if lease is not None:
            output.line(f"{lease.holder} {what} since {cell(lease.taken_at)}.")
    last = found.last_good_run
    output.line(f"Last good run: {cell(last.ended_at or last.started_at) if last else 'none yet'}.")


@desk_verb(
    "list",
    examples=[
        "cratejoy-tui list --stage held",
        "cratejoy-tui list --reason NO_SKU --json",
        "cratejoy-tui list SUB-1234",
    ],
)
@click.argument("text", default="")
@click.option("--stage", "stages", metavar="STAGE", multiple=True, help="Only boxes at this stage; may be repeated.")
@click.option("--reason", default="", metavar="REASON", help="Only boxes held for this reason.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most N boxes.")
async def list_verb(
    desk: Desk, output: Output, text: str, stages: tuple[str, ...], reason: str, limit: int | None
) -> None:
    """List boxes, the earliest target first; TEXT is the start of shipment ids or order numbers."""
    ids = await desk.ledger.views.ids(stages_of(stages) or None, reason=reason.upper(), text=text)
    await _list(output, desk, ids[:limit])


def stages_of(words: Sequence[str]) -> frozenset[Stage]:
    """The stages that these words name, `at-warehouse` or `at warehouse`. Raises UsageError."""
    from cratejoy_tui.sync.domain.stage import Stage

    known = {stage.value: stage for stage in Stage}
    plain = {word: word.strip().lower().replace("-", " ").replace("_", " ") for word in words}
    if unknown := [word for word, stage in plain.items() if stage not in known]:
        raise click.UsageError(f"--stage {unknown[0]}: give one of {', '.join(known)}.")
    return frozenset(known[stage] for stage in plain.values())


async def _list(output: Output, desk: Desk, ids: list[str]) -> None:
    rows: list[dict[str, Any]] = []
    for start in range(0, len(ids), AT_ONCE):
        page = ids[start : start + AT_ONCE]
        stored = await desk.ledger.shipments.get(page)
        found = [_row(desk, stored[id_]) for id_ in page if id_ in stored]
        if output.as_json:
            output.table("box", found, ())
        else:
            rows += found
    if not output.as_json:
        columns = ["shipment_id", "order_number", "stage", "reason", "detail", "target_at", "stage_since"]
        spare = ["stage_since", "shipment_id", "detail", "target_at"]
        output.table(
            "", rows, columns, spare=spare, empty="No box fits.", title=f"{desk.store}: {counted(len(rows), 'box')}"
        )


def _row(desk: Desk, stored: Stored) -> dict[str, Any]:
    return {
        "store": desk.store,
        "shipment_id": stored.id,
        "order_number": stored.order_number,
        "stage": stored.stage,
        "reason": stored.reason,
        "detail": stored.detail,
        "flags": stored.flags,
        "target_at": stored.target_at,
        "stage_since": stored.stage_since,
        "held_by": stored.hold.by if stored.hold else "",
    }


@desk_verb("explain", one=True, examples=["cratejoy-tui explain 123456", "cratejoy-tui explain SUB-123456 --json"])
@click.argument("asked", metavar="ID")
async def explain_verb(desk: Desk, output: Output, asked: str) -> None:
    """Say why a box is where it is: every rule, value and verdict, and when it will go. Also for boxes never pulled."""
    from cratejoy_tui.sync.flows.explain import explain

    found = await explain(desk, asked)
    output.record("explained", store=desk.store, **fields_of(found))
    _tell_explained(output, found)


def _tell_explained(output: Output, found: Explained) -> None:
    billing = f", {found.billing.value}" if found.billing else ""
    output.line(f"Shipment {found.shipment_id}, order {found.order_number or 'none yet'}{billing}.")
    if found.problem and not output.as_json:
        output.warn(found.problem)
    since = f" since {cell(found.stage_since)}" if found.stage_since else ""
    output.line(f"Stage: {found.stage.value if found.stage else 'never pulled'}{since}")
    if found.reason:
        output.line(f"Reason: {found.reason}. {found.detail}".rstrip())
    if found.hold:
        output.line(f"Held by {found.hold.by}: {found.hold.reason}")
    output.line(f"When: {found.becoming.text}")
    rows = [{**fields_of(verdict), "verdict": "yes" if verdict.passed else "NO"} for verdict in found.verdicts]
    columns = ["rule", "name", "value", "verdict", "reason", "detail", "until", "flag"]
    output.table("", rows, columns, empty="No rule was evaluated.", title="Rules")
    _tell_deeds(output, found)


def _tell_deeds(output: Output, found: Explained) -> None:
    parts = (
        ("What was done", found.operations, ["kind", "number", "state", "attempts", "sent_at", "via", "error", "by"]),
        ("Changed since it was sent", found.drift, ["field", "sent", "now"]),
        ("Tasks", found.tasks, ["id", "kind", "text", "owner", "made_at", "done_at"]),
        ("Notes", found.notes, ["at", "by", "text"]),
    )
    for title, things, columns in parts:
        output.table("", things, columns, spare=("attempts", "via"), title=title)
    rows = [{**fields_of(one.parcel), **fields_of(one)} for one in found.tracking]
    columns = ["id", "carrier_name", "tracking_number", "shipped_at", "voided", "quality", "reason", "decision"]
    output.table("", rows, columns, spare=("id", "carrier_name"), title="Tracking")


@verb("history", examples=["cratejoy-tui history", "cratejoy-tui history 123456", "cratejoy-tui history --rules"])
@click.argument("asked", metavar="[ID]", default="")
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, metavar="N", help="At most N lines."
)
@click.option("--rules", is_flag=True, help="The rules that runs worked under, and since when.")
def history_verb(options: Options, asked: str, limit: int, rules: bool) -> ExitCode:
    """Show the last runs, or all that was ever recorded about one box."""

    output = options.output()
    if asked:
        return at_one_desk(options, "history", lambda desk: _one_box(output, desk, asked, limit))
    return at_each_desk(options, "history", lambda desk: _runs(output, desk, limit, rules=rules))


async def _runs(output: Output, desk: Desk, limit: int, *, rules: bool) -> None:
    if rules:
        type_, columns = "rules", ["rules", "since", "by", "json"]
    else:
        type_, columns = "run", ["id", "kind", "operator", "started_at", "ended_at", "exit_code", "good"]
    found = await (desk.ledger.runs.rules(limit) if rules else desk.ledger.runs.recent(limit))
    rows = [{"store": desk.store, **fields_of(one)} for one in found]
    output.table(type_, rows, columns, empty="No run yet.", title=desk.store)


async def _one_box(output: Output, desk: Desk, asked: str, limit: int) -> None:
    from cratejoy_tui.sync.flows.explain import shipment_id_of

    shipment_id = await shipment_id_of(desk, asked)
    newest: deque[AuditRecord] = deque(maxlen=limit)
    while page := await desk.ledger.audit.records(newest[-1].seq if newest else 0, AT_ONCE, shipment_id):
        newest.extend(page)
    rows = [fields_of(record) for record in newest]
    output.table("audit", rows, ["seq", "at", "operator", "action", "detail"], empty="Nothing is recorded.")
