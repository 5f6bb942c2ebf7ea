"""Cancellation, disasters, and several programs at once."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from cratejoy_tui.errors import LedgerBusy, LedgerError, LockHeld
from cratejoy_tui.sync.domain.record import Ending, PushIntent
from cratejoy_tui.sync.domain.stage import Stage, State
from cratejoy_tui.sync.ledger import Ledger, open_ledger
from cratejoy_tui.sync.ledger.sqlite import CHECKPOINT_BYTES
from cratejoy_tui.sync.ledger.transactions import Transaction
from tests.sync.factories import order
from tests.sync.ledger.conftest import Open
from tests.sync.ledger.steps import SetClock, plan, sightings, stage

only_sqlite = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


async def test_a_cancelled_caller_does_not_cut_its_transaction(ledger: Ledger) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(transaction: Transaction) -> None:
        transaction.record("slow")
        begun.set()
        go_on.wait(10)

    caller = asyncio.create_task(ledger._threads.write(slow))
    await asyncio.to_thread(begun.wait, 10)
    for _ in range(3):
        caller.cancel()
        await asyncio.sleep(0)
    assert not caller.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert [record.action for record in await ledger.audit.records()] == ["slow"]


async def test_a_write_still_queued_is_done_though_its_caller_is_cancelled(ledger: Ledger) -> None:
    go_on = threading.Event()
    first = asyncio.create_task(ledger._threads.write(lambda _: go_on.wait(10)))
    second = asyncio.create_task(ledger.shipments.record(sightings("1")))
    await asyncio.sleep(0)
    second.cancel()
    go_on.set()
    await first
    with pytest.raises(asyncio.CancelledError):
        await second
    assert await stage(ledger) is Stage.SEEN


async def test_reads_do_not_wait_for_writes(ledger: Ledger) -> None:
    go_on = threading.Event()
    writing = asyncio.create_task(ledger._threads.write(lambda _: go_on.wait(10)))
    await asyncio.sleep(0)
    assert await ledger.shipments.counts() == {}
    go_on.set()
    await writing


@only_sqlite
async def test_a_full_disk_leaves_nothing_half_written(ledger: Ledger) -> None:
    await plan(ledger, "1")
    await ledger._threads.write(lambda transaction: limit_pages(transaction, more=2))
    before = await ledger.audit.verify()
    with pytest.raises(LedgerError, match=r"the disk is full\. Free some space"):
        await ledger.shipments.record(sightings(*(str(nr) for nr in range(100, 300))))
    assert await ledger.shipments.counts() == {Stage.PLANNED: 1}
    assert await ledger.audit.verify() == before
    await ledger._threads.write(lambda transaction: limit_pages(transaction, more=100_000))
    await ledger.shipments.record(sightings("100"))


def limit_pages(transaction: Transaction, more: int) -> None:
    pages = transaction.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    transaction.connection.exec_driver_sql(f"PRAGMA max_page_count={pages + more}")


@only_sqlite
async def test_a_full_disk_at_the_commit_itself_loses_the_whole_group(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    intents = await plan(ledger, "1", "2")
    lease = await ledger.leases.take("write", "a", 60)
    dialect = ledger._threads.database.writer.dialect

    def full(_: object) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorname = "SQLITE_FULL"
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(dialect, "do_commit", full)
        with pytest.raises(LedgerError, match="the disk is full"):
            await ledger.operations.intend_push(intents, lease=lease)
    assert await ledger.shipments.counts() == {Stage.PLANNED: 2}
    assert await ledger.operations.of("1") == []
    written = (await ledger.operations.intend_push(intents, lease=lease)).operations
    assert [operation.delivery_sequence for operation in written] == [1, 1]


@only_sqlite
async def test_a_file_locked_by_another_program_says_so(
    ledger: Ledger, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ledger._threads.write(lambda tx: tx.connection.exec_driver_sql("PRAGMA busy_timeout=1"))
    other = sqlite3.connect(place, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerBusy, match="another program keeps it locked"):
        await ledger.shipments.record(sightings("1"))
    other.close()
    await ledger.shipments.record(sightings("1"))


KEEPS_THE_LOCK = """
import sys, time
from filelock import FileLock
with FileLock(sys.argv[1]):
    print(flush=True)
    time.sleep(600)
