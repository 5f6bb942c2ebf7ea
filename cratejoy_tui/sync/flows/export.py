"""Everything we know of every box, as CSV for a spreadsheet or as JSON lines; written while it is read."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from cratejoy_tui.sync.domain.classify import billing_of
from cratejoy_tui.sync.domain.order import OrderLine
from cratejoy_tui.sync.domain.record import Operation, Stored, Tracked
from cratejoy_tui.sync.domain.shipment import Billing, ShipTo
from cratejoy_tui.sync.domain.stage import Kind, Stage, State, im_word
from cratejoy_tui.sync.flows.desk import Desk, Step
from cratejoy_tui.text import csv_cell

AT_ONCE = 500
EVERY_STAGE = frozenset(Stage)
UNDER_WAY = frozenset({State.READY, State.CLAIMED, State.SENDING, State.UNKNOWN})


class Form(StrEnum):
    """How an export is written."""

    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedWrite:
    """One remote write, without what was sent."""

    kind: Kind
    number: str
    state: State
    attempts: int
    made_at: datetime
    sent_at: datetime | None
    via: str
    error: str
    by: str
    reason: str
    warehouse: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedParcel:
    """One parcel of the box."""

    reference: str
    order_number: str
    carrier: str
    service: str
    tracking_number: str
    tracking_link: str
    shipped_at: datetime | None
    voided: bool
    quality: str
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedBox:
    """One box with all that was decided and done about it."""

    shipment_id: str
    order_number: str
    generation: int
    billing: Billing | None
    stage: Stage
    stage_since: datetime
    im_status: str
    """The word the hosted product shows for this stage."""
    reason: str
    detail: str
    flags: tuple[str, ...]
    first_seen_at: datetime | None
    target_at: datetime | None
    cancelled_in_cratejoy_at: datetime | None
    held_by: str
    held_because: str
    ship_to: ShipTo | None
    """As sent, else as Cratejoy shows it; None once purged."""
    lines: tuple[OrderLine, ...]
    ship_code: str
    gift_message: str
    writes: tuple[ExportedWrite, ...]
    parcels: tuple[ExportedParcel, ...]


async def export(
    desk: Desk, write: Callable[[str], object], form: Form, stages: Collection[Stage] = EVERY_STAGE
) -> int:
    """Write every box at these stages, one line each, through `write`; returns how many. Holds one page at a time."""
    line = _csv_line if form is Form.CSV else _json_line
    if form is Form.CSV:
        write(_csv(COLUMNS))
    count = 0
    async for box in boxes(desk, stages):
        write(line(box))
        count += 1
        if count % AT_ONCE == 0:
            desk.tell(Step(name="export", done=count))
    return count


async def boxes(desk: Desk, stages: Collection[Stage] = EVERY_STAGE) -> AsyncIterator[ExportedBox]:
    """Every box at these stages, by id."""
    after = ""
    wanted = frozenset(stages)
    while page := await desk.ledger.shipments.page(wanted, after, AT_ONCE):
        after = page[-1].id
        ids = [stored.id for stored in page]
        operations = await desk.ledger.questions.operations_of(ids)
        parcels = await desk.ledger.tracking.of(ids)
        for stored in page:
            yield _box(stored, operations.get(stored.id, ()), parcels.get(stored.id, ()))


def _box(stored: Stored, operations: Collection[Operation], parcels: Collection[Tracked]) -> ExportedBox:
    sent, shipment = stored.sent_order, stored.shipment
    cancelling = any(operation.kind is Kind.CANCEL and operation.state in UNDER_WAY for operation in operations)
    return ExportedBox(
        **_same(ExportedBox, stored),
        shipment_id=stored.id,
        billing=sent.billing if sent else billing_of(shipment) if shipment else None,
        im_status=im_word(stored.stage, cancelling),
        cancelled_in_cratejoy_at=stored.cancel_seen_at,
        held_by=stored.hold.by if stored.hold else "",
        held_because=stored.hold.reason if stored.hold else "",
        ship_to=sent.ship_to if sent else shipment.ship_to if shipment else None,
        lines=sent.lines if sent else _open_lines(stored),
        ship_code=sent.ship_code if sent else "",
        gift_message=sent.gift_message if sent else shipment.gift_message if shipment else "",
        writes=tuple(_write(operation) for operation in operations),
        parcels=tuple(_parcel(tracked) for tracked in parcels),
    )


def _open_lines(stored: Stored) -> tuple[OrderLine, ...]:
    if stored.shipment is None:
        return ()
    return tuple(
        OrderLine(sku=line.sku, quantity=line.quantity, title=line.title) for line in stored.shipment.open_lines
    )


def _write(operation: Operation) -> ExportedWrite:
    return ExportedWrite(**_same(ExportedWrite, operation), reference=operation.remote_ref)


def _parcel(tracked: Tracked) -> ExportedParcel:
    parcel = tracked.parcel
    carrier = parcel.carrier_name or parcel.carrier_code
    same = _same(ExportedParcel, parcel)
    return ExportedParcel(**same, carrier=carrier, quality=tracked.quality or "", decision=tracked.decision)


def _same(kind: type[Any], thing: object) -> dict[str, Any]:
    """The values that both have under one name."""
    return {one.name: getattr(thing, one.name) for one in fields(kind) if hasattr(thing, one.name)}


def _json_line(box: ExportedBox) -> str:
    return msgspec.json.encode(box).decode() + "\n"


_PLAIN = tuple(
    field.name for field in fields(ExportedBox) if field.name not in {"ship_to", "lines", "writes", "parcels"}
)
_ADDRESS = ShipTo.__struct_fields__
_OF_WRITES = ("state", "sent_at", "attempts", "error", "warehouse", "reference")
_OF_PARCELS = ("tracking_number", "carrier", "service", "shipped_at")
_WRITE_KINDS = (Kind.PUSH, Kind.CONFIRM, Kind.CANCEL)

COLUMNS = (
    *_PLAIN,
    *(f"ship_to_{name}" for name in _ADDRESS),
    "skus",
    *(f"{kind}_{name}" for kind in _WRITE_KINDS for name in _OF_WRITES),
    *_OF_PARCELS,
)
"""Headings of the CSV. Several parcels stand in one cell, parted by ` | `."""


def _csv_line(box: ExportedBox) -> str:
    latest = {write.kind: write for write in box.writes}
    parcels = [parcel for parcel in box.parcels if not parcel.voided]
    return _csv(
        (
            *(_cell(getattr(box, name)) for name in _PLAIN),
            *(_cell(getattr(box.ship_to, name)) if box.ship_to else "" for name in _ADDRESS),
            " | ".join(f"{line.quantity} x {line.sku}" for line in box.lines),
            *(
                _cell(getattr(latest[kind], name)) if kind in latest else ""
                for kind in _WRITE_KINDS
                for name in _OF_WRITES
            ),
            *(" | ".join(_cell(getattr(parcel, name)) for parcel in parcels) for name in _OF_PARCELS),
        )
    )


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _csv(cells: Collection[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([csv_cell(cell) for cell in cells])
    return line.getvalue()
