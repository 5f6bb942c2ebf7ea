"""Tell Cratejoy another tracking number for a box that is confirmed already, by a person's decision."""

from __future__ import annotations

from collections.abc import Sequence

from cratejoy_tui.errors import ItemRefused, ReadOnly
from cratejoy_tui.sync.domain.carriers import plain_number
from cratejoy_tui.sync.domain.matching import confirmation_for, live_parcels, primary_parcel
from cratejoy_tui.sync.domain.plan import Outcome, Result, Row
from cratejoy_tui.sync.domain.record import Stored, TaskKind, Tracked
from cratejoy_tui.sync.domain.stage import Kind, Stage
from cratejoy_tui.sync.domain.tracking import Confirmation
from cratejoy_tui.sync.flows.confirm import WAIT_FOR_WRITE_SECONDS, confirm_one
from cratejoy_tui.sync.flows.desk import Desk
from cratejoy_tui.sync.flows.explain import shipment_id_of
from cratejoy_tui.sync.flows.leases import WRITE, hold
from cratejoy_tui.text import clean

LONGEST_NUMBER = 100


async def replace(desk: Desk, asked: str, reason: str, *, tracking_number: str = "", carrier: str = "") -> Outcome:
    """Send one write of number, carrier and link, without status; Cratejoy may e-mail the customer a second time.

    Without a number, that of the box's earliest live parcel is taken. Raises ItemRefused when there is nothing to
    replace, ReadOnly.
    """
    if desk.read_only:
        raise ReadOnly(f"Shipment {clean(asked)}: its tracking was not replaced: the program runs read-only.")
    if not reason.strip():
        raise ItemRefused("A replaced number may e-mail the customer again.", next_step="Give the reason.")
    stored = await _confirmed(desk, await shipment_id_of(desk, asked))
    wanted = await _wanted(desk, stored, tracking_number, carrier)
    row = Row(Kind.REPLACE, stored.id, wanted.tracking_number, "", reason, stored.generation)
    async with hold(desk, WRITE, wait_seconds=WAIT_FOR_WRITE_SECONDS) as holding:
        outcome = await confirm_one(desk, holding, row, stored, wanted)
    desk.tell(outcome)
    await desk.ledger.people.note(stored.id, f"Replace {wanted.tracking_number}: {reason}", desk.operator)
    if outcome.result is Result.DONE:
        await _close_tasks(desk, stored.id, reason)
    return outcome


async def _confirmed(desk: Desk, id_: str) -> Stored:
    stored = (await desk.ledger.shipments.get([id_])).get(id_)
    if stored is None:
        raise ItemRefused(f"The ledger of {desk.store} does not know shipment {id_}.")
    if stored.stage is not Stage.CONFIRMED:
        raise ItemRefused(
            f"Shipment {id_} is {stored.stage}; only the number of a confirmed box can be replaced.",
            next_step="Its tracking goes out with its confirmation.",
        )
    return stored


async def _wanted(desk: Desk, stored: Stored, tracking_number: str, carrier: str) -> Confirmation:
    parcels = (await desk.ledger.tracking.of([stored.id])).get(stored.id, [])
    chosen = _chosen(live_parcels(stored, parcels), tracking_number)
    if chosen is not None:
        wanted = confirmation_for(stored.id, chosen, desk.rules, mark_shipped=False)
    elif tracking_number.strip():
        wanted = Confirmation(
            shipment_id=stored.id,
            tracking_number=clean(tracking_number, LONGEST_NUMBER),
            shipped_at=desk.clock.now(),
            carrier_name=clean(carrier, LONGEST_NUMBER),
            mark_shipped=False,
        )
    else:
        raise ItemRefused(
            f"{desk.warehouse.name} tells of no parcel for shipment {stored.id}.", next_step="Give the number."
        )
    if not wanted.tracking_number:
        raise ItemRefused(f"The parcel of shipment {stored.id} has no tracking number.", next_step="Give the number.")
    confirmed = await desk.ledger.operations.confirmed_number(stored.id)
    if plain_number(confirmed) == plain_number(wanted.tracking_number):
        raise ItemRefused(f"Cratejoy was told {wanted.tracking_number} for shipment {stored.id} already.")
    return wanted


def _chosen(live: Sequence[Tracked], tracking_number: str) -> Tracked | None:
    """The parcel with that number; without a number, the one that speaks for the box."""
    if tracking_number.strip():
        number = plain_number(tracking_number)
        return next((tracked for tracked in live if plain_number(tracked.parcel.tracking_number) == number), None)
    primary = primary_parcel(tracked.parcel for tracked in live)
    return next((tracked for tracked in live if tracked.parcel is primary), None)


async def _close_tasks(desk: Desk, id_: str, reason: str) -> None:
    for task in await desk.ledger.people.tasks(kind=TaskKind.RELABELLED):
        if task.shipment_id == id_:
            await desk.ledger.people.done(task.id, desk.operator, reason)
