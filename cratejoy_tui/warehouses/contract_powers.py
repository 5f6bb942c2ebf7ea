"""Promises that need more of a rig than every wire can do, and the count of requests that a push costs.

A rig that can make such a thing happen has the method named here; then the promise is tested, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import pytest
from msgspec.structs import replace

from cratejoy_tui.sync.domain.found import Comparison, compare
from cratejoy_tui.sync.domain.order import CancelAnswer, Order, OrderLine, Receipt, Refused
from cratejoy_tui.sync.ports import Calls, KnowsSkus, Warehouse
from cratejoy_tui.warehouses.contract_rig import SINCE, TRACKING, Packed, Rig, an_order

GROUP = 50
"""What the sync checks together where a warehouse takes orders one by one."""


@runtime_checkable
class EndsTokens(Protocol):
    """A wire that hands out tokens and can end those it gave."""

    async def end_tokens(self) -> None:
        """From now on, no token given so far is taken."""
        ...


@runtime_checkable
class ThrottlesReads(Protocol):
    """A wire that can ask a reader to wait."""

    async def throttle_next_read(self) -> None:
        """The next read is put off; the one after it is answered."""
        ...


@runtime_checkable
class KnowsItsSkus(Protocol):
    """A warehouse that refuses what it has no item for."""

    unknown_sku: str
    """No item there has it."""


@runtime_checkable
class PushesInSteps(Protocol):
    """A warehouse that needs several writes to take a group, however many orders it holds."""

    writes_per_push: int


@runtime_checkable
class WritesEachOrder(Protocol):
    """A warehouse where every order costs writes of its own, so that many orders take long."""

    many_orders: int
    """So many show what they cost."""


class PowerPromises:
    """The part of the contract that depends on a rig's powers."""

    @pytest.fixture
    async def warehouse(self, rig: Rig) -> Warehouse:
        """The adapter, talking to the rig's wire."""
        return await rig.connect()

    @pytest.mark.parametrize("company", ["", "Acme Ltd", "Ada Example"])
    async def test_what_was_pushed_is_found_as_the_same(self, rig: Rig, warehouse: Warehouse, company: str) -> None:
        order = an_order("SUB-1")
        order = replace(order, ship_to=replace(order.ship_to, company=company))
        assert isinstance((await warehouse.push([order], rig.delivery()))[0], Receipt)
        if warehouse.capabilities.can_find:
            found = await warehouse.find(["SUB-1"])
            assert compare(order, found["SUB-1"]) is Comparison.SAME

    async def test_a_token_that_ends_mid_run_is_renewed_unseen(self, rig: Rig) -> None:
        if not isinstance(rig, EndsTokens):
            return
        warehouse = await rig.connect()
        await warehouse.push([an_order("SUB-1")], rig.delivery())
        await rig.end_tokens()
        [receipt] = await warehouse.push([an_order("SUB-2")], rig.delivery())
        assert isinstance(receipt, Receipt)
        await rig.ship({"SUB-1": [Packed(tracking_number=TRACKING[1])]})
        await rig.end_tokens()
        assert [parcel.tracking_number async for page in warehouse.shipped_since(SINCE) for parcel in page]
        await rig.end_tokens()
        assert set(await warehouse.find(["SUB-1", "SUB-2"])) == {"SUB-1", "SUB-2"}
        await rig.end_tokens()
        outcome = await warehouse.cancel("SUB-2", "changed mind", rig.delivery("cancels"))
        assert outcome.answer is CancelAnswer.CANCELLED
        assert [await rig.live("SUB-1"), await rig.live("SUB-2")] == [1, 0]

    async def test_a_reader_asked_to_wait_waits_and_goes_on(self, rig: Rig) -> None:
        if not isinstance(rig, ThrottlesReads):
            return
        warehouse = await rig.connect()
        await warehouse.push([an_order("SUB-1")], rig.delivery())
        await rig.ship({"SUB-1": [Packed(tracking_number=TRACKING[1])]})
        await rig.throttle_next_read()
        parcels = [parcel async for page in warehouse.shipped_since(SINCE) for parcel in page]
        assert [parcel.tracking_number for parcel in parcels] == [TRACKING[1]]
        if warehouse.capabilities.can_find:
            await rig.throttle_next_read()
            assert set(await warehouse.find(["SUB-1"])) == {"SUB-1"}

    async def test_an_unknown_sku_is_named(self, rig: Rig) -> None:
        if not isinstance(rig, KnowsItsSkus):
            return
        warehouse = await rig.connect()
        lines = (OrderLine(sku="TEA-01", quantity=1), OrderLine(sku=rig.unknown_sku, quantity=1))
        [outcome] = await warehouse.push([replace(an_order("SUB-1"), lines=lines)], rig.delivery())
        assert isinstance(outcome, Refused)
        assert rig.unknown_sku in outcome.reason
        assert await rig.live("SUB-1") == 0
        if isinstance(warehouse, KnowsSkus):
            assert await warehouse.unknown_skus({"TEA-01", rig.unknown_sku}) == {rig.unknown_sku}
            assert await warehouse.unknown_skus([]) == frozenset()


def writes_per_push(rig: Rig) -> int:
    """How many writes a group costs on this wire."""
    return rig.writes_per_push if isinstance(rig, PushesInSteps) else 1


async def requests_to_push(warehouse: Warehouse, rig: Rig, orders: int = 1000, *, first: int = 4_820_000_000) -> Calls:
    """What it costs to push so many orders, numbered from `first` on, that it never saw: look-ups, pushes, sign-in."""
    before = Calls(requests=warehouse.calls.requests, writes=warehouse.calls.writes)
    size = warehouse.capabilities.batch_size
    group = size if size > 1 else GROUP
    for start in range(0, orders, group):
        ready = [an_order(f"SUB-{first + n}") for n in range(start, min(start + group, orders))]
        if warehouse.capabilities.can_find:
            assert not await warehouse.find([order.number for order in ready])
        for place in range(0, len(ready), size):
            await _push(warehouse, rig, ready[place : place + size])
    calls = warehouse.calls
    return Calls(requests=calls.requests - before.requests, writes=calls.writes - before.writes)


async def _push(warehouse: Warehouse, rig: Rig, orders: Sequence[Order]) -> None:
    outcomes = await warehouse.push(orders, rig.delivery())
    assert all(isinstance(outcome, Receipt) for outcome in outcomes)
