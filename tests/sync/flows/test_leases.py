"""The right to write, and who has lost it."""

from __future__ import annotations

import pytest

from cratejoy_tui.errors import LockHeld
from cratejoy_tui.sync.domain.rules import Rules
from cratejoy_tui.sync.flows import leases
from cratejoy_tui.sync.flows.cycle import cycle
from cratejoy_tui.sync.flows.leases import LEASE_SECONDS, WRITE, hold, instant
from tests.sync.factories import shipment
from tests.sync.flows.conftest import MakeRig

AWAKE, ASLEEP = LEASE_SECONDS - 5, LEASE_SECONDS + 5


def pass_by(monkeypatch: pytest.MonkeyPatch, *, steady: float, wall: float) -> None:
    """Let real time pass by both clocks of the computer."""
    before = instant()
    monkeypatch.setattr(leases, "instant", lambda: (before[0] + steady, before[1] + wall))


@pytest.mark.parametrize(("steady", "wall"), [(ASLEEP, ASLEEP), (0.0, ASLEEP), (ASLEEP, -3600.0)])
async def test_who_slept_longer_than_the_lease_lasts_has_lost_it(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch, steady: float, wall: float
) -> None:
    rig = await make_rig()
    async with hold(rig.desk, WRITE) as holding:
        pass_by(monkeypatch, steady=steady, wall=wall)
        with pytest.raises(LockHeld, match="slept"):
            holding.check()


@pytest.mark.parametrize("wall", [AWAKE, -3600.0])
async def test_a_slow_moment_or_a_clock_set_back_loses_nothing(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch, wall: float
) -> None:
    rig = await make_rig()
    async with hold(rig.desk, WRITE) as holding:
        pass_by(monkeypatch, steady=AWAKE, wall=wall)
        holding.check()


async def test_a_cycle_that_lost_its_run_goes_no_further(make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = await make_rig(shipment())
    begin = rig.ledger.runs.begin

    async def sleep_on_it(kind: str, rules: Rules) -> object:
        run = await begin(kind, rules)
        pass_by(monkeypatch, steady=ASLEEP, wall=ASLEEP)
        return run

    monkeypatch.setattr(rig.ledger.runs, "begin", sleep_on_it)
    with pytest.raises(LockHeld, match="run lease"):
        await cycle(rig.desk)
    assert not any((await rig.ledger.shipments.counts()).values()), "nothing was pulled any more"
