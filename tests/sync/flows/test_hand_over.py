"""How a group of orders leaves, call by call."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from cratejoy_tui.errors import SignInRefused
from cratejoy_tui.sync.domain.order import Lost, Order, PushOutcome
from cratejoy_tui.sync.domain.plan import Result
from cratejoy_tui.sync.domain.record import Sighting, TaskKind
from cratejoy_tui.sync.domain.stage import Stage, State
from cratejoy_tui.sync.flows.handing_over import places
from cratejoy_tui.sync.flows.leases import WRITE, hold, is_wanted
from cratejoy_tui.sync.flows.push import Coming, apply_push, preview_push
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


async def test_what_was_written_down_ahead_of_a_stop_is_ready_again_and_was_never_sent(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = await make_rig(*BOXES, batch_size=1, in_flight=1)
    take, calls = rig.warehouse.push, list[str]()

    async def take_one(orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        calls.append(orders[0].shipment_id)
        if len(calls) > 1:
            raise SignInRefused("Cellar refused the key.")
        ahead = [op.state for id_ in ("4125", "4126") for op in await rig.ledger.operations.of(id_)]
        assert ahead == [State.SENDING, State.SENDING]
        return await take(orders, delivery)

    monkeypatch.setattr(rig.warehouse, "push", take_one)
    with pytest.raises(SignInRefused):
        await rig.push()
    assert calls == ["4124", "4125"]
    states = [op.state for id_ in ("4124", "4125", "4126") for op in await rig.ledger.operations.of(id_)]
    assert states == [State.ACCEPTED, State.READY, State.READY]


async def test_a_push_cancelled_in_flight_knows_what_left_and_what_did_not(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = await make_rig(*BOXES, batch_size=1, in_flight=1, delivery=DeliveryClass.LOOK_UP)
    began = asyncio.Event()

    async def never_answer(orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        began.set()
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr(rig.warehouse, "push", never_answer)
    pushing = asyncio.create_task(rig.push())
    await began.wait()
    pushing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await pushing
    states = [op.state for id_ in ("4124", "4125", "4126") for op in await rig.ledger.operations.of(id_)]
    assert states == [State.UNKNOWN, State.READY, State.READY]


MANY = [shipment(id=str(4000 + nr)) for nr in range(100)]


class Slow:
    """A warehouse that does something of ours near the end of the first group, while the next one is got ready."""

    def __init__(self, rig: Rig, monkeypatch: pytest.MonkeyPatch, act: Callable[[], Awaitable[None]]) -> None:
        self.calls: list[str] = []
        self._take, self._act = rig.warehouse.push, act
        monkeypatch.setattr(rig.warehouse, "push", self.push)

    async def push(self, orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        self.calls.append(orders[0].shipment_id)
        if len(self.calls) == 46:
            await self._act()
        return await self._take(orders, delivery)


async def test_a_hold_and_a_cancel_that_come_while_the_next_group_is_got_ready_drop_their_boxes(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = await make_rig(*MANY, batch_size=1, in_flight=1)
    await rig.pull()
    rows = await preview_push(rig.desk)
    held, cancelled = rows[90].shipment_id, rows[95].shipment_id

    async def people() -> None:
        ahead = coming[-1]._ahead
        assert ahead is not None
        assert held in {intent.order.shipment_id for intent in (await asyncio.shield(ahead)).ready}
        await rig.ledger.people.hold([held], "wait", "bob")
        await rig.ledger.shipments.record([Sighting(shipment=shipment(id=cancelled, status="cancelled"))])

    coming: list[Coming] = []
    make = Coming.__init__

    def made(self: Coming, *arguments: Any) -> None:
        coming.append(self)
        make(self, *arguments)

    monkeypatch.setattr(Coming, "__init__", made)
    slow = Slow(rig, monkeypatch, people)
    outcomes = {outcome.shipment_id: outcome for outcome in await apply_push(rig.desk, rows)}
    assert len(outcomes) == 100
    assert (outcomes[held].result, outcomes[cancelled].result) == (Result.CHANGED, Result.CHANGED)
    assert len(slow.calls) == len(set(slow.calls)) == 98
    assert not {held, cancelled} & set(slow.calls)


async def test_whoever_waits_for_the_lease_has_it_between_two_groups(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = await make_rig(*MANY, batch_size=1, in_flight=1)
    await rig.pull()
    seen: list[int] = []

    async def other_writes() -> None:
        async with hold(replace(rig.desk, holder="here:1:x:other"), WRITE, wait_seconds=30) as mine:
            seen.append(len(slow.calls))
            assert [op for op in await rig.ledger.operations.in_doubt(mine.lease) if op.state is State.SENDING] == []

    async def ask() -> None:
        waiting.append(asyncio.create_task(other_writes()))
        while not await is_wanted(rig.desk, WRITE):  # noqa: ASYNC110
            await asyncio.sleep(0.001)

    waiting: list[asyncio.Task[None]] = []
    slow = Slow(rig, monkeypatch, ask)
    outcomes = await apply_push(rig.desk, await preview_push(rig.desk))
    await waiting[0]
    assert seen == [50]
    assert len(outcomes) == len(slow.calls) == 100
    assert not await is_wanted(rig.desk, WRITE)


async def test_a_stop_lets_go_only_what_was_written_down(make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = await make_rig(*MANY, batch_size=1, in_flight=1)
    await rig.pull()
    take, calls = rig.warehouse.push, list[str]()

    async def note(orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        calls.append(orders[0].shipment_id)
        return await take(orders, delivery)

    monkeypatch.setattr(rig.warehouse, "push", note)
    stopping = replace(rig.desk, should_stop=lambda: len(calls) >= 10)
    outcomes = await apply_push(stopping, await preview_push(stopping))
    assert 10 <= len(calls) <= 10 + places(rig.warehouse.capabilities)
    assert [outcome.result for outcome in outcomes] == [Result.DONE] * len(calls)
    left = sorted({box.id for box in MANY} - set(calls))
    assert [await rig.ledger.operations.of(id_) for id_ in left] == [[]] * len(left)
    assert len(await apply_push(rig.desk, await preview_push(rig.desk))) == len(left)
    assert sorted(calls) == [box.id for box in MANY]


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
