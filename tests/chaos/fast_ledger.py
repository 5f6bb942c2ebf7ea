"""A ledger in memory for a hundred thousand orders: the same promises as the real one, without its disk and chain.

Only what pushing and settling ask for is here. Decisions stay with the product: its flows call this, its own tables
say where a box stands after an operation ended, and everything written down outlives a death of the process.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from cratejoy_tui.sync.domain.books import Adoption, Lease
from cratejoy_tui.sync.domain.cancellation import LOOKED_ONCE, SECOND_LOOK_AFTER, may_still_arrive, push_of_cancelled
from cratejoy_tui.sync.domain.order import Order
from cratejoy_tui.sync.domain.record import (
    Dropped,
    Ending,
    Intended,
    Operation,
    PlannedRow,
    PushIntent,
    Recorded,
    Sighting,
    Stored,
    TaskKind,
)
from cratejoy_tui.sync.domain.shipment import Shipment
from cratejoy_tui.sync.domain.stage import OPEN_STAGES, Kind, Stage, State, check_move, stage_after
from cratejoy_tui.sync.ledger.endings import MAY_END
from cratejoy_tui.sync.ledger.intents import MAY_SEND_AGAIN
from cratejoy_tui.sync.ports import Clock
from tests.chaos.mortal import Life


@dataclass
class FastLedger:
    """All of it; the parts that flows name are this one object."""

    clock: Clock
    boxes: dict[str, Stored] = field(default_factory=dict)
    pushes: dict[str, Operation] = field(default_factory=dict)
    sent: dict[str, Order] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)
    tasks: set[str] = field(default_factory=set)
    fence: int = 0
    life: Life = field(default_factory=Life)
    """Of the process at work; the dead write nothing down."""
    ledger_id: str = "fast"

    def __post_init__(self) -> None:
        self.shipments = self.operations = self.people = self.leases = self

    def see(self, shipment: Shipment, number: str) -> None:
        """A box that may be pushed."""
        self.boxes[shipment.id] = Stored(
            shipment=shipment,
            id=shipment.id,
            revision="1",
            stage=Stage.PLANNED,
            stage_since=self.clock.now(),
            order_number=number,
            generation=1,
        )

    def cancelled(self, id_: str) -> None:
        """Cratejoy calls the box cancelled; nothing that was not sent goes out any more."""
        box, push = self.boxes[id_], self.pushes.get(id_)
        is_unsent = box.stage in OPEN_STAGES
        stage = Stage.CANCELLED if is_unsent else box.stage
        self.boxes[id_] = replace(box, cancel_seen_at=self.clock.now(), stage=stage)
        if is_unsent and push is not None and may_still_arrive(push.state, push.via):
            later = self.clock.now() + SECOND_LOOK_AFTER
            self.pushes[id_] = replace(push, state=State.UNKNOWN, error=LOOKED_ONCE, quiet_until=later)
            self.doubtful.add(id_)

    # shipments

    async def planned(self, after_id: str = "", limit: int = 2000) -> list[PlannedRow]:
        now = self.clock.now()
        ids = sorted(id_ for id_, box in self.boxes.items() if box.stage is Stage.PLANNED and id_ > after_id)
        rows = []
        for id_ in ids[:limit]:
            push = self.pushes.get(id_)
            if push is None or push.not_before is None or push.not_before <= now:
                box = self.boxes[id_]
                rows.append(
                    PlannedRow(
                        shipment_id=id_,
                        revision=box.revision,
                        order_number=box.order_number,
                        generation=1,
                        flags=(),
                    )
                )
        return rows

    async def get(self, ids: Collection[str]) -> dict[str, Stored]:
        return {id_: self.boxes[id_] for id_ in ids}

    async def record(self, sightings: Sequence[Sighting]) -> Recorded:
        return Recorded()

    # operations

    async def never_sent(self, ids: Collection[str]) -> set[str]:
        return {id_ for id_ in ids if id_ not in self.pushes}

    async def intend_push(self, intents: Sequence[PushIntent], *, lease: Lease, warehouse: str) -> Intended:
        self.life.begin_call()
        operations, dropped = [], []
        for intent in intents:
            order = intent.order
            before = self.pushes.get(order.shipment_id)
            if self.boxes[order.shipment_id].stage is not Stage.PLANNED or not (
                before is None or before.state in MAY_SEND_AGAIN
            ):
                dropped.append(Dropped(shipment_id=order.shipment_id, reason="it is under way"))
                continue
            operations.append(self._send(order, before, lease))
        return Intended(operations=tuple(operations), dropped=tuple(dropped))

    async def leave(self, ids: Sequence[int], *, lease: Lease) -> None:
        self.life.begin_call()
        for id_ in map(str, ids):
            self.pushes[id_] = replace(self.pushes[id_], sent_at=self.clock.now())

    def _send(self, order: Order, before: Operation | None, lease: Lease) -> Operation:
        now = self.clock.now()
        operation = Operation(
            id=int(order.shipment_id),
            kind=Kind.PUSH,
            shipment_id=order.shipment_id,
            generation=1,
            number=order.number,
            state=State.SENDING,
            attempts=(before.attempts if before else 0) + 1,
            fence=lease.fence,
            made_at=now,
            sent_at=now,
        )
        self.pushes[order.shipment_id] = operation
        self.sent[order.shipment_id] = order
        self.doubtful.add(order.shipment_id)
        self._put(order.shipment_id, Stage.SENDING)
        return operation

    def _put(self, id_: str, stage: Stage) -> None:
        check_move(self.boxes[id_].stage, stage)
        self.boxes[id_] = replace(self.boxes[id_], stage=stage)

    def delivery(self, of: Operation) -> None:
        return None

    async def end(
        self, endings: Iterable[Ending], *, lease: Lease | None, under: Lease | None = None
    ) -> dict[int, Stage]:
        self.life.begin_call()
        stages = {}
        for ending in endings:
            id_ = str(ending.operation_id)
            row, box = self.pushes[id_], self.boxes[id_]
            if row.state not in MAY_END or (lease is not None and row.fence != lease.fence):
                continue
            if box.cancel_seen_at is not None:
                ending = self._of_cancelled(row, ending)
            self._end_one(row, ending.state, ending)
            stages[ending.operation_id] = self.boxes[id_].stage
        return stages

    def _of_cancelled(self, row: Operation, ending: Ending) -> Ending:
        state = push_of_cancelled(ending.state, ending.via, row.error)
        if state is State.UNKNOWN and state is not ending.state:
            now = self.clock.now()
            later = max(ending.quiet_until or now, now + SECOND_LOOK_AFTER)
            return replace(ending, state=state, error=LOOKED_ONCE, quiet_until=later)
        return replace(ending, state=state)

    def _end_one(self, row: Operation, state: State, ending: Ending) -> None:
        self.pushes[row.shipment_id] = replace(
            row,
            state=state,
            via=ending.via,
            error=ending.error,
            quiet_until=ending.quiet_until,
            not_before=ending.not_before,
        )
        if state not in {State.UNKNOWN, State.SENDING}:
            self.doubtful.discard(row.shipment_id)
        self._put(row.shipment_id, stage_after(Kind.PUSH, state, self.boxes[row.shipment_id].stage))

    async def in_doubt(self, lease: Lease) -> list[Operation]:
        left = [self.pushes[id_] for id_ in sorted(self.doubtful)]
        return [op for op in left if op.state is State.UNKNOWN or op.fence != lease.fence]

    async def doubt(self, operation_id: int, quiet_until: datetime, error: str) -> Operation:
        self.life.begin_call()
        row = self.pushes[str(operation_id)]
        ending = Ending(operation_id=row.id, state=State.UNKNOWN, error=error, quiet_until=quiet_until)
        self._end_one(row, State.UNKNOWN, ending)
        return self.pushes[str(operation_id)]

    async def orders(self, operation_ids: Collection[int]) -> dict[int, Order]:
        return {id_: self.sent[str(id_)] for id_ in operation_ids}

    # people and leases

    async def adoption(self) -> Adoption:
        return Adoption(none=True, count=0, by="ada", at=self.clock.now())

    async def task(self, kind: TaskKind, id_: str, number: str, text: str) -> None:
        self.life.begin_call()
        self.tasks.add(id_)

    async def take(self, name: str, holder: str, seconds: float, uptime: object = None) -> Lease:
        self.life.begin_call()
        self.fence += 1
        now = self.clock.now()
        expires_at = now + timedelta(seconds=seconds)
        return Lease(store="s", name=name, holder=holder, fence=self.fence, taken_at=now, expires_at=expires_at)

    async def renew(self, lease: Lease, seconds: float) -> Lease:
        return replace(lease, expires_at=self.clock.now() + timedelta(seconds=seconds))

    async def give_up(self, lease: Lease) -> None:
        return None

    async def held_by(self, name: str) -> None:
        return None
