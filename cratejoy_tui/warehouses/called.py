"""What warehouses that are reached by calls have alike: what the end of a call means, and what only files need."""

from __future__ import annotations

import logging
import math
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

import msgspec

from cratejoy_tui.errors import AnswerLost, NotSupported, RunStopped, SignInRefused
from cratejoy_tui.http import PoliteClient, RequestRefused
from cratejoy_tui.sync.domain.found import already_there
from cratejoy_tui.sync.domain.order import (
    CancelAnswer,
    CancelOutcome,
    Found,
    Lost,
    NotSent,
    Order,
    OrderState,
    PushOutcome,
    Refused,
)
from cratejoy_tui.sync.domain.tracking import Parcel
from cratejoy_tui.sync.ports import Capabilities, Clock, Contact, Delivery
from cratejoy_tui.text import clean, one_line
from cratejoy_tui.warehouses.absence import Absences

ABOUT_THE_BODY = frozenset({400, 413, 422})
"""A wrong address or verb says nothing about the orders that were sent; a refused body does."""

UNREADABLE = (LookupError, TypeError, ValueError, msgspec.MsgspecError)
"""What an adapter trips over in an answer; what was asked for may have been done by then."""

log = logging.getLogger(__name__)
Outcomes = dict[str, PushOutcome]


