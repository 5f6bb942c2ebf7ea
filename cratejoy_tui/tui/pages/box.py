"""One box in the pane: what happened to it, the order, the record as Cratejoy gave it, and what differs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from textual.content import Content

from cratejoy_tui.sync.domain.books import AuditRecord
from cratejoy_tui.sync.domain.drift import Difference
from cratejoy_tui.sync.domain.order import Order, OrderLine
from cratejoy_tui.sync.domain.record import Attempt, Note, Stored, Tracked
from cratejoy_tui.sync.domain.shipment import ShipTo
from cratejoy_tui.tui.pages.layout import fact, gap, heading, moment, page, section, stage, state
from cratejoy_tui.tui.safe import as_it_is, joined, lines, words
from cratejoy_tui.tui.states import quality_cell

TOLD_AS_ATTEMPTS = frozenset({"intended", "ended"})


def title_of(number: str, box_stage: str, to: str = "") -> Content:
    """Number, name and stage."""
    head = joined(words(number, "bold $primary"), ("  ", ""), words(to, "bold"))
    return joined(head, "\n", stage(box_stage))


def timeline(
    stored: Stored,
    attempts: Sequence[Attempt],
    parcels: Sequence[Tracked],
    notes: Sequence[Note],
    audit: Sequence[AuditRecord],
    zone: tzinfo,
) -> Content:
    """Everything that happened to the box, oldest first."""
    events: list[tuple[datetime, str, Content]] = []
    if stored.first_seen_at:
        events.append((stored.first_seen_at, "○", words("first seen in Cratejoy")))
    if stored.cancel_seen_at:
        events.append((stored.cancel_seen_at, "×", words("cancelled in Cratejoy", "bold $error")))
    if stored.hold:
        events.append((stored.hold.since, "‖", words(f"held by {stored.hold.by}: {stored.hold.reason}", "$warning")))
    for attempt in attempts:
        events += _tries(attempt)
    for tracked in parcels:
        parcel = tracked.parcel
        left = f"parcel {parcel.carrier_name or parcel.carrier_code} {parcel.tracking_number or '(no number)'}"
        events.append((parcel.shipped_at or tracked.first_seen_at, "▸", words(left + (" voided" * parcel.voided))))
    events += [(note.at, "✎", words(f"{note.by}: {note.text}", "$accent")) for note in notes]
    events += [
        (entry.at, "·", words(f"{entry.operator}: {entry.action}", "$muted"))
        for entry in audit
        if entry.action not in TOLD_AS_ATTEMPTS
    ]
    events.sort(key=lambda event: event[0])
    head = [fact("now", stored.stage.value), fact("since", moment(stored.stage_since, zone))]
    if stored.reason:
        head += [fact("reason", stored.reason, "$warning"), words(stored.detail, "$muted")]
    told = [
        joined((f"{at.astimezone(zone):%m-%d %H:%M} ", "$muted"), (f"{mark} ", "$primary"), text)
        for at, mark, text in events
    ]
    return page([*head, gap(), *told])


def _tries(attempt: Attempt) -> list[tuple[datetime, str, Content]]:
    events = [(attempt.sent_at, "»", words(f"{attempt.kind} {attempt.number}, try {attempt.nr}"))]
    if attempt.ended_at:
        ended = f"{attempt.state or 'ended'} ({attempt.via})" + (f": {attempt.error}" if attempt.error else "")
        events.append((attempt.ended_at, "·", words(ended)))
    if attempt.settled_at:
        events.append((attempt.settled_at, "·", words(f"settled: {attempt.settled}")))
    return events


def order_page(order: Order | None, *, is_sent: bool, note: str = "") -> Content:
    """The order as the warehouse has it, or will get it."""
    if order is None:
        return words(note or "No order can be made from this box now.", "$warning")
    parts = [
        heading("As it was sent" if is_sent else "As the warehouse would get it now"),
        fact("order number", order.number, "bold"),
        fact("ship code", order.ship_code),
        fact("type", order.billing),
        fact("ship on", order.requested_ship_date or ""),
        *section("Ship to", address(order.ship_to)),
        *section("Lines", map(_line, order.lines)),
        *section("Gift message", [lines(order.gift_message, limit=2000)] if order.gift_message else []),
    ]
    return page(parts)


def _line(line: OrderLine) -> Content:
    return joined((f"{line.quantity:>4} × ", "bold"), words(line.sku, "bold"), "  ", words(line.title, "$muted"))


def address(ship_to: ShipTo) -> list[Content]:
    """An address as it would stand on a label."""
    town = " ".join(part for part in (ship_to.city, ship_to.state, ship_to.zip) if part)
    rows = (ship_to.to, ship_to.company, ship_to.street, ship_to.unit, town, ship_to.country, ship_to.phone)
    return [words(row) for row in rows if row]


def record_page(stored: Stored) -> Content:
    """What Cratejoy told, as we keep it."""
    import msgspec

    if stored.shipment is None:
        return words("Names and addresses of this box were purged.", "$muted")
    text = msgspec.json.format(msgspec.json.encode(stored.shipment), indent=2).decode()
    return lines(text)


def drift_page(differences: Sequence[Difference], remedy: str) -> Content:
    """Field by field what Cratejoy shows now and the warehouse was given."""
    if not differences:
        return words("✓ Cratejoy still shows this box as it was sent.", "$success")
    parts = [heading("Changed in Cratejoy after it was sent"), gap()]
    for one in differences:
        parts += [
            words(one.field, "bold"),
            joined(("  − ", "bold $error"), words(one.sent or "(empty)")),
            joined(("  + ", "bold $success"), words(one.now or "(empty)")),
        ]
    return page([*parts, gap(), joined(("What can be done: ", "$muted"), words(remedy, "bold"))])


def parcels_page(parcels: Sequence[Tracked], zone: tzinfo) -> Content:
    """Every parcel of a box, with how sure its match is."""
    parts: list[Content] = []
    for tracked in parcels:
        parcel = tracked.parcel
        parts += [
            joined(
                state(quality_cell(tracked.quality or "")), "  ", words(parcel.tracking_number or "(no number)", "bold")
            ),
            fact("carrier", f"{parcel.carrier_name or parcel.carrier_code} {parcel.service}".strip()),
            fact("shipped", moment(parcel.shipped_at, zone)),
            fact("why", tracked.reason or "exact number, known carrier, plausible date"),
        ]
        if parcel.lines is not None:
            parts.append(fact("inside", ", ".join(f"{line.quantity}× {line.sku}" for line in parcel.lines)))
        if parcel.voided:
            parts.append(as_it_is("× voided at the warehouse", "bold $error"))
        if tracked.decision:
            parts.append(fact("decided", f"{tracked.decision} by {tracked.decided_by}", "$accent"))
        if parcel.tracking_link:
            parts.append(fact("link", parcel.tracking_link))
        parts.append(gap())
    return page(parts) if parts else words("The warehouse has told of no parcel.", "$muted")
