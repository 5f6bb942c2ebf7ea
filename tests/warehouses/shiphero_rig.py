"""The little ShipHero as the contract wants it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from msgspec.structs import replace

from cratejoy_tui.sync.domain.order import Order, OrderLine
from cratejoy_tui.warehouses.contract_rig import Kept, Packed
from cratejoy_tui.warehouses.shiphero import ShipHeroWarehouse
from cratejoy_tui.warehouses.shiphero_questions import SHIPMENTS
from tests.warehouses.loopback import served
from tests.warehouses.shiphero_fake import PASSWORD, USER, FakeShipHero
from tests.warehouses.wired_rig import WiredRig


@dataclass(kw_only=True)
class ShipHeroRig(WiredRig[ShipHeroWarehouse]):
    """One account and whoever talks to it."""

    fake: FakeShipHero
    make: Callable[..., ShipHeroWarehouse] = ShipHeroWarehouse.from_settings
    unknown_sku: str = "NO-SUCH-TEA"
    parcels_in_many_pages: int = SHIPMENTS + 5
    many_orders: int = 1000

    async def connect(self, *, wrong_key: bool = False, **settings: object) -> ShipHeroWarehouse:
        given = {"user": USER, "requests_per_second": 10_000, **settings}
        return self.joined(self.fake.clock, given, password="wrong-password" if wrong_key else PASSWORD)

    async def live(self, number: str) -> int:
        return len([order for order in self.fake.named(number) if order["fulfillment_status"] != "canceled"])

    async def kept(self, number: str) -> Kept | None:
        for order in self.fake.named(number):
            address = order["shipping_address"]
            lines = {line["sku"]: line["quantity"] for line in order["line_items"]}
            to = " ".join(part for part in (address["first_name"], address.get("last_name")) if part)
            return Kept(to=to, lines=lines, gift_message=order.get("gift_note", ""))
        return None

    async def ship(self, parcels: Mapping[str, Sequence[Packed]]) -> None:
        for number, packed in parcels.items():
            self.fake.clock.moment += timedelta(seconds=1)
            order = next(iter(self.fake.named(number)), None) or self.fake.take(number)
            gone = {one.tracking_number for one in packed if one.voided}
            for label in self.fake.labels():
                if label["tracking_number"] in gone:
                    label["status"] = "voided"
            live = [one for one in packed if not one.voided]
            self.fake.ship(order, [one.tracking_number for one in live], live[0].lines)
            if live[-1].closes:
                order["fulfillment_status"] = "fulfilled"

    async def lose_next_answer(self) -> None:
        self.fake.lose_next = True

    async def block_next_write(self) -> None:
        self.fake.throttle_next.add("mutation")

    async def throttle_next_read(self) -> None:
        self.fake.throttle_next.add("query")

    async def end_tokens(self) -> None:
        self.fake.tokens.clear()
        self.fake.refresh_tokens.clear()

    async def spoil(self, order: Order) -> tuple[Order, str]:
        return replace(order, lines=(OrderLine(sku=self.unknown_sku, quantity=1),)), self.unknown_sku

    async def asked_to_cancel(self, number: str) -> int:
        return self.fake.cancels.count(number)

    async def group_sizes(self) -> Sequence[int]:
        return [1] * self.fake.creates


@asynccontextmanager
async def rigged(**knobs: object) -> AsyncIterator[ShipHeroRig]:
    """An account of its own behind real HTTP."""
    fake = FakeShipHero(**knobs)  # type: ignore[arg-type]
    async with served(fake.app(), []) as url:
        rig = ShipHeroRig(fake=fake, url=url)
        try:
            yield rig
        finally:
            await rig.close()
