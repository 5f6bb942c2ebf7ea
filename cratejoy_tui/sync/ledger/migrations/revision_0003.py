"""Revision 3: boxes that were closed once and came back (those of before are not known), and clocks that were set."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

from cratejoy_tui.sync.ledger.columns import Id, Instant, Key


def upgrade(op: Operations) -> None:
    """Make the table, and the column that tells when a clock was set."""
    op.create_table(
        "reopenings",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("store", Id, nullable=False),
        sa.Column("shipment_id", Id, nullable=False),
        sa.Column("was", sa.Text, nullable=False),
        sa.Column("closed_at", Instant, nullable=False),
        sa.Column("reopened_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="reopenings_pk"),
    )
    op.add_column("leases", sa.Column("clock", sa.Text))
