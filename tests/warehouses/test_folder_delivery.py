"""A file is handed over exactly once, wherever the process dies and whichever ledger tries."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cratejoy_tui.sync.domain.order import CancelAnswer, Lost, NotSent, Receipt
from cratejoy_tui.warehouses.contract_rig import HandOver, an_order
from tests.warehouses.folder_rig import FolderRig

TOUCHING = ("fsync", "replace", "rename")
"""Every call by which a delivery changes what is on the disk."""
ORDERS = [an_order("SUB-1"), an_order("SUB-2")]


class Crash(BaseException):
    """The process died here."""


def die_at(monkeypatch: pytest.MonkeyPatch, step: int, *, after: bool) -> list[str]:
    """Let the process die right before or after the n-th touch of the disk; the touches made are in the list."""
    touched: list[str] = []

    def wrapped(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            touched.append(name)
            if len(touched) == step and not after:
                raise Crash
            result = real(*args, **options)
            if len(touched) == step:
                raise Crash
            return result

        return call

    for name in TOUCHING:
        monkeypatch.setattr(os, name, wrapped(name, getattr(os, name)))
    return touched


def found_again(delivery: HandOver) -> HandOver:
    """The delivery as the next process finds it in the ledger."""
    return replace(delivery)


async def test_one_delivery_touches_the_disk_as_often_as_the_crash_tests_think(rig: FolderRig) -> None:
    warehouse = await rig.connect()
    with pytest.MonkeyPatch.context() as patch:
        touched = die_at(patch, 0, after=False)
        await warehouse.push(ORDERS, rig.delivery())
    assert len(touched) == STEPS
    assert touched.count("rename") == 1


STEPS = 11


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", range(1, STEPS + 1))
async def test_a_crash_at_any_step_leaves_one_file(rig: FolderRig, step: int, after: bool) -> None:
    warehouse, delivery = await rig.connect(), rig.delivery()
    with pytest.MonkeyPatch.context() as patch:
        die_at(patch, step, after=after)
        with pytest.raises(Crash):
            await warehouse.push(ORDERS, delivery)
    assert len(rig.files()) <= 1
    next_one = found_again(delivery)
    for _ in (1, 2):
        outcomes = await (await rig.connect()).resume(ORDERS, next_one)
        assert [type(outcome) for outcome in outcomes] == [Receipt, Receipt]
        assert [await rig.live("SUB-1"), await rig.live("SUB-2")] == [1, 1]
    assert list((rig.root / ".cratejoy-tui" / "staging").iterdir()) == []


@pytest.mark.parametrize("step", range(1, STEPS + 1))
async def test_a_crash_during_the_recovery_leaves_one_file_too(rig: FolderRig, step: int) -> None:
    warehouse, delivery = await rig.connect(), rig.delivery()
    with pytest.MonkeyPatch.context() as patch:
        die_at(patch, 4, after=True)
        with pytest.raises(Crash):
            await warehouse.push(ORDERS, delivery)
    with pytest.MonkeyPatch.context() as patch:
        die_at(patch, step, after=False)
        with contextlib.suppress(Crash):
            await (await rig.connect()).resume(ORDERS, delivery)
    await (await rig.connect()).resume(ORDERS, found_again(delivery))
    assert [await rig.live("SUB-1"), await rig.live("SUB-2")] == [1, 1]


@pytest.mark.parametrize("is_recorded", [False, True])
async def test_a_crash_while_the_ledger_records_leaves_one_file(rig: FolderRig, is_recorded: bool) -> None:
    class DyingLedger(HandOver):
        async def staged(self) -> None:
            self.is_staged = is_recorded
            raise Crash

    delivery = DyingLedger(sequence=1)
    with pytest.raises(Crash):
        await (await rig.connect()).push(ORDERS, delivery)
    assert rig.files() == []
    next_one = HandOver(sequence=1, is_staged=delivery.is_staged)
    await (await rig.connect()).resume(ORDERS, next_one)
    assert await rig.live("SUB-1") == 1


async def test_the_ledger_records_before_the_warehouse_can_see_the_file(rig: FolderRig) -> None:
    seen: list[list[Path]] = []

    class WatchingLedger(HandOver):
        async def staged(self) -> None:
            seen.append(rig.files())
            assert len(list((rig.root / ".cratejoy-tui" / "staging").iterdir())) == 1
            await super().staged()

    await (await rig.connect()).push(ORDERS, WatchingLedger(sequence=1))
    assert seen == [[]]
    assert len(rig.files()) == 1


async def test_others_may_deliver_before_a_broken_one_is_resumed(rig: FolderRig) -> None:
    warehouse, broken = await rig.connect(), rig.delivery()
    with pytest.MonkeyPatch.context() as patch:
        die_at(patch, 1, after=False)
        with pytest.raises(Crash):
            await warehouse.push(ORDERS, broken)
    await warehouse.push([an_order("SUB-3")], rig.delivery())
    await warehouse.resume(ORDERS, found_again(broken))
    assert [await rig.live(number) for number in ("SUB-1", "SUB-2", "SUB-3")] == [1, 1, 1]


async def test_a_file_the_warehouse_took_away_is_not_written_again(rig: FolderRig) -> None:
    warehouse, delivery = await rig.connect(), rig.delivery()
    await warehouse.push(ORDERS, delivery)
    [path] = rig.files()
    path.unlink()
    outcomes = await warehouse.resume(ORDERS, found_again(delivery))
    assert [type(outcome) for outcome in outcomes] == [Receipt, Receipt]
    assert rig.files() == []


async def test_a_staged_file_that_someone_removed_is_for_a_person(rig: FolderRig) -> None:
    await rig.connect()
    outcomes = await (await rig.connect()).resume(ORDERS, HandOver(sequence=1, is_staged=True))
    assert [type(outcome) for outcome in outcomes] == [Lost, Lost]
    assert rig.files() == []


async def test_two_processes_that_resume_at_once_deliver_one_file(rig: FolderRig) -> None:
    warehouse, delivery = await rig.connect(), rig.delivery()
    with pytest.MonkeyPatch.context() as patch:
        die_at(patch, 4, after=True)
        with pytest.raises(Crash):
            await warehouse.push(ORDERS, delivery)
    delivery.is_staged = True
    others = [await rig.connect() for _ in range(4)]
    given = await asyncio.gather(*(other.resume(ORDERS, found_again(delivery)) for other in others))
    assert all(isinstance(outcome, Receipt) for outcomes in given for outcome in outcomes)
    assert await rig.live("SUB-1") == 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", range(1, STEPS + 1))
async def test_a_cancel_that_died_on_its_way_is_asked_once(rig: FolderRig, step: int, after: bool) -> None:
    warehouse = await rig.connect()
    with pytest.MonkeyPatch.context() as patch:
        die_at(patch, step, after=after)
        with pytest.raises(Crash):
            await warehouse.cancel("SUB-1", "changed mind", rig.delivery("cancels"))
    for _ in (1, 2):
        outcome = await (await rig.connect()).cancel("SUB-1", "changed mind", rig.delivery("cancels"))
        assert outcome.answer is CancelAnswer.UNKNOWN
        assert await rig.asked_to_cancel("SUB-1") == 1


async def test_a_full_disk_sends_nothing_and_leaves_nothing_behind(rig: FolderRig) -> None:
    warehouse = await rig.connect()
    await rig.block_next_write()
    outcomes = await warehouse.push(ORDERS, rig.delivery())
    assert all(isinstance(outcome, NotSent) and "No space left" in outcome.reason for outcome in outcomes)
    assert list((rig.root / ".cratejoy-tui" / "staging").iterdir()) == []


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from tests.warehouses.test_folder_delivery import ORDERS
from tests.warehouses.folder_rig import place
from cratejoy_tui.warehouses.contract_rig import HandOver
from cratejoy_tui.warehouses.folder import FolderWarehouse

root, ledger, step = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
touched = 0

def wrapped(real):
    def call(*args, **options):
        global touched
        touched += 1
        if touched == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **options)
    return call

class FileLedger(HandOver):
    async def staged(self):
        ledger.write_text("staged")

for name in ("fsync", "replace", "rename", "open", "link", "unlink"):
    setattr(os, name, wrapped(getattr(os, name)))
warehouse = FolderWarehouse.from_settings({"root": str(root)}, place())
asyncio.run(warehouse.resume(ORDERS, FileLedger(sequence=1, is_staged=ledger.exists())))
"""


@pytest.mark.slow
@pytest.mark.parametrize("step", range(1, 22))
async def test_a_killed_process_and_a_rerun_leave_one_file(rig: FolderRig, step: int, tmp_path: Path) -> None:
    await rig.connect()
    ledger = tmp_path / "ledger"
    run = [sys.executable, "-c", KILLED, str(rig.root), str(ledger)]
    ended = []
    for kill_at in (step, step + 3, 0):
        process = await asyncio.create_subprocess_exec(*run, str(kill_at))
        ended.append(await process.wait())
    assert ended[0] == -signal.SIGKILL
    assert ended[-1] == 0
    assert [await rig.live("SUB-1"), await rig.live("SUB-2")] == [1, 1]
