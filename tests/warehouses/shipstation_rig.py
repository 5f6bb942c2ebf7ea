"""The fake ShipStation as the contract wants it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
from msgspec.structs import replace

from cratejoy_tui.http import BasicKey, PoliteClient, Remote
from cratejoy_tui.sync.domain.order import Order, OrderLine
from cratejoy_tui.warehouses.contract_rig import Kept, Packed
from cratejoy_tui.warehouses.shipstation import ShipStationWarehouse
from tests.warehouses.folder_rig import StoppedClock
from tests.warehouses.loopback import served
from tests.warehouses.shipstation_fake import FakeShipStation
from tests.warehouses.wired_rig import WiredRig

Answer = Callable[[httpx.Request], httpx.Response]


@dataclass(kw_only=True)
class ShipStationRig(WiredRig[ShipStationWarehouse]):
    """One account and whoever talks to it."""

    fake: FakeShipStation
    settings: Mapping[str, object] = field(default_factory=dict)
    make: Callable[..., ShipStationWarehouse] = ShipStationWarehouse.from_settings
    parcels_in_many_pages: int = 520

    async def connect(self, *, wrong_key: bool = False) -> ShipStationWarehouse:
        secret = "wrong" if wrong_key else "secret"
        return self.joined(self.fake.clock, {"store_id": 0, **self.settings}, api_key="key", api_secret=secret)

    async def live(self, number: str) -> int:
        return len([order for order in self.fake.by_number(number) if order["orderStatus"] != "cancelled"])

    async def kept(self, number: str) -> Kept | None:
        for order in self.fake.by_number(number):
            lines = {item["sku"]: item["quantity"] for item in order["items"]}
            return Kept(to=order["shipTo"]["name"], lines=lines, gift_message=order["giftMessage"] or "")
        return None

    async def ship(self, parcels: Mapping[str, Sequence[Packed]]) -> None:
        for number, packed in parcels.items():
            for one in packed:
                self.fake.clock.moment += timedelta(seconds=1)
                if one.voided:
                    self.fake.void(one.tracking_number)
                    continue
                self.fake.label(number, one.tracking_number, None if one.lines is None else dict(one.lines))
                if one.closes:
                    self.fake.set_status(number, "shipped")

    async def lose_next_answer(self) -> None:
        self.fake.lose_next = True

    async def block_next_write(self) -> None:
        self.fake.throttle.add("POST")

    async def throttle_next_read(self) -> None:
        self.fake.throttle.add("GET")

    async def spoil(self, order: Order) -> tuple[Order, str]:
        sku = "TOO-LONG-" * 6
        return replace(order, lines=(OrderLine(sku=sku, quantity=1),)), "longer than 50"

    async def asked_to_cancel(self, number: str) -> int:
        return self.fake.cancels.count(number)

    async def group_sizes(self) -> Sequence[int]:
        return self.fake.pushed


@asynccontextmanager
async def rigged(**settings: object) -> AsyncIterator[ShipStationRig]:
    """An account of its own behind real HTTP."""
    fake = FakeShipStation()
    async with served(fake.app(), []) as url:
        rig = ShipStationRig(fake=fake, url=url, settings=settings)
        try:
            yield rig
        finally:
            await rig.close()


def warehouse(answer: Answer) -> ShipStationWarehouse:
    remote = Remote(system="ShipStation", base_url="http://127.0.0.1:1", requests_per_second=None)
    clock = StoppedClock()
    client = PoliteClient(remote, BasicKey("key", "secret"), transport=httpx.MockTransport(answer), wait=clock.sleep)
    return ShipStationWarehouse(client, clock=clock)


def writes_say(reply: httpx.Response | Exception) -> Answer:
    """Nothing is there yet, and every write is answered so."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"orders": [], "pages": 0})
        if isinstance(reply, Exception):
            raise reply
        return reply

    return answer
