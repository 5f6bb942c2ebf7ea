"""Writing down what the rules said of open boxes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select, update

from cratejoy_tui.sync.domain.reason import Reason
from cratejoy_tui.sync.domain.record import Judged
from cratejoy_tui.sync.domain.stage import OPEN_STAGES, Stage, check_move
from cratejoy_tui.sync.ledger.rows import AnyRow
from cratejoy_tui.sync.ledger.tables import shipments
from cratejoy_tui.sync.ledger.transactions import Transaction
from cratejoy_tui.sync.ledger.upsert import groups

_columns = (
    shipments.c.id,
    shipments.c.revision,
    shipments.c.stage,
    shipments.c.stage_since,
    shipments.c.hold_by,
    shipments.c.approved,
)

_write = (
    update(shipments)
    .where(shipments.c.store == bindparam("b_store"), shipments.c.id == bindparam("b_id"))
    .values(
        {
            name: bindparam(f"b_{name}", type_=shipments.c[name].type)
            for name in (
                "stage",
                "stage_since",
                "order_number",
                "reason",
                "detail",
                "flags",
                "target_at",
                "reconsider_at",
                "read_again",
                "preview_hash",
                "judged_revision",
                "judged_rules",
            )
        }
    )
)


def write(transaction: Transaction, rules: str, verdicts: Sequence[Judged]) -> None:
    """Write the verdicts that still fit their boxes; the others are dropped and those boxes judged again."""
    now_are: dict[str, AnyRow] = {}
    for group in groups([judged.shipment_id for judged in verdicts]):
        query = select(*_columns).where(shipments.c.store == transaction.store, shipments.c.id.in_(group))
        now_are |= {row.id: row for row in transaction.connection.execute(query)}
    fitting = [judged for judged in verdicts if _fits(judged, now_are.get(judged.shipment_id))]
    if not fitting:
        return
    rows = [_values(transaction, rules, judged, now_are[judged.shipment_id]) for judged in fitting]
    transaction.connection.execute(_write, rows)
    tell(transaction, rules, fitting)


def tell(transaction: Transaction, rules: str, fitting: Sequence[Judged]) -> None:
    """One record in the audit trail for all these verdicts."""
    if not fitting:
        return
    told = "\n".join(f"{judged.shipment_id} {judged.stage} {judged.reason}" for judged in fitting)
    held = sum(judged.stage is Stage.HELD for judged in fitting)
    mark = hashlib.blake2b(told.encode(), digest_size=12).hexdigest()
    transaction.record("judged", rules=rules, planned=len(fitting) - held, held=held, digest=mark)


def _fits(judged: Judged, row: AnyRow | None) -> bool:
    """Is the box still what was judged: same content, same word of a person?"""
    if row is None or row.stage not in OPEN_STAGES or row.revision != judged.revision:
        return False
    if judged.stage is Stage.PLANNED:
        return not row.hold_by
    if judged.reason == Reason.HELD_BY_PERSON:
        return bool(row.hold_by)
    return judged.reason not in row.approved


def _values(transaction: Transaction, rules: str, judged: Judged, row: AnyRow) -> dict[str, Any]:
    check_move(row.stage, judged.stage)
    since = row.stage_since if row.stage is judged.stage else transaction.now
    written = values(rules, judged, judged.revision) | {"stage_since": since}
    return {
        "b_store": transaction.store,
        "b_id": judged.shipment_id,
        **{f"b_{name}": value for name, value in written.items()},
    }


def values(rules: str, judged: Judged, revision: str) -> dict[str, Any]:
    """A verdict as the columns that keep it."""
    return {
        "stage": judged.stage,
        "order_number": judged.order_number,
        "reason": judged.reason,
        "detail": judged.detail,
        "flags": judged.flags,
        "target_at": judged.target_at,
        "reconsider_at": judged.reconsider_at,
        "read_again": judged.read_again,
        "preview_hash": judged.preview_hash,
        "judged_revision": revision,
        "judged_rules": rules,
    }
