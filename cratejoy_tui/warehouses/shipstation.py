"""ShipStation by its API, version 1: orders in hundreds, tracking from labels and from orders marked as shipped."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar, TypeVar

import msgspec

from cratejoy_tui.errors import SetupError, UnexpectedAnswer
from cratejoy_tui.http import BasicKey, PoliteClient, Remote, RequestRefused
from cratejoy_tui.sync.domain.order import (
    CancelAnswer,
    CancelOutcome,
    Found,
    Lost,
    Order,
    OrderState,
    PushOutcome,
    Receipt,
    Refused,
)
from cratejoy_tui.sync.domain.tracking import Parcel
from cratejoy_tui.sync.ports import Capabilities, Clock, Contact, DeliveryClass
from cratejoy_tui.text import clean, one_line
from cratejoy_tui.warehouses.called import CalledWarehouse, standing, unknown_if_stopped, words_of
from cratejoy_tui.warehouses.declared import Place, Setting, SettingKind, filled_in, whole_in
from cratejoy_tui.warehouses.shipstation_records import (
    FulfillmentPage,
    OrderName,
    OrderPage,
    OrderRecord,
    Page,
    PushResult,
    PushResults,
    ShipmentPage,
    StoreRecord,
)
from cratejoy_tui.warehouses.shipstation_search import MOST_PAGES, Row, rows_of
from cratejoy_tui.warehouses.shipstation_words import (
    CHANGEABLE,
    KEY,
    found_of,
    label_of,
    marked_of,
    naive_since,
    order_record,
    state_of,
)
from cratejoy_tui.warehouses.told import parcels_in, read_as

URL = "https://ssapi.shipstation.com"
PAGE = "500"
BY_CREATION = {"sortBy": "CreateDate", "sortDir": "ASC"}
LABELS = {**BY_CREATION, "includeShipmentItems": "true"}
SHIPPED = {"orderStatus": "shipped", "sortBy": "ModifyDate", "sortDir": "ASC"}

P = TypeVar("P", bound=Page)


class ShipStationWarehouse(CalledWarehouse):
    """Orders and tracking by ShipStation's API, version 1."""

    looks_first = True

    title: ClassVar[str] = "ShipStation"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(name="name", help="What you call this warehouse.", default="ShipStation"),
        Setting(name="api_key", help="The API key, from ShipStation's account settings, for version 1.", secret=True),
        Setting(name="api_secret", help="The API secret that was shown with it.", secret=True),
        Setting(name="store_id", least=0, help="Number of the store there that takes the orders; 0: the account's."),
        Setting(name="url", kind=SettingKind.WEB_ADDRESS, default=URL, help="Where ShipStation's API is."),
    )

    def __init__(self, client: PoliteClient, *, clock: Clock, store_id: int = 0) -> None:
        super().__init__(client, clock)
        self.capabilities = Capabilities(
            # A repeat replaces the order instead of being refused, and may undo what somebody changed there.
            delivery=DeliveryClass.LOOK_UP,
            batch_size=100,
            in_flight=1,
            quiet_seconds=300.0,
            max_lengths=MappingProxyType({"number": 50, "sku": 50, "gift_message": 1000}),
        )
        self._clock, self._store_id = clock, store_id

    @classmethod
    def from_settings(cls, given: Mapping[str, object], place: Place) -> ShipStationWarehouse:
        """Make one from what the settings file holds. Raises SettingsInvalid, CredentialsMissing."""
        values = filled_in(cls.settings, given, "ShipStation")
        remote = Remote(
            system=str(values["name"]),
            base_url=str(values["url"]),
            requests_per_second=None,
            in_flight=1,
            read_seconds=90.0,
            total_seconds=120.0,
            window_left_header="X-Rate-Limit-Remaining",
            window_reset_header="X-Rate-Limit-Reset",
        )
        key = BasicKey(place.key("api_key"), place.key("api_secret"))
        client = PoliteClient(remote, key, wait=place.clock.sleep)
        return cls(client, clock=place.clock, store_id=whole_in(values, "store_id"))

    async def verify(self) -> Contact:
        """Prove by one read that key and store are good. Raises SignInRefused, Unreachable, SetupError."""
        stores = await self._client.read("/stores", read_as(list[StoreRecord]))
        names = {store.store_id: clean(store.store_name or "", 100) for store in stores}
        if self._store_id and self._store_id not in names:
            known = ", ".join(f"{number} ({name})" for number, name in sorted(names.items())[:20])
            raise SetupError(f"{self.name} has no store {self._store_id}; it has {known or 'none'}.")
        return self.contact(names.get(self._store_id, "the whole account"))

    async def hand_over(self, orders: Sequence[Order]) -> Iterable[PushOutcome]:
        """Send these in one call; each row of the answer is about one of them."""
        body = [order_record(order, self._store_id, self._clock.now()) for order in orders]
        answer = await self._client.write("POST", "/orders/createorders", read_as(PushResults), json=body)
        results = {result.order_key or KEY + (result.order_number or ""): result for result in answer.results}
        return [self._outcome(order, results[KEY + order.number]) for order in orders if KEY + order.number in results]

    async def find(self, numbers: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """What it has under exactly these numbers, archived and inactive orders excepted."""
        rows = await rows_of(self._ask, numbers)
        self.absent.learn(numbers, rows)
        return {number: tuple(found_of(row.record) for row in found) for number, found in rows.items()}

    async def call_off(self, number: str, reason: str) -> CancelOutcome:
        """Send the order again with the status cancelled, the only way there is, and read back what became of it."""
        try:
            rows = (await rows_of(self._ask, [number])).get(number, [])
        except UnexpectedAnswer as problem:
            return CancelOutcome(number=number, answer=CancelAnswer.UNKNOWN, reason=problem.message)
        outcome = standing(self.name, number, ())
        for row in rows:
            outcome = await self._call_off_one(row, reason)
            if outcome.answer is not CancelAnswer.CANCELLED:
                break
        return outcome

    async def shipped_since(self, since: datetime) -> AsyncIterator[Sequence[Parcel]]:
        """Every label made or voided and every order marked as shipped from `since` on, page by page.

        Labels that bring a box back are left out; a voided one is told as voided.
        """
        begin = naive_since(since)
        # Before the labels: an order that closes while we read is then told as closed by the next reading, with all.
        shipped = await self._shipped_orders(begin)
        for window in ("createDateStart", "voidDateStart"):
            async for page in self._pages("/shipments", ShipmentPage, {**LABELS, window: begin}):
                yield parcels_in(page.shipments, lambda raw: label_of(raw, shipped), self.name)
        async for marked in self._pages("/fulfillments", FulfillmentPage, {**BY_CREATION, "createDateStart": begin}):
            yield parcels_in(marked.fulfillments, marked_of, self.name)

    async def _shipped_orders(self, begin: str) -> frozenset[str]:
        """The orders that ShipStation calls shipped whole; a label alone does not tell."""
        shipped: set[str] = set()
        async for page in self._pages("/orders", OrderPage, {**SHIPPED, "modifyDateStart": begin}):
            shipped |= {str(msgspec.json.decode(raw, type=OrderName).order_id) for raw in page.orders}
        return frozenset(shipped)

    async def _pages(self, path: str, kind: type[P], arguments: Mapping[str, str]) -> AsyncIterator[P]:
        decode = read_as(kind)
        for number in range(1, MOST_PAGES):
            asked = {**arguments, "page": str(number), "pageSize": PAGE}
            page = await self._client.read(path, decode, arguments=asked)
            yield page
            if number >= page.pages:
                return
        raise UnexpectedAnswer(f"{self.name} has more than {MOST_PAGES:,} pages of {path}; the rest was not read.")

    def _outcome(self, order: Order, result: PushResult) -> PushOutcome:
        if not result.success:
            return Refused(number=order.number, reason=clean(result.error_message or "") or "no reason given")
        if result.order_id is None:
            return Lost(number=order.number, reason=f"{self.name} took it, but did not say under which id")
        return Receipt(number=order.number, reference=clean(str(result.order_id), 200))

    async def _call_off_one(self, row: Row, reason: str) -> CancelOutcome:
        number, status = row.record.order_number, row.record.order_status
        if state_of(row.record) is OrderState.CANCELLED:
            return self._standing(row.record, "")
        if status.lower() not in CHANGEABLE or not row.record.order_key:
            why = f"it is {one_line(status)} there" if row.record.order_key else "it was made there by hand"
            return CancelOutcome(number=number, answer=CancelAnswer.REFUSED, reason=f"{why} and cannot be changed")
        whole = row.whole()
        notes = "\n".join(filter(None, (str(whole.get("internalNotes") or ""), reason)))
        body = whole | {"orderStatus": "cancelled", "internalNotes": notes}
        words = ""
        try:
            await self._client.write("POST", "/orders/createorder", read_as(OrderName), json=body)
        except RequestRefused as refused:
            words = words_of(refused)
        return await unknown_if_stopped(number, self._read_back(row.record.order_id, words))

    async def _read_back(self, order_id: int | str, words: str) -> CancelOutcome:
        return self._standing(await self._client.read(f"/orders/{order_id}", read_as(OrderRecord)), words)

    def _standing(self, record: OrderRecord, words: str) -> CancelOutcome:
        return standing(self.name, record.order_number, [(state_of(record), record.order_status)], words)

    async def _ask(self, beginning: str, page: int) -> OrderPage:
        asked = {**BY_CREATION, "orderNumber": beginning, "page": str(page), "pageSize": PAGE}
        if self._store_id:
            asked["storeId"] = str(self._store_id)
        return await self._client.read("/orders", read_as(OrderPage), arguments=asked)
