"""Warehouse -> ledger: every parcel that left, matched to its own box by order number and by nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cratejoy_tui.sync.domain.matching import Progress, is_relabelled, judge_tracking, live_parcels, progress_of
from cratejoy_tui.sync.domain.parcels import missing_lines
from cratejoy_tui.sync.domain.record import Move, Stored, TaskKind, Tracked
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.domain.tracking import Parcel
from cratejoy_tui.sync.flows.conflict import into_conflict
from cratejoy_tui.sync.flows.desk import Desk, Step
from cratejoy_tui.sync.flows.late import note_pickups
from cratejoy_tui.sync.ports import Acknowledges
from cratejoy_tui.text import one_line

CURSOR = "tracking"
FIRST_LOOK_BACK = timedelta(days=30)
NUMBER_MEMORY = timedelta(days=180)
AT_ONCE = 500

MAY_SHIP = frozenset(
    {Stage.AT_WAREHOUSE, Stage.PARTLY_SHIPPED, Stage.SHIPPED, Stage.CANCEL_REFUSED, Stage.CANCEL_BY_HAND}
)
"""Stages in which a parcel moves the box on."""

STAGE_AFTER = {
    Progress.NONE: Stage.AT_WAREHOUSE,
    Progress.PARTLY: Stage.PARTLY_SHIPPED,
    Progress.SHORT: Stage.PARTLY_SHIPPED,
    Progress.COMPLETE: Stage.SHIPPED,
}


@dataclass(slots=True)
class Fetched:
    """What one fetch brought in."""

    parcels: int = 0
    new: int = 0
    strangers: int = 0
    """Parcels under numbers that are not ours: counted, not errors."""


async def fetch_tracking(desk: Desk) -> Fetched:
    """Read every parcel since the last fetch, with overlap, and move the boxes they are of. Repeating is harmless."""
    started = desk.clock.now()
    fetched = Fetched()
    touched: set[str] = set()
    async for page in desk.warehouse.shipped_since(await _since(desk, started)):
        fetched.parcels += len(page)
        for tracked in await desk.ledger.tracking.add(page):
            fetched.new += 1
            if tracked.shipment_id:
                touched.add(tracked.shipment_id)
            else:
                fetched.strangers += 1
        desk.tell(Step(name="fetch tracking", done=fetched.parcels))
    await desk.ledger.tracking.set_cursor(CURSOR, started.isoformat())
    await match(desk, sorted(touched | set(await _waiting(desk))))
    await _note_refusals(desk)
    await note_pickups(desk)
    return fetched


async def _note_refusals(desk: Desk) -> None:
    """A warehouse that takes files may say no long after it was handed an order."""
    if not isinstance(desk.warehouse, Acknowledges):
        return
    after = ""
    while page := await desk.ledger.shipments.page({Stage.AT_WAREHOUSE}, after, AT_ONCE):
        after = page[-1].id
        boxes = {stored.order_number: stored for stored in page}
        for number, answer in (await desk.warehouse.acknowledged(list(boxes))).items():
            if answer.refused:
                await _refused_after_all(desk, boxes[number], answer.refused)


async def _refused_after_all(desk: Desk, stored: Stored, why: str) -> None:
    text = f"{desk.warehouse.name} refused order {stored.order_number}: {why}. Mend it there, then resolve {stored.id}."
    await into_conflict(desk, stored, "REFUSED", text)


async def _waiting(desk: Desk) -> list[str]:
    """Boxes with parcels that are not confirmed: a stage settled since may make sure what was refused before."""
    ids: list[str] = []
    while page := await desk.ledger.tracking.waiting(ids[-1] if ids else "", AT_ONCE):
        ids += page
    return ids


async def _since(desk: Desk, now: datetime) -> datetime:
    last = await desk.ledger.tracking.cursor(CURSOR)
    if not last:
        return now - FIRST_LOOK_BACK
    return datetime.fromisoformat(last) - desk.warehouse.capabilities.tracking_overlap


async def match(desk: Desk, shipment_ids: Sequence[str]) -> None:
    """Judge the parcels of these boxes and move their stages; to be called when a parcel, box or decision changed."""
    for start in range(0, len(shipment_ids), AT_ONCE):
        ids = shipment_ids[start : start + AT_ONCE]
        stored = await desk.ledger.shipments.get(ids)
        parcels = await desk.ledger.tracking.of(ids)
        await _judge(desk, stored, parcels)
        await _move(desk, stored, parcels)


async def _uses(desk: Desk, parcels: Mapping[str, list[Tracked]]) -> dict[str, list[str]]:
    """Which boxes each tracking number was seen on lately: a number on two boxes needs a person's eye."""
    numbers = {t.parcel.tracking_number for of_box in parcels.values() for t in of_box if t.parcel.tracking_number}
    if not numbers:
        return {}
    return await desk.ledger.tracking.number_uses(sorted(numbers), desk.clock.now() - NUMBER_MEMORY)


