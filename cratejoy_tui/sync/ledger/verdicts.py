"""Writing down what the rules said of open boxes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import asdict
from sqlalchemy import select

from cratejoy_tui.sync.domain.reason import Reason
from cratejoy_tui.sync.domain.record import Judged
from cratejoy_tui.sync.domain.stage import OPEN_STAGES, Stage
from cratejoy_tui.sync.ledger.rows import AnyRow, digest
from cratejoy_tui.sync.ledger.stages import change_all, moved
from cratejoy_tui.sync.ledger.tables import shipments
from cratejoy_tui.sync.ledger.transactions import Transaction
from cratejoy_tui.sync.ledger.upsert import among

_OF_BOX = ("id", "revision", "stage", "stage_since", "hold_by", "approved")
_boxes = select(*(shipments.c[name] for name in _OF_BOX)).where(among(shipments.c.id))


def write(transaction: Transaction, rules: str, verdicts: Sequence[Judged]) -> None:
    """Write the verdicts that still fit their boxes; the others are dropped and those boxes judged again."""
    now_are = {row.id: row for row in transaction.run(_boxes, [judged.shipment_id for judged in verdicts])}
    fitting = [judged for judged in verdicts if _fits(judged, now_are.get(judged.shipment_id))]
    if not fitting:
        return
    change_all(
        transaction,
        {judged.shipment_id: _values(transaction, rules, judged, now_are[judged.shipment_id]) for judged in fitting},
    )
    tell(transaction, rules, fitting)


def tell(transaction: Transaction, rules: str, fitting: Sequence[Judged]) -> None:
    """One record in the audit trail for all these verdicts."""
    if not fitting:
        return
    told = "\n".join(f"{judged.shipment_id} {judged.stage} {judged.reason}" for judged in fitting)
    held = sum(judged.stage is Stage.HELD for judged in fitting)
    transaction.record("judged", rules=rules, planned=len(fitting) - held, held=held, digest=digest("", told.encode()))


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
    moves = moved(transaction, row.id, row.stage, row.stage_since, judged.stage)
    return {"stage_since": row.stage_since, **values(rules, judged, judged.revision), **moves}


def values(rules: str, judged: Judged, revision: str) -> dict[str, Any]:
    """A verdict as the columns that keep it."""
    written = asdict(judged)
    del written["shipment_id"], written["revision"]
    return written | {"judged_revision": revision, "judged_rules": rules}
