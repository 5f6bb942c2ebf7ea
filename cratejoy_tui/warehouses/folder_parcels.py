"""Rows of a ship-confirm file read as parcels; a row that cannot be trusted is told apart with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from types import MappingProxyType
from zoneinfo import ZoneInfo

from cratejoy_tui.sync.domain.tracking import Parcel, ParcelLine
from cratejoy_tui.text import clean
from cratejoy_tui.warehouses.folder_rows import Sheet, SheetRow

HEADINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "order_number": (
            *("order number", "order #", "order no", "order", "order id", "order ref", "order - number"),
            *("client order number", "cust ref", "reference number"),
        ),
        "tracking_number": (
            *("tracking number", "tracking #", "tracking no", "tracking", "tracking code", "tracking id"),
            "shipment - tracking number",
        ),
        "carrier_name": ("carrier", "carrier name", "carrier - name", "shipping provider", "shipping carrier"),
        "carrier_code": ("carrier code", "scac"),
        "service": (
            *("service", "service level", "ship method", "shipping method", "shipping service"),
            "carrier - service selected",
        ),
        "shipped_at": (
            *("shipped at", "ship date", "shipped date", "date shipped", "shipped on", "shipped", "date"),
            "date - shipped date",
        ),
        "tracking_link": ("tracking link", "tracking url", "tracking uri"),
        "reference": ("parcel", "parcel id", "package", "package id", "label id", "carton"),
        "sku": ("sku", "item sku", "item - sku", "product sku"),
        "quantity": ("quantity", "qty", "shipped qty", "shipped quantity", "item quantity", "item - qty"),
        "voided": ("voided", "void", "is void"),
        "order_closed": ("order closed", "closed", "complete", "order complete"),
    }
)
"""Our fields with the headings they are known by; case, blanks and punctuation do not matter."""

YES = frozenset({"yes", "y", "true", "t", "1", "x", "void", "voided", "closed", "complete"})
NO = frozenset({"", "no", "n", "false", "f", "0", "open"})
DATE_FORMATS = (
    *("%m/%d/%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %I:%M:%S %p"),
    *("%m/%d/%y", "%m/%d/%y %H:%M", "%Y/%m/%d"),
)
NO_NUMBER = "no tracking number"

_SHORTENED = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that was not used."""

    row: SheetRow
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How one warehouse's ship-confirm files are read."""

    zone: ZoneInfo
    headings: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: HEADINGS)
    date_format: str = ""
    """As for strptime; "" takes ISO dates and American ones."""
    row_closes_order: bool = True
    """Where a file tells neither items nor whether an order is done: is it done with its parcel?"""
    dates_by_file: bool = False
    """Where a row gives no ship date: is it the time the file was written? Else it has none, for a person to see."""

    def fields(self, header: Sequence[str]) -> dict[int, str]:
        """Which columns are ours. The first heading of a field that is there counts, one column per field."""
        places = {_plain(heading): index for index, heading in reversed(list(enumerate(header)))}
        found: dict[int, str] = {}
        for ours, theirs in self.headings.items():
            column = next((places[_plain(name)] for name in (ours, *theirs) if _plain(name) in places), None)
            if column is not None and column not in found:
                found[column] = ours
        return found

    def parcels(self, sheet: Sheet, written_at: datetime) -> tuple[list[Parcel], list[BadRow]]:
        """The parcels of a file, and the rows that are none. A row that repeats another word for word adds nothing."""
        closes = self.row_closes_order and not sheet.fields & {"sku", "order_closed"}
        parcels: dict[tuple[str, str], Parcel] = {}
        bad: list[BadRow] = []
        seen: set[tuple[tuple[str, str], ...]] = set()
        for row in sheet.rows:
            key = tuple(sorted(row.cells.items()))
            if not row.problem and not row.lines and key in seen:
                continue
            seen.add(key)
            try:
                parcel = self._parcel(row, closes, written_at)
            except ValueError as problem:
                bad.append(BadRow(row=row, reason=str(problem)))
                continue
            name = (parcel.order_number, parcel.reference)
            parcels[name] = _together(parcels[name], parcel) if name in parcels else parcel
        return list(parcels.values()), bad

    def _parcel(self, row: SheetRow, closes: bool, written_at: datetime) -> Parcel:
        if row.problem:
            raise ValueError(row.problem)
        cell = {name: clean(text, 200) for name, text in row.cells.items()}
        number = _letter_for_letter(row.cells.get("order_number", ""))
        if not number.strip():
            raise ValueError("it has no order number")
        tracking = _number(cell.get("tracking_number", ""), "tracking number")
        return Parcel(
            order_number=_number(number, "order number"),
            reference=_number(cell.get("reference", ""), "shipment reference") or tracking or NO_NUMBER,
            carrier_code=cell.get("carrier_code", ""),
            carrier_name=cell.get("carrier_name", ""),
            service=cell.get("service", ""),
            tracking_number=tracking,
            tracking_link=clean(row.cells.get("tracking_link", ""), 2000),
            shipped_at=self.moment(cell.get("shipped_at", ""), written_at),
            lines=_lines(row, cell),
            voided=_is_yes(cell.get("voided", ""), "voided"),
            order_closed=closes or _is_yes(cell.get("order_closed", ""), "order closed"),
        )

    def moment(self, text: str, written_at: datetime) -> datetime | None:
        """When it left, as aware UTC; a date without a time is noon at the warehouse, but on the day the file was
        written not later than that. None where nothing stands."""
        if not text:
            return written_at if self.dates_by_file else None
        for found, has_time in self._moments(text):
            if 2000 <= found.year <= 2100:
                local = found if found.tzinfo else found.replace(tzinfo=self.zone)
                is_that_day = not has_time and local.date() == written_at.astimezone(self.zone).date()
                return min(local.astimezone(UTC), written_at) if is_that_day else local.astimezone(UTC)
        raise ValueError(f"`{text}` is not a date that can be read")

    def _moments(self, text: str) -> Iterable[tuple[datetime, bool]]:
        """What the text may mean, and whether it tells a time."""
        formats = (self.date_format,) if self.date_format else DATE_FORMATS
        with suppress(ValueError):
            found = datetime.fromisoformat(text)
            has_time = len(text) > len("2026-11-23")
            yield found if has_time else _noon(found), has_time
        for one in formats:
            try:
                found = datetime.strptime(text, one)  # noqa: DTZ007 - the zone follows in `moment`
            except ValueError:
                continue
            has_time = "%H" in one or "%I" in one
            yield found if has_time else _noon(found), has_time


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12))


