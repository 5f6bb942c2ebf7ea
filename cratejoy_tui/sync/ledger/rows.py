"""Rows of the tables as the values the rest of the program knows."""

from __future__ import annotations

import hashlib
from typing import Any, TypeAlias

import msgspec
from sqlalchemy import Select

from cratejoy_tui.sync.domain.books import Run
from cratejoy_tui.sync.domain.order import Order
from cratejoy_tui.sync.domain.record import Attempt, Note, Operation, PersonHold, Stored, Task, Tracked
from cratejoy_tui.sync.domain.shipment import Shipment
from cratejoy_tui.sync.domain.tracking import Parcel, ParcelLine
from cratejoy_tui.sync.ledger.tables import shipments

AnyRow: TypeAlias = Any
"""A row of the columns that its query names."""

AnySelect: TypeAlias = Select[*tuple[Any, ...]]

_shipment = msgspec.json.Decoder(Shipment)
_order = msgspec.json.Decoder(Order)
_lines = msgspec.json.Decoder(tuple[ParcelLine, ...] | None)

STORED = (
    shipments.c.id,
    shipments.c.payload,
    shipments.c.revision,
    shipments.c.stage,
    shipments.c.stage_since,
    shipments.c.order_number,
    shipments.c.generation,
    shipments.c.reason,
    shipments.c.detail,
    shipments.c.flags,
    shipments.c.target_at,
    shipments.c.hold_by,
    shipments.c.hold_reason,
    shipments.c.hold_since,
    shipments.c.approved,
    shipments.c.cancel_seen_at,
    shipments.c.first_seen_at,
)
"""The columns `stored` needs."""


def digest(salt: str, payload: bytes) -> str:
    """A fingerprint that tells nothing about the content once the salt is gone."""
    return hashlib.blake2b(payload, digest_size=12, key=salt.encode()).hexdigest()


def encoded(value: object) -> bytes:
    """A value as the bytes that are kept."""
    return msgspec.json.encode(value)


def order_of(payload: bytes | None) -> Order | None:
    """The order a push operation kept; None once purged, or when it was adopted by number only."""
    return _order.decode(payload) if payload else None


def stored(row: AnyRow, sent: bytes | None = None) -> Stored:
    """A box as flows and screens see it."""
    hold = PersonHold(by=row.hold_by, reason=row.hold_reason, since=row.hold_since) if row.hold_since else None
    return Stored(
        shipment=_shipment.decode(row.payload) if row.payload else None,
        id=row.id,
        revision=row.revision,
        stage=row.stage,
        stage_since=row.stage_since,
        order_number=row.order_number,
        generation=row.generation,
        reason=row.reason,
        detail=row.detail,
        flags=row.flags,
        target_at=row.target_at,
        hold=hold,
        approved=row.approved,
        cancel_seen_at=row.cancel_seen_at,
        first_seen_at=row.first_seen_at,
        sent_order=order_of(sent),
    )


def operation(row: AnyRow) -> Operation:
    """A remote write as flows see it."""
    return Operation(
        id=row.id,
        kind=row.kind,
        shipment_id=row.shipment_id,
        generation=row.generation,
        number=row.number,
        state=row.state,
        attempts=row.attempts,
        fence=row.fence,
        made_at=row.made_at,
        sent_at=row.sent_at,
        quiet_until=row.quiet_until,
        not_before=row.not_before,
        request_hash=row.request_hash,
        payload=row.payload or b"",
        remote_ref=row.remote_ref,
        via=row.via,
        error=row.error,
        by=row.by,
        reason=row.reason,
        delivery_name=row.delivery_name,
        delivery_sequence=row.delivery_sequence,
        delivery_staged=row.delivery_staged,
        warehouse=row.warehouse,
        precheck=row.precheck,
    )


def attempt(row: AnyRow) -> Attempt:
    """One try of an operation."""
    return Attempt(
        operation_id=row.operation_id,
        kind=row.kind,
        number=row.number,
        nr=row.nr,
        fence=row.fence,
        sent_at=row.sent_at,
        ended_at=row.ended_at,
        state=row.state,
        via=row.via,
        error=row.error,
        settled_at=row.settled_at,
        settled=row.settled,
    )


def tracked(row: AnyRow) -> Tracked:
    """A parcel with what was decided about it."""
    parcel = Parcel(
        order_number=row.order_number,
        reference=row.reference,
        carrier_code=row.carrier_code,
        carrier_name=row.carrier_name,
        service=row.service,
        tracking_number=row.tracking_number,
        tracking_link=row.tracking_link,
        shipped_at=row.shipped_at,
        lines=_lines.decode(row.lines) if row.lines else None,
        voided=row.voided,
        order_closed=row.order_closed,
    )
    return Tracked(
        id=row.id,
        parcel=parcel,
        shipment_id=row.shipment_id,
        first_seen_at=row.first_seen_at,
        quality=row.quality,
        reason=row.reason,
        decision=row.decision,
        decided_by=row.decided_by,
    )


def task(row: AnyRow) -> Task:
    """A piece of work for a person."""
    return Task(
        id=row.id,
        kind=row.kind,
        shipment_id=row.shipment_id,
        number=row.number,
        text=row.text,
        made_at=row.made_at,
        owner=row.owner,
        note=row.note,
        done_at=row.done_at,
        done_by=row.done_by,
    )


def note(row: AnyRow) -> Note:
    """A remark on a box."""
    return Note(shipment_id=row.shipment_id, by=row.by, at=row.at, text=row.text)


def run(row: AnyRow) -> Run:
    """One cycle, or one apply."""
    return Run(
        id=row.id,
        kind=row.kind,
        operator=row.operator,
        started_at=row.started_at,
        ended_at=row.ended_at,
        exit_code=row.exit_code,
        good=row.good,
        summary=row.summary,
    )
