"""The ledger's side of one hand-over, for warehouses that take files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(slots=True)
class LedgerDelivery:
    """One named delivery; `staged` is on disk before it returns."""

    name: str
    sequence: int
    ledger_id: str
    is_staged: bool
    mark: Callable[[str], Awaitable[None]]

    async def staged(self) -> None:
        """Record that the file is complete in the staging place."""
        await self.mark(self.name)
        self.is_staged = True
