from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.cli.running import Stop, run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals to itself")

CODES = [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)] if sys.platform != "win32" else []


def quiet(_: str) -> None:
    return


def test_work_that_ends_gives_its_own_code() -> None:
    async def work(stop: Stop) -> ExitCode:
        return ExitCode.ATTENTION

    assert run(work, quiet) == 1


@pytest.mark.parametrize(("number", "code"), CODES)
def test_the_first_signal_lets_the_item_in_hand_be_finished(number: int, code: int) -> None:
    finished: list[str] = []
    said: list[str] = []

    async def work(stop: Stop) -> ExitCode:
        for item in range(1000):
            if stop.is_asked:
                break
            if item == 3:
                os.kill(os.getpid(), number)
            await asyncio.sleep(0)
            finished.append(str(item))
        return ExitCode.WELL

    assert run(work, said.append) == code
    assert 4 <= len(finished) < 1000
    assert len(said) == 1


def test_the_second_signal_stops_at_once() -> None:
    async def work(stop: Stop) -> ExitCode:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(0)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()
        return ExitCode.WELL

    assert run(work, quiet) == 130


def test_work_that_does_not_stop_in_time_is_cancelled() -> None:
    async def work(stop: Stop) -> ExitCode:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()
        return ExitCode.WELL

    assert run(work, quiet, grace_seconds=0.01) == 143


def test_waiting_ends_when_a_stop_is_asked() -> None:
    async def work(stop: Stop) -> ExitCode:
        asyncio.get_running_loop().call_soon(stop.ask, ExitCode.TERMINATED)
        await stop.wait(3600)
        await Stop().wait(0)
        return ExitCode.WELL

    assert run(work, quiet) == 143


def test_a_fault_in_the_work_is_not_swallowed() -> None:
    async def work(stop: Stop) -> ExitCode:
        raise LookupError

    with pytest.raises(LookupError):
        run(work, quiet)


def test_handlers_are_given_back() -> None:
    before = [signal.getsignal(number) for number, _ in CODES]

    async def work(stop: Stop) -> ExitCode:
        return ExitCode.WELL

    run(work, quiet)
    assert [signal.getsignal(number) for number, _ in CODES] == before


SCRIPT = """
import asyncio, sys
from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.cli.running import run
async def work(stop):
    print("ready", flush=True)
    await stop.wait(60)
    return ExitCode.WELL
sys.exit(run(work, lambda text: print(text, file=sys.stderr)))
"""


@pytest.mark.parametrize(("number", "code"), CODES)
def test_a_real_process_ends_with_the_code_of_its_signal(number: int, code: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    assert process.returncode == code
    assert "Stopping" in err
