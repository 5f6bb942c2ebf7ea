"""Does this tracking number surely belong to this box, and may Cratejoy be told now?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cratejoy_tui.sync.domain.carriers import carrier_of, plain_number
from cratejoy_tui.sync.domain.dates import next_allowed
from cratejoy_tui.sync.domain.parcels import Progress, is_relabelled, primary_parcel, progress_of
from cratejoy_tui.sync.domain.record import Stored, Tracked
from cratejoy_tui.sync.domain.rules import BlankTracking, PartialShipments, Rules
from cratejoy_tui.sync.domain.shipment import Shipment
from cratejoy_tui.sync.domain.stage import OPEN_STAGES, Stage
from cratejoy_tui.sync.domain.tracking import Confirmation, Parcel, Quality

__all__ = [
    "Before",
    "Progress",
    "Ready",
    "before_confirm",
    "confirm_at",
    "confirmation_for",
    "is_relabelled",
    "is_shown",
    "judge_tracking",
    "live_parcels",
    "primary_parcel",
    "progress_of",
    "ready_to_confirm",
]

LONGEST_NUMBER = 100
_DAY = timedelta(days=1)

_NOT_THERE = {
    **dict.fromkeys(OPEN_STAGES, "the order is not at the warehouse"),
    Stage.SENDING: "the order is still being sent",
    Stage.UNKNOWN: "nobody knows yet whether the order was sent",
    Stage.CANCELLED: "the order was cancelled",
    Stage.CONFLICT: "the order is in conflict",
}


def judge_tracking(
    parcel: Parcel, stored: Stored, rules: Rules, now: datetime, other_boxes: Sequence[str] = ()
) -> tuple[Quality, str]:
    """How sure we are of this parcel, and why not surer; "" for sure.

    `other_boxes` are the other shipments on which the same tracking number was seen in the last 180 days.
    """
    if stored.stage in _NOT_THERE:
        return Quality.REFUSED, _NOT_THERE[stored.stage]
    if stored.cancel_seen_at is not None:
        return Quality.REFUSED, "Cratejoy cancelled the box"
    if parcel.voided:
        return Quality.REFUSED, "the label was voided"
    if parcel.order_number.strip().casefold() != stored.order_number.casefold():
        return Quality.REFUSED, f"it is for {parcel.order_number}, the live order is {stored.order_number}"
    doubts = "; ".join(_doubts(parcel, stored, rules, now, other_boxes))
    return (Quality.CHECK, doubts) if doubts else (Quality.SURE, "")


def _doubts(parcel: Parcel, stored: Stored, rules: Rules, now: datetime, other_boxes: Sequence[str]) -> Iterator[str]:
    if parcel.order_number != stored.order_number:
        yield f'the order number came as "{parcel.order_number}"'
    yield from _number_doubts(parcel, rules)
    if other_boxes:
        yield f"the number was also seen on {', '.join(sorted(other_boxes))}"
    yield from _date_doubts(parcel, stored, rules, now)
    if strange := _strange_lines(parcel, stored):
        yield f"it holds {', '.join(strange)}, which the order does not"


def _number_doubts(parcel: Parcel, rules: Rules) -> Iterator[str]:
    number = plain_number(parcel.tracking_number)
    if not number:
        if rules.blank_tracking is BlankTracking.HOLD:
            yield "it has no tracking number"
        return
    carrier = carrier_of(parcel, rules.carriers)
    if carrier is None:
        yield f'the carrier "{parcel.carrier_code or parcel.carrier_name}" is not known'
    if len(number) > LONGEST_NUMBER:
        yield f"the number has {len(number)} characters"
    elif carrier is not None and not carrier.is_plausible(number):
        yield f"{parcel.tracking_number} does not look like a number of {carrier.name}"


def _date_doubts(parcel: Parcel, stored: Stored, rules: Rules, now: datetime) -> Iterator[str]:
    shipped = parcel.shipped_at
    if shipped is None:
        yield "the warehouse gives no ship date"
        return
    if shipped > now + _DAY:
        yield f"its ship date {shipped:%Y-%m-%d} lies ahead"
    ordered = stored.sent_order.ordered_at if stored.sent_order else None
    if ordered is not None and shipped < ordered - _DAY:
        yield f"its ship date {shipped:%Y-%m-%d} is before the order itself"
    most = max(10, rules.target_ship_date_within_days)
    if stored.target_at is not None and stored.target_at - shipped > timedelta(days=most):
        yield f"it left more than {most} days before the box was due"


def _strange_lines(parcel: Parcel, stored: Stored) -> list[str]:
    if parcel.lines is None or stored.sent_order is None:
        return []
    ordered = {line.sku: line.quantity for line in stored.sent_order.lines}
    return sorted(
        {f"{line.quantity} x {line.sku}" for line in parcel.lines if line.quantity > ordered.get(line.sku, 0)}
    )


@dataclass(frozen=True, slots=True)
class Ready:
    """May this box be confirmed now? Either what to send, or why not."""

    confirmation: Confirmation | None
    reason: str = ""
    detail: str = ""
    until: datetime | None = None
    """When waiting alone will do."""


def ready_to_confirm(stored: Stored, parcels: Sequence[Tracked], rules: Rules, now: datetime) -> Ready:
    """What Cratejoy would be told of this box now, or what it waits for."""
    if stored.cancel_seen_at is not None:
        return Ready(None, "CANCELLED", "Cratejoy cancelled the box")
    if stored.hold is not None:
        return Ready(None, "HELD_BY_PERSON", stored.hold.reason)
    chosen = _speaking(stored, parcels)
    if chosen is None:
        return Ready(None, "NO_TRACKING", "no parcel of the live order")
    is_accepted = chosen.decision == "accepted"
    wait = _incomplete(stored, parcels, rules, is_accepted=is_accepted) or _unsure(chosen, is_accepted=is_accepted)
    if wait is not None:
        return wait
    at = confirm_at(_left_at(chosen), rules, now)
    if at > now:
        return Ready(None, "WAITS", f"may be confirmed from {at:%Y-%m-%d %H:%M} UTC", at)
    return Ready(confirmation_for(stored.id, chosen, rules))


def live_parcels(stored: Stored, parcels: Sequence[Tracked]) -> list[Tracked]:
    """The parcels of the box's live order; not those of an order before it, voided ones, or ones a person rejected."""
    number = stored.order_number.casefold()
    return [
        tracked
        for tracked in parcels
        if not tracked.parcel.voided
        and tracked.decision != "rejected"
        and tracked.parcel.order_number.strip().casefold() == number
    ]


