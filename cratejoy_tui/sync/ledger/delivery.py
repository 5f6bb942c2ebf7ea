"""The ledger's side of one hand-over, for warehouses that take files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable


class LedgerDelivery:
    """One named delivery; `staged` is on disk before it returns."""

    def __init__(
        self, name: str, sequence: int, ledger_id: str, is_staged: bool, mark: Callable[[str], Awaitable[None]]
    ) -> None:
        self.name = name
        self.sequence = sequence
        self.ledger_id = ledger_id
        self.is_staged = is_staged
        self._mark = mark

    async def staged(self) -> None:
        """Record that the file is complete in the staging place."""
        await self._mark(self.name)
        self.is_staged = True
