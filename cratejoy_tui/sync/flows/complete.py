"""Is anything missing? Cratejoy, the ledger and the warehouse side by side, every difference by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from cratejoy_tui.errors import RunStopped
from cratejoy_tui.sync.domain.dates import window_end
from cratejoy_tui.sync.domain.reason import Reason
from cratejoy_tui.sync.domain.shipment import Billing, Shipment
from cratejoy_tui.sync.domain.stage import CLOSED_STAGES, LIVE_STAGES, OPEN_STAGES, Stage
from cratejoy_tui.sync.flows.desk import Desk, Step
from cratejoy_tui.sync.flows.disagreement import Disagreement, Missing, Sides, disagreements
from cratejoy_tui.sync.flows.judging import judge_under
from cratejoy_tui.sync.flows.pull import enabled, until

AT_ONCE = 500
ASKED_AT_ONCE = 50
STILL_ASKED = timedelta(days=30)
"""So long after a box was cancelled here the warehouse is still asked whether it has it open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What the comparison came to."""

    store: str
    at: datetime
    complete: bool
    """False: a listing was cut short, so nothing was concluded from a box being absent."""
    problems: tuple[str, ...]
    listed: int
    """Unshipped boxes in Cratejoy's lists, due up to the end of the window."""
    not_wanted: int
    """Of those, boxes of a type that is switched off."""
    open_here: int
    closed_here: int
    asked_there: int | None
    """Order numbers the warehouse was asked for; None where it cannot be asked."""
    owed: tuple[str, ...]
    """Boxes older than the earliest order date: not sent by rule, yet owed unless they were shipped elsewhere."""
    disagreements: tuple[Disagreement, ...]

    @property
    def counts(self) -> Counter[Missing]:
        """How many boxes of each kind of disagreement."""
        return Counter(one.kind for one in self.disagreements)


async def reconcile(desk: Desk) -> Reconciled:
    """Compare the three sides. Reads only. Absence is concluded only from complete lists."""
    sides = Sides(desk)
    for billing in Billing:
        await _list(sides, billing)
    await _read_ledger(sides)
    if not sides.problems:
        await _read_absent(sides)
    complete = not sides.problems
    await _ask_warehouse(sides)
    found = sorted(disagreements(sides, complete), key=lambda one: (list(Missing).index(one.kind), one.shipment_id))
    wanted = enabled(desk.rules)
    return Reconciled(
        store=desk.store,
        at=desk.clock.now(),
        complete=complete,
        problems=tuple(sides.problems),
        listed=len(sides.listed),
        not_wanted=sum(billing not in wanted for billing in sides.listed_as.values()),
        open_here=sum(stored.stage not in CLOSED_STAGES for stored in sides.stored.values()),
        closed_here=sum(stored.stage in CLOSED_STAGES for stored in sides.stored.values()),
        asked_there=None if sides.asked is None else len(sides.asked),
        owed=tuple(sorted(_owed(sides))),
        disagreements=tuple(found),
    )


async def _list(sides: Sides, billing: Billing) -> None:
    desk = sides.desk
    try:
        async for page in desk.source.list_unshipped(billing, until(desk.rules, billing, desk.clock.now())):
            for row in page.rows:
                sides.listed[row.id] = row.shipment
                sides.listed_as[row.id] = billing
            if page.complete is False:
                sides.problems.append(f"Cratejoy's list of {billing} shipments is incomplete: {page.problem or 'cut'}.")
            desk.tell(Step(name=f"list {billing}", done=len(sides.listed), total=None))
    except RunStopped as stopped:
        sides.problems.append(stopped.message)


async def _read_ledger(sides: Sides) -> None:
    """Every open box, the orders cancelled lately, and whatever else Cratejoy lists."""
    after = ""
    shipments = sides.desk.ledger.shipments
    while page := await shipments.page(OPEN_STAGES | LIVE_STAGES, after, AT_ONCE):
        after = page[-1].id
        sides.stored.update((stored.id, stored) for stored in page)
    since = sides.desk.clock.now() - STILL_ASKED
    after = ""
    while page := await shipments.page({Stage.CANCELLED}, after, AT_ONCE):
        after = page[-1].id
        sides.stored.update((box.id, box) for box in page if box.sent_order is not None and box.stage_since >= since)
    rest = [id_ for id_ in sides.listed if id_ not in sides.stored]
    for group in _groups(rest, AT_ONCE):
        sides.stored.update(await shipments.get(group))


async def _read_absent(sides: Sides) -> None:
    """What Cratejoy says of open boxes that its lists do not have; those due later are in order."""
    absent = [
        id_ for id_, stored in sides.stored.items() if id_ not in sides.listed and stored.stage not in CLOSED_STAGES
    ]
    end = window_end(sides.desk.rules, sides.desk.clock.now())
    for group in _groups(absent, ASKED_AT_ONCE):
        try:
            reading = await sides.desk.source.read(group)
        except RunStopped as stopped:
            sides.problems.append(stopped.message)
            return
        for id_ in group:
            found = reading.shipments.get(id_)
            sides.elsewhere[id_] = "gone" if found is None else _status(found, end)


def _status(shipment: Shipment, end: datetime) -> str:
    target = shipment.adjusted_ordered_at
    if shipment.status == "unshipped" and target is not None and target > end:
        return "due later"
    return shipment.status


async def _ask_warehouse(sides: Sides) -> None:
    desk = sides.desk
    if not desk.warehouse.capabilities.can_find:
        return
    numbers = sorted({number for id_ in {*sides.stored, *sides.listed} if (number := sides.number(id_))})
    sides.asked = set()
    for group in _groups(numbers, ASKED_AT_ONCE):
        try:
            sides.there.update(await desk.warehouse.find(group))
        except RunStopped as stopped:
            sides.problems.append(stopped.message)
            return
        sides.asked.update(group)
        desk.tell(Step(name="ask the warehouse", done=len(sides.asked), total=len(numbers)))


def _owed(sides: Sides) -> Iterator[str]:
    """Boxes kept back for their age alone, whether pulled or not."""
    now = sides.desk.clock.now()
    for id_, stored in sides.stored.items():
        if stored.stage is Stage.HELD and stored.reason == Reason.TOO_OLD:
            yield id_
    for id_, shipment in sides.listed.items():
        if id_ not in sides.stored and _is_too_old(sides.desk, shipment, now):
            yield id_


def _is_too_old(desk: Desk, shipment: Shipment, now: datetime) -> bool:
    verdicts = judge_under(desk, desk.rules, shipment, now).verdicts
    return any(verdict.reason == Reason.TOO_OLD and not verdict.passed for verdict in verdicts)


def _groups(items: Iterable[str], size: int) -> Iterator[list[str]]:
    items = list(items)
    for start in range(0, len(items), size):
        yield items[start : start + size]
