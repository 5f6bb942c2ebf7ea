"""The fake Extensiv as the contract wants it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
from msgspec.structs import replace

from cratejoy_tui.sync.domain.order import Order, OrderLine
from cratejoy_tui.warehouses.contract_rig import Kept, Packed
from cratejoy_tui.warehouses.extensiv import ExtensivWarehouse
from cratejoy_tui.warehouses.extensiv_words import GIFT
from tests.warehouses.extensiv_fake import CUSTOMER, FACILITY, UNKNOWN_SKU, FakeExtensiv
from tests.warehouses.loopback import served
from tests.warehouses.wired_rig import WiredRig

TOKEN = "POST /AuthServer/api/Token"
SETTINGS = {"user_login": "robot", "customer_id": CUSTOMER, "facility_id": FACILITY, "requests_per_second": 0}


@dataclass(kw_only=True)
class ExtensivRig(WiredRig[ExtensivWarehouse]):
    """One 3PL and whoever talks to it."""

    fake: FakeExtensiv
    settings: Mapping[str, object] = field(default_factory=dict)
    make: Callable[..., ExtensivWarehouse] = ExtensivWarehouse.from_settings
    parcels_in_many_pages: int = 230
    unknown_sku: str = UNKNOWN_SKU

    async def connect(self, *, wrong_key: bool = False) -> ExtensivWarehouse:
        key = "wrong" if wrong_key else "secret"
        return self.joined(self.fake.clock, {**SETTINGS, **self.settings}, client_id="client", client_secret=key)

    async def live(self, number: str) -> int:
        return len([order for order in self.fake.by_number(number) if order["readOnly"]["status"] != 2])

    async def kept(self, number: str) -> Kept | None:
        for order in self.fake.by_number(number):
            lines = {item["itemIdentifier"]["sku"]: item["qty"] for item in order["orderItems"]}
            return Kept(to=order["shipTo"]["name"], lines=lines, gift_message=order["notes"].removeprefix(GIFT))
        return None

    async def ship(self, parcels: Mapping[str, Sequence[Packed]]) -> None:
        for number, packed in parcels.items():
            for one in packed:
                self.fake.clock.moment += timedelta(seconds=1)
                if one.voided:
                    self.fake.unlabel(one.tracking_number)
                    continue
                order = next(iter(self.fake.by_number(number)), None) or self._stranger(number)
                self.fake.pack(order, one.tracking_number, None if one.lines is None else dict(one.lines))
                if one.closes:
                    self.fake.close(order)

    def _stranger(self, number: str) -> dict[str, Any]:
        made_by_hand = {
            "customerIdentifier": {"id": CUSTOMER},
            "facilityIdentifier": {"id": FACILITY},
            "referenceNum": number,
            "shipTo": {"name": "Somebody"},
            "orderItems": [{"itemIdentifier": {"sku": "TEA-01"}, "qty": 1}],
        }
        return self.fake._make(made_by_hand)

    async def lose_next_answer(self) -> None:
        self.fake.lose_next = True

    async def block_next_write(self) -> None:
        self.fake.throttle.add("POST")

    async def throttle_next_read(self) -> None:
        self.fake.throttle.add("GET")

    async def end_tokens(self) -> None:
        self.fake.tokens.clear()

    async def spoil(self, order: Order) -> tuple[Order, str]:
        return replace(order, lines=(OrderLine(sku=UNKNOWN_SKU, quantity=1),)), UNKNOWN_SKU

    async def asked_to_cancel(self, number: str) -> int:
        ids = {order["readOnly"]["orderId"] for order in self.fake.by_number(number)}
        return len([order_id for order_id in self.fake.cancels if order_id in ids])

    async def group_sizes(self) -> Sequence[int]:
        return self.fake.pushed


@asynccontextmanager
async def rigged(fake: FakeExtensiv | None = None, **settings: object) -> AsyncIterator[ExtensivRig]:
    """A 3PL of its own behind real HTTP."""
    fake = fake or FakeExtensiv()
    async with served(fake.app(), []) as url:
        rig = ExtensivRig(fake=fake, url=url, settings=settings)
        try:
            yield rig
        finally:
            await rig.close()


def answering(warehouse: ExtensivWarehouse, answer: Callable[[httpx.Request], httpx.Response]) -> None:
    """From now on everything but a sign-in is answered so."""
    client = warehouse._session.client
    client._http = httpx.AsyncClient(transport=httpx.MockTransport(answer), auth=client._http.auth)
