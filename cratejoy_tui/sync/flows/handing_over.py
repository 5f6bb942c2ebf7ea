"""Orders on their way: as many calls at once as the warehouse takes, each written down before it and after it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from cratejoy_tui.errors import LockHeld, SetupError, SignInRefused
from cratejoy_tui.sync.domain.order import Lost, NotSent, Order, PushOutcome, Receipt, Refused
from cratejoy_tui.sync.domain.plan import Outcome, Result
from cratejoy_tui.sync.domain.record import Dropped, Ending, Intended, Operation, PushIntent, TaskKind
from cratejoy_tui.sync.domain.retry import next_try
from cratejoy_tui.sync.domain.stage import Kind, Stage, State
from cratejoy_tui.sync.flows.desk import Desk
from cratejoy_tui.sync.flows.leases import Holding
from cratejoy_tui.sync.flows.together import Together
from cratejoy_tui.sync.ports import Capabilities, DeliveryClass

AHEAD = 3
"""Times as many orders as may be on the wire are written down or wait to be: the warehouse never waits for the disk."""
SOON = timedelta(seconds=1)
"""An order whose turn comes later than this after its intent was written is written down as leaving only now."""

Note = Callable[[Sequence[Outcome]], None]


@asynccontextmanager
async def handing_over(desk: Desk, holding: Holding, note: Note) -> AsyncIterator[HandOver]:
    """Hand orders over within the block; it ends when every call has ended. Raises what stopped one of them."""
    hand_over = HandOver(desk, holding, note)
    try:
        yield hand_over
    except asyncio.CancelledError:
        hand_over.break_off()
        await hand_over.finish()
        raise
    except BaseException as error:
        await hand_over.finish()
        raise hand_over.stop or error from None
    await hand_over.finish()
    if hand_over.stop is not None:
        raise hand_over.stop


class HandOver:
    """What was begun under one lease. What several calls have to write at the same time goes to disk together."""

    def __init__(self, desk: Desk, holding: Holding, note: Note) -> None:
        self.stop: BaseException | None = None
        """What stopped one call; no further one is begun."""
        self._desk, self._holding, self._note = desk, holding, note
        capabilities = desk.warehouse.capabilities
        self._size = capabilities.batch_size
        self._turn = asyncio.Semaphore(capabilities.in_flight)
        self._places = asyncio.Semaphore(places(capabilities))
        self._intents = Together(self._write_intents)
        self._endings = Together(self._write_endings)
        self._under_way: set[asyncio.Task[None]] = set()

    async def begin(self, intents: Sequence[PushIntent]) -> None:
        """Returns once each of these orders has its place among those on their way; after a stop, at once."""
        for start in range(0, len(intents), self._size):
            await self._places.acquire()
            if self.stop is not None or self._desk.should_stop():
                self._places.release()
                return
            task = asyncio.create_task(self._one_call(intents[start : start + self._size]))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def room(self) -> None:
        """Wait until another one may begin."""
        async with self._places:
            return

    def break_off(self) -> None:
        """Cancel what is on its way; each call writes down what is known of it."""
        for task in self._under_way:
            task.cancel()

    async def finish(self) -> None:
        """Wait until nothing is on its way."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _one_call(self, part: Sequence[PushIntent]) -> None:
        try:
            self._note(await self._write_down_and_call(part))
        except asyncio.CancelledError:
            raise
        except BaseException as stop:
            self.stop = self.stop or stop
        finally:
            self._places.release()

    async def _write_down_and_call(self, part: Sequence[PushIntent]) -> list[Outcome]:
        orders = {intent.order.shipment_id: intent.order for intent in part}
        intended = await self._intents.write(part)
        mine = [operation for operation in intended.operations if operation.shipment_id in orders]
        dropped = [_dropped(drop, orders[drop.shipment_id]) for drop in intended.dropped if drop.shipment_id in orders]
        if not mine:
            return dropped
        return dropped + await self._call(mine, [orders[operation.shipment_id] for operation in mine])

    async def _call(self, part: Sequence[Operation], orders: Sequence[Order]) -> list[Outcome]:
        """One call to the warehouse, with every way it can end written down."""
        has_left = False
        try:
            async with self._turn:
                if self.stop is not None:
                    return await self._end(part, _not_sent(orders, "a call before it failed"))
                await self._stamp(part)
                self._holding.check()
                has_left = True
                answers = await self._desk.warehouse.push(orders, self._desk.ledger.operations.delivery(part[0]))
        except (SignInRefused, LockHeld, SetupError) as stop:
            self.stop = self.stop or stop
            await self._end(part, _not_sent(orders, stop.message))
            raise
        except asyncio.CancelledError:
            await asyncio.shield(self._end(part, _stopped(orders, has_left=has_left)))
            raise
        return await self._end(part, answers)

    async def _stamp(self, part: Sequence[Operation]) -> None:
        """The quiet time after a death counts from the call, even where it had to wait for its turn."""
        written_at = part[0].sent_at
        if written_at is None or self._desk.clock.now() - written_at > SOON:
            await self._holding.keep(self._desk)
            await self._desk.ledger.operations.leave([operation.id for operation in part], lease=self._holding.lease)

    async def _write_intents(self, intents: Sequence[PushIntent]) -> Intended:
        await self._holding.keep(self._desk)
        operations, warehouse = self._desk.ledger.operations, self._desk.warehouse.name
        return await operations.intend_push(intents, lease=self._holding.lease, warehouse=warehouse)

    async def _write_endings(self, endings: Sequence[Ending]) -> Mapping[int, Stage]:
        return await self._desk.ledger.operations.end(endings, lease=self._holding.lease)

    async def _end(self, part: Sequence[Operation], answers: Sequence[PushOutcome]) -> list[Outcome]:
        endings = [ending_of(self._desk, operation, answer) for operation, answer in zip(part, answers, strict=True)]
        for operation, ending in zip(part, endings, strict=True):
            if ending.state is State.REVIEW:
                await ask_a_person(self._desk, operation, ending.error)
        stages = await self._endings.write(endings)
        return [
            outcome_of(operation, answer, stages.get(operation.id, Stage.UNKNOWN))
            for operation, answer in zip(part, answers, strict=True)
        ]


