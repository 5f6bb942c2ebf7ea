"""A confirmation killed at every point it has: the customer is told once."""

from __future__ import annotations

import pytest

from cratejoy_tui.sync.domain.stage import Stage
from tests.crash.conftest import MakeDay
from tests.crash.day import HOUR, KILLED, Day, ended, proven
from tests.crash.points import names

ANSWER_READ = "confirm/B4"
PUT = {"kind": "slow", "app": "cratejoy", "method": "PUT", "path": "/v1/shipments/"}


def shipped(make_day: MakeDay, **about: object) -> Day:
    """A day on which every order has left, and nobody knows yet."""
    day = make_day(**about)
    assert day.auto().code == 0
    day.ship_all()
    day.pass_time(60)
    return day


async def recovered(day: Day) -> None:
    """Run again after the quiet time, until nothing is left to do; then each customer was told once."""
    day.pass_time(HOUR)
    day.auto_until_all_is_done()
    await proven(day)
    assert set((await day.stages()).values()) == {Stage.CONFIRMED}
    assert not day.verdict["unconfirmed"]
    assert set(day.record["emails"].values()) == {1}


@pytest.mark.parametrize(
    "point", [pytest.param(one, marks=() if one == ANSWER_READ else pytest.mark.slow) for one in names("confirm")]
)
async def test_a_killed_confirmation_tells_the_customer_once(make_day: MakeDay, point: str) -> None:
    day = shipped(make_day)
    assert day.auto(die_at=point).code == KILLED
    await recovered(day)


@pytest.mark.slow
@pytest.mark.parametrize("point", ["confirm/B1", "confirm/B4", "confirm/B4-commit"])
async def test_the_third_confirmation_killed_leaves_the_first_two_alone(make_day: MakeDay, point: str) -> None:
    day = shipped(make_day)
    assert day.auto(die_at=point, nth=3).code == KILLED
    await recovered(day)


@pytest.mark.slow
async def test_a_kill_while_cratejoy_works_slowly_tells_the_customer_once(make_day: MakeDay) -> None:
    day = shipped(make_day)
    day.turn({**PUT, "seconds": 30})
    process = day.start("--auto", "--json")
    day.wait_until(lambda: day.record["puts"])
    process.kill()
    assert ended(process).code == KILLED
    day.turn()
    await recovered(day)


@pytest.mark.slow
async def test_a_write_that_arrives_after_its_sender_died_is_not_repeated(make_day: MakeDay) -> None:
    day = shipped(make_day)
    day.turn({**PUT, "kind": "late_commit", "seconds": 240, "times": 1})
    assert day.auto(die_at="confirm/B4-read-back").code == KILLED
    day.turn()
    day.pass_time(60)
    assert day.auto().code in (0, 1)
    await recovered(day)


@pytest.mark.slow
async def test_no_write_is_repeated_while_cratejoy_cannot_be_read(make_day: MakeDay) -> None:
    day = shipped(make_day)
    assert day.auto(die_at="confirm/B1").code == KILLED
    day.pass_time(HOUR)
    day.turn({"kind": "status", "status": 503, "app": "cratejoy", "method": "GET"})
    assert day.auto().summary["writes"] == 0
    assert not day.record["puts"]
    assert Stage.UNKNOWN in (await day.stages()).values()
    day.turn()
    await recovered(day)


@pytest.mark.slow
@pytest.mark.parametrize("second", ["confirm/B4-read-back", "confirm/B4-commit"])
async def test_a_kill_while_settling_tells_the_customer_once(make_day: MakeDay, second: str) -> None:
    day = shipped(make_day)
    assert day.auto(die_at="confirm/B4").code == KILLED
    day.pass_time(HOUR)
    assert day.auto(die_at=second).code == KILLED
    await recovered(day)
