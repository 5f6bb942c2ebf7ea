"""Writes that gather while another one is under way."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from cratejoy_tui.sync.flows.together import Together


class Disk:
    """Remembers what was written at once; each write lasts until it is let go on."""

    def __init__(self) -> None:
        self.writes: list[list[int]] = []
        self.goes_on = asyncio.Event()
        self.fault: Exception | None = None

    async def write(self, items: Sequence[int]) -> int:
        self.writes.append(list(items))
        await self.goes_on.wait()
        if self.fault is not None:
            raise self.fault
        return len(self.writes)


async def begun(together: Together[int, int], *items: int) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(together.write([item])) for item in items]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


async def test_what_comes_during_a_write_is_written_with_one_more() -> None:
    disk = Disk()
    together = Together(disk.write)
    first = await begun(together, 1)
    rest = await begun(together, 2, 3, 4)
    assert disk.writes == [[1]]
    disk.goes_on.set()
    assert await asyncio.gather(*first, *rest) == [1, 2, 2, 2]
    assert disk.writes == [[1], [2, 3, 4]]


async def test_a_fault_is_told_to_all_whose_items_it_hit_and_to_nobody_else() -> None:
    disk = Disk()
    together = Together(disk.write)
    tasks = await begun(together, 1, 2)
    disk.fault = OSError("disk full")
    disk.goes_on.set()
    assert [type(found) for found in await asyncio.gather(*tasks, return_exceptions=True)] == [OSError, OSError]
    disk.fault = None
    assert await together.write([3]) == 2


async def test_a_cancelled_caller_neither_stops_nor_repeats_the_write() -> None:
    disk = Disk()
    together = Together(disk.write)
    [cancelled, other] = await begun(together, 1, 2)
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    disk.goes_on.set()
    assert await other == 1
    assert disk.writes == [[1, 2]]
