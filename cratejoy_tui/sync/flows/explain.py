"""Why is this box where it is? Every rule with value and verdict, when it will go, and all that was done about it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from msgspec import structs

from cratejoy_tui.errors import OrderNotFound, RunStopped
from cratejoy_tui.sync.domain.build import order_number
from cratejoy_tui.sync.domain.classify import billing_of
from cratejoy_tui.sync.domain.drift import Difference, drift
from cratejoy_tui.sync.domain.eligibility import Judgement
from cratejoy_tui.sync.domain.matching import ready_to_confirm
from cratejoy_tui.sync.domain.order import Order
from cratejoy_tui.sync.domain.record import Attempt, Note, Operation, PersonHold, Stored, Task, Tracked
from cratejoy_tui.sync.domain.shipment import Billing, Shipment
from cratejoy_tui.sync.domain.stage import CLOSED_STAGES, OPEN_STAGES, Kind, Stage, State
from cratejoy_tui.sync.domain.verdict import Verdict
from cratejoy_tui.sync.flows.desk import Desk
from cratejoy_tui.sync.flows.judging import judge_under
from cratejoy_tui.sync.flows.when_due import when_due
from cratejoy_tui.text import clean

ORDER_NUMBER = re.compile(r"(?:SUB-)?(.+?)(?:-R[2-9][0-9]*)?", re.IGNORECASE)
LONGEST_ID = 40
LEFT = frozenset({Stage.PARTLY_SHIPPED, Stage.SHIPPED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Becoming:
    """When a box will be pushed, or one that left confirmed, as far as anybody can know now."""

    text: str
    at: datetime | None = None
    """The moment from which no date holds it back; None when time alone never helps, or it may go now."""
    blockers: tuple[str, ...] = ()
    """Reasons that waiting does not remove."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """All there is to say about one box."""

    asked: str
    shipment_id: str
    order_number: str
    billing: Billing | None
    read_from: str
    """Cratejoy, or the ledger's own copy when Cratejoy could not be read."""
    problem: str = ""
    """Why the ledger's copy was used."""
    is_known: bool
    """False: this ledger has never pulled it."""
    stage: Stage | None = None
    stage_since: datetime | None = None
    generation: int = 1
    reason: str = ""
    detail: str = ""
    flags: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    judged_rules: str = ""
    """Fingerprint of the rules by which the last run judged it; `verdicts` are by those of now."""
    becoming: Becoming
    would_send: Order | None = None
    sent: Order | None = None
    drift: tuple[Difference, ...] = ()
    """What an order sent now would have other than the one that was sent."""
    hold: PersonHold | None = None
    approved: tuple[str, ...] = ()
    cancel_seen_at: datetime | None = None
    target_at: datetime | None = None
    operations: tuple[Operation, ...] = ()
    """Without what was sent; see `sent`."""
    attempts: tuple[Attempt, ...] = ()
    tracking: tuple[Tracked, ...] = ()
    tasks: tuple[Task, ...] = ()
    notes: tuple[Note, ...] = ()


async def explain(desk: Desk, asked: str) -> Explained:
    """Explain a shipment id or an order number, pulled or not. Reads only; nothing about the box is written down.

    Raises OrderNotFound when neither the ledger nor Cratejoy knows it, and RunStopped when Cratejoy cannot be read
    for a box that the ledger does not know.
    """
    id_ = await shipment_id_of(desk, asked)
    stored = (await desk.ledger.shipments.get([id_])).get(id_)
    fresh, problem = await _read(desk, id_, stored)
    shipment = fresh or (stored.shipment if stored else None)
    if shipment is None and stored is None:
        raise _not_found(desk, asked)
    now = desk.clock.now()
    judgement = judge_under(desk, desk.rules, shipment, now, stored) if shipment else None
    explained = _of_rules(desk, asked, id_, shipment, stored, judgement)
    return replace(
        await _with_deeds(desk, explained, stored, shipment),
        read_from="Cratejoy" if fresh else "the ledger",
        problem=problem,
    )


async def shipment_id_of(desk: Desk, asked: str) -> str:
    """The shipment meant by an id or an order number, also one of a former generation."""
    number = clean(asked, LONGEST_ID).strip()
    known = await desk.ledger.questions.shipment_of(number)
    if known is not None:
        return known
    match = ORDER_NUMBER.fullmatch(number)
    if match is None:
        raise _not_found(desk, asked)
    return match[1]


def _not_found(desk: Desk, asked: str) -> OrderNotFound:
    return OrderNotFound(
        f"Neither the ledger nor Cratejoy knows shipment {clean(asked, LONGEST_ID) or '(empty)'} of {desk.store}.",
        next_step="Give the shipment id as Cratejoy shows it, or our order number, such as SUB-12345.",
    )


async def _read(desk: Desk, id_: str, stored: Stored | None) -> tuple[Shipment | None, str]:
    """The box as Cratejoy shows it now; without Cratejoy the ledger's copy will do, if there is one."""
    try:
        found = (await desk.source.read([id_])).shipments.get(id_)
    except RunStopped as stopped:
        if stored is None:
            raise
        return None, stopped.message
    if found is None:
        return None, "Cratejoy no longer has this shipment." if stored else ""
    if stored is not None and stored.shipment is not None and found.queried_as is None:
        found = structs.replace(found, queried_as=stored.shipment.queried_as)
    return found, ""


