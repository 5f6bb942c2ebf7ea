"""What has happened, told from one part of the console to the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from cratejoy_tui.sync.domain.plan import Outcome
    from cratejoy_tui.tui.door import Opened


@dataclass
class DeskOpened(Message):
    """A store is open; its ledger can be read."""

    opened: Opened


@dataclass
class DeskRefused(Message):
    """The store could not be opened; `text` says why and what to do."""

    text: str


@dataclass
class LedgerChanged(Message):
    """Something was written, here or by another process: what is on screen is out of date."""


@dataclass
class RowsChosen(Message):
    """The table's cursor, marks or view changed."""

    table: object


@dataclass
class RowOpened(Message):
    """The operator asked for the details of one row."""

    id: str


@dataclass
class SortChosen(Message):
    """The operator clicked on a column's title."""

    column: str


@dataclass
class FilterChanged(Message):
    """The filter's text is another one."""

    text: str


@dataclass
class FilterLeft(Message):
    """The operator is done typing the filter; `is_kept` tells whether it stays."""

    is_kept: bool


@dataclass
class RoomChosen(Message):
    """The operator asked for another room."""

    room: str


@dataclass
class PlanApplied(Message):
    """A plan was carried out, whole or in part."""

    outcomes: list[Outcome]
