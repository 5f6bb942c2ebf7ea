"""Rows for lists: which boxes in which order, and the page of them that is looked at. Reads the ledger only."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cratejoy_tui.sync.domain.build import mapped_ship_code, order_lines, ship_code
from cratejoy_tui.sync.domain.classify import billing_of
from cratejoy_tui.sync.domain.order import Order, OrderLine
from cratejoy_tui.sync.domain.record import Operation, Stored, Task, TaskKind, Tracked
from cratejoy_tui.sync.domain.search import Term, stages_of, terms_of
from cratejoy_tui.sync.domain.shipment import Shipment, ShipTo
from cratejoy_tui.sync.domain.stage import Kind, Stage, State
from cratejoy_tui.sync.flows.desk import Desk

PENDING = frozenset({Stage.SEEN, Stage.HELD, Stage.PLANNED, Stage.ERROR})
ORDERS = frozenset(
    {
        Stage.SENDING,
        Stage.UNKNOWN,
        Stage.AT_WAREHOUSE,
        Stage.PARTLY_SHIPPED,
        Stage.SHIPPED,
        Stage.CONFIRMING,
        Stage.CONFIRMED,
        Stage.CANCEL_REFUSED,
        Stage.CANCEL_BY_HAND,
        Stage.CONFLICT,
    }
)
CALLED_OFF = frozenset({Stage.CANCELLED, Stage.CANCEL_REFUSED, Stage.CANCEL_BY_HAND})
STOPS = frozenset({TaskKind.STOP_SHIP, TaskKind.CANCEL_BY_HAND})


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxRow:
    """One box as a line of a list."""

    id: str
    number: str
    stage: Stage
    stage_since: datetime
    billing: str
    ship_code: str
    to: str
    place: str
    lines: str
    pieces: int
    target_at: datetime | None
    seen_at: datetime | None
    reason: str
    detail: str
    flags: tuple[str, ...]
    held_by: str
    """A person's name, where a person holds it."""
    generation: int = 1
    reference: str = ""
    pushed_at: datetime | None = None
    attempts: int = 0
    error: str = ""
    drifted: bool = False
    cancelled: bool = False
    """Cratejoy calls it cancelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchRow:
    """One parcel beside the box it was matched to."""

    id: str
    tracked: Tracked
    box: Stored | None
    parcels: int
    """How many parcels the box has."""

    @property
    def stage(self) -> str:
        """Where the box stands."""
        return self.box.stage.value if self.box else "not ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRow:
    """One box that shall not leave, with what became of that."""

    id: str
    number: str
    stage: Stage
    cancelled_at: datetime | None
    """When Cratejoy's cancel was seen; None for a recall."""
    answer: str
    """What the warehouse said, or what is to be done."""
    state: str
    """to send, asked, cancelled, refused, by hand, done, never sent."""
    tasks: tuple[Task, ...]
    to: str
    lines: str
    reason: str

    @property
    def owner(self) -> str:
        """Whose task it is."""
        return next((task.owner for task in self.tasks if task.owner), "")


async def find_boxes(
    desk: Desk, stages: frozenset[Stage], filter_text: str, sort: str, *, descending: bool = False
) -> list[str]:
    """Ids of the boxes at these stages that fit the filter, in order: `target`, `stage`, `number`, `since`."""
    terms = terms_of(filter_text)
    return await desk.ledger.views.find(stages_of(terms, stages), terms, sort=sort, descending=descending)


async def worded(desk: Desk, terms: tuple[Term, ...]) -> frozenset[str]:
    """Ids of all boxes whose words fit these terms; for narrowing a list whose order is known."""
    return await desk.ledger.views.worded(terms)


async def box_rows(desk: Desk, ids: Sequence[str], *, with_orders: bool = False) -> dict[str, BoxRow]:
    """The boxes with these ids; those that are gone are absent. With orders: what the warehouse knows of them."""
    stored = await desk.ledger.shipments.get(ids)
    pushes: Mapping[str, tuple[Operation, ...]] = {}
    drifted: Collection[str] = ()
    if with_orders:
        pushes = await desk.ledger.questions.operations_of(ids)
        drifted = {task.shipment_id for task in await desk.ledger.people.tasks(kind=TaskKind.DRIFT)}
    return {id_: _box(desk, box, pushes.get(id_, ()), id_ in drifted) for id_, box in stored.items()}


def _box(desk: Desk, stored: Stored, operations: Sequence[Operation], drifted: bool) -> BoxRow:
    push = next((op for op in reversed(operations) if op.kind is Kind.PUSH), None)
    ship_to, lines, code = _content(desk, stored)
    return BoxRow(
        id=stored.id,
        number=stored.order_number or stored.id,
        stage=stored.stage,
        stage_since=stored.stage_since,
        billing=(billing_of(stored.shipment) or "") if stored.shipment else "",
        ship_code=code,
        to=ship_to.to,
        place=_place(ship_to),
        lines=_lines(lines),
        pieces=sum(line.quantity for line in lines),
        target_at=stored.target_at or (stored.shipment.adjusted_ordered_at if stored.shipment else None),
        seen_at=stored.first_seen_at,
        reason=stored.reason if stored.hold is None else "HELD_BY_PERSON",
        detail=stored.detail if stored.hold is None else stored.hold.reason,
        flags=stored.flags,
        held_by=stored.hold.by if stored.hold else "",
        generation=stored.generation,
        reference=push.remote_ref if push else "",
        pushed_at=push.sent_at if push else None,
        attempts=push.attempts if push else 0,
        error=next((op.error for op in reversed(operations) if op.error and op.state is not State.ACCEPTED), ""),
        drifted=drifted,
        cancelled=stored.cancel_seen_at is not None,
    )


