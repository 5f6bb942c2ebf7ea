"""What changed in Cratejoy since the order was handed over?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cratejoy_tui.sync.domain.build import build_order
from cratejoy_tui.sync.domain.order import Order
from cratejoy_tui.sync.domain.plan import Hold
from cratejoy_tui.sync.domain.rules import Rules
from cratejoy_tui.sync.domain.shipment import Shipment, ShipTo
from cratejoy_tui.sync.domain.stage import Stage

STILL_CHANGEABLE = frozenset({Stage.AT_WAREHOUSE, Stage.PARTLY_SHIPPED})
"""A box that has left, is being cancelled or is in conflict is beyond drift."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of the order: as it was sent, and as it would be sent now."""

    field: str
    sent: str
    now: str


class Remedy(StrEnum):
    """What this warehouse allows to be done about a difference."""

    EDIT = "edit the order at the warehouse"
    RECALL = "recall and resend"
    CALL = "call the floor"


def differences(sent: Order, would: Order) -> tuple[Difference, ...]:
    """Field by field what an order sent now would have other than the one that was sent. Titles do not count."""
    found = [
        Difference(f"ship-to {name}", getattr(sent.ship_to, name), getattr(would.ship_to, name))
        for name in ShipTo.__struct_fields__
    ]
    before, after = _counted(sent), _counted(would)
    found += [Difference(f"quantity of {sku}", before.get(sku, "0"), after.get(sku, "0")) for sku in before | after]
    found += [
        Difference("ship code", sent.ship_code, would.ship_code),
        Difference("gift message", sent.gift_message, would.gift_message),
        Difference("requested ship date", str(sent.requested_ship_date or ""), str(would.requested_ship_date or "")),
    ]
    return tuple(difference for difference in found if difference.sent != difference.now)


def drift(
    sent: Order, shipment: Shipment, rules: Rules, sent_at: datetime, approved: tuple[str, ...] = ()
) -> tuple[Difference, ...]:
    """What Cratejoy's box has other than the order sent from it.

    The comparison is made as of the moment of sending, so that the passing of days alone is no drift.
    """
    would = build_order(shipment, rules, sent_at, sent.generation, approved=approved)
    if isinstance(would, Hold):
        return (Difference("order", "sent", f"{would.reason}: {would.detail}"),)
    return differences(sent, would)


def remedy(*, can_edit: bool, can_cancel: bool) -> Remedy:
    """The gentlest thing this warehouse can do about a difference."""
    if can_edit:
        return Remedy.EDIT
    return Remedy.RECALL if can_cancel else Remedy.CALL


def _counted(order: Order) -> dict[str, str]:
    return {line.sku: str(line.quantity) for line in order.lines}
