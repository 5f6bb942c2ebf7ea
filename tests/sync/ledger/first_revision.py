"""A ledger's tables as the first version of the program made them. Never edited again: ledgers like this exist."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

from cratejoy_tui.sync.ledger.columns import Id, Instant, Key, counter, flag, needed, only, optional, plain_texts


def _keyed(table: str, *names: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*names, name=f"{table}_pk")


def _numbered(table: str) -> tuple[sa.Column[int], sa.PrimaryKeyConstraint]:
    """An id counted up by the database."""
    return sa.Column("id", Key, autoincrement=True, nullable=False), _keyed(table, "id")


def _ledger(op: Operations) -> None:
    op.create_table(
        "ledger",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        *needed(sa.Text, "ledger_id"),
        *needed(sa.Integer, "revision"),
        *needed(Instant, "made_at"),
        counter("deliveries"),
        _keyed("ledger", "id"),
    )
    op.create_table(
        "leases",
        *needed(Id, "store"),
        *needed(sa.Text, "name", "holder"),
        *needed(Key, "fence"),
        *needed(Instant, "taken_at", "expires_at"),
        _keyed("leases", "store", "name"),
    )
    op.create_table(
        "audit",
        *needed(Id, "store"),
        sa.Column("seq", Key, autoincrement=False, nullable=False),
        *needed(sa.Text, "at", "operator", "action"),
        *needed(Id, "subject"),
        *needed(sa.Text, "detail", "hash"),
        _keyed("audit", "store", "seq"),
    )
    op.create_index("audit_by_subject", "audit", ["store", "subject", "seq"])
    op.create_table(
        "audit_heads",
        *needed(Id, "store"),
        *needed(Key, "seq"),
        *needed(sa.Text, "hash"),
        _keyed("audit_heads", "store"),
    )


def _shipments(op: Operations) -> None:
    op.create_table(
        "shipments",
        *needed(Id, "store", "id"),
        *needed(sa.Text, "stage"),
        *needed(Instant, "stage_since"),
        *needed(sa.Text, "status", "revision", "fingerprint"),
        *needed(Instant, "first_seen_at", "changed_at"),
        *optional(Key, "run_id"),
        *plain_texts("order_number"),
        sa.Column("generation", sa.Integer, nullable=False, server_default="1"),
        *plain_texts("reason", "detail"),
        sa.Column("flags", sa.Text, nullable=False, server_default="[]"),
        *optional(Instant, "target_at", "reconsider_at", "not_before"),
        flag("read_again"),
        *plain_texts("preview_hash", "judged_revision", "judged_rules", "hold_by", "hold_reason"),
        *optional(Instant, "hold_since"),
        sa.Column("approved", sa.Text, nullable=False, server_default="[]"),
        *optional(Instant, "cancel_seen_at"),
        flag("revived"),
        *needed(sa.Text, "salt"),
        *optional(sa.LargeBinary, "payload"),
        _keyed("shipments", "store", "id"),
    )
    op.create_index("shipments_by_stage", "shipments", ["store", "stage", "id"])
    to_push = only("stage IN ('planned', 'error')")
    op.create_index("shipments_to_push", "shipments", ["store", "target_at", "id"], **to_push)


def _operations(op: Operations) -> None:
    id_, key = _numbered("operations")
    unique = ("store", "kind", "shipment_id", "generation")
    op.create_table(
        "operations",
        id_,
        *needed(Id, "store"),
        *needed(sa.Text, "kind"),
        *needed(Id, "shipment_id"),
        *needed(sa.Integer, "generation"),
        *needed(Id, "number"),
        *needed(sa.Text, "state"),
        flag("live"),
        counter("attempts"),
        sa.Column("fence", Key, nullable=False, server_default="0"),
        *needed(Instant, "made_at"),
        *optional(Instant, "sent_at", "quiet_until", "not_before"),
        *plain_texts("request_hash"),
        *optional(sa.LargeBinary, "payload"),
        *plain_texts("remote_ref", "via", "error", "by", "reason", "warehouse", "precheck", "delivery_name"),
        counter("delivery_sequence"),
        flag("delivery_staged"),
        key,
        sa.UniqueConstraint(*unique, name="operations_store_kind_shipment_id_generation_uq"),
    )
    live = only("live", unique=True)
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
        *needed(Id, "store"),
        *needed(Key, "operation_id"),
        *needed(sa.Integer, "nr"),
        *needed(Key, "fence"),
        *needed(Instant, "sent_at"),
        *optional(Instant, "ended_at"),
        *optional(sa.Text, "state"),
        *plain_texts("via", "error"),
        *optional(Instant, "settled_at"),
        *optional(sa.Text, "settled"),
        key,
        sa.UniqueConstraint("operation_id", "nr", name="attempts_operation_id_nr_uq"),
    )


def _parcels(op: Operations) -> None:
    id_, key = _numbered("parcels")
    op.create_table(
        "parcels",
        id_,
        *needed(Id, "store", "order_number", "reference"),
        sa.Column("shipment_id", Id, nullable=False, server_default=""),
        *plain_texts("carrier_code", "carrier_name", "service"),
        sa.Column("tracking_number", Id, nullable=False, server_default=""),
        *plain_texts("tracking_link"),
        *optional(Instant, "shipped_at"),
        *optional(sa.LargeBinary, "lines"),
        flag("voided"),
        flag("order_closed"),
        *needed(Instant, "first_seen_at", "changed_at"),
        *optional(sa.Text, "quality"),
        *plain_texts("reason", "decision", "decided_by"),
        key,
        sa.UniqueConstraint("store", "order_number", "reference", name="parcels_store_order_number_reference_uq"),
    )
    op.create_index("parcels_by_shipment", "parcels", ["store", "shipment_id"])
    op.create_index("parcels_by_tracking_number", "parcels", ["store", "tracking_number"])
    op.create_table(
        "cursors",
        *needed(Id, "store"),
        *needed(sa.Text, "stream", "value"),
        *needed(Instant, "moved_at"),
        _keyed("cursors", "store", "stream"),
    )


def _people(op: Operations) -> None:
    op.create_table(
        "adoptions",
        *needed(Id, "store"),
        *needed(sa.Boolean, "none"),
        *needed(sa.Integer, "count"),
        *needed(sa.Text, "by"),
        *needed(Instant, "at"),
        _keyed("adoptions", "store"),
    )
    op.create_table(
        "approvals",
        *needed(Id, "store", "subscription_id"),
        *needed(sa.Text, "reason"),
        *needed(sa.Text, "by"),
        *needed(Instant, "at"),
        _keyed("approvals", "store", "subscription_id", "reason"),
    )
    id_, key = _numbered("notes")
    about = (*needed(Id, "store", "shipment_id"), *needed(sa.Text, "by"), *needed(Instant, "at"))
    op.create_table("notes", id_, *about, *needed(sa.Text, "text"), key)
    op.create_index("notes_by_shipment", "notes", ["store", "shipment_id"])


def _tasks(op: Operations) -> None:
    id_, key = _numbered("tasks")
    op.create_table(
        "tasks",
        id_,
        *needed(Id, "store"),
        *needed(sa.Text, "kind"),
        *needed(Id, "shipment_id"),
        *needed(sa.Text, "number", "text"),
        *needed(Instant, "made_at"),
        *plain_texts("owner", "note"),
        *optional(Instant, "done_at"),
        *plain_texts("done_by"),
        key,
    )
    still_open = only("done_at IS NULL", unique=True)
    op.create_index("one_open_task_per_kind", "tasks", ["store", "kind", "shipment_id"], **still_open)


def _runs(op: Operations) -> None:
    id_, key = _numbered("runs")
    op.create_table(
        "runs",
        id_,
        *needed(Id, "store"),
        *needed(sa.Text, "kind", "operator"),
        *needed(Instant, "started_at"),
        *optional(Instant, "ended_at"),
        *optional(sa.Integer, "exit_code"),
        flag("good"),
        *plain_texts("summary"),
        key,
    )
    op.create_index("runs_by_store", "runs", ["store", "id"])
    id_, key = _numbered("settings")
    rules = (*needed(Id, "store"), *needed(sa.Text, "rules", "json", "by"), *needed(Instant, "since"))
    op.create_table("settings", id_, *rules, key)
    op.create_index("settings_by_store", "settings", ["store", "id"])
    id_, key = _numbered("plans")
    op.create_table(
        "plans",
        id_,
        *needed(Id, "store"),
        *needed(sa.Text, "kind"),
        *needed(sa.Integer, "boxes"),
        *needed(sa.Text, "hash", "by"),
        *needed(Instant, "at"),
        key,
    )
    op.create_index("plans_by_kind", "plans", ["store", "kind", "at"])


def make(op: Operations) -> None:
    """Make every table."""
    for step in (_ledger, _shipments, _operations, _attempts, _parcels, _people, _tasks, _runs):
        step(op)
