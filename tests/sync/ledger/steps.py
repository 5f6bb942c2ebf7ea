"""Steps that many ledger tests begin with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from cratejoy_tui.sync.domain.books import Lease
from cratejoy_tui.sync.domain.record import Ending, Intended, Judged, Operation, PushIntent, Sighting, Stored
from cratejoy_tui.sync.domain.shipment import Shipment
from cratejoy_tui.sync.domain.stage import Stage, State
from cratejoy_tui.sync.domain.tracking import Confirmation
from cratejoy_tui.sync.ledger import Ledger
from tests.sync.factories import NOW, order, shipment

RULES = "rules-1"


class SetClock:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    def move(self, **by: float) -> None:
        self.time += timedelta(**by)


def sightings(*ids: str, **changes: Any) -> list[Sighting]:
    return [sighting(shipment(id=id_, **changes)) for id_ in ids]


def sighting(box: Shipment, fingerprint: str = "f1") -> Sighting:
    return Sighting(shipment=box, fingerprint=fingerprint)


def verdict(stored: Stored, **changes: Any) -> Judged:
    fields: dict[str, Any] = {
        "shipment_id": stored.id,
        "revision": stored.revision,
        "stage": Stage.PLANNED,
        "order_number": f"SUB-{stored.id}",
        "target_at": NOW,
    }
    return Judged(**(fields | changes))


async def box(ledger: Ledger, id_: str = "1") -> Stored:
    return (await ledger.shipments.get([id_]))[id_]


async def stage(ledger: Ledger, id_: str = "1") -> Stage:
    return (await box(ledger, id_)).stage


async def plan(ledger: Ledger, *ids: str) -> list[PushIntent]:
    """Boxes that were pulled and judged fit, as intents."""
    await ledger.shipments.record(sightings(*ids))
    stored = await ledger.shipments.get(ids)
    await ledger.shipments.judged(RULES, [verdict(stored[id_]) for id_ in ids])
    return [PushIntent(order=order(shipment_id=id_), revision=stored[id_].revision) for id_ in ids]


async def write_lease(ledger: Ledger, holder: str = "somebody", seconds: float = 60) -> Lease:
    return await ledger.leases.take("write", holder, seconds)


async def the_lease(ledger: Ledger) -> Lease:
    """The write lease that is held already, or a new one."""
    return await ledger.leases.held_by("write") or await write_lease(ledger)


async def intend(ledger: Ledger, intents: Sequence[PushIntent], lease: Lease | None = None) -> Intended:
    lease = lease or await the_lease(ledger)
    return await ledger.operations.intend_push(intents, lease=lease, warehouse="Floor")


async def send(ledger: Ledger, *ids: str) -> tuple[list[Operation], Lease]:
    """Boxes whose push is on its way."""
    intents = await plan(ledger, *ids)
    lease = await the_lease(ledger)
    intended = await intend(ledger, intents, lease)
    assert not intended.dropped
    return list(intended.operations), lease


async def end(ledger: Ledger, operation: Operation, state: State, lease: Lease | None = None, **more: Any) -> Stage:
    stages = await ledger.operations.end([Ending(operation_id=operation.id, state=state, **more)], lease=lease)
    return stages[operation.id]


async def push(ledger: Ledger, *ids: str) -> Lease:
    """Boxes that are at the warehouse; the write lease is still held."""
    operations, lease = await send(ledger, *ids)
    for operation in operations:
        await end(ledger, operation, State.ACCEPTED, lease)
    return lease


async def ship(ledger: Ledger, id_: str = "1") -> Lease:
    """A box that has left the warehouse."""
    lease = await push(ledger, id_)
    await ledger.shipments.move(id_, Stage.SHIPPED, expect={Stage.AT_WAREHOUSE})
    return lease


def confirmation(id_: str = "1", number: str = "9400") -> Confirmation:
    return Confirmation(shipment_id=id_, tracking_number=number, shipped_at=NOW, carrier_name="USPS")


async def emails(ledger: Ledger) -> int:
    """How many e-mails customers may have got because of us, ever."""
    sent = await ledger.questions.emails_sent(NOW - timedelta(days=1000), NOW + timedelta(days=1000))
    return sum(sent.values())


async def confirm(ledger: Ledger, id_: str = "1") -> Lease:
    """A box that is confirmed."""
    lease = await ship(ledger, id_)
    operation = await ledger.operations.intend_confirm(confirmation(id_), lease=lease)
    await end(ledger, operation, State.ACCEPTED, lease)
    return lease
