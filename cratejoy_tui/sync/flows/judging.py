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
        judged = [_judged(desk, stored, now) for stored in page]
        await desk.ledger.shipments.judged(desk.rules_hash, judged)
        counts.judged += len(page)
        counts.newly_held += sum(_is_newly_held(was, now_is) for was, now_is in zip(page, judged, strict=True))
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


def _judged(desk: Desk, stored: Stored, now: datetime) -> Judged:
    judgement = judgement_of(desk, stored, now)
    assert stored.shipment is not None
    order = judgement.order
    return Judged(
        shipment_id=stored.id,
        revision=stored.revision,
        stage=Stage.PLANNED if order is not None else Stage.HELD,
        order_number=order_number(stored.shipment, stored.generation),
        reason=judgement.reason,
        detail=judgement.detail,
        flags=judgement.flags,
        target_at=judgement.target_at,
        reconsider_at=judgement.reconsider_at,
        read_again=judgement.read_again,
        preview_hash=order_hash(order) if order is not None else "",
    )


def _is_newly_held(was: Stored, now_is: Judged) -> bool:
    return now_is.stage is Stage.HELD and now_is.reason not in WAITING and was.reason != now_is.reason
