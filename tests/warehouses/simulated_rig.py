"""The simulator's warehouse behind real HTTP on this machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from msgspec.structs import replace

from cratejoy_tui.simulator.floor import _keep_parcel
from cratejoy_tui.simulator.knobs import Fault
from cratejoy_tui.simulator.world import World
from cratejoy_tui.sync.domain.order import Order, OrderLine
from cratejoy_tui.sync.ports import DeliveryClass
from cratejoy_tui.warehouses.contract_rig import Kept, Packed
from cratejoy_tui.warehouses.simulated import SimulatedWarehouse
from tests.warehouses.folder_rig import StoppedClock
from tests.warehouses.wired_rig import WiredRig

UNKNOWN_SKU = "NO-SUCH-TEA"


@dataclass(kw_only=True)
class SimulatedRig(WiredRig[SimulatedWarehouse]):
    """One simulated warehouse of one delivery class."""

    world: World
    bodies: list[tuple[str, bytes]]
    delivery_class: DeliveryClass = DeliveryClass.UNIQUE
    make: Callable[..., SimulatedWarehouse] = SimulatedWarehouse.from_settings
    parcels_in_many_pages: int = 30

    def __post_init__(self) -> None:
        self.world.turn(
            delivery=self.delivery_class.value,
            unknown_skus=[UNKNOWN_SKU],
            parcels_per_page=12,
            cancel_until="ship",
        )

    async def connect(self, *, wrong_key: bool = False) -> SimulatedWarehouse:
        token = "wrong" if wrong_key else self.world.keys.warehouse_token
        return self.joined(StoppedClock(), {"delivery": self.delivery_class.value}, token=token)

    async def live(self, number: str) -> int:
        return len(self._docs(number, "state <> 'cancelled'"))

    async def kept(self, number: str) -> Kept | None:
        for doc in self._docs(number):
            lines = {line["sku"]: line["quantity"] for line in doc["lines"]}
            return Kept(to=doc["ship_to"]["to"], lines=lines, gift_message=doc["gift_message"])
        return None

    async def ship(self, parcels: Mapping[str, Sequence[Packed]]) -> None:
        for number, packed in parcels.items():
            for one in packed:
                self.world.advance(1)
                self._send(number, one)

    async def lose_next_answer(self) -> None:
        self._fail("lose_answer")

    async def block_next_write(self) -> None:
        self._fail("throttle")

    async def spoil(self, order: Order) -> tuple[Order, str]:
        return replace(order, lines=(OrderLine(sku=UNKNOWN_SKU, quantity=1),)), UNKNOWN_SKU

    async def asked_to_cancel(self, number: str) -> int:
        [count] = self.world.db.execute("SELECT count(*) FROM cancels WHERE order_number=?", (number,)).fetchone()
        return int(count)

    async def group_sizes(self) -> Sequence[int]:
        return [len(msgspec.json.decode(body)["orders"]) for path, body in self.bodies if path == "/api/orders"]

    def _fail(self, kind: str) -> None:
        fault = Fault(kind=kind, app="warehouse", method="POST", path="/api/orders", times=1, seconds=1)  # type: ignore[arg-type]
        self.world.turn(faults=[fault])

    def _docs(self, number: str, condition: str = "1") -> list[dict[str, object]]:
        rows = self.world.db.execute(f"SELECT doc FROM floor_orders WHERE order_number=? AND {condition}", (number,))
        return [msgspec.json.decode(doc) for (doc,) in rows]

    def _send(self, number: str, one: Packed) -> None:
        with self.world.change():
            lines = one.lines
            if lines is None:
                docs = self._docs(number)
                lines = {line["sku"]: line["quantity"] for line in docs[0]["lines"]} if docs else {}
            doc = {
                "order_number": number,
                "reference": f"P{one.tracking_number}",
                "carrier_code": "usps",
                "carrier_name": "USPS",
                "service": "Ground",
                "tracking_number": one.tracking_number,
                "tracking_link": "",
                "shipped_at": self.world.now_ms,
                "held": [{"sku": sku, "quantity": quantity} for sku, quantity in lines.items()],
                "voided": one.voided,
                "order_closed": one.closes,
            }
            _keep_parcel(self.world, "", doc)
            if one.closes:
                self.world.db.execute("UPDATE floor_orders SET state='shipped' WHERE order_number=?", (number,))
