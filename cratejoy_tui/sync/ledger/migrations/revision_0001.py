"""Revision 1: the first tables. Never edited again: later changes are later revisions."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic.operations import Operations

from cratejoy_tui.sync.ledger.columns import Id, Instant, Key, counter, flag, plain_text

Columns = list[sa.Column[Any]]


def _needed(kind: Any, *names: str) -> Columns:
    return [sa.Column(name, kind, nullable=False) for name in names]


def _optional(kind: Any, *names: str) -> Columns:
    return [sa.Column(name, kind) for name in names]


def _texts(*names: str) -> Columns:
    """Columns that are empty unless something is written."""
    return [plain_text(name) for name in names]


def _keyed(table: str, *names: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*names, name=f"{table}_pk")


def _numbered(table: str) -> tuple[sa.Column[int], sa.PrimaryKeyConstraint]:
    """An id counted up by the database."""
    return sa.Column("id", Key, autoincrement=True, nullable=False), _keyed(table, "id")


def _where(condition: str, **more: bool) -> dict[str, Any]:
    """An index over only some rows."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition), **more}


def _ledger(op: Operations) -> None:
    op.create_table(
        "ledger",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        *_needed(sa.Text, "ledger_id"),
        *_needed(sa.Integer, "revision"),
        *_needed(Instant, "made_at"),
        counter("deliveries"),
        _keyed("ledger", "id"),
    )
    op.create_table(
        "leases",
        *_needed(Id, "store"),
        *_needed(sa.Text, "name", "holder"),
        *_needed(Key, "fence"),
        *_needed(Instant, "taken_at", "expires_at"),
        _keyed("leases", "store", "name"),
    )
    op.create_table(
        "audit",
        *_needed(Id, "store"),
        sa.Column("seq", Key, autoincrement=False, nullable=False),
        *_needed(sa.Text, "at", "operator", "action"),
        *_needed(Id, "subject"),
        *_needed(sa.Text, "detail", "hash"),
        _keyed("audit", "store", "seq"),
    )
    op.create_index("audit_by_subject", "audit", ["store", "subject", "seq"])
    op.create_table(
        "audit_heads",
        *_needed(Id, "store"),
        *_needed(Key, "seq"),
        *_needed(sa.Text, "hash"),
        _keyed("audit_heads", "store"),
    )


def _shipments(op: Operations) -> None:
    op.create_table(
        "shipments",
        *_needed(Id, "store", "id"),
        *_needed(sa.Text, "stage"),
        *_needed(Instant, "stage_since"),
        *_needed(sa.Text, "status", "revision", "fingerprint"),
        *_needed(Instant, "first_seen_at", "changed_at"),
        *_optional(Key, "run_id"),
        *_texts("order_number"),
        sa.Column("generation", sa.Integer, nullable=False, server_default="1"),
        *_texts("reason", "detail"),
        sa.Column("flags", sa.Text, nullable=False, server_default="[]"),
        *_optional(Instant, "target_at", "reconsider_at", "not_before"),
        flag("read_again"),
        *_texts("preview_hash", "judged_revision", "judged_rules", "hold_by", "hold_reason"),
        *_optional(Instant, "hold_since"),
        sa.Column("approved", sa.Text, nullable=False, server_default="[]"),
        *_optional(Instant, "cancel_seen_at"),
        flag("revived"),
        *_needed(sa.Text, "salt"),
        *_optional(sa.LargeBinary, "payload"),
        _keyed("shipments", "store", "id"),
    )
    op.create_index("shipments_by_stage", "shipments", ["store", "stage", "id"])
    to_push = _where("stage IN ('planned', 'error')")
    op.create_index("shipments_to_push", "shipments", ["store", "target_at", "id"], **to_push)


def _operations(op: Operations) -> None:
    id_, key = _numbered("operations")
    unique = ("store", "kind", "shipment_id", "generation")
    op.create_table(
        "operations",
        id_,
        *_needed(Id, "store"),
        *_needed(sa.Text, "kind"),
        *_needed(Id, "shipment_id"),
        *_needed(sa.Integer, "generation"),
        *_needed(Id, "number"),
        *_needed(sa.Text, "state"),
        flag("live"),
        counter("attempts"),
        sa.Column("fence", Key, nullable=False, server_default="0"),
        *_needed(Instant, "made_at"),
        *_optional(Instant, "sent_at", "quiet_until", "not_before"),
        *_texts("request_hash"),
        *_optional(sa.LargeBinary, "payload"),
        *_texts("remote_ref", "via", "error", "by", "reason", "warehouse", "precheck", "delivery_name"),
        counter("delivery_sequence"),
        flag("delivery_staged"),
        key,
        sa.UniqueConstraint(*unique, name="operations_store_kind_shipment_id_generation_uq"),
    )
    live = _where("live", unique=True)
    op.create_index("one_live_order_per_number", "operations", ["store", "number"], **live)
    op.create_index("one_live_order_per_shipment", "operations", ["store", "shipment_id"], **live)
    op.create_index("operations_by_delivery", "operations", ["store", "delivery_name"])
    op.create_index("operations_by_number", "operations", ["store", "number"])
    op.create_index("operations_by_state", "operations", ["store", "state", "kind"])


