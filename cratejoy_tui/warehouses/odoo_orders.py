"""Orders in Odoo: found with their content, imported under our own external ids, confirmed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

import msgspec

from cratejoy_tui.errors import SetupError, UnexpectedAnswer, Unreachable
from cratejoy_tui.http import RequestRefused
from cratejoy_tui.sync.domain.order import Found, OrderLine
from cratejoy_tui.text import clean
from cratejoy_tui.warehouses.odoo_records import (
    CONTACT_FIELDS,
    ContactRecord,
    LineRecord,
    LoadAnswer,
    LoadMessage,
    OrderRecord,
    Places,
    ProductRecord,
    Record,
    Row,
    found_of,
    linked,
    ship_to_of,
    words,
)
from cratejoy_tui.warehouses.odoo_talk import OdooTalk, is_busy
from cratejoy_tui.warehouses.told import parts_of

LOOK_UPS = 100
ORDER_FIELDS = ["name", "state", "client_order_ref", "origin", "delivery_status", "partner_shipping_id"]
ARCHIVED_TOO = {"active_test": False}
CANCEL_AT_ONCE = {"disable_cancel_warning": True}
"""Up to 18 a confirmed order is otherwise not cancelled: a window is opened that nobody sees."""
NO_LINES = [[5, 0, 0]]
NOTHING_SPECIAL: Mapping[str, object] = MappingProxyType({})

T = TypeVar("T")


class Named(Record):
    """Any record, by its name and its code."""

    name: str | bool = False
    code: str | bool = False


class StateRecord(Named):
    """One state of a country."""

    country_id: tuple[int, str] | bool = False


@dataclass(frozen=True, slots=True)
class There:
    """An order that is there, as Odoo and as we put it."""

    record: OrderRecord
    found: Found


@dataclass(frozen=True, slots=True)
class Loaded:
    """What an import left behind."""

    ids: list[int]
    refused: dict[int, str]
    """Place in what was given -> Odoo's words."""


