"""The rows that were looked at lately, and those on their way, so that a key knows what it has to wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from cratejoy_tui.tui.widgets.row_source import RowSource, Wanted

KEPT_ROWS = 2000


class RowPages:
    """Keeps the rows near what is visible; all others are fetched when they are looked at."""

    def __init__(self) -> None:
        self._rows: dict[str, Any] = {}
        self._under_way: set[str] = set()
        self._is_quiet = asyncio.Event()

    def get(self, id_: str) -> Any:
        """A row that was looked at lately; None while it is on its way, or gone."""
        row = self._rows.get(id_)
        return None if row is Gone else row

    def __contains__(self, id_: object) -> bool:
        """It was asked for and is here, or known to be gone."""
        return id_ in self._rows

    def forget(self) -> None:
        """Keep nothing."""
        self._rows.clear()

    async def settled(self) -> None:
        """Wait until nothing more is on its way."""
        if self._under_way:
            await self._is_quiet.wait()

    async def read(
        self, source: RowSource, wanted: Wanted, near: Callable[[Sequence[str]], Sequence[str]]
    ) -> Sequence[str]:
        """All ids anew, with the rows of those that are `near`; what was kept before stays until both are there."""
        self._begin("read")
        try:
            ids = await source.ids(wanted)
            shown = near(ids)
            rows = await source.rows(shown)
        finally:
            self._end("read")
        self._rows = {id_: rows.get(id_, Gone) for id_ in shown}
        return ids

    def begin_fetch(self) -> bool:
        """Rows will be fetched; False when somebody is at it already."""
        if "fetch" in self._under_way:
            return False
        self._begin("fetch")
        return True

    async def fetch(
        self, source: RowSource, missing: Callable[[], Sequence[str]], came: Callable[[Sequence[str]], None]
    ) -> None:
        """Bring what is missing until nothing is; `came` is told after each page."""
        try:
            while ids := missing():
                rows = self._rows
                fetched = await source.rows(ids)
                if rows is self._rows:  # else the list was read anew meanwhile
                    self._rows.update({id_: fetched.get(id_, Gone) for id_ in ids})
                    came(ids)
        finally:
            self._end("fetch")

    def trim(self, near: Iterable[str]) -> None:
        """Let go of all rows but these, once there are many."""
        if len(self._rows) > KEPT_ROWS:
            self._rows = {id_: self._rows[id_] for id_ in near if id_ in self._rows}

    def _begin(self, what: str) -> None:
        self._under_way.add(what)
        self._is_quiet.clear()

    def _end(self, what: str) -> None:
        self._under_way.discard(what)
        if not self._under_way:
            self._is_quiet.set()


class Gone:
    """Stands for a row that the source no longer has."""
