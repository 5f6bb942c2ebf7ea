"""A ledger that is lost, old or full, and a clock that is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cratejoy_tui.sync.domain.stage import Stage
from tests.crash.conftest import MakeDay
from tests.crash.day import HOUR, KILLED, QUIET_SECONDS, Day, everything, operations, proven

LEDGER_PROBLEM = 7
SET_UP_PROBLEM = 2
DUE = frozenset({Stage.AT_WAREHOUSE, Stage.SHIPPED, Stage.PARTLY_SHIPPED, Stage.CONFIRMED})


def copy_of(ledger: Path) -> Path:
    """A backup as a person makes one: of a program that is not running."""
    kept = ledger.parent.with_name("backup")
    shutil.copytree(ledger.parent, kept)
    return kept


def restore(kept: Path, ledger: Path) -> None:
    shutil.rmtree(ledger.parent)
    shutil.copytree(kept, ledger.parent)


def place_more(day: Day, count: int = 3) -> None:
    for _ in range(count):
        day.simulator.act("place", billing="adhoc", pieces=[{"sku": "SQ0093801"}])


@pytest.mark.slow
@pytest.mark.parametrize("delivery", ["unique", "look-up"])
async def test_a_restored_older_ledger_finds_what_it_had_sent(make_day: MakeDay, delivery: str) -> None:
    day = make_day(delivery=delivery)
    assert day.auto("--dry-run").code == 0
    backup = copy_of(day.ledger)
    assert day.auto().code == 0
    place_more(day)
    day.pass_time(60)
    assert day.auto().code == 0
    before = day.record["received"]
    restore(backup, day.ledger)
    day.pass_time(HOUR)
    assert day.auto().code == 0
    assert day.record["received"] == before
    await proven(day)
    assert set((await day.stages()).values()) == {Stage.AT_WAREHOUSE}
    assert day.auto().summary["writes"] == 0


@pytest.mark.slow
async def test_a_restored_older_ledger_sends_nothing_blindly(make_day: MakeDay) -> None:
    """It was adopted, so it believes that nothing of its boxes is there; the person must say it anew."""
    day = make_day(kind="folder")
    await day.adopt_none()
    backup = copy_of(day.ledger)
    assert day.auto().code == 0
    day.shared.take_files()
    restore(backup, day.ledger)
    for _ in range(3):
        day.pass_time(HOUR)
        assert day.auto().code == SET_UP_PROBLEM
        day.shared.take_files()
    assert not day.verdict["duplicated_orders"]
    assert len(day.shared.taken) == 1


@pytest.mark.slow
@pytest.mark.parametrize("delivery", ["unique", "look-up"])
async def test_a_ledger_lost_in_mid_day_is_made_anew_from_what_is_there(make_day: MakeDay, delivery: str) -> None:
    day = make_day(delivery=delivery, boxes=60)
    assert day.auto(die_at="push/A4", nth=2).code == KILLED
    shutil.rmtree(day.ledger.parent)
    day.pass_time(QUIET_SECONDS + 10)
    assert day.auto().code == 0
    await proven(day)
    assert set((await day.stages()).values()) == {Stage.AT_WAREHOUSE}
    day.ship_all()
    day.pass_time(60)
    assert day.auto().code == 0
    await proven(day)
    assert set((await day.stages()).values()) == {Stage.CONFIRMED}


@pytest.mark.slow
@pytest.mark.parametrize("about", [{"kind": "folder"}, {"delivery": "blind"}])
async def test_a_ledger_lost_where_nobody_can_ask_sends_nothing(make_day: MakeDay, about: dict[str, str]) -> None:
    day = make_day(**about)
    await day.adopt_none()
    assert day.auto().code == 0
    if day.kind == "folder":
        day.shared.take_files()
    before = day.record["received"]
    shutil.rmtree(day.ledger.parent)
    for _ in range(2):
        day.pass_time(HOUR)
        run = day.auto()
        assert (run.code, run.summary["writes"]) == (SET_UP_PROBLEM, 0)
    assert day.record["received"] == before
    if day.kind == "folder":
        assert not day.shared.names("in")


@pytest.mark.slow
async def test_a_fresh_ledger_adopts_what_another_tool_sent(make_day: MakeDay) -> None:
    day = make_day(delivery="look-up", scenario="moving-over", boxes=20)
    planted = set(day.record["received"])
    assert planted
    for _ in range(3):
        assert day.auto().code in (0, 1)
        day.pass_time(HOUR)
    verdict = day.verdict
    assert not any(verdict[wrong] for wrong in ("duplicated_orders", "wrong_confirmations", "double_emails"))
    assert not verdict["unwanted_orders"]
    async with day.desk() as desk:
        boxes = (await everything(desk)).values()
        stages = {stored.order_number: stored.stage for stored in boxes}
        assert (await desk.ledger.audit.verify()).ok
    assert {stages[number] for number in planted} <= DUE
    assert set(day.record["emails"].values()) <= {1}


@pytest.mark.slow
@pytest.mark.parametrize("full_at", ["push/A5-intent", "push/A5-outcome", "push/A0", "push/A4", "cancel/C0-commit"])
async def test_a_full_disk_stops_the_run_and_loses_nothing(make_day: MakeDay, full_at: str) -> None:
    day = make_day(delivery="look-up", boxes=50)
    assert day.auto(disk_full_at=full_at).code == LEDGER_PROBLEM
    day.pass_time(QUIET_SECONDS + 10)
    assert day.auto().code in (0, 1)
    day.pass_time(HOUR)
    assert day.auto().code == 0
    await proven(day)
    assert set((await day.stages()).values()) == {Stage.AT_WAREHOUSE}


@pytest.mark.slow
@pytest.mark.parametrize("full_at", ["confirm/B4-commit", "confirm/B4"])
async def test_a_full_disk_at_a_confirmation_tells_the_customer_once(make_day: MakeDay, full_at: str) -> None:
    day = make_day(boxes=20)
    assert day.auto().code == 0
    day.ship_all()
    day.pass_time(60)
    assert day.auto(disk_full_at=full_at).code == LEDGER_PROBLEM
    for _ in range(2):
        day.pass_time(HOUR)
        assert day.auto().code in (0, 1)
    await proven(day)
    assert set((await day.stages()).values()) == {Stage.CONFIRMED}
    assert set(day.record["emails"].values()) == {1}


@pytest.mark.slow
@pytest.mark.parametrize("point", ["push/A1", "push/A4"])
@pytest.mark.parametrize("set_back", [HOUR, -HOUR])
async def test_a_wrong_clock_neither_doubles_nor_loses(make_day: MakeDay, point: str, set_back: int) -> None:
    """The first run dies; the next one's clock is an hour behind or ahead; then it is right again."""
    day = make_day(delivery="look-up")
    assert day.auto(die_at=point).code == KILLED
    wrong = day.ahead.total_seconds() - set_back
    assert day.auto(clock_ahead=wrong).code in (0, 1)
    day.pass_time(2 * HOUR)
    assert day.auto().code in (0, 1)
    day.pass_time(HOUR)
    assert day.auto().code == 0
    await proven(day)
    assert set((await day.stages()).values()) == {Stage.AT_WAREHOUSE}
    async with day.desk() as desk:
        assert all(one.attempts <= 2 for one in await operations(desk))


@pytest.mark.slow
async def test_a_clock_set_forward_ends_no_quiet_time(make_day: MakeDay) -> None:
    """The answer is lost and the commit comes late; before it comes, the computer's clock is corrected by an hour."""
    day = make_day(delivery="look-up")
    push = {"app": "warehouse", "method": "POST", "path": "/orders", "skip": 1, "times": 1}  # the first one looks up
    day.turn(push | {"kind": "late_commit", "seconds": 200})
    assert day.auto().code == 1
    right = day.ahead.total_seconds() + HOUR
    assert day.auto(clock_ahead=right).code in (0, 1)
    assert Stage.UNKNOWN in (await day.stages()).values(), "one hour by the clock, a moment in truth"
    day.pass_time(HOUR)
    assert day.auto(clock_ahead=right + HOUR).code in (0, 1)
    await proven(day)
    assert set((await day.stages()).values()) == {Stage.AT_WAREHOUSE}
