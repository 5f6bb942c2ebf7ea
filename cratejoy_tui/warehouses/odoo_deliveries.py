"""What left Odoo's warehouse: deliveries with their tracking numbers and what lay in them."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from cratejoy_tui.errors import SetupError, UnexpectedAnswer
from cratejoy_tui.http import RequestRefused
from cratejoy_tui.sync.domain.tracking import Parcel, ParcelLine
from cratejoy_tui.warehouses.odoo_orders import OdooOrders
from cratejoy_tui.warehouses.odoo_records import (
    MoveRecord,
    PickingRecord,
    Record,
    SaleLineRecord,
    linked,
    parcels_of,
    to_odoo,
)
from cratejoy_tui.warehouses.odoo_talk import OdooTalk
from cratejoy_tui.warehouses.told import parcels_in

PAGE = 100
TRACKING_FIELDS = ("carrier_id", "carrier_tracking_ref", "carrier_tracking_url")
"""They come with the module `stock_delivery`, up to 16 `delivery`."""
MODULES = "Install Sales, Inventory and, for tracking numbers, Delivery Costs in Odoo."


class OdooDeliveries:
    """Reads deliveries that were made."""

    def __init__(self, talk: OdooTalk, orders: OdooOrders, system: str) -> None:
        self._talk, self._orders, self._system = talk, orders, system
        self._known: dict[str, list[str]] = {}

    async def tells_tracking(self) -> bool:
        """Has this Odoo fields for tracking numbers? Raises SetupError where it has no deliveries of sales at all."""
        return "carrier_tracking_ref" in await self._picking_fields()

    async def since(self, moment: datetime) -> AsyncIterator[list[Parcel]]:
        """The parcels of all deliveries made or changed since, page by page.

        A number typed in after the delivery was made changes it, so the time of change covers both. Pages follow
        the ids: a delivery that changes meanwhile cannot push another one out of sight.
        """
        fields = ["date_done", *await self._picking_fields()]
        last, is_more = 0, True
        while is_more:
            rows = await self._talk.read(
                list[msgspec.Raw],
                "stock.picking",
                "search_read",
                domain=[*_made_since(moment), ["id", ">", last]],
                fields=fields,
                order="id",
                limit=PAGE,
            )
            is_more = len(rows) >= PAGE
            last = self._last(rows, last)
            if rows:
                yield await self._parcels(rows)

    def _last(self, rows: Sequence[msgspec.Raw], before: int) -> int:
        try:
            last = max((msgspec.json.decode(row, type=Record).id for row in rows), default=before + 1)
        except msgspec.MsgspecError:
            last = before
        if last <= before:
            raise UnexpectedAnswer(
                f"{self._system} gave a page of deliveries that leads nowhere; the rest was not read."
            )
        return last

    async def _parcels(self, rows: Sequence[msgspec.Raw]) -> list[Parcel]:
        pickings = [_readable(row) for row in rows]
        there = [picking for picking in pickings if picking is not None]
        sales = await self._orders.by_id(sorted({linked(picking.sale_id) for picking in there}))
        orders = {record.id: record for record in sales if record.number}
        lines = await self._contents([picking.id for picking in there])

        def read(picking: PickingRecord | None) -> Iterable[Parcel]:
            if picking is None:
                raise ValueError("the delivery cannot be read")
            order = orders.get(linked(picking.sale_id))
            return () if order is None else parcels_of(picking, order, lines.get(picking.id))

        return parcels_in(pickings, read, self._system, "deliveries")

    async def _contents(self, ids: Sequence[int]) -> Mapping[int, tuple[ParcelLine, ...]]:
        """What lay in each delivery, where it can be told in the SKUs of the order: a kit cannot."""
        moves = await self._moves(ids)
        sold = await self._sold({linked(move.sale_line_id) for move in moves} - {0})
        skus = await self._orders.skus({linked(move.product_id) for move in moves}) if moves else {}
        lines: dict[int, list[ParcelLine]] = {}
        untold: set[int] = set()
        for move in moves:
            picking, product = linked(move.picking_id), linked(move.product_id)
            sku, quantity = skus.get(product, ""), math.floor(move.quantity or move.quantity_done)
            if not sku or sold.get(linked(move.sale_line_id), product) != product:
                untold.add(picking)
            elif quantity:
                lines.setdefault(picking, []).append(ParcelLine(sku=sku, quantity=quantity))
        return {picking: tuple(told) for picking, told in lines.items() if picking not in untold}

    async def _moves(self, ids: Sequence[int]) -> list[MoveRecord]:
        amount = await self._fields("stock.move", ("quantity", "quantity_done"))
        fields = ["picking_id", "product_id", "sale_line_id", *amount]
        domain = [["picking_id", "in", list(ids)], ["state", "=", "done"]]
        return await self._talk.read(list[MoveRecord], "stock.move", "search_read", domain=domain, fields=fields)

    async def _sold(self, ids: set[int]) -> Mapping[int, int]:
        if not ids:
            return {}
        domain = [["id", "in", sorted(ids)]]
        records = await self._talk.read(
            list[SaleLineRecord], "sale.order.line", "search_read", domain=domain, fields=["product_id"]
        )
        return {record.id: linked(record.product_id) for record in records}

    async def _picking_fields(self) -> list[str]:
        return await self._fields("stock.picking", ("sale_id", *TRACKING_FIELDS))

    async def _fields(self, model: str, wanted: Sequence[str]) -> list[str]:
        """Which of these fields this Odoo has; asked once."""
        if model not in self._known:
            try:
                told = await self._talk.read(
                    dict[str, Any], model, "fields_get", allfields=list(wanted), attributes=["type"]
                )
            except RequestRefused as refused:
                raise SetupError(f"{self._system} has no {model}: {refused.message}", next_step=MODULES) from None
            self._known[model] = [name for name in wanted if name in told]
            if model == "stock.picking" and "sale_id" not in told:
                raise SetupError(f"{self._system} does not deliver what is sold there.", next_step=MODULES)
        return self._known[model]


def _made_since(moment: datetime) -> list[list[object]]:
    return [
        ["picking_type_code", "=", "outgoing"],
        ["state", "=", "done"],
        ["sale_id", "!=", False],
        ["write_date", ">=", to_odoo(moment)],
    ]


def _readable(row: msgspec.Raw) -> PickingRecord | None:
    try:
        return msgspec.json.decode(row, type=PickingRecord)
    except msgspec.MsgspecError:
        return None
