"""How orders and cancels are written for a warehouse that reads files, and what its ship-confirm files look like.

A layout is data: headings with what stands under them. `generic` is ours, `dsfx` is DropStream's published layout
(pick header and pick detail rows, version 2), `shipstation-csv` the headings of ShipStation's own order import.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

import msgspec

from cratejoy_tui.errors import SettingsInvalid
from cratejoy_tui.sync.domain.order import Order, OrderLine
from cratejoy_tui.text import csv_cell

Columns = tuple[tuple[str, str], ...]
"""Headings with the name of what stands under them; `=text` is that text in every row."""

SOURCES = (
    *("order_number", "shipment_id", "billing", "ship_code", "requested_ship_date", "ordered_at", "gift_message"),
    *("to", "company", "street", "unit", "city", "state", "zip", "country", "phone"),
    *("line_number", "sku", "quantity", "title"),
)
CANCEL_COLUMNS: Columns = (("order_number", "order_number"), ("reason", "reason"))
SAFE = r"(?![\s=+\-@＝＋－＠'])[^\x00-\x1f\x7f]+"
"""A spreadsheet must take neither a number nor a SKU for a formula, and nothing may be put before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One way of writing orders."""

    name: str
    columns: Columns
    has_details: bool = False
    """Header rows and detail rows (PH, PD) instead of one row per line with headings."""
    file_format: str = "csv"
    orders_prefix: str = "orders"
    cancels: bool = True
    """Are there files that cancel?"""
    shipment_files: tuple[str, ...] = ("*.csv", "*.txt", "*.json")
    number_pattern: str = SAFE
    max_lengths: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({"number": 50}))
    encoding: str = "utf-8"

    def file_name(self, delivery_name: str) -> str:
        """The delivery's own name, with the beginning the layout asks for: `ord_20261123T101500Z_000042.csv`."""
        kind, _, rest = delivery_name.partition("_")
        start = self.orders_prefix if kind == "orders" else kind
        return f"{start}_{rest}.{self.file_format}"

    def orders_file(self, orders: Sequence[Order]) -> bytes:
        """The file that asks the warehouse to send these orders."""
        if self.file_format == "json":
            return _json({"orders": [_record(order) for order in orders]})
        if self.has_details:
            return self._csv(row for order in orders for row in _pick_rows(order))
        lines = ((order, position, line) for order in orders for position, line in enumerate(order.lines, 1))
        rows = ([_cell(source, _values(*one)) for _, source in self.columns] for one in lines)
        return self._csv([[heading for heading, _ in self.columns], *rows])

    def cancels_file(self, number: str, reason: str) -> bytes:
        """The file that asks the warehouse not to send this order."""
        values = {"order_number": number, "reason": reason}
        if self.file_format == "json":
            return _json({"cancels": [values]})
        return self._csv([[heading for heading, _ in CANCEL_COLUMNS], list(values.values())])

    def numbers_in(self, content: bytes) -> set[str]:
        """The order numbers of a file that this layout wrote."""
        text = content.decode(self.encoding, errors="replace")
        if self.file_format == "json":
            return {order["order_number"] for order in msgspec.json.decode(text).get("orders", ())}
        rows = list(csv.reader(io.StringIO(text, newline="")))
        if self.has_details:
            return {row[1] for row in rows if row[:1] == ["PH"]}
        column = [source for _, source in self.columns].index("order_number")
        return {row[column] for row in rows[1:] if len(row) > column}

    def _csv(self, rows: Iterable[Sequence[str]]) -> bytes:
        text = io.StringIO(newline="")
        quoting: Literal[0, 1] = csv.QUOTE_ALL if self.has_details else csv.QUOTE_MINIMAL
        writer = csv.writer(text, lineterminator="\r\n", quoting=quoting)
        writer.writerows([csv_cell(" ".join(cell.split())) for cell in row] for row in rows)
        return text.getvalue().encode(self.encoding)


