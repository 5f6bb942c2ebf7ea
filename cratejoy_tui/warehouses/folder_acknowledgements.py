"""How a warehouse that works with files shows that it took an order: not at all, by taking the file, or by its own."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from types import MappingProxyType
from zoneinfo import ZoneInfo

import msgspec

from cratejoy_tui.sync.domain.order import Acknowledgement
from cratejoy_tui.text import clean, one_line
from cratejoy_tui.warehouses.folder_files import Kind
from cratejoy_tui.warehouses.folder_inbox import LARGEST, Inbox
from cratejoy_tui.warehouses.folder_layouts import Layout
from cratejoy_tui.warehouses.folder_parcels import HEADINGS, Reader
from cratejoy_tui.warehouses.folder_places import Places
from cratejoy_tui.warehouses.folder_rows import SheetRow

ACK_FILES = ("*.csv", "*.txt", "*.json")
ACK_HEADINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "order_number": HEADINGS["order_number"],
        "status": ("state", "result", "ack", "acknowledgement"),
        "message": ("reason", "error", "text", "comment"),
    }
)
FIELDS = Reader(zone=ZoneInfo("UTC"), headings=ACK_HEADINGS).fields
TAKEN = frozenset({"accepted", "accept", "ok", "received", "taken", "success", "imported", "processing", "yes"})
REFUSED = frozenset({"rejected", "reject", "refused", "error", "failed", "failure", "invalid", "no"})

log = logging.getLogger(__name__)


class Acknowledgements:
    """What can be seen of orders that were delivered. It only looks; asking again gives the same."""

    def __init__(self, places: Places, layout: Layout, mode: str, inbox: Inbox) -> None:
        self._orders = places.path("orders")
        self._files = places.files
        self._layout = layout
        self._mode = mode
        self._inbox = inbox

    def of(self, numbers: Sequence[str]) -> dict[str, Acknowledgement]:
        """One for each number; {} where this warehouse shows nothing."""
        if self._mode == "moved":
            waiting = self._waiting()
            return {number: Acknowledgement(number=number, taken=number not in waiting) for number in numbers}
        if self._mode == "file":
            told = self._told()
            return {number: told.get(number, Acknowledgement(number=number, taken=False)) for number in numbers}
        return {}

    def _waiting(self) -> set[str]:
        """The numbers in files that still lie where we put them."""
        start, end = f"{self._layout.orders_prefix}_", f".{self._layout.file_format}"
        paths = [one.path for one in self._files.list(self._orders) if one.kind is Kind.FILE]
        ours = (path for path in paths if path.name.startswith(start) and path.suffix == end)
        return {number for path in ours for number in self._numbers(path)}

    def _numbers(self, path: PurePath) -> set[str]:
        try:
            return self._layout.numbers_in(self._files.read(path, LARGEST)[0])
        except FileNotFoundError:
            return set()  # taken away between two looks
        except (msgspec.MsgspecError, KeyError, TypeError, AttributeError):
            log.warning("%s is not as we wrote it", one_line(path.name))
            return set()

    def _told(self) -> dict[str, Acknowledgement]:
        """The latest word on each number, from all acknowledgement files."""
        told: dict[str, Acknowledgement] = {}
        for path in self._inbox.ready(ACK_FILES):
            arrived = self._inbox.read(path)
            if arrived is None:
                continue
            sheet = arrived.sheet(FIELDS)
            if sheet.problem:
                log.warning("%s tells nothing: %s", one_line(path.name), sheet.problem)
            found = (_acknowledgement(row) for row in sheet.rows)
            told |= {one.number: one for one in found if one is not None}
        return told


def _acknowledgement(row: SheetRow) -> Acknowledgement | None:
    number, word = row.cells.get("order_number", "").strip(), row.cells.get("status", "").strip().casefold()
    if row.problem or not number or word not in TAKEN | REFUSED:
        return None
    said = clean(row.cells.get("message", ""), 300) or word
    return Acknowledgement(number=number, taken=word in TAKEN, refused=said if word in REFUSED else "")
