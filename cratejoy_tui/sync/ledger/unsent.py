"""Orders of boxes that Cratejoy cancelled before they were sent, as far as anybody knows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from cratejoy_tui.sync.domain.cancellation import LOOKED_ONCE, SECOND_LOOK_AFTER, may_still_arrive
from cratejoy_tui.sync.domain.stage import Kind, State
from cratejoy_tui.sync.ledger.rows import AnyRow
from cratejoy_tui.sync.ledger.tables import operations
from cratejoy_tui.sync.ledger.transactions import Transaction
from cratejoy_tui.sync.ledger.upsert import among


def give_up(transaction: Transaction, ids: Sequence[str]) -> None:
    """Orders of boxes cancelled before they were sent are never sent; one that may still arrive is looked for again."""
    if not ids:
        return
    c = operations.c
    waits = c.state.in_([State.READY, State.CLAIMED, State.REJECTED])
    waiting = select(c.id, c.shipment_id, c.state, c.via).where(among(c.shipment_id), c.kind == Kind.PUSH, waits)
    rows = list(transaction.run(waiting, ids))
    late = {row.shipment_id for row in rows if may_still_arrive(row.state, row.via)}
    _end(transaction, rows)
    for id_ in ids:
        transaction.record("cancelled, looked for again" if id_ in late else "cancelled before send", id_)


def _end(transaction: Transaction, rows: Sequence[AnyRow]) -> None:
    again = {
        "state": State.UNKNOWN,
        "error": LOOKED_ONCE,
        "quiet_until": transaction.now + SECOND_LOOK_AFTER,
        "not_before": None,
        "live": True,
    }
    given_up = {"state": State.CANCELLED_LOCAL, "via": "cancelled in Cratejoy", "live": False}
    for is_late, values in ((True, again), (False, given_up)):
        ids = [row.id for row in rows if may_still_arrive(row.state, row.via) is is_late]
        transaction.run(update(operations).where(among(operations.c.id)).values(**values), ids)
