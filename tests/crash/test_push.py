"""A push killed at every point it has, at a warehouse of every kind."""

from __future__ import annotations

import pytest

from cratejoy_tui.sync.domain.record import TaskKind
from cratejoy_tui.sync.domain.stage import Kind, Stage, State
from tests.crash.conftest import MakeDay
from tests.crash.day import HOUR, KILLED, QUIET_SECONDS, Day, ended, operations, proven
from tests.crash.points import names

CLASSES = ("unique", "look-up", "blind")
SENT = "push/A3"


async def begun(make_day: MakeDay, delivery: str, **about: object) -> Day:
    day = make_day(delivery=delivery, **about)
    if delivery == "blind":
        await day.adopt_none()
    return day


async def recovered(day: Day) -> None:
    """Run again after the quiet time, until nothing is left to do; then everything is at the warehouse, once."""
    day.pass_time(QUIET_SECONDS + 10)
    day.auto_until_all_is_done()
    if await day.settle_by_hand():
        day.auto_until_all_is_done()
    await proven(day)
    assert set((await day.stages()).values()) == {Stage.AT_WAREHOUSE}


@pytest.mark.parametrize(
    ("delivery", "point"),
    [
        pytest.param(delivery, point, marks=() if (delivery, point) == ("look-up", SENT) else pytest.mark.slow)
        for delivery in CLASSES
        for point in names("push")
    ],
)
async def test_a_killed_push_is_neither_doubled_nor_lost(make_day: MakeDay, delivery: str, point: str) -> None:
    day = await begun(make_day, delivery)
    assert day.auto(die_at=point).code == KILLED
    await recovered(day)


@pytest.mark.slow
@pytest.mark.parametrize("delivery", CLASSES)
@pytest.mark.parametrize("point", ["push/A1", "push/A4", "push/A5-outcome"])
async def test_a_kill_in_the_second_group_leaves_the_first_alone(make_day: MakeDay, delivery: str, point: str) -> None:
    day = await begun(make_day, delivery, boxes=60)
    assert day.auto(die_at=point, nth=2).code == KILLED
    await recovered(day)


@pytest.mark.parametrize(
    ("delivery", "point", "nth"),
    [
        pytest.param("look-up", SENT, 56),
        pytest.param("look-up", SENT, 44, marks=pytest.mark.slow),
        pytest.param("look-up", "push/A1", 6, marks=pytest.mark.slow),
        pytest.param("unique", "push/A4", 56, marks=pytest.mark.slow),
        pytest.param("unique", "push/A5-after", 8, marks=pytest.mark.slow),
        pytest.param("blind", SENT, 56, marks=pytest.mark.slow),
    ],
)
async def test_a_kill_with_orders_written_down_ahead_and_the_next_group_got_ready_loses_none(
    make_day: MakeDay, delivery: str, point: str, nth: int
) -> None:
    day = await begun(make_day, delivery, boxes=120)
    assert day.auto(die_at=point, nth=nth, one_by_one=1).code == KILLED
    async with day.desk() as desk:
        states = [one.state for one in await operations(desk)]
    ahead = 1 if delivery == "blind" else 2  # where nobody can be asked, nothing is written down ahead
    assert states.count(State.SENDING) >= ahead
    assert len(states) < 120
    await recovered(day)


@pytest.mark.slow
@pytest.mark.parametrize("delivery", CLASSES)
async def test_an_order_that_arrives_after_its_sender_died_is_found(make_day: MakeDay, delivery: str) -> None:
    day = await begun(make_day, delivery)
    day.turn(
        {
            "kind": "late_commit",
            "app": "warehouse",
            "method": "POST",
            "path": "/api/orders",
            "times": 1,
            "seconds": QUIET_SECONDS - 20,
            "skip": 0 if delivery == "blind" else 1,
        }
    )
    assert day.auto(die_at="push/A5-outcome").code == KILLED
    await recovered(day)


@pytest.mark.slow
async def test_no_order_is_looked_for_before_the_quiet_time_is_over(make_day: MakeDay) -> None:
    day = await begun(make_day, "look-up")
    day.turn(
        {
            "kind": "late_commit",
            "app": "warehouse",
            "method": "POST",
            "path": "/api/orders",
            "times": 1,
            "seconds": QUIET_SECONDS - 20,
            "skip": 1,
        }
    )
    assert day.auto(die_at="push/A5-outcome").code == KILLED
    day.pass_time(QUIET_SECONDS / 2)
    assert day.auto().summary["writes"] == 0
    assert set((await day.stages()).values()) == {Stage.UNKNOWN}
    await recovered(day)


