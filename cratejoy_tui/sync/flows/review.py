"""A person's word on tracking: this parcel is, or is not, of this box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cratejoy_tui.errors import ItemRefused
from cratejoy_tui.sync.flows.desk import Desk
from cratejoy_tui.sync.flows.fetch import match

DECISIONS = frozenset({"", "accepted", "rejected"})


async def decide_tracking(desk: Desk, decisions: Mapping[int, str], shipment_ids: Sequence[str]) -> None:
    """Note decisions (parcel -> accepted, rejected, or "" to take one back) and judge the boxes anew.

    Nothing is sent; an accepted parcel goes out with the next confirmation. Raises ItemRefused for another word.
    """
    if wrong := set(decisions.values()) - DECISIONS:
        raise ItemRefused(f"A match is accepted or rejected, not {', '.join(sorted(wrong))}.")
    for tracked_id, decision in decisions.items():
        await desk.ledger.tracking.decide(tracked_id, decision, desk.operator if decision else "")
    await match(desk, shipment_ids)
