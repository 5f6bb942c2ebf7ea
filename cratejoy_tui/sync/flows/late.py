"""Which boxes take longer than they may, right now?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from cratejoy_tui.errors import NotSupported, RunStopped
from cratejoy_tui.sync.domain.books import Standing
from cratejoy_tui.sync.domain.overdue import Overdue, overdue_of, stop_ship_overdue
from cratejoy_tui.sync.domain.record import TaskKind
from cratejoy_tui.sync.domain.stage import LIVE_STAGES, Stage
from cratejoy_tui.sync.flows.desk import Desk, Remark
from cratejoy_tui.sync.ports import Acknowledges

ASKED_AT_ONCE = 50
ASK_EVERY = timedelta(hours=1)
CURSOR = "pick-up"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What the warehouse showed when a cycle asked it last."""

    asked_at: datetime
    not_picked_up: tuple[str, ...]
    """Order numbers."""


async def overdue(desk: Desk, *, ask_warehouse: bool = False) -> tuple[Overdue, ...]:
    """Every overdue box, longest first. Orders not picked up are those of the last cycle, or are asked for now."""
    now = desk.clock.now()
    stop_ship = {task.shipment_id: task for task in await desk.ledger.people.tasks(kind=TaskKind.STOP_SHIP)}
    late = [one for task in stop_ship.values() for one in stop_ship_overdue(task, desk.rules, now)]
    picked_up = await _picked_up(desk) if ask_warehouse else await _kept_pickups(desk)
    async for box in _standing(desk, LIVE_STAGES):
        late += overdue_of(box, desk.rules, now, picked_up=picked_up.get(box.order_number))
    return tuple(sorted(late, key=lambda one: (one.since, one.shipment_id)))


async def note_pickups(desk: Desk) -> None:
    """Ask the warehouse, at most once an hour, which orders it has not picked up in time; kept for `overdue`."""
    now = desk.clock.now()
    kept = await _kept(desk)
    if not desk.warehouse.capabilities.tells_pickup or (kept is not None and now - kept.asked_at < ASK_EVERY):
        return
    answers = await _picked_up(desk)
    waiting = tuple(sorted(number for number, is_taken in answers.items() if is_taken is False))
    if answers or (kept is not None and kept.not_picked_up):
        told = msgspec.json.encode(_Kept(asked_at=now, not_picked_up=waiting)).decode()
        await desk.ledger.tracking.set_cursor(CURSOR, told)


async def _kept(desk: Desk) -> _Kept | None:
    told = await desk.ledger.tracking.cursor(CURSOR)
    return msgspec.json.decode(told, type=_Kept) if told else None


async def _kept_pickups(desk: Desk) -> dict[str, bool | None]:
    kept = await _kept(desk)
    return dict.fromkeys(kept.not_picked_up, False) if kept is not None else {}


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