@pytest.mark.slow
@pytest.mark.parametrize("delivery", CLASSES)
async def test_a_kill_while_the_warehouse_works_slowly_is_harmless(make_day: MakeDay, delivery: str) -> None:
    day = await begun(make_day, delivery)
    day.turn(
        {
            "kind": "slow",
            "app": "warehouse",
            "path": "/api/orders",
            "seconds": 30,
            "skip": 0 if delivery == "blind" else 1,
        }
    )
    process = day.start("--auto", "--json")
    day.wait_until(lambda: day.record["received"])
    process.kill()
    assert ended(process).code == KILLED
    day.turn()
    await recovered(day)


@pytest.mark.slow
@pytest.mark.parametrize("point", ["push/A1", "push/A4"])
@pytest.mark.parametrize("second", names("look-up"))
async def test_a_kill_during_the_look_up_changes_nothing(make_day: MakeDay, point: str, second: str) -> None:
    day = await begun(make_day, "look-up")
    assert day.auto(die_at=point).code == KILLED
    day.pass_time(QUIET_SECONDS + 10)
    assert day.auto(die_at=second).code == KILLED
    await recovered(day)


@pytest.mark.slow
async def test_a_store_killed_again_and_again_still_ends_well(make_day: MakeDay) -> None:
    day = await begun(make_day, "look-up")
    for point in ("A1", "A3", "A4", "A5-outcome", "A2", "A5-after", "A0"):
        day.simulator.act("place", billing="adhoc", pieces=[{"sku": "SQ0093801"}])
        assert day.auto(die_at=f"push/{point}").code == KILLED
        day.pass_time(QUIET_SECONDS + HOUR)
    await recovered(day)


@pytest.mark.slow
@pytest.mark.parametrize("delay_ms", [0, 0.3, 1, 3])
@pytest.mark.parametrize("call", ["A5-intent", "A5-outcome"])
async def test_a_kill_within_a_commit_leaves_all_of_it_or_nothing(
    make_day: MakeDay, call: str, delay_ms: float
) -> None:
    day = await begun(make_day, "unique", boxes=30)
    code = day.auto(die_at=f"push/{call}", in_commit=delay_ms / 1000).code
    assert code == KILLED
    async with day.desk() as desk:
        states = {one.state for one in await operations(desk)}
    assert len(states) <= 1, states
    await recovered(day)


async def _doubtful_then(make_day: MakeDay, *planted: dict[str, object]) -> tuple[Day, str]:
    """A push whose end nobody knows, and orders under the same number that came from somewhere else."""
    day = await begun(make_day, "look-up", boxes=1)
    assert day.auto(die_at="push/A1").code == KILLED
    async with day.desk() as desk:
        [operation] = await operations(desk)
        order = (await desk.ledger.operations.orders([operation.id]))[operation.id]
    lines = [{"sku": line.sku, "quantity": line.quantity, "title": line.sku} for line in order.lines]
    same = {"order_number": order.number, "lines": lines, "ship_to": {"to": order.ship_to.to}}
    day.simulator.act("plant", orders=[same | other for other in planted])
    day.pass_time(QUIET_SECONDS + 10)
    return day, operation.shipment_id


@pytest.mark.slow
async def test_an_order_found_twice_waits_for_a_person(make_day: MakeDay) -> None:
    day, _ = await _doubtful_then(make_day, {}, {})
    await _is_in_review(day, "2 times")


@pytest.mark.slow
async def test_an_order_found_with_other_content_waits_for_a_person(make_day: MakeDay) -> None:
    day, _ = await _doubtful_then(make_day, {"lines": [{"sku": "OTHER", "quantity": 9, "title": "OTHER"}]})
    await _is_in_review(day, "other content")


async def _is_in_review(day: Day, why: str) -> None:
    """No further order is sent, and a task says why."""
    before = day.record["received"]
    assert day.auto().code in (0, 1)
    day.pass_time(HOUR)
    assert day.auto().summary["writes"] == 0
    assert day.record["received"] == before
    async with day.desk() as desk:
        [operation] = await operations(desk)
        [task] = await desk.ledger.people.tasks()
    assert (operation.kind, operation.state, task.kind) == (Kind.PUSH, State.REVIEW, TaskKind.REVIEW)
    assert why in task.text
