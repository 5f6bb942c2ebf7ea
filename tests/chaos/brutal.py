"""A very bad warehouse in memory, and the days of a program that keeps dying while it pushes to it."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from cratejoy_tui.sync.domain.order import Found, Lost, Order, OrderLine, OrderState, PushOutcome, Receipt
from cratejoy_tui.sync.domain.rules import Rules
from cratejoy_tui.sync.domain.shipment import Shipment
from cratejoy_tui.sync.domain.stage import Kind, Stage
from cratejoy_tui.sync.flows.desk import Desk
from cratejoy_tui.sync.flows.push import apply_push, preview_push
from cratejoy_tui.sync.flows.settle import settle
from cratejoy_tui.sync.ports import Calls, Capabilities, Delivery, DeliveryClass, ListingPage, Reading
from tests.chaos.fast_ledger import FastLedger
from tests.chaos.mortal import Died, Life
from tests.sync.factories import shipment
from tests.sync.flows.rig import SetClock

CYCLE_SECONDS = 120.0
CALL_SECONDS = 0.3
PATIENCE_SECONDS = 30.0
IN_A_DAY = 2000
MOST_CYCLES = 400


@dataclass(frozen=True, kw_only=True)
class Odds:
    """How likely each bad thing is, for every order that is handed over."""

    dies_before: float = 0.002
    """The program dies with the intent written and nothing sent."""
    dies_on_the_wire: float = 0.002
    """It dies with the request sent and the warehouse still at work."""
    dies_after_the_answer: float = 0.002
    """It dies before the answer is written down."""
    dies_asking: float = 0.02
    """It dies in a look-up."""
    request_lost: float = 0.01
    answer_lost: float = 0.01
    fails_after_commit: float = 0.005
    slow: float = 0.03
    slowest_seconds: float = 200.0
    index_lag_seconds: float = 15.0
    cancelled_in_doubt: float = 0.2
    """Of the boxes that stand unknown or sending: how many Cratejoy cancels meanwhile."""


class Floor:
    """Takes orders late, twice if it is asked twice, and shows them later still."""

    name = "Brutal"

    def __init__(self, clock: SetClock, chance: random.Random, odds: Odds, capabilities: Capabilities) -> None:
        self.calls = Calls()
        self.clock, self.chance, self.odds = clock, chance, odds
        self.capabilities = capabilities
        self.arrivals: dict[str, list[float]] = {}
        """Order number -> seconds at which it came, or will come, to be an order."""
        self.orders: dict[str, Order] = {}
        self.life = Life()

    def _seconds(self) -> float:
        return self.clock.now().timestamp()

    async def push(self, orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        return [self._take(order) for order in orders]

    def _take(self, order: Order) -> PushOutcome:
        self.life.begin_call()
        odds = self.odds
        self.clock.pass_by(seconds=CALL_SECONDS)
        self._perhaps_die(odds.dies_before)
        if self._happens(odds.request_lost):
            self.clock.pass_by(seconds=PATIENCE_SECONDS)
            return Lost(number=order.number, reason="no answer")
        is_slow = self._happens(odds.slow)
        self._commit(order, self.chance.uniform(0, odds.slowest_seconds) if is_slow else 0.0)
        self._perhaps_die(odds.dies_on_the_wire)
        if is_slow:
            self.clock.pass_by(seconds=PATIENCE_SECONDS)
        if is_slow or self._happens(odds.answer_lost) or self._happens(odds.fails_after_commit):
            return Lost(number=order.number, reason="the answer was lost")
        self._perhaps_die(odds.dies_after_the_answer)
        return Receipt(number=order.number, reference=f"W{order.number}")

    def _commit(self, order: Order, later: float) -> None:
        at = self._seconds() + later
        there = self.arrivals.setdefault(order.number, [])
        if self.capabilities.delivery is DeliveryClass.UNIQUE and there:
            there[0] = min(there[0], at)  # the first to come makes the order, the other is refused
        else:
            there.append(at)
        self.orders[order.number] = order

    def _happens(self, odds: float) -> bool:
        return self.chance.random() < odds

    def _perhaps_die(self, odds: float) -> None:
        if self._happens(odds):
            self.life.end()

    async def find(self, numbers: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        self.life.begin_call()
        self.clock.pass_by(seconds=CALL_SECONDS)
        shown = self._seconds() - self.odds.index_lag_seconds
        found = {}
        for number in numbers:
            there = [at for at in self.arrivals.get(number, ()) if at <= shown]
            if there:
                found[number] = tuple(self._found(number, nr) for nr in range(len(there)))
        if number in self.arrivals:  # asking again after a restart: only where something was sent before
            self._perhaps_die(self.odds.dies_asking)
        return found

    def _found(self, number: str, nr: int) -> Found:
        order = self.orders[number]
        lines = tuple(OrderLine(sku=line.sku, quantity=line.quantity) for line in order.lines)
        return Found(
            number=number, reference=f"W{number}-{nr}", state=OrderState.OPEN, lines=lines, ship_to=order.ship_to
        )

    async def shipped_since(self, since: object) -> AsyncIterator[Sequence[object]]:
        yield ()


class Shop:
    """Cratejoy, as far as a push asks it."""

    def __init__(self) -> None:
        self.calls = Calls()
        self.shipments: dict[str, Shipment] = {}

    async def read(self, ids: Sequence[str]) -> Reading:
        return Reading(shipments={id_: self.shipments[id_] for id_ in ids})

    async def list_cancelled(self, since: object) -> AsyncIterator[ListingPage]:
        yield ListingPage(rows=(), complete=True)


@dataclass(kw_only=True)
class Tally:
    """What became of all orders."""

    orders: int = 0
    duplicated: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    escaped: list[str] = field(default_factory=list)
    """Cancelled, counted as never sent, and at the warehouse all the same."""
    for_a_person: int = 0
    cancelled: int = 0
    deaths: int = 0

    def __str__(self) -> str:
        return (
            f"{self.orders} orders: {len(self.duplicated)} duplicated, {len(self.lost)} lost, "
            f"{len(self.escaped)} escaped, {self.for_a_person} for a person, {self.cancelled} cancelled, "
            f"{self.deaths} deaths"
        )


class Brutality:
    """Days of pushes with one class of warehouse."""

    def __init__(self, delivery: DeliveryClass, *, seed: int, odds: Odds | None = None, quiet_seconds: float = 300.0):
        self.chance = random.Random(seed)
        self.odds = odds or Odds()
        self.clock = SetClock()
        self.capabilities = Capabilities(
            delivery=delivery,
            batch_size=1,
            quiet_seconds=0.0 if delivery is DeliveryClass.UNIQUE else quiet_seconds,
            can_find=delivery is not DeliveryClass.BLIND,
        )
        self.floor = Floor(self.clock, self.chance, self.odds, self.capabilities)
        self.shop = Shop()
        self.tally = Tally()
        self._next_id = 1_000_000

    async def run(self, orders: int) -> Tally:
        """Push so many orders to their end, a day's worth at a time."""
        for start in range(0, orders, IN_A_DAY):
            await self._day(min(IN_A_DAY, orders - start))
        return self.tally

    async def _day(self, orders: int) -> None:
        ledger = FastLedger(self.clock)
        for _ in range(orders):
            self._next_id += 1
            box = shipment(id=str(self._next_id), adjusted_ordered_at=self.clock.now())
            self.shop.shipments[box.id] = box
            ledger.see(box, f"SUB-{box.id}")
        for _ in range(MOST_CYCLES):
            await self._cycle(ledger)
            if not ledger.doubtful and not any(box.stage is Stage.PLANNED for box in ledger.boxes.values()):
                break
        self.clock.pass_by(seconds=self.odds.slowest_seconds + 60)
        for box in ledger.boxes.values():
            self._count(box, ledger)
        self.shop.shipments.clear()
        self.floor.arrivals.clear()
        self.floor.orders.clear()

    async def _cycle(self, ledger: FastLedger) -> None:
        ledger.life = self.floor.life = Life()
        desk = Desk(
            store="s",
            rules=Rules(),
            source=self.shop,  # type: ignore[arg-type]
            warehouse=self.floor,  # type: ignore[arg-type]
            ledger=ledger,  # type: ignore[arg-type]
            clock=self.clock,
            operator="ada",
            holder="here",
        )
        try:
            await settle(desk, frozenset({Kind.PUSH}))
            self._cancel_some(ledger)
            await apply_push(desk, await preview_push(desk))
        except Died:
            self.tally.deaths += 1
        self.clock.pass_by(seconds=self.chance.uniform(1, CYCLE_SECONDS))

    def _cancel_some(self, ledger: FastLedger) -> None:
        """Customers change their minds while nobody knows whether their box was sent."""
        for id_ in sorted(ledger.pushes):
            box = ledger.boxes[id_]
            undecided = box.stage in {Stage.UNKNOWN, Stage.SENDING, Stage.PLANNED} and box.cancel_seen_at is None
            if undecided and self.chance.random() < self.odds.cancelled_in_doubt:
                ledger.cancelled(id_)
                self.shop.shipments[id_] = replace(self.shop.shipments[id_], status="cancelled")

    def _count(self, box: object, ledger: FastLedger) -> None:
        from cratejoy_tui.sync.domain.record import Stored

        assert isinstance(box, Stored)
        tally, there = self.tally, self.floor.arrivals.get(box.order_number, [])
        tally.orders += 1
        tally.cancelled += box.cancel_seen_at is not None
        if len(there) > 1:
            tally.duplicated.append(box.order_number)
        if box.stage is Stage.CONFLICT:
            tally.for_a_person += 1
        elif box.stage is Stage.CANCELLED:
            tally.escaped += [box.order_number] if there else []
        elif box.stage is not Stage.AT_WAREHOUSE or not there:
            tally.lost.append(box.order_number)
