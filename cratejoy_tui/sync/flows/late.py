"""Which boxes take longer than they may, right now?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import timedelta

from cratejoy_tui.errors import NotSupported, RunStopped
from cratejoy_tui.sync.domain.books import Standing
from cratejoy_tui.sync.domain.overdue import Overdue, overdue_of, stop_ship_overdue
from cratejoy_tui.sync.domain.record import TaskKind
from cratejoy_tui.sync.domain.stage import LIVE_STAGES, Stage
from cratejoy_tui.sync.flows.desk import Desk, Remark
from cratejoy_tui.sync.ports import Acknowledges

ASKED_AT_ONCE = 50


async def overdue(desk: Desk, *, ask_warehouse: bool = False) -> tuple[Overdue, ...]:
    """Every overdue box, longest first. Whether orders were picked up is known only by asking the warehouse."""
    now = desk.clock.now()
    stop_ship = {task.shipment_id: task for task in await desk.ledger.people.tasks(kind=TaskKind.STOP_SHIP)}
    late = [one for task in stop_ship.values() for one in stop_ship_overdue(task, desk.rules, now)]
    picked_up = await _picked_up(desk) if ask_warehouse else {}
    async for box in _standing(desk, LIVE_STAGES):
        late += overdue_of(box, desk.rules, now, picked_up=picked_up.get(box.order_number))
    return tuple(sorted(late, key=lambda one: (one.since, one.shipment_id)))


async def _standing(desk: Desk, stages: Collection[Stage]) -> AsyncIterator[Standing]:
    after = ""
    while page := await desk.ledger.views.standing(stages, after):
        after = page[-1].shipment_id
        for box in page:
            yield box


async def _picked_up(desk: Desk) -> dict[str, bool | None]:
    """Order number -> picked up, for orders that have been there long enough to be late for it."""
    capabilities = desk.warehouse.capabilities
    if not capabilities.tells_pickup:
        return {}
    before = desk.clock.now() - timedelta(hours=desk.rules.overdue_after.pickup_hours)
    boxes = [box async for box in _standing(desk, {Stage.AT_WAREHOUSE}) if box.stage_since < before]
    numbers = [box.order_number for box in boxes]
    answers: dict[str, bool | None] = {}
    try:
        for start in range(0, len(numbers), ASKED_AT_ONCE):
            answers |= await _shown(desk, numbers[start : start + ASKED_AT_ONCE])
    except (RunStopped, NotSupported) as stopped:
        desk.tell(Remark(text=stopped.message, is_warning=True))
    return answers


async def _shown(desk: Desk, numbers: Sequence[str]) -> dict[str, bool | None]:
    if isinstance(desk.warehouse, Acknowledges):
        told = await desk.warehouse.acknowledged(numbers)
        return {number: one.taken for number, one in told.items()}
    found = await desk.warehouse.find(numbers) if desk.warehouse.capabilities.can_find else {}
    return {number: there[0].picked_up for number, there in found.items()}
