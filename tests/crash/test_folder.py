"""Handing files over, killed at every step; and reading them."""

from __future__ import annotations

import pytest

from cratejoy_tui.sync.domain.record import TaskKind
from cratejoy_tui.sync.domain.stage import Stage
from tests.crash.conftest import MakeDay
from tests.crash.day import HOUR, KILLED, Day, proven
from tests.crash.points import names

HANDED_OVER = "folder-push/F7"
STAGED = "folder-push/F4"
"""These two of the steps decide: a file that was handed over, and one that was not."""


async def begun(make_day: MakeDay, **about: object) -> Day:
    day = make_day(kind="folder", **about)
    await day.adopt_none()
    return day


async def recovered(day: Day) -> None:
    """Run again, twice; then each order was in one file, once."""
    for _ in range(2):
        day.pass_time(HOUR)
        assert day.auto().code in (0, 1)
        day.take_files()
    await proven(day)
    assert set((await day.stages()).values()) == {Stage.AT_WAREHOUSE}
    assert day.auto().summary["writes"] == 0
    assert not list((day.root / "in").iterdir())
    assert not list((day.root / ".cratejoy-tui" / "staging").iterdir())


@pytest.mark.parametrize("is_quick", [True, False], ids=["taken at once", "taken later"])
@pytest.mark.parametrize("point", names("folder-push"))
@pytest.mark.slow
async def test_a_killed_hand_over_is_neither_doubled_nor_lost(make_day: MakeDay, point: str, is_quick: bool) -> None:
    day = await begun(make_day)
    assert day.auto(die_at=point).code == KILLED
    if is_quick:
        day.take_files()
    await recovered(day)


async def test_a_file_that_was_taken_before_anybody_noted_it_is_not_written_again(make_day: MakeDay) -> None:
    day = await begun(make_day)
    assert day.auto(die_at=HANDED_OVER).code == KILLED
    day.take_files()
    assert len(day.taken) == 1
    await recovered(day)
    assert len(day.taken) == 1


@pytest.mark.slow
@pytest.mark.parametrize("first", ["folder-push/F1", STAGED, "folder-push/F6", HANDED_OVER])
@pytest.mark.parametrize("second", names("folder-push")[2:])
async def test_a_kill_while_finishing_a_hand_over_is_harmless(make_day: MakeDay, first: str, second: str) -> None:
    """The second misfortune may not come to pass: what was done is not done again."""
    day = await begun(make_day)
    assert day.auto(die_at=first).code == KILLED
    assert day.auto(die_at=second).code in (KILLED, 0)
    await recovered(day)


@pytest.mark.slow
@pytest.mark.parametrize("point", names("folder-cancel"))
async def test_a_killed_cancel_asks_once_and_tells_the_floor(make_day: MakeDay, point: str) -> None:
    day = await begun(make_day)
    assert day.auto().code == 0
    day.take_files()
    number = sorted(day.record["received"])[0]
    id_ = number.removeprefix("SUB-")
    day.simulator.act("cancel", id=int(id_))
    day.pass_time(60)
    assert day.auto(die_at=point).code == KILLED
    for _ in range(3):
        day.pass_time(HOUR)
        assert day.auto().code in (0, 1)
        day.take_files()
    assert [name.split("_")[0] for name in day.taken].count("cancels") == 1
    assert day.record["cancels"] == {number: "cancelled"}
    assert day.record["received"] == dict.fromkeys(day.record["received"], 1)
    async with day.desk() as desk:
        assert (await desk.ledger.audit.verify()).ok
        told = {task.kind for task in await desk.ledger.people.tasks() if task.shipment_id == id_}
    assert told & {TaskKind.STOP_SHIP, TaskKind.CANCEL_BY_HAND}, "files do not answer: a person must ask"
    assert not day.verdict["duplicated_orders"]


@pytest.mark.slow
@pytest.mark.parametrize("point", names("folder-in"))
async def test_a_killed_reading_of_tracking_loses_no_parcel(make_day: MakeDay, point: str) -> None:
    day = await begun(make_day)
    assert day.auto().code == 0
    day.take_files()
    day.ship_all()
    day.pass_time(60)
    assert day.auto(die_at=point).code == KILLED
    for _ in range(2):
        day.pass_time(HOUR)
        assert day.auto().code in (0, 1)
    await proven(day)
    assert set((await day.stages()).values()) == {Stage.CONFIRMED}
    assert set(day.record["emails"].values()) == {1}
    assert not list((day.root / "out").iterdir())
