"""Odoo, 16 to 19, as a warehouse: sales orders go in, deliveries with tracking numbers come out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from cratejoy_tui.errors import AnswerLost, RunStopped
from cratejoy_tui.http import PoliteClient, Remote, RequestRefused
from cratejoy_tui.secret import Secret
from cratejoy_tui.sync.domain.found import Comparison, already_there, compare
from cratejoy_tui.sync.domain.order import (
    CancelAnswer,
    CancelOutcome,
    Found,
    Lost,
    NotSent,
    Order,
    PushOutcome,
    Receipt,
    Refused,
)
from cratejoy_tui.sync.domain.tracking import Parcel
from cratejoy_tui.sync.ports import Capabilities, Contact, DeliveryClass
from cratejoy_tui.text import clean, one_line
from cratejoy_tui.warehouses.called import CalledWarehouse, Outcomes, each, standing, unknown_if_stopped, words_of
from cratejoy_tui.warehouses.declared import Place, Setting, SettingKind, filled_in, number_in, whole_in
from cratejoy_tui.warehouses.odoo_deliveries import OdooDeliveries
from cratejoy_tui.warehouses.odoo_orders import OdooOrders, There
from cratejoy_tui.warehouses.odoo_records import (
    CONTACT_COLUMNS,
    OrderRecord,
    Places,
    contact_id,
    contact_row,
    order_columns,
    order_rows,
    state_of,
)
from cratejoy_tui.warehouses.odoo_talk import OdooKey, OdooTalk

BATCH = 50
SLOWEST_ANSWER = 150.0
"""Seconds: confirming a batch makes its deliveries, too; Odoo itself gives up after 120."""
CONFIRMED = frozenset({"sale", "done"})
COMPANY = "company_id"
CHOICES = {COMPANY: "res.company", "warehouse_id": "stock.warehouse", "carrier_id": "delivery.carrier"}
"""Settings by which an operator chooses one of several, and what of."""


class OdooWarehouse(CalledWarehouse):
    """Orders and deliveries by Odoo's external API."""

    title: ClassVar[str] = "Odoo"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(name="name", help="What you call this warehouse.", default="Odoo"),
        Setting(name="url", kind=SettingKind.WEB_ADDRESS, help="Where Odoo is: https://example.odoo.com."),
        Setting(name="database", default="", help="The database's name; from Odoo 19 on empty, if it is the only one."),
        Setting(name="login", help="The API user's login; not used from Odoo 19 on.", default=""),
        Setting(name="key", help="An API key of that user: Preferences, Account Security, New API Key.", secret=True),
        Setting(name="company_id", default=0, least=0, help="The company's number; 0: the user's own."),
        Setting(name="warehouse_id", default=0, least=0, help="Number of the warehouse; 0: its usual."),
        Setting(name="carrier_id", default=0, least=0, help="Number of the delivery method; 0: none."),
        Setting(name="requests_per_second", default=2, help="How fast Odoo is asked; on odoo.com about 1 is polite."),
    )

    def __init__(self, client: PoliteClient, talk: OdooTalk, zone: ZoneInfo, chosen: Mapping[str, int]) -> None:
        """`chosen`: the numbers of what the operator chose of several, by setting; the usual ones are left out."""
        super().__init__(client)
        # An external id stands for one order, whatever is sent again or at the same time.
        self.capabilities = Capabilities(
            delivery=DeliveryClass.UNIQUE, batch_size=BATCH, in_flight=2, quiet_seconds=0.0, tells_voids=False
        )
        self._talk, self._zone, self._chosen = talk, zone, chosen
        self._on_orders = {name: number for name, number in chosen.items() if name != COMPANY}
        self._orders = OdooOrders(talk, self.name)
        self._deliveries = OdooDeliveries(talk, self._orders, self.name)

    @classmethod
    def from_settings(cls, given: Mapping[str, object], place: Place) -> OdooWarehouse:
        """Make one from what the settings file holds. Raises SettingsInvalid, CredentialsMissing."""
        values = filled_in(cls.settings, given, "Odoo")
        key, database = Secret(place.key("key")), str(values["database"])
        remote = Remote(
            system=str(values["name"]),
            base_url=str(values["url"]),
            requests_per_second=number_in(values, "requests_per_second"),
            read_seconds=SLOWEST_ANSWER,
            total_seconds=SLOWEST_ANSWER,
        )
        client = PoliteClient(remote, OdooKey(key.reveal(), database), wait=place.clock.sleep)
        chosen = {name: number for name in CHOICES if (number := whole_in(values, name))}
        talk = OdooTalk(client, database=database, login=str(values["login"]), key=key, company=chosen.get(COMPANY, 0))
        return cls(client, talk, place.zone, chosen)

    async def verify(self) -> Contact:
        """Prove by reads that it answers, the key is good and it delivers. Raises SignInRefused, SetupError."""
        version = await self._talk.version()
        for name, number in self._chosen.items():
            await self._orders.check_there(CHOICES[name], number)
        told = "" if await self._deliveries.tells_tracking() else ", without tracking numbers"
        return self.contact(f"Odoo {version}{told}")

    async def find(self, numbers: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """What it has under exactly these numbers. A quotation that a push left half-made is not an order yet."""
        if not numbers:
            return {}
        there = await self._orders.look_up(numbers)
        found = {number: tuple(one.found for one in of if not one.record.is_unfinished) for number, of in there.items()}
        return {number: orders for number, orders in found.items() if orders}

    async def call_off(self, number: str, reason: str) -> CancelOutcome:
        """Ask for one order not to be sent unless something of it has left, and look what became of it."""
        records = await self._orders.records([number])
        before = await self._standing(number, records)
        if before.answer is not CancelAnswer.UNKNOWN:
            return before
        try:
            await self._orders.cancel([record.id for record in records if record.state != "cancel"])
        except RequestRefused as refused:
            return CancelOutcome(number=number, answer=CancelAnswer.REFUSED, reason=words_of(refused))
        return await unknown_if_stopped(number, self._read_back(number))

    def shipped_since(self, since: datetime) -> AsyncIterator[Sequence[Parcel]]:
        """Every parcel of a delivery made or changed from `since` on, page by page."""
        return self._deliveries.since(since)

    async def hand_over(self, orders: Sequence[Order]) -> Iterable[PushOutcome]:
        """Import the orders and confirm them; what is there already stays as it is.

        Where this breaks off, quotations and contacts may be there; nothing leaves for them, and the next push
        completes them.
        """
        there = await self._orders.look_up([order.number for order in orders])
        done: Outcomes = {}
        for order in orders:
            if found := [one.found for one in there.get(order.number, ()) if not one.record.is_unfinished]:
                done[order.number] = already_there(order, found, self.name)
        if fresh := _without(orders, done):
            products = await self._orders.products(line.sku for order in fresh for line in order.lines)
            places = await self._orders.places()
            done |= _refused({order.number: _unfit(order, products, places) for order in fresh})
            try:
                done |= await self._load_contacts(_without(orders, done), places)
                await self._empty_other_drafts(_without(orders, done), there)
            except AnswerLost as lost:  # of a contact or of a quotation without lines
                done |= each(_without(orders, done), NotSent, lost.message)
            done |= await self._order(_without(orders, done), products)
        return done.values()

    async def unknown_skus(self, skus: Collection[str]) -> frozenset[str]:
        """Those of these SKUs that stand on no product, or on several."""
        known = await self._orders.products(skus) if skus else {}
        return frozenset(sku for sku in skus if len(known.get(sku, ())) != 1)

    async def _load_contacts(self, orders: Sequence[Order], places: Places) -> Outcomes:
        """Import whom these orders go to; gives those that were refused for it."""
        rows = {contact_id(order.ship_to): contact_row(order.ship_to, places) for order in orders}
        if not rows:
            return {}
        loaded = await self._orders.load("res.partner", CONTACT_COLUMNS, [[row] for row in rows.values()])
        refused = {list(rows)[place]: why for place, why in loaded.refused.items()}
        return _refused({order.number: refused.get(contact_id(order.ship_to), "") for order in orders})

    async def _empty_other_drafts(self, orders: Sequence[Order], there: Mapping[str, Sequence[There]]) -> None:
        """A quotation left by an earlier push may hold lines that the order no longer has."""
        ids = [
            one.record.id
            for order in orders
            for one in there.get(order.number, ())
            if one.record.is_unfinished and compare(order, [one.found]) is not Comparison.SAME
        ]
        if ids:
            await self._orders.empty(ids)

    async def _order(self, orders: Sequence[Order], products: Mapping[str, Sequence[int]]) -> Outcomes:
        """Import quotations and confirm them."""
        if not orders:
            return {}
        rows = [order_rows(order, products, self._zone, self._on_orders) for order in orders]
        done: Outcomes = {}
        try:
            loaded = await self._orders.load("sale.order", order_columns(self._on_orders), rows)
            done = _refused({orders[place].number: why for place, why in loaded.refused.items()})
            refusals = await self._orders.confirm(loaded.ids) if loaded.ids else {}
            records = {record.number: record for record in await self._made(loaded.ids)}
        except AnswerLost as lost:
            return done | each(_without(orders, done), Lost, lost.message)
        rest = _without(orders, done)
        return done | {order.number: self._ending(order, records.get(order.number), refusals) for order in rest}

    async def _made(self, ids: Sequence[int]) -> list[OrderRecord]:
        try:
            return await self._orders.by_id(ids) if ids else []
        except RunStopped as stopped:  # even a refused key: the orders are there by now
            raise AnswerLost(stopped.message) from None

    def _ending(self, order: Order, record: OrderRecord | None, refusals: Mapping[int, str]) -> PushOutcome:
        if record is None:
            return Lost(number=order.number, reason=f"{self.name} did not say what became of it")
        if record.state in CONFIRMED:
            return Receipt(number=order.number, reference=clean(record.name, 200))
        why = refusals.get(record.id, f"its state is {one_line(record.state)}")
        return Refused(
            number=order.number, reason=f"{clean(why)} It stays there as the quotation {clean(record.name)}."
        )

    async def _standing(self, number: str, records: Sequence[OrderRecord]) -> CancelOutcome:
        """Cancelled, not there, refused because something has left, or else unknown."""
        if records and (made := await self._orders.made_deliveries([record.id for record in records])):
            why = f"{self.name} has made the delivery {', '.join(made)} already"
            return CancelOutcome(number=number, answer=CancelAnswer.REFUSED, reason=why)
        return standing(self.name, number, [(state_of(record), record.state) for record in records])

    async def _read_back(self, number: str) -> CancelOutcome:
        return await self._standing(number, await self._orders.records([number]))


def _without(orders: Iterable[Order], done: Outcomes) -> list[Order]:
    return [order for order in orders if order.number not in done]


def _refused(reasons: Mapping[str, str]) -> Outcomes:
    """Those of these numbers that have a reason."""
    return {number: Refused(number=number, reason=why) for number, why in reasons.items() if why}


def _unfit(order: Order, products: Mapping[str, Sequence[int]], places: Places) -> str:
    """Why Odoo cannot take this order; "" when it can."""
    for line in order.lines:
        count = len(products.get(line.sku, ()))
        if count != 1:
            what = f"stands on {count} products there" if count else "is unknown there"
            return f"SKU {one_line(line.sku)} {what}. Mend it in Odoo."
    to = order.ship_to
    if places.country(to) is None:
        return f"the country {one_line(to.country)} is unknown there. Add it in Odoo's contacts."
    if to.state.strip() and places.state(to) is None:
        return f"the state {one_line(to.state)} is unknown there. Add it in Odoo's contacts."
    return ""
