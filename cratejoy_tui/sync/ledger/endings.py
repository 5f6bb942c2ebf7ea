"""How operations end: a compare-and-set each, and the box moves in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from cratejoy_tui.sync.domain.books import Lease
from cratejoy_tui.sync.domain.cancellation import LOOKED_ONCE, SECOND_LOOK_AFTER, push_of_cancelled
from cratejoy_tui.sync.domain.record import Ending
from cratejoy_tui.sync.domain.stage import ALLOWED_MOVES, Kind, Stage, State, check_move, stage_after
from cratejoy_tui.sync.ledger.rows import AnyRow
from cratejoy_tui.sync.ledger.stages import free_number
from cratejoy_tui.sync.ledger.tables import attempts, operations, shipments
from cratejoy_tui.sync.ledger.transactions import Transaction
from cratejoy_tui.sync.ledger.upsert import IDS, STORE

MAY_END = frozenset({State.READY, State.CLAIMED, State.SENDING, State.UNKNOWN, State.REVIEW})
AT_THE_WAREHOUSE = frozenset({State.SENDING, State.UNKNOWN, State.ACCEPTED, State.REVIEW, State.CONFLICT})
"""States of a push in which the warehouse has the order, or may have it."""
ASKS_NOBODY = frozenset({State.ACCEPTED, State.READY, State.CLAIMED, State.CANCELLED_LOCAL})

_WITH_BOXES = (
    select(
        operations.c.id,
        operations.c.kind,
        operations.c.shipment_id,
        operations.c.generation,
        operations.c.number,
        operations.c.state,
        operations.c.attempts,
        operations.c.fence,
        operations.c.remote_ref,
        operations.c.error,
        shipments.c.stage,
        shipments.c.stage_since,
        shipments.c.generation.label("box_generation"),
        shipments.c.cancel_seen_at,
        shipments.c.reason,
        shipments.c.detail,
        shipments.c.not_before,
    )
    .join_from(
        operations, shipments, (shipments.c.store == operations.c.store) & (shipments.c.id == operations.c.shipment_id)
    )
    .where(operations.c.store == STORE, operations.c.id.in_(IDS))
)
_END = update(operations).where(operations.c.id == bindparam("of"), operations.c.state == bindparam("was"))
_END_ATTEMPT = update(attempts).where(attempts.c.operation_id == bindparam("of"), attempts.c.nr == bindparam("try"))
_MOVE = update(shipments).where(shipments.c.store == STORE, shipments.c.id == bindparam("box"))

Values = dict[str, Any]


@dataclass(slots=True)
class _Box:
    """The little of a box that its operations' ends need, and change."""

    id: str
    generation: int
    is_cancelled: bool
    stage: Stage
    stage_since: datetime
    reason: str
    detail: str
    not_before: datetime | None


@dataclass(slots=True)
class _Ends:
    """What several endings change; gathered, so that each table is written to once."""

    transaction: Transaction
    rows: dict[int, AnyRow] = field(default_factory=dict)
    boxes: dict[str, _Box] = field(default_factory=dict)
    """Several operations of one box share it."""
    operations: list[Values] = field(default_factory=list)
    ended: list[Values] = field(default_factory=list)
    settled: list[Values] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, transaction: Transaction, ids: Sequence[int]) -> _Ends:
        """With these operations and their boxes as they are now."""
        ends = cls(transaction)
        for row in transaction.rows(_WITH_BOXES, ids):
            ends.rows[row.id] = row
            ends.boxes[row.shipment_id] = _Box(
                row.shipment_id,
                row.box_generation,
                row.cancel_seen_at is not None,
                row.stage,
                row.stage_since,
                row.reason,
                row.detail,
                row.not_before,
            )
        return ends

    def write(self) -> None:
        """Write what was gathered so far."""
        moved = [_moved(self.transaction, self.boxes[id_]) for id_ in sorted(self.touched)]
        parts = ((_END, self.operations), (_END_ATTEMPT, self.ended), (_END_ATTEMPT, self.settled), (_MOVE, moved))
        for statement, values in parts:
            if values:
                self.transaction.connection.execute(statement, values)
        self.operations, self.ended, self.settled, self.touched = [], [], [], set()


