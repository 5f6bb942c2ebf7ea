"""Rows that are few enough to be read whole: filtered and sorted here, by what their cells say."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from cratejoy_tui.tui.widgets.columns import Column, text_of
from cratejoy_tui.tui.widgets.row_source import Wanted

Read = Callable[[], Awaitable[Mapping[str, Any]]]


class ListSource:
    """Reads all rows at once when they are asked for anew, and keeps them."""

    def __init__(self, read: Read, columns: Sequence[Column], fields: Mapping[str, Callable[[Any], str]]) -> None:
        self._read = read
        self._columns = {column.id: column for column in columns}
        self._fields = fields
        """What `field:value` in the filter looks at."""
        self._rows: Mapping[str, Any] | None = None

    def forget(self) -> None:
        """Read again next time."""
        self._rows = None

    async def ids(self, wanted: Wanted) -> Sequence[str]:
        """Ids of the rows that fit."""
        from cratejoy_tui.sync.domain.search import terms_of

        rows = self._rows = self._rows if self._rows is not None else await self._read()
        terms = terms_of(wanted.text)
        ids = [id_ for id_, row in rows.items() if all(self._fits(row, term) for term in terms)]
        if column := self._columns.get(wanted.sort):
            ids.sort(key=lambda id_: text_of(column.cell(rows[id_])), reverse=wanted.is_reversed)
        return ids

    async def rows(self, ids: Sequence[str]) -> Mapping[str, Any]:
        """These rows, as they were read."""
        kept = self._rows or {}
        return {id_: kept[id_] for id_ in ids if id_ in kept}

    def _fits(self, row: Any, term: Any) -> bool:
        if term.field in self._fields:
            found = term.text in self._fields[term.field](row).casefold()
        else:
            text = " ".join(text_of(column.cell(row)) for column in self._columns.values())
            found = term.text in text.casefold()
        return found is not term.is_not
