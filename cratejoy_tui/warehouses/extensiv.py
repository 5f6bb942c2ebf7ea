"""Extensiv 3PL Warehouse Manager by its REST API: orders of one customer at one facility, and their tracking."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from cratejoy_tui.errors import SetupError, UnexpectedAnswer
from cratejoy_tui.http import BasicKey, Remote, RequestRefused
from cratejoy_tui.sync.domain.order import CancelAnswer, CancelOutcome, Found, Order, OrderState
from cratejoy_tui.sync.domain.tracking import Parcel
from cratejoy_tui.sync.ports import Capabilities, Contact, DeliveryClass
from cratejoy_tui.text import one_line
from cratejoy_tui.warehouses.called import standing, unknown_if_stopped
from cratejoy_tui.warehouses.declared import Place, Setting, SettingKind, filled_in, number_in, whole_in
from cratejoy_tui.warehouses.extensiv_faults import fault_of
from cratejoy_tui.warehouses.extensiv_push import IN_FLIGHT, ExtensivIntake
from cratejoy_tui.warehouses.extensiv_records import OrderRecord, customer_of, nothing, order_in, order_of, page_of
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
from cratejoy_tui.warehouses.told import parcels_in

URL = "https://secure-wms.com"
NOTES = 1000
LENGTHS = {
    **dict.fromkeys(("to", "company", "street", "unit"), 100),
    **dict.fromkeys(("city", "state", "number"), 50),
    "zip": 20,
    "gift_message": NOTES - len(GIFT),
}

log = logging.getLogger(__name__)


class ExtensivWarehouse(ExtensivIntake):
    """Orders and tracking by Extensiv's own REST API."""

    looks_first = True

    title: ClassVar[str] = "Extensiv 3PL Warehouse Manager"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(name="name", help="What you call this warehouse.", default="Extensiv"),
        Setting(name="client_id", help="The API client id your 3PL gave you.", secret=True),
        Setting(name="client_secret", help="The client secret that belongs to it.", secret=True),
        Setting(name="user_login", help="The warehouse user, or its number, in whose name orders are made."),
        Setting(name="customer_id", least=1, help="Your customer number at the 3PL."),
        Setting(name="facility_id", least=1, help="The number of the facility that ships."),
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
            default=False,
            help="Yes when the 3PL says that a reference number can stand only once; a lost answer settles at once.",
        ),
        Setting(name="imports", default=True, help="Yes to send many orders in one call."),
        Setting(name="requests_per_second", default=4, help="At most; 0: as fast as it goes."),
        Setting(name="url", kind=SettingKind.WEB_ADDRESS, default=URL, help="Where Extensiv's API is."),
    )

    def __init__(self, session: Session, zone: ZoneInfo, values: Mapping[str, object]) -> None:
        """`values`: the settings, checked."""
        is_unique, imports = values["refuses_duplicates"] is True, values["imports"] is True
        super().__init__(session, imports=imports)
        self.capabilities = Capabilities(
            delivery=DeliveryClass.UNIQUE if is_unique else DeliveryClass.LOOK_UP,
            batch_size=100 if imports else 1,
            in_flight=1 if imports else IN_FLIGHT,
            quiet_seconds=0.0 if is_unique else 300.0,
            tells_voids=False,
            max_lengths=MappingProxyType(LENGTHS),
        )
        self._zone = zone
        self._customer_id, self._facility_id = whole_in(values, "customer_id"), whole_in(values, "facility_id")
        self._billing_code = str(values["billing_code"])

    @classmethod
    def from_settings(cls, given: Mapping[str, object], place: Place) -> ExtensivWarehouse:
        """Make one from what the settings file holds. Raises SettingsInvalid, CredentialsMissing."""
        values = filled_in(cls.settings, given, "Extensiv")
        key = BasicKey(place.key("client_id"), place.key("client_secret"))
        remote = Remote(
            system=str(values["name"]),
            base_url=str(values["url"]),
            requests_per_second=number_in(values, "requests_per_second") or None,
            in_flight=IN_FLIGHT,
            accept="application/hal+json",
        )
        session = Session(remote, key, _credentials(values), place.clock)
        return cls(session, place.zone_called(values["time_zone"]), values)

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
        return self.contact(company or "")

    async def find(self, numbers: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """What this customer has under exactly these reference numbers."""
        orders = await orders_of(self._session, self._customer_id, numbers)
        self.absent.learn(numbers, orders)
        return {number: tuple(found_of(record) for record in records) for number, records in orders.items()}

    async def call_off(self, number: str, reason: str) -> CancelOutcome:
        """Cancel the order in the version we read, and read back what became of it."""
        outcome = standing(self.name, number, ())
        try:
            for there in (await self.find([number])).get(number, ()):
                outcome = await self._call_off_one(there, reason)
                if outcome.answer is not CancelAnswer.CANCELLED:
                    break
        except UnexpectedAnswer as problem:
            return CancelOutcome(number=number, answer=CancelAnswer.UNKNOWN, reason=problem.message)
        return outcome

    async def shipped_since(self, since: datetime) -> AsyncIterator[Sequence[Parcel]]:
        """Every parcel of orders closed or changed from `since` on, page by page."""
        begin = naive_since(since, self._zone)
        try:
            async for page in self._parcels(rql_since(begin, self._customer_id)):
                yield page
            return
        except RequestRefused as refused:
            if refused.status != 400:
                raise
            words = fault_of(refused.raw).words()
            log.warning("%s cannot be asked for changed orders (%s)", one_line(self.name), words)
        async for page in self._parcels(rql_closed_since(begin, self._customer_id)):
            yield page

    async def close(self) -> None:
        """Let go of the connections."""
        await self._session.close()

    def record_of(self, order: Order) -> Mapping[str, Any]:
        """The order as Extensiv takes it."""
        return order_record(order, self._customer_id, self._facility_id, self._billing_code)

    async def _call_off_one(self, there: Found, reason: str) -> CancelOutcome:
        path = f"/orders/{there.reference}"
        for _ in (1, 2):
            record, version = await self._session.read_tagged(path, order_of)
            words = ""
            if state_of(record) is not OrderState.OPEN:
                return self._standing(record, words)
            try:
                await self._session.write(
                    "POST", f"{path}/canceler", nothing, json={"reason": reason}, if_match=version
                )
            except RequestRefused as refused:
                if refused.status == 412:
                    continue  # somebody changed it since we read it
                words = fault_of(refused.raw).words() if refused.raw else refused.message
            return await unknown_if_stopped(there.number, self._read_back(path, words))
        why = f"{self.name} changed the order each time it was to be cancelled"
        return CancelOutcome(number=there.number, answer=CancelAnswer.UNKNOWN, reason=why)

    async def _read_back(self, path: str, words: str) -> CancelOutcome:
        return self._standing(await self._session.read(path, order_of), words)

    def _standing(self, record: OrderRecord, words: str) -> CancelOutcome:
        state = state_of(record)
        return standing(self.name, record.reference_num, [(state, state)], words)

    async def _parcels(self, rql: str) -> AsyncIterator[Sequence[Parcel]]:
        asked = {"detail": "OrderItems,Packages,SmallParcel", "sort": "readonly.creationdate", "rql": rql}
        async for rows in pages_of(self._session, asked):
            yield parcels_in(rows, self._parcels_of, self.name, "orders")

    def _parcels_of(self, row: dict[str, Any]) -> list[Parcel]:
        record = order_in(row)
        return parcels_of(record, self._zone) if is_of(record, self._customer_id) else []


def _credentials(values: Mapping[str, object]) -> Mapping[str, str]:
    user, tpl = str(values["user_login"]).strip(), str(values["tpl"]).strip()
    who = {"user_login_id": user} if user.isdecimal() else {"user_login": user}
    return who | ({"tpl": tpl} if tpl else {})