class CalledWarehouse(ABC):
    """A warehouse behind a connection. An adapter says what it can do, hands over orders, finds, cancels and lists."""

    capabilities: Capabilities
    looks_first: ClassVar[bool] = False
    """Is each number looked up right before it is sent, too?"""

    def __init__(self, client: PoliteClient, clock: Clock | None = None) -> None:
        """With a clock, a number that was looked up in vain just now is not looked up again before it is sent."""
        self.name, self.calls = client.remote.system, client.calls
        self._client = client
        self.absent = Absences(clock)

    @abstractmethod
    async def verify(self) -> Contact:
        """Prove by reads only that it answers and the key is good. Raises SignInRefused, Unreachable, SetupError."""

    @abstractmethod
    async def hand_over(self, orders: Sequence[Order]) -> Iterable[PushOutcome]:
        """Send these orders, each at most once, and give what became of each. What this raises becomes outcomes."""

    @abstractmethod
    def shipped_since(self, since: datetime) -> AsyncIterator[Sequence[Parcel]]:
        """Every parcel made or voided from `since` on, in pages."""

    async def find(self, numbers: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """What it has under exactly these numbers. Raises NotSupported where it cannot be asked."""
        raise NotSupported(f"{self.name} cannot be asked for orders.", next_step="Look there, then settle by hand.")

    async def ask_to_cancel(self, number: str, reason: str) -> CancelOutcome:
        """Ask for one order not to be sent, and tell what it says. Raises NotSupported where nobody can be asked."""
        raise NotSupported(f"{self.name} cannot cancel order {number}.", next_step="Tell the people there.")

    async def push(self, orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        """Hand over the orders, each with its own outcome; one that is found there first stays as it is."""
        try:
            unsure = self.absent.unsure(order.number for order in orders) if self.looks_first else ()
            there = await self.find(unsure) if unsure else {}
        except SignInRefused:
            raise
        except RunStopped as stopped:
            return list(each(orders, NotSent, stopped.message).values())
        fresh = [order for order in orders if order.number not in there]
        outcomes = await self._sent(fresh, self.capabilities.batch_size)
        return [outcomes.get(order.number) or already_there(order, there[order.number], self.name) for order in orders]

    async def cancel(self, number: str, reason: str, delivery: Delivery) -> CancelOutcome:
        """Ask for one order not to be sent, and where it can be asked, look whether it really is cancelled."""
        try:
            return await self.call_off(number, reason)
        except AnswerLost as lost:
            return CancelOutcome(number=number, answer=CancelAnswer.UNKNOWN, reason=lost.message)

    async def call_off(self, number: str, reason: str) -> CancelOutcome:
        """Ask, and look what became of it; an adapter that must look first does all of that. May raise AnswerLost."""
        try:
            said = await self.ask_to_cancel(number, reason)
        except RequestRefused as refused:
            return CancelOutcome(number=number, answer=CancelAnswer.REFUSED, reason=words_of(refused))
        looks = said.answer is CancelAnswer.CANCELLED and self.capabilities.can_find
        return await unknown_if_stopped(number, self._looked(said)) if looks else said

    async def resume(self, orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        """Nothing here is delivered by file. Raises NotSupported."""
        raise NotSupported(f"{self.name} takes {len(orders)} orders by calls, not by a file; nothing can be resumed.")

    async def adopt(self, ledger_id: str, sequence: int) -> None:  # noqa: B027 - nothing is to be done
        """Any ledger may push here; order numbers protect it."""

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.close()

    def contact(self, detail: str) -> Contact:
        """It answered and took the key; `detail`: what else there is to tell."""
        return Contact(system=self.name, server_time=self._client.server_time, detail=clean(detail, 200))

    async def _sent(self, orders: Sequence[Order], size: int) -> Outcomes:
        """Send these in calls of this size. Raises SignInRefused when nothing was taken."""
        outcomes: Outcomes = {}
        for start in range(0, len(orders), size):
            try:
                outcomes |= await self._called(orders[start : start + size])
            except SignInRefused as refused:
                if not outcomes:
                    raise
                return outcomes | each(orders[start:], NotSent, refused.message)
        return outcomes

    async def _called(self, orders: Sequence[Order]) -> Outcomes:
        self.absent.forget(order.number for order in orders)
        try:
            told = {outcome.number: outcome for outcome in await self.hand_over(orders)}
        except SignInRefused:
            raise
        except AnswerLost as lost:
            return each(orders, Lost, lost.message)
        except RequestRefused as refused:
            if refused.status not in ABOUT_THE_BODY:
                return each(orders, NotSent, refused.message)
            if len(orders) == 1:
                return each(orders, Refused, words_of(refused))
            # The whole call was refused: it goes again in halves, until the order that is meant stands alone.
            return await self._sent(orders, math.ceil(len(orders) / 2))
        except RunStopped as stopped:
            return each(orders, NotSent, stopped.message)
        except UNREADABLE as trouble:
            log.warning("%s: an answer to a push could not be read (%s)", one_line(self.name), type(trouble).__name__)
            return each(orders, Lost, f"{self.name} answered something that cannot be read")
        return each(orders, Lost, f"{self.name} did not say what became of it") | told

    async def _looked(self, said: CancelOutcome) -> CancelOutcome:
        found = (await self.find([said.number])).get(said.number, ())
        if all(one.state is OrderState.CANCELLED for one in found):
            return said
        why = f"{self.name} said cancelled, but still has it {', '.join(one.state for one in found)}"
        return CancelOutcome(number=said.number, answer=CancelAnswer.UNKNOWN, reason=why)


async def unknown_if_stopped(number: str, reading: Awaitable[CancelOutcome]) -> CancelOutcome:
    """What a look after a cancel shows; where it cannot be had, nobody knows. Raises SignInRefused."""
    try:
        return await reading
    except SignInRefused:
        raise
    except RunStopped as stopped:
        return CancelOutcome(number=number, answer=CancelAnswer.UNKNOWN, reason=stopped.message)


def standing(system: str, number: str, there: Collection[tuple[OrderState, str]], refused: str = "") -> CancelOutcome:
    """What a cancel has come to, by the states of the orders there, each with the warehouse's word for it.

    An order that is open, though nobody said why it must be, is UNKNOWN. `refused`: the words of a no.
    """
    states = {state for state, _ in there}
    answer, reason = CancelAnswer.REFUSED, refused
    if not there:
        answer, reason = CancelAnswer.NOT_FOUND, f"{system} has no {number}"
    elif states == {OrderState.CANCELLED}:
        answer, reason = CancelAnswer.CANCELLED, ""
    elif OrderState.SHIPPED in states:
        reason = refused or f"{system} has shipped it"
    elif not refused:
        told = one_line(", ".join(sorted({word for _, word in there})))
        answer, reason = CancelAnswer.UNKNOWN, f"{system} still has it {told}"
    return CancelOutcome(number=number, answer=answer, reason=reason)


def each(orders: Iterable[Order], kind: type[Lost] | type[NotSent] | type[Refused], reason: str) -> Outcomes:
    """The same outcome for each of them."""
    return {order.number: kind(number=order.number, reason=reason) for order in orders}


def words_of(refused: RequestRefused) -> str:
    """The remote's own words for its refusal."""
    return clean(refused.body) or refused.message
