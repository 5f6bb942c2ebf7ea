"""The little Tryton as the contract wants it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from msgspec.structs import replace

from cratejoy_tui.sync.domain.order import Order, OrderLine
from cratejoy_tui.warehouses.contract_rig import Kept, Packed
from cratejoy_tui.warehouses.tryton import PAGE, TrytonWarehouse
from tests.warehouses.folder_rig import StoppedClock
from tests.warehouses.loopback import served
from tests.warehouses.tryton_fake import DATABASE, KEY, FakeTryton, Row
from tests.warehouses.wired_rig import WiredRig


@dataclass(kw_only=True)
class TrytonRig(WiredRig[TrytonWarehouse]):
    """One database and whoever talks to it."""

    fake: FakeTryton
    make: Callable[..., TrytonWarehouse] = TrytonWarehouse.from_settings
    unknown_sku: str = "NO-SUCH-TEA"
    parcels_in_many_pages: int = PAGE + 20
    writes_per_push: int = 2 + 2 * 50
    """Addresses, drafts, and for each order of a full group a quotation and its confirmation."""
    many_orders: int = 500

    async def connect(self, *, wrong_key: bool = False, **settings: object) -> TrytonWarehouse:
        return self.joined(StoppedClock(), {"database": DATABASE, **settings}, key="wrong" if wrong_key else KEY)

    async def live(self, number: str) -> int:
        return sum(self._will_leave(sale) for sale in self.fake.sales(number))

    async def kept(self, number: str) -> Kept | None:
        for sale in self.fake.sales(number):
            lines = [self.fake.rows["sale.line"][one] for one in sale["lines"]]
            skus = {self._sku(line["product"]): int(line["quantity"]) for line in lines}
            to = self.fake.rows["party.address"][sale["shipment_address"]]["party_name"]
            return Kept(to=to, lines=skus, gift_message=sale["comment"])
        return None

    async def ship(self, parcels: Mapping[str, Sequence[Packed]]) -> None:
        for number, packed in parcels.items():
            self.fake.advance(1)
            sale = next(iter(self.fake.sales(number)), None)
            if packed[0].voided:
                self._relabel(sale, packed[1].tracking_number)
            else:
                self._send(sale, packed)

    def _relabel(self, sale: Row | None, tracking: str) -> None:
        """A label that is made anew stands where the old one stood; Tryton forgets that one."""
        assert sale is not None
        [shipment] = [self.fake.rows["stock.shipment.out"][one] for one in sale["shipments"]]
        package = self.fake.rows["stock.package"][shipment["packages"][0]]
        package.update(shipping_reference=tracking, write_date=self.fake.moment)

    def _send(self, sale: Row | None, packed: Sequence[Packed]) -> None:
        if sale is None:
            sale = {"id": None, "carrier": None, "shipments": []}
            shipment = self.fake.shipment(None, {1: 1})
        else:
            shipment = self.fake.rows["stock.shipment.out"][sale["shipments"][-1]]
        moves = [self.fake.rows["stock.move"][one] for one in shipment["outgoing_moves"]]
        for one in packed:
            inside = [m for m in moves if one.lines is not None and self._sku(m["product"]) in one.lines]
            self.fake.package(shipment, one.tracking_number, [move["id"] for move in inside])
        left = [m for m in moves if packed[-1].lines is not None and self._sku(m["product"]) not in packed[-1].lines]
        self.fake.depart(shipment)
        if packed[-1].closes:
            sale["shipment_state"] = "sent"
            return
        sale["shipment_state"] = "partially shipped"
        shipment["outgoing_moves"] = [move["id"] for move in moves if move not in left]
        self.fake.shipment(sale, {move["product"]: move["quantity"] for move in left})

    async def lose_next_answer(self) -> None:
        self.fake.lose |= {"confirm", "cancel"}

    async def block_next_write(self) -> None:
        self.fake.throttled = 1

    async def spoil(self, order: Order) -> tuple[Order, str]:
        return replace(order, lines=(OrderLine(sku=self.unknown_sku, quantity=1),)), self.unknown_sku

    async def asked_to_cancel(self, number: str) -> int:
        sales = self.fake.sales(number)
        ours = {("sale.sale", sale["id"]) for sale in sales}
        ours |= {("stock.shipment.out", one) for sale in sales for one in sale["shipments"]}
        return sum(button == "cancel" and (model, record) in ours for model, button, record in self.fake.pressed)

    async def group_sizes(self) -> Sequence[int]:
        return self.fake.made

    def _sku(self, product: int) -> str:
        return str(self.fake.rows["product.product"][product]["code"])

    def _will_leave(self, sale: Row) -> bool:
        states = [self.fake.rows["stock.shipment.out"][one]["state"] for one in sale["shipments"]]
        return sale["state"] in ("confirmed", "processing", "done") and set(states) != {"cancelled"}


@asynccontextmanager
async def rigged() -> AsyncIterator[TrytonRig]:
    """A database of its own behind real HTTP."""
    fake = FakeTryton()
    async with served(fake.app, []) as url:
        rig = TrytonRig(fake=fake, url=url)
        try:
            yield rig
        finally:
            await rig.close()