class OdooOrders:
    """Reads and writes sales orders and what belongs to them."""

    def __init__(self, talk: OdooTalk, system: str) -> None:
        self._talk, self._system = talk, system
        self._places: Places | None = None

    async def records(self, numbers: Sequence[str]) -> list[OrderRecord]:
        """The orders under exactly these numbers, whatever their state."""
        found: list[OrderRecord] = []
        for part in parts_of(numbers, LOOK_UPS):
            found += await self._search(OrderRecord, "sale.order", [["client_order_ref", "in", part]], ORDER_FIELDS)
        return [record for record in found if record.number in numbers]

    async def by_id(self, ids: Sequence[int]) -> list[OrderRecord]:
        """These orders."""
        return await self._search(OrderRecord, "sale.order", [["id", "in", list(ids)]], ORDER_FIELDS)

    async def look_up(self, numbers: Sequence[str]) -> dict[str, list[There]]:
        """The orders under exactly these numbers with their lines and where they go."""
        records = await self.records(numbers)
        if not records:
            return {}
        lines = await self._lines([record.id for record in records])
        contacts = await self._contacts({linked(record.partner_shipping_id) for record in records})
        places = await self.places()
        there: dict[str, list[There]] = {}
        for record in records:
            contact = contacts.get(linked(record.partner_shipping_id))
            found = found_of(record, lines.get(record.id, []), ship_to_of(contact, places) if contact else None)
            there.setdefault(record.number, []).append(There(record, found))
        return there

    async def products(self, skus: Iterable[str]) -> dict[str, list[int]]:
        """The products with exactly these SKUs; more than one can carry the same."""
        domain = [["default_code", "in", sorted(set(skus))]]
        found: dict[str, list[int]] = {}
        for product in await self._search(ProductRecord, "product.product", domain, ["default_code"]):
            if isinstance(product.default_code, str):
                found.setdefault(product.default_code, []).append(product.id)
        return found

    async def skus(self, ids: Iterable[int]) -> dict[int, str]:
        """The SKUs of these products, archived ones too; products without one are left out."""
        domain = [["id", "in", sorted(set(ids))]]
        products = await self._search(ProductRecord, "product.product", domain, ["default_code"], ARCHIVED_TOO)
        return {product.id: sku for product in products if (sku := words(product.default_code, 200))}

    async def places(self) -> Places:
        """Countries and states by code, read once."""
        if self._places is None:
            countries = await self._search(Named, "res.country", [], ["code"])
            states = await self._search(StateRecord, "res.country.state", [], ["code", "name", "country_id"])
            self._places = Places(
                countries={words(one.code): one.id for one in countries},
                states={
                    (linked(one.country_id), words(word).casefold()): one.id
                    for one in states
                    for word in (one.name, one.code)
                },
                country_codes={one.id: words(one.code) for one in countries},
                state_codes={one.id: words(one.code) for one in states},
            )
        return self._places

    async def check_there(self, model: str, number: int) -> None:
        """Raises SetupError, naming those there are, when there is no such record."""
        there = await self._search(Named, model, [], ["name"])
        if number not in {one.id for one in there}:
            known = ", ".join(f"{one.id} ({words(one.name, 100)})" for one in there[:20])
            raise SetupError(f"{self._system} has no {model} {number}; it has {known or 'none'}.")

    async def load(self, model: str, columns: Row, records: Sequence[Sequence[Row]]) -> Loaded:
        """Import these records; repeated, it changes nothing. All of a call or none of it is kept.

        So one bad record refuses them all: those that Odoo names then go each alone, the others together. Raises
        Unreachable where others work on the same records, and AnswerLost.
        """
        rows = [row for record in records for row in record]
        answer = await self._talk.write(LoadAnswer, model, "load", None, fields=columns, data=rows)
        if isinstance(answer.ids, list):
            return Loaded(answer.ids, {})
        errors = [message for message in answer.messages if message.type == "error"] or answer.messages
        said = clean("; ".join(dict.fromkeys(message.message for message in errors)), 500) or "it gave no reason"
        if is_busy(said):
            raise Unreachable(f"{self._system} works on the same records ({said}); nothing was done.")
        if len(records) == 1:
            return Loaded([], {0: said})
        named = _named(errors, records) or set(range(len(records)))
        rest = [place for place in range(len(records)) if place not in named]
        done = Loaded([], {})
        for group in ([rest] if rest else []) + [[place] for place in sorted(named)]:
            part = await self.load(model, columns, [records[place] for place in group])
            done.ids.extend(part.ids)
            done.refused.update({group[place]: why for place, why in part.refused.items()})
        return done

    async def empty(self, ids: Sequence[int]) -> None:
        """Take all lines out of these quotations: an import adds and changes lines, but removes none."""
        await self._talk.write(msgspec.Raw, "sale.order", "write", ids, vals={"order_line": NO_LINES})

    async def confirm(self, ids: Sequence[int]) -> dict[int, str]:
        """Confirm these orders; Odoo's words for each that it did not. One refusal refuses all, so each goes alone."""
        try:
            await self._talk.write(msgspec.Raw, "sale.order", "action_confirm", ids)
        except RequestRefused as refused:
            if len(ids) == 1:
                return {ids[0]: refused.body or refused.message}
        else:
            return {}
        refusals: dict[int, str] = {}
        for one in ids:
            refusals |= await self.confirm([one])
        return refusals

    async def cancel(self, ids: Sequence[int]) -> None:
        """Ask for these orders to be cancelled; what became of it is to be read."""
        await self._talk.write(msgspec.Raw, "sale.order", "action_cancel", ids, context=CANCEL_AT_ONCE)

    async def made_deliveries(self, ids: Sequence[int]) -> list[str]:
        """The deliveries of these orders that were made, by name."""
        domain = [["sale_id", "in", list(ids)], ["state", "=", "done"]]
        return [words(one.name, 100) for one in await self._search(Named, "stock.picking", domain, ["name"])]

    async def _lines(self, ids: Sequence[int]) -> dict[int, list[OrderLine]]:
        fields = ["order_id", "product_id", "product_uom_qty"]
        records = await self._search(LineRecord, "sale.order.line", [["order_id", "in", list(ids)]], fields)
        goods = [record for record in records if linked(record.product_id)]
        skus = await self.skus(linked(record.product_id) for record in goods)
        lines: dict[int, list[OrderLine]] = {}
        for record in goods:
            sku = skus.get(linked(record.product_id), "")
            line = OrderLine(sku=sku, quantity=math.ceil(record.product_uom_qty))
            lines.setdefault(linked(record.order_id), []).append(line)
        return lines

    async def _contacts(self, ids: Iterable[int]) -> Mapping[int, ContactRecord]:
        domain = [["id", "in", sorted(ids)]]
        contacts = await self._search(ContactRecord, "res.partner", domain, CONTACT_FIELDS, ARCHIVED_TOO)
        return {contact.id: contact for contact in contacts}

    async def _search(
        self,
        kind: type[T],
        model: str,
        domain: Sequence[object],
        fields: Sequence[str],
        context: Mapping[str, object] = NOTHING_SPECIAL,
    ) -> list[T]:
        rows = await self._talk.read(
            list[msgspec.Raw], model, "search_read", domain=domain, fields=fields, context=context
        )
        try:
            return [msgspec.json.decode(row, type=kind) for row in rows]
        except msgspec.MsgspecError as error:
            problem = clean(str(error), 200)
        raise UnexpectedAnswer(f"{self._system} has a {model} that cannot be read ({problem}).")


def _named(errors: Sequence[LoadMessage], records: Sequence[Sequence[Row]]) -> set[int]:
    """Which records the messages are about, by the rows they name."""
    owner = [place for place, record in enumerate(records) for _ in record]
    firsts = [message.rows.get("from", -1) for message in errors if message.rows]
    return {owner[row] for row in firsts if 0 <= row < len(owner)}
