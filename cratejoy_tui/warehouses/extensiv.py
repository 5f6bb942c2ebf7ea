"""Extensiv 3PL Warehouse Manager by its REST API: orders of one customer at one facility, and their tracking."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from cratejoy_tui.errors import AnswerLost, SettingsInvalid, SetupError, UnexpectedAnswer
from cratejoy_tui.http import BasicKey, Remote, RequestRefused
from cratejoy_tui.sync.domain.order import CancelAnswer, CancelOutcome, Found, Order, OrderState, PushOutcome
from cratejoy_tui.sync.domain.tracking import Parcel
from cratejoy_tui.sync.ports import Capabilities, Contact, Delivery, DeliveryClass
from cratejoy_tui.text import clean, one_line
from cratejoy_tui.warehouses.called import CalledWarehouse, unknown_if_stopped
from cratejoy_tui.warehouses.declared import Place, Setting, SettingKind, filled_in, number_in
from cratejoy_tui.warehouses.extensiv_faults import fault_of
from cratejoy_tui.warehouses.extensiv_push import IN_FLIGHT, Sender
from cratejoy_tui.warehouses.extensiv_records import customer_of, nothing, order_in, order_of, page_of
from cratejoy_tui.warehouses.extensiv_search import orders_of, pages_of
from cratejoy_tui.warehouses.extensiv_session import Session
from cratejoy_tui.warehouses.extensiv_words import (
    GIFT,
    found_of,
    is_of,
    naive_since,
    order_record,
    parcels_of,
    rql_closed_since,
    rql_since,
    state_of,
)

URL = "https://secure-wms.com"
WHERE = "Extensiv"
NOTES = 1000
LENGTHS = {
    **dict.fromkeys(("to", "company", "street", "unit"), 100),
    **dict.fromkeys(("city", "state", "number"), 50),
    "zip": 20,
    "gift_message": NOTES - len(GIFT),
}

log = logging.getLogger(__name__)


class ExtensivWarehouse(CalledWarehouse):
    """Orders and tracking by Extensiv's own REST API."""

    looks_first = True

    title: ClassVar[str] = "Extensiv 3PL Warehouse Manager"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(name="name", help="What you call this warehouse.", default="Extensiv"),
        Setting(name="client_id", help="The API client id your 3PL gave you.", secret=True),
        Setting(name="client_secret", help="The client secret that belongs to it.", secret=True),
        Setting(name="user_login", help="The warehouse user, or its number, in whose name orders are made."),
        Setting(name="customer_id", kind=SettingKind.NUMBER, help="Your customer number at the 3PL."),
        Setting(name="facility_id", kind=SettingKind.NUMBER, help="The number of the facility that ships."),
        Setting(name="tpl", default="", help="The 3PL's key (GUID), if it gave you one; empty: none."),
        Setting(name="billing_code", default="Prepaid", help="Who pays the freight, as the 3PL calls it."),
        Setting(
            name="time_zone",
            kind=SettingKind.TIME_ZONE,
            default="",
            help="The facility's time zone; empty: the store's. Extensiv's dates name none.",
        ),
        Setting(
            name="refuses_duplicates",
            kind=SettingKind.YES_NO,
            default=False,
            help="Yes when the 3PL says that a reference number can stand only once; a lost answer settles at once.",
        ),
        Setting(name="imports", kind=SettingKind.YES_NO, default=True, help="Yes to send many orders in one call."),
        Setting(name="requests_per_second", kind=SettingKind.NUMBER, default=4, help="At most; 0: as fast as it goes."),
        Setting(name="url", kind=SettingKind.WEB_ADDRESS, default=URL, help="Where Extensiv's API is."),
    )

    def __init__(
        self, session: Session, *, customer_id: int, facility_id: int, zone: ZoneInfo, given: Mapping[str, object]
    ) -> None:
        """`given` holds the other settings, checked."""
        is_unique, imports = given["refuses_duplicates"] is True, given["imports"] is True
        super().__init__(session.client, session.clock)
        self.capabilities = Capabilities(
            delivery=DeliveryClass.UNIQUE if is_unique else DeliveryClass.LOOK_UP,
            batch_size=100 if imports else 1,
            in_flight=1 if imports else IN_FLIGHT,
            quiet_seconds=0.0 if is_unique else 300.0,
            tells_voids=False,
            max_lengths=MappingProxyType(LENGTHS),
        )
        self._session, self._zone = session, zone
        self._customer_id, self._facility_id = customer_id, facility_id
        self._billing_code = str(given["billing_code"])
        self._sender = Sender(session, self.find, self._record, imports=imports)

    @classmethod
    def from_settings(cls, given: Mapping[str, object], place: Place) -> ExtensivWarehouse:
        """Make one from what the settings file holds. Raises SettingsInvalid, CredentialsMissing."""
        values = filled_in(cls.settings, given, WHERE)
        key = BasicKey(place.key("client_id"), place.key("client_secret"))
        remote = Remote(
            system=str(values["name"]),
            base_url=str(values["url"]),
            requests_per_second=number_in(values, "requests_per_second") or None,
            in_flight=IN_FLIGHT,
            accept="application/hal+json",
        )
        return cls(
            Session(remote, key, _credentials(values), place.clock),
            customer_id=_whole(values, "customer_id"),
            facility_id=_whole(values, "facility_id"),
            zone=_zone(str(values["time_zone"])) or place.zone,
            given=values,
        )

    async def verify(self) -> Contact:
        """Prove by reads that key, customer and facility are good. Raises SignInRefused, Unreachable, SetupError."""
        try:
            customer = await self._session.read(f"/customers/{self._customer_id}", customer_of)
        except RequestRefused as refused:
            if refused.status != 404:
                raise
            raise SetupError(f"{self.name} has no customer {self._customer_id} for this key.") from None
        facilities = [str(one.id) for one in customer.facilities or ()]
        if facilities and str(self._facility_id) not in facilities:
            known = ", ".join(one_line(one) for one in facilities[:20])
            raise SetupError(f"Customer {self._customer_id} has no facility {self._facility_id}; it has {known}.")
        await self._session.read("/orders", page_of, arguments={"pgsiz": "1", "pgnum": "1"})
        company = customer.company_info.company_name if customer.company_info else ""
        return Contact(system=self.name, server_time=self._session.client.server_time, detail=clean(company or "", 100))

    async def hand_over(self, orders: Sequence[Order]) -> Iterable[PushOutcome]:
        """Send the orders, and look up what cannot be told."""
        return (await self._sender.send(orders)).values()

    async def find(self, numbers: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """What this customer has under exactly these reference numbers."""
        orders = await orders_of(self._session, self._customer_id, numbers)
        self.learn(numbers, orders)
        return {number: tuple(found_of(record) for record in records) for number, records in orders.items()}

    async def cancel(self, number: str, reason: str, delivery: Delivery) -> CancelOutcome:
        """Cancel the order in the version we read, and read back what became of it."""
        try:
            found = (await self.find([number])).get(number, ())
            for there in found:
                outcome = await self._cancel_one(there, reason)
                if outcome.answer is not CancelAnswer.CANCELLED:
                    return outcome
        except UnexpectedAnswer as problem:
            return CancelOutcome(number=number, answer=CancelAnswer.UNKNOWN, reason=problem.message)
        if not found:
            return CancelOutcome(number=number, answer=CancelAnswer.NOT_FOUND, reason=f"{self.name} has no such order")
        return CancelOutcome(number=number, answer=CancelAnswer.CANCELLED)

    async def shipped_since(self, since: datetime) -> AsyncIterator[Sequence[Parcel]]:
        """Every parcel of orders closed or changed from `since` on, page by page."""
        begin = naive_since(since, self._zone)
        question = {"detail": "OrderItems,Packages,SmallParcel", "sort": "readonly.creationdate"}
        rql = rql_since(begin, self._customer_id)
        try:
            async for rows in pages_of(self._session, {**question, "rql": rql}):
                yield self._parcels(rows)
            return
        except RequestRefused as refused:
            if refused.status != 400:
                raise
            log.warning(
                "%s cannot be asked for changed orders (%s)", one_line(self.name), fault_of(refused.raw).words()
            )
        rql = rql_closed_since(begin, self._customer_id)
        async for rows in pages_of(self._session, {**question, "rql": rql}):
            yield self._parcels(rows)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._session.close()

    def _record(self, order: Order) -> Mapping[str, Any]:
        return order_record(order, self._customer_id, self._facility_id, self._billing_code)

    async def _cancel_one(self, there: Found, reason: str) -> CancelOutcome:
        path = f"/orders/{there.reference}"
        for _ in (1, 2):
            record, version = await self._session.read_tagged(path, order_of)
            if state_of(record) is not OrderState.OPEN:
                return _seen(there.number, state_of(record), "it is closed there")
            try:
                await self._session.write(
                    "POST", f"{path}/canceler", nothing, json={"reason": reason}, if_match=version
                )
            except AnswerLost as lost:
                return CancelOutcome(number=there.number, answer=CancelAnswer.UNKNOWN, reason=lost.message)
            except RequestRefused as refused:
                if refused.status == 412:
                    continue  # somebody changed it since we read it
                words = fault_of(refused.raw).words() if refused.raw else refused.message
                return await unknown_if_stopped(there.number, self._read_back(there, words))
            return await unknown_if_stopped(there.number, self._read_back(there, ""))
        why = f"{self.name} changed the order each time it was to be cancelled"
        return CancelOutcome(number=there.number, answer=CancelAnswer.UNKNOWN, reason=why)

    async def _read_back(self, there: Found, words: str) -> CancelOutcome:
        record = await self._session.read(f"/orders/{there.reference}", order_of)
        state = state_of(record)
        if state is OrderState.OPEN and not words:
            why = f"{self.name} took the cancel, but still has it open"
            return CancelOutcome(number=there.number, answer=CancelAnswer.UNKNOWN, reason=why)
        return _seen(there.number, state, words or "it is closed there")

    def _parcels(self, rows: Sequence[dict[str, Any]]) -> list[Parcel]:
        parcels: list[Parcel] = []
        unreadable = 0
        for row in rows:
            try:
                record = order_in(row)
                parcels += parcels_of(record, self._zone) if is_of(record, self._customer_id) else []
            except (msgspec.ValidationError, ValueError, OverflowError):
                unreadable += 1
        if unreadable:
            log.warning("%s: %d orders could not be read", one_line(self.name), unreadable)
        return parcels


def _seen(number: str, state: OrderState, words: str) -> CancelOutcome:
    if state is OrderState.CANCELLED:
        return CancelOutcome(number=number, answer=CancelAnswer.CANCELLED)
    return CancelOutcome(number=number, answer=CancelAnswer.REFUSED, reason=words)


def _credentials(values: Mapping[str, object]) -> Mapping[str, str]:
    user, tpl = str(values["user_login"]).strip(), str(values["tpl"]).strip()
    who = {"user_login_id": user} if user.isdecimal() else {"user_login": user}
    return who | ({"tpl": tpl} if tpl else {})


def _whole(values: Mapping[str, object], name: str) -> int:
    value = values[name]
    if not isinstance(value, int) or value < 1:
        raise SettingsInvalid([f"`{name}` must be a whole number from 1 on"], where=WHERE)
    return value


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        raise SettingsInvalid([f"`time_zone`: there is no time zone `{name}`"], where=WHERE) from problem