def end(transaction: Transaction, endings: Sequence[Ending], lease: Lease | None) -> dict[int, Stage]:
    """Write how these operations ended. Returns where each box stands now, by operation id.

    With a lease, an operation that another process has taken over meanwhile is skipped.
    """
    ends = _Ends.of(transaction, [ending.operation_id for ending in endings])
    for ending in endings:
        row = ends.rows.get(ending.operation_id)
        if row is not None and row.state in MAY_END and (lease is None or row.fence == lease.fence):
            _end_one(ends, row, ending)
    ends.write()
    return {id_: ends.boxes[row.shipment_id].stage for id_, row in ends.rows.items()}


def doubt(transaction: Transaction, operation_id: int, quiet_until: datetime, error: str) -> None:
    """An operation whose process died half way: from now on its answer counts as lost."""
    ends = _Ends.of(transaction, [operation_id])
    ending = Ending(operation_id=operation_id, state=State.UNKNOWN, via="", error=error, quiet_until=quiet_until)
    for row in ends.rows.values():
        if row.state is State.SENDING:
            _end_one(ends, row, ending)
    ends.write()


def _moved(transaction: Transaction, box: _Box) -> Values:
    return {
        "our_store": transaction.store,
        "box": box.id,
        "stage": box.stage,
        "stage_since": box.stage_since,
        "reason": box.reason,
        "detail": box.detail,
        "not_before": box.not_before,
    }


def _end_one(ends: _Ends, row: AnyRow, ending: Ending) -> None:
    box = ends.boxes[row.shipment_id]
    ending = _as_it_is_now(ends.transaction, row, box, ending)
    ends.operations.append(_operation_values(row, ending))
    _end_attempt(ends, row, ending)
    _move_box(ends, row, box, ending)
    if row.kind is Kind.CANCEL and ending.state is State.ACCEPTED:
        ends.write()
        free_number(ends.transaction, row.shipment_id, row.generation)
    if ending.state is not row.state:
        ends.transaction.record(
            "ended",
            row.shipment_id,
            kind=row.kind,
            number=row.number,
            before=row.state,
            after=ending.state,
            via=ending.via,
            stage=box.stage,
        )


def _operation_values(row: AnyRow, ending: Ending) -> Values:
    return {
        "of": row.id,
        "was": row.state,
        "state": ending.state,
        "via": ending.via,
        "error": ending.error,
        "quiet_until": ending.quiet_until if ending.state is State.UNKNOWN else None,
        "not_before": ending.not_before,
        "remote_ref": ending.remote_ref or row.remote_ref,
        "live": row.kind is Kind.PUSH and ending.state in AT_THE_WAREHOUSE,
    }


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


def _end_attempt(ends: _Ends, row: AnyRow, ending: Ending) -> None:
    this, now = {"of": row.id, "try": row.attempts}, ends.transaction.now
    if row.state is State.SENDING:
        told = {"ended_at": now, "state": ending.state, "via": ending.via, "error": ending.error}
        ends.ended.append(this | told)
    elif ending.state is not State.UNKNOWN:
        ends.settled.append(this | {"settled_at": now, "settled": ending.state})


def _move_box(ends: _Ends, row: AnyRow, box: _Box, ending: Ending) -> None:
    if row.kind is not Kind.REPLACE and row.generation != box.generation:
        return  # an older order of this box: the box has moved on
    stage = ending.stage or stage_after(row.kind, ending.state, box.stage)
    if ending.stage is None and stage is not box.stage and stage not in ALLOWED_MOVES[box.stage]:
        stage = box.stage  # a person or a cancel moved the box meanwhile; the outcome must be kept all the same
    check_move(box.stage, stage)
    moves = stage is not box.stage
    if moves:
        box.stage, box.stage_since = stage, ends.transaction.now
    if moves or row.kind not in {Kind.CANCEL, Kind.REPLACE}:
        _tell(box, row.kind, ending)
    ends.touched.add(box.id)
    if stage is Stage.CANCELLED:
        ends.write()
        free_number(ends.transaction, box.id, box.generation)


def _tell(box: _Box, kind: Kind, ending: Ending) -> None:
    """Let the box show this ending."""
    box.reason = "" if ending.state in ASKS_NOBODY else ending.state.name
    box.detail = "" if ending.state is State.ACCEPTED else ending.error
    if kind is Kind.PUSH:
        box.not_before = ending.not_before
