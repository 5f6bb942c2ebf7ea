"""Making the order out of a shipment: number, lines, ship code."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import msgspec

from cratejoy_tui.sync.domain.classify import billing_of
from cratejoy_tui.sync.domain.dates import local_day, requested_ship_date, target_of
from cratejoy_tui.sync.domain.filters import unlisted
from cratejoy_tui.sync.domain.order import Order, OrderLine
from cratejoy_tui.sync.domain.plan import Hold
from cratejoy_tui.sync.domain.reason import Reason
from cratejoy_tui.sync.domain.rules import OnUnlistedItem, Rules, ShipCodeBy, SkuSuffix
from cratejoy_tui.sync.domain.shipment import Billing, Line, Shipment

KNOWN_LINE_STATUSES = frozenset({"open", "closed", "cancelled"})


@dataclass(frozen=True, slots=True)
class Unbuildable:
    """Why no order can be made, before it is known for which shipment."""

    reason: Reason
    detail: str


def order_number(shipment: Shipment, generation: int = 1, billing: Billing | None = None) -> str:
    """The number the warehouse knows the box by: `12345`, `SUB-12345`, `SUB-12345-R2`; "" while unclassified."""
    billing = billing or billing_of(shipment)
    if billing is None:
        return ""
    number = shipment.id if billing is Billing.ECOM else f"SUB-{shipment.id}"
    return number if generation <= 1 else f"{number}-R{generation}"


def ship_code(shipment: Shipment, billing: Billing | None, rules: Rules) -> str:
    """Our own ship code, before the map to the warehouse's."""
    if rules.order_ship_code is ShipCodeBy.SHIPPING_CHARGE:
        return "CHARGED" if sum(line.shipping_cents for line in shipment.open_lines) > 0 else "FREE"
    return "ORDER" if billing is Billing.ECOM else "SUBSCRIPTION"


def mapped_ship_code(code: str, rules: Rules, approved: Collection[str] = ()) -> str | Unbuildable:
    """The warehouse's word for our ship code; ours itself where the map has none and may have none."""
    if code in rules.ship_codes:
        return rules.ship_codes[code]
    if rules.reject_unmapped_ship_codes and Reason.SHIP_CODE_UNMAPPED not in approved:
        return Unbuildable(Reason.SHIP_CODE_UNMAPPED, f"{code} is not in the ship-code map")
    return code


def sku_suffix(shipment: Shipment, billing: Billing, rules: Rules, approved: Collection[str] = ()) -> str | Unbuildable:
    """What is added to the SKUs of this box's subscription lines, with its hyphen; "" for none."""
    if rules.sku_suffix is SkuSuffix.NONE:
        return ""
    if rules.sku_suffix is SkuSuffix.CYCLE:
        cycle = shipment.sub_cycle
        if cycle is None or cycle < 1:
            return Unbuildable(Reason.NO_CYCLE, f"Cratejoy gives the cycle number {cycle or 'none'}")
        return f"-{cycle}"
    target = target_of(shipment, billing, rules)
    if target is None:
        return Unbuildable(Reason.NO_TARGET_DATE, "Cratejoy gives no target date to make the SKU suffix from")
    day = local_day(target, rules.zone)
    if rules.sku_suffix is SkuSuffix.YYMM:
        return f"-{day.year % 100:02d}{day.month:02d}"
    year, week, _ = day.isocalendar()
    if week == 53 and Reason.WEEK_53 not in approved:
        return Unbuildable(Reason.WEEK_53, f"{day} lies in ISO week 53 of {year}; the documented range is 01 to 52")
    return f"-{year % 100:02d}{week:02d}"


def warehouse_sku(line: Line, suffix: str, rules: Rules) -> str:
    """The SKU under which the warehouse keeps this line's product: suffix first, then the alias."""
    if not line.subscription_id or not suffix:
        return rules.aliases.get(line.sku, line.sku)
    full = line.sku + suffix
    if full in rules.aliases:
        return rules.aliases[full]
    return rules.aliases.get(line.sku, line.sku) + suffix


def sendable_lines(shipment: Shipment, rules: Rules, approved: Collection[str] = ()) -> tuple[Line, ...] | Unbuildable:
    """The lines the warehouse is to pack: open ones, less those the item filters drop."""
    for line in shipment.lines:
        if line.status not in KNOWN_LINE_STATUSES:
            return Unbuildable(Reason.UNREADABLE, f'line {line.id} has the unknown status "{line.status}"')
    lines = shipment.open_lines
    if not lines:
        return Unbuildable(Reason.NOTHING_TO_SEND, "no line of this box is open")
    if Reason.FILTERED in approved or not (rules.item_filters.allow or rules.item_filters.deny):
        return lines
    kept = tuple(line for line in lines if not unlisted(line.sku, rules.item_filters))
    if len(kept) == len(lines) or (kept and rules.item_filters.on_unlisted is OnUnlistedItem.DROP_LINE):
        return kept
    return Unbuildable(Reason.FILTERED, f"item filters exclude {', '.join(dropped_skus(shipment, rules))}")


