"""What Tryton must know before it can take an order: products, countries, carriers, the party behind the sales."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from cratejoy_tui.errors import SetupError
from cratejoy_tui.sync.domain.order import Order, OrderLine
from cratejoy_tui.sync.ports import Clock
from cratejoy_tui.text import one_line
from cratejoy_tui.warehouses.declared import table_in
from cratejoy_tui.warehouses.told import parts_of
from cratejoy_tui.warehouses.tryton_records import CarrierRecord, Coded, Product
from cratejoy_tui.warehouses.tryton_talk import Talk

LOOK_UPS = 50
FARTHEST_AHEAD = timedelta(hours=14)
"""No clock on earth is further ahead of UTC; Tryton refuses a shipping date that is past where it runs."""

T = TypeVar("T")


class Lists:
    """Ids of what orders name. What is there is asked for once; what is missing is asked for again each time."""

    def __init__(self, talk: Talk, values: Mapping[str, object], clock: Clock) -> None:
        """`values`: the settings, checked."""
        self._talk, self._clock = talk, clock
        self._party, self._warehouse = str(values["party"]), str(values["warehouse"])
        self._usual_carrier, self._carriers = str(values["carrier"]), table_in(values, "carriers")
        self._products: dict[str, list[Product]] = {}
        self._places: dict[str, int] = {}
        """Countries and their parts by code."""
        self._fixed: dict[str, int] = {}

    async def learn(self, orders: Sequence[Order]) -> None:
        """Ask for what these orders name and is not known yet."""
        await self._learn_products({line.sku for order in orders for line in order.lines})
        codes = {code for order in orders for code in _codes(order) if code} - self._places.keys()
        for model, wanted in (
            ("country.country", [code for code in codes if "-" not in code]),
            ("country.subdivision", [code for code in codes if "-" in code]),
        ):
            await self._learn_places(model, sorted(wanted))
        if "party" not in self._fixed:
            await self._learn_fixed()
        for carrier in {self._carrier(order) for order in orders} - {""}:
            if f"carrier {carrier}" not in self._fixed:
                found = await self._named("carrier", "party.name", carrier, CarrierRecord)
                self._fixed.update({f"carrier {carrier}": one.id for one in found[:1]})

    async def unknown_skus(self, skus: Collection[str]) -> frozenset[str]:
        """Those of these SKUs that stand for no product on sale, or for several."""
        await self._learn_products(skus)
        return frozenset(sku for sku in skus if len(self._products.get(sku, [])) != 1)

    async def _learn_products(self, skus: Collection[str]) -> None:
        fields = ("code", "sale_uom", "default_uom")
        wanted = sorted(set(skus) - self._products.keys())
        for part in parts_of(wanted, LOOK_UPS):
            domain = [["code", "in", part], ["salable", "=", True]]
            for product in await self._talk.search("product.product", domain, Product, fields=fields):
                if product.code in part:
                    self._products.setdefault(product.code, []).append(product)

    async def _learn_places(self, model: str, codes: Sequence[str]) -> None:
        if not codes:
            return
        found = await self._talk.search(model, [["code", "in", list(codes)]], Coded, fields=("code",))
        self._places |= {one.code: one.id for one in found if one.code and one.code in codes}

    async def _learn_fixed(self) -> None:
        if wanted := self._warehouse:
            domain = [["type", "=", "warehouse"], ["OR", ["code", "=", wanted], ["name", "=", wanted]]]
            houses = await self._talk.search("stock.location", domain, Coded, fields=("code", "name"))
            if len(houses) != 1:
                raise SetupError(f"Tryton has {len(houses)} warehouses `{one_line(wanted)}`.")
            self._fixed["warehouse"] = houses[0].id
        name = self._party
        parties = [one for one in await self._named("party.party", "name", name, Coded) if one.name == name]
        made = parties[0].id if parties else (await self._talk.create("party.party", [{"name": name}]))[0]
        self._fixed["party"] = made

    async def _named(self, model: str, path: str, name: str, kind: type[T]) -> list[T]:
        return await self._talk.search(model, [[path, "=", name]], kind, fields=(path,))

    def problems(self, order: Order) -> Iterator[str]:
        """Everything for which Tryton cannot take this order."""
        for line in order.lines:
            found = self._products.get(line.sku, [])
            if not found:
                yield f"SKU {one_line(line.sku)} is unknown there"
            elif len(found) > 1:
                yield f"SKU {one_line(line.sku)} stands for {len(found)} products there"
        country, part = _codes(order)
        if country not in self._places:
            yield f"country `{one_line(country)}` is unknown there; load countries into Tryton"
        elif part and part not in self._places:
            yield f"state `{one_line(order.ship_to.state)}` of {country} is unknown there; it must be a code like `IL`"
        carrier = self._carrier(order)
        if carrier and f"carrier {carrier}" not in self._fixed:
            yield f"carrier `{one_line(carrier)}` is unknown there"

    def address(self, order: Order) -> dict[str, Any]:
        """Where the order goes, as an address of the party; whoever receives it stands in its name."""
        to, party = order.ship_to, self._fixed["party"]
        country, part = _codes(order)
        mechanisms = [{"type": "phone", "value": to.phone, "party": party}] if to.phone else []
        return {
            "party": party,
            "party_name": to.company or to.to,
            "attn": to.to if to.company else None,
            "street": "\n".join(filter(None, (to.street, to.unit))),
            "city": to.city,
            "postal_code": to.zip,
            "country": self._places[country],
            "subdivision": self._places[part] if part else None,
            **({"contact_mechanisms": [["create", mechanisms]]} if mechanisms else {}),
        }

    def sale(self, order: Order, address: int) -> dict[str, Any]:
        """The order as a sale. Cratejoy has taken the money, so nothing is invoiced and every price is nought."""
        carrier, ship_on = self._carrier(order), self._ship_on(order)
        return {
            "party": self._fixed["party"],
            "reference": order.number,
            "description": order.ship_code,
            "comment": order.gift_message,
            "invoice_address": address,
            "shipment_address": address,
            "invoice_method": "manual",
            "shipment_method": "order",
            "shipment_cost_method": None,
            "carrier": self._fixed[f"carrier {carrier}"] if carrier else None,
            **({"warehouse": self._fixed["warehouse"]} if "warehouse" in self._fixed else {}),
            **({"shipping_date": ship_on} if ship_on else {}),
            "lines": [["create", [self._line(line) for line in order.lines]]],
        }

    def _line(self, line: OrderLine) -> dict[str, Any]:
        product = self._products[line.sku][0]
        unit = product.sale_uom or product.default_uom
        return {"product": product.id, "quantity": line.quantity, "unit": unit, "unit_price": Decimal(0)}

    def _ship_on(self, order: Order) -> date | None:
        soonest = (self._clock.now() + FARTHEST_AHEAD).date()
        wanted = order.requested_ship_date
        return wanted if wanted is not None and wanted > soonest else None

    def _carrier(self, order: Order) -> str:
        return str(self._carriers.get(order.ship_code, self._usual_carrier))


def _codes(order: Order) -> tuple[str, str]:
    """Country and state as ISO 3166 writes them: `US` and `US-IL`; "" for no state."""
    country, state = order.ship_to.country.upper(), order.ship_to.state.upper()
    return country, f"{country}-{state}" if state else ""
