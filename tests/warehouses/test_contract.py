"""The contract is worth something only if a broken promise turns it red. Each fault here breaks one."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from cratejoy_tui.errors import OrderNotFound
from cratejoy_tui.sync.domain.order import CancelAnswer, CancelOutcome, Found, Lost, Order, PushOutcome, Receipt
from cratejoy_tui.sync.domain.tracking import Parcel
from cratejoy_tui.sync.ports import Contact, Delivery, DeliveryClass
from cratejoy_tui.warehouses.contract import WarehouseContract
from cratejoy_tui.warehouses.folder import FolderWarehouse
from cratejoy_tui.warehouses.simulated import SimulatedWarehouse
from tests.warehouses.folder_rig import FolderRig
from tests.warehouses.test_simulated import rigged


class SendsAgainAfterALostAnswer(SimulatedWarehouse):
    async def push(self, orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        outcomes = await super().push(orders, delivery)
        return await super().push(orders, delivery) if isinstance(outcomes[0], Lost) else outcomes


class CallsALostAnswerNotSent(SimulatedWarehouse):
    async def push(self, orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        from cratejoy_tui.sync.domain.order import NotSent

        outcomes = await super().push(orders, delivery)
        return [NotSent(number=o.number, reason=o.reason) if isinstance(o, Lost) else o for o in outcomes]


class MixesUpTheReceipts(SimulatedWarehouse):
    async def push(self, orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        return sorted(await super().push(orders, delivery), key=lambda outcome: outcome.number)


class MakesUpReferences(SimulatedWarehouse):
    async def push(self, orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        outcomes = await super().push(orders, delivery)
        reference = f"made-up-{delivery.sequence}"
        return [replace(o, reference=reference) if isinstance(o, Receipt) else o for o in outcomes]


class SpeaksOnlyAscii(SimulatedWarehouse):
    async def push(self, orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        folded = [
            structs.replace(o, ship_to=structs.replace(o.ship_to, to=o.ship_to.to.encode("ascii", "ignore").decode()))
            for o in orders
        ]
        return await super().push(folded, delivery)


class StopsAtTheFirstRefusal(SimulatedWarehouse):
    async def push(self, orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        outcomes: list[PushOutcome] = []
        for order in orders:
            if outcomes and not isinstance(outcomes[-1], Receipt):
                outcomes.append(replace(outcomes[-1], number=order.number))
            else:
                outcomes += await super().push([order], delivery)
        return outcomes


class SendsOneByOne(SimulatedWarehouse):
    async def push(self, orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        outcomes: list[PushOutcome] = []
        for order in orders[:10]:
            outcomes += await super().push([order], delivery)
        return [*outcomes, *await super().push(orders[10:], delivery)]


class FindsByPrefix(SimulatedWarehouse):
    async def find(self, numbers: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        longer = [f"{number}{digit}" for number in numbers for digit in "0123456789"]
        return {**await super().find(longer), **await super().find(numbers)}


class RaisesForUnknownNumbers(SimulatedWarehouse):
    async def find(self, numbers: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        found = await super().find(numbers)
        if len(found) < len(numbers):
            raise OrderNotFound("one of them is unknown")
        return found


class CallsEveryCancelDone(SimulatedWarehouse):
    async def cancel(self, number: str, reason: str, delivery: Delivery) -> CancelOutcome:
        await super().cancel(number, reason, delivery)
        return CancelOutcome(number=number, answer=CancelAnswer.CANCELLED)


class CancelsNothing(SimulatedWarehouse):
    async def cancel(self, number: str, reason: str, delivery: Delivery) -> CancelOutcome:
        return CancelOutcome(number=number, answer=CancelAnswer.CANCELLED)


class ReadsOnePageOnly(SimulatedWarehouse):
    async def shipped_since(self, since: datetime) -> AsyncIterator[Sequence[Parcel]]:
        async for page in super().shipped_since(since):
            yield page
            return


class StripsThePrefix(SimulatedWarehouse):
    async def shipped_since(self, since: datetime) -> AsyncIterator[Sequence[Parcel]]:
        async for page in super().shipped_since(since):
            yield [replace(parcel, order_number=parcel.order_number.removeprefix("SUB-")) for parcel in page]


class TellsTheFirstParcelOnly(SimulatedWarehouse):
    async def shipped_since(self, since: datetime) -> AsyncIterator[Sequence[Parcel]]:
        async for page in super().shipped_since(since):
            yield list({parcel.order_number: parcel for parcel in reversed(page)}.values())


class NamesParcelsAnewEachTime(SimulatedWarehouse):
    async def shipped_since(self, since: datetime) -> AsyncIterator[Sequence[Parcel]]:
        self.calls.requests += 1
        async for page in super().shipped_since(since):
            yield [replace(p, reference=f"{p.reference}/{self.calls.requests}") for p in page]


class HidesVoidedParcels(SimulatedWarehouse):
    async def shipped_since(self, since: datetime) -> AsyncIterator[Sequence[Parcel]]:
        async for page in super().shipped_since(since):
            yield [parcel for parcel in page if not parcel.voided]


class VerifiesNothing(SimulatedWarehouse):
    async def verify(self) -> Contact:
        return Contact(system=self.name)


class ClaimsToFind(SimulatedWarehouse):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.capabilities = replace(self.capabilities, delivery=DeliveryClass.BLIND)


class ResumesByPushing(SimulatedWarehouse):
    async def resume(self, orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        return await self.push(orders, delivery)


FAULTS: list[tuple[type[SimulatedWarehouse], str]] = [
    (SendsAgainAfterALostAnswer, "test_a_lost_answer_is_settled_not_sent_again"),
    (CallsALostAnswerNotSent, "test_a_lost_answer_is_settled_not_sent_again"),
    (MixesUpTheReceipts, "test_each_order_gets_its_receipt_in_the_same_place"),
    (MakesUpReferences, "test_an_order_pushed_twice_is_there_once"),
    (SpeaksOnlyAscii, "test_names_arrive_unharmed_or_are_refused"),
    (StopsAtTheFirstRefusal, "test_one_bad_order_does_not_stop_its_group"),
    (SendsOneByOne, "test_many_orders_go_in_few_requests"),
    (FindsByPrefix, "test_numbers_come_back_letter_for_letter"),
    (RaisesForUnknownNumbers, "test_numbers_nobody_knows_are_no_error"),
    (CallsEveryCancelDone, "test_cancels_of_unknown_and_of_shipped_orders_differ"),
    (CancelsNothing, "test_an_open_order_is_cancelled_and_twice_is_harmless"),
    (ReadsOnePageOnly, "test_all_pages_are_read"),
    (StripsThePrefix, "test_numbers_come_back_letter_for_letter"),
    (TellsTheFirstParcelOnly, "test_every_parcel_of_an_order_is_told"),
    (NamesParcelsAnewEachTime, "test_windows_that_overlap_do_no_harm"),
    (HidesVoidedParcels, "test_a_voided_parcel_is_told_under_its_own_name"),
    (VerifiesNothing, "test_a_wrong_key_is_told_by_every_verb"),
    (ClaimsToFind, "test_capabilities_make_sense"),
    (ResumesByPushing, "test_only_file_deliveries_are_resumed"),
]


async def judged(promise: str, rig: Any) -> None:
    """Run one test of the contract."""
    test = getattr(WarehouseContract(), promise)
    given = {"rig": rig, "warehouse": await rig.connect(), "name": "Zoë"}
    await test(**{name: given[name] for name in inspect.signature(test).parameters})


@pytest.mark.parametrize(("fault", "promise"), FAULTS, ids=[fault.__name__ for fault, _ in FAULTS])
async def test_a_broken_promise_turns_the_contract_red(fault: type[SimulatedWarehouse], promise: str) -> None:
    async with rigged(DeliveryClass.UNIQUE) as rig:
        rig.make = fault.from_settings
        with pytest.raises((AssertionError, OrderNotFound, pytest.fail.Exception)):
            await judged(promise, rig)


class WritesEveryDeliveryAnew(FolderWarehouse):
    async def resume(self, orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        for path in self._places.path("orders").iterdir():
            path.rename(path.with_stem(f"{path.stem}_former"))
        delivery.is_staged = False
        self._places.write_mark(replace_mark(self))
        return await super().push(orders, delivery)


class PutsAwayBeforeReading(FolderWarehouse):
    async def shipped_since(self, since: datetime) -> AsyncIterator[Sequence[Parcel]]:
        pages = [page async for page in super().shipped_since(since)]
        for page in pages:
            yield page


class RepeatsItsCancels(FolderWarehouse):
    async def cancel(self, number: str, reason: str, delivery: Delivery) -> CancelOutcome:
        name = self._layout.file_name(delivery.name)
        await self._deliver(name, self._layout.cancels_file(number, reason), delivery)
        return CancelOutcome(number=number, answer=CancelAnswer.UNKNOWN)


def replace_mark(warehouse: FolderWarehouse) -> Any:
    """The mark as if nothing had been delivered."""
    from msgspec.structs import replace as changed

    mark = warehouse._places.read_mark()
    assert mark is not None
    return changed(mark, stores={name: changed(done, last=0, delivered={}) for name, done in mark.stores.items()})


@pytest.mark.parametrize(
    ("fault", "promise"),
    [
        (WritesEveryDeliveryAnew, "test_only_file_deliveries_are_resumed"),
        (PutsAwayBeforeReading, "test_a_reader_that_stops_half_way_misses_nothing"),
        (RepeatsItsCancels, "test_an_open_order_is_cancelled_and_twice_is_harmless"),
    ],
)
async def test_a_promise_broken_with_files_turns_it_red(
    fault: type[FolderWarehouse], promise: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = FolderRig(root=tmp_path, patch=monkeypatch, make=fault.from_settings)
    with pytest.raises(AssertionError):
        await judged(promise, rig)
