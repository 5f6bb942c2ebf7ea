"""Which rows are marked: by id, so that marks survive sorting, filtering and news."""

from __future__ import annotations

from collections.abc import Sequence


class Marks:
    """A set of ids, with a range that follows the cursor while it is open."""

    def __init__(self) -> None:
        self.ids: set[str] = set()
        self.anchor: int | None = None
        """Where the open range began; None when there is none."""
        self.is_sticky = False
        """The range stays open when the cursor moves without shift."""
        self._before: frozenset[str] = frozenset()
        self._undo: frozenset[str] | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, id_: object) -> bool:
        return id_ in self.ids

    @property
    def can_undo(self) -> bool:
        """The last large change of marks can be taken back."""
        return self._undo is not None

    def toggle(self, id_: str) -> None:
        """Mark it, or unmark it."""
        self.ids ^= {id_}

    def toggle_all(self, ids: Sequence[str]) -> None:
        """Mark all of these; when all of them are marked, unmark them."""
        self._undo = frozenset(self.ids)
        if all(id_ in self.ids for id_ in ids):
            self.ids.difference_update(ids)
        else:
            self.ids.update(ids)

    def clear(self) -> int:
        """Unmark everything; gives how many there were."""
        self.close_range()
        self._undo = frozenset(self.ids)
        self.ids = set()
        return len(self._undo)

    def undo(self) -> bool:
        """Take back the last clear, mark all or range; True when there was one."""
        if self._undo is None:
            return False
        self.close_range()
        self.ids, self._undo = set(self._undo), None
        return True

    def open_range(self, ids: Sequence[str], at: int, *, sticky: bool) -> None:
        """Begin a range at this row."""
        self._before = frozenset(self.ids)
        self._undo = self._before
        self.anchor, self.is_sticky = at, sticky
        self.ids.add(ids[at])

    def move_anchor(self, ids: Sequence[str], anchor: str) -> None:
        """The list is another one: the open range goes on from its first row, or ends where that row is gone."""
        if self.anchor is None:
            return
        try:
            self.anchor = ids.index(anchor)
        except ValueError:
            self.anchor = None

    def stretch(self, ids: Sequence[str], old: int, new: int) -> None:
        """The cursor went from one row to another: mark or unmark only what lies between."""
        if self.anchor is None:
            return
        low, high = sorted((self.anchor, new))
        start, end = sorted((old, new))
        for index in range(start, min(end + 1, len(ids))):
            if low <= index <= high:
                self.ids.add(ids[index])
            elif ids[index] not in self._before:
                self.ids.discard(ids[index])

    def close_range(self, *, keep: bool = True) -> bool:
        """End the range, keeping its marks or taking them back; True when one was open."""
        if self.anchor is None:
            return False
        self.anchor = None
        if not keep:
            self.ids = set(self._before)
        return True
