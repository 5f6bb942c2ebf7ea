"""The real time and real chance."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class SystemClock:
    """The computer's clock."""

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC)

    def uptime(self) -> tuple[str, float]:
        """Which start of this computer, and the seconds since; no name where the system does not tell."""
        try:
            return BOOT_ID.read_text().strip(), time.clock_gettime(time.CLOCK_BOOTTIME)
        except (OSError, AttributeError):
            return "", 0.0

    async def sleep(self, seconds: float) -> None:
        """Wait; a negative wait is none."""
        await asyncio.sleep(max(seconds, 0.0))
