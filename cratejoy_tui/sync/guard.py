"""Read-only: both remotes can be asked everything and told nothing, whatever front end is used.

The flows refuse before an intent is written, because no write lease is given; these wrappers are the second lock.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from cratejoy_tui.errors import ReadOnly
from cratejoy_tui.sync.domain.order import CancelOutcome, Found, Order, PushOutcome
from cratejoy_tui.sync.domain.shipment import Billing
from cratejoy_tui.sync.domain.tracking import Confirmation, Parcel
from cratejoy_tui.sync.ports import (
    Acknowledges,
    Contact,
    Delivery,
    KnowsSkus,
    ListingPage,
    OrderSource,
    Reading,
    Warehouse,
)


class ReadOnlySource:
    """An order source whose shipments nobody can change."""

    def __init__(self, source: OrderSource) -> None:
        self._source = source
        self.calls = source.calls

    async def verify(self) -> Contact:
        return await self._source.verify()

    def list_unshipped(self, billing: Billing, until: datetime | None) -> AsyncIterator[ListingPage]:
        return self._source.list_unshipped(billing, until)

    def list_cancelled(self, since: datetime) -> AsyncIterator[ListingPage]:
        return self._source.list_cancelled(since)

    async def read(self, ids: Sequence[str], queried_as: Billing | None = None) -> Reading:
        return await self._source.read(ids, queried_as)

    async def confirm(self, confirmation: Confirmation) -> None:
        raise ReadOnly(f"Shipment {confirmation.shipment_id} was not confirmed: the program runs read-only.")

    async def close(self) -> None:
        await self._source.close()


class ReadOnlyWarehouse:
    """A warehouse that nobody can send anything to."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self.name = warehouse.name
        self.capabilities = warehouse.capabilities
        self.calls = warehouse.calls
        if isinstance(warehouse, Acknowledges):
            self.acknowledged = warehouse.acknowledged
        if isinstance(warehouse, KnowsSkus):
            self.unknown_skus = warehouse.unknown_skus

    async def verify(self) -> Contact:
        return await self._warehouse.verify()

    async def push(self, orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        raise self._refusal(f"order {orders[0].number} was not pushed")

    async def resume(self, orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        raise self._refusal(f"delivery {delivery.name} was not resumed")

    async def find(self, numbers: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        return await self._warehouse.find(numbers)

    async def cancel(self, number: str, reason: str, delivery: Delivery) -> CancelOutcome:
        raise self._refusal(f"order {number} was not cancelled")

    def shipped_since(self, since: datetime) -> AsyncIterator[Sequence[Parcel]]:
        return self._warehouse.shipped_since(since)

    async def adopt(self, ledger_id: str, sequence: int) -> None:
        raise self._refusal("the ledger was not adopted")

    async def close(self) -> None:
        await self._warehouse.close()

    def _refusal(self, what: str) -> ReadOnly:
        return ReadOnly(f"{self.name}: {what}: the program runs read-only.")
