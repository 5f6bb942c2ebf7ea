"""How operations end: a compare-and-set each, and the box moves in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, select, update

from cratejoy_tui.sync.domain.books import Lease
from cratejoy_tui.sync.domain.cancellation import LOOKED_ONCE, SECOND_LOOK_AFTER, push_of_cancelled
from cratejoy_tui.sync.domain.record import Ending, Operation
from cratejoy_tui.sync.domain.stage import ALLOWED_MOVES, Kind, Stage, State, stage_after
from cratejoy_tui.sync.ledger import leases
from cratejoy_tui.sync.ledger.rows import AnyRow, operation
from cratejoy_tui.sync.ledger.stages import Values, change_all, free_number, moved
from cratejoy_tui.sync.ledger.tables import attempts, operations, shipments
from cratejoy_tui.sync.ledger.transactions import Part, Transaction, writes
from cratejoy_tui.sync.ledger.upsert import among

MAY_END = frozenset({State.READY, State.CLAIMED, State.SENDING, State.UNKNOWN, State.REVIEW})
AT_THE_WAREHOUSE = frozenset({State.SENDING, State.UNKNOWN, State.ACCEPTED, State.REVIEW, State.CONFLICT})
"""States of a push in which the warehouse has the order, or may have it."""
ASKS_NOBODY = frozenset({State.ACCEPTED, State.READY, State.CLAIMED, State.CANCELLED_LOCAL})

_SHOWN = ("stage", "stage_since", "reason", "detail", "not_before")
"""What a box shows of its operations."""
_WITH_BOXES = (
    select(
        *(operations.c[name] for name in ("id", "kind", "shipment_id", "generation", "number")),
        *(operations.c[name] for name in ("state", "attempts", "fence", "remote_ref", "error")),
        *(shipments.c[name] for name in _SHOWN),
        shipments.c.generation.label("box_generation"),
        shipments.c.cancel_seen_at,
    )
    .join_from(
        operations, shipments, (shipments.c.store == operations.c.store) & (shipments.c.id == operations.c.shipment_id)
    )
    .where(among(operations.c.id))
)
_END = update(operations).where(operations.c.id == bindparam("of"), operations.c.state == bindparam("was"))
_END_ATTEMPT = update(attempts).where(attempts.c.operation_id == bindparam("of"), attempts.c.nr == bindparam("try"))


class Endings(Part):
    """What became of the writes that were on their way."""

    @writes
    def end(
        self, transaction: Transaction, ended: Sequence[Ending], *, lease: Lease | None, under: Lease | None = None
    ) -> dict[int, Stage]:
        """Write how operations ended, each by compare-and-set. Returns where each box stands now, by operation id.

        With a lease, one that another process took over meanwhile is left as it is. A push that surely did not
        happen, for a box that Cratejoy cancelled meanwhile, is given up for good. `under` is the lease under which
        somebody found out how operations ended that others sent: raises LockHeld, and nothing is written, when it
        was lost since.
        """
        if under is not None:
            leases.check(transaction, under, expired_too=False)
        ends = _Ends(transaction, [ending.operation_id for ending in ended])
        for ending in ended:
            row = ends.rows.get(ending.operation_id)
            if row is not None and row.state in MAY_END and (lease is None or row.fence == lease.fence):
                ends.end(row, ending)
        ends.write()
        return {id_: ends.boxes[row.shipment_id]["stage"] for id_, row in ends.rows.items()}

    @writes
    def doubt(self, transaction: Transaction, operation_id: int, quiet_until: datetime, error: str) -> Operation:
        """Note that the answer of an operation was lost; it is looked up once the quiet time is over."""
        ends = _Ends(transaction, [operation_id])
        for row in ends.rows.values():
            if row.state is State.SENDING:
                lost = Ending(operation_id=row.id, state=State.UNKNOWN, via="", error=error, quiet_until=quiet_until)
                ends.end(row, lost)
        ends.write()
        query = select(operations).filter_by(store=transaction.store, id=operation_id)
        return operation(transaction.connection.execute(query).one())


class _Ends:
    """What several endings change; gathered, so that each table is written to once."""

    def __init__(self, transaction: Transaction, ids: Sequence[int]) -> None:
        self.transaction = transaction
        self.rows: dict[int, AnyRow] = {row.id: row for row in transaction.run(_WITH_BOXES, ids)}
        self.boxes = {row.shipment_id: {name: getattr(row, name) for name in _SHOWN} for row in self.rows.values()}
        """Several operations of one box share it."""
        self._operations: list[Values] = []
        self._ended: list[Values] = []
        self._settled: list[Values] = []
        self._touched: set[str] = set()
        self._freed: set[tuple[str, int]] = set()

    def write(self) -> None:
        """Write what was gathered."""
        for statement, rows in (_END, self._operations), (_END_ATTEMPT, self._ended), (_END_ATTEMPT, self._settled):
            if rows:
                self.transaction.connection.execute(statement, rows)
        change_all(self.transaction, {id_: self.boxes[id_] for id_ in sorted(self._touched)})
        for shipment_id, generation in sorted(self._freed):
            free_number(self.transaction, shipment_id, generation)

    def end(self, row: AnyRow, ending: Ending) -> None:
        """Take in how one operation ended."""
        ending = self._as_it_is_now(row, ending)
        self._operations.append(_operation_values(row, ending))
        self._end_attempt(row, ending)
        if row.kind is Kind.REPLACE or row.generation == row.box_generation:
            self._move_box(row, ending)  # an older order does not move it: the box has moved on
        if row.kind is Kind.CANCEL and ending.state is State.ACCEPTED:
            self._freed.add((row.shipment_id, row.generation))
        if ending.state is not row.state:
            self.transaction.record(
                "ended",
                row.shipment_id,
                kind=row.kind,
                number=row.number,
                before=row.state,
                after=ending.state,
                via=ending.via,
                stage=self.boxes[row.shipment_id]["stage"],
            )

    def _as_it_is_now(self, row: AnyRow, ending: Ending) -> Ending:
        """The ending, or what it became because Cratejoy cancelled the box while somebody found out."""
        if row.kind is not Kind.PUSH or row.cancel_seen_at is None:
            return ending
        state = push_of_cancelled(ending.state, ending.via, row.error)
        if state is ending.state:
            return ending
        if state is State.UNKNOWN:
            now = self.transaction.now
            again = max(ending.quiet_until or now, now + SECOND_LOOK_AFTER)
            return replace(ending, state=state, via="", error=LOOKED_ONCE, quiet_until=again, stage=None)
        return replace(ending, state=state, quiet_until=None, stage=None)

    def _end_attempt(self, row: AnyRow, ending: Ending) -> None:
        this, now = {"of": row.id, "try": row.attempts}, self.transaction.now
        if row.state is State.SENDING:
            told = {"ended_at": now, "state": ending.state, "via": ending.via, "error": ending.error}
            self._ended.append(this | told)
        elif ending.state is not State.UNKNOWN:
            self._settled.append(this | {"settled_at": now, "settled": ending.state})

    def _move_box(self, row: AnyRow, ending: Ending) -> None:
        box = self.boxes[row.shipment_id]
        before = box["stage"]
        stage = ending.stage or stage_after(row.kind, ending.state, before)
        if ending.stage is None and stage is not before and stage not in ALLOWED_MOVES[before]:
            stage = before  # a person or a cancel moved the box meanwhile; the outcome must be kept all the same
        box |= moved(self.transaction, row.shipment_id, before, box["stage_since"], stage)
        if stage is not before or row.kind not in {Kind.CANCEL, Kind.REPLACE}:
            box |= _told(row.kind, ending)
        self._touched.add(row.shipment_id)
        if stage is Stage.CANCELLED:
            self._freed.add((row.shipment_id, row.box_generation))


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


def _told(kind: Kind, ending: Ending) -> Values:
    """What the box shows of this ending."""
    told: Values = {
        "reason": "" if ending.state in ASKS_NOBODY else ending.state.name,
        "detail": "" if ending.state is State.ACCEPTED else ending.error,
    }
    return told | {"not_before": ending.not_before} if kind is Kind.PUSH else told