"""


@contextmanager
def kept_locked(lock_file: str, *, suspended: bool) -> Iterator[int]:
    """Another process that never lets go of this lock; gives its number."""
    with subprocess.Popen([sys.executable, "-c", KEEPS_THE_LOCK, lock_file], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        if suspended:
            other.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, other.pid, os.WSTOPPED | os.WNOWAIT)
        try:
            yield other.pid
        finally:
            other.kill()


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="this system does not tell who holds a lock")
@pytest.mark.parametrize("suspended", [True, False])
async def test_whoever_keeps_the_ledger_locked_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suspended: bool
) -> None:
    place = tmp_path / "ledger.db"
    monkeypatch.setattr("cratejoy_tui.sync.ledger.sqlite.LOCK_WAIT_SECONDS", 0.1)
    ledger = await open_ledger(place, "main", clock=SetClock(), operator="ann")
    with kept_locked(f"{place}.lock", suspended=suspended) as pid, pytest.raises(LedgerBusy) as caught:
        await ledger.shipments.record(sightings("1"))
    assert f"process {pid} keeps it locked" in caught.value.message
    assert caught.value.exit_code == 8
    assert (f"kill -CONT {pid}" in caught.value.next_step) is suspended
    await ledger.shipments.record(sightings("1"))
    await ledger.close()


async def test_a_record_that_contradicts_another_is_a_ledger_error(ledger: Ledger) -> None:
    run = await ledger.runs.begin("auto")
    with pytest.raises(LedgerError, match="contradicts another one"):
        await ledger._threads.write(
            lambda tx: tx.connection.execute(
                text(
                    "INSERT INTO runs (id, store, kind, operator, started_at) VALUES (:id, 's', 'k', 'o', '2026-01-01')"
                ),
                {"id": run.id},
            )
        )


BOXES = 60


def claim(place: str, name: str) -> None:
    """One program: takes the lease, sends a few planned boxes, gives it up; until nothing is planned."""
    asyncio.run(_claim(place, name))


async def _claim(place: str, name: str) -> None:
    ledger = await open_ledger(place, "shop", clock=SetClock(), operator=name)
    while rows := await ledger.shipments.planned(limit=5):
        try:
            lease = await ledger.leases.take("write", name, 60)
        except LockHeld:
            await asyncio.sleep(0.002)
            continue
        intents = [PushIntent(order=order(shipment_id=row.shipment_id), revision=row.revision) for row in rows]
        intended = await ledger.operations.intend_push(intents, lease=lease)
        endings = [Ending(operation_id=op.id, state=State.ACCEPTED) for op in intended.operations]
        await ledger.operations.end(endings, lease=lease)
        await ledger.leases.give_up(lease)
    await ledger.close()


async def check_claims(ledger: Ledger) -> None:
    """Every box was sent exactly once, and the chain is one chain."""
    assert await ledger.shipments.counts() == {Stage.AT_WAREHOUSE: BOXES}
    tries = [await ledger.operations.attempts(str(nr)) for nr in range(BOXES)]
    assert [len(attempts) for attempts in tries] == [1] * BOXES
    intended = Counter(r.subject for r in await ledger.audit.records(limit=10_000) if r.action == "intended")
    assert set(intended.values()) == {1}
    assert (await ledger.audit.verify()).ok


async def test_two_programs_never_claim_the_same_box(ledger: Ledger, place: str) -> None:
    await plan(ledger, *(str(nr) for nr in range(BOXES)))
    context = multiprocessing.get_context("spawn")
    programs = [context.Process(target=claim, args=(place, name)) for name in ("ann", "bob")]
    for program in programs:
        program.start()
    for program in programs:
        await asyncio.to_thread(program.join, 60)
    assert [program.exitcode for program in programs] == [0, 0]
    await check_claims(ledger)


async def test_two_event_loops_in_one_program_never_claim_the_same_box(ledger: Ledger, place: str) -> None:
    await plan(ledger, *(str(nr) for nr in range(BOXES)))
    await asyncio.gather(*(asyncio.to_thread(claim, place, name) for name in ("ann", "bob")))
    await check_claims(ledger)


async def test_writes_of_two_programs_interleave_without_loss(ledger: Ledger, opened: Open) -> None:
    other = await opened(operator="bob")
    mine = [ledger.shipments.record(sightings(f"a{nr}")) for nr in range(20)]
    theirs = [other.shipments.record(sightings(f"b{nr}")) for nr in range(20)]
    await asyncio.gather(*mine, *theirs)
    assert await ledger.shipments.counts() == {Stage.SEEN: 40}


@only_sqlite
async def test_the_write_ahead_file_does_not_grow_for_ever(ledger: Ledger, place: str) -> None:
    for start in range(0, 6000, 500):
        await ledger.shipments.record(
            sightings(*(str(nr) for nr in range(start, start + 500)), gift_message="x" * 2000)
        )
    assert wal_bytes(place) < 8 * 1024 * 1024
    await ledger.shipments.record(sightings("one more"))
    assert wal_bytes(place) < CHECKPOINT_BYTES, "it would be tidied after every commit from now on"


def wal_bytes(place: str) -> int:
    return Path(f"{place}-wal").stat().st_size


@pytest.mark.parametrize("place", [pytest.param("postgres", marks=pytest.mark.pg)], indirect=True)
async def test_a_lost_server_connection_is_told_and_the_next_write_works(ledger: Ledger, opened: Open) -> None:
    other = await opened()

    def cut(transaction: Transaction) -> None:
        pid = transaction.connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        transaction.record("cut")
        end = text("SELECT pg_terminate_backend(:pid)")
        with other._threads.database.reader.connect() as second:
            second.execute(end, {"pid": pid})

    with pytest.raises(LedgerError, match="the connection to the database was lost"):
        await ledger._threads.write(cut)
    assert await ledger.audit.records() == []
    await ledger.shipments.record(sightings("1"))
