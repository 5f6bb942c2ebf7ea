"""Tryton 8.2, by its REST interface: an order becomes a sale, and what its shipments carry is the tracking."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import ClassVar

from cratejoy_tui.errors import SetupError
from cratejoy_tui.http import PoliteClient, Remote, RequestRefused, ServerFault
from cratejoy_tui.sync.domain.order import CancelAnswer, CancelOutcome, Found, Order, PushOutcome
from cratejoy_tui.sync.domain.tracking import Parcel
from cratejoy_tui.sync.ports import Capabilities, Contact, DeliveryClass
from cratejoy_tui.text import clean, one_line
from cratejoy_tui.warehouses.called import CalledWarehouse, standing, unknown_if_stopped
from cratejoy_tui.warehouses.declared import Place, Setting, SettingKind, filled_in, number_in, whole_in
from cratejoy_tui.warehouses.tryton_orders import Intake
from cratejoy_tui.warehouses.tryton_parcels import SHIPMENT_FIELDS, Shipment, parcels_of
from cratejoy_tui.warehouses.tryton_records import (
    LEFT,
    PLACED,
    CarrierRecord,
    Record,
    Sale,
    found_of,
)
from cratejoy_tui.warehouses.tryton_talk import Talk, TrytonKey, words_of

PAGE = 100
MODULES = "sale, sale_shipment_cost and stock_package_shipping"
CHANGES = (
    *("write_date", "create_date", "packages.write_date", "packages.create_date"),
    # Whether an order is complete stands in its sale, and can change after the shipment.
    "moves.sale.write_date",
)


class TrytonWarehouse(CalledWarehouse):
    """Orders and tracking by Tryton's REST interface."""

    title: ClassVar[str] = "Tryton"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(name="name", help="What you call this warehouse.", default="Tryton"),
        Setting(name="url", kind=SettingKind.WEB_ADDRESS, help="Where Tryton is served: `https://tryton.example.com`."),
        Setting(name="database", help="The name of its database."),
        Setting(name="key", help="A Tryton user's key for the application `REST API`.", secret=True),
        Setting(name="company", default=1, least=1, help="Number of the company that sells, often 1."),
        Setting(name="party", default="Cratejoy", help="Party the sales are made out to; it is made if it is missing."),
        Setting(name="carrier", default="", help="Name of the carrier of every sale; empty: none."),
        Setting(name="carriers", default={}, help="Ship code = name of the carrier, where it is another one."),
        Setting(name="warehouse", default="", help="Code or name of the warehouse in Tryton; empty: its usual one."),
        Setting(name="quiet_seconds", default=300, help="How long after a lost answer a sale may still appear."),
    )

    def __init__(self, client: PoliteClient, values: Mapping[str, object], place: Place) -> None:
        """`values`: the settings, checked."""
        super().__init__(client)
        self.capabilities = Capabilities(
            delivery=DeliveryClass.LOOK_UP,
            batch_size=50,
            in_flight=1,
            quiet_seconds=number_in(values, "quiet_seconds"),
            tells_voids=False,
            tells_pickup=True,
        )
        self._talk = Talk(client, str(values["database"]))
        self._company, self._zone = whole_in(values, "company"), place.zone
        self._intake = Intake(self._talk, values, place.clock)

    @classmethod
    def from_settings(cls, given: Mapping[str, object], place: Place) -> TrytonWarehouse:
        """Make one from what the settings file holds. Raises SettingsInvalid, CredentialsMissing."""
        values = filled_in(cls.settings, given, "Tryton")
        remote = Remote(system=str(values["name"]), base_url=str(values["url"]), requests_per_second=None, in_flight=4)
        key = TrytonKey(place.key("key"), whole_in(values, "company"))
        return cls(PoliteClient(remote, key, wait=place.clock.sleep), values, place)

    async def verify(self) -> Contact:
        """Prove by reads that it answers, the key is good, and the modules we need are there."""
        companies = await self._talk.search(
            "company.company", [["id", "=", self._company]], CarrierRecord, fields=("party.name",)
        )
        if not companies:
            raise SetupError(f"{self.name} has no company {self._company}, or does not show it to this user.")
        try:
            await self._talk.search("sale.sale", [], Record, fields=("reference", "carrier"), limit=1)
            await self._talk.search("stock.package", [], Record, fields=("shipping_reference",), limit=1)
        except (ServerFault, RequestRefused) as fault:
            raise SetupError(
                f"{self.name} could not show a sale with its carrier and a package with its tracking number: "
                f"{one_line(fault.message)}",
                next_step=f"Activate the modules {MODULES} in Tryton, then run again.",
            ) from fault
        names = [one.party.name for one in companies if one.party is not None and one.party.name]
        return self.contact(", ".join(names))

    async def hand_over(self, orders: Sequence[Order]) -> Iterable[PushOutcome]:
        """Make each order a confirmed sale; one that is there already is not made again."""
        return (await self._intake.place(orders)).values()

    async def find(self, numbers: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """The sales under exactly these references. A draft or a quotation is nobody's work, so it does not count:
        pushing its order carries it on."""
        there = {
            number: tuple(
                found_of(sale) for sale in sales if sale.state in PLACED or (sale.is_called_off and sale.number)
            )
            for number, sales in (await self._intake.sales(numbers)).items()
        }
        return {number: found for number, found in there.items() if found}

    async def unknown_skus(self, skus: Collection[str]) -> frozenset[str]:
        """Those of these SKUs for which it has no single product on sale."""
        return await self._intake.unknown_skus(skus)

    async def call_off(self, number: str, reason: str) -> CancelOutcome:
        """Call the order off as far as Tryton lets us, and look what became of it.

        A sale that is being worked on cannot be cancelled there, but its shipments can until one has left.
        """
        sales = (await self._intake.sales([number])).get(number, [])
        live = [sale for sale in sales if not sale.is_called_off]
        if not sales:
            return standing(self.name, number, ())
        if not live or any(sale.has_left for sale in live):
            return self._standing(number, sales)
        words = ""
        try:
            for sale in live:
                await self._call_off_one(sale)
        except RequestRefused as refused:
            words = words_of(refused.raw, refused.message)
        return await unknown_if_stopped(number, self._read_back(number, words))

    async def shipped_since(self, since: datetime) -> AsyncIterator[Sequence[Parcel]]:
        """The parcels of every shipment that left, or was cancelled, and of which anything changed from `since` on."""
        changed = [[path, ">=", since.astimezone(UTC)] for path in CHANGES]
        last = 0
        while True:
            domain = [["state", "in", ["shipped", "done", "cancelled"]], ["id", ">", last], ["OR", *changed]]
            page = await self._talk.search("stock.shipment.out", domain, Shipment, fields=SHIPMENT_FIELDS, limit=PAGE)
            yield [parcel for shipment in page for parcel in parcels_of(shipment, self._zone)]
            if len(page) < PAGE:
                return
            last = max(shipment.id for shipment in page)

    async def _call_off_one(self, sale: Sale) -> None:
        if sale.state == "confirmed" and not sale.shipments:
            await self._talk.press("sale.sale", sale.id, "draft")
        if sale.state not in PLACED or not sale.shipments:
            await self._talk.press("sale.sale", sale.id, "cancel")
        for shipment in sale.shipments:
            if shipment.state != "cancelled":
                await self._talk.press("stock.shipment.out", shipment.id, "cancel")

    async def _read_back(self, number: str, words: str) -> CancelOutcome:
        return self._standing(number, (await self._intake.sales([number])).get(number, []), words)

    def _standing(self, number: str, sales: Sequence[Sale], words: str = "") -> CancelOutcome:
        live = [sale for sale in sales if not sale.is_called_off]
        if live:
            left = [one.number or str(one.id) for sale in live for one in sale.shipments if one.state in LEFT]
            why = words or (f"shipment {', '.join(left)} has left" if left else f"{live[0].name} is {live[0].state}")
            return CancelOutcome(number=number, answer=CancelAnswer.REFUSED, reason=clean(why))
        # Tryton does not let go of a sale that was being worked on; that is said, not hidden.
        waiting = [sale.name for sale in sales if sale.state != "cancelled"]
        said = f"its shipments are cancelled; {', '.join(waiting)} stays open until someone there ends it"
        return CancelOutcome(number=number, answer=CancelAnswer.CANCELLED, reason=clean(said) if waiting else "")
