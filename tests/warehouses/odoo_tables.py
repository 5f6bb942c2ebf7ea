"""The tables of a little Odoo, and what its people do in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from tests.warehouses.folder_rig import StoppedClock

LINKS = {
    "partner_id": "res.partner",
    "partner_shipping_id": "res.partner",
    "product_id": "product.product",
    "order_id": "sale.order",
    "sale_id": "sale.order",
    "sale_line_id": "sale.order.line",
    "picking_id": "stock.picking",
    "carrier_id": "delivery.carrier",
    "country_id": "res.country",
    "state_id": "res.country.state",
    "warehouse_id": "stock.warehouse",
}
FIELDS: Mapping[str, str] = {
    "res.country": "code name",
    "res.country.state": "code name country_id",
    "res.partner": "name company_name street street2 city zip phone state_id country_id active",
    "product.product": "default_code name active",
    "sale.order": "name state client_order_ref origin note commitment_date partner_id partner_shipping_id locked "
    "company_id warehouse_id carrier_id",
    "res.company": "name",
    "stock.warehouse": "name",
    "sale.order.line": "order_id product_id product_uom_qty price_unit",
    "stock.picking": "name state sale_id picking_type_code date_done write_date backorder_id",
    "stock.move": "picking_id product_id sale_line_id state",
    "delivery.carrier": "name",
}
PART_OF = {"stock.picking": "sale_id", "sale.order.line": "order_id"}
Record = dict[str, Any]


@dataclass
class OdooTables:
    """One database without its models."""

    major: int = 19
    has_tracking: bool = True
    clock: StoppedClock = field(default_factory=StoppedClock)
    tables: dict[str, dict[int, Record]] = field(default_factory=lambda: {model: {} for model in FIELDS})
    parts: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    undo: list[Callable[[], object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        us = self.add("res.country", code="US", name="United States")
        self.add("res.country", code="GB", name="United Kingdom")
        self.add("res.country.state", code="IL", name="Illinois", country_id=us)
        self.add("res.country.state", code="CA", name="California", country_id=us)
        for sku in ("TEA-01", "MUG-01"):
            self.add("product.product", default_code=sku, name=sku.title(), active=True)
        self.add("delivery.carrier", name="USPS")
        for place in ("East", "West"):
            self.add("res.company", name=f"Tea {place}")
            self.add("stock.warehouse", name=place)

    def add(self, model: str, **values: Any) -> int:
        """One more record."""
        number = len(self.tables[model]) + 1
        self.tables[model][number] = {"id": number, "write_date": self.now(), **values}
        self.undo.append(lambda: self.tables[model].pop(number))
        if model in ("stock.picking", "sale.order.line"):
            self.parts.setdefault((model, values[PART_OF[model]]), []).append(number)
            self.undo.append(lambda: self.parts[model, values[PART_OF[model]]].pop())
        return number

    def change(self, model: str, number: int, **values: Any) -> None:
        """Other values for a record."""
        row = self.tables[model][number]
        before = dict(row)
        self.undo.append(lambda: row.update(before))
        row.update({**values, "write_date": self.now()})

    def _roll_back(self) -> None:
        while self.undo:
            self.undo.pop()()

    def orders(self, number: str) -> list[Record]:
        return [order for order in self.tables["sale.order"].values() if order["client_order_ref"] == number]

    def lines(self, order: Record) -> list[Record]:
        rows = self.tables["sale.order.line"]
        lines = [rows[number] for number in self.parts.get(("sale.order.line", order["id"]), [])]
        return [line for line in lines if line["order_id"] == order["id"]]

    def sku(self, line: Record) -> str:
        return str(self.tables["product.product"][line["product_id"]]["default_code"])

    def pickings(self, order: Record) -> list[Record]:
        return [self.tables["stock.picking"][one] for one in self.parts.get(("stock.picking", order["id"]), [])]

    def deliver(self, order: Record, tracking: str, lines: Mapping[str, int] | None, *, closes: bool = True) -> Record:
        """Validate the open delivery; what is not in it goes to a backorder unless the order is closed with it."""
        picking = next((one for one in self.pickings(order) if one["state"] == "assigned"), None)
        picking = picking or self._picking(order)
        for line in self.lines(order):
            quantity = line["product_uom_qty"] if lines is None else lines.get(self.sku(line), 0)
            if quantity:
                self.add("stock.move", picking_id=picking["id"], product_id=line["product_id"],
                         sale_line_id=line["id"], state="done", **{self.amount: quantity})  # fmt: skip
        picking |= {"state": "done", "date_done": self.now(), "write_date": self.now()}
        picking |= {"carrier_id": 1, "carrier_tracking_ref": tracking or False, "carrier_tracking_url": False}
        if not closes:
            self._picking(order, backorder_id=picking["id"])
        return picking

    def retrack(self, picking: Record, tracking: str) -> None:
        """Type another tracking number into a delivery that was made."""
        picking |= {"carrier_tracking_ref": tracking or False, "write_date": self.now()}

    @property
    def amount(self) -> str:
        return "quantity" if self.major >= 17 else "quantity_done"

    def now(self) -> str:
        return self.clock.now().astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")

    def _picking(self, order: Record, **values: Any) -> Record:
        plain = {"state": "assigned", "sale_id": order["id"], "picking_type_code": "outgoing", "date_done": False}
        number = self.add("stock.picking", **plain, **values)
        picking = self.tables["stock.picking"][number]
        picking["name"] = f"WH/OUT/{number:05d}"
        return picking

    def fields_of(self, model: str) -> list[str]:
        extra = {
            "stock.picking": ["carrier_id", "carrier_tracking_ref", "carrier_tracking_url"] * self.has_tracking,
            "stock.move": [self.amount],
            "sale.order": ["delivery_status"],
        }
        return ["id", *FIELDS[model].split(), *extra.get(model, [])]

    def delivery_status(self, order: Record) -> str | bool:
        states = [picking["state"] for picking in self.pickings(order)]
        if not states or set(states) == {"cancel"}:
            return False
        if set(states) <= {"done", "cancel"}:
            return "full"
        return "partial" if "done" in states else "pending"
