"""Values for tests: valid unless a test changes something, all set in one shared moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from msgspec import structs

from cratejoy_tui.sync.domain.order import Found, Order, OrderLine, OrderState
from cratejoy_tui.sync.domain.record import Stored, Tracked
from cratejoy_tui.sync.domain.shipment import Batch, Billing, Line, Sale, Shipment, ShipTo, Subscription
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.domain.tracking import Parcel, Quality

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
"""A Monday, 10:00 in Los Angeles."""


def sale(**changes: Any) -> Sale:
    """A paid Cratejoy order of 30 dollars."""
    paid = Sale(id="900", financial_status="paid", total_cents=3000, placed_at=NOW - timedelta(days=3))
    return structs.replace(paid, **changes)


def line(**changes: Any) -> Line:
    """One open, paid subscription line."""
    tea = Line(
        id="71", sku="TEA-01", title="Tea box", subscription_id="55", cycle_number=0, total_cycles=1, sale=sale()
    )
    return structs.replace(tea, **changes)


def add_on(**changes: Any) -> Line:
    """One open, paid line that belongs to no subscription."""
    mug = Line(id="72", sku="MUG-01", title="Mug", sale=sale(id="901"))
    return structs.replace(mug, **changes)


def ship_to(**changes: Any) -> ShipTo:
    """A complete address in the United States."""
    home = ShipTo(
        to="Ada Example",
        street="12 Main St",
        unit="Apt 3",
        city="Springfield",
        state="IL",
        zip="62701",
        country="US",
        phone="555-0100",
    )
    return structs.replace(home, **changes)


def shipment(**changes: Any) -> Shipment:
    """An ad-hoc subscription box that is due and may be pushed; other kinds: `ecom`, `standard`."""
    box = Shipment(
        id="4124",
        queried_as=Billing.ADHOC,
        is_ecom=False,
        adjusted_ordered_at=NOW + timedelta(days=2),
        created_at=NOW - timedelta(days=3),
        sub_cycle=2,
        customer_id="8",
        ship_to=ship_to(),
        lines=(line(),),
        subscriptions=(Subscription(id="55", status="active", has_billing=True),),
    )
    return structs.replace(box, **changes)


def ecom(**changes: Any) -> Shipment:
    """A one-time box that may be pushed."""
    box = shipment(queried_as=Billing.ECOM, is_ecom=True, sub_cycle=None, lines=(add_on(),), subscriptions=())
    return structs.replace(box, **changes)


def standard(**changes: Any) -> Shipment:
    """A standard subscription box whose batch has ended."""
    box = shipment(
        queried_as=Billing.STANDARD,
        batch=Batch(id="31", start=NOW - timedelta(days=20), end=NOW - timedelta(days=1)),
        subscriptions=(Subscription(id="55", status="active", rebill_day=15, has_billing=True),),
    )
    return structs.replace(box, **changes)


def order(**changes: Any) -> Order:
    """What the warehouse gets for `shipment()`; the number follows a changed shipment id."""
    box_id = changes.get("shipment_id", "4124")
    plain = Order(
        number=f"SUB-{box_id}",
        shipment_id=box_id,
        billing=Billing.ADHOC,
        ship_code="SUBSCRIPTION",
        ship_to=ship_to(),
        lines=(OrderLine(sku="TEA-01", quantity=1, title="Tea box"),),
        requested_ship_date=date(2026, 11, 25),
        ordered_at=NOW - timedelta(days=3),
    )
    return structs.replace(plain, **changes)


def found(**changes: Any) -> Found:
    """What a look-up shows of `order()` while it is open at the warehouse."""
    there = Found(
        number="SUB-4124",
        reference="W-1",
        state=OrderState.OPEN,
        lines=(OrderLine(sku="TEA-01", quantity=1),),
        ship_to=ship_to(),
        picked_up=False,
    )
    return replace(there, **changes)


def parcel(**changes: Any) -> Parcel:
    """The one parcel of `order()`, shipped by USPS with a number that passes its check digit."""
    sent = Parcel(
        order_number="SUB-4124",
        reference="P-1",
        carrier_code="usps",
        carrier_name="USPS",
        service="Ground Advantage",
        tracking_number="9400111899223856925503",
        tracking_link="",
        shipped_at=NOW - timedelta(hours=3),
        lines=None,
        voided=False,
        order_closed=True,
    )
    return replace(sent, **changes)


def stored(**changes: Any) -> Stored:
    """`shipment()` as the ledger keeps it once its order is at the warehouse."""
    box = Stored(
        shipment=shipment(),
        id="4124",
        revision="r1",
        stage=Stage.AT_WAREHOUSE,
        stage_since=NOW,
        order_number="SUB-4124",
        generation=1,
        target_at=NOW + timedelta(days=2),
        sent_order=order(),
    )
    return replace(box, **changes)


def tracked(**changes: Any) -> Tracked:
    """`parcel()` as the ledger keeps it, judged sure."""
    kept = Tracked(id=1, parcel=parcel(), shipment_id="4124", first_seen_at=NOW, quality=Quality.SURE)
    return replace(kept, **changes)
