"""Handing orders to Extensiv: a group by its import, or one by one where it has none or refused the group."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from cratejoy_tui.errors import AnswerLost, RunStopped, SignInRefused
from cratejoy_tui.http import RequestRefused
from cratejoy_tui.sync.domain.found import already_there
from cratejoy_tui.sync.domain.order import Found, Lost, NotSent, Order, PushOutcome, Receipt, Refused
from cratejoy_tui.text import clean, one_line
from cratejoy_tui.warehouses.called import Outcomes, each
from cratejoy_tui.warehouses.extensiv_faults import DUPLICATE, Fault, fault_of, faults_of
from cratejoy_tui.warehouses.extensiv_records import nothing, order_of
from cratejoy_tui.warehouses.extensiv_session import Session

ONE = "/orders"
MANY = "/orders/import"
IN_FLIGHT = 4

Find = Callable[[Sequence[str]], Awaitable[Mapping[str, tuple[Found, ...]]]]
Write = Callable[[Order], Mapping[str, Any]]


class Sender:
    """Sends orders that are not there yet. What it cannot tell, it looks up."""

    def __init__(self, session: Session, find: Find, write: Write, *, imports: bool) -> None:
        """`write` gives the order as Extensiv takes it; `imports`: may groups be sent by one call?"""
        self._session, self._find, self._write = session, find, write
        self._name = session.client.remote.system
        self._imports = imports
        self._turn = asyncio.Semaphore(IN_FLIGHT)

    async def send(self, orders: Sequence[Order]) -> Outcomes:
        """One outcome for each order. Raises RunStopped when nothing was taken."""
        if len(orders) > 1 and self._imports:
            return await self._send_group(orders)
        return await self._send_singly(orders) if orders else {}

    async def _send_group(self, orders: Sequence[Order]) -> Outcomes:
        body = {"orders": [self._write(order) for order in orders]}
        faults: Mapping[int, Fault] = {}
        is_refused = False
        try:
            await self._session.write("POST", MANY, nothing, json=body)
        except AnswerLost as lost:
            return each(orders, Lost, lost.message)
        except RequestRefused as refused:
            if refused.status in (404, 405):
                self._imports = False  # this warehouse has no import
                return await self._send_singly(orders)
            faults, is_refused = faults_of(refused.raw), True
        return await self._sort_out(orders, faults, is_refused=is_refused)

    async def _sort_out(self, orders: Sequence[Order], faults: Mapping[int, Fault], *, is_refused: bool) -> Outcomes:
        """Look what became of each order of a group; nobody promises that a group is taken whole or not at all."""
        try:
            there = await self._find([order.number for order in orders])
        except RunStopped as stopped:
            return each(orders, Lost, stopped.message)
        outcomes: Outcomes = {}
        rest: list[Order] = []
        for place, order in enumerate(orders):
            if order.number in there:
                outcomes[order.number] = already_there(order, there[order.number], self._name)
            elif place in faults:
                outcomes[order.number] = self._refused(order, faults[place])
            elif is_refused:
                rest.append(order)
            else:
                why = f"{self._name} took the group, but does not show this order yet"
                outcomes[order.number] = Lost(number=order.number, reason=why)
        again = self.send if len(rest) < len(orders) else self._send_singly
        try:
            return outcomes | (await again(rest) if rest else {})
        except RunStopped as stopped:  # nothing of the rest was taken
            return outcomes | each(rest, NotSent, stopped.message)

    async def _send_singly(self, orders: Sequence[Order]) -> Outcomes:
        refusals: list[SignInRefused] = []

        async def one(order: Order) -> PushOutcome:
            async with self._turn:
                try:
                    return await self._send_one(order)
                except SignInRefused as refused:
                    refusals.append(refused)
                    return NotSent(number=order.number, reason=refused.message)

        outcomes = await asyncio.gather(*(one(order) for order in orders))
        if len(refusals) == len(orders):
            raise refusals[0]
        return {order.number: outcome for order, outcome in zip(orders, outcomes, strict=True)}

    async def _send_one(self, order: Order) -> PushOutcome:
        try:
            made = await self._session.write("POST", ONE, order_of, json=self._write(order))
        except SignInRefused:
            raise
        except AnswerLost as lost:
            return Lost(number=order.number, reason=lost.message)
        except RequestRefused as refused:
            return await self._not_taken(order, refused)
        except RunStopped as stopped:
            return NotSent(number=order.number, reason=stopped.message)
        if made.reference_num != order.number:
            why = f"{self._name} answered with order {one_line(made.reference_num)}"
            return Lost(number=order.number, reason=why)
        return Receipt(number=order.number, reference=clean(str(made.read_only.order_id), 200))

    async def _not_taken(self, order: Order, refused: RequestRefused) -> PushOutcome:
        # A wrong address or verb says nothing about the order; a refused body does.
        if refused.status not in (400, 403, 409, 413, 422):
            return NotSent(number=order.number, reason=refused.message)
        fault = fault_of(refused.raw)
        if fault.code != DUPLICATE:
            return self._refused(order, fault) if fault.code else Refused(number=order.number, reason=refused.message)
        try:
            there = (await self._find([order.number])).get(order.number, ())
        except RunStopped as stopped:
            return Lost(number=order.number, reason=stopped.message)
        return already_there(order, there, self._name) if there else self._refused(order, fault)

    def _refused(self, order: Order, fault: Fault) -> PushOutcome:
        if fault.code == DUPLICATE:
            return Lost(number=order.number, reason=f"{self._name} says that it has it already, but does not show it")
        return Refused(number=order.number, reason=fault.words({line.sku for line in order.lines}))