def dropped_skus(shipment: Shipment, rules: Rules) -> tuple[str, ...]:
    """The SKUs of open lines that the item filters would keep from the warehouse."""
    if not (rules.item_filters.allow or rules.item_filters.deny):
        return ()
    return tuple(sorted({line.sku for line in shipment.open_lines if unlisted(line.sku, rules.item_filters)}))


def order_lines(
    shipment: Shipment, billing: Billing, rules: Rules, approved: Collection[str] = ()
) -> tuple[OrderLine, ...] | Unbuildable:
    """What to pack: SKUs suffixed, aliased, kits taken apart, one line per SKU, sorted by SKU."""
    lines = sendable_lines(shipment, rules, approved)
    if isinstance(lines, Unbuildable):
        return lines
    suffix: str | Unbuildable = ""
    if rules.sku_suffix is not SkuSuffix.NONE and any(line.subscription_id for line in lines):
        suffix = sku_suffix(shipment, billing, rules, approved)
    for line in lines:
        if not line.sku:
            return Unbuildable(Reason.NO_SKU, f"line {line.id or '?'} ({line.title or 'no title'}) has no SKU")
        if line.quantity < 1:
            return Unbuildable(Reason.UNREADABLE, f"line {line.id or '?'} asks for {line.quantity} pieces")
    return suffix if isinstance(suffix, Unbuildable) else _grouped(lines, suffix, rules)


def _grouped(lines: Collection[Line], suffix: str, rules: Rules) -> tuple[OrderLine, ...]:
    counts: dict[str, int] = {}
    titles: dict[str, str] = {}
    for line in lines:
        sku = warehouse_sku(line, suffix, rules)
        kit = rules.kits.get(sku)
        for part, each in kit.items() if kit else ((sku, 1),):
            counts[part] = counts.get(part, 0) + each * line.quantity
            titles[part] = max(titles.get(part, ""), "" if kit else line.title)
    return tuple([OrderLine(sku=sku, quantity=counts[sku], title=titles[sku]) for sku in sorted(counts)])


def build_order(
    shipment: Shipment,
    rules: Rules,
    now: datetime,
    generation: int = 1,
    *,
    approved: Collection[str] = (),
) -> Order | Hold:
    """The order this shipment would become right now, or the reason why none can be made. Freezes nothing."""
    billing = billing_of(shipment)
    if billing is None:
        return Hold(shipment.id, Reason.UNCLASSIFIED, "neither one-time, ad-hoc nor standard can be told")
    lines = order_lines(shipment, billing, rules, approved)
    if isinstance(lines, Unbuildable):
        return Hold(shipment.id, lines.reason, lines.detail)
    code = mapped_ship_code(ship_code(shipment, billing, rules), rules, approved)
    if isinstance(code, Unbuildable):
        return Hold(shipment.id, code.reason, code.detail)
    return assemble(shipment, billing, rules, now, generation, lines=lines, code=code)


def assemble(
    shipment: Shipment,
    billing: Billing,
    rules: Rules,
    now: datetime,
    generation: int,
    *,
    lines: tuple[OrderLine, ...],
    code: str,
) -> Order:
    """Put the parts together; ship-to and gift message are taken over as they are."""
    return Order(
        number=order_number(shipment, generation, billing),
        shipment_id=shipment.id,
        billing=billing,
        ship_code=code,
        ship_to=shipment.ship_to,
        lines=lines,
        gift_message=shipment.gift_message,
        requested_ship_date=requested_ship_date(shipment, billing, rules, now),
        ordered_at=ordered_at(shipment),
        generation=generation,
    )


def ordered_at(shipment: Shipment) -> datetime | None:
    """When the customer bought it: the earliest of the open lines' sales, else when Cratejoy made the shipment."""
    first: datetime | None = None
    for line in shipment.open_lines:
        placed = line.sale.placed_at if line.sale else None
        if placed is not None and (first is None or placed < first):
            first = placed
    return first or shipment.created_at


def order_hash(order: Order) -> str:
    """A short fingerprint of what the warehouse would pack and where it goes.

    Titles, the requested day and our own bookkeeping are left out: they change without the content changing.
    """
    content = (
        order.number,
        order.ship_code,
        order.ship_to,
        sorted((line.sku, line.quantity) for line in order.lines),
        order.gift_message,
    )
    return hashlib.blake2b(msgspec.json.encode(content), digest_size=12).hexdigest()
