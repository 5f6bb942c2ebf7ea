"""Days that went wrong once, kept as they were found."""

from __future__ import annotations

from cratejoy_tui.simulator import changes
from cratejoy_tui.simulator.cast import Box
from cratejoy_tui.simulator.knobs import Fault
from cratejoy_tui.simulator.placing import place
from cratejoy_tui.sync.domain.record import Stored
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.flows.cycle import cycle
from tests.chaos.test_wrong_types import everything
from tests.chaos.town import Town, a_town
from tests.chaos.truth import Truth

LATE = Fault(kind="late_commit", app="warehouse", method="POST", path="/api/orders", skip=1, times=1, seconds=200)
"""The first push is carried out minutes after its answer was lost; `skip` is for the look-up before it."""


def at_rest(town: Town, truth: Truth) -> list[Stored]:
    for seconds in (400, 400, 3600):
        town.pass_by(seconds)
        town.alone(cycle)
    truth.check()
    assert town.alone(truth.at_rest) == []
    return list((town.alone(everything) or {}).values())


def test_an_order_that_came_late_with_the_old_address_is_not_taken_for_the_new_one() -> None:
    with a_town(delivery="unique") as town:
        truth, id_ = Truth(town), place(town.world, Box())
        town.world.turn(faults=[LATE])
        town.alone(cycle)
        town.alone(lambda desk: cycle(desk, only=()))
        changes.readdress(town.world, id_, {"street": "2 New Rd"})
        town.pass_by(250)
        town.alone(cycle)
        [box] = at_rest(town, truth)
        assert box.stage is Stage.CONFLICT


def test_a_box_cancelled_before_its_lost_order_came_late_does_not_leave() -> None:
    with a_town(delivery="unique") as town:
        truth, id_ = Truth(town), place(town.world, Box())
        town.world.turn(faults=[LATE])
        town.alone(cycle)
        town.alone(lambda desk: cycle(desk, only=()))
        changes.cancel(town.world, id_)
        truth.cancelled_at[id_] = town.world.now_ms
        town.alone(cycle)
        [box] = at_rest(town, truth)
        assert box.stage is Stage.CANCELLED
