"""The warehouse of the built-in simulator, reached over its own small JSON API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar
from urllib.parse import quote

from cratejoy_tui.errors import NotSupported, RunStopped, SignInRefused, UnexpectedAnswer
from cratejoy_tui.http import BearerKey, PoliteClient, Remote
from cratejoy_tui.sync.domain.found import already_there
from cratejoy_tui.sync.domain.order import CancelOutcome, Found, Lost, Order, PushOutcome, Receipt, Refused
from cratejoy_tui.sync.domain.tracking import Parcel
from cratejoy_tui.sync.ports import Capabilities, Contact, DeliveryClass
from cratejoy_tui.text import clean, one_line
from cratejoy_tui.warehouses.called import CalledWarehouse
from cratejoy_tui.warehouses.declared import Place, Setting, SettingKind, filled_in, number_in
from cratejoy_tui.warehouses.simulated_records import (
    Cancelled,
    FoundPage,
    ParcelPage,
    Pong,
    PushResult,
    PushResults,
    SkuPage,
    found_of,
    order_record,
    parcel_of,
)
from cratejoy_tui.warehouses.told import parcels_in, parts_of, read_as

LOOK_UPS = 50


class SimulatedWarehouse(CalledWarehouse):
    """Orders and tracking by the simulator's API."""

    title: ClassVar[str] = "Simulated Warehouse"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(name="name", help="What you call this warehouse.", default="Simulated Warehouse"),
        Setting(name="url", kind=SettingKind.WEB_ADDRESS, help="Where the simulator listens, as it says itself."),
        Setting(name="token", help="The made-up key it prints when it starts.", secret=True),
        Setting(
            name="delivery",
            choices=tuple(one.value for one in DeliveryClass),
            default=DeliveryClass.UNIQUE.value,
            help="What protects it from one order twice, as the simulator is set.",
        ),
        Setting(
            name="quiet_seconds",
            default=300,
            help="How long after a lost answer an order may still appear; not used where numbers are unique.",
        ),
    )

    def __init__(self, client: PoliteClient, *, delivery: DeliveryClass, quiet_seconds: float = 300.0) -> None:
        super().__init__(client)
        self.capabilities = Capabilities(
            delivery=delivery,
            quiet_seconds=0.0 if delivery is DeliveryClass.UNIQUE else quiet_seconds,
            can_find=delivery is not DeliveryClass.BLIND,
            tells_pickup=delivery is not DeliveryClass.BLIND,
        )

    @classmethod
    def from_settings(cls, given: Mapping[str, object], place: Place) -> SimulatedWarehouse:
        """Make one from what the settings file holds. Raises SettingsInvalid, CredentialsMissing."""
        values = filled_in(cls.settings, given, "simulated warehouse")
        remote = Remote(system=str(values["name"]), base_url=str(values["url"]), requests_per_second=None)
        client = PoliteClient(remote, BearerKey(place.key("token")), wait=place.clock.sleep)
        delivery = DeliveryClass(str(values["delivery"]))
        return cls(client, delivery=delivery, quiet_seconds=number_in(values, "quiet_seconds"))

    async def verify(self) -> Contact:
        """Prove by one read that it answers and the key is good. Raises SignInRefused, Unreachable."""
        pong = await self._client.read("/api/ping", read_as(Pong))
        return replace(self.contact(pong.warehouse), server_time=pong.time and pong.time.astimezone(UTC))

    async def hand_over(self, orders: Sequence[Order]) -> Iterable[PushOutcome]:
        """Send the orders in one call; each has its own outcome."""
        body = {"orders": [order_record(order) for order in orders]}
        answer = await self._client.write("POST", "/api/orders", read_as(PushResults), json=body)
        results = {result.order_number: result for result in answer.results}
        there = await self._there_again([number for number, result in results.items() if result.status == "duplicate"])
        return [
            self._outcome(order, results[order.number], there.get(order.number, ()))
            for order in orders
            if order.number in results
        ]

    async def _there_again(self, numbers: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """What stands under numbers that were refused as known; {} where that cannot be told."""
        try:
            return await self.find(numbers) if numbers else {}
        except SignInRefused:
            raise
        except (RunStopped, NotSupported):
            return {}

    async def find(self, numbers: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """What it has under exactly these numbers. Raises NotSupported where it is set to be blind."""
        if not self.capabilities.can_find:
            return await super().find(numbers)
        found: dict[str, list[Found]] = {}
        for part in parts_of(numbers, LOOK_UPS):
            asked = {"order_numbers": part}
            page = await self._client.read("/api/orders/find", read_as(FoundPage), method="POST", json=asked)
            for one in page.orders:
                if one.order_number in part:
                    found.setdefault(one.order_number, []).append(found_of(one))
        return {number: tuple(orders) for number, orders in found.items()}

    async def unknown_skus(self, skus: Collection[str]) -> frozenset[str]:
        """Those of these SKUs that it has no item for."""
        body = {"skus": sorted(skus)}
        said = await self._client.read("/api/skus/find", read_as(SkuPage), method="POST", json=body)
        return frozenset(said.unknown).intersection(skus)

    async def ask_to_cancel(self, number: str, reason: str) -> CancelOutcome:
        """Ask for one order not to be sent, and tell what it says."""
        path = f"/api/orders/{quote(number, safe='')}/cancel"
        answer = await self._client.write("POST", path, read_as(Cancelled), json={"reason": reason})
        return CancelOutcome(number=number, answer=answer.answer, reason=clean(answer.message))

    async def shipped_since(self, since: datetime) -> AsyncIterator[Sequence[Parcel]]:
        """Every parcel made or voided from `since` on, page by page."""
        cursor, seen = "", set[str]()
        while cursor not in seen:
            seen.add(cursor)
            arguments = {"since": since.astimezone(UTC).isoformat()} | ({"cursor": cursor} if cursor else {})
            page = await self._client.read("/api/shipments", read_as(ParcelPage), arguments=arguments)
            yield parcels_in(page.parcels, parcel_of, self.name)
            if not page.next:
                return
            cursor = page.next
        raise UnexpectedAnswer(f"{self.name} gave the same page of parcels twice; the rest was not read.")

    def _outcome(self, order: Order, result: PushResult, there: Sequence[Found]) -> PushOutcome:
        if result.status == "refused":
            return Refused(number=order.number, reason=clean(result.message) or "no reason given")
        if result.status == "accepted" and result.reference:
            return Receipt(number=order.number, reference=clean(result.reference, 200))
        if result.status == "duplicate":
            # A write given up as lost may have come in late, with what the box was before it changed in Cratejoy.
            return already_there(order, there, self.name)
        return Lost(number=order.number, reason=f"{self.name} answered `{one_line(result.status)}`")
