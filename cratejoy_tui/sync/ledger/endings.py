"""How operations end: a compare-and-set each, and the box moves in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from cratejoy_tui.sync.domain.books import Lease
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
NOT_SENT = frozenset({State.READY, State.CLAIMED, State.REJECTED})

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
    state = _state(row, box, ending)
    values: dict[str, Any] = {
        "state": state,
        "via": ending.via,
        "error": ending.error,
        "quiet_until": ending.quiet_until,
        "not_before": ending.not_before,
        "remote_ref": ending.remote_ref or row.remote_ref,
    }
    if row.kind is Kind.PUSH:
        values["live"] = state in AT_THE_WAREHOUSE
    transaction.connection.execute(
        update(operations).where(operations.c.id == row.id, operations.c.state == row.state).values(**values)
    )
    _end_attempt(transaction, row, state, ending)
    box.stage = _move_box(transaction, row, box, state, ending)
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


def _state(row: AnyRow, box: _Box, ending: Ending) -> State:
    """A push that did not happen is given up for good when Cratejoy cancelled the box meanwhile."""
    if row.kind is Kind.PUSH and ending.state in NOT_SENT and box.is_cancelled:
        return State.CANCELLED_LOCAL
    return ending.state


def _end_attempt(transaction: Transaction, row: AnyRow, state: State, ending: Ending) -> None:
    this = (attempts.c.operation_id == row.id) & (attempts.c.nr == row.attempts)
    if row.state is State.SENDING:
        values = {"ended_at": transaction.now, "state": state, "via": ending.via, "error": ending.error}
        transaction.connection.execute(update(attempts).where(this).values(**values))
    elif state is not State.UNKNOWN:
        settled = {"settled_at": transaction.now, "settled": state}
        transaction.connection.execute(update(attempts).where(this).values(**settled))


def _move_box(transaction: Transaction, row: AnyRow, box: _Box, state: State, ending: Ending) -> Stage:
    if row.kind is not Kind.REPLACE and row.generation != box.generation:
        return box.stage  # an older order of this box: the box has moved on
    wanted = ending.stage if state is ending.state else None
    stage = wanted or stage_after(row.kind, state, box.stage)
    if wanted is None and stage is not box.stage and stage not in ALLOWED_MOVES[box.stage]:
        stage = box.stage  # a person or a cancel moved the box meanwhile; the outcome must be kept all the same
    put(transaction, box, stage, **_told(row.kind, state, ending, moves=stage is not box.stage))
    return stage


def _told(kind: Kind, state: State, ending: Ending, *, moves: bool) -> dict[str, Any]:
    """What the box shows of this ending."""
    if kind in {Kind.CANCEL, Kind.REPLACE} and not moves:
        return {}
    needs_attention = state not in {State.ACCEPTED, State.READY, State.CLAIMED, State.CANCELLED_LOCAL}
    told: dict[str, Any] = {"reason": state.name if needs_attention else ""}
    told["detail"] = "" if state is State.ACCEPTED else ending.error
    if kind is Kind.PUSH:
        told["not_before"] = ending.not_before
    return told
