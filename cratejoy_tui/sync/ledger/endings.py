"""How operations end: a compare-and-set each, and the box moves in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from cratejoy_tui.sync.domain.record import Ending, Lease
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

_box = ("id", "stage", "generation", "cancel_seen_at")
_boxes = [shipments.c[name].label(f"box_{name}") for name in _box]


def end(transaction: Transaction, endings: Sequence[Ending], lease: Lease | None) -> dict[int, Stage]:
    """Write how these operations ended. Returns where each box stands now, by operation id.

    With a lease, an operation that another process has taken over meanwhile is skipped.
    """
    stages: dict[int, Stage] = {}
    for group in groups(endings):
        for ending in group:
            row = _operation(transaction, ending.operation_id)
            if row is None:
                continue
            if row.state in MAY_END and (lease is None or row.fence == lease.fence):
                _end_one(transaction, row, ending)
            stages[ending.operation_id] = _stage_now(transaction, row.shipment_id)
    return stages


def doubt(transaction: Transaction, operation_id: int, quiet_until: datetime, error: str) -> None:
    """An operation whose process died half way: from now on its answer counts as lost."""
    row = _operation(transaction, operation_id)
    if row is not None and row.state is State.SENDING:
        ending = Ending(operation_id=row.id, state=State.UNKNOWN, via="", error=error, quiet_until=quiet_until)
        _end_one(transaction, row, ending)


def _operation(transaction: Transaction, operation_id: int) -> AnyRow | None:
    joined = operations.join(
        shipments, (shipments.c.store == operations.c.store) & (shipments.c.id == operations.c.shipment_id)
    )
    query = (
        select(operations, *_boxes)
        .select_from(joined)
        .where(operations.c.store == transaction.store, operations.c.id == operation_id)
    )
    return transaction.connection.execute(query).first()


def _stage_now(transaction: Transaction, shipment_id: str) -> Stage:
    query = select(shipments.c.stage).where(shipments.c.store == transaction.store, shipments.c.id == shipment_id)
    return Stage(transaction.connection.execute(query).scalar_one())


def _end_one(transaction: Transaction, row: AnyRow, ending: Ending) -> None:
    state = _state(row, ending)
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
    stage = _move_box(transaction, row, state, ending)
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
            stage=stage,
        )


def _state(row: AnyRow, ending: Ending) -> State:
    """A push that did not happen is given up for good when Cratejoy cancelled the box meanwhile."""
    if row.kind is Kind.PUSH and ending.state in NOT_SENT and row.box_cancel_seen_at is not None:
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


class _Box:
    """The box columns of a joined row, under their own names."""

    __slots__ = _box

    def __init__(self, row: AnyRow) -> None:
        for name in _box:
            setattr(self, name, getattr(row, f"box_{name}"))


def _move_box(transaction: Transaction, row: AnyRow, state: State, ending: Ending) -> Stage:
    before: Stage = row.box_stage
    if row.kind is not Kind.REPLACE and row.generation != row.box_generation:
        return before  # an older order of this box: the box has moved on
    stage = ending.stage or stage_after(row.kind, state, before)
    if ending.stage is None and stage is not before and stage not in ALLOWED_MOVES[before]:
        stage = before  # a person or a cancel moved the box meanwhile; the outcome must be kept all the same
    put(transaction, _Box(row), stage, **_told(row.kind, state, ending, moves=stage is not before))
    return stage


def _told(kind: Kind, state: State, ending: Ending, *, moves: bool) -> dict[str, Any]:
    """What the box shows of this ending."""
    if kind in {Kind.CANCEL, Kind.REPLACE} and not moves:
        return {}
    told: dict[str, Any] = {"reason": "" if state is State.ACCEPTED else state.name, "detail": ""}
    if state is not State.ACCEPTED:
        told["detail"] = ending.error
    if kind is Kind.PUSH:
        told["not_before"] = ending.not_before
    return told
