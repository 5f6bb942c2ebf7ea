"""Revision 1: the first tables. Never edited again: later changes are later revisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

from cratejoy_tui.sync.ledger.columns import Id, Instant, Key

LIVE = sa.text("live")
OPEN = sa.text("done_at IS NULL")
TO_PUSH = sa.text("stage IN ('planned', 'error')")


def _adoptions(op: Operations) -> None:
    op.create_table(
        "adoptions",
        sa.Column("store", Id, nullable=False),
        sa.Column("none", sa.Boolean, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("store", name="adoptions_pk"),
    )


def _approvals(op: Operations) -> None:
    op.create_table(
        "approvals",
        sa.Column("store", Id, nullable=False),
        sa.Column("subscription_id", Id, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("store", "subscription_id", "reason", name="approvals_pk"),
    )


def _attempts(op: Operations) -> None:
    op.create_table(
        "attempts",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("store", Id, nullable=False),
        sa.Column("operation_id", Key, nullable=False),
        sa.Column("nr", sa.Integer, nullable=False),
        sa.Column("fence", Key, nullable=False),
        sa.Column("sent_at", Instant, nullable=False),
        sa.Column("ended_at", Instant),
        sa.Column("state", sa.Text),
        sa.Column("via", sa.Text, nullable=False, server_default=""),
        sa.Column("error", sa.Text, nullable=False, server_default=""),
        sa.Column("settled_at", Instant),
        sa.Column("settled", sa.Text),
        sa.PrimaryKeyConstraint("id", name="attempts_pk"),
        sa.UniqueConstraint("operation_id", "nr", name="attempts_operation_id_nr_uq"),
    )


def _audit(op: Operations) -> None:
    op.create_table(
        "audit",
        sa.Column("store", Id, nullable=False),
        sa.Column("seq", Key, autoincrement=False, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("operator", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", Id, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("store", "seq", name="audit_pk"),
    )
    op.create_index("audit_by_subject", "audit", ["store", "subject", "seq"])


def _audit_heads(op: Operations) -> None:
    op.create_table(
        "audit_heads",
        sa.Column("store", Id, nullable=False),
        sa.Column("seq", Key, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("store", name="audit_heads_pk"),
    )


def _cursors(op: Operations) -> None:
    op.create_table(
        "cursors",
        sa.Column("store", Id, nullable=False),
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("moved_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("store", "stream", name="cursors_pk"),
    )


def _leases(op: Operations) -> None:
    op.create_table(
        "leases",
        sa.Column("store", Id, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("fence", Key, nullable=False),
        sa.Column("taken_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("store", "name", name="leases_pk"),
    )


def _ledger(op: Operations) -> None:
    op.create_table(
        "ledger",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("ledger_id", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("deliveries", sa.Integer, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="ledger_pk"),
    )


def _notes(op: Operations) -> None:
    op.create_table(
        "notes",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("store", Id, nullable=False),
        sa.Column("shipment_id", Id, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="notes_pk"),
    )
    op.create_index("notes_by_shipment", "notes", ["store", "shipment_id"])


def _operations(op: Operations) -> None:
    op.create_table(
        "operations",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("store", Id, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("shipment_id", Id, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("number", Id, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("live", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("fence", Key, nullable=False, server_default="0"),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("sent_at", Instant),
        sa.Column("quiet_until", Instant),
        sa.Column("not_before", Instant),
        sa.Column("request_hash", sa.Text, nullable=False, server_default=""),
        sa.Column("payload", sa.LargeBinary),
        sa.Column("remote_ref", sa.Text, nullable=False, server_default=""),
        sa.Column("via", sa.Text, nullable=False, server_default=""),
        sa.Column("error", sa.Text, nullable=False, server_default=""),
        sa.Column("by", sa.Text, nullable=False, server_default=""),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sa.Column("warehouse", sa.Text, nullable=False, server_default=""),
        sa.Column("precheck", sa.Text, nullable=False, server_default=""),
        sa.Column("delivery_name", sa.Text, nullable=False, server_default=""),
        sa.Column("delivery_sequence", sa.Integer, nullable=False, server_default="0"),
        sa.Column("delivery_staged", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("id", name="operations_pk"),
        sa.UniqueConstraint(
            "store", "kind", "shipment_id", "generation", name="operations_store_kind_shipment_id_generation_uq"
        ),
    )


def _operations_indexes(op: Operations) -> None:
    op.create_index(
        "one_live_order_per_number",
        "operations",
        ["store", "number"],
        sqlite_where=LIVE,
        postgresql_where=LIVE,
        unique=True,
    )
    op.create_index(
        "one_live_order_per_shipment",
        "operations",
        ["store", "shipment_id"],
        sqlite_where=LIVE,
        postgresql_where=LIVE,
        unique=True,
    )
    op.create_index("operations_by_delivery", "operations", ["store", "delivery_name"])
    op.create_index("operations_by_number", "operations", ["store", "number"])
    op.create_index("operations_by_state", "operations", ["store", "state", "kind"])


def _parcels(op: Operations) -> None:
    op.create_table(
        "parcels",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("store", Id, nullable=False),
        sa.Column("order_number", Id, nullable=False),
        sa.Column("reference", Id, nullable=False),
        sa.Column("shipment_id", Id, nullable=False, server_default=""),
        sa.Column("carrier_code", sa.Text, nullable=False, server_default=""),
        sa.Column("carrier_name", sa.Text, nullable=False, server_default=""),
        sa.Column("service", sa.Text, nullable=False, server_default=""),
        sa.Column("tracking_number", Id, nullable=False, server_default=""),
        sa.Column("tracking_link", sa.Text, nullable=False, server_default=""),
        sa.Column("shipped_at", Instant),
        sa.Column("lines", sa.LargeBinary),
        sa.Column("voided", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("order_closed", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("first_seen_at", Instant, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("quality", sa.Text),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sa.Column("decision", sa.Text, nullable=False, server_default=""),
        sa.Column("decided_by", sa.Text, nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="parcels_pk"),
        sa.UniqueConstraint("store", "order_number", "reference", name="parcels_store_order_number_reference_uq"),
    )
    op.create_index("parcels_by_shipment", "parcels", ["store", "shipment_id"])
    op.create_index("parcels_by_tracking_number", "parcels", ["store", "tracking_number"])


def _plans(op: Operations) -> None:
    op.create_table(
        "plans",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("store", Id, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("boxes", sa.Integer, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="plans_pk"),
    )
    op.create_index("plans_by_kind", "plans", ["store", "kind", "at"])


def _runs(op: Operations) -> None:
    op.create_table(
        "runs",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("store", Id, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("operator", sa.Text, nullable=False),
        sa.Column("started_at", Instant, nullable=False),
        sa.Column("ended_at", Instant),
        sa.Column("exit_code", sa.Integer),
        sa.Column("good", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("summary", sa.Text, nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="runs_pk"),
    )
    op.create_index("runs_by_store", "runs", ["store", "id"])


def _settings(op: Operations) -> None:
    op.create_table(
        "settings",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("store", Id, nullable=False),
        sa.Column("rules", sa.Text, nullable=False),
        sa.Column("json", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("since", Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="settings_pk"),
    )
    op.create_index("settings_by_store", "settings", ["store", "id"])


def _shipments(op: Operations) -> None:
    op.create_table(
        "shipments",
        sa.Column("store", Id, nullable=False),
        sa.Column("id", Id, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("stage_since", Instant, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("revision", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("first_seen_at", Instant, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("run_id", Key),
        sa.Column("order_number", sa.Text, nullable=False, server_default=""),
        sa.Column("generation", sa.Integer, nullable=False, server_default="1"),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sa.Column("detail", sa.Text, nullable=False, server_default=""),
        sa.Column("flags", sa.Text, nullable=False, server_default="[]"),
        sa.Column("target_at", Instant),
        sa.Column("reconsider_at", Instant),
        sa.Column("not_before", Instant),
        sa.Column("read_again", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("preview_hash", sa.Text, nullable=False, server_default=""),
        sa.Column("judged_revision", sa.Text, nullable=False, server_default=""),
        sa.Column("judged_rules", sa.Text, nullable=False, server_default=""),
        sa.Column("hold_by", sa.Text, nullable=False, server_default=""),
        sa.Column("hold_reason", sa.Text, nullable=False, server_default=""),
        sa.Column("hold_since", Instant),
        sa.Column("approved", sa.Text, nullable=False, server_default="[]"),
        sa.Column("cancel_seen_at", Instant),
        sa.Column("revived", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("salt", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary),
        sa.PrimaryKeyConstraint("store", "id", name="shipments_pk"),
    )
    op.create_index("shipments_by_stage", "shipments", ["store", "stage", "id"])
    op.create_index(
        "shipments_to_push", "shipments", ["store", "target_at", "id"], sqlite_where=TO_PUSH, postgresql_where=TO_PUSH
    )


def _tasks(op: Operations) -> None:
    op.create_table(
        "tasks",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("store", Id, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("shipment_id", Id, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("owner", sa.Text, nullable=False, server_default=""),
        sa.Column("note", sa.Text, nullable=False, server_default=""),
        sa.Column("done_at", Instant),
        sa.Column("done_by", sa.Text, nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="tasks_pk"),
    )
    op.create_index(
        "one_open_task_per_kind",
        "tasks",
        ["store", "kind", "shipment_id"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
        unique=True,
    )


def upgrade(op: Operations) -> None:
    """Make every table."""
    _adoptions(op)
    _approvals(op)
    _attempts(op)
    _audit(op)
    _audit_heads(op)
    _cursors(op)
    _leases(op)
    _ledger(op)
    _notes(op)
    _operations(op)
    _operations_indexes(op)
    _parcels(op)
    _plans(op)
    _runs(op)
    _settings(op)
    _shipments(op)
    _tasks(op)