def places(capabilities: Capabilities) -> int:
    """How many calls may be written down at once. A call of many orders, and a file, goes alone.

    Where a call that never left is found out by asking, the next ones are written down while others are on the wire.
    """
    if capabilities.batch_size > 1 or capabilities.delivers_files:
        return 1
    can_ask = capabilities.can_find and capabilities.delivery is not DeliveryClass.BLIND
    return capabilities.in_flight * (AHEAD if can_ask else 1)


def _dropped(drop: Dropped, order: Order) -> Outcome:
    return Outcome(
        kind=Kind.PUSH,
        shipment_id=drop.shipment_id,
        number=order.number,
        result=Result.CHANGED,
        stage=Stage.PLANNED,
        reason=f"Order {order.number} was left out: {drop.reason}.",
    )


def _not_sent(orders: Sequence[Order], why: str) -> list[NotSent]:
    return [NotSent(number=order.number, reason=why) for order in orders]


def _stopped(orders: Sequence[Order], *, has_left: bool) -> Sequence[PushOutcome]:
    if has_left:
        return [Lost(number=order.number, reason="the program was stopped during the call") for order in orders]
    return _not_sent(orders, "the program was stopped before the call")


async def ask_a_person(desk: Desk, operation: Operation, why: str) -> None:
    """Put an order on somebody's list whose fate no look-up can tell."""
    text = (
        f"Nobody knows whether order {operation.number} reached {desk.warehouse.name}: {why}. Look there, then "
        f"`settle {operation.shipment_id} --as sent` or `--as not-sent`."
    )
    await desk.ledger.people.task(TaskKind.REVIEW, operation.shipment_id, operation.number, text)


def ending_of(desk: Desk, operation: Operation, answer: PushOutcome) -> Ending:
    """What the warehouse's answer means for the operation."""
    now = desk.clock.now()
    match answer:
        case Receipt(reference=reference):
            return Ending(operation_id=operation.id, state=State.ACCEPTED, remote_ref=reference)
        case Refused(reason=reason):
            return Ending(operation_id=operation.id, state=State.REJECTED, error=reason)
        case NotSent(reason=reason):
            again = next_try(operation.attempts, now)
            return Ending(operation_id=operation.id, state=State.READY, error=reason, not_before=again)
        case Lost(reason=reason):
            return _lost(desk, operation, reason, now)


def _lost(desk: Desk, operation: Operation, reason: str, now: datetime) -> Ending:
    capabilities = desk.warehouse.capabilities
    if capabilities.delivery is DeliveryClass.BLIND and not capabilities.delivers_files:
        return Ending(operation_id=operation.id, state=State.REVIEW, error=reason)
    quiet = now + timedelta(seconds=capabilities.quiet_seconds)
    return Ending(operation_id=operation.id, state=State.UNKNOWN, error=reason, quiet_until=quiet)


RESULTS: dict[type[PushOutcome], Result] = {
    Receipt: Result.DONE,
    Refused: Result.REFUSED,
    NotSent: Result.NOT_SENT,
    Lost: Result.UNKNOWN,
}


def outcome_of(operation: Operation, answer: PushOutcome, stage: Stage) -> Outcome:
    """The answer in the operator's words."""
    return Outcome(
        kind=Kind.PUSH,
        shipment_id=operation.shipment_id,
        number=operation.number,
        result=RESULTS[type(answer)],
        stage=stage,
        reason="" if isinstance(answer, Receipt) else answer.reason,
    )
