"""Rows of the tables as the values the rest of the program knows."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import msgspec
from sqlalchemy import Select

from cratejoy_tui.sync.domain.order import Order
from cratejoy_tui.sync.domain.record import Operation, PersonHold, Stored, Tracked
from cratejoy_tui.sync.domain.shipment import Shipment
from cratejoy_tui.sync.domain.tracking import Parcel, ParcelLine
from cratejoy_tui.sync.ledger.tables import shipments

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")
AnyRow: TypeAlias = Any
"""A row of the columns that its query names."""

AnySelect: TypeAlias = Select[*tuple[Any, ...]]

_shipment = msgspec.json.Decoder(Shipment)
_order = msgspec.json.Decoder(Order)
_lines = msgspec.json.Decoder(tuple[ParcelLine, ...] | None)

_BESIDE = ("payload", "hold_by", "hold_reason", "hold_since")
_PLAIN = tuple(name for name in Stored.__dataclass_fields__ if name not in ("shipment", "hold", "sent_order"))
STORED = tuple(shipments.c[name] for name in (*_PLAIN, *_BESIDE))
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


def filled(kind: type[T], row: AnyRow, **others: Any) -> T:
    """A value whose fields have the names of the row's columns; `others` are given."""
    columns = row._mapping
    values = {name: columns[name] for name in kind.__dataclass_fields__ if name not in others}
    return kind(**values, **others)


def stored(row: AnyRow, sent: bytes | None = None) -> Stored:
    """A box as flows and screens see it."""
    hold = PersonHold(by=row.hold_by, reason=row.hold_reason, since=row.hold_since) if row.hold_since else None
    shipment = _shipment.decode(row.payload) if row.payload else None
    return filled(Stored, row, shipment=shipment, hold=hold, sent_order=order_of(sent))


def operation(row: AnyRow) -> Operation:
    """A remote write as flows see it."""
    return filled(Operation, row, payload=row.payload or b"")


def tracked(row: AnyRow) -> Tracked:
    """A parcel with what was decided about it."""
    parcel = filled(Parcel, row, lines=_lines.decode(row.lines) if row.lines else None)
    return filled(Tracked, row, parcel=parcel)
