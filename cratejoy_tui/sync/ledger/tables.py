"""The ledger's tables. A change here needs a migration; a test compares the two."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint

from cratejoy_tui.sync.domain.record import TaskKind
from cratejoy_tui.sync.domain.stage import Kind, Stage, State
from cratejoy_tui.sync.domain.tracking import Quality
from cratejoy_tui.sync.ledger.columns import (
    Id,
    Instant,
    Key,
    Word,
    Words,
    counter,
    flag,
    needed,
    only,
    optional,
    plain_texts,
)

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
    *needed(Text, "status", "revision", "fingerprint"),
    *needed(Instant, "first_seen_at", "changed_at"),
    Column("run_id", Key),
    *plain_texts("order_number"),
    Column("generation", Integer, nullable=False, server_default="1"),
    *plain_texts("reason", "detail"),
    Column("flags", Words, nullable=False, server_default="[]"),
    *optional(Instant, "target_at", "reconsider_at", "not_before"),
    flag("read_again"),
    *plain_texts("preview_hash", "judged_revision", "judged_rules", "hold_by", "hold_reason"),
    Column("hold_since", Instant),
    Column("approved", Words, nullable=False, server_default="[]"),
    Column("cancel_seen_at", Instant),
    flag("revived"),
    Column("salt", Text, nullable=False),
    Column("payload", LargeBinary),  # last, so that reading the others does not walk over it
    Index("shipments_by_stage", "store", "stage", "id"),
    Index("shipments_to_push", "store", "target_at", "id", **only(TO_PUSH)),
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
    *optional(Instant, "sent_at", "quiet_until", "not_before"),
    *plain_texts("request_hash"),
    Column("payload", LargeBinary),
    *plain_texts("remote_ref", "via", "error", "by", "reason", "warehouse", "precheck", "delivery_name"),
    counter("delivery_sequence"),
    flag("delivery_staged"),
    UniqueConstraint("store", "kind", "shipment_id", "generation"),
    Index("operations_by_state", "store", "state", "kind"),
    Index("operations_by_number", "store", "number"),
    Index("operations_by_delivery", "store", "delivery_name"),
    Index("one_live_order_per_number", "store", "number", **only("live", unique=True)),
    Index("one_live_order_per_shipment", "store", "shipment_id", **only("live", unique=True)),
)
"""Remote writes. `live` is true for a push that the warehouse has, or may have: at most one per number and per box."""

OF_ANY_KIND = operations.c.kind.in_(list(Kind))
"""True of every operation. Said where those of a box are asked for: the index that finds them begins with the kind."""

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
    *plain_texts("via", "error"),
    Column("settled_at", Instant),
    Column("settled", Word(State)),
    UniqueConstraint("operation_id", "nr"),
)

parcels = Table(
    "parcels",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    *needed(Id, "store", "order_number", "reference"),
    Column("shipment_id", Id, nullable=False, server_default=""),
    *plain_texts("carrier_code", "carrier_name", "service"),
    Column("tracking_number", Id, nullable=False, server_default=""),
    *plain_texts("tracking_link"),
    Column("shipped_at", Instant),
    Column("lines", LargeBinary),
    flag("voided"),
    flag("order_closed"),
    *needed(Instant, "first_seen_at", "changed_at"),
    Column("quality", Word(Quality)),
    *plain_texts("reason", "decision", "decided_by"),
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
    *needed(Id, "store", "shipment_id"),
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
    *needed(Text, "number", "text"),
    Column("made_at", Instant, nullable=False),
    *plain_texts("owner", "note"),
    Column("done_at", Instant),
    *plain_texts("done_by"),
    Index("one_open_task_per_kind", "store", "kind", "shipment_id", **only("done_at IS NULL", unique=True)),
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
    *needed(Text, "kind", "operator"),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("exit_code", Integer),
    flag("good"),
    *plain_texts("summary"),
    Index("runs_by_store", "store", "id"),
)

settings = Table(
    "settings",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("store", Id, nullable=False),
    *needed(Text, "rules", "json", "by"),
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
    *needed(Text, "hash", "by"),
    Column("at", Instant, nullable=False),
    Index("plans_by_kind", "store", "kind", "at"),
)
"""Plans that were applied: what the limits of later plans are measured against."""

reopenings = Table(
    "reopenings",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    *needed(Id, "store", "shipment_id"),
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
    *needed(Instant, "taken_at", "expires_at"),
    Column("clock", Text),
)
"""`holder` is empty once a lease was given up; the row stays, because its fence must never fall. `clock`: which start
of which computer, and at what time by the clock of its holder it began."""

audit = Table(
    "audit",
    metadata,
    Column("store", Id, primary_key=True),
    Column("seq", Key, primary_key=True, autoincrement=False),
    *needed(Text, "at", "operator", "action"),
    Column("subject", Id, nullable=False),
    *needed(Text, "detail", "hash"),
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
