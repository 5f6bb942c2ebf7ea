"""The test of the tests: days on which a product with one of these faults must be found out, and ours must not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from cratejoy_tui.simulator.cast import Box
from cratejoy_tui.simulator.knobs import Fault, FaultKind
from cratejoy_tui.sync.domain.found import Comparison
from cratejoy_tui.sync.domain.matching import Before
from cratejoy_tui.sync.domain.record import Ending
from cratejoy_tui.sync.domain.stage import State
from cratejoy_tui.sync.flows.cycle import Arrow, cycle
from tests.chaos.mortal import Life
from tests.chaos.test_days import HOUR, MINUTE, LookUpDays
from tests.chaos.town import LEASE_IS_OVER
from tests.chaos.truth import Broken


class PlannedDays(LookUpDays):
    """Days that go as a script says, not as luck has it."""

    def one_sale(self, find_lag: float = 0.0) -> None:
        self.begin(
            seed=1,
            find_lag=find_lag,
            read_lag=0.0,
            share=0.0,
            cancel_until="pick",
            mail_on="each_put",
            sales=[Box()],
        )

    def the_push_goes_wrong(self, kind: FaultKind) -> None:
        """Its answer is lost; `skip` is for the look-up before it."""
        push = Fault(kind=kind, app="warehouse", method="POST", path="/api/orders", skip=1, times=1, seconds=200)
        self.something_breaks_in_a_cycle([push], None)
        self.all_is_mended()

    def the_program_dies_once_the_order_is_sent(self) -> None:
        life = Life()

        def bend(request: httpx.Request, body: bytes) -> bytes:
            if request.url.path == "/api/orders":
                life.end()
            return body

        self._town.bend = bend
        self._town.alone(cycle, life)
        self._town.bend = None
        assert life.is_over
        self._town.pass_by(LEASE_IS_OVER)


Script = Callable[[PlannedDays], None]


def an_order_arrives_late(day: PlannedDays) -> None:
    day.one_sale()
    day.the_push_goes_wrong("late_commit")
    day.a_cycle_runs(None)


def a_dead_push_is_not_visible_yet(day: PlannedDays) -> None:
    day.one_sale(find_lag=200.0)
    day.the_program_dies_once_the_order_is_sent()
    day.a_cycle_runs(None)


def an_answer_is_lost(day: PlannedDays) -> None:
    day.one_sale()
    day.the_push_goes_wrong("lose_answer")
    day.time_passes_and_a_cycle_runs(6 * MINUTE)


def only_confirms_run_when_a_cancelled_box_has_left(day: PlannedDays) -> None:
    day.one_sale()
    day.a_cycle_runs(None)
    day.a_box_is_cancelled(0)
    day.a_box_leaves_at_once(0)
    day._town.pass_by(HOUR)
    day.some_arrows_run({Arrow.CONFIRM}, None)


def a_box_is_cancelled_before_it_leaves(day: PlannedDays) -> None:
    day.one_sale()
    day.a_cycle_runs(None)
    day.a_box_is_cancelled(0)
    day.a_cycle_runs(None)


def _sends_again(desk: Any, operation: Any, reason: str, now: Any) -> Ending:
    return Ending(operation_id=operation.id, state=State.READY, error=reason)


async def _cancels_nothing(desk: Any) -> tuple[()]:
    return ()


PLANTED = {
    "sends again": (an_order_arrives_late, "handing_over._lost", _sends_again, "sent twice"),
    "no quiet time": (a_dead_push_is_not_visible_yet, "settle._quiet", lambda *_: timedelta(0), "sent twice"),
    "finds nothing": (an_answer_is_lost, "settle.compare", lambda *_: Comparison.ABSENT, "sent twice"),
    "does not look before": (
        only_confirms_run_when_a_cancelled_box_has_left,
        "confirm.before_confirm",
        lambda *_: (Before.PUT, ""),
        "confirmed though cancelled",
    ),
    "never cancels": (
        a_box_is_cancelled_before_it_leaves,
        "cycle.preview_cancel",
        _cancels_nothing,
        "nobody told the warehouse",
    ),
}


@pytest.mark.parametrize(("script", "where", "bug", "says"), PLANTED.values(), ids=PLANTED)
def test_a_planted_bug_is_found(
    monkeypatch: pytest.MonkeyPatch, script: Script, where: str, bug: Any, says: str
) -> None:
    _live(script)
    monkeypatch.setattr(f"cratejoy_tui.sync.flows.{where}", bug)
    with pytest.raises(Broken, match=says):
        _live(script)


def _live(script: Script) -> None:
    day = PlannedDays()
    with day.open:
        script(day)
        day.teardown()
