"""The columns that lists of boxes share, and where their rows come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from cratejoy_tui.tui.states import stage_cell
from cratejoy_tui.tui.widgets.columns import Cell, Column, toned
from cratejoy_tui.tui.widgets.row_source import Wanted

if TYPE_CHECKING:
    from cratejoy_tui.sync.domain.stage import Stage
    from cratejoy_tui.sync.flows.desk import Desk

ORDER_NUMBER = Column(
    id="number", title="Order", cell=toned("number", "strong"), width=14, most=18, priority=0, sorts=True
)
WAITS = frozenset({"NOT_DUE", "BATCH_OPEN", "TYPE_OFF", "TEST", "FILTERED", "TOO_OLD"})
_REASONS = {
    "HELD_BY_PERSON": "held by a person",
    "NOT_DUE": "not due yet",
    "BATCH_OPEN": "batch still open",
    "TYPE_OFF": "type switched off",
    "TEST": "test order",
    "UNPAID": "not paid",
    "REFUNDED": "refunded",
    "SUBSCRIPTION_NOT_ACTIVE": "subscription not active",
    "TOO_OLD": "older than the earliest date",
    "FILTERED": "filtered out",
    "UNCLASSIFIED": "type not known",
    "NOTHING_TO_SEND": "nothing to send",
    "NO_SKU": "a line has no SKU",
    "NO_CYCLE": "cycle not known",
    "BAD_ADDRESS": "address incomplete",
    "SHIP_CODE_UNMAPPED": "ship code not mapped",
    "TOO_LONG": "too long for the warehouse",
    "LABELLED": "labelled in Cratejoy",
    "UNREADABLE": "record unreadable",
}


def reason_words(reason: str) -> str:
    """A reason in plain words."""
    return _REASONS.get(reason, reason.replace("_", " ").lower())


def stage_of(row: Any) -> Cell:
    """Stage with mark and tone; a box that waits by rule is told quietly."""
    mark, tone = stage_cell(row.stage.value)
    if row.stage.value == "held" and row.reason in WAITS:
        return mark.replace("‖", "○").replace("held", "waits"), "quiet"
    return mark, tone


def reason_of(row: Any) -> Cell:
    """Why it is held, or what is worth knowing."""
    if row.reason:
        text = reason_words(row.reason) + (f": {row.detail}" if row.detail else "")
        return text, "quiet" if row.reason in WAITS else "warn"
    return (f"~ {', '.join(row.flags)}", "warn") if row.flags else ("", "")


class Moments:
    """Dates and ages as the store's people read them; the clock is set when a store is opened."""

    def __init__(self) -> None:
        self.zone: tzinfo | None = None
        self.now: Callable[[], datetime] | None = None

    def day(self, at: datetime | None) -> str:
        """`Mon 11-23`."""
        return f"{at.astimezone(self.zone):%a %m-%d}" if at else ""

    def minute(self, at: datetime | None) -> str:
        """`11-23 14:05`."""
        return f"{at.astimezone(self.zone):%m-%d %H:%M}" if at else ""

    def age(self, at: datetime | None) -> str:
        """`3 d`, `5 h`, `12 min`."""
        if at is None or self.now is None:
            return ""
        return short_age(self.now() - at)


def short_age(length: timedelta) -> str:
    """A length of time in its largest unit."""
    minutes = max(int(length.total_seconds() // 60), 0)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} d"


MOMENTS = Moments()
"""One store is open at a time, so its clock serves all lists."""


def aged(field: str) -> Callable[[Any], Cell]:
    """Makes cells that tell how long ago this was."""
    at = attrgetter(field)
    return lambda row: (MOMENTS.age(at(row)), "quiet")


class BoxSource:
    """Boxes at some stages, a page at a time from the ledger."""

    def __init__(self, desk: Desk, stages: frozenset[Stage], sort: str, *, with_orders: bool = False) -> None:
        self._desk = desk
        self._stages = stages
        self._sort = sort
        self._with_orders = with_orders
        self._base: dict[tuple[str, bool], Sequence[str]] = {}

    def forget(self) -> None:
        """The ledger changed: the order that is kept is out of date."""
        self._base = {}

    async def ids(self, wanted: Wanted) -> Sequence[str]:
        """Ids in order, filtered. The whole list is read once; words only choose from it."""
        from cratejoy_tui.sync.domain.search import terms_of
        from cratejoy_tui.sync.flows.views import find_boxes, worded

        find = partial(find_boxes, self._desk, self._stages)
        order = (wanted.sort or self._sort, wanted.is_reversed)
        terms = terms_of(wanted.text)
        if any(term.field in {"stage", "reason"} for term in terms):
            return await find(wanted.text, order[0], descending=order[1])
        if order not in self._base:
            self._base = {order: await find("", order[0], descending=order[1])}
        base = self._base[order]
        if not terms:
            return base
        fits = await worded(self._desk, terms)
        return [id_ for id_ in base if id_ in fits]

    async def rows(self, ids: Sequence[str]) -> Mapping[str, Any]:
        """The boxes that are looked at."""
        from cratejoy_tui.sync.flows.views import box_rows

        return await box_rows(self._desk, ids, with_orders=self._with_orders)
