"""A process that can die at any call to its ledger or to a remote system, and does nothing more from then on."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from cratejoy_tui.sync.ledger import Ledger


class Died(BaseException):
    """The process is dead. Not an Exception: no handler of the product may take it for an answer."""


class Life:
    """Counts calls; the process dies in the middle of the chosen one, before or after it was carried out."""

    def __init__(self) -> None:
        self.calls_left: int | None = None
        self.dies_after_the_call = False
        self.is_over = False

    def ends_after(self, calls: int, *, carried_out: bool) -> None:
        """Let it die at the nth call from here."""
        self.calls_left, self.dies_after_the_call = calls, carried_out

    def begin_call(self) -> bool:
        """Say whether this call is the last one, which is still carried out."""
        if self.is_over:
            raise Died
        if self.calls_left is None:
            return False
        self.calls_left -= 1
        if self.calls_left > 0:
            return False
        if not self.dies_after_the_call:
            self.end()
        return True

    def end_call(self, *, was_last: bool) -> None:
        """Nothing comes back to the dead."""
        if was_last or self.is_over:
            self.end()

    def end(self) -> None:
        self.is_over = True
        raise Died


class MortalLedger:
    """A ledger as a process that may die sees it: every awaited call is a chance to die."""

    def __init__(self, ledger: Ledger, life: Life) -> None:
        self._ledger = ledger
        self._life = life

    def __getattr__(self, name: str) -> Any:
        part = getattr(self._ledger, name)
        return part if isinstance(part, str) else _MortalPart(part, self._life)


class _MortalPart:
    def __init__(self, part: Any, life: Life) -> None:
        self._part = part
        self._life = life

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._part, name)
        if not inspect.iscoroutinefunction(method):
            return method

        @functools.wraps(method)
        async def call(*args: Any, **kwargs: Any) -> Any:
            was_last = self._life.begin_call()
            result = await method(*args, **kwargs)
            self._life.end_call(was_last=was_last)
            return result

        return call


class MortalTransport(httpx.AsyncBaseTransport):
    """Carries requests for a process that may die before one leaves, or before its answer is read."""

    def __init__(self, carrier: httpx.AsyncBaseTransport, life: Life) -> None:
        self._carrier = carrier
        self._life = life

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        was_last = self._life.begin_call()
        response = await self._carrier.handle_async_request(request)
        try:
            self._life.end_call(was_last=was_last)
        except Died:
            await response.aclose()
            raise
        return response
