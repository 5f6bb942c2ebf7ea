"""A cancellation killed at every point it has: the box does not leave, and nobody is asked in vain."""

from __future__ import annotations

import pytest

from cratejoy_tui.sync.domain.record import TaskKind
from cratejoy_tui.sync.domain.stage import Kind, Stage, State
from tests.crash.conftest import MakeDay
from tests.crash.day import HOUR, KILLED, QUIET_SECONDS, Day, ended, operations, proven
from tests.crash.points import names

SENT = "cancel/C2-sent"


def pushed_and_cancelled(make_day: MakeDay, **about: object) -> tuple[Day, str]:
    """A day on which one box was cancelled in Cratejoy after its push."""
    day = make_day(**about)
    assert day.auto().code == 0
    number = sorted(day.record["received"])[0]
    id_ = number.removeprefix("SUB-")
    day.simulator.act("cancel", id=int(id_))
    day.pass_time(60)
    return day, id_


async def recovered(day: Day, cancelled: str) -> None:
    """Run again until nothing is left to do; then that one box is cancelled on both sides, and only that one."""
    day.pass_time(HOUR)
    day.auto_until_all_is_done()
    await proven(day)
    stages = await day.stages()
    assert stages.pop(cancelled) is Stage.CANCELLED
    assert set(stages.values()) == {Stage.AT_WAREHOUSE}
    assert {number.removeprefix("SUB-"): answer for number, answer in day.record["cancels"].items()} == {
        cancelled: "cancelled"
    }


@pytest.mark.parametrize(
    "point", [pytest.param(one, marks=() if one == SENT else pytest.mark.slow) for one in names("cancel")]
)
async def test_a_killed_cancel_still_stops_the_box(make_day: MakeDay, point: str) -> None:
    day, id_ = pushed_and_cancelled(make_day)
    assert day.auto(die_at=point).code == KILLED
    await recovered(day, id_)


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["lose_answer", "slow"])
async def test_a_cancel_without_an_answer_is_looked_up(make_day: MakeDay, fault: str) -> None:
    day, id_ = pushed_and_cancelled(make_day)
    day.turn({"kind": fault, "app": "warehouse", "path": "/cancel", "seconds": 30})
    process = day.start("--auto", "--json")
    day.wait_until(lambda: day.record["cancels"])
    if fault == "slow":
        process.kill()
    assert ended(process).code == (KILLED if fault == "slow" else 1)
    day.turn()
    await recovered(day, id_)


@pytest.mark.slow
async def test_a_box_cancelled_while_its_push_is_in_doubt_does_not_leave(make_day: MakeDay) -> None:
    """The order may still arrive: it is looked for twice, then cancelled there."""
    day = make_day(delivery="look-up", boxes=1)
    late = {"kind": "late_commit", "app": "warehouse", "method": "POST", "path": "/api/orders", "times": 1}
    day.turn({**late, "skip": 1, "seconds": QUIET_SECONDS + 60})
    assert day.auto(die_at="push/A5-outcome").code == KILLED
    [id_] = await day.stages()
    day.simulator.act("cancel", id=int(id_))
    day.pass_time(QUIET_SECONDS + 10)
    assert day.auto().code in (0, 1)
    for _ in range(3):
        day.pass_time(HOUR)
        assert day.auto().code in (0, 1)
    assert (await day.stages())[id_] is Stage.CANCELLED
    assert set(day.record["cancels"].values()) == {"cancelled"}
    await proven(day)


@pytest.mark.slow
@pytest.mark.parametrize("point", ["push/A1", "push/A4"])
async def test_a_box_cancelled_after_a_killed_push_is_not_sent_again(make_day: MakeDay, point: str) -> None:
    day = make_day(delivery="look-up", boxes=1)
    assert day.auto(die_at=point).code == KILLED
    [id_] = await day.stages()
    day.simulator.act("cancel", id=int(id_))
    for _ in range(4):
        day.pass_time(HOUR)
        assert day.auto().code in (0, 1)
    assert (await day.stages())[id_] is Stage.CANCELLED
    assert sum(day.record["received"].values()) == (1 if point == "push/A4" else 0)
    assert len(day.record["cancels"]) == (1 if point == "push/A4" else 0)
    await proven(day)


@pytest.mark.slow
async def test_a_cancel_after_the_confirmation_is_only_noted(make_day: MakeDay) -> None:
    """The store said so while the confirmation was on its way: nothing more is written, anywhere."""
    day = make_day(boxes=1)
    assert day.auto().code == 0
    day.ship_all()
    day.pass_time(60)
    assert day.auto(die_at="confirm/B4").code == KILLED
    [id_] = await day.stages()
    day.simulator.act("cancel", id=int(id_))
    for _ in range(2):
        day.pass_time(HOUR)
        assert day.auto().code in (0, 1)
    async with day.desk() as desk:
        done = await operations(desk)
        tasks = await desk.ledger.people.tasks()
    assert [(one.kind, one.state) for one in done if one.kind is Kind.PUSH] == [(Kind.PUSH, State.ACCEPTED)]
    assert not day.record["cancels"]
    assert set(day.record["emails"].values()) == {1}
    assert [task.kind for task in tasks] == [TaskKind.CONFLICT]
    await proven(day)
