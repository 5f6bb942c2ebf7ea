"""The promises every warehouse adapter keeps, as tests. An adapter's test file brings a `rig` and inherits them:

    class TestExample(WarehouseContract):
        adapter = "example"

        @pytest.fixture
        async def rig(self, tmp_path): ...

No promise can be waived: what a warehouse cannot do, its capabilities say, and then that is what is tested.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from msgspec.structs import replace

from cratejoy_tui.errors import NotSupported, SignInRefused
from cratejoy_tui.sync.domain.order import (
    CancelAnswer,
    Lost,
    NotSent,
    OrderState,
    PushOutcome,
    Receipt,
    Refused,
)
from cratejoy_tui.sync.domain.tracking import Parcel
from cratejoy_tui.sync.ports import DeliveryClass, Warehouse
from cratejoy_tui.warehouses.contract_powers import PowerPromises, WritesEachOrder, writes_per_push
from cratejoy_tui.warehouses.contract_rig import SINCE, TRACKING, Packed, Rig, an_order

MANY = 5000


class WarehouseContract(PowerPromises):
    """Inherit it under a name that begins with Test."""

    adapter: ClassVar[str]
    """The registered name of the adapter under test."""

    async def test_it_answers_under_its_name(self, warehouse: Warehouse) -> None:
        contact = await warehouse.verify()
        assert contact.system == warehouse.name

    async def test_capabilities_make_sense(self, warehouse: Warehouse) -> None:
        able = warehouse.capabilities
        assert able.batch_size >= 1
        assert 1 <= able.in_flight <= 10
        assert able.can_find == (able.delivery is not DeliveryClass.BLIND), "a blind warehouse cannot be asked"
        assert able.quiet_seconds == 0 or able.delivery is not DeliveryClass.UNIQUE, "unique numbers need no quiet time"
        assert able.tracking_overlap >= timedelta(minutes=5)
        re.compile(able.characters)

    async def test_each_order_gets_its_receipt_in_the_same_place(self, rig: Rig, warehouse: Warehouse) -> None:
        numbers = ["SUB-3", "SUB-1", "2"]
        receipts = await pushed(warehouse, rig, *numbers)
        assert [receipt.number for receipt in receipts] == numbers
        assert all(isinstance(receipt, Receipt) and receipt.reference for receipt in receipts)
        assert [await rig.live(number) for number in numbers] == [1, 1, 1]

    async def test_what_was_ordered_is_what_arrives(self, rig: Rig, warehouse: Warehouse) -> None:
        await pushed(warehouse, rig, "SUB-1")
        kept = await rig.kept("SUB-1")
        assert kept is not None
        assert kept.to == "Ada Example"
        assert kept.lines == {"TEA-01": 2, "MUG-01": 1}
        assert kept.gift_message == "Enjoy!"

    async def test_an_order_pushed_twice_is_there_once(self, rig: Rig, warehouse: Warehouse) -> None:
        [first] = await pushed(warehouse, rig, "SUB-1")
        if warehouse.capabilities.delivery is DeliveryClass.UNIQUE:
            assert await pushed(warehouse, rig, "SUB-1") == [first]
        assert await rig.live("SUB-1") == 1

    async def test_a_lost_answer_is_settled_not_sent_again(self, rig: Rig, warehouse: Warehouse) -> None:
        await rig.lose_next_answer()
        numbers = ["SUB-1", "SUB-2"][: warehouse.capabilities.batch_size]
        orders, delivery = [an_order(number) for number in numbers], rig.delivery()
        assert {type(outcome) for outcome in await warehouse.push(orders, delivery)} == {Lost}
        assert [await rig.live(number) for number in numbers] == [1] * len(numbers)
        if warehouse.capabilities.delivers_files:
            assert {type(outcome) for outcome in await warehouse.resume(orders, delivery)} == {Receipt}
        elif warehouse.capabilities.can_find:
            found = await warehouse.find(numbers)
            assert {number: len(orders) for number, orders in found.items()} == dict.fromkeys(numbers, 1)
        assert [await rig.live(number) for number in numbers] == [1] * len(numbers)

    async def test_what_never_arrived_is_told_apart_and_may_go_again(self, rig: Rig, warehouse: Warehouse) -> None:
        await rig.block_next_write()
        [outcome] = await pushed(warehouse, rig, "SUB-1")
        assert isinstance(outcome, NotSent)
        assert await rig.live("SUB-1") == 0
        [outcome] = await pushed(warehouse, rig, "SUB-1")
        assert isinstance(outcome, Receipt)
        assert await rig.live("SUB-1") == 1

    async def test_one_bad_order_does_not_stop_its_group(self, rig: Rig, warehouse: Warehouse) -> None:
        bad, word = await rig.spoil(an_order("SUB-2"))
        outcomes = await warehouse.push([an_order("SUB-1"), bad, an_order("SUB-3")], rig.delivery())
        assert [type(outcome).__name__ for outcome in outcomes] == ["Receipt", "Refused", "Receipt"]
        assert isinstance(outcomes[1], Refused)
        assert word in outcomes[1].reason, "a refusal keeps the warehouse's words"
        assert await rig.live(bad.number) == 0
        assert [await rig.live("SUB-1"), await rig.live("SUB-3")] == [1, 1]

    @pytest.mark.parametrize("name", ["Zoë Łukasiewicz-Ōkami", "Renée 🍵 Tanaka 田中", 'Ann "Tea", Jr; & Sons'])
    async def test_names_arrive_unharmed_or_are_refused(self, rig: Rig, warehouse: Warehouse, name: str) -> None:
        plain = an_order("SUB-1")
        order = an_order("SUB-1", ship_to=replace(plain.ship_to, to=name))
        [outcome] = await warehouse.push([order], rig.delivery())
        kept = await rig.kept("SUB-1")
        if isinstance(outcome, Refused):
            assert kept is None
        else:
            assert kept is not None
            assert kept.to == name

    async def test_numbers_come_back_letter_for_letter(self, rig: Rig, warehouse: Warehouse) -> None:
        numbers = ["SUB-12", "SUB-123", "SUB-007", "12", "SUB-9007199254740993"]
        await pushed(warehouse, rig, *numbers)
        await rig.ship({number: [Packed(tracking_number=TRACKING[i])] for i, number in enumerate(numbers, 1)})
        parcels = await all_parcels(warehouse)
        assert {parcel.order_number: parcel.tracking_number for parcel in parcels} == {
            number: TRACKING[i] for i, number in enumerate(numbers, 1)
        }
        if warehouse.capabilities.can_find:
            assert set(await warehouse.find(["SUB-12", "sub-007", "SUB-7"])) == {"SUB-12"}

    async def test_a_look_up_shows_state_and_content(self, rig: Rig, warehouse: Warehouse) -> None:
        await pushed(warehouse, rig, "SUB-1", "SUB-2")
        if not warehouse.capabilities.can_find:
            with pytest.raises(NotSupported):
                await warehouse.find(["SUB-1"])
            return
        await rig.ship({"SUB-2": [Packed(tracking_number=TRACKING[1])]})
        found = await warehouse.find(["SUB-1", "SUB-2", "SUB-99"])
        assert {number: [one.state for one in orders] for number, orders in found.items()} == {
            "SUB-1": [OrderState.OPEN],
            "SUB-2": [OrderState.SHIPPED],
        }
        [first] = found["SUB-1"]
        assert first.lines is None or {line.sku: line.quantity for line in first.lines} == {"TEA-01": 2, "MUG-01": 1}
        assert first.ship_to is None or first.ship_to.to == "Ada Example"

    async def test_every_parcel_of_an_order_is_told(self, rig: Rig, warehouse: Warehouse) -> None:
        await pushed(warehouse, rig, "SUB-1")
        await rig.ship({"SUB-1": [Packed(tracking_number=TRACKING[n], closes=n == 3) for n in (1, 2, 3)]})
        parcels = await all_parcels(warehouse)
        assert {parcel.tracking_number for parcel in parcels} == {TRACKING[1], TRACKING[2], TRACKING[3]}
        assert len({(parcel.order_number, parcel.reference) for parcel in parcels}) == 3
        for parcel in parcels:
            assert parcel.shipped_at is not None
            assert parcel.shipped_at.utcoffset() == timedelta(0), "instants are UTC"

    async def test_a_part_and_then_the_rest(self, rig: Rig, warehouse: Warehouse) -> None:
        await pushed(warehouse, rig, "SUB-1")
        await rig.ship({"SUB-1": [Packed(tracking_number=TRACKING[1], lines={"TEA-01": 2}, closes=False)]})
        first = await all_parcels(warehouse)
        assert [parcel.order_closed for parcel in first] == [False]
        assert first[0].lines is None or {line.sku: line.quantity for line in first[0].lines} == {"TEA-01": 2}
        await rig.ship({"SUB-1": [Packed(tracking_number=TRACKING[2], lines={"MUG-01": 1}, closes=True)]})
        rest = [parcel for parcel in await all_parcels(warehouse) if parcel.tracking_number == TRACKING[2]]
        assert [parcel.order_closed for parcel in rest] == [True]

    async def test_a_voided_parcel_is_told_under_its_own_name(self, rig: Rig, warehouse: Warehouse) -> None:
        await pushed(warehouse, rig, "SUB-1")
        await rig.ship({"SUB-1": [Packed(tracking_number=TRACKING[1])]})
        [made] = await all_parcels(warehouse)
        assert not made.voided
        await rig.ship(
            {"SUB-1": [Packed(tracking_number=TRACKING[1], voided=True), Packed(tracking_number=TRACKING[2])]}
        )
        later = {parcel.reference: parcel for parcel in await all_parcels(warehouse)}
        if not warehouse.capabilities.tells_voids:
            assert {name: parcel.tracking_number for name, parcel in later.items()} == {made.reference: TRACKING[2]}
            return
        assert [one.voided for name, one in later.items() if name == made.reference] == [True]
        assert [parcel.tracking_number for parcel in later.values() if not parcel.voided] == [TRACKING[2]]

    async def test_windows_that_overlap_do_no_harm(self, rig: Rig, warehouse: Warehouse) -> None:
        await pushed(warehouse, rig, "SUB-1", "SUB-2")
        await rig.ship({"SUB-1": [Packed(tracking_number=TRACKING[1])], "SUB-2": [Packed(tracking_number=TRACKING[2])]})
        first = {(parcel.order_number, parcel.reference): parcel for parcel in await all_parcels(warehouse)}
        again = {(parcel.order_number, parcel.reference): parcel for parcel in await all_parcels(warehouse)}
        assert len(first) == 2
        assert first | again == first

    async def test_a_reader_that_stops_half_way_misses_nothing(self, rig: Rig, warehouse: Warehouse) -> None:
        await pushed(warehouse, rig, "SUB-1")
        await rig.ship({"SUB-1": [Packed(tracking_number=TRACKING[1])]})
        async for _ in (pages := warehouse.shipped_since(SINCE)):
            break
        await pages.aclose()  # type: ignore[attr-defined]  # every generator has it
        assert [parcel.tracking_number for parcel in await all_parcels(await rig.connect())] == [TRACKING[1]]

    async def test_all_pages_are_read(self, rig: Rig, warehouse: Warehouse) -> None:
        many = [f"SUB-{n}" for n in range(1, rig.parcels_in_many_pages + 1)]
        size = warehouse.capabilities.batch_size
        for start in range(0, len(many), size):
            await pushed(warehouse, rig, *many[start : start + size])
        await rig.ship({number: [Packed(tracking_number=f"9400111{i:013d}7")] for i, number in enumerate(many, 1)})
        pages = [page async for page in warehouse.shipped_since(SINCE)]
        assert len([page for page in pages if page]) > 1
        assert sorted(parcel.order_number for page in pages for parcel in page) == sorted(many)

    async def test_numbers_nobody_knows_are_no_error(self, rig: Rig, warehouse: Warehouse) -> None:
        assert await all_parcels(warehouse) == []
        await rig.ship({"NOT-OURS": [Packed(tracking_number=TRACKING[1])]})
        assert {parcel.order_number for parcel in await all_parcels(warehouse)} <= {"NOT-OURS"}
        if warehouse.capabilities.can_find:
            assert await warehouse.find(["SUB-404"]) == {}
            assert await warehouse.find([]) == {}

    async def test_an_open_order_is_cancelled_and_twice_is_harmless(self, rig: Rig, warehouse: Warehouse) -> None:
        await pushed(warehouse, rig, "SUB-1", "SUB-2")
        if not warehouse.capabilities.can_cancel:
            with pytest.raises(NotSupported):
                await warehouse.cancel("SUB-1", "changed mind", rig.delivery("cancels"))
            return
        answers = [await cancelled(warehouse, rig, "SUB-1") for _ in (1, 2)]
        if warehouse.capabilities.delivers_files:
            assert answers == [CancelAnswer.UNKNOWN, CancelAnswer.UNKNOWN], "a file does not answer"
            assert await rig.asked_to_cancel("SUB-1") == 1
        else:
            assert answers == [CancelAnswer.CANCELLED, CancelAnswer.CANCELLED]
            assert await rig.live("SUB-1") == 0
        assert await rig.live("SUB-2") == 1

    async def test_cancels_of_unknown_and_of_shipped_orders_differ(self, rig: Rig, warehouse: Warehouse) -> None:
        able = warehouse.capabilities
        await pushed(warehouse, rig, "SUB-1")
        await rig.ship({"SUB-1": [Packed(tracking_number=TRACKING[1])]})
        if not able.can_cancel or able.delivers_files:
            return
        outcome = await warehouse.cancel("SUB-1", "changed mind", rig.delivery("cancels"))
        assert outcome.answer is CancelAnswer.REFUSED
        assert outcome.reason, "a refusal keeps the warehouse's words"
        assert await cancelled(warehouse, rig, "SUB-404") is CancelAnswer.NOT_FOUND
        assert await rig.live("SUB-1") == 1

    async def test_a_lost_answer_to_a_cancel_is_unknown_and_may_be_asked_again(
        self, rig: Rig, warehouse: Warehouse
    ) -> None:
        await pushed(warehouse, rig, "SUB-1")
        if not warehouse.capabilities.can_cancel:
            return
        await rig.lose_next_answer()
        assert await cancelled(warehouse, rig, "SUB-1") is CancelAnswer.UNKNOWN
        again = await cancelled(warehouse, rig, "SUB-1")
        assert again in {CancelAnswer.CANCELLED, CancelAnswer.UNKNOWN}
        assert await rig.asked_to_cancel("SUB-1") >= 1

    async def test_a_wrong_key_is_told_by_every_verb(self, rig: Rig) -> None:
        if not rig.has_keys:
            assert (await rig.connect()).capabilities.delivers_files, "only folders need no key"
            return
        warehouse = await rig.connect(wrong_key=True)
        with pytest.raises(SignInRefused):
            await warehouse.verify()
        with pytest.raises(SignInRefused):
            await warehouse.push([an_order("SUB-1")], rig.delivery())
        with pytest.raises(SignInRefused):
            await all_parcels(warehouse)
        if warehouse.capabilities.can_find:
            with pytest.raises(SignInRefused):
                await warehouse.find(["SUB-1"])
        if warehouse.capabilities.can_cancel:
            with pytest.raises(SignInRefused):
                await warehouse.cancel("SUB-1", "changed mind", rig.delivery("cancels"))
        assert await rig.live("SUB-1") == 0

    async def test_only_file_deliveries_are_resumed(self, rig: Rig, warehouse: Warehouse) -> None:
        orders, delivery = [an_order("SUB-1")], rig.delivery()
        if not warehouse.capabilities.delivers_files:
            with pytest.raises(NotSupported):
                await warehouse.resume(orders, delivery)
            return
        await warehouse.push(orders, delivery)
        for _ in (1, 2):
            assert [type(outcome) for outcome in await warehouse.resume(orders, delivery)] == [Receipt]
        assert await rig.live("SUB-1") == 1

    async def test_many_orders_go_in_few_requests(self, rig: Rig, warehouse: Warehouse) -> None:
        size = warehouse.capabilities.batch_size
        many = rig.many_orders if isinstance(rig, WritesEachOrder) else MANY
        before = warehouse.calls.writes
        for start in range(0, many, size):
            numbers = [f"SUB-{n}" for n in range(start, min(start + size, many))]
            assert all(isinstance(outcome, Receipt) for outcome in await pushed(warehouse, rig, *numbers))
        sizes = await rig.group_sizes()
        assert sum(sizes) == many
        assert max(sizes) <= size
        assert len(sizes) == math.ceil(many / size)
        assert warehouse.calls.writes - before == len(sizes) * writes_per_push(rig)
        assert [await rig.live("SUB-0"), await rig.live(f"SUB-{many - 1}")] == [1, 1]

    async def test_closing_is_clean(self, warehouse: Warehouse) -> None:
        await warehouse.verify()
        await warehouse.adopt("ledger-of-the-contract", 0)
        await warehouse.close()


async def pushed(warehouse: Warehouse, rig: Rig, *numbers: str) -> list[PushOutcome]:
    """Push plain orders under these numbers in one call."""
    return list(await warehouse.push([an_order(number) for number in numbers], rig.delivery()))


async def cancelled(warehouse: Warehouse, rig: Rig, number: str) -> CancelAnswer:
    """Cancel one order."""
    outcome = await warehouse.cancel(number, "changed mind", rig.delivery("cancels"))
    assert outcome.number == number
    return outcome.answer


async def all_parcels(warehouse: Warehouse, since: datetime = SINCE) -> list[Parcel]:
    """Every parcel of every page."""
    assert since.tzinfo is UTC
    return [parcel async for page in warehouse.shipped_since(since) for parcel in page]
