"""A whole desk for tests: a real ledger in a file, and a source and a warehouse that live in memory."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from msgspec import structs

from cratejoy_tui.errors import Unreachable
from cratejoy_tui.sync.domain.classify import billing_of
from cratejoy_tui.sync.domain.order import (
    CancelAnswer,
    CancelOutcome,
    Found,
    Order,
    OrderLine,
    OrderState,
    PushOutcome,
    Receipt,
)
from cratejoy_tui.sync.domain.rules import Rules
from cratejoy_tui.sync.domain.shipment import Billing, Shipment
from cratejoy_tui.sync.domain.tracking import Confirmation, Parcel
from cratejoy_tui.sync.flows.confirm import apply_confirm, preview_confirm
from cratejoy_tui.sync.flows.desk import Desk, Told
from cratejoy_tui.sync.flows.fetch import fetch_tracking
from cratejoy_tui.sync.flows.judging import judge_open
from cratejoy_tui.sync.flows.pull import pull
from cratejoy_tui.sync.flows.push import apply_push, preview_push
from cratejoy_tui.sync.ledger import Ledger, open_ledger
from cratejoy_tui.sync.ports import Calls, Capabilities, Contact, Delivery, DeliveryClass, Listed, ListingPage, Reading
from tests.sync.factories import NOW, parcel


class SetClock:
    """A clock that moves only when it is told to, or slept on."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self.pass_by(seconds=seconds)

    def pass_by(self, **how_long: float) -> None:
        self._now += timedelta(**how_long)


class MemorySource:
    """Cratejoy as far as the questions need it."""

    def __init__(self, clock: SetClock, *shipments: Shipment) -> None:
        self.calls = Calls()
        self.clock = clock
        self.shipments = {shipment.id: shipment for shipment in shipments}
        self.cut_short: set[Billing] = set()
        self.is_down = False
        self.told: list[Confirmation] = []

    def put(self, *shipments: Shipment) -> None:
        self.shipments |= {shipment.id: shipment for shipment in shipments}

    def change(self, id_: str, **changes: Any) -> None:
        self.shipments[id_] = structs.replace(self.shipments[id_], **changes)

    async def verify(self) -> Contact:
        return Contact(system="Cratejoy")

    async def list_unshipped(self, billing: Billing, until: datetime | None) -> AsyncIterator[ListingPage]:
        self._refuse_if_down()
        found = [box for box in self.shipments.values() if box.status == "unshipped" and billing_of(box) is billing]
        due = [box for box in found if until is None or (box.adjusted_ordered_at or until) <= until]
        is_cut = billing in self.cut_short
        rows = tuple(Listed(id=box.id, fingerprint=_print(box), shipment=box) for box in (due[:1] if is_cut else due))
        yield ListingPage(rows=rows, complete=not is_cut, problem="page 2 did not come" if is_cut else "")

    async def list_cancelled(self, since: datetime) -> AsyncIterator[ListingPage]:
        rows = [box for box in self.shipments.values() if box.status == "cancelled"]
        yield ListingPage(
            rows=tuple(Listed(id=box.id, fingerprint=_print(box), shipment=box) for box in rows), complete=True
        )

    async def read(self, ids: Sequence[str], queried_as: Billing | None = None) -> Reading:
        self._refuse_if_down()
        found = {id_: self.shipments[id_] for id_ in ids if id_ in self.shipments}
        return Reading(
            shipments={id_: structs.replace(box, queried_as=queried_as) for id_, box in found.items()},
            missing=frozenset(ids) - found.keys(),
        )

    async def confirm(self, confirmation: Confirmation) -> None:
        self.told.append(confirmation)
        number = confirmation.tracking_number
        if confirmation.mark_shipped:
            self.change(confirmation.shipment_id, status="shipped", shipped_at=confirmation.shipped_at)
        self.change(confirmation.shipment_id, tracking_number=number)

    async def close(self) -> None:
        return

    def _refuse_if_down(self) -> None:
        if self.is_down:
            raise Unreachable("Cratejoy could not be reached: no route.")


def _print(shipment: Shipment) -> str:
    return hashlib.blake2b(msgspec.json.encode(shipment), digest_size=8).hexdigest()


