"""A ship-confirm file from a warehouse, cut into rows whatever made it: spreadsheet, script or export.

Takes UTF-8 with or without byte order mark, UTF-16 with one, and Windows-1252; commas, semicolons, tabs or bars; any
line ends. One broken line never takes its neighbours with it.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from cratejoy_tui.text import csv_cell

DELIMITERS = (",", ";", "\t", "|")
LONGEST_RECORD = 20
"""Lines that one quoted cell may run over."""
REASON = "reason"
"""The column we add to rows that could not be used; it is passed over when the file comes back."""

FindFields = Callable[[Sequence[str]], Mapping[int, str]]
"""Which columns of a header row are ours; {} where it is none."""

_NEEDED = ("order_number", "tracking_number")
_FORMULA_CELL = re.compile(r'=\s*"(.*)"\s*', re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One row: its cells by field name, or why it cannot be read."""

    place: str
    """Where it stands, for a person: `line 7`."""
    raw: tuple[str, ...] | Mapping[str, object]
    """The cells as they came, for handing back."""
    cells: Mapping[str, str]
    problem: str = ""
    lines: Sequence[object] | None = None
    """The order lines of a JSON record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A whole file in rows."""

    rows: tuple[SheetRow, ...]
    header: tuple[str, ...] = ()
    fields: frozenset[str] = frozenset()
    """Which of our fields the file has a column for."""
    problem: str = ""
    """Why no row of it can be used."""


def is_complete(content: bytes) -> bool:
    """Does the last line end? A file cut off within a tracking number must not be read."""
    return decode(content[-8:]).endswith(("\n", "\r")) if content[:2] not in _UTF16 else content[-2:] in _LINE_ENDS_16


_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LINE_ENDS_16 = (b"\n\0", b"\0\n", b"\r\0", b"\0\r")


def decode(content: bytes) -> str:
    """The text of the file. Bytes that mean nothing come out as a visible mark, never as an error."""
    if content[:2] in _UTF16:
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def read_csv(text: str, find_fields: FindFields) -> Sheet:
    """Cut CSV text into rows; the delimiter is the one under which most of our columns are found."""
    lines = re.split(r"\r\n|\n|\r", text)
    start = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    head = lines[start] if start < len(lines) else ""
    if not head:
        return Sheet(rows=())
    tries = [(delimiter, find_fields(_cells(head, delimiter) or ())) for delimiter in DELIMITERS]
    delimiter, fields = max(tries, key=lambda one: len(one[1]))
    header = tuple(_cells(head, delimiter) or (head,))
    if "order_number" not in fields.values():
        return Sheet(rows=(), header=header, problem="its first line names no column for the order number")
    rows = _rows(lines, start + 1, delimiter, fields, len(header))
    return Sheet(rows=tuple(rows), header=header, fields=frozenset(fields.values()))


def read_json(text: str, find_fields: FindFields) -> Sheet:
    """Take a JSON list of records, or an object that holds it as its one list, apart into rows."""
    try:
        value = msgspec.json.decode(text)
    except msgspec.MsgspecError as problem:
        return Sheet(rows=(), problem=f"it is not JSON: {problem}")
    lists = [held for held in value.values() if isinstance(held, list)] if isinstance(value, dict) else [value]
    if len(lists) != 1 or not isinstance(lists[0], list):
        return Sheet(rows=(), problem="it is no list of records, and no object that holds just one list")
    records = lists[0]
    rows = [_record(record, place, find_fields) for place, record in enumerate(records, 1)]
    return Sheet(rows=tuple(rows), fields=frozenset(name for row in rows for name in row.cells))


def unwrapped(cell: str) -> str:
    """The text a spreadsheet cell stands for: `="9400"` and `'9400` are 9400."""
    if cell.startswith("'") and (csv_cell(cell[1:]) == cell or cell[1:2].isdigit()):
        cell = cell[1:]
    formula = _FORMULA_CELL.fullmatch(cell)
    return formula.group(1).replace('""', '"') if formula else cell


def _rows(
    lines: Sequence[str], start: int, delimiter: str, fields: Mapping[int, str], width: int
) -> Sequence[SheetRow]:
    rows: list[SheetRow] = []
    number = start
    while number < len(lines):
        if not lines[number].strip(f" {delimiter}"):
            number += 1
            continue
        cells, taken = _record_at(lines, number, delimiter, width)
        rows.append(_row(f"line {number + 1}", cells, lines[number], fields, width))
        number += taken
    return rows


def _record_at(lines: Sequence[str], number: int, delimiter: str, width: int) -> tuple[list[str] | None, int]:
    cells = _cells(lines[number], delimiter)
    if cells is not None:
        return cells, 1
    for taken in range(2, LONGEST_RECORD + 1):
        joined = "\n".join(lines[number : number + taken])
        cells = _cells(joined, delimiter)
        if cells is not None and len(cells) == width:
            return cells, taken
    return None, 1


def _cells(record: str, delimiter: str) -> list[str] | None:
    """The cells of one record; None where its quotes do not close."""
    try:
        found = list(csv.reader(io.StringIO(record, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return found[0] if len(found) == 1 else None


def _row(place: str, cells: list[str] | None, line: str, fields: Mapping[int, str], width: int) -> SheetRow:
    if cells is None:
        return SheetRow(place=place, raw=(line,), cells={}, problem="its quotation marks do not close")
    needed = max((index for index, name in fields.items() if name in _NEEDED), default=0)
    if len(cells) <= needed or any(cell.strip() for cell in cells[width:]):
        return SheetRow(place=place, raw=tuple(cells), cells={}, problem=f"it has {len(cells)} cells, not {width}")
    named = {name: unwrapped(cells[index]) for index, name in fields.items() if index < len(cells)}
    return SheetRow(place=place, raw=tuple(cells), cells=named)


def _record(record: object, place: int, find_fields: FindFields) -> SheetRow:
    where = f"record {place}"
    if not isinstance(record, dict):
        return SheetRow(place=where, raw={"record": record}, cells={}, problem="it is no object")
    keys = list(record)
    cells = {name: _as_text(record[keys[index]]) for index, name in find_fields(keys).items()}
    lines = record.get("lines")
    given = {name: text for name, text in cells.items() if text is not None}
    odd = [name for name, text in cells.items() if text is None]
    problem = f"`{odd[0]}` is neither text nor a number" if odd else ""
    return SheetRow(
        place=where, raw=record, cells=given, problem=problem, lines=lines if isinstance(lines, list) else None
    )


def _as_text(value: object) -> str | None:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    # A number with a fraction or an exponent has lost digits before it came here; an int is whole.
    return str(value) if isinstance(value, str | int) else None
