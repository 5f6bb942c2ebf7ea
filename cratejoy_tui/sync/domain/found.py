"""Is what a look-up found the order we meant to send?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

from cratejoy_tui.sync.domain.order import Found, Lost, Order, OrderLine, OrderState, Receipt
from cratejoy_tui.sync.domain.shipment import ShipTo


class Comparison(StrEnum):
    """What stands at the warehouse under our order number."""

    ABSENT = "absent"
    SAME = "same"
    OTHER_CONTENT = "other content"
    CANCELLED = "cancelled"
    DUPLICATE = "duplicate"


_COMPARED = tuple(name for name in ShipTo.__struct_fields__ if name != "phone")
"""Phone numbers are rewritten by most systems, and nothing is shipped to them."""


def compare(order: Order, found: Sequence[Found]) -> Comparison:
    """Set what was found against the order: number letter for letter, then state, then content.

    Content that the warehouse does not tell is not held against it; a cancelled order is never the same.
    """
    there = [one for one in found if one.number == order.number]
    if not there:
        return Comparison.ABSENT
    if len(there) > 1:
        return Comparison.DUPLICATE
    if there[0].state is OrderState.CANCELLED:
        return Comparison.CANCELLED
    return Comparison.SAME if _same_content(order, there[0]) else Comparison.OTHER_CONTENT


def already_there(order: Order, found: Sequence[Found], warehouse: str) -> Receipt | Lost:
    """What a push becomes when its number stands at the warehouse already: nothing is sent over it.

    Another order under our number may be an earlier one of ours whose answer was lost, so it is not called refused:
    settling puts it on a person's list.
    """
    comparison = compare(order, found)
    if comparison is Comparison.SAME:
        return Receipt(number=order.number, reference=found[0].reference)
    how = {Comparison.CANCELLED: "cancelled", Comparison.DUPLICATE: f"{len(found)} times"}
    what = how.get(comparison, "with other content")
    return Lost(number=order.number, reason=f"{warehouse} has this number already, {what}; it was not changed")


def _same_content(order: Order, there: Found) -> bool:
    if there.lines is not None and _counted(there.lines) != _counted(order.lines):
        return False
    return there.ship_to is None or _plain(there.ship_to) == _plain(order.ship_to)


def _counted(lines: Sequence[OrderLine]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for line in lines:
        counts[line.sku.strip()] += line.quantity
    return counts


def _plain(ship_to: ShipTo) -> dict[str, str]:
    """Without regard to case and spacing, which systems change on their own."""
    plain = {name: " ".join(str(getattr(ship_to, name)).split()).casefold() for name in _COMPARED}
    # A company that repeats the name says nothing: some systems must have one, and are given the name.
    return plain | {"company": ""} if plain["company"] == plain["to"] else plain
