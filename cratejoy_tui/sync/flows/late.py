"""Which boxes take longer than they may, right now?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from cratejoy_tui.errors import NotSupported, RunStopped
from cratejoy_tui.sync.domain.overdue import Overdue, overdue_of
from cratejoy_tui.sync.domain.record import TaskKind
from cratejoy_tui.sync.domain.stage import LIVE_STAGES, Stage
from cratejoy_tui.sync.flows.desk import Desk, Remark
from cratejoy_tui.sync.ports import Acknowledges

AT_ONCE = 500
ASKED_AT_ONCE = 50


async def overdue(desk: Desk, *, ask_warehouse: bool = False) -> tuple[Overdue, ...]:
    """Every overdue box, longest first. Whether orders were picked up is known only by asking the warehouse."""
    now = desk.clock.now()
    stop_ship = {task.shipment_id: task.made_at for task in await desk.ledger.people.tasks(kind=TaskKind.STOP_SHIP)}
    late: list[Overdue] = []
    after = ""
    picked_up = await _picked_up(desk) if ask_warehouse else {}
    while page := await desk.ledger.shipments.page(LIVE_STAGES, after, AT_ONCE):
        after = page[-1].id
        for stored in page:
            since = stop_ship.pop(stored.id, None)
            there = picked_up.get(stored.order_number)
            late += overdue_of(stored, desk.rules, now, picked_up=there, stop_ship_since=since)
    for stored in (await desk.ledger.shipments.get(list(stop_ship))).values():
        late += overdue_of(stored, desk.rules, now, stop_ship_since=stop_ship[stored.id])
    return tuple(sorted(late, key=lambda one: (one.since, one.shipment_id)))


async def _picked_up(desk: Desk) -> dict[str, bool | None]:
    """Order number -> picked up, for orders that have been there long enough to be late for it."""
    capabilities = desk.warehouse.capabilities
    if not capabilities.tells_pickup:
        return {}
    before = desk.clock.now() - timedelta(hours=desk.rules.overdue_after.pickup_hours)
    numbers: list[str] = []
    after = ""
    while page := await desk.ledger.shipments.page({Stage.AT_WAREHOUSE}, after, AT_ONCE):
        after = page[-1].id
        numbers += [stored.order_number for stored in page if stored.stage_since < before]
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