GENERIC = Layout(name="generic", columns=tuple((source, source) for source in SOURCES))
DSFX = Layout(
    name="dsfx",
    columns=(),
    has_details=True,
    orders_prefix="ord",
    cancels=False,
    shipment_files=("shp*.csv",),
    number_pattern=r"[A-Za-z0-9_][A-Za-z0-9_-]*",
)
SHIPSTATION = Layout(
    name="shipstation-csv",
    cancels=False,
    max_lengths=MappingProxyType({"number": 50, "sku": 50, "gift_message": 1000}),
    columns=(
        ("Order #", "order_number"),
        ("Order Date", "ordered_at"),
        ("Date Paid", "ordered_at"),
        ("Shipping Service", "ship_code"),
        ("Recipient Full Name", "to"),
        ("Recipient Company", "company"),
        ("Address Line 1", "street"),
        ("Address Line 2", "unit"),
        ("City", "city"),
        ("State", "state"),
        ("Postal Code", "zip"),
        ("Country Code", "country"),
        ("Recipient Phone", "phone"),
        ("Item SKU", "sku"),
        ("Item Name", "title"),
        ("Item Quantity", "quantity"),
        ("Notes to the Buyer", "gift_message"),
        ("Custom Field 1", "ship_code"),
        ("Custom Field 2", "requested_ship_date"),
    ),
)
PRESETS = {layout.name: layout for layout in (GENERIC, DSFX, SHIPSTATION)}
OWN = "columns"
"""The name of the layout an operator makes."""


def own_layout(columns: Mapping[str, object]) -> Layout:
    """An operator's layout, from headings to what stands under them. Raises SettingsInvalid with every problem."""
    pairs = tuple((heading, str(source)) for heading, source in columns.items())
    problems = [
        f"`order_columns`: `{heading}` asks for `{source}`, which is none of {', '.join(SOURCES)} and no `=text`"
        for heading, source in pairs
        if source not in SOURCES and not source.startswith("=")
    ]
    missing = [needed for needed in ("order_number", "sku", "quantity") if needed not in dict(pairs).values()]
    problems += [f"`order_columns` has no column for `{needed}`" for needed in missing]
    if problems:
        raise SettingsInvalid(problems, where="folder warehouse")
    return replace(GENERIC, name=OWN, columns=pairs)


def _values(order: Order, position: int, line: OrderLine) -> dict[str, str]:
    to = order.ship_to
    address = {name: getattr(to, name) for name in SOURCES if hasattr(to, name)}
    # A leading plus would be disarmed like a formula; the digits alone are the same telephone number.
    address["phone"] = to.phone.strip().removeprefix("+")
    return {
        **address,
        "order_number": order.number,
        "shipment_id": order.shipment_id,
        "billing": order.billing.value,
        "ship_code": order.ship_code,
        "requested_ship_date": order.requested_ship_date.isoformat() if order.requested_ship_date else "",
        "ordered_at": order.ordered_at.strftime("%Y-%m-%dT%H:%M:%SZ") if order.ordered_at else "",
        "gift_message": order.gift_message,
        "line_number": str(position),
        "sku": line.sku,
        "quantity": str(line.quantity),
        "title": line.title,
    }


def _cell(source: str, values: Mapping[str, str]) -> str:
    return source[1:] if source.startswith("=") else values[source]


def _pick_rows(order: Order) -> list[list[str]]:
    first = _values(order, 1, order.lines[0])
    place = [first[name] for name in ("street", "unit", "city", "state", "zip", "country")]
    day = f"{first['requested_ship_date']}T00:00:00Z" if first["requested_ship_date"] else first["ordered_at"]
    ship_to = [first["to"], *place, first["company"], first["phone"]]
    bill_to = [first["to"], *place]
    ship = [first["ship_code"], "P", "", day, "CRATEJOY", order.gift_message]
    rows = [["PH", order.number, order.number, "", *ship_to, *bill_to, *ship]]
    for position, line in enumerate(order.lines, 1):
        rows.append(["PD", order.number, str(position), line.sku, str(line.quantity), "0.00"])
    return rows


def _record(order: Order) -> dict[str, object]:
    to = order.ship_to
    first = _values(order, 1, order.lines[0])
    head = ("order_number", "shipment_id", "billing", "ship_code", "requested_ship_date", "ordered_at", "gift_message")
    return {
        **{name: first[name] for name in head},
        "ship_to": msgspec.to_builtins(to),
        "lines": [{"sku": line.sku, "quantity": line.quantity, "title": line.title} for line in order.lines],
    }


def _json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value)) + b"\n"
