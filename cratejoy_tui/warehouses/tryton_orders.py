"""How an order becomes a sale in Tryton, in steps that can be taken up again wherever they broke off.

An address and a draft sale are made first; nobody packs a draft. Quoting and confirming it makes it an order, and
Tryton makes the shipment itself, at once or after the delay that is set there. A draft left behind by a push that
broke off is found by its reference and carried on, so no second one is made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cratejoy_tui.errors import AnswerLost, RunStopped
from cratejoy_tui.http import KeyRefused, RequestRefused
from cratejoy_tui.sync.domain.found import Comparison, already_there, compare
from cratejoy_tui.sync.domain.order import Lost, NotSent, Order, PushOutcome, Receipt, Refused
from cratejoy_tui.sync.ports import Clock
from cratejoy_tui.text import clean, one_line
from cratejoy_tui.warehouses.called import each
from cratejoy_tui.warehouses.told import parts_of
from cratejoy_tui.warehouses.tryton_lists import LOOK_UPS, Lists
from cratejoy_tui.warehouses.tryton_records import PLACED, SALE_FIELDS, Sale, found_of
from cratejoy_tui.warehouses.tryton_talk import Talk, words_of

RIGHTS = "Give the user of the key access to sales, parties and shipments of that company in Tryton."


class Intake:
    """Makes sales of orders."""

    def __init__(self, talk: Talk, values: Mapping[str, object], clock: Clock) -> None:
        self._talk = talk
        self._lists = Lists(talk, values, clock)
        self.unknown_skus = self._lists.unknown_skus

    async def sales(self, numbers: Sequence[str]) -> dict[str, list[Sale]]:
        """Every sale under exactly these references, in any state."""
        there: dict[str, list[Sale]] = {}
        for part in parts_of(numbers, LOOK_UPS):
            for sale in await self._talk.search("sale.sale", [["reference", "in", part]], Sale, fields=SALE_FIELDS):
                if sale.reference in part:
                    there.setdefault(sale.reference, []).append(sale)
        return there

    async def place(self, orders: Sequence[Order]) -> dict[str, PushOutcome]:
        """Make each order a confirmed sale, once. Raises RunStopped and SetupError before any sale was made."""
        there = await self.sales([order.number for order in orders])
        try:
            await self._lists.learn(orders)
        except AnswerLost as lost:  # of making the party, which is no order
            return each(orders, NotSent, lost.message)
        taken: dict[str, int | PushOutcome] = {}
        for order in orders:
            answer = _already(order, there.get(order.number, ()), self._talk.client.remote.system) or self._unfit(order)
            if answer is not None:
                taken[order.number] = answer
        if new := [order for order in orders if order.number not in taken]:
            taken |= await self._make(new)
        return {
            number: await self._confirm(number, answer) if isinstance(answer, int) else answer
            for number, answer in taken.items()
        }

    def _unfit(self, order: Order) -> PushOutcome | None:
        """Why Tryton cannot take this order; None when it can."""
        return next((Refused(number=order.number, reason=why) for why in self._lists.problems(order)), None)

    async def _make(self, orders: Sequence[Order]) -> dict[str, int | PushOutcome]:
        """Draft sales for these orders: all at once, or one by one where that is refused for one of them."""
        is_asked = False
        try:
            addresses = await self._talk.create("party.address", [self._lists.address(order) for order in orders])
            records = [self._lists.sale(order, address) for order, address in zip(orders, addresses, strict=True)]
            is_asked = True
            made = await self._talk.create("sale.sale", records)
            return dict(zip((order.number for order in orders), made, strict=True))
        except (RequestRefused, KeyRefused) as refused:
            if len(orders) > 1 and refused.status != 401:
                return {number: one for order in orders for number, one in (await self._make([order])).items()}
            return {order.number: _not_taken(order.number, refused) for order in orders}
        except (AnswerLost, ValueError) as lost:
            # An address is no order: only a sale that may have been made has to be looked for.
            kind = Lost if is_asked else NotSent
            return dict(each(orders, kind, clean(str(lost))))
        except RunStopped as stopped:
            return dict(each(orders, NotSent, stopped.message))

    async def _confirm(self, number: str, sale: int) -> PushOutcome:
        try:
            await self._quote(sale)
            pressed = await self._talk.press("sale.sale", sale, "confirm")
        except AnswerLost as lost:
            return Lost(number=number, reason=lost.message)
        except (RequestRefused, KeyRefused) as refused:
            return _not_taken(number, refused)
        except RunStopped as stopped:
            return NotSent(number=number, reason=stopped.message)
        if pressed.state not in PLACED:
            return Lost(number=number, reason=f"sale {sale} is `{one_line(pressed.state)}` after it was confirmed")
        return Receipt(number=number, reference=Sale(id=sale, state=pressed.state, number=pressed.number).name)

    async def _quote(self, sale: int) -> None:
        try:
            await self._talk.press("sale.sale", sale, "quote")
        except RequestRefused as refused:
            # A draft carried on may have been quoted before; then only confirming is left to do.
            now = await self._talk.search("sale.sale", [["id", "=", sale]], Sale, fields=("state",))
            if [one.state for one in now] != ["quotation"]:
                raise refused


def _not_taken(number: str, refused: RequestRefused | KeyRefused) -> PushOutcome:
    if isinstance(refused, RequestRefused) and refused.status in (400, 413, 422):
        return Refused(number=number, reason=words_of(refused.raw, refused.message))
    # 403 is also Tryton's word for a record out of reach: nothing was done, and nothing is wrong with the order.
    return NotSent(number=number, reason=f"{refused.message} {RIGHTS if refused.status == 403 else ''}".strip())


def _already(order: Order, there: Sequence[Sale], warehouse: str) -> PushOutcome | int | None:
    """What the sales that are there already mean: an answer, the id of a draft to carry on, or nothing."""
    known = [sale for sale in there if not sale.was_nothing]
    if not known:
        return None
    found = [found_of(sale) for sale in known]
    is_draft = known[0].state not in PLACED and not known[0].is_called_off
    if is_draft and compare(order, found) is Comparison.SAME:
        return known[0].id
    return already_there(order, found, warehouse)
