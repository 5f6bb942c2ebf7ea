"""Is this plan far larger than what this store usually does?"""

from __future__ import annotations

from cratejoy_tui.sync.domain.rules import PlanLimits


def over_limit(boxes: int, largest: int | None, limits: PlanLimits) -> str | None:
    """Why a person must allow a plan of this many boxes; None when it may be applied.

    `largest` is the largest plan of its kind applied in the last `limits.days` days; None without history.
    """
    if boxes <= limits.boxes:
        return None
    if largest is None:
        return f"more than {limits.boxes}, and no plan of its kind was applied in the last {limits.days} days"
    if boxes <= largest * limits.times_largest:
        return None
    times = f"{limits.times_largest:g}"
    return (
        f"more than {limits.boxes} and more than {times} times the largest of the last {limits.days} days ({largest})"
    )


def suddenly_empty(listed: int, open_before: int) -> bool:
    """True when a complete listing shows no box although we know open ones: more likely a fault there than calm.

    `open_before` counts the boxes we hold or plan that are due; one or two may well have gone by themselves.
    """
    return listed == 0 and open_before > 2
