"""Handing orders to Extensiv: a group by its import, or one by one where it has none or refused the group."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cratejoy_tui.errors import RunStopped, SignInRefused
from cratejoy_tui.http import RequestRefused
from cratejoy_tui.sync.domain.found import already_there
from cratejoy_tui.sync.domain.order import Lost, NotSent, Order, PushOutcome, Receipt, Refused
from cratejoy_tui.text import clean, one_line
from cratejoy_tui.warehouses.called import ABOUT_THE_BODY, CalledWarehouse, Outcomes, each
from cratejoy_tui.warehouses.extensiv_faults import DUPLICATE, Fault, fault_of, faults_of
from cratejoy_tui.warehouses.extensiv_records import nothing, order_of
from cratejoy_tui.warehouses.extensiv_session import Session

ONE = "/orders"
MANY = "/orders/import"
IN_FLIGHT = 4


class ExtensivIntake(CalledWarehouse):
    """Sends orders that are not there yet. What it cannot tell, it looks up."""

    def __init__(self, session: Session, *, imports: bool) -> None:
        """`imports`: may groups be sent by one call?"""
        super().__init__(session.client, session.clock)
        self._session, self._imports = session, imports
        self._turn = asyncio.Semaphore(IN_FLIGHT)

    @abstractmethod
    def record_of(self, order: Order) -> Mapping[str, Any]:
        """The order as Extensiv takes it."""

    async def hand_over(self, orders: Sequence[Order]) -> Iterable[PushOutcome]:
        """Send the orders, and look up what cannot be told."""
        if len(orders) == 1:
            return [await self._send_one(orders[0])]
        return (await (self._send_group(orders) if self._imports else self._send_singly(orders))).values()

    async def _send_group(self, orders: Sequence[Order]) -> Outcomes:
        body = {"orders": [self.record_of(order) for order in orders]}
        faults: Mapping[int, Fault] | None = None
        try:
            await self._session.write("POST", MANY, nothing, json=body)
        except RequestRefused as refused:
            if refused.status in (404, 405):
                self._imports = False  # this warehouse has no import
                return await self._send_singly(orders)
            faults = faults_of(refused.raw)
        return await self._sort_out(orders, faults)

    async def _sort_out(self, orders: Sequence[Order], faults: Mapping[int, Fault] | None) -> Outcomes:
        """Look what became of each order of a group; nobody promises that a group is taken whole or not at all.

        `faults`: why it was refused; None: it was taken.
        """
        try:
            there = await self.find([order.number for order in orders])
        except RunStopped as stopped:
            return each(orders, Lost, stopped.message)
        outcomes: Outcomes = {}
        rest: list[Order] = []
        for place, order in enumerate(orders):
            if order.number in there:
                outcomes[order.number] = already_there(order, there[order.number], self.name)
            elif faults is None:
                why = f"{self.name} took the group, but does not show this order yet"
                outcomes[order.number] = Lost(number=order.number, reason=why)
            elif place in faults:
                outcomes[order.number] = self._refused(order, faults[place])
            else:
                rest.append(order)
        try:
            return outcomes | await (self._called(rest) if 0 < len(rest) < len(orders) else self._send_singly(rest))
        except SignInRefused as refused:  # nothing of the rest was taken
            return outcomes | each(rest, NotSent, refused.message)

    async def _send_singly(self, orders: Sequence[Order]) -> Outcomes:
        refusals: list[SignInRefused] = []

        async def one(order: Order) -> Outcomes:
            async with self._turn:
                try:
                    return await self._called([order])
                except SignInRefused as refused:
                    refusals.append(refused)
                    return each([order], NotSent, refused.message)

        outcomes = await asyncio.gather(*(one(order) for order in orders))
        if refusals and len(refusals) == len(orders):
            raise refusals[0]
        return {number: outcome for told in outcomes for number, outcome in told.items()}

    async def _send_one(self, order: Order) -> PushOutcome:
        try:
            made = await self._session.write("POST", ONE, order_of, json=self.record_of(order))
        except RequestRefused as refused:
            fault = fault_of(refused.raw)
            if not fault.code or refused.status not in {403, 409} | ABOUT_THE_BODY:
                raise
            return await self._not_taken(order, fault)
        if made.reference_num != order.number:
            why = f"{self.name} answered with order {one_line(made.reference_num)}"
            return Lost(number=order.number, reason=why)
        return Receipt(number=order.number, reference=clean(str(made.read_only.order_id), 200))

    async def _not_taken(self, order: Order, fault: Fault) -> PushOutcome:
        if fault.code != DUPLICATE:
            return self._refused(order, fault)
        try:
            there = (await self.find([order.number])).get(order.number, ())
        except RunStopped as stopped:
            return Lost(number=order.number, reason=stopped.message)
        return already_there(order, there, self.name) if there else self._refused(order, fault)

    def _refused(self, order: Order, fault: Fault) -> PushOutcome:
        if fault.code == DUPLICATE:
            return Lost(number=order.number, reason=f"{self.name} says that it has it already, but does not show it")
        return Refused(number=order.number, reason=fault.words({line.sku for line in order.lines}))
