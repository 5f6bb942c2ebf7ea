"""What is really so in the made-up world, and what must never be so, whatever happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from cratejoy_tui.simulator.floor import base_number
from cratejoy_tui.simulator.proof import puts_of, verdict
from cratejoy_tui.simulator.shop import need_object, need_shipment
from cratejoy_tui.simulator.world import World
from cratejoy_tui.sync.domain.carriers import plain_number
from cratejoy_tui.sync.domain.found import Comparison, compare
from cratejoy_tui.sync.domain.order import Found, OrderLine, OrderState
from cratejoy_tui.sync.domain.record import Stored, TaskKind
from cratejoy_tui.sync.domain.shipment import ShipTo
from cratejoy_tui.sync.domain.stage import Kind, Stage, State
from cratejoy_tui.sync.flows.confirm import preview_confirm
from cratejoy_tui.sync.flows.desk import Desk
from cratejoy_tui.sync.ports import DeliveryClass
from tests.chaos.town import Town

UNDER_WAY = frozenset({Stage.SEEN, Stage.PLANNED, Stage.SENDING, Stage.CONFIRMING})
AT_THE_WAREHOUSE = frozenset({Stage.AT_WAREHOUSE, Stage.PARTLY_SHIPPED})
WATCHED = frozenset({TaskKind.STOP_SHIP, TaskKind.CANCEL_BY_HAND, TaskKind.CONFLICT, TaskKind.REVIEW})
RACE_MS = 10 * 60_000
"""A write that was on its way when the merchant cancelled cannot be called back."""


class Broken(AssertionError):
    """Something is so that must never be so."""


def orders_of(world: World, id_: int) -> list[tuple[str, str, dict[str, Any]]]:
    """Number, state and content of every order the warehouse ever made for this box."""
    rows = world.db.execute("SELECT order_number, state, doc FROM floor_orders ORDER BY rowid").fetchall()
    return [(number, state, msgspec.json.decode(doc)) for number, state, doc in rows if base_number(number) == str(id_)]


def on_its_way(world: World, id_: int) -> bool:
    """Is a request about this box still to be carried out?"""
    rows = world.db.execute("SELECT payload FROM events WHERE kind='late'").fetchall()
    return any(str(id_) in bytes(payload).decode() for (payload,) in rows)


def is_there(world: World, number: str) -> bool:
    """Would somebody who walks through the warehouse, and waits a while, find this order?"""
    return any(row == (number,) for row in world.db.execute("SELECT order_number FROM floor_orders").fetchall())


def ids_of(world: World) -> list[int]:
    """Every box of the store, in the order they came."""
    return [row[0] for row in world.db.execute("SELECT id FROM shipments ORDER BY id").fetchall()]


class Truth:
    """Holds the ledger against the world."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._world = town.world
        self.cancelled_at: dict[int, int] = {}
        """When the merchant cancelled boxes that are cancelled still."""
        self.replaced: Counter[str] = Counter()
        """How often a person decided that Cratejoy is told another number."""
        self.released: set[str] = set()

    # at any moment

    def check(self) -> None:
        """Nothing was done twice or wrongly up to now. Raises Broken."""
        for sentence in (*self._world_is_right(), *self._town.run(self._ledger_is_right())):
            raise Broken(sentence)

    def check_cancels(self, begun_ms: int) -> None:
        """A cycle that nothing disturbed told the warehouse of all that was cancelled when it began. Raises Broken."""
        for sentence in self._town.run(self._cancels_are_told(begun_ms)):
            raise Broken(sentence)

    async def _cancels_are_told(self, begun_ms: int) -> list[str]:
        asked = {number for (number,) in self._world.db.execute("SELECT order_number FROM cancels").fetchall()}
        known_until = begun_ms - self._world.knobs.read_lag_seconds * 1000
        watched = await self._watched()
        wrong = []
        for stored in await self._boxes():
            since = self.cancelled_at.get(int(stored.id))
            if since is None or since > known_until or stored.stage not in AT_THE_WAREHOUSE or stored.id in watched:
                continue
            live = {number for number, state, _ in orders_of(self._world, int(stored.id)) if state == "open"}
            if live and not live & asked:
                wrong.append(f"{stored.id} was cancelled in Cratejoy, {live} is live and nobody told the warehouse")
        return wrong

    def _world_is_right(self) -> Iterator[str]:
        told = verdict(self._world)
        if told.duplicated_orders:
            yield f"sent twice: {told.duplicated_orders}"
        subscribed = [one for one in told.early_orders if one.startswith("SUB-")]  # one-time orders are due at once
        if early := [one for one in subscribed if base_number(one) not in self.released]:
            yield f"sent too early: {early}"
        for id_ in ids_of(self._world):
            yield from self._box_is_right(id_)

    def _box_is_right(self, id_: int) -> Iterator[str]:
        live = [number for number, state, _ in orders_of(self._world, id_) if state == "open"]
        if len(live) > 1:
            yield f"{id_} is live as {live}"
        issued = {number for (number,) in self._issued(id_)}
        mails = 0
        for put in puts_of(self._world, id_):
            mails += put.mailed
            if not put.tracking_number or put.tracking_number not in issued:
                yield f"{id_} was confirmed with {put.tracking_number}, its own are {issued}"
            since = self.cancelled_at.get(id_)
            if put.body.get("status") and since is not None and put.at_ms - since > RACE_MS:
                yield f"{id_} was confirmed though cancelled"
        if mails > 1 + self.replaced[str(id_)]:
            yield f"{id_}: {mails} e-mails, {self.replaced[str(id_)]} replaces"
        yield from self._not_sent_when_cancelled(id_)

    def _issued(self, id_: int) -> list[tuple[str]]:
        rows = self._world.db.execute("SELECT tracking_number, order_number FROM parcels WHERE order_reference<>''")
        return [(tracking,) for tracking, number in rows.fetchall() if base_number(number) == str(id_)]

    def _not_sent_when_cancelled(self, id_: int) -> Iterator[str]:
        since = self.cancelled_at.get(id_)
        if since is None:
            return
        rows = self._world.db.execute("SELECT at_ms, order_number FROM received WHERE answer='accepted'").fetchall()
        for at_ms, number in rows:
            if base_number(number) == str(id_) and at_ms - since > RACE_MS:
                yield f"{number} was sent though cancelled"

    async def _ledger_is_right(self) -> list[str]:
        ledger = self._town.ledger
        wrong = []
        if not (await ledger.audit.verify()).ok:
            wrong.append("the audit chain is broken")
        for stored in await self._boxes():
            operations = await ledger.operations.of(stored.id)
            if stored.stage is Stage.CONFIRMED and any(
                op.kind is Kind.CONFIRM and op.state is State.ACCEPTED and not op.via.startswith("person")
                for op in operations
            ):
                wrong += self._cratejoy_shows(stored, await ledger.operations.confirmed_number(stored.id))
        return wrong

    def _cratejoy_shows(self, stored: Stored, number: str) -> Iterator[str]:
        doc = need_shipment(self._world, int(stored.id))
        told = {plain_number(put.tracking_number or "") for put in puts_of(self._world, int(stored.id))}
        if int(stored.id) not in self.cancelled_at and doc["status"] != "shipped":
            yield f"{stored.id} is confirmed, Cratejoy shows {doc['status']}"
        if plain_number(number) not in told:
            yield f"{stored.id} is confirmed with {number}, Cratejoy was told {told}"

    async def _boxes(self) -> list[Stored]:
        boxes: list[Stored] = []
        while page := await self._town.ledger.shipments.page(frozenset(Stage), boxes[-1].id if boxes else "", 500):
            boxes += page
        return boxes

    async def _watched(self) -> set[str]:
        return {task.shipment_id for task in await self._town.ledger.people.tasks() if task.kind in WATCHED}

    # once everything has settled

    async def at_rest(self, desk: Desk) -> list[str]:
        """What is wrong once no fault strikes any more and everything had the time it needs."""
        boxes = {stored.id: stored for stored in await self._boxes()}
        watched = await self._watched()
        _, waiting = await preview_confirm(desk)
        reasons = {hold.shipment_id: hold.reason for hold in waiting}
        wrong = []
        for id_ in map(str, ids_of(self._world)):
            stored = boxes.get(id_)
            wrong += self._is_lost(id_, stored)
            if stored is not None:
                wrong += self._is_stuck(stored, reasons, watched)
                wrong += self._leaves_though_cancelled(stored, watched)
                wrong += self._is_another(stored, watched)
        return wrong

    def _is_lost(self, id_: str, stored: Stored | None) -> Iterator[str]:
        doc = need_shipment(self._world, int(id_))
        paid = all(
            need_object(self._world, "orders", line["order_id"])["financial_status"] == "paid"
            for line in doc["fulfillments"]
        )
        is_due = doc["status"] == "unshipped" and paid and doc["adjusted_ordered_at"] <= self._world.now_ms
        if is_due and stored is None and doc["batch_id"] is None:
            yield f"{id_} is paid and due, and was never pulled"

    def _is_stuck(self, stored: Stored, reasons: dict[str, str], watched: set[str]) -> Iterator[str]:
        blind = self._world.knobs.delivery == DeliveryClass.BLIND
        if stored.stage in UNDER_WAY or (stored.stage is Stage.UNKNOWN and not blind):
            yield f"{stored.id} is still {stored.stage}: {stored.reason} {stored.detail}"
        if stored.stage in {Stage.HELD, Stage.ERROR} and not stored.reason:
            yield f"{stored.id} is {stored.stage} and nobody says why"
        if stored.stage is Stage.CONFLICT and stored.id not in watched:
            yield f"{stored.id} is in conflict and on nobody's list"
        if stored.stage in {Stage.SHIPPED, Stage.PARTLY_SHIPPED} and not reasons.get(stored.id):
            yield f"{stored.id} has left and is not confirmed; nobody says why"

    def _leaves_though_cancelled(self, stored: Stored, watched: set[str]) -> Iterator[str]:
        live = [number for number, state, _ in orders_of(self._world, int(stored.id)) if state == "open"]
        if live and stored.stage is Stage.CANCELLED and stored.id not in watched:
            yield f"{stored.id} is {stored.stage}, {live} is live and on nobody's list"
        if live and int(stored.id) in self.cancelled_at and stored.id not in watched:
            yield f"{stored.id} was cancelled in Cratejoy, {live} is live and on nobody's list"

    def _is_another(self, stored: Stored, watched: set[str]) -> Iterator[str]:
        """The order that leaves must be the one we say we sent."""
        if stored.sent_order is None or stored.id in watched:
            return
        for number, state, doc in orders_of(self._world, int(stored.id)):
            if number != stored.sent_order.number or state == "cancelled":
                continue
            if compare(stored.sent_order, [_as_found(number, state, doc)]) is Comparison.OTHER_CONTENT:
                yield f"{number} at the warehouse is not what the ledger says was sent ({stored.stage})"


def _as_found(number: str, state: str, doc: dict[str, Any]) -> Found:
    lines = tuple(OrderLine(sku=line["sku"], quantity=line["quantity"]) for line in doc["lines"])
    ship_to = ShipTo(**doc["ship_to"])
    return Found(number=number, reference="", state=OrderState(state), lines=lines, ship_to=ship_to)
