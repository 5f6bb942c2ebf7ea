"""How a group of orders leaves, call by call."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from cratejoy_tui.errors import SignInRefused
from cratejoy_tui.sync.domain.order import Lost, Order, PushOutcome
from cratejoy_tui.sync.domain.record import TaskKind
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.ports import Delivery, DeliveryClass
from tests.sync.factories import shipment
from tests.sync.flows.conftest import MakeRig
from tests.sync.flows.rig import Rig

BOXES = [shipment(id=id_) for id_ in ("4124", "4125", "4126")]


async def test_the_quiet_time_counts_from_the_call_not_from_the_group(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = await make_rig(*BOXES, delivery=DeliveryClass.LOOK_UP, batch_size=1, in_flight=1)

    async def slow(orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        rig.clock.pass_by(seconds=30)
        return [Lost(number=order.number, reason="no answer") for order in orders]

    monkeypatch.setattr(rig.warehouse, "push", slow)
    await rig.push()
    sent = [op.sent_at for id_ in ("4124", "4125", "4126") for op in await rig.ledger.operations.of(id_)]
    assert [(at - sent[0]).total_seconds() for at in sent if at and sent[0]] == [0, 30, 60]


async def test_a_refused_key_is_not_tried_for_the_rest_of_the_group(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = await make_rig(*BOXES, batch_size=1, in_flight=1)
    calls = []

    async def refuse(orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        calls.append(orders)
        raise SignInRefused("Cellar refused the key.")

    monkeypatch.setattr(rig.warehouse, "push", refuse)
    with pytest.raises(SignInRefused):
        await rig.push()
    assert len(calls) == 1
    assert set(await rig.ledger.shipments.counts()) == {Stage.PLANNED}


async def lost(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    async def lose(orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        return [Lost(number=order.number, reason="no answer") for order in orders]

    monkeypatch.setattr(rig.warehouse, "push", lose)
    await rig.ledger.people.set_adoption(True, 0, "ada")
    await rig.push()


async def test_a_lost_answer_of_a_warehouse_that_cannot_be_asked_is_on_somebodys_list(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = await make_rig(shipment(), delivery=DeliveryClass.BLIND, can_find=False)
    await lost(rig, monkeypatch)
    assert (await rig.ledger.shipments.counts()) == {Stage.CONFLICT: 1}
    [task] = await rig.ledger.people.tasks()
    assert (task.kind, task.number) == (TaskKind.REVIEW, "SUB-4124")
