"""Ledger -> verdicts: every open box is held against the rules; only boxes that changed are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cratejoy_tui.sync.domain.build import order_hash, order_number
from cratejoy_tui.sync.domain.eligibility import Judgement, judge
from cratejoy_tui.sync.domain.record import Judged, Stored
from cratejoy_tui.sync.domain.rules import Rules
from cratejoy_tui.sync.domain.shipment import Shipment
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.flows.desk import Desk, Step

AT_ONCE = 500

WAITING = frozenset({"TYPE_OFF", "TEST", "NOT_DUE", "BATCH_OPEN", "TOO_OLD", "FILTERED", "ALREADY"})
"""Reasons that ask nothing of a person: the box waits, or is not wanted."""


@dataclass(slots=True)
class JudgedCounts:
    """What one round of judging came to."""

    judged: int = 0
    newly_held: int = 0
    """Boxes with a hold that asks something of a person and that the last run did not show."""


async def judge_open(desk: Desk) -> JudgedCounts:
    """Judge every open box whose content, rules or time changed since it was judged; the others are not touched."""
    counts = JudgedCounts()
    after = ""
    now = desk.clock.now()
    while page := await desk.ledger.shipments.to_judge(desk.rules_hash, now, after, AT_ONCE):
        after = page[-1].id
        judged = [_judged_anew(desk, stored, now) for stored in page]
        await desk.ledger.shipments.judged(desk.rules_hash, judged)
        counts.judged += len(page)
        counts.newly_held += sum(is_newly_held(now_is, was.reason) for was, now_is in zip(page, judged, strict=True))
        desk.tell(Step(name="judge", done=counts.judged))
    return counts


def judgement_of(desk: Desk, stored: Stored, now: datetime) -> Judgement:
    """What the rules say of this box now. Its personal data must not have been purged."""
    assert stored.shipment is not None, f"shipment {stored.id} is open but was purged"
    return judge_under(desk, desk.rules, stored.shipment, now, stored)


def judge_under(desk: Desk, rules: Rules, shipment: Shipment, now: datetime, stored: Stored | None = None) -> Judgement:
    """What these rules would say of a shipment at this moment; `stored` is what we decided about it, if it is ours."""
    capabilities = desk.warehouse.capabilities
    return judge(
        shipment,
        rules,
        now,
        stage=stored.stage if stored else Stage.SEEN,
        person_hold=stored.hold.reason if stored and stored.hold else "",
        approved=stored.approved if stored else (),
        max_lengths=capabilities.max_lengths,
        characters=capabilities.characters,
        generation=stored.generation if stored else 1,
    )


def judged_at_sight(desk: Desk, shipment: Shipment, now: datetime) -> Judged:
    """The verdict on a box that nobody here has seen or said anything about."""
    return _judged(judge_under(desk, desk.rules, shipment, now), shipment, "", 1)


def is_newly_held(verdict: Judged, former_reason: str = "") -> bool:
    """Is this a hold that asks something of a person, and that the last run did not show?"""
    return verdict.stage is Stage.HELD and verdict.reason not in WAITING and verdict.reason != former_reason


def _judged_anew(desk: Desk, stored: Stored, now: datetime) -> Judged:
    judgement = judgement_of(desk, stored, now)
    assert stored.shipment is not None
    return _judged(judgement, stored.shipment, stored.revision, stored.generation)


def _judged(judgement: Judgement, shipment: Shipment, revision: str, generation: int) -> Judged:
    order = judgement.order
    return Judged(
        shipment_id=shipment.id,
        revision=revision,
        stage=Stage.PLANNED if order is not None else Stage.HELD,
        order_number=order.number if order is not None else order_number(shipment, generation),
        reason=judgement.reason,
        detail=judgement.detail,
        flags=judgement.flags,
        target_at=judgement.target_at,
        reconsider_at=judgement.reconsider_at,
        read_again=judgement.read_again,
        preview_hash=order_hash(order) if order is not None else "",
    )
