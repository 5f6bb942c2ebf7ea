"""Where a table's rows come from: ids in order first, rows later, and only those that are looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rows, in which order."""

    text: str = ""
    """The filter as the operator typed it."""
    sort: str = ""
    """Id of a column; "" is the source's own order."""
    is_reversed: bool = False


class RowSource(Protocol):
    """Rows of one table. Both questions may take a while; neither may block the screen."""

    async def ids(self, wanted: Wanted) -> Sequence[str]:
        """Ids of all rows wanted, in order."""
        ...

    async def rows(self, ids: Sequence[str]) -> Mapping[str, Any]:
        """The rows with these ids; those that are gone are absent."""
        ...

    def forget(self) -> None:
        """What was kept of earlier answers is out of date."""
        ...


class NoRows:
    """The source of a table whose ledger is not open yet."""

    def forget(self) -> None:
        """Nothing is kept."""

    async def ids(self, wanted: Wanted) -> Sequence[str]:
        """None yet."""
        return ()

    async def rows(self, ids: Sequence[str]) -> Mapping[str, Any]:
        """None yet."""
        return {}
