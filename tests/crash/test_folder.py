"""Handing files over, killed at every step; and reading them."""

from __future__ import annotations

import pytest

from cratejoy_tui.sync.domain.record import TaskKind
from cratejoy_tui.sync.domain.stage import Stage
from tests.crash.conftest import MakeDay
from tests.crash.day import HOUR, KILLED, Day, proven
from tests.crash.points import names

FINISHING = {
    "folder-push/F1": ("F2-part", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9"),
    "folder-push/F4": ("F5", "F6", "F7", "F8"),
    "folder-push/F7": ("F8", "F9"),
}
"""First misfortune -> the steps that are left for the second."""


async def begun(make_day: MakeDay, **about: object) -> Day:
    day = make_day(kind="folder", **about)
    await day.adopt_none()
    return day


async def recovered(day: Day) -> None:
    """Run again until nothing is left to do; then each order was in one file, once."""
    day.pass_time(HOUR)
    day.auto_until_all_is_done()
    day.shared.take_files()
    await proven(day)
    assert set((await day.stages()).values()) == {Stage.AT_WAREHOUSE}
    assert not day.shared.names(".cratejoy-tui/staging")


@pytest.mark.slow
@pytest.mark.parametrize("point", names("folder-push"))
async def test_a_killed_hand_over_is_neither_doubled_nor_lost(make_day: MakeDay, point: str) -> None:
    day = await begun(make_day)
    assert day.auto(die_at=point).code == KILLED
    await recovered(day)


@pytest.mark.parametrize(
    "point",
    [
        pytest.param(f"folder-push/{code}", marks=() if code == "F7" else pytest.mark.slow)
        for code in ("F7", "F8", "F9", "F10")
    ],
)
async def test_a_file_that_was_taken_before_anybody_noted_it_is_not_written_again(
    make_day: MakeDay, point: str
) -> None:
    day = await begun(make_day)
    assert day.auto(die_at=point).code == KILLED
    day.shared.take_files()
    assert len(day.shared.taken) == 1
    await recovered(day)
    assert len(day.shared.taken) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("first", "second"), [(first, f"folder-push/{code}") for first, left in FINISHING.items() for code in left]
)
async def test_a_kill_while_finishing_a_hand_over_is_harmless(make_day: MakeDay, first: str, second: str) -> None:
    day = await begun(make_day)
    assert day.auto(die_at=first).code == KILLED
    assert day.auto(die_at=second).code == KILLED
    await recovered(day)


@pytest.mark.slow
@pytest.mark.parametrize("point", names("folder-cancel"))
async def test_a_killed_cancel_asks_once_and_tells_the_floor(make_day: MakeDay, point: str) -> None:
    day = await begun(make_day)
    assert day.auto().code == 0
    day.shared.take_files()
    number = sorted(day.record["received"])[0]
    id_ = number.removeprefix("SUB-")
    day.simulator.act("cancel", id=int(id_))
    day.pass_time(60)
    assert day.auto(die_at=point).code == KILLED
    for _ in range(3):
        day.pass_time(HOUR)
        assert day.auto().code in (0, 1)
        day.shared.take_files()
    assert [name.split("_")[0] for name in day.shared.taken].count("cancels") == 1
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
    day.shared.take_files()
    day.ship_all()
    day.pass_time(60)
    assert day.auto(die_at=point).code == KILLED
    for _ in range(2):
        day.pass_time(HOUR)
        assert day.auto().code in (0, 1)
    await proven(day)
    assert set((await day.stages()).values()) == {Stage.CONFIRMED}
    assert set(day.record["emails"].values()) == {1}
    assert not day.shared.names("out")
