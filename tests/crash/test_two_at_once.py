"""Two programs at one store: beside each other, and one that slept while the other took over."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time

import pytest

from cratejoy_tui.sync.domain.stage import Stage
from tests.crash.conftest import MakeDay
from tests.crash.day import HOUR, KILLED, QUIET_SECONDS, Day, ended, proven

LEASE_SECONDS = 2
SLOW_PUSH = {"kind": "slow", "app": "warehouse", "method": "POST", "path": "/api/orders", "seconds": 6}
LOCK_HELD = 8


async def all_at_warehouse(day: Day) -> None:
    await proven(day)
    assert set((await day.stages()).values()) == {Stage.AT_WAREHOUSE}


async def test_of_two_runs_started_together_one_works_and_the_other_names_it(make_day: MakeDay) -> None:
    day = make_day(delivery="look-up")
    day.turn({**SLOW_PUSH, "skip": 1, "seconds": 3})
    both = [day.start("--auto", "--json") for _ in range(2)]
    codes = {process.pid: ended(process) for process in both}
    [(winner, well), (_, held)] = sorted(codes.items(), key=lambda one: one[1].code)
    assert (well.code, held.code) == (0, LOCK_HELD)
    assert f"process {winner}" in held.out + held.err
    assert "auto" in held.out + held.err
    await all_at_warehouse(day)


@pytest.mark.slow
@pytest.mark.parametrize("delivery", ["unique", "look-up"])
async def test_many_runs_started_together_send_everything_once(make_day: MakeDay, delivery: str) -> None:
    day = make_day(delivery=delivery, boxes=60)
    runs = [day.start("--auto", "--json") for _ in range(5)]
    assert {ended(run).code for run in runs} <= {0, LOCK_HELD}
    day.pass_time(60)
    assert day.auto().code == 0
    await all_at_warehouse(day)


@pytest.mark.slow
@pytest.mark.parametrize("delivery", ["unique", "look-up"])
async def test_a_run_that_slept_during_its_call_leaves_the_end_to_its_successor(
    make_day: MakeDay, delivery: str
) -> None:
    """It is stopped while the warehouse has its first group, and goes on after all was sent by another."""
    day = make_day(delivery=delivery, boxes=60)
    day.turn({**SLOW_PUSH, "skip": 1, "times": 1})
    sleeper = day.start("--auto", "--json", lease_seconds=LEASE_SECONDS)
    day.wait_until(lambda: day.record["received"])
    sleeper.send_signal(signal.SIGSTOP)
    day.turn()
    _sleep_past(LEASE_SECONDS)
    day.pass_time(QUIET_SECONDS + 10)
    assert day.auto().code == 0
    sleeper.send_signal(signal.SIGCONT)
    assert ended(sleeper).code == LOCK_HELD
    await all_at_warehouse(day)
    assert day.auto().summary["writes"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("delivery", ["unique", "look-up", "blind"])
async def test_a_run_that_slept_between_intent_and_call_sends_nothing(make_day: MakeDay, delivery: str) -> None:
    """It wakes up with the order in its hand and the lease gone: the order was sent by another meanwhile."""
    day = make_day(delivery=delivery)
    if delivery == "blind":
        await day.adopt_none()
    sleeper = day.start("--auto", "--json", lease_seconds=LEASE_SECONDS, stop_at="push/A1")
    day.wait_until_stopped(sleeper)
    _sleep_past(LEASE_SECONDS)
    day.pass_time(QUIET_SECONDS + 10)
    assert day.auto().code in (0, 1)
    await day.settle_by_hand()
    day.pass_time(HOUR)
    assert day.auto().code == 0
    sleeper.send_signal(signal.SIGCONT)
    assert ended(sleeper).code == LOCK_HELD
    await all_at_warehouse(day)


@pytest.mark.slow
async def test_who_slept_after_a_look_up_does_not_act_on_what_it_saw(make_day: MakeDay) -> None:
    """It saw that nothing was there; meanwhile another sent it and died."""
    day = make_day(delivery="look-up", boxes=1)
    assert day.auto(die_at="push/A1").code == KILLED
    day.pass_time(QUIET_SECONDS + 10)
    sleeper = day.start("--auto", "--json", lease_seconds=LEASE_SECONDS, stop_at="look-up/A6-after")
    day.wait_until_stopped(sleeper)
    _sleep_past(LEASE_SECONDS)
    day.pass_time(60)
    assert day.auto(die_at="push/A4").code == KILLED
    sleeper.send_signal(signal.SIGCONT)
    assert ended(sleeper).code == LOCK_HELD
    assert set((await day.stages()).values()) <= {Stage.SENDING, Stage.UNKNOWN}
    day.pass_time(QUIET_SECONDS + 10)
    day.auto_until_all_is_done()
    await all_at_warehouse(day)


@pytest.mark.slow
@pytest.mark.parametrize("point", ["confirm/B1", "confirm/B4"])
async def test_a_confirmation_that_slept_is_made_once(make_day: MakeDay, point: str) -> None:
    day = make_day(boxes=1)  # so that it holds no lock of the ledger's file in its sleep
    assert day.auto().code == 0
    day.ship_all()
    day.pass_time(60)
    sleeper = day.start("--auto", "--json", lease_seconds=LEASE_SECONDS, stop_at=point)
    day.wait_until_stopped(sleeper)
    _sleep_past(LEASE_SECONDS)
    for _ in range(2):
        day.pass_time(HOUR)
        assert day.auto().code in (0, 1)
    sleeper.send_signal(signal.SIGCONT)
    assert ended(sleeper).code == LOCK_HELD
    await proven(day)
    assert set((await day.stages()).values()) == {Stage.CONFIRMED}
    assert set(day.record["emails"].values()) == {1}


@pytest.mark.slow
@pytest.mark.parametrize("point", ["folder-push/F1", "folder-push/F4", "folder-push/F6", "folder-push/F7"])
async def test_a_hand_over_that_slept_is_made_once(make_day: MakeDay, point: str) -> None:
    day = make_day(kind="folder")
    await day.adopt_none()
    sleeper = day.start("--auto", "--json", lease_seconds=LEASE_SECONDS, stop_at=point)
    day.wait_until_stopped(sleeper)
    _sleep_past(LEASE_SECONDS)
    day.pass_time(HOUR)
    successor = day.start("--auto", "--json")
    await _works(day, successor)  # and waits for the folder's own lock where the sleeper holds it
    sleeper.send_signal(signal.SIGCONT)
    assert ended(sleeper).code == LOCK_HELD
    assert ended(successor).code in (0, 1)
    day.shared.take_files()
    day.pass_time(HOUR)
    assert day.auto().code in (0, 1)
    day.shared.take_files()
    await all_at_warehouse(day)


@pytest.mark.slow
async def test_a_person_holds_and_recalls_while_a_long_push_runs(make_day: MakeDay) -> None:
    """A group takes twenty seconds; a decision is made while one is under way."""
    day = make_day(boxes=120)
    day.turn({**SLOW_PUSH, "skip": 1, "seconds": 20})
    long_run = day.start("--auto", "--json")
    day.wait_until(lambda: len(day.record["received"]) == 50)
    waiting = next(id_ for id_, stage in sorted((await day.stages()).items(), reverse=True) if stage is Stage.PLANNED)
    assert day.run("hold", waiting, "--reason", "asked to wait").code == 0
    assert (len(day.record["received"]), long_run.poll()) == (50, None), "it waited for the group"
    day.wait_until(lambda: len(day.record["received"]) > 50)
    sent = next(id_ for id_, stage in sorted((await day.stages()).items()) if stage is Stage.AT_WAREHOUSE)
    assert day.run("recall", sent, "--reason", "wrong box", "--later").code == 0
    assert (len(day.record["received"]), long_run.poll()) == (99, None), "it waited for the group"
    day.turn()
    assert ended(long_run).code == 0
    assert not {waiting, f"SUB-{waiting}"} & set(day.record["received"])
    day.pass_time(60)
    assert day.auto().code == 0
    assert set(day.record["cancels"].values()) == {"cancelled"}
    assert not day.verdict["duplicated_orders"]


def _sleep_past(seconds: float) -> None:
    """Leases run in real time."""
    time.sleep(seconds + 0.5)


async def _works(day: Day, process: subprocess.Popen[str]) -> None:
    """Wait until this run has taken over."""
    async with day.desk() as desk:
        while True:
            lease = await desk.ledger.leases.held_by("run")
            if process.poll() is not None or (lease is not None and f":{process.pid}:" in lease.holder):
                return
            await asyncio.sleep(0.05)
