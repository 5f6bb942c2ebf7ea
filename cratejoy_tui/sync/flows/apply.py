"""Do what a plan says, and only that: the one way from a reviewed plan to remote writes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from cratejoy_tui.errors import UnsafePlan
from cratejoy_tui.sync.domain.plan import Outcome, Plan, Result, Row
from cratejoy_tui.sync.domain.stage import Kind
from cratejoy_tui.sync.flows.cancel import apply_cancel
from cratejoy_tui.sync.flows.confirm import apply_confirm
from cratejoy_tui.sync.flows.desk import Desk
from cratejoy_tui.sync.flows.preview import refuse_if_unsafe
from cratejoy_tui.sync.flows.push import apply_push

Apply = Callable[[Desk, Sequence[Row]], Awaitable[list[Outcome]]]

IN_ORDER: dict[Kind, Apply] = {Kind.CANCEL: apply_cancel, Kind.PUSH: apply_push, Kind.CONFIRM: apply_confirm}


async def apply(desk: Desk, plan: Plan) -> list[Outcome]:
    """Apply every row of the plan: cancels first, then pushes, then confirmations; one outcome per row tried.

    A row whose box changed is left out, by name. Raises UnsafePlan, before anything is sent, when the rules
    changed since the plan was made or the plan is far larger than usual.
    """
    if plan.rules != desk.rules_hash:
        raise UnsafePlan(
            f"The rules of {desk.store} changed since plan {plan.hash} was made. Nothing was sent.",
            next_step="Make a new plan and look at it again.",
        )
    for kind, boxes in plan.counts().items():
        await refuse_if_unsafe(desk, kind, boxes)
    outcomes: list[Outcome] = []
    for kind in IN_ORDER:
        outcomes += await apply_kind(desk, kind, plan.only({kind}), IN_ORDER[kind])
    return outcomes


async def apply_kind(desk: Desk, kind: Kind, rows: Sequence[Row], how: Apply) -> list[Outcome]:
    """Apply the rows of one kind and remember how many boxes it was, for the limits of later plans."""
    if not rows:
        return []
    outcomes = await how(desk, rows)
    done = sum(outcome.result is Result.DONE for outcome in outcomes)
    await desk.ledger.operations.applied_plan(kind, done, desk.operator)
    return outcomes