def _attempts(op: Operations) -> None:
    id_, key = _numbered("attempts")
    op.create_table(
        "attempts",
        id_,
        *_needed(Id, "store"),
        *_needed(Key, "operation_id"),
        *_needed(sa.Integer, "nr"),
        *_needed(Key, "fence"),
        *_needed(Instant, "sent_at"),
        *_optional(Instant, "ended_at"),
        *_optional(sa.Text, "state"),
        *_texts("via", "error"),
        *_optional(Instant, "settled_at"),
        *_optional(sa.Text, "settled"),
        key,
        sa.UniqueConstraint("operation_id", "nr", name="attempts_operation_id_nr_uq"),
    )


def _parcels(op: Operations) -> None:
    id_, key = _numbered("parcels")
    op.create_table(
        "parcels",
        id_,
        *_needed(Id, "store", "order_number", "reference"),
        sa.Column("shipment_id", Id, nullable=False, server_default=""),
        *_texts("carrier_code", "carrier_name", "service"),
        sa.Column("tracking_number", Id, nullable=False, server_default=""),
        *_texts("tracking_link"),
        *_optional(Instant, "shipped_at"),
        *_optional(sa.LargeBinary, "lines"),
        flag("voided"),
        flag("order_closed"),
        *_needed(Instant, "first_seen_at", "changed_at"),
        *_optional(sa.Text, "quality"),
        *_texts("reason", "decision", "decided_by"),
        key,
        sa.UniqueConstraint("store", "order_number", "reference", name="parcels_store_order_number_reference_uq"),
    )
    op.create_index("parcels_by_shipment", "parcels", ["store", "shipment_id"])
    op.create_index("parcels_by_tracking_number", "parcels", ["store", "tracking_number"])
    op.create_table(
        "cursors",
        *_needed(Id, "store"),
        *_needed(sa.Text, "stream", "value"),
        *_needed(Instant, "moved_at"),
        _keyed("cursors", "store", "stream"),
    )


def _people(op: Operations) -> None:
    op.create_table(
        "adoptions",
        *_needed(Id, "store"),
        *_needed(sa.Boolean, "none"),
        *_needed(sa.Integer, "count"),
        *_needed(sa.Text, "by"),
        *_needed(Instant, "at"),
        _keyed("adoptions", "store"),
    )
    op.create_table(
        "approvals",
        *_needed(Id, "store", "subscription_id"),
        *_needed(sa.Text, "reason"),
        *_needed(sa.Text, "by"),
        *_needed(Instant, "at"),
        _keyed("approvals", "store", "subscription_id", "reason"),
    )
    id_, key = _numbered("notes")
    about = (*_needed(Id, "store", "shipment_id"), *_needed(sa.Text, "by"), *_needed(Instant, "at"))
    op.create_table("notes", id_, *about, *_needed(sa.Text, "text"), key)
    op.create_index("notes_by_shipment", "notes", ["store", "shipment_id"])


def _tasks(op: Operations) -> None:
    id_, key = _numbered("tasks")
    op.create_table(
        "tasks",
        id_,
        *_needed(Id, "store"),
        *_needed(sa.Text, "kind"),
        *_needed(Id, "shipment_id"),
        *_needed(sa.Text, "number", "text"),
        *_needed(Instant, "made_at"),
        *_texts("owner", "note"),
        *_optional(Instant, "done_at"),
        *_texts("done_by"),
        key,
    )
    still_open = _where("done_at IS NULL", unique=True)
    op.create_index("one_open_task_per_kind", "tasks", ["store", "kind", "shipment_id"], **still_open)


def _runs(op: Operations) -> None:
    id_, key = _numbered("runs")
    op.create_table(
        "runs",
        id_,
        *_needed(Id, "store"),
        *_needed(sa.Text, "kind", "operator"),
        *_needed(Instant, "started_at"),
        *_optional(Instant, "ended_at"),
        *_optional(sa.Integer, "exit_code"),
        flag("good"),
        *_texts("summary"),
        key,
    )
    op.create_index("runs_by_store", "runs", ["store", "id"])
    id_, key = _numbered("settings")
    rules = (*_needed(Id, "store"), *_needed(sa.Text, "rules", "json", "by"), *_needed(Instant, "since"))
    op.create_table("settings", id_, *rules, key)
    op.create_index("settings_by_store", "settings", ["store", "id"])
    id_, key = _numbered("plans")
    op.create_table(
        "plans",
        id_,
        *_needed(Id, "store"),
        *_needed(sa.Text, "kind"),
        *_needed(sa.Integer, "boxes"),
        *_needed(sa.Text, "hash", "by"),
        *_needed(Instant, "at"),
        key,
    )
    op.create_index("plans_by_kind", "plans", ["store", "kind", "at"])


def upgrade(op: Operations) -> None:
    """Make every table."""
    for make in (_ledger, _shipments, _operations, _attempts, _parcels, _people, _tasks, _runs):
        make(op)
