from __future__ import annotations

import os
import subprocess
import sys

import pytest

from cratejoy_tui.errors import LockHeld
from cratejoy_tui.sync.ledger import Ledger
from cratejoy_tui.sync.ledger.holder import Holder, is_gone, this_process
from tests.sync.factories import NOW
from tests.sync.ledger.conftest import Open
from tests.sync.ledger.steps import SetClock


async def test_a_held_lease_names_its_holder_and_since_when(ledger: Ledger, opened: Open) -> None:
    await ledger.leases.take("run", this_process("auto"), 90)
    other = await opened(operator="bob")
    with pytest.raises(LockHeld) as held:
        await other.leases.take("run", this_process("console"), 90)
    assert "Another run works on shop: auto on " in held.value.message
    assert f"process {os.getpid()}, since 2026-11-23 18:00:00 UTC" in held.value.message
    assert held.value.exit_code == 8
    lease = await other.leases.held_by("run")
    assert lease is not None
    assert lease.holder == this_process("auto")


async def test_a_lease_given_up_is_free_and_its_fence_rises(ledger: Ledger) -> None:
    fences = []
    for _ in range(3):
        lease = await ledger.leases.take("write", "a", 90)
        fences.append(lease.fence)
        await ledger.leases.give_up(lease)
    assert fences == [1, 2, 3]
    assert await ledger.leases.held_by("write") is None


async def test_leases_of_other_names_and_stores_are_apart(ledger: Ledger, opened: Open) -> None:
    await ledger.leases.take("run", "a", 90)
    await ledger.leases.take("write", "a", 90)
    await (await opened(store="other")).leases.take("run", "b", 90)


async def test_a_renewed_lease_lasts_longer(ledger: Ledger, clock: SetClock) -> None:
    lease = await ledger.leases.take("write", "a", 90)
    clock.move(seconds=60)
    renewed = await ledger.leases.renew(lease, 90)
    assert (renewed.taken_at, renewed.fence) == (NOW, lease.fence)
    clock.move(seconds=60)
    with pytest.raises(LockHeld):
        await ledger.leases.take("write", "b", 90)


async def test_a_lease_that_ran_out_goes_to_the_next_and_the_first_learns_of_it(
    ledger: Ledger, clock: SetClock
) -> None:
    first = await ledger.leases.take("write", "a", 90)
    clock.move(seconds=91)
    second = await ledger.leases.take("write", "b", 90)
    with pytest.raises(LockHeld, match="was lost after it ran out; b has it now"):
        await ledger.leases.renew(first, 90)
    await ledger.leases.give_up(first)
    held = await ledger.leases.held_by("write")
    assert held == second
    [taken_over] = await ledger.audit.records(subject="write")
    assert taken_over.action == "lease taken over"


async def test_a_lease_that_ran_out_unnoticed_may_still_be_renewed(ledger: Ledger, clock: SetClock) -> None:
    lease = await ledger.leases.take("write", "a", 90)
    clock.move(seconds=100)
    assert (await ledger.leases.renew(lease, 90)).fence == lease.fence


async def test_a_clock_set_back_never_lets_two_hold_it(ledger: Ledger, clock: SetClock) -> None:
    clock.move(hours=2)
    first = await ledger.leases.take("write", "a", 90)
    clock.move(seconds=91)
    second = await ledger.leases.take("write", "b", 90)
    clock.move(hours=-2)
    with pytest.raises(LockHeld):
        await ledger.leases.renew(first, 90)
    with pytest.raises(LockHeld, match="b"):
        await ledger.leases.take("write", "c", 90)
    assert (await ledger.leases.renew(second, 90)).fence == second.fence


async def test_a_dead_process_loses_its_lease_at_once(ledger: Ledger) -> None:
    first = await ledger.leases.take("write", dead_holder(), 3600)
    second = await ledger.leases.take("write", this_process("console"), 90)
    assert second.fence == first.fence + 1


def dead_holder() -> str:
    """The holder text of a process that has ended."""
    code = "from cratejoy_tui.sync.ledger.holder import this_process; print(this_process('auto'))"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_a_living_process_is_not_gone() -> None:
    assert not is_gone(this_process("auto"))


def test_a_process_number_used_again_is_another_process() -> None:
    told = Holder.read(this_process("auto"))
    place, _, began = told.token.rpartition("-")
    assert is_gone(f"{told.host}:{told.pid}:{place}-{int(began) - 1}:auto")


def test_a_process_we_cannot_see_is_taken_for_alive() -> None:
    told = Holder.read(this_process("auto"))
    assert not is_gone(f"{told.host}:{told.pid}:0123456789ab-42-7:auto")
    assert not is_gone("elsewhere:1::auto")
    assert not is_gone("somebody")


def test_without_a_token_only_a_missing_process_on_this_host_is_gone() -> None:
    host = Holder.read(this_process("")).host
    assert not is_gone(f"{host}:{os.getpid()}::auto")
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    assert is_gone(f"{host}:{ended.pid}::auto")
    assert not is_gone(f"elsewhere:{ended.pid}::auto")
