"""The world's time as the clock that the sync asks."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cratejoy_tui.simulator.world import World


class SimulatedClock:
    """Sleeping moves the world on at once. Sleepers at the same time sleep side by side, not one after another.

    What waits in the background for ever must not sleep on this clock: it would hurry the world along.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> datetime:
        """Aware UTC."""
        return self._world.now

    @property
    def ended(self) -> bool:
        """Is the simulated day over?"""
        return self._world.ended

    async def sleep(self, seconds: float) -> None:
        """Let so much of the world's time pass."""
        wanted = self._world.now_ms + round(max(0.0, seconds) * 1000)
        await asyncio.sleep(0)
        self._world.advance_to(wanted)
