"""The ledger's tables. A change here needs a migration; a test compares the two."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from cratejoy_tui.sync.domain.record import TaskKind
from cratejoy_tui.sync.domain.stage import Kind, Stage, State
from cratejoy_tui.sync.domain.tracking import Quality
from cratejoy_tui.sync.ledger.columns import Id, Instant, Key, Word, Words, counter, flag, plain_text

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "uq": "%(table_name)s_%(column_0_N_name)s_uq",
        "ix": "%(table_name)s_%(column_0_N_name)s_ix",
    }
)

ledger = Table(
    "ledger",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("ledger_id", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("made_at", Instant, nullable=False),
    counter("deliveries"),
)
"""One row: who this ledger is, how its tables look, how many deliveries it has named."""

TO_PUSH = f"stage IN ('{Stage.PLANNED}', '{Stage.ERROR}')"
"""Boxes that a push may take, as the databases spell it: an index covers just these."""

shipments = Table(
    "shipments",
    metadata,
    Column("store", Id, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("stage", Word(Stage), nullable=False),
    Column("stage_since", Instant, nullable=False),
    Column("status", Text, nullable=False),
    Column("revision", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("run_id", Key),
    plain_text("order_number"),
    Column("generation", Integer, nullable=False, server_default="1"),
    plain_text("reason"),
    plain_text("detail"),
    Column("flags", Words, nullable=False, server_default="[]"),
    Column("target_at", Instant),
    Column("reconsider_at", Instant),
    Column("not_before", Instant),
    flag("read_again"),
    plain_text("preview_hash"),
    plain_text("judged_revision"),
    plain_text("judged_rules"),
    plain_text("hold_by"),
    plain_text("hold_reason"),
    Column("hold_since", Instant),
    Column("approved", Words, nullable=False, server_default="[]"),
    Column("cancel_seen_at", Instant),
    flag("revived"),
    Column("salt", Text, nullable=False),
    Column("payload", LargeBinary),  # last, so that reading the others does not walk over it
    Index("shipments_by_stage", "store", "stage", "id"),
    Index(
        "shipments_to_push",
        "store",
        "target_at",
        "id",
        sqlite_where=text(TO_PUSH),
        postgresql_where=text(TO_PUSH),
    ),
)
"""Boxes. `payload` and `salt` are what purge takes away."""

search_texts = Table(
    "search_texts",
    metadata,
    Column("store", Id, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("text", Text, nullable=False),
)
"""The words boxes are found by, apart from the boxes, so that looking through all of them reads little. Purged."""

approvals = Table(
    "approvals",
    metadata,
    Column("store", Id, primary_key=True),
    Column("subscription_id", Id, primary_key=True),
    Column("reason", Text, primary_key=True),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
"""Hold reasons released for all remaining boxes of a subscription."""

operations = Table(
    "operations",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("store", Id, nullable=False),
    Column("kind", Word(Kind), nullable=False),
    Column("shipment_id", Id, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("number", Id, nullable=False),
    Column("state", Word(State), nullable=False),
    flag("live"),
    counter("attempts"),
    Column("fence", Key, nullable=False, server_default="0"),
    Column("made_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("quiet_until", Instant),
    Column("not_before", Instant),
    plain_text("request_hash"),
    Column("payload", LargeBinary),
    plain_text("remote_ref"),
    plain_text("via"),
    plain_text("error"),
    plain_text("by"),
    plain_text("reason"),
    plain_text("warehouse"),
    plain_text("precheck"),
    plain_text("delivery_name"),
    counter("delivery_sequence"),
    flag("delivery_staged"),
    UniqueConstraint("store", "kind", "shipment_id", "generation"),
    Index("operations_by_state", "store", "state", "kind"),
    Index("operations_by_number", "store", "number"),
    Index("operations_by_delivery", "store", "delivery_name"),
    Index(
        "one_live_order_per_number",
        "store",
        "number",
        unique=True,
        sqlite_where=text("live"),
        postgresql_where=text("live"),
    ),
    Index(
        "one_live_order_per_shipment",
        "store",
        "shipment_id",
        unique=True,
        sqlite_where=text("live"),
        postgresql_where=text("live"),
    ),
)
"""Remote writes. `live` is true for a push that the warehouse has, or may have: at most one per number and per box."""

attempts = Table(
    "attempts",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("store", Id, nullable=False),
    Column("operation_id", Key, nullable=False),
    Column("nr", Integer, nullable=False),
    Column("fence", Key, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("state", Word(State)),
    plain_text("via"),
    plain_text("error"),
    Column("settled_at", Instant),
    Column("settled", Word(State)),
    UniqueConstraint("operation_id", "nr"),
)

parcels = Table(
    "parcels",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("store", Id, nullable=False),
    Column("order_number", Id, nullable=False),
    Column("reference", Id, nullable=False),
    Column("shipment_id", Id, nullable=False, server_default=""),
    plain_text("carrier_code"),
    plain_text("carrier_name"),
    plain_text("service"),
    Column("tracking_number", Id, nullable=False, server_default=""),
    plain_text("tracking_link"),
    Column("shipped_at", Instant),
    Column("lines", LargeBinary),
    flag("voided"),
    flag("order_closed"),
    Column("first_seen_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("quality", Word(Quality)),
    plain_text("reason"),
    plain_text("decision"),
    plain_text("decided_by"),
    UniqueConstraint("store", "order_number", "reference"),
    Index("parcels_by_shipment", "store", "shipment_id"),
    Index("parcels_by_tracking_number", "store", "tracking_number"),
)

cursors = Table(
    "cursors",
    metadata,
    Column("store", Id, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("moved_at", Instant, nullable=False),
)

notes = Table(
    "notes",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("store", Id, nullable=False),
    Column("shipment_id", Id, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("text", Text, nullable=False),
    Index("notes_by_shipment", "store", "shipment_id"),
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("store", Id, nullable=False),
    Column("kind", Word(TaskKind), nullable=False),
    Column("shipment_id", Id, nullable=False),
    Column("number", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    plain_text("owner"),
    plain_text("note"),
    Column("done_at", Instant),
    plain_text("done_by"),
    Index(
        "one_open_task_per_kind",
        "store",
        "kind",
        "shipment_id",
        unique=True,
        sqlite_where=text("done_at IS NULL"),
        postgresql_where=text("done_at IS NULL"),
    ),
)

adoptions = Table(
    "adoptions",
    metadata,
    Column("store", Id, primary_key=True),
    Column("none", Boolean, nullable=False),
    Column("count", Integer, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("store", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("operator", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("exit_code", Integer),
    flag("good"),
    plain_text("summary"),
    Index("runs_by_store", "store", "id"),
)

settings = Table(
    "settings",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("store", Id, nullable=False),
    Column("rules", Text, nullable=False),
    Column("json", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Index("settings_by_store", "store", "id"),
)

plans = Table(
    "plans",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("store", Id, nullable=False),
    Column("kind", Word(Kind), nullable=False),
    Column("boxes", Integer, nullable=False),
    Column("hash", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("plans_by_kind", "store", "kind", "at"),
)
"""Plans that were applied: what the limits of later plans are measured against."""

reopenings = Table(
    "reopenings",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("store", Id, nullable=False),
    Column("shipment_id", Id, nullable=False),
    Column("was", Word(Stage), nullable=False),
    *(Column(name, Instant, nullable=False) for name in ("closed_at", "reopened_at")),
)
"""Boxes that were cancelled or confirmed once and came back: what the books of past days still hold of them."""

leases = Table(
    "leases",
    metadata,
    Column("store", Id, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("fence", Key, nullable=False),
    Column("taken_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)
"""`holder` is empty once a lease was given up; the row stays, because its fence must never fall."""

audit = Table(
    "audit",
    metadata,
    Column("store", Id, primary_key=True),
    Column("seq", Key, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("operator", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Id, nullable=False),
    Column("detail", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("audit_by_subject", "store", "subject", "seq"),
)
"""The chain. `at` is kept as the very text that was hashed."""

audit_heads = Table(
    "audit_heads",
    metadata,
    Column("store", Id, primary_key=True),
    Column("seq", Key, nullable=False),
    Column("hash", Text, nullable=False),
)
"""Where each store's chain ends. Locked first by every write, so writes of one store follow one another."""
