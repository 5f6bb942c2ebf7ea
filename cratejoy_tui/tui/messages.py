"""What has happened, told from one part of the console to the others."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message


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
class RoomChosen(Message):
    """The operator asked for another room."""

    room: str