def _speaking(stored: Stored, parcels: Sequence[Tracked]) -> Tracked | None:
    live = live_parcels(stored, parcels)
    primary = primary_parcel(tracked.parcel for tracked in live)
    return next((tracked for tracked in live if tracked.parcel is primary), None)


def _incomplete(stored: Stored, parcels: Sequence[Tracked], rules: Rules, *, is_accepted: bool) -> Ready | None:
    progress = progress_of(stored.sent_order, [tracked.parcel for tracked in live_parcels(stored, parcels)])
    may_go = is_accepted and rules.partial_shipments is not PartialShipments.WHEN_COMPLETE
    if progress is Progress.PARTLY and not may_go and rules.partial_shipments is not PartialShipments.FIRST_PARCEL:
        return Ready(None, "PARTLY_SHIPPED", "parcels are still to come")
    if progress is Progress.SHORT and not is_accepted:
        return Ready(None, "SHORT_SHIPPED", "the warehouse closed the order with lines missing")
    return None


def _unsure(chosen: Tracked, *, is_accepted: bool) -> Ready | None:
    if chosen.quality is Quality.SURE or is_accepted:
        return None
    if chosen.quality is None:
        return Ready(None, "NOT_JUDGED", "its tracking was not looked at yet")
    return Ready(None, f"TRACKING_{chosen.quality.name}", chosen.reason)


def _left_at(tracked: Tracked) -> datetime:
    """When it left, at the latest when we heard of it: a ship date alone reads as noon, which may lie ahead."""
    return min(tracked.parcel.shipped_at or tracked.first_seen_at, tracked.first_seen_at)


def confirm_at(shipped_at: datetime, rules: Rules, now: datetime) -> datetime:
    """When Cratejoy may be told: some time after the label, and not while customers sleep. Never in the past."""
    return next_allowed(rules, max(now, shipped_at + timedelta(minutes=rules.confirm_delay_minutes)))


def confirmation_for(shipment_id: str, tracked: Tracked, rules: Rules, *, mark_shipped: bool = True) -> Confirmation:
    """What Cratejoy is told of this parcel. A link that is no web address is left out: customers click on it."""
    parcel = tracked.parcel
    carrier = carrier_of(parcel, rules.carriers)
    is_web = parcel.tracking_link.lower().startswith(("https://", "http://"))
    return Confirmation(
        shipment_id=shipment_id,
        tracking_number=parcel.tracking_number.strip(),
        shipped_at=_left_at(tracked),
        carrier_name=carrier.name if carrier else parcel.carrier_name or parcel.carrier_code,
        tracking_link=parcel.tracking_link if is_web else "",
        mark_shipped=mark_shipped,
    )


class Before(StrEnum):
    """What a read of the shipment says about the write that is wanted."""

    DONE = "done"
    """Cratejoy shows it already: no write."""
    PUT = "put"
    CONFLICT = "conflict"


def before_confirm(shown: Shipment | None, wanted: Confirmation) -> tuple[Before, str]:
    """May the write be made? `shown` is the shipment as Cratejoy shows it right now; the text says why not."""
    if shown is None:
        return Before.CONFLICT, "Cratejoy does not know the shipment any more"
    if shown.unreadable:
        return Before.CONFLICT, f"Cratejoy's record cannot be read: {shown.unreadable}"
    if is_shown(shown, wanted):
        return Before.DONE, ""
    number = shown.tracking_number or "no number"
    if shown.status == "unshipped" and wanted.mark_shipped:
        if not shown.tracking_number or _same(shown, wanted):
            return Before.PUT, ""
        return Before.CONFLICT, f"Cratejoy shows another number, {number}"
    if shown.status == "shipped":
        if not wanted.mark_shipped:
            return Before.PUT, ""
        return Before.CONFLICT, f"Cratejoy shows it shipped with {number}"
    return Before.CONFLICT, f"Cratejoy shows it {shown.status}"


def is_shown(shown: Shipment | None, wanted: Confirmation) -> bool:
    """True when Cratejoy shows the box shipped with exactly this number."""
    return shown is not None and not shown.unreadable and shown.status == "shipped" and _same(shown, wanted)


def _same(shown: Shipment, wanted: Confirmation) -> bool:
    return plain_number(shown.tracking_number) == plain_number(wanted.tracking_number)