def _of_rules(
    desk: Desk, asked: str, id_: str, shipment: Shipment | None, stored: Stored | None, judgement: Judgement | None
) -> Explained:
    number = stored.order_number if stored else ""
    return Explained(
        asked=clean(asked, LONGEST_ID),
        shipment_id=id_,
        order_number=number or (order_number(shipment) if shipment else ""),
        billing=billing_of(shipment) if shipment else None,
        read_from="",
        is_known=stored is not None,
        reason=judgement.reason if judgement else stored.reason if stored else "",
        detail=judgement.detail if judgement else stored.detail if stored else "",
        flags=judgement.flags if judgement else (),
        judged_rules=stored.judged_rules if stored else "",
        verdicts=judgement.verdicts if judgement else (),
        becoming=becoming(desk, shipment, stored, judgement),
        would_send=judgement.order if judgement else None,
        target_at=judgement.target_at if judgement else stored.target_at if stored else None,
    )


async def _with_deeds(desk: Desk, explained: Explained, stored: Stored | None, shipment: Shipment | None) -> Explained:
    """Add what was done about the box; there is nothing for one that was never pulled."""
    if stored is None:
        return explained
    ledger, id_ = desk.ledger, stored.id
    operations = await ledger.operations.of(id_)
    tracking = tuple((await ledger.tracking.of([id_])).get(id_, ()))
    return replace(
        explained,
        becoming=_tried_again(desk, stored, operations)
        or (_confirmed(desk, stored, tracking) if stored.stage in LEFT else explained.becoming),
        stage=stored.stage,
        stage_since=stored.stage_since,
        generation=stored.generation,
        reason=explained.reason if stored.stage in OPEN_STAGES else stored.reason,
        detail=explained.detail if stored.stage in OPEN_STAGES else stored.detail,
        sent=stored.sent_order,
        drift=_drift(desk, stored, shipment, operations),
        hold=stored.hold,
        approved=stored.approved,
        cancel_seen_at=stored.cancel_seen_at,
        operations=tuple(replace(operation, payload=b"") for operation in operations),
        attempts=tuple(await ledger.operations.attempts(id_)),
        tracking=tracking,
        tasks=tuple(await ledger.people.tasks(open_only=False, shipment_id=id_)),
        notes=tuple(await ledger.people.notes(id_)),
    )


def _drift(
    desk: Desk, stored: Stored, shipment: Shipment | None, operations: Sequence[Operation]
) -> tuple[Difference, ...]:
    sent_at = pushed_at(operations, stored.generation)
    if shipment is None or stored.sent_order is None or sent_at is None or stored.stage in CLOSED_STAGES:
        return ()
    return drift(stored.sent_order, shipment, desk.rules, sent_at, stored.approved)


def pushed_at(operations: Sequence[Operation], generation: int) -> datetime | None:
    """When the order of this generation was handed over; None when it was not."""
    for operation in operations:
        if operation.kind is Kind.PUSH and operation.generation == generation and operation.state is State.ACCEPTED:
            return operation.sent_at or operation.made_at
    return None


def becoming(desk: Desk, shipment: Shipment | None, stored: Stored | None, judgement: Judgement | None) -> Becoming:
    """When the box will become eligible, and what stands in the way besides its dates."""
    if stored is not None and stored.stage not in OPEN_STAGES:
        return Becoming(text=f"It is {stored.stage}; it is not pushed again.")
    if shipment is None or judgement is None:
        return Becoming(text="Its personal data was purged; it cannot be pushed.")
    if judgement.is_eligible:
        return Becoming(text="It may be pushed now.")
    judgement, moment = when_due(desk, shipment, stored)
    blockers = tuple(dict.fromkeys(verdict.reason for verdict in judgement.verdicts if not verdict.passed))
    return Becoming(text=_words(desk, moment, blockers), at=moment, blockers=blockers)


def _tried_again(desk: Desk, stored: Stored, operations: Sequence[Operation]) -> Becoming | None:
    """When a push that surely did not arrive has its next try; None when there is none, or it may go now."""
    last = operations[-1] if operations and stored.stage is Stage.PLANNED else None
    if last is None or last.not_before is None or last.not_before <= desk.clock.now():
        return None
    when = _store_time(desk, last.not_before)
    return Becoming(text=f"It is tried again from {when}, or after `retry`. {last.error}", at=last.not_before)


def _confirmed(desk: Desk, stored: Stored, tracking: Sequence[Tracked]) -> Becoming:
    """When Cratejoy will be told of a box that left."""
    ready = ready_to_confirm(stored, tracking, desk.rules, desk.clock.now())
    if ready.confirmation is not None:
        return Becoming(text=f"It is {stored.stage}; it may be confirmed now.")
    if ready.until is not None:
        when = _store_time(desk, ready.until)
        return Becoming(text=f"It is {stored.stage}; it will be confirmed from {when}.", at=ready.until)
    why = ", ".join(filter(None, (ready.reason, ready.detail)))
    return Becoming(text=f"It is {stored.stage}; it is not confirmed: {why}.", blockers=(ready.reason,))


def _words(desk: Desk, moment: datetime | None, blockers: tuple[str, ...]) -> str:
    when = _store_time(desk, moment) if moment else ""
    if not blockers:
        return f"It becomes eligible on {when} by itself."
    what = ", ".join(blockers)
    return (
        f"Not before {when}, and only once {what} is over."
        if when
        else f"Once {what} is over; time alone never does it."
    )


def _store_time(desk: Desk, moment: datetime) -> str:
    return f"{moment.astimezone(desk.rules.zone):%Y-%m-%d %H:%M} store time"