def _plain(heading: str) -> str:
    # "Order #" and "Order" are different words only as far as people go.
    return "".join(char for char in heading.casefold() if char.isalnum())


def _letter_for_letter(number: str) -> str:
    """The order number with the blanks around it kept: matching it is not for us to decide."""
    core = number.strip(" ")
    return number.replace(core, clean(core, 100), 1) if core else ""


def _number(text: str, what: str) -> str:
    digits = text.strip()
    lost = ""
    if _SHORTENED.fullmatch(digits):
        lost = "shortened by a spreadsheet, its digits are lost"
    elif len(digits) >= 20 and digits.isdecimal() and not digits[15:].strip("0"):
        lost = "rounded by a spreadsheet, its last digits are lost"
    if lost:
        raise ValueError(f"the {what} `{digits}` was {lost}; format that column as text and save the file again")
    return text


def _is_yes(text: str, what: str) -> bool:
    word = text.casefold()
    if word in YES or word in NO:
        return word in YES
    raise ValueError(f"`{text}` under {what} is neither yes nor no")


def _lines(row: SheetRow, cell: Mapping[str, str]) -> tuple[ParcelLine, ...] | None:
    if row.lines is not None:
        return tuple(_json_line(line) for line in row.lines)
    if not cell.get("sku"):
        return None
    return (ParcelLine(sku=cell["sku"], quantity=_quantity(cell.get("quantity", "") or "1")),)


def _json_line(line: object) -> ParcelLine:
    if not isinstance(line, dict) or not isinstance(line.get("sku"), str):
        raise ValueError("one of its lines has no SKU")
    return ParcelLine(sku=clean(line["sku"], 200), quantity=_quantity(str(line.get("quantity", 1))))


def _quantity(text: str) -> int:
    whole = text.removesuffix(".0").removesuffix(".00")
    if not whole.isdecimal() or not 0 <= len(whole) <= 6:
        raise ValueError(f"`{text}` is not a quantity")
    return int(whole)


def _together(one: Parcel, other: Parcel) -> Parcel:
    """Two rows of one parcel: items add up, the later row tells the rest."""
    if one.lines is None or other.lines is None:
        return other
    counts: dict[str, int] = {}
    for line in (*one.lines, *other.lines):
        counts[line.sku] = counts.get(line.sku, 0) + line.quantity
    lines = tuple(ParcelLine(sku=sku, quantity=quantity) for sku, quantity in counts.items())
    return replace(other, lines=lines, order_closed=one.order_closed or other.order_closed)
