"""The back office: a thread with its own loop for opening stores and making runs, so that keys answer at once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


class Office:
    """Does asynchronous work beside the screen. Remote clients belong to its loop; ledger reads may come from any."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_ready = threading.Event()
        self._thread = threading.Thread(target=self._work, name="back-office", daemon=True)

    def open(self) -> None:
        """Begin; costs nothing until work comes."""
        if not self._thread.is_alive():
            self._thread.start()
            self._is_ready.wait()

    async def do(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do this there and wait for its end; cancelling the wait cancels the work."""
        assert self._loop is not None, "the back office is not open"

        async def run() -> T:
            return await work()

        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(run(), self._loop))

    def close(self) -> None:
        """End the loop; what is still under way there is cancelled first."""
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(timeout=5)

    def _work(self) -> None:
        with asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            self._loop.call_soon(self._is_ready.set)
            self._loop.run_forever()