def _content(desk: Desk, stored: Stored) -> tuple[ShipTo, tuple[OrderLine, ...], str]:
    """What the order has, or would have: ship-to, lines, ship code."""
    if stored.sent_order is not None:
        return stored.sent_order.ship_to, stored.sent_order.lines, stored.sent_order.ship_code
    if stored.shipment is None:
        return ShipTo(), (), ""
    return stored.shipment.ship_to, _would_pack(desk, stored.shipment), _code(desk, stored.shipment)


def _would_pack(desk: Desk, shipment: Shipment) -> tuple[OrderLine, ...]:
    billing = billing_of(shipment)
    packed = order_lines(shipment, billing, desk.rules) if billing is not None else None
    if isinstance(packed, tuple):
        return packed
    counted: dict[str, int] = {}
    for line in shipment.open_lines:
        counted[line.sku or line.title] = counted.get(line.sku or line.title, 0) + line.quantity
    return tuple(OrderLine(sku=sku, quantity=quantity) for sku, quantity in counted.items())


def _code(desk: Desk, shipment: Shipment) -> str:
    code = ship_code(shipment, billing_of(shipment), desk.rules)
    mapped = mapped_ship_code(code, desk.rules)
    return mapped if isinstance(mapped, str) else code


def _place(ship_to: ShipTo) -> str:
    return ", ".join(part for part in (ship_to.city, ship_to.state, ship_to.country) if part)


def _lines(lines: Sequence[OrderLine]) -> str:
    return ", ".join(f"{line.quantity}× {line.sku}" for line in lines)


async def match_ids(desk: Desk, *, undecided_only: bool = False) -> list[tuple[str, Tracked]]:
    """Every parcel of our boxes, newest first, with its id as text."""
    found: list[tuple[str, Tracked]] = []
    after = 0
    while page := await desk.ledger.tracking.list(None, undecided_only, after, 500):
        after = page[-1].id
        found += [(str(tracked.id), tracked) for tracked in page]
    return found[::-1]


async def match_rows(desk: Desk, tracked: Sequence[Tracked]) -> dict[str, MatchRow]:
    """These parcels beside their boxes."""
    ids = [one.shipment_id for one in tracked]
    boxes = await desk.ledger.shipments.get(ids)
    parcels = await desk.ledger.tracking.of(ids)
    return {
        str(one.id): MatchRow(
            id=str(one.id),
            tracked=one,
            box=boxes.get(one.shipment_id),
            parcels=len([p for p in parcels.get(one.shipment_id, ()) if not p.parcel.voided]),
        )
        for one in tracked
    }


async def cancel_rows(desk: Desk) -> dict[str, CancelRow]:
    """Every box that Cratejoy cancelled, or that somebody recalled or must stop by hand; open ones first."""
    boxes = {stored.id: stored for stored in await _cancelled(desk)}
    tasks: dict[str, list[Task]] = {}
    for task in await desk.ledger.people.tasks():
        if task.kind in STOPS:
            tasks.setdefault(task.shipment_id, []).append(task)
    ready = {op.shipment_id: op for op in await desk.ledger.operations.ready(Kind.CANCEL)}
    stopped = await desk.ledger.views.ids(CALLED_OFF)
    missing = [id_ for id_ in {*tasks, *ready, *stopped} if id_ not in boxes]
    boxes |= await desk.ledger.shipments.get(missing)
    operations = await desk.ledger.questions.operations_of(list(boxes))
    rows = [_cancel_row(box, operations.get(id_, ()), tasks.get(id_, [])) for id_, box in boxes.items()]
    rows.sort(key=lambda row: (_ORDER.get(row.state, 9), row.number))
    return {row.id: row for row in rows}


_ORDER = {"to stop by hand": 0, "refused": 1, "to send": 2, "unknown": 3, "shipped": 4, "cancelled": 5, "never sent": 6}


async def _cancelled(desk: Desk) -> list[Stored]:
    found: list[Stored] = []
    after = ""
    while page := await desk.ledger.shipments.tombstoned(frozenset(Stage), after, 500):
        after = page[-1].id
        found += page
    return found


def _cancel_row(box: Stored, operations: Sequence[Operation], tasks: Sequence[Task]) -> CancelRow:
    cancel = next((op for op in reversed(operations) if op.kind is Kind.CANCEL), None)
    was_sent = any(op.kind is Kind.PUSH and op.state is not State.CANCELLED_LOCAL for op in operations)
    order: Order | None = box.sent_order
    shipment = box.shipment
    return CancelRow(
        id=box.id,
        number=box.order_number or box.id,
        stage=box.stage,
        cancelled_at=box.cancel_seen_at,
        answer=cancel.error if cancel else "",
        state=_cancel_state(box, cancel, was_sent, tasks),
        tasks=tuple(tasks),
        to=order.ship_to.to if order else shipment.ship_to.to if shipment else "",
        lines=_lines(order.lines) if order else "",
        reason=(cancel.reason if cancel else "") or ("Cancelled in Cratejoy" if box.cancel_seen_at else ""),
    )


def _cancel_state(box: Stored, cancel: Operation | None, was_sent: bool, tasks: Sequence[Task]) -> str:
    if tasks:
        return "to stop by hand"
    if cancel is not None and cancel.state is State.TOO_LATE:
        return "refused"
    if cancel is not None and cancel.state in {State.UNKNOWN, State.SENDING}:
        return "unknown"
    if box.stage is Stage.CANCELLED:
        return "cancelled" if was_sent else "never sent"
    return "shipped" if box.stage in {Stage.SHIPPED, Stage.CONFIRMED, Stage.CONFLICT} else "to send"
