"""How Cratejoy, the ledger and the warehouse can disagree about one box."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from cratejoy_tui.sync.domain.build import order_number
from cratejoy_tui.sync.domain.order import Found, OrderState
from cratejoy_tui.sync.domain.record import Stored
from cratejoy_tui.sync.domain.shipment import Billing, Shipment
from cratejoy_tui.sync.domain.stage import CLOSED_STAGES, OPEN_STAGES, Stage
from cratejoy_tui.sync.flows.desk import Desk
from cratejoy_tui.sync.flows.pull import enabled

SURELY_THERE = frozenset(
    {Stage.AT_WAREHOUSE, Stage.PARTLY_SHIPPED, Stage.SHIPPED, Stage.CANCEL_REFUSED, Stage.CANCEL_BY_HAND}
)
WITHOUT_TRACKING = frozenset({Stage.AT_WAREHOUSE, Stage.CANCEL_REFUSED, Stage.CANCEL_BY_HAND})


class Missing(StrEnum):
    """How the three can disagree about one box."""

    NOT_PULLED = "in Cratejoy's list, unknown to the ledger"
    LISTED_THOUGH_CLOSED = "in Cratejoy's list, closed in the ledger"
    NOT_LISTED = "open in the ledger, not in Cratejoy's list"
    NOT_AT_WAREHOUSE = "handed over by the ledger, not at the warehouse"
    NOT_HANDED_OVER = "at the warehouse, not handed over by the ledger"
    ONLY_AT_WAREHOUSE = "open at the warehouse, not wanted by Cratejoy"
    CANCELLED_THERE = "cancelled at the warehouse, open in the ledger"
    SHIPPED_THERE = "shipped at the warehouse, no tracking in the ledger"
    TWICE_THERE = "at the warehouse more than once"


NEXT_STEPS = {
    Missing.NOT_PULLED: "Run a cycle; if it stays, `explain` it.",
    Missing.LISTED_THOUGH_CLOSED: "`explain` it; if the customer is owed a box, `resend` it.",
    Missing.NOT_LISTED: "Run a cycle, which reads it again; if it stays, look at it in Cratejoy.",
    Missing.NOT_AT_WAREHOUSE: "Ask the warehouse; if it never had the order, `resend` it.",
    Missing.NOT_HANDED_OVER: "Compare it there, then `adopt` it, so that it is not sent a second time.",
    Missing.ONLY_AT_WAREHOUSE: "Stop it at the warehouse, unless somebody there wants it.",
    Missing.CANCELLED_THERE: "Find out who cancelled it; `resend` it if the box is still owed.",
    Missing.SHIPPED_THERE: "Run a cycle, which fetches tracking; if it stays, ask the warehouse for the number.",
    Missing.TWICE_THERE: "Cancel all but one there at once.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """One box about which the three do not agree."""

    kind: Missing
    shipment_id: str
    number: str
    cratejoy: str
    ledger: str
    warehouse: str
    next_step: str


@dataclass(slots=True)
class Sides:
    """The three sides as far as they were read."""

    desk: Desk
    listed: dict[str, Shipment] = field(default_factory=dict)
    listed_as: dict[str, Billing] = field(default_factory=dict)
    stored: dict[str, Stored] = field(default_factory=dict)
    elsewhere: dict[str, str] = field(default_factory=dict)
    """Ids the lists do not have -> what Cratejoy says of them when read by id."""
    there: dict[str, tuple[Found, ...]] = field(default_factory=dict)
    asked: set[str] | None = None
    problems: list[str] = field(default_factory=list)

    def number(self, id_: str) -> str:
        stored = self.stored.get(id_)
        if stored is not None and stored.order_number:
            return stored.order_number
        return order_number(self.listed[id_]) if id_ in self.listed else ""


def disagreements(sides: Sides, complete: bool) -> Iterator[Disagreement]:
    """Every box about which they do not agree; `complete`: may absence from Cratejoy's lists be believed?"""
    for id_ in {*sides.listed, *sides.stored}:
        for kind in _kinds(sides, id_, complete):
            yield _disagreement(sides, id_, kind)


def _kinds(sides: Sides, id_: str, complete: bool) -> Iterator[Missing]:
    stored, is_listed = sides.stored.get(id_), id_ in sides.listed
    if stored is None and sides.listed_as[id_] in enabled(sides.desk.rules):
        yield Missing.NOT_PULLED
    if stored is not None and is_listed and stored.stage in CLOSED_STAGES:
        yield Missing.LISTED_THOUGH_CLOSED
    if complete and stored is not None and not is_listed and _is_lost(stored, sides.elsewhere.get(id_, "")):
        yield Missing.NOT_LISTED
    number = sides.number(id_)
    if sides.asked is not None and number in sides.asked:
        yield from _there(stored, sides.there.get(number, ()), sides.elsewhere.get(id_, ""))


def _is_lost(stored: Stored, elsewhere: str) -> bool:
    """An open box that Cratejoy no longer wants, and that we did not notice yet."""
    if elsewhere in {"", "unshipped", "due later"}:
        return elsewhere == "unshipped"
    return not (elsewhere == "cancelled" and stored.cancel_seen_at is not None)


def _there(stored: Stored | None, there: Sequence[Found], elsewhere: str) -> Iterator[Missing]:
    stage = stored.stage if stored else Stage.SEEN
    states = {found.state for found in there}
    if len(there) > 1:
        yield Missing.TWICE_THERE
    if not there:
        if stage in SURELY_THERE:
            yield Missing.NOT_AT_WAREHOUSE
    elif stage in OPEN_STAGES and states != {OrderState.CANCELLED}:
        yield Missing.NOT_HANDED_OVER
    elif states == {OrderState.CANCELLED}:
        if stage in SURELY_THERE:
            yield Missing.CANCELLED_THERE
    elif states == {OrderState.SHIPPED}:
        if stage in WITHOUT_TRACKING:
            yield Missing.SHIPPED_THERE
    elif stage is Stage.CANCELLED or elsewhere in {"cancelled", "shipped", "gone"}:
        yield Missing.ONLY_AT_WAREHOUSE


def _disagreement(sides: Sides, id_: str, kind: Missing) -> Disagreement:
    stored, number = sides.stored.get(id_), sides.number(id_)
    there = sides.there.get(number, ())
    asked = sides.asked is not None and number in sides.asked
    return Disagreement(
        kind=kind,
        shipment_id=id_,
        number=number,
        cratejoy="unshipped" if id_ in sides.listed else sides.elsewhere.get(id_, "not asked"),
        ledger=stored.stage if stored else "unknown",
        warehouse=", ".join(found.state for found in there) or ("absent" if asked else "not asked"),
        next_step=NEXT_STEPS[kind],
    )
