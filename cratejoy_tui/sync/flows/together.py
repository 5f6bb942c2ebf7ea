"""Small writes of several callers made as one: the disk is waited for once, not once for each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Together(Generic[T, R]):
    """While one write is under way, what comes in gathers for the next; nobody waits for more company."""

    def __init__(self, write: Callable[[Sequence[T]], Awaitable[R]]) -> None:
        self._write = write
        self._turn = asyncio.Lock()
        self._waiting: list[T] = []
        self._next: asyncio.Task[R] | None = None

    async def write(self, items: Sequence[T]) -> R:
        """Returns, or raises, what the write did that these items were part of.

        A caller that is cancelled stops waiting; its items are written all the same, once.
        """
        self._waiting += items
        if self._next is None:
            self._next = asyncio.create_task(self._write_all())
        return await asyncio.shield(self._next)

    async def _write_all(self) -> R:
        async with self._turn:
            items, self._waiting, self._next = self._waiting, [], None
            return await self._write(items)
