"""Orders that did not come about in the plain way: adopted from another tool, or sent anew."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from cratejoy_tui.errors import ShipmentUnfit
from cratejoy_tui.sync.domain.order import Order
from cratejoy_tui.sync.domain.stage import OPEN_STAGES, Kind, Stage, State
from cratejoy_tui.sync.ledger.intents import MAY_SEND_AGAIN, row_of, write_rows
from cratejoy_tui.sync.ledger.rows import AnyRow, digest, encoded
from cratejoy_tui.sync.ledger.single_intents import newest
from cratejoy_tui.sync.ledger.stages import free_number, put, the_box
from cratejoy_tui.sync.ledger.tables import OF_ANY_KIND, operations, parcels, shipments
from cratejoy_tui.sync.ledger.transactions import Part, Transaction, writes

PROVEN = frozenset({Stage.CONFIRMED, Stage.CANCELLED, Stage.CONFLICT})
"""Stages in which the former order is closed, cancelled, or was looked into by a person."""
IN_DOUBT = frozenset({State.SENDING, State.UNKNOWN, State.REVIEW})
ADOPTED = "adopted"


class Generations(Part):
    """Orders adopted, and boxes sent anew."""

    @writes
    def new_generation(self, transaction: Transaction, shipment_id: str, by: str, reason: str) -> int:
        """Let a box be sent anew; returns its generation (2 for `-R2`).

        Raises OrderNotFound, and ShipmentUnfit when the former order may still be live.
        """
        box = the_box(transaction, shipment_id)
        _refuse_resend(transaction, box)
        free_number(transaction, shipment_id, box.generation)
        generation = int(box.generation) + 1
        anew = {"generation": generation, "cancel_seen_at": None, "revived": False, "judged_revision": ""}
        put(transaction, box, Stage.SEEN, **anew, not_before=None, reason="", detail="")
        mark = digest(box.salt, reason.encode())
        transaction.record("resend decided", shipment_id, generation=generation, by=by, reason=mark)
        return generation

    @writes
    def adopt(
        self,
        transaction: Transaction,
        rows: Sequence[tuple[Order | str, str]],
        by: str,
        reason: str,
        warehouse: str = "",
    ) -> list[str]:
        """Take orders (or bare numbers) with the warehouse's references as ours; returns the boxes now at warehouse.

        Numbers that belong to no open box of ours are left out.
        """
        adopted = []
        for order, reference in rows:
            box = _box_of(transaction, order)
            if box is None or box.stage not in OPEN_STAGES or _is_under_way(transaction, box):
                continue
            number, content = (order, None) if isinstance(order, str) else (order.number, encoded(order))
            row = row_of(transaction, box, Kind.PUSH, box.generation, number, content)
            how = {"state": State.ACCEPTED, "live": True, "remote_ref": reference, "via": ADOPTED}
            write_rows(transaction, [row | how | {"by": by, "warehouse": warehouse}])
            put(transaction, box, Stage.AT_WAREHOUSE, order_number=number, reason="", detail="", not_before=None)
            _claim_parcels(transaction, box.id, number)
            mark = digest(box.salt, reason.encode())
            transaction.record("adopted", box.id, number=number, by=by, reason=mark)
            adopted.append(str(box.id))
        return adopted


def _refuse_resend(transaction: Transaction, box: AnyRow) -> None:
    number = box.order_number
    if box.stage not in PROVEN:
        raise ShipmentUnfit(
            f"Order {number} is {box.stage}: two boxes could leave.",
            next_step=f"Recall {box.id} first; once it is cancelled there, resend.",
        )
    if box.status == "cancelled":
        raise ShipmentUnfit(f"Cratejoy still calls shipment {box.id} cancelled.", next_step="Un-cancel it there first.")
    c = operations.c
    of_box = select(c.kind, c.state).filter_by(store=transaction.store, shipment_id=box.id).where(OF_ANY_KIND)
    doubtful = transaction.connection.execute(of_box.where(c.state.in_(sorted(IN_DOUBT)))).first()
    if doubtful is not None:
        raise ShipmentUnfit(
            f"Shipment {box.id}: a {doubtful.kind} is {doubtful.state}.", next_step="Settle it first, then resend."
        )


def _box_of(transaction: Transaction, order: Order | str) -> AnyRow | None:
    """The box an order number belongs to: judged boxes know theirs, others are found by the id within it."""
    mine = select(shipments).filter_by(store=transaction.store)
    connection = transaction.connection
    if not isinstance(order, str):
        return connection.execute(mine.filter_by(id=order.shipment_id)).first()
    judged = connection.execute(mine.filter_by(order_number=order)).first()
    return judged or connection.execute(mine.filter_by(id=order.removeprefix("SUB-"))).first()


def _is_under_way(transaction: Transaction, box: AnyRow) -> bool:
    push = newest(transaction, Kind.PUSH, box.id, generation=box.generation)
    return push is not None and push.state not in MAY_SEND_AGAIN


def _claim_parcels(transaction: Transaction, shipment_id: str, number: str) -> None:
    """Parcels that came under this number while it was not ours yet."""
    strangers = update(parcels).filter_by(store=transaction.store, order_number=number, shipment_id="")
    transaction.connection.execute(strangers.values(shipment_id=shipment_id))
