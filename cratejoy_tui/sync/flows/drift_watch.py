"""Did Cratejoy change a box after its order was handed over? A difference is a task for a person."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from cratejoy_tui.sync.domain.drift import STILL_CHANGEABLE, Difference, Remedy, drift, remedy
from cratejoy_tui.sync.domain.record import Stored, TaskKind
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.flows.desk import Desk
from cratejoy_tui.sync.flows.explain import pushed_at
from cratejoy_tui.text import one_line

AT_ONCE = 500
LEFT = frozenset({Stage.SHIPPED, Stage.CONFIRMING, Stage.CONFIRMED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifted:
    """One box that Cratejoy shows otherwise than it was sent."""

    shipment_id: str
    number: str
    differences: tuple[Difference, ...]
    remedy: Remedy


async def watch_drift(desk: Desk, ids: Sequence[str]) -> tuple[Drifted, ...]:
    """Compare these boxes with what the warehouse was given. Opens one task per drifted box, closes those that healed.

    Boxes that are not at the warehouse are left out; give the ids whose content changed.
    """
    drifted: list[Drifted] = []
    for start in range(0, len(ids), AT_ONCE):
        group = ids[start : start + AT_ONCE]
        stored = await desk.ledger.shipments.get(group)
        pushed = await desk.ledger.questions.operations_of(group)
        healed: set[str] = set()
        for box in (stored[id_] for id_ in group if id_ in stored):
            found = _drift(desk, box, pushed_at(pushed.get(box.id, ()), box.generation))
            if found:
                drifted.append(await _note(desk, box, found))
            elif found is not None:
                healed.add(box.id)
        await _close_tasks(desk, healed, "Cratejoy shows it again as it was sent")
    await _look_at_open_tasks(desk)
    return tuple(drifted)


def _drift(desk: Desk, box: Stored, sent_at: datetime | None) -> tuple[Difference, ...] | None:
    """What changed; None for a box that cannot drift."""
    if box.stage not in STILL_CHANGEABLE or box.cancel_seen_at is not None:
        return None
    if box.shipment is None or box.sent_order is None or sent_at is None:
        return None
    return drift(box.sent_order, box.shipment, desk.rules, sent_at, box.approved)


async def _note(desk: Desk, box: Stored, found: tuple[Difference, ...]) -> Drifted:
    capabilities = desk.warehouse.capabilities
    todo = remedy(can_edit=capabilities.can_edit, can_cancel=capabilities.can_cancel)
    fields = ", ".join(difference.field for difference in found)
    text = (
        f"Order {box.order_number} changed in Cratejoy after it went to {desk.warehouse.name}: {one_line(fields)}. "
        f"See `explain {box.id}`, then {todo}."
    )
    await desk.ledger.people.task(TaskKind.DRIFT, box.id, box.order_number, text)
    return Drifted(shipment_id=box.id, number=box.order_number, differences=found, remedy=todo)


async def _look_at_open_tasks(desk: Desk) -> None:
    """A box that has left cannot be called back: its task says what is left to do. A cancelled one needs none."""
    texts = {task.shipment_id: task.text for task in await desk.ledger.people.tasks(kind=TaskKind.DRIFT)}
    boxes = (await desk.ledger.shipments.get(texts)).values() if texts else ()
    for box in boxes:
        if box.stage in LEFT:
            text = (
                f"Order {box.order_number} changed in Cratejoy after it went to {desk.warehouse.name}, and left as it "
                f"was sent. See `explain {box.id}`, then tell the customer."
            )
            if text != texts[box.id]:
                await desk.ledger.people.task(TaskKind.DRIFT, box.id, box.order_number, text)
    await _close_tasks(desk, {box.id for box in boxes if box.stage is Stage.CANCELLED}, "the order was cancelled")


async def _close_tasks(desk: Desk, ids: Collection[str], why: str) -> None:
    for task in await desk.ledger.people.tasks(kind=TaskKind.DRIFT) if ids else ():
        if task.shipment_id in ids:
            await desk.ledger.people.done(task.id, desk.operator, why)
