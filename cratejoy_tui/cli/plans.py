"""`plan` shows what would be sent; `push` and `confirm` send it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from cratejoy_tui.cli.desk_verbs import desk_verb
from cratejoy_tui.cli.desks import at_each_desk, at_one_desk
from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.cli.options import Options, sending, verb
from cratejoy_tui.cli.output import Output
from cratejoy_tui.errors import UnsafePlan
from cratejoy_tui.text import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cratejoy_tui.sync.domain.plan import Outcome, Plan
    from cratejoy_tui.sync.flows.desk import Desk


@desk_verb("plan", examples=["cratejoy-tui plan --store main"])
async def plan_verb(desk: Desk, output: Output) -> None:
    """Show what would be sent now, and what is held and why. Reads the ledger only; `--auto --dry-run` pulls first."""
    from cratejoy_tui.sync.flows.judging import judge_open
    from cratejoy_tui.sync.flows.preview import preview

    await judge_open(desk)
    show_plan(output, await preview(desk))


plan_option = click.option(
    "--plan", "plan_hash", metavar="HASH", default="", help="Only if the plan is still the one you looked at."
)


@verb("push", examples=["\x08", "cratejoy-tui push", "cratejoy-tui push --plan 1f2e3d4c5b6a7988"])
@plan_option
@sending
def push_verb(options: Options, plan_hash: str) -> ExitCode:
    """Send the planned boxes to the warehouse."""
    return _send(options, "push", plan_hash)


@verb("confirm", examples=["cratejoy-tui confirm --store main"])
@plan_option
@sending
def confirm_verb(options: Options, plan_hash: str) -> ExitCode:
    """Tell Cratejoy the tracking of the boxes that left; each customer is e-mailed."""
    return _send(options, "confirm", plan_hash)


def _send(options: Options, word: str, plan_hash: str) -> ExitCode:
    async def work(desk: Desk) -> ExitCode:
        return await apply_plan(options.output(), desk, word, plan_hash)

    return at_one_desk(options, word, work) if plan_hash else at_each_desk(options, word, work)


async def apply_plan(output: Output, desk: Desk, word: str, plan_hash: str) -> ExitCode:
    """Send what is planned of this kind, if the plan is still the one that was looked at."""
    from dataclasses import replace

    from cratejoy_tui.sync.domain.stage import Kind
    from cratejoy_tui.sync.flows.apply import apply
    from cratejoy_tui.sync.flows.judging import judge_open
    from cratejoy_tui.sync.flows.preview import preview

    await judge_open(desk)
    plan, kind = await preview(desk), Kind(word)
    part = await preview(desk, [kind])
    if plan_hash and plan_hash not in (plan.hash, part.hash):
        raise UnsafePlan(
            f"The plan of {desk.store} is {plan.hash} now, not {plan_hash}. Nothing was sent.",
            next_step="Look at it again with `cratejoy-tui plan`.",
        )
    outcomes = await apply(desk, replace(part, rows=part.only([kind])))
    code = show_outcomes(output, desk, outcomes)
    if desk.should_stop() and (left := len(part.rows) - len(outcomes)):
        planned = counted(len(part.rows), "box")
        output.warn(f"{desk.store}: stopped. {left:,} of {planned} were not begun; `cratejoy-tui {word}` goes on.")
    return code


def show_plan(output: Output, plan: Plan) -> None:
    """The plan's rows and holds, then its name."""
    output.table("row", plan.rows, ["kind", "shipment_id", "number", "note"], empty="Nothing to send.")
    output.table("hold", plan.holds, ["shipment_id", "reason", "detail"])
    counts = {kind.value: count for kind, count in plan.counts().items()}
    output.record("plan", store=plan.store, hash=plan.hash, made_at=plan.made_at, rules=plan.rules, counts=counts)
    output.line(f"Plan {plan.hash} for {plan.store}: {sum(counts.values())} to send, {len(plan.holds)} held.")


def show_outcomes(output: Output, desk: Desk, outcomes: Sequence[Outcome]) -> ExitCode:
    """What came of each row, and the code that says whether a person should look."""
    from cratejoy_tui.sync.domain.plan import Result

    columns = ["kind", "shipment_id", "number", "result", "stage", "reason"]
    output.table("outcome", outcomes, columns, empty="" if desk.should_stop() else "Nothing to send.")
    writes = desk.source.calls.writes + desk.warehouse.calls.writes
    output.record("summary", store=desk.store, rows=len(outcomes), writes=writes)
    good = {Result.DONE, Result.CHANGED}
    return ExitCode.WELL if all(outcome.result in good for outcome in outcomes) else ExitCode.ATTENTION
