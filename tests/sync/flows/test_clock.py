"""A computer whose clock is set while a write is on its way: what must last a while lasts that long in truth."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from cratejoy_tui.clock import SystemClock
from cratejoy_tui.sync.domain.order import Lost, Order, PushOutcome
from cratejoy_tui.sync.domain.stage import Kind, Stage, State
from cratejoy_tui.sync.flows.leases import WRITE, hold
from cratejoy_tui.sync.flows.settle import settle
from cratejoy_tui.sync.ports import Delivery, DeliveryClass, Steady
from tests.sync.factories import shipment
from tests.sync.flows.conftest import MakeRig
from tests.sync.flows.rig import Rig, SetClock

HOUR = timedelta(hours=1)
PUSHES = frozenset({Kind.PUSH})
QUIET_SECONDS = 300.0


class Death(BaseException):
    """The process is gone from here on."""


class ComputerClock(SetClock):
    """A clock that can be set, in a computer that knows how long it has run."""

    boot = "first start"
    seconds = 0.0

    def uptime(self) -> tuple[str, float]:
        return self.boot, self.seconds

    def pass_by(self, **how_long: float) -> None:
        super().pass_by(**how_long)
        self.seconds += timedelta(**how_long).total_seconds()

    def set(self, by: timedelta) -> None:
        self._now += by


async def a_rig(make_rig: MakeRig) -> tuple[Rig, ComputerClock]:
    rig = await make_rig(shipment(), delivery=DeliveryClass.LOOK_UP, quiet_seconds=QUIET_SECONDS)
    clock = ComputerClock()
    rig.clock = rig.source.clock = rig.ledger._threads._clock = clock
    return rig, clock


async def lose_the_answer(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """One push, of which nobody knows; the warehouse has not got it yet."""

    async def lose(orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        return [Lost(number=order.number, reason="no answer") for order in orders]

    with monkeypatch.context() as patched:
        patched.setattr(rig.warehouse, "push", lose)
        await rig.push()


@pytest.mark.parametrize("by", [HOUR, -HOUR])
async def test_a_clock_that_is_set_neither_ends_nor_prolongs_a_quiet_time(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch, by: timedelta
) -> None:
    rig, clock = await a_rig(make_rig)
    await lose_the_answer(rig, monkeypatch)
    clock.set(by)
    clock.pass_by(seconds=QUIET_SECONDS - 1)
    assert await settle(rig.desk, PUSHES) == 0
    clock.pass_by(seconds=2)
    assert await settle(rig.desk, PUSHES) == 1
    assert (await rig.ledger.audit.verify()).ok


async def test_the_quiet_time_begins_anew_for_nobody_after_a_new_start_of_the_computer(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig, clock = await a_rig(make_rig)
    await lose_the_answer(rig, monkeypatch)
    clock.boot, clock.seconds = "second start", 5.0
    clock.pass_by(seconds=QUIET_SECONDS)
    assert await settle(rig.desk, PUSHES) == 1


async def test_who_takes_a_lease_that_ran_out_by_the_clock_alone_waits_for_what_is_on_its_way(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig, clock = await a_rig(make_rig)

    async def die(orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        raise Death("its request is still on the wire")

    with monkeypatch.context() as patched:
        patched.setattr(rig.warehouse, "push", die)
        with pytest.raises(Death):
            await rig.push()
    clock.set(HOUR)
    assert await settle(rig.desk, PUSHES) == 0
    assert await rig.ledger.shipments.counts() == {Stage.UNKNOWN: 1}
    clock.pass_by(seconds=QUIET_SECONDS + 1)
    rig.warehouse.put("SUB-4124")  # the late commit
    assert await settle(rig.desk, PUSHES) == 1
    assert [op.state for op in await rig.ledger.operations.of("4124")] != [State.READY]


async def test_a_clock_kept_right_little_by_little_moves_nothing(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig, clock = await a_rig(make_rig)
    await lose_the_answer(rig, monkeypatch)
    [before] = await rig.ledger.operations.of("4124")
    clock.set(timedelta(seconds=3))
    async with hold(rig.desk, WRITE):
        [after] = await rig.ledger.operations.of("4124")
    assert after.quiet_until == before.quiet_until


def test_the_computers_clock_knows_how_long_it_has_run() -> None:
    clock = SystemClock()
    assert isinstance(clock, Steady)
    assert not isinstance(SetClock(), Steady)
    (boot, first), (again, second) = clock.uptime(), clock.uptime()
    assert boot == again
    assert first <= second
