"""Runs the program as it is in a process with one misfortune: `python -m tests.crash.launcher --auto ...`.

What is to happen stands in the environment; the product has no hooks for it.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.crash.points import Point, When, point

AHEAD = "CRASH_CLOCK_AHEAD"
"""Seconds the computer's clock is ahead of the real time."""
PASSED = "CRASH_TIME_PASSED"
"""Seconds that went by for the computer beyond the real ones; the rest of AHEAD is a clock that is wrong."""
LEASE = "CRASH_LEASE_SECONDS"
DIE_AT = "CRASH_DIE_AT"
NTH = "CRASH_NTH"
"""Which call of the point is the last one."""
STOP_AT = "CRASH_STOP_AT"
"""A point at which the process lies down, until it is told to go on."""
FULL_AT = "CRASH_DISK_FULL_AT"
"""A point; from there on the ledger's file cannot grow (AT_COMMIT: no file can)."""
ONE_BY_ONE = "CRASH_ONE_BY_ONE"
"""The simulated warehouse takes one order a call, and several calls at once."""
IN_COMMIT = "CRASH_IN_COMMIT"
"""Not at the commit, but so many seconds after it began."""


def die() -> None:
    """As by `kill -9`: nothing is flushed, nothing is closed."""
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)


def set_clock(ahead_seconds: float, passed_seconds: float) -> None:
    """Set this computer's clock, for the program alone, and let time go by for it."""
    from cratejoy_tui.clock import SystemClock

    ahead, uptime = timedelta(seconds=ahead_seconds), SystemClock.uptime

    def later(clock: SystemClock) -> tuple[str, float]:
        boot, seconds = uptime(clock)
        return boot, seconds + passed_seconds

    SystemClock.uptime = later  # type: ignore[method-assign]
    SystemClock.now = lambda _self: datetime.now(UTC) + ahead  # type: ignore[method-assign]


def plant(at: Point, act: Callable[[], None]) -> None:
    """Let it happen at this point."""
    if at.when in (When.HALF_SENT, When.SENT):
        _on_the_wire(at, act)
    elif at.when in (When.AT_COMMIT, When.IN_COMMIT):
        _at_a_commit(at, act)
    else:
        _around(at, act)


def _counted(at: Point) -> Callable[[object], bool]:
    """Tells whether a call is the one."""
    seen = 0

    def is_it(arguments: object) -> bool:
        nonlocal seen
        if at.only not in str(arguments):
            return False
        seen += 1
        return seen == at.nth

    return is_it


def _wrap(call: str, before: Callable[[object], None], after: Callable[[object], None]) -> None:
    module, _, path = call.partition(":")
    *owners, name = path.split(".")
    owner: Any = functools.reduce(getattr, owners, importlib.import_module(module))
    inner = getattr(owner, name)

    @functools.wraps(inner)
    async def later(*args: Any, **kwargs: Any) -> Any:
        before(args)
        result = await inner(*args, **kwargs)
        after(args)
        return result

    @functools.wraps(inner)
    def now(*args: Any, **kwargs: Any) -> Any:
        before(args)
        result = inner(*args, **kwargs)
        after(args)
        return result

    setattr(owner, name, later if inspect.iscoroutinefunction(inner) else now)


def _nothing(_: object) -> None:
    return


def _around(at: Point, act: Callable[[], None]) -> None:
    is_it = _counted(at)

    def check(arguments: object) -> None:
        if is_it(arguments):
            act()

    if at.when is When.BEFORE:
        _wrap(at.call, check, _nothing)
    else:
        _wrap(at.call, _nothing, check)


def _at_a_commit(at: Point, act: Callable[[], None]) -> None:
    from sqlalchemy import Engine, event

    is_it, armed = _counted(at), threading.Event()

    def arm(arguments: object) -> None:
        if is_it(arguments):
            armed.set()

    def commits(_: object) -> None:
        if not armed.is_set():
            return
        if at.when is When.AT_COMMIT:
            act()
        else:
            threading.Timer(at.delay_seconds, act).start()

    _wrap(at.call, arm, lambda _: armed.clear())
    event.listen(Engine, "commit", commits)


def _on_the_wire(at: Point, act: Callable[[], None]) -> None:
    """Half of the body goes out, or all of it, and then nothing is heard of us any more."""
    import h11

    method, _, path = at.call.partition(" ")
    send, is_it, ours = h11.Connection.send, _counted(at), set[int]()

    def dying_send(self: h11.Connection, event: h11.Event) -> bytes | None:
        data = send(self, event)
        if isinstance(event, h11.Request) and event.method.decode() == method:
            target = event.target.decode()
            if (target.startswith(path) if path.endswith("/") else target == path) and is_it(""):
                ours.add(id(self))
        elif isinstance(event, h11.Data) and id(self) in ours and at.when is When.HALF_SENT:
            return (data or b"")[: len(data or b"") // 2]
        elif isinstance(event, h11.EndOfMessage) and id(self) in ours:
            act()
        return data

    h11.Connection.send = dying_send  # type: ignore[method-assign]


def _fill_disk(at: Point) -> None:
    """From now on nothing grows any more."""
    if at.when is When.AT_COMMIT:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        return
    from sqlalchemy import Connection, Engine, event

    @event.listens_for(Engine, "begin")
    def no_more_pages(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count=1")


def _take_one_by_one() -> None:
    from cratejoy_tui.warehouses.simulated import SimulatedWarehouse

    make = SimulatedWarehouse.__init__

    def made(self: SimulatedWarehouse, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        self.capabilities = replace(self.capabilities, batch_size=1)

    SimulatedWarehouse.__init__ = made  # type: ignore[method-assign]


def _arrange() -> None:
    told = os.environ
    if ONE_BY_ONE in told:
        _take_one_by_one()
    set_clock(float(told.get(AHEAD, "0")), float(told.get(PASSED, "0")))
    if LEASE in told:
        from cratejoy_tui.sync.flows import leases

        leases.LEASE_SECONDS = float(told[LEASE])
    if DIE_AT in told:
        at = replace(point(told[DIE_AT]), nth=int(told.get(NTH, "1")))
        if IN_COMMIT in told:
            at = replace(at, when=When.IN_COMMIT, delay_seconds=float(told[IN_COMMIT]))
        plant(at, die)
    if FULL_AT in told:
        at = point(told[FULL_AT])
        plant(at, functools.partial(_fill_disk, at))
    if STOP_AT in told:
        plant(point(told[STOP_AT]), lambda: os.kill(os.getpid(), signal.SIGSTOP))


if __name__ == "__main__":
    _arrange()
    from cratejoy_tui.__main__ import main

    sys.exit(main())
