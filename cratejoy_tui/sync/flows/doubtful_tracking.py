"""What a person says about tracking that the program is not sure of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cratejoy_tui.errors import ItemRefused, OrderNotFound
from cratejoy_tui.sync.domain.record import Stored, Tracked
from cratejoy_tui.sync.domain.tracking import Quality
from cratejoy_tui.sync.flows.desk import Desk
from cratejoy_tui.sync.flows.fetch import NUMBER_MEMORY, match

AT_ONCE = 500
_WORDS = {True: "accepted", False: "rejected", None: ""}


async def all_tracking(desk: Desk, quality: Quality | None = None, *, undecided: bool = False) -> list[Tracked]:
    """Every parcel of our boxes, oldest first; of one quality, or without a person's word so far."""
    found: list[Tracked] = []
    while page := await desk.ledger.tracking.list(quality, undecided, found[-1].id if found else 0, AT_ONCE):
        found += page
    return found


async def decide_tracking(
    desk: Desk, parcel_ids: Sequence[int], *, accept: bool | None, reason: str = ""
) -> tuple[Tracked, ...]:
    """Accept or reject these parcels by their numbers in our list; their boxes move on accordingly.

    None takes a former word back. Nothing is sent; an accepted parcel goes out with the next confirmation. Raises
    OrderNotFound, before anything is decided, for a number that is not in the list, and ItemRefused for a parcel that
    no word can make right, or whose tracking number is also on a box for another address.
    """
    known = {tracked.id: tracked for tracked in await all_tracking(desk)}
    if unknown := [id_ for id_ in parcel_ids if id_ not in known]:
        raise OrderNotFound(
            f"There is no parcel {', '.join(map(str, unknown))} in the ledger of {desk.store}.",
            next_step="Give the numbers that `cratejoy-tui tracking` lists.",
        )
    chosen = tuple(known[id_] for id_ in parcel_ids)
    for tracked in chosen:
        _refuse_if_hopeless(tracked, accept)
    if accept:
        await _refuse_if_it_travels_elsewhere(desk, chosen, known.values())
    for tracked in chosen:
        await desk.ledger.tracking.decide(tracked.id, _WORDS[accept], desk.operator, reason)
    await match(desk, sorted({tracked.shipment_id for tracked in chosen}))
    return chosen


def _refuse_if_hopeless(tracked: Tracked, accept: bool | None) -> None:
    if accept and (tracked.parcel.voided or tracked.quality is Quality.REFUSED):
        why = "was voided" if tracked.parcel.voided else f"is refused: {tracked.reason}"
        raise ItemRefused(
            f"Parcel {tracked.id} of order {tracked.parcel.order_number} {why}. It cannot be accepted.",
            next_step=f"See `cratejoy-tui explain {tracked.shipment_id}`.",
        )


async def _refuse_if_it_travels_elsewhere(desk: Desk, chosen: Sequence[Tracked], known: Iterable[Tracked]) -> None:
    """One label on two boxes is right only where both go to one address."""
    numbers = {tracked.parcel.tracking_number for tracked in chosen if tracked.parcel.tracking_number}
    since = desk.clock.now() - NUMBER_MEMORY
    alike = [one for one in known if one.parcel.tracking_number in numbers and one.first_seen_at >= since]
    boxes = await desk.ledger.shipments.get(list({one.shipment_id for one in alike}))
    for tracked in chosen:
        for other in alike:
            if other.shipment_id == tracked.shipment_id or other.parcel.voided or other.decision == "rejected":
                continue
            if other.parcel.tracking_number == tracked.parcel.tracking_number and _differ(
                boxes.get(tracked.shipment_id), boxes.get(other.shipment_id)
            ):
                raise ItemRefused(
                    f"Number {tracked.parcel.tracking_number} of order {tracked.parcel.order_number} is also on "
                    f"{other.shipment_id}, which goes to another address.",
                    next_step=f"Ask the warehouse whose it is, then `tracking reject {other.id}` or {tracked.id}.",
                )


def _differ(box: Stored | None, other: Stored | None) -> bool:
    """Do they surely go to two addresses? Once names and addresses are purged, nobody can tell."""
    place, another = _place(box), _place(other)
    return place is not None and another is not None and place != another


def _place(box: Stored | None) -> tuple[str, ...] | None:
    if box is None or box.sent_order is None:
        return None
    to = box.sent_order.ship_to
    return tuple(part.strip().casefold() for part in (to.street, to.unit, to.city, to.state, to.zip, to.country))
