"""A plan that a person reviewed and allowed, applied as a run of its own, so that the books show it."""

from __future__ import annotations

from collections import Counter

import msgspec

from cratejoy_tui.errors import RunStopped
from cratejoy_tui.sync.domain.plan import Outcome, Plan, Result
from cratejoy_tui.sync.flows.apply import apply
from cratejoy_tui.sync.flows.desk import Desk

ATTENTION = 1


async def apply_as_run(desk: Desk, plan: Plan) -> list[Outcome]:
    """Apply the plan and note the run's begin and end. It never counts as a good run: those do all arrows."""
    kinds = " ".join(sorted(kind.value for kind in plan.counts()))
    run = await desk.ledger.runs.begin(f"console {kinds}", desk.rules)
    before = _calls(desk)
    outcomes: list[Outcome] = []
    code = RunStopped.exit_code
    try:
        outcomes = await apply(desk, plan)
        code = 0 if all(outcome.result is Result.DONE for outcome in outcomes) else ATTENTION
    except RunStopped as stopped:
        code = stopped.exit_code
        raise
    finally:
        results = Counter(f"{outcome.kind} {outcome.result}" for outcome in outcomes)
        requests, writes = (now - then for now, then in zip(_calls(desk), before, strict=True))
        kept = {"requests": requests, "writes": writes, "results": results, "rules": desk.rules_hash}
        await desk.ledger.runs.finish(run.id, code, False, msgspec.json.encode(kept).decode())
    return outcomes


def _calls(desk: Desk) -> tuple[int, int]:
    sides = (desk.source.calls, desk.warehouse.calls)
    return sum(side.requests for side in sides), sum(side.writes for side in sides)