async def _judge(desk: Desk, stored: Mapping[str, Stored], parcels: Mapping[str, list[Tracked]]) -> None:
    """Write down how sure each match is, where that is news."""
    now, uses = desk.clock.now(), await _uses(desk, parcels)
    verdicts = []
    for box in stored.values():
        for tracked in parcels.get(box.id, ()):
            others = [other for other in uses.get(tracked.parcel.tracking_number, ()) if other != box.id]
            quality, reason = judge_tracking(tracked.parcel, box, desk.rules, now, other_boxes=others)
            if (tracked.quality, tracked.reason) != (quality, reason):
                verdicts.append((tracked.id, quality, reason))
    if verdicts:
        await desk.ledger.tracking.judged(verdicts)


async def _move(desk: Desk, stored: Mapping[str, Stored], parcels: Mapping[str, list[Tracked]]) -> None:
    """Move the boxes as far as their parcels take them, in one transaction, and ask for the work that follows."""
    moves, resent = [], []
    for box in stored.values():
        told = parcels.get(box.id, [])
        if box.stage is Stage.CONFIRMED:
            if is_relabelled([t.parcel for t in told], await desk.ledger.operations.confirmed_number(box.id)):
                await _note_relabelled(desk, box)
        elif box.stage in MAY_SHIP:
            target = await _target(desk, box, told)
            if target is not None and target.after is not box.stage:
                moves.append(target)
            if target is not None and target.after is Stage.SHIPPED and box.generation > 1:
                resent.append(box)
    if moves:
        await desk.ledger.shipments.move_all(moves)
    for box in resent:
        await _close_resent(desk, box)


async def _note_relabelled(desk: Desk, stored: Stored) -> None:
    text = (
        f"{desk.warehouse.name} gave {stored.order_number} another label after it was confirmed. "
        f"Check which one travels, then `replace {stored.id}`."
    )
    await desk.ledger.people.task(TaskKind.RELABELLED, stored.id, stored.order_number, text)


async def _target(desk: Desk, stored: Stored, parcels: list[Tracked]) -> Move | None:
    """Where its parcels take this box; None where they change nothing, or a person decides."""
    live = [tracked.parcel for tracked in live_parcels(stored, parcels)]
    progress = progress_of(stored.sent_order, live)
    target = STAGE_AFTER[progress]
    if progress is Progress.NONE and stored.stage in {Stage.CANCEL_REFUSED, Stage.CANCEL_BY_HAND}:
        return None
    if progress is Progress.SHORT:
        await _note_short(desk, stored, live)
    if stored.cancel_seen_at is not None and target is not Stage.AT_WAREHOUSE:
        await _shipped_though_cancelled(desk, stored)
        return None
    reason = "SHORT_SHIPPED" if progress is Progress.SHORT else ""
    return Move(shipment_id=stored.id, before=stored.stage, after=target, reason=reason)


async def _note_short(desk: Desk, stored: Stored, live: Sequence[Parcel]) -> None:
    missing = missing_lines(stored.sent_order, live) if stored.sent_order else {}
    what = one_line(", ".join(f"{count} x {sku}" for sku, count in sorted(missing.items())))
    text = f"{desk.warehouse.name} closed {stored.order_number} without {what}. Ask what became of the rest."
    await desk.ledger.people.task(TaskKind.SHORT_SHIPPED, stored.id, stored.order_number, text, again=False)


async def _close_resent(desk: Desk, stored: Stored) -> None:
    """The customer was told of the first box; another mail about the second one is a person's decision (`replace`)."""
    if await desk.ledger.operations.confirmed_number(stored.id):
        await desk.ledger.shipments.move(stored.id, Stage.CONFIRMED, expect={Stage.SHIPPED}, reason="RESENT")


async def _shipped_though_cancelled(desk: Desk, stored: Stored) -> None:
    text = (
        f"Order {stored.order_number} was cancelled in Cratejoy but {desk.warehouse.name} shipped it. Cratejoy is not "
        f"told. Decide with the customer, then resolve {stored.id}."
    )
    await into_conflict(desk, stored, "SHIPPED_THOUGH_CANCELLED", text)
