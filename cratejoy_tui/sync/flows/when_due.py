"""From when on will no date keep this box back? Found by judging it again at each moment a date rule lets go."""

from __future__ import annotations

from datetime import datetime

from cratejoy_tui.sync.domain.eligibility import Judgement
from cratejoy_tui.sync.domain.record import Stored
from cratejoy_tui.sync.domain.shipment import Shipment
from cratejoy_tui.sync.flows.desk import Desk
from cratejoy_tui.sync.flows.judging import judge_under

STEPS_AHEAD = 12
"""One date giving way can bring up the next; more than a few in a row do not happen."""


def when_due(desk: Desk, shipment: Shipment, stored: Stored | None = None) -> tuple[Judgement, datetime | None]:
    """What the rules will say once every date has come, and when that is; None when no date stands in the way."""
    now = desk.clock.now()
    judgement = judge_under(desk, desk.rules, shipment, now, stored)
    moment = now
    for _ in range(STEPS_AHEAD):
        later = max((v.until for v in judgement.verdicts if not v.passed and v.until is not None), default=moment)
        if later <= moment:
            break
        moment = later
        judgement = judge_under(desk, desk.rules, shipment, moment, stored)
    return judgement, moment if moment > now else None
