"""Everything a cycle would write, as one plan. Reads only: the console shows it, a dry run prints it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from cratejoy_tui.errors import UnsafePlan
from cratejoy_tui.sync.domain.limits import over_limit
from cratejoy_tui.sync.domain.plan import Plan, Row
from cratejoy_tui.sync.domain.stage import Kind
from cratejoy_tui.sync.flows.cancel import preview_cancel
from cratejoy_tui.sync.flows.confirm import preview_confirm
from cratejoy_tui.sync.flows.desk import Desk
from cratejoy_tui.sync.flows.push import preview_push
from cratejoy_tui.text import counted

ALL = frozenset({Kind.CANCEL, Kind.PUSH, Kind.CONFIRM})


async def preview(desk: Desk, kinds: Collection[Kind] = ALL) -> Plan:
    """The plan for these kinds of write, from what the ledger knows now. Rows stand in the order they would go."""
    rows: tuple[Row, ...] = ()
    holds = await desk.ledger.shipments.holds() if Kind.PUSH in kinds else ()
    if Kind.CANCEL in kinds:
        rows += await preview_cancel(desk)
    if Kind.PUSH in kinds:
        rows += await preview_push(desk)
    if Kind.CONFIRM in kinds:
        confirm_rows, confirm_holds = await preview_confirm(desk)
        rows += confirm_rows
        holds = (*holds, *confirm_holds)
    return Plan(store=desk.store, made_at=desk.clock.now(), rules=desk.rules_hash, rows=rows, holds=tuple(holds))


async def refuse_if_unsafe(desk: Desk, kind: Kind, boxes: int) -> None:
    """Raise UnsafePlan when this many boxes are far more than this store ever did at once, unless it was allowed."""
    if desk.allow_large:
        return
    since = desk.clock.now() - timedelta(days=desk.rules.plan_limits.days)
    largest = await desk.ledger.operations.largest_plan(kind, since)
    if why := over_limit(boxes, largest, desk.rules.plan_limits):
        raise UnsafePlan(f"{desk.store}: {counted(boxes, 'box')} to {kind}: {why}. None of them was sent.")
