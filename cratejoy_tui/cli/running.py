"""Runs a command's asynchronous work and ends it cleanly when the operator or the system says so.

The first signal asks the work to stop after the item in hand; a second one, or a work that does not come to a stop in
time, is cancelled. A write that is cut off so stays recorded as unknown and is settled by the next run.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from cratejoy_tui.cli.exit_codes import ExitCode

GRACE_SECONDS = 20.0

_NAMES = {"SIGINT": ExitCode.INTERRUPTED, "SIGTERM": ExitCode.TERMINATED, "SIGHUP": ExitCode.HANG_UP}
CODES = {getattr(signal, name): code for name, code in _NAMES.items() if hasattr(signal, name)}
"""Signal -> the exit code it means; Windows knows fewer."""


@dataclass(slots=True)
class Stop:
    """Whether the work should come to an end, and why."""

    code: ExitCode | None = None
    _asked: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_asked(self) -> bool:
        """True once a signal came."""
        return self.code is not None

    def ask(self, code: ExitCode) -> None:
        """Ask the work to stop after the item in hand."""
        self.code = self.code or code
        self._asked.set()

    async def wait(self, seconds: float) -> None:
        """Wait this long, or until the work should stop."""
        try:
            await asyncio.wait_for(self._asked.wait(), max(seconds, 0.0))
        except TimeoutError:
            return


Work = Callable[[Stop], Awaitable[ExitCode]]


def run(work: Work, say: Callable[[str], None], *, grace_seconds: float = GRACE_SECONDS) -> ExitCode:
    """Run the work to its end; a signal's own code is given when one ended it."""
    return asyncio.run(_watched(work, say, grace_seconds))


async def _watched(work: Work, say: Callable[[str], None], grace_seconds: float) -> ExitCode:
    stop = Stop()
    task = asyncio.ensure_future(work(stop))
    loop = asyncio.get_running_loop()

    def on_signal(code: ExitCode) -> None:
        if stop.is_asked:
            task.cancel()
            return
        stop.ask(code)
        loop.call_later(grace_seconds, task.cancel)
        say("Stopping after the box in hand. Press Ctrl-C again to stop at once.")

    with _signals(loop, on_signal):
        try:
            code = await task
        except asyncio.CancelledError:
            if stop.code is None:
                raise
            return stop.code
    return stop.code or code


@contextmanager
def _signals(loop: asyncio.AbstractEventLoop, on_signal: Callable[[ExitCode], None]) -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in CODES}
    for number, code in CODES.items():
        try:
            loop.add_signal_handler(number, on_signal, code)
        except NotImplementedError:  # Windows: its loop knows no signals, but the interpreter does
            signal.signal(number, lambda *_, code=code: loop.call_soon_threadsafe(on_signal, code))
    try:
        yield
    finally:
        for number, handler in before.items():
            _restore(loop, number, handler)


def _restore(loop: asyncio.AbstractEventLoop, number: int, handler: signal._HANDLER) -> None:
    try:
        loop.remove_signal_handler(number)
    except NotImplementedError:
        signal.signal(number, handler)
        return
    if handler is not None:
        signal.signal(number, handler)
