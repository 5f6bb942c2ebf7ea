"""Revision 2: the words that boxes are found by."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import sqlalchemy as sa
from alembic.operations import Operations

from cratejoy_tui.sync.domain.search import search_text
from cratejoy_tui.sync.domain.shipment import Shipment
from cratejoy_tui.sync.ledger.columns import Id

AT_ONCE = 1000


def upgrade(op: Operations) -> None:
    """Make the table and fill it from the boxes that are there."""
    made = op.create_table(
        "search_texts",
        sa.Column("store", Id, nullable=False),
        sa.Column("id", Id, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("store", "id", name="search_texts_pk"),
    )
    for rows in _texts(op.get_bind()):
        op.bulk_insert(made, rows)


def _texts(connection: sa.Connection) -> Iterator[list[dict[str, str]]]:
    boxes = sa.table("shipments", sa.column("store", Id), sa.column("id", Id), sa.column("payload", sa.LargeBinary))
    decode = msgspec.json.Decoder(Shipment).decode
    store, id_ = "", ""
    while True:
        query = sa.select(boxes).where(
            boxes.c.payload.is_not(None), sa.tuple_(boxes.c.store, boxes.c.id) > sa.tuple_(store, id_)
        )
        page = connection.execute(query.order_by(boxes.c.store, boxes.c.id).limit(AT_ONCE)).all()
        if not page:
            return
        store, id_ = page[-1].store, page[-1].id
        yield [{"store": row.store, "id": row.id, "text": search_text(decode(row.payload))} for row in page]
