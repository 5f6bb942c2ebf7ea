"""How operations end: a compare-and-set each, and the box moves in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from cratejoy_tui.sync.domain.books import Lease
from cratejoy_tui.sync.domain.cancellation import LOOKED_ONCE, SECOND_LOOK_AFTER, push_of_cancelled
from cratejoy_tui.sync.domain.record import Ending
from cratejoy_tui.sync.domain.stage import ALLOWED_MOVES, Kind, Stage, State, stage_after
from cratejoy_tui.sync.ledger.rows import AnyRow
from cratejoy_tui.sync.ledger.stages import free_number, put
from cratejoy_tui.sync.ledger.tables import attempts, operations, shipments
from cratejoy_tui.sync.ledger.transactions import Transaction
from cratejoy_tui.sync.ledger.upsert import groups

MAY_END = frozenset({State.READY, State.CLAIMED, State.SENDING, State.UNKNOWN, State.REVIEW})
AT_THE_WAREHOUSE = frozenset({State.SENDING, State.UNKNOWN, State.ACCEPTED, State.REVIEW, State.CONFLICT})
"""States of a push in which the warehouse has the order, or may have it."""

_boxes = [
    shipments.c.stage.label("box_stage"),
    shipments.c.generation.label("box_generation"),
    shipments.c.cancel_seen_at.label("box_cancel_seen_at"),
]


@dataclass(slots=True)
class _Box:
    """The little of a box that its operations' ends need."""

    id: str
    stage: Stage
    generation: int
    is_cancelled: bool


def end(transaction: Transaction, endings: Sequence[Ending], lease: Lease | None) -> dict[int, Stage]:
    """Write how these operations ended. Returns where each box stands now, by operation id.

    With a lease, an operation that another process has taken over meanwhile is skipped.
    """
    rows, boxes = _read(transaction, [ending.operation_id for ending in endings])
    for ending in endings:
        row = rows.get(ending.operation_id)
        if row is not None and row.state in MAY_END and (lease is None or row.fence == lease.fence):
            _end_one(transaction, row, boxes[row.shipment_id], ending)
    return {id_: boxes[row.shipment_id].stage for id_, row in rows.items()}


def doubt(transaction: Transaction, operation_id: int, quiet_until: datetime, error: str) -> None:
    """An operation whose process died half way: from now on its answer counts as lost."""
    rows, boxes = _read(transaction, [operation_id])
    for row in rows.values():
        if row.state is State.SENDING:
            ending = Ending(operation_id=row.id, state=State.UNKNOWN, via="", error=error, quiet_until=quiet_until)
            _end_one(transaction, row, boxes[row.shipment_id], ending)


def _read(transaction: Transaction, ids: Sequence[int]) -> tuple[dict[int, AnyRow], dict[str, _Box]]:
    """These operations by id, and their boxes by id; several operations of one box share it."""
    joined = operations.join(
        shipments, (shipments.c.store == operations.c.store) & (shipments.c.id == operations.c.shipment_id)
    )
    rows: dict[int, AnyRow] = {}
    boxes: dict[str, _Box] = {}
    for group in groups(ids):
        query = (
            select(operations, *_boxes)
            .select_from(joined)
            .where(operations.c.store == transaction.store, operations.c.id.in_(group))
        )
        for row in transaction.connection.execute(query):
            rows[row.id] = row
            is_cancelled = row.box_cancel_seen_at is not None
            boxes[row.shipment_id] = _Box(row.shipment_id, row.box_stage, row.box_generation, is_cancelled)
    return rows, boxes


def _end_one(transaction: Transaction, row: AnyRow, box: _Box, ending: Ending) -> None:
    ending = _as_it_is_now(transaction, row, box, ending)
    state = ending.state
    values: dict[str, Any] = {
        "state": state,
        "via": ending.via,
        "error": ending.error,
        "quiet_until": ending.quiet_until if state is State.UNKNOWN else None,
        "not_before": ending.not_before,
        "remote_ref": ending.remote_ref or row.remote_ref,
    }
    if row.kind is Kind.PUSH:
        values["live"] = state in AT_THE_WAREHOUSE
    transaction.connection.execute(
        update(operations).where(operations.c.id == row.id, operations.c.state == row.state).values(**values)
    )
    _end_attempt(transaction, row, ending)
    box.stage = _move_box(transaction, row, box, ending)
    if row.kind is Kind.CANCEL and state is State.ACCEPTED:
        free_number(transaction, row.shipment_id, row.generation)
    if state is not row.state:
        transaction.record(
            "ended",
            row.shipment_id,
            kind=row.kind,
            number=row.number,
            before=row.state,
            after=state,
            via=ending.via,
            stage=box.stage,
        )


def _as_it_is_now(transaction: Transaction, row: AnyRow, box: _Box, ending: Ending) -> Ending:
    """The ending, or what it became because Cratejoy cancelled the box while somebody found out."""
    if row.kind is not Kind.PUSH or not box.is_cancelled:
        return ending
    state = push_of_cancelled(ending.state, ending.via, row.error)
    if state is ending.state:
        return ending
    if state is State.UNKNOWN:
        again = max(ending.quiet_until or transaction.now, transaction.now + SECOND_LOOK_AFTER)
        return replace(ending, state=state, via="", error=LOOKED_ONCE, quiet_until=again, stage=None)
    return replace(ending, state=state, quiet_until=None, stage=None)


def _end_attempt(transaction: Transaction, row: AnyRow, ending: Ending) -> None:
    this = (attempts.c.operation_id == row.id) & (attempts.c.nr == row.attempts)
    if row.state is State.SENDING:
        values = {"ended_at": transaction.now, "state": ending.state, "via": ending.via, "error": ending.error}
        transaction.connection.execute(update(attempts).where(this).values(**values))
    elif ending.state is not State.UNKNOWN:
        settled = {"settled_at": transaction.now, "settled": ending.state}
        transaction.connection.execute(update(attempts).where(this).values(**settled))


def _move_box(transaction: Transaction, row: AnyRow, box: _Box, ending: Ending) -> Stage:
    if row.kind is not Kind.REPLACE and row.generation != box.generation:
        return box.stage  # an older order of this box: the box has moved on
    stage = ending.stage or stage_after(row.kind, ending.state, box.stage)
    if ending.stage is None and stage is not box.stage and stage not in ALLOWED_MOVES[box.stage]:
        stage = box.stage  # a person or a cancel moved the box meanwhile; the outcome must be kept all the same
    put(transaction, box, stage, **_told(row.kind, ending, moves=stage is not box.stage))
    return stage


def _told(kind: Kind, ending: Ending, *, moves: bool) -> dict[str, Any]:
    """What the box shows of this ending."""
    if kind in {Kind.CANCEL, Kind.REPLACE} and not moves:
        return {}
    needs_attention = ending.state not in {State.ACCEPTED, State.READY, State.CLAIMED, State.CANCELLED_LOCAL}
    told: dict[str, Any] = {"reason": ending.state.name if needs_attention else ""}
    told["detail"] = "" if ending.state is State.ACCEPTED else ending.error
    if kind is Kind.PUSH:
        told["not_before"] = ending.not_before
    return told
