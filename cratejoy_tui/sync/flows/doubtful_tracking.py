"""What a person says about tracking that the program is not sure of."""

from __future__ import annotations

from collections.abc import Sequence

from cratejoy_tui.errors import ItemRefused, OrderNotFound
from cratejoy_tui.sync.domain.record import Tracked
from cratejoy_tui.sync.domain.tracking import Quality
from cratejoy_tui.sync.flows.desk import Desk
from cratejoy_tui.sync.flows.fetch import match

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
    no word can make right.
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
