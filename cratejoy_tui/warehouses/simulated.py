"""The warehouse of the built-in simulator, reached over its own small JSON API."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import ClassVar, TypeVar
from urllib.parse import quote

import msgspec

from cratejoy_tui.errors import (
    AnswerLost,
    CredentialsMissing,
    NotSupported,
    RunStopped,
    SignInRefused,
    UnexpectedAnswer,
)
from cratejoy_tui.http import BearerKey, PoliteClient, Remote, RequestRefused
from cratejoy_tui.sync.domain.found import Comparison, compare
from cratejoy_tui.sync.domain.order import (
    CancelAnswer,
    CancelOutcome,
    Found,
    Lost,
    NotSent,
    Order,
    OrderState,
    PushOutcome,
    Receipt,
    Refused,
)
from cratejoy_tui.sync.domain.tracking import Parcel
from cratejoy_tui.sync.ports import Capabilities, Contact, Delivery, DeliveryClass
from cratejoy_tui.text import clean, one_line
from cratejoy_tui.warehouses.declared import Place, Setting, SettingKind, filled_in
from cratejoy_tui.warehouses.simulated_records import (
    Cancelled,
    FoundPage,
    ParcelPage,
    Pong,
    PushResult,
    PushResults,
    found_of,
    order_record,
    parcels_of,
)

LOOK_UPS = 50
MOST_PAGES = 100_000

log = logging.getLogger(__name__)
T = TypeVar("T")


class SimulatedWarehouse:
    """Orders and tracking by the simulator's API."""

    title: ClassVar[str] = "Simulated Warehouse"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(name="name", help="What you call this warehouse.", default="Simulated Warehouse"),
        Setting(name="url", kind=SettingKind.WEB_ADDRESS, help="Where the simulator listens, as it says itself."),
        Setting(name="token", help="The made-up key it prints when it starts.", secret=True),
        Setting(
            name="delivery",
            kind=SettingKind.CHOICE,
            choices=tuple(one.value for one in DeliveryClass),
            default=DeliveryClass.UNIQUE.value,
            help="What protects it from one order twice, as the simulator is set.",
        ),
        Setting(
            name="quiet_seconds",
            kind=SettingKind.NUMBER,
            default=300,
            help="How long after a lost answer an order may still appear; not used where numbers are unique.",
        ),
    )

    def __init__(self, client: PoliteClient, *, delivery: DeliveryClass, quiet_seconds: float = 300.0) -> None:
        self.name = client.remote.system
        self.calls = client.calls
        self.capabilities = Capabilities(
            delivery=delivery,
            quiet_seconds=0.0 if delivery is DeliveryClass.UNIQUE else quiet_seconds,
            can_find=delivery is not DeliveryClass.BLIND,
            tells_pickup=delivery is not DeliveryClass.BLIND,
        )
        self._client = client

    @classmethod
    def from_settings(cls, given: Mapping[str, object], place: Place) -> SimulatedWarehouse:
        """Make one from what the settings file holds. Raises SettingsInvalid, CredentialsMissing."""
        values = filled_in(cls.settings, given, "simulated warehouse")
        if "token" not in place.secrets:
            raise CredentialsMissing(f"There is no key for the simulated warehouse of store {place.store}.")
        remote = Remote(system=str(values["name"]), base_url=str(values["url"]), requests_per_second=None)
        client = PoliteClient(remote, BearerKey(place.secrets["token"].reveal()), wait=place.clock.sleep)
        quiet = values["quiet_seconds"]
        return cls(
            client,
            delivery=DeliveryClass(str(values["delivery"])),
            quiet_seconds=float(quiet) if isinstance(quiet, int | float) else 0.0,
        )

    async def verify(self) -> Contact:
        """Prove by one read that it answers and the key is good. Raises SignInRefused, Unreachable."""
        pong = await self._client.read("/api/ping", _decoder(Pong))
        return Contact(system=self.name, server_time=_utc(pong.time), detail=clean(pong.warehouse, 100))

    async def push(self, orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        """Hand over the orders in one call; each has its own outcome."""
        body = {"orders": [order_record(order) for order in orders]}
        try:
            answer = await self._client.write("POST", "/api/orders", _decoder(PushResults), json=body)
        except SignInRefused:
            raise
        except AnswerLost as lost:
            return [Lost(number=order.number, reason=lost.message) for order in orders]
        except RequestRefused as refused:
            return [_not_taken(order, refused) for order in orders]
        except RunStopped as stopped:
            return [NotSent(number=order.number, reason=stopped.message) for order in orders]
        results = {result.order_number: result for result in answer.results}
        there = await self._there([number for number, result in results.items() if result.status == "duplicate"])
        return [self._outcome(order, results.get(order.number), there.get(order.number, ())) for order in orders]

    async def _there(self, numbers: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """What stands under numbers that were refused as known; {} where that cannot be told."""
        try:
            return await self.find(numbers) if numbers else {}
        except SignInRefused:
            raise
        except (RunStopped, NotSupported):
            return {}

    async def resume(self, orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        """Nothing here is delivered by file. Raises NotSupported."""
        raise NotSupported(
            f"{self.name} takes {len(orders)} orders by a call, not by a file; there is nothing to resume."
        )

    async def find(self, numbers: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """What it has under exactly these numbers. Raises NotSupported where it is set to be blind."""
        if not self.capabilities.can_find:
            raise NotSupported(f"{self.name} cannot be asked for orders.", next_step="Look there, then settle by hand.")
        found: dict[str, list[Found]] = {}
        for start in range(0, len(numbers), LOOK_UPS):
            part = numbers[start : start + LOOK_UPS]
            page = await self._client.read(
                "/api/orders/find", _decoder(FoundPage), method="POST", json={"order_numbers": list(part)}
            )
            for one in page.orders:
                if one.order_number in part:
                    found.setdefault(one.order_number, []).append(found_of(one))
        return {number: tuple(orders) for number, orders in found.items()}

    async def cancel(self, number: str, reason: str, delivery: Delivery) -> CancelOutcome:
        """Ask for one order not to be sent, and where it can be asked, look whether it really is cancelled."""
        path = f"/api/orders/{quote(number, safe='')}/cancel"
        try:
            answer = await self._client.write("POST", path, _decoder(Cancelled), json={"reason": reason})
        except AnswerLost as lost:
            return CancelOutcome(number=number, answer=CancelAnswer.UNKNOWN, reason=lost.message)
        except RequestRefused as refused:
            return CancelOutcome(
                number=number, answer=CancelAnswer.REFUSED, reason=clean(refused.body or refused.message)
            )
        said = CancelOutcome(number=number, answer=answer.answer, reason=clean(answer.message))
        return await self._read_back(said) if said.answer is CancelAnswer.CANCELLED else said

    async def shipped_since(self, since: datetime) -> AsyncIterator[Sequence[Parcel]]:
        """Every parcel made or voided from `since` on, page by page."""
        cursor, seen = "", set[str]()
        while cursor not in seen:
            seen.add(cursor)
            arguments = {"since": since.astimezone(UTC).isoformat()} | ({"cursor": cursor} if cursor else {})
            page = await self._client.read("/api/shipments", _decoder(ParcelPage), arguments=arguments)
            parcels, unreadable = parcels_of(page)
            if unreadable:
                log.warning("%s: %d parcels could not be read", one_line(self.name), unreadable)
            yield parcels
            if not page.next:
                return
            cursor = page.next
        raise UnexpectedAnswer(f"{self.name} gave the same page of parcels twice; the rest was not read.")

    async def adopt(self, ledger_id: str, sequence: int) -> None:
        """Any ledger may push here; numbers protect it."""

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.close()

    def _outcome(self, order: Order, result: PushResult | None, there: Sequence[Found]) -> PushOutcome:
        if result is None:
            return Lost(number=order.number, reason=f"{self.name} did not say what became of it")
        if result.status == "refused":
            return Refused(number=order.number, reason=clean(result.message) or "no reason given")
        if result.status == "accepted" and result.reference:
            return Receipt(number=order.number, reference=clean(result.reference, 200))
        if result.status == "duplicate":
            # A write given up as lost may have come in late, with what the box was before it changed in Cratejoy.
            if compare(order, there) is Comparison.SAME:
                return Receipt(number=order.number, reference=there[0].reference)
            return Lost(number=order.number, reason=f"{self.name} has this number already, with other content")
        return Lost(number=order.number, reason=f"{self.name} answered `{one_line(result.status)}`")

    async def _read_back(self, said: CancelOutcome) -> CancelOutcome:
        if not self.capabilities.can_find:
            return said
        try:
            found = (await self.find([said.number])).get(said.number, ())
        except SignInRefused:
            raise
        except RunStopped as stopped:
            return CancelOutcome(number=said.number, answer=CancelAnswer.UNKNOWN, reason=stopped.message)
        if all(one.state is OrderState.CANCELLED for one in found):
            return said
        why = f"{self.name} said cancelled, but still has it {', '.join(one.state for one in found)}"
        return CancelOutcome(number=said.number, answer=CancelAnswer.UNKNOWN, reason=why)


def _not_taken(order: Order, refused: RequestRefused) -> PushOutcome:
    # A wrong address or verb says nothing about the orders; a refused body does.
    if refused.status in (400, 413, 422):
        return Refused(number=order.number, reason=clean(refused.body) or refused.message)
    return NotSent(number=order.number, reason=refused.message)


def _decoder(kind: type[T]) -> Callable[[bytes], T]:
    return msgspec.json.Decoder(kind).decode


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment is not None and moment.tzinfo is not None else None
