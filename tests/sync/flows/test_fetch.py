"""Only a parcel of the live order moves a box on, or speaks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cratejoy_tui.sync.domain.plan import Result
from cratejoy_tui.sync.domain.record import TaskKind
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.domain.tracking import ParcelLine
from cratejoy_tui.sync.flows.fetch import fetch_tracking
from cratejoy_tui.sync.flows.people import resend
from cratejoy_tui.sync.flows.replace import replace
from cratejoy_tui.sync.ledger.transactions import Threads
from tests.sync.factories import add_on, line, shipment
from tests.sync.flows.conftest import MakeRig
from tests.sync.flows.shop import Shop


async def sent_anew(shop: Shop) -> str:
    """A confirmed box whose second order is at the warehouse."""
    [id_] = shop.orders(1)
    await shop.cycle()
    shop.ship(id_)
    await shop.cycle()
    await resend(shop.desk, id_, "lost in the post")
    await shop.cycle()
    return id_


async def test_a_box_sent_anew_is_at_warehouse_until_its_own_parcel_leaves(shop: Shop) -> None:
    id_ = await sent_anew(shop)
    assert await shop.stage(id_) is Stage.AT_WAREHOUSE
    await shop.cycle()
    assert await shop.stage(id_) is Stage.AT_WAREHOUSE
    shop.ship(f"{id_}-R2")
    await shop.cycle()
    stored = await shop.stored(id_)
    assert (stored.stage, stored.reason) == (Stage.CONFIRMED, "RESENT")


async def test_the_number_that_replaces_is_that_of_the_box_sent_anew(shop: Shop) -> None:
    id_ = await sent_anew(shop)
    shop.ship(f"{id_}-R2")
    await shop.cycle()
    first, second = (await shop.desk.ledger.tracking.of([id_]))[id_]
    outcome = await replace(shop.desk, id_, "the customer asked for it")
    assert (outcome.result, outcome.number) == (Result.DONE, second.parcel.tracking_number)
    assert first.parcel.tracking_number != second.parcel.tracking_number


@pytest.mark.parametrize("count", [1, 40])
async def test_boxes_that_ship_together_move_in_one_transaction(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    ids = [str(nr) for nr in range(1, count + 1)]
    rig = await make_rig(*(shipment(id=id_) for id_ in ids))
    await rig.push()
    for id_ in ids:
        rig.warehouse.ship(f"SUB-{id_}", tracking_number=f"1Z{id_}")
    written: list[object] = []
    write = Threads.write

    async def counted(threads: Threads, work: Callable[..., Any]) -> Any:
        written.append(work)
        return await write(threads, work)

    monkeypatch.setattr(Threads, "write", counted)
    await fetch_tracking(rig.desk)
    assert (await rig.ledger.shipments.counts())[Stage.SHIPPED] == count
    assert len(written) == 4, "parcels, cursor, verdicts, stages"
    written.clear()
    await fetch_tracking(rig.desk)
    assert len(written) == 2, "parcels, cursor"


async def test_a_short_shipment_ticked_off_stays_so_until_something_else_is_missing(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(lines=(line(), add_on())))
    await rig.push()
    sent = (await rig.ledger.shipments.get(["4124"]))["4124"].sent_order
    assert sent is not None
    first, second = sent.lines
    rig.warehouse.ship("SUB-4124", lines=())
    await fetch_tracking(rig.desk)
    [task] = await rig.ledger.people.tasks()
    assert (task.kind, f"{first.quantity} x {first.sku}" in task.text) == (TaskKind.SHORT_SHIPPED, True)
    await rig.ledger.people.done(task.id, "bob", "they send it tomorrow")
    await fetch_tracking(rig.desk)
    assert await rig.ledger.people.tasks() == []
    held = (ParcelLine(sku=first.sku, quantity=first.quantity),)
    rig.warehouse.ship("SUB-4124", reference="P-2", lines=held, tracking_number="9400111899223197428490")
    await fetch_tracking(rig.desk)
    [task] = await rig.ledger.people.tasks()
    assert task.text == f"Cellar closed SUB-4124 without {second.quantity} x {second.sku}. Ask what became of the rest."
