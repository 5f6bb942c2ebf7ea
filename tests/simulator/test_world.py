from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from cratejoy_tui.errors import SettingsInvalid
from cratejoy_tui.simulator.cast import Box
from cratejoy_tui.simulator.floor import take_orders
from cratejoy_tui.simulator.knobs import Knobs
from cratejoy_tui.simulator.placing import place
from cratejoy_tui.simulator.proof import record, verdict
from cratejoy_tui.simulator.world import World
from tests.simulator.conftest import Builder, an_order


def _dump(world: World) -> list[str]:
    return list(world.db.iterdump())


def test_time_stands_still_until_it_is_advanced(small: Builder) -> None:
    world = small()
    before = world.now
    world.advance(90)
    assert (world.now - before).total_seconds() == 90


def test_what_is_due_happens_in_the_order_of_its_time_and_then_of_its_making(small: Builder) -> None:
    world = small()
    case, now = world.case("ecom"), world.now_ms
    world.schedule(now + 2000, "set-subscription", case="prepay", status="expired")
    world.schedule(now + 1000, "cancel", id=case)
    world.schedule(now + 1000, "uncancel", id=case)
    world.advance(1)
    status = world.db.execute("SELECT status FROM reading WHERE id=?", (case,)).fetchone()[0]
    assert status == "unshipped"
    assert world.db.execute("SELECT count(*) FROM events WHERE kind='set-subscription'").fetchone()[0] == 1


def test_a_day_played_in_small_steps_equals_a_day_played_in_one(small: Builder) -> None:
    one, many = small("late-cancels", boxes=12), small("late-cancels", boxes=12)
    for world in (one, many):
        take_orders(world, [an_order(f"SUB-{world.case('gift')}", "A", "B")])
    one.advance(8 * 3600)
    for _ in range(32):
        many.advance(15 * 60)
    assert _dump(one) == _dump(many)


def test_another_seed_makes_another_world(small: Builder) -> None:
    assert _dump(small(seed=7, boxes=5)) == _dump(small(seed=7, boxes=5))
    assert _dump(small(seed=7, boxes=5)) != _dump(small(seed=8, boxes=5))
    assert small(seed=7).keys != small(seed=8).keys


def test_nothing_happens_by_itself_after_the_day_has_ended_though_time_goes_on(small: Builder) -> None:
    world = small()
    world.advance(12 * 3600)
    assert world.ended
    take_orders(world, [an_order("1")])
    world.advance(10 * 3600)
    assert record(world).parcels == {}


def test_the_next_day_begins_in_the_morning_and_goes_on_with_what_waits(small: Builder) -> None:
    world = small()
    world.advance(12 * 3600)
    take_orders(world, [an_order("1")])
    count = "SELECT billing_type, count(*) FROM reading GROUP BY 1"
    before = dict(world.db.execute(count).fetchall())
    world.next_day()
    assert (world.day, world.ended, world.now.hour) == (2, False, 16)
    world.advance(12 * 3600)
    assert len(record(world).parcels["1"]) >= 1
    after = dict(world.db.execute(count).fetchall())
    assert after["ecom"] > before["ecom"]
    assert after["adhoc"] > before["adhoc"]


def test_a_reset_world_is_as_it_was_in_the_beginning(small: Builder) -> None:
    world = small(seed=3, boxes=4)
    before = _dump(world)
    take_orders(world, [an_order("1")])
    world.turn(delivery="blind")
    world.advance(5 * 3600)
    world.reset()
    assert _dump(world) == before


def test_a_change_that_fails_leaves_nothing_behind(small: Builder) -> None:
    world = small()
    with pytest.raises(RuntimeError), world.change():  # noqa: PT012 - the failure comes in mid-change
        place(world, Box())
        take_orders(world, [an_order("1")])
        raise RuntimeError
    assert record(world).received == {}


def test_running_time_follows_the_wall_clock_and_begins_days_by_itself(tmp_path: Path, small: Builder) -> None:
    small(path=tmp_path / "world.db").close()
    wall = [1000.0]
    world = World(tmp_path / "world.db", wall=lambda: wall[0])
    world.run_with_wall_clock()
    begun = world.now
    wall[0] += 1800
    world.catch_up()
    assert (world.now - begun).total_seconds() == 1800
    world.advance(60)
    assert (world.now - begun).total_seconds() == 1860
    wall[0] += 25 * 3600
    world.catch_up()
    assert world.day == 2
    world.close()


def test_two_processes_share_one_world(tmp_path: Path, small: Builder) -> None:
    ours = small(path=tmp_path / "world.db")
    theirs = World(tmp_path / "world.db")
    theirs.turn(delivery="look-up")
    take_orders(theirs, [an_order("1")])
    take_orders(ours, [an_order("1")])
    theirs.advance(60)
    assert ours.now == theirs.now
    assert verdict(theirs).duplicated_orders == ("1",)
    theirs.close()


def test_what_was_answered_survives_a_killed_process(tmp_path: Path) -> None:
    path = tmp_path / "world.db"
    code = """
        import sys
        from cratejoy_tui.simulator.scenarios import build
        from cratejoy_tui.simulator.world import World
        from cratejoy_tui.simulator.floor import take_orders
        from tests.simulator.conftest import an_order
        world = World(sys.argv[1])
        build(world, "calm-day", boxes=0)
        for number in range(10_000):
            take_orders(world, [an_order(str(number))])
            print(number, flush=True)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(20)]
    os.kill(process.pid, signal.SIGKILL)
    told += process.stdout.readlines()
    process.stdout.close()
    process.wait()
    world = World(path)
    kept = set(record(world).received)
    assert {line.strip() for line in told if line.endswith("\n")} <= kept
    assert len(kept) - len(told) <= 1
    assert world.db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    world.close()


def test_a_world_of_another_version_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "world.db") as other:
        other.execute("PRAGMA user_version=99")
    other.close()
    with pytest.raises(SettingsInvalid, match=r"another version.*--demo-reset"):
        World(tmp_path / "world.db")


def test_a_world_whose_knobs_are_of_an_older_version_keeps_those_that_are_left(small: Builder) -> None:
    world = small()
    world.remember("knobs", '{"mail_on": "tracking_change", "a_knob_of_old": 3}')
    assert world.knobs == Knobs(mail_on="tracking_change")
