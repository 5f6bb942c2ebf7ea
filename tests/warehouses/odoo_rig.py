"""The little Odoo as the contract wants it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from msgspec.structs import replace

from cratejoy_tui.sync.domain.order import Order, OrderLine
from cratejoy_tui.warehouses.contract_rig import Kept, Packed
from cratejoy_tui.warehouses.odoo import OdooWarehouse
from cratejoy_tui.warehouses.odoo_deliveries import PAGE
from tests.warehouses.loopback import served
from tests.warehouses.odoo_fake import DATABASE, KEY, LOGIN, FakeOdoo
from tests.warehouses.wired_rig import WiredRig


@dataclass(kw_only=True)
class OdooRig(WiredRig[OdooWarehouse]):
    """One database and whoever talks to it."""

    fake: FakeOdoo
    make: Callable[..., OdooWarehouse] = OdooWarehouse.from_settings
    unknown_sku: str = "NO-SUCH-TEA"
    parcels_in_many_pages: int = PAGE + 20
    writes_per_push: int = 3
    """Contacts, quotations, their confirmation."""

    async def connect(self, *, wrong_key: bool = False, **settings: object) -> OdooWarehouse:
        given = {"database": DATABASE, "login": LOGIN, "requests_per_second": 10_000, **settings}
        return self.joined(self.fake.clock, given, key="wrong-api-key" if wrong_key else KEY)

    async def live(self, number: str) -> int:
        return len([order for order in self.fake.orders(number) if order["state"] == "sale"])

    async def kept(self, number: str) -> Kept | None:
        for order in self.fake.orders(number):
            lines = {self.fake.sku(line): int(line["product_uom_qty"]) for line in self.fake.lines(order)}
            to = self.fake.tables["res.partner"][order["partner_shipping_id"]]["name"]
            gift = str(order["note"] or "").removeprefix("<p>").removesuffix("</p>")
            return Kept(to=to, lines=lines, gift_message=gift)
        return None

    async def ship(self, parcels: Mapping[str, Sequence[Packed]]) -> None:
        """Odoo holds the parcels of one delivery in one field, so parcels with the same content go together."""
        for number, packed in parcels.items():
            self.fake.clock.moment += timedelta(seconds=1)
            order = self._order(number)
            done = [one for one in self.fake.pickings(order) if one["state"] == "done"]
            live = ",".join(one.tracking_number for one in packed if not one.voided)
            if any(one.voided for one in packed):
                self.fake.retrack(done[-1], live)
                continue
            lines = packed[0].lines
            self.fake.deliver(order, live, lines, closes=packed[-1].closes)

    async def lose_next_answer(self) -> None:
        self.fake.lose_next = {"sale.order.action_confirm", "sale.order.action_cancel"}

    async def block_next_write(self) -> None:
        self.fake.throttle_next.add("sale.order.load")

    async def throttle_next_read(self) -> None:
        self.fake.throttle_next.add("")

    async def spoil(self, order: Order) -> tuple[Order, str]:
        return replace(order, lines=(OrderLine(sku=self.unknown_sku, quantity=1),)), self.unknown_sku

    async def asked_to_cancel(self, number: str) -> int:
        return self.fake.cancels.count(number)

    async def group_sizes(self) -> Sequence[int]:
        return self.fake.pushed

    def _order(self, number: str) -> dict[str, object]:
        if known := self.fake.orders(number):
            return known[0]
        order = self.fake.add("sale.order", client_order_ref=number, state="sale", name="S-by-hand")
        return self.fake.tables["sale.order"][order]


@asynccontextmanager
async def rigged(major: int = 19, **knobs: object) -> AsyncIterator[OdooRig]:
    """A database of its own behind real HTTP."""
    fake = FakeOdoo(major=major, **knobs)  # type: ignore[arg-type]
    async with served(fake.app(), []) as url:
        rig = OdooRig(fake=fake, url=url)
        try:
            yield rig
        finally:
            await rig.close()