class MemoryWarehouse:
    """A warehouse as far as the questions need it."""

    name = "Cellar"

    def __init__(self, **capabilities: Any) -> None:
        self.calls = Calls()
        self.capabilities = Capabilities(
            **{"delivery": DeliveryClass.UNIQUE, "quiet_seconds": 0.0, "default_confirm_delay_minutes": 0}
            | capabilities
        )
        self.orders: dict[str, tuple[Found, ...]] = {}
        self.parcels: list[Parcel] = []
        self.adopted_by: list[tuple[str, int]] = []
        self.is_down = False

    def put(self, number: str, state: OrderState = OrderState.OPEN, **changes: Any) -> None:
        there = Found(number=number, reference=f"W-{number}", state=state, picked_up=False)
        self.orders[number] = (replace(there, **changes),)

    def ship(self, number: str, **changes: Any) -> None:
        self.put(number, OrderState.SHIPPED)
        self.parcels.append(parcel(**{"order_number": number, "reference": f"P-{number}"} | changes))

    async def verify(self) -> Contact:
        return Contact(system=self.name)

    async def push(self, orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        for order in orders:
            lines = tuple(OrderLine(sku=line.sku, quantity=line.quantity) for line in order.lines)
            self.put(order.number, lines=lines, ship_to=order.ship_to)
        return [Receipt(number=order.number, reference=f"W-{order.number}") for order in orders]

    async def resume(self, orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        raise AssertionError("this warehouse takes no files")

    async def find(self, numbers: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        if self.is_down:
            raise Unreachable("Cellar could not be reached: no route.")
        return {number: self.orders[number] for number in numbers if number in self.orders}

    async def cancel(self, number: str, reason: str, delivery: Delivery) -> CancelOutcome:
        self.put(number, OrderState.CANCELLED)
        return CancelOutcome(number=number, answer=CancelAnswer.CANCELLED)

    async def shipped_since(self, since: datetime) -> AsyncIterator[Sequence[Parcel]]:
        yield self.parcels

    async def adopt(self, ledger_id: str, sequence: int) -> None:
        self.adopted_by.append((ledger_id, sequence))

    async def close(self) -> None:
        return


@dataclass
class Rig:
    """One desk, and ways to bring boxes to where a test needs them."""

    clock: SetClock
    source: MemorySource
    warehouse: MemoryWarehouse
    ledger: Ledger
    rules: Rules = field(default_factory=lambda: Rules(confirm_delay_minutes=0))
    read_only: bool = False
    told: list[Told] = field(default_factory=list)

    @classmethod
    async def make(cls, folder: Path, *shipments: Shipment, **capabilities: Any) -> Rig:
        clock = SetClock()
        ledger = await open_ledger(folder / "ledger.db", "teabox", clock=clock, operator="ada")
        return cls(clock, MemorySource(clock, *shipments), MemoryWarehouse(**capabilities), ledger)

    @property
    def desk(self) -> Desk:
        return Desk(
            store="teabox",
            rules=self.rules,
            source=self.source,
            warehouse=self.warehouse,
            ledger=self.ledger,
            clock=self.clock,
            operator="ada",
            holder="here:1:x:test",
            read_only=self.read_only,
            tell=self.told.append,
        )

    async def pull(self) -> None:
        """Pull and judge, as a cycle begins."""
        await pull(self.desk)
        await judge_open(self.desk)

    async def push(self) -> None:
        """Pull, judge and push all that may go."""
        await self.pull()
        await apply_push(self.desk, await preview_push(self.desk))

    async def ship(self, *numbers: str) -> None:
        """Push all, let the warehouse ship these, and fetch their tracking."""
        await self.push()
        for nr, number in enumerate(numbers):
            self.warehouse.ship(number, tracking_number=TRACKING_NUMBERS[nr])
        await fetch_tracking(self.desk)

    async def confirm(self, *numbers: str) -> None:
        """Bring these orders all the way to confirmed."""
        await self.ship(*numbers)
        rows, _ = await preview_confirm(self.desk)
        await apply_confirm(self.desk, rows)


TRACKING_NUMBERS = ("9400111899223856925503", "9400111899223197428490", "9400110200881234567891")
