"""The stop-ship list: boxes that somebody must stop by hand, to be printed and taken to the floor."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from cratejoy_tui.errors import ItemRefused
from cratejoy_tui.sync.domain.record import Operation, Stored, Task, TaskKind
from cratejoy_tui.sync.domain.stage import Kind, Stage
from cratejoy_tui.sync.flows.desk import Desk
from cratejoy_tui.sync.flows.explain import shipment_id_of
from cratejoy_tui.text import counted, csv_cell, one_line

STOPS = frozenset({TaskKind.STOP_SHIP, TaskKind.CANCEL_BY_HAND})
ENDS_BY_HAND = frozenset({Stage.CANCEL_BY_HAND, Stage.CANCEL_REFUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class StopShip:
    """One box that must not leave."""

    shipment_id: str
    number: str
    reference: str
    """The warehouse's own name for the order."""
    warehouse: str
    stage: Stage | None
    to: str
    """Name on the label; "" once purged."""
    items: str
    why: str
    since: datetime
    owner: str
    task_ids: tuple[int, ...]


async def stop_ship_list(desk: Desk) -> tuple[StopShip, ...]:
    """Every box with an open stop-ship or cancel-by-hand task, longest waiting first."""
    tasks: dict[str, list[Task]] = {}
    for task in await desk.ledger.people.tasks():
        if task.kind in STOPS:
            tasks.setdefault(task.shipment_id, []).append(task)
    stored = await desk.ledger.shipments.get(list(tasks))
    operations = await desk.ledger.questions.operations_of(list(tasks))
    boxes = [_box(desk, of_box, stored.get(id_), operations.get(id_, ())) for id_, of_box in tasks.items()]
    return tuple(sorted(boxes, key=lambda box: (box.since, box.number)))


def _box(desk: Desk, tasks: Sequence[Task], stored: Stored | None, operations: Sequence[Operation]) -> StopShip:
    first = min(tasks, key=lambda task: (task.made_at, task.id))
    push = next((op for op in operations if op.kind is Kind.PUSH and op.number == first.number), None)
    order = stored.sent_order if stored else None
    return StopShip(
        shipment_id=first.shipment_id,
        number=first.number,
        reference=push.remote_ref if push else "",
        warehouse=(push.warehouse if push else "") or desk.warehouse.name,
        stage=stored.stage if stored else None,
        to=order.ship_to.to if order else "",
        items=", ".join(f"{line.quantity} x {line.sku}" for line in order.lines) if order else "",
        why=first.text,
        since=first.made_at,
        owner=next((task.owner for task in tasks if task.owner), ""),
        task_ids=tuple(task.id for task in tasks),
    )


def as_text(boxes: Sequence[StopShip], zone: tzinfo) -> str:
    """The list to print: one box a paragraph, with a square to tick."""
    if not boxes:
        return "Nothing to stop.\n"
    parts = [
        f"[ ] {one_line(box.number)}  {one_line(box.to) or '(name purged)'}\n"
        f"    {one_line(box.items)}\n"
        f"    {one_line(box.warehouse)} {one_line(box.reference)}  since {box.since.astimezone(zone):%Y-%m-%d %H:%M}\n"
        f"    {one_line(box.why, 400)}\n"
        for box in boxes
    ]
    return f"STOP {counted(len(boxes), 'box').upper()}\n\n" + "\n".join(parts)


def as_csv(boxes: Sequence[StopShip]) -> str:
    """The list for a spreadsheet; no cell of it can act as a formula."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(("number", "reference", "warehouse", "to", "items", "why", "since", "owner", "shipment_id"))
    for box in boxes:
        cells = (box.number, box.reference, box.warehouse, box.to, box.items, box.why)
        more = (box.since.isoformat(timespec="seconds"), box.owner, box.shipment_id)
        table.writerow([csv_cell(cell) for cell in (*cells, *more)])
    return text.getvalue()


async def tick_off(desk: Desk, asked: str, note: str, *, stopped: bool = True) -> Stage:
    """Somebody dealt with a box of the list: it was stopped, or it had left already.

    A stopped one counts as cancelled at the warehouse, on that person's word. One that had left keeps its stage;
    what its tracking will bring is decided then. Returns where the box stands now. Raises ItemRefused.
    """
    id_ = await shipment_id_of(desk, asked)
    tasks = [task for task in await desk.ledger.people.tasks() if task.kind in STOPS and task.shipment_id == id_]
    stored = (await desk.ledger.shipments.get([id_])).get(id_)
    if not tasks or stored is None:
        raise ItemRefused(f"Shipment {one_line(asked)} is not on the stop-ship list of {desk.store}.")
    stage = stored.stage
    if stopped and stage in ENDS_BY_HAND:
        stage = await desk.ledger.shipments.move(
            id_, Stage.CANCELLED, expect=ENDS_BY_HAND, reason="STOPPED_BY_HAND", detail=note
        )
    word = "stopped" if stopped else "had left"
    for task in tasks:
        await desk.ledger.people.done(task.id, desk.operator, f"{word}: {note}" if note else word)
    return stage
