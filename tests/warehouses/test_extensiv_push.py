"""Orders handed to Extensiv: groups taken in part, duplicates, faults of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from cratejoy_tui.sync.domain.address import too_much
from cratejoy_tui.sync.domain.order import (
    Lost,
    NotSent,
    Order,
    OrderLine,
    PushOutcome,
    Receipt,
    Refused,
)
from cratejoy_tui.warehouses.contract import pushed
from cratejoy_tui.warehouses.contract_rig import HandOver, an_order
from cratejoy_tui.warehouses.extensiv import ExtensivWarehouse
from cratejoy_tui.warehouses.extensiv_faults import fault_of, faults_of
from tests.warehouses.extensiv_rig import ExtensivRig, answering, rigged

HAND_OVER = HandOver(sequence=1)


@pytest.fixture
async def rig() -> AsyncIterator[ExtensivRig]:
    async with rigged() as rig:
        yield rig


@pytest.mark.parametrize("imports", [True, False])
async def test_a_fault_of_its_own_leaves_every_order_in_doubt(rig: ExtensivRig, imports: bool) -> None:
    rig.settings = {"imports": imports}
    warehouse = await rig.connect()

    def fails(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(500, text="An unexpected error occurred.")
        return httpx.Response(200, json={"totalResults": 0})

    answering(warehouse, fails)
    outcomes = await warehouse.push([an_order("SUB-1"), an_order("SUB-2")], HAND_OVER)
    assert [type(outcome) for outcome in outcomes] == [Lost, Lost]


async def test_nothing_is_sent_when_it_cannot_be_looked_up(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    answering(warehouse, lambda _: httpx.Response(503))
    outcomes = await pushed(warehouse, rig, "SUB-1", "SUB-2")
    assert [type(outcome) for outcome in outcomes] == [NotSent, NotSent]
    assert not rig.fake.pushed


@pytest.mark.parametrize("in_part", [True, False])
async def test_a_group_taken_in_part_is_looked_up_not_guessed(rig: ExtensivRig, in_part: bool) -> None:
    rig.fake.imports_in_part = in_part
    warehouse = await rig.connect()
    bad, _ = await rig.spoil(an_order("SUB-2"))
    outcomes = await warehouse.push([an_order("SUB-1"), bad, an_order("SUB-3"), an_order("SUB-4")], HAND_OVER)
    assert [type(outcome) for outcome in outcomes] == [Receipt, Refused, Receipt, Receipt]
    assert [await rig.live(f"SUB-{n}") for n in (1, 2, 3, 4)] == [1, 0, 1, 1]
    assert rig.fake.pushed == ([4] if in_part else [4, 3])


async def test_a_warehouse_without_an_import_gets_orders_one_by_one(rig: ExtensivRig) -> None:
    rig.fake.has_import = False
    warehouse = await rig.connect()
    for first in (1, 4):
        outcomes = await pushed(warehouse, rig, *(f"SUB-{n}" for n in range(first, first + 3)))
        assert [type(outcome) for outcome in outcomes] == [Receipt, Receipt, Receipt]
    assert rig.fake.asked.count("POST /orders/import") == 1, "it is tried once"
    assert rig.fake.pushed == [1] * 6


async def test_a_group_that_was_taken_but_does_not_show_yet_is_in_doubt(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    rig.fake.ignores_rql = False
    rig.fake.properties["referencenum"] = lambda doc: "hidden"
    outcomes = await pushed(warehouse, rig, "SUB-1", "SUB-2")
    assert [type(outcome) for outcome in outcomes] == [Lost, Lost]
    assert rig.fake.pushed == [2]


async def test_a_duplicate_told_by_the_remote_is_found_there(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    answers: list[Sequence[str]] = [["hidden"], ["SUB-1"]]
    find = warehouse.find

    async def blind_at_first(numbers: Sequence[str]) -> Any:
        return {} if answers.pop(0) == ["hidden"] else await find(numbers)

    rig.fake._make(await _doc(warehouse, "SUB-1"))
    warehouse.find = blind_at_first  # type: ignore[method-assign]
    [outcome] = await warehouse.push([an_order("SUB-1")], HAND_OVER)
    assert isinstance(outcome, Receipt)
    assert await rig.live("SUB-1") == 1


async def test_a_duplicate_that_does_not_show_is_in_doubt(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    rig.fake._make(await _doc(warehouse, "SUB-1"))
    rig.fake.properties["referencenum"] = lambda doc: "hidden"
    for numbers in (["SUB-1"], ["SUB-1", "SUB-2"]):
        outcomes = await pushed(warehouse, rig, *numbers)
        assert isinstance(outcomes[0], Lost)


async def _doc(warehouse: ExtensivWarehouse, number: str) -> dict[str, Any]:
    return dict(warehouse.record_of(an_order(number)))


@pytest.mark.parametrize(("status", "word"), [(0, "other content"), (2, "cancelled")])
async def test_another_order_under_the_number_is_left_alone(rig: ExtensivRig, status: int, word: str) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1")
    rig.fake.by_number("SUB-1")[0]["readOnly"]["status"] = status
    other = replace(an_order("SUB-1"), lines=(OrderLine(sku="HAT-01", quantity=1),))
    [outcome] = await warehouse.push([other], HAND_OVER)
    assert isinstance(outcome, Lost)
    assert word in outcome.reason


@pytest.mark.parametrize("imports", [True, False])
async def test_a_key_refused_half_way_loses_no_receipt(rig: ExtensivRig, imports: bool) -> None:
    rig.settings = {"imports": imports}
    warehouse = await rig.connect()
    writes = 0
    make = rig.fake._make

    def shut_after_the_first(doc: dict[str, Any]) -> dict[str, Any]:
        nonlocal writes
        writes += 1
        made = make(doc)
        rig.fake.tokens.clear()
        rig.fake.token_seconds = 0
        return made

    rig.fake._make = shut_after_the_first  # type: ignore[method-assign]
    outcomes: Sequence[PushOutcome] = await pushed(warehouse, rig, "SUB-1", "SUB-2", "SUB-3")
    for outcome in outcomes:
        if await rig.live(outcome.number):
            assert isinstance(outcome, (Receipt, Lost)), "it is there: nobody may call it not sent"
        else:
            assert isinstance(outcome, NotSent)
    assert any(not isinstance(outcome, NotSent) for outcome in outcomes)


async def test_what_it_is_told_of_an_order_is_complete(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    await warehouse.push([an_order("SUB-1", ship_code="USPS/Priority")], HAND_OVER)
    [kept] = rig.fake.by_number("SUB-1")
    assert kept["customerIdentifier"] == {"id": 143}
    assert kept["facilityIdentifier"] == {"id": 10}
    assert kept["routingInfo"] == {"carrier": "USPS", "mode": "Priority"}
    assert kept["savedElements"] == [{"name": "ShipCode", "value": "USPS/Priority"}]
    assert kept["shipTo"]["address2"] == "Apt 3"
    assert kept["earliestShipDate"] == "2026-11-25T00:00:00"
    assert kept["deferNotification"] is False


async def test_its_limits_are_known_before_anything_is_sent(rig: ExtensivRig) -> None:
    able = (await rig.connect()).capabilities

    def refused(order: Order) -> str:
        return too_much(order, able.max_lengths, able.characters)

    assert not refused(an_order("SUB-1", gift_message="x" * 986))
    assert "986" in refused(an_order("SUB-1", gift_message="x" * 987))
    assert "50" in refused(an_order("SUB-1", ship_to=replace(an_order("SUB-1").ship_to, city="x" * 51)))


def test_an_unknown_sku_is_shown_as_such() -> None:
    raw = b'{"ErrorCode":"DoesNotExist","Properties":[{"Name":"OrderItem","Value":"TEA-9"}],"Hint":"No such item"}'
    assert fault_of(raw).words({"TEA-9"}) == "SKU TEA-9 is unknown there; No such item"
    raw = b'{"ErrorCode":"DoesNotExist","Properties":[{"Name":"CustomerIdentifier","Value":9}]}'
    assert fault_of(raw).words({"TEA-9"}) == "DoesNotExist: CustomerIdentifier 9"


@pytest.mark.parametrize("raw", [b"", b"<html>", b"[]", b'{"Properties":7}', b"\xff", b"[" * 5000])
def test_a_fault_that_cannot_be_read_is_an_empty_one(raw: bytes) -> None:
    assert fault_of(raw).words() == "no reason given"
    assert faults_of(raw) == {}
