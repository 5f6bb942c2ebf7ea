"""What kind of box is it: one-time, ad-hoc subscription or standard subscription?"""

from __future__ import annotations

from cratejoy_tui.sync.domain.shipment import Billing, Shipment


def billing_of(shipment: Shipment) -> Billing | None:
    """How the box was sold; None when it cannot be told, or when Cratejoy contradicts itself.

    The query a row came from decides. It is not believed against the row's own content, because a server that
    ignores the filter gives every box to every query, and boxes dated months ahead would leave as one-time sales.
    """
    if shipment.queried_as is None:
        return _derived(shipment)
    return None if _contradicted(shipment, shipment.queried_as) else shipment.queried_as


def _has_subscription_line(shipment: Shipment) -> bool:
    return any(line.subscription_id for line in shipment.lines)


def _derived(shipment: Shipment) -> Billing | None:
    if not _has_subscription_line(shipment):
        return Billing.ECOM
    if shipment.is_ecom:
        return None  # one-time by its flag, subscription by its lines
    if shipment.batch is not None or any(sub.rebill_day is not None for sub in shipment.subscriptions):
        return Billing.STANDARD
    return Billing.ADHOC if any(sub.has_billing for sub in shipment.subscriptions) else None


def _contradicted(shipment: Shipment, billing: Billing) -> bool:
    subscribed = _has_subscription_line(shipment)
    if billing is Billing.ECOM:
        return subscribed or shipment.is_ecom is False
    if shipment.is_ecom or (billing is Billing.ADHOC and shipment.batch is not None):
        return True
    return not subscribed and shipment.is_ecom is None and shipment.sub_cycle is None and bool(shipment.lines)
