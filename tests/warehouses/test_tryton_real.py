"""A real Tryton 8.2 on SQLite, driven from order to shipment with tracking. The floor's work is done as its people
would, by the buttons of the shipment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from msgspec.structs import replace

from cratejoy_tui.errors import SetupError, SignInRefused
from cratejoy_tui.http import RequestRefused
from cratejoy_tui.secret import Secret
from cratejoy_tui.sync.domain.found import Comparison, compare
from cratejoy_tui.sync.domain.order import CancelAnswer, OrderLine, OrderState, Receipt, Refused
from cratejoy_tui.warehouses.contract_rig import SINCE, TRACKING, HandOver, an_order
from cratejoy_tui.warehouses.declared import Place
from cratejoy_tui.warehouses.tryton import TrytonWarehouse
from cratejoy_tui.warehouses.tryton_talk import words_of
from tests.warehouses.tryton_server import DATABASE, Served, tryton_served

pytestmark = pytest.mark.slow


class RealClock:
    """The time as it is: Tryton has no other."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for all tests of this file; each uses order numbers of its own."""
    with tryton_served(tmp_path_factory.mktemp("tryton")) as one:
        yield one


@pytest.fixture
async def warehouse(served: Served) -> AsyncIterator[TrytonWarehouse]:
    """The adapter, connected."""
    one = connected(served)
    yield one
    await one.close()


def connected(served: Served, key: str = "", **settings: object) -> TrytonWarehouse:
    zone = ZoneInfo("America/Los_Angeles")
    place = Place(store="teabox", clock=RealClock(), zone=zone, secrets={"key": Secret(key or served.key)})
    return TrytonWarehouse.from_settings(
        {"url": served.url, "database": DATABASE, "carriers": {"SUBSCRIPTION": "USPS"}, **settings}, place
    )


class Anything(msgspec.Struct):
    """Whatever a record shows."""

    id: int
    state: str = ""
    shipment_state: str = ""
    comment: str | None = None
    shipments: list[Any] = []
    outgoing_moves: list[Any] = []
    inventory_moves: list[Any] = []


async def look(warehouse: TrytonWarehouse, model: str, domain: Sequence[object], *fields: str) -> list[Anything]:
    return await warehouse._talk.search(model, domain, Anything, fields=fields)


async def press(warehouse: TrytonWarehouse, shipment: int, *buttons: str) -> None:
    for button in buttons:
        await warehouse._talk.client.write(
            "POST", f"/{DATABASE}/rest/model/stock.shipment.out/{shipment}/{button}?f=state", lambda _: None
        )


async def shipment_of(warehouse: TrytonWarehouse, number: str) -> int:
    [sale] = await look(warehouse, "sale.sale", [["reference", "=", number]], "shipments")
    return int(sale.shipments[-1])


async def pack(warehouse: TrytonWarehouse, shipment: int, tracking: Sequence[str]) -> None:
    """Take the goods off the shelf, put each kind into a package of its own, and label it."""
    await press(warehouse, shipment, "assign_try", "pick")
    [one] = await look(warehouse, "stock.shipment.out", [["id", "=", shipment]], "outgoing_moves")
    [box] = await look(warehouse, "stock.package.type", [])
    groups = [one.outgoing_moves] if len(tracking) == 1 else [[move] for move in one.outgoing_moves]
    for number, moves in zip(tracking, groups, strict=True):
        package = {"shipment": f"stock.shipment.out,{shipment}", "type": box.id, "shipping_reference": number}
        await warehouse._talk.create("stock.package", [{**package, "moves": [["add", moves]]}])
    await press(warehouse, shipment, "pack")


async def test_from_order_to_shipment_with_tracking(warehouse: TrytonWarehouse) -> None:
    order = an_order("SUB-1001", requested_ship_date=datetime.now(UTC).date() + timedelta(days=9))
    contact = await warehouse.verify()
    assert contact.detail == "Dunder Mifflin"
    [receipt] = await warehouse.push([order], HandOver(sequence=1))
    assert isinstance(receipt, Receipt)
    [found] = (await warehouse.find(["SUB-1001", "sub-1001"]))["SUB-1001"]
    assert (found.state, found.picked_up, found.reference) == (OrderState.OPEN, False, receipt.reference)
    assert compare(order, [found]) is Comparison.SAME
    [sale] = await look(warehouse, "sale.sale", [["reference", "=", "SUB-1001"]], "state", "comment")
    assert (sale.state, sale.comment) == ("processing", "Enjoy!")

    shipment = await shipment_of(warehouse, "SUB-1001")
    await pack(warehouse, shipment, [TRACKING[1], TRACKING[2]])
    assert await parcels(warehouse, "SUB-1001") == [], "packed is not gone"
    assert (await warehouse.find(["SUB-1001"]))["SUB-1001"][0].picked_up
    await press(warehouse, shipment, "ship", "do")
    sent = await parcels(warehouse, "SUB-1001")
    assert {parcel.tracking_number for parcel in sent} == {TRACKING[1], TRACKING[2]}
    assert sorted((line.sku, line.quantity) for one in sent for line in one.lines or ()) == [
        ("MUG-01", 1),
        ("TEA-01", 2),
    ]
    assert len({parcel.reference for parcel in sent}) == 2
    for parcel in sent:
        assert (parcel.carrier_name, parcel.order_closed, parcel.voided) == ("USPS", True, False)
        assert parcel.shipped_at is not None
        assert abs(parcel.shipped_at - datetime.now(UTC)) < timedelta(days=2)
    assert (await warehouse.find(["SUB-1001"]))["SUB-1001"][0].state is OrderState.SHIPPED
    assert not [page async for page in warehouse.shipped_since(datetime.now(UTC) + timedelta(hours=1)) if page]


async def parcels(warehouse: TrytonWarehouse, number: str) -> list[Any]:
    return [one async for page in warehouse.shipped_since(SINCE) for one in page if one.order_number == number]


async def test_a_part_leaves_first_and_then_the_rest(warehouse: TrytonWarehouse) -> None:
    lines = (OrderLine(sku="TEA-01", quantity=3),)
    await warehouse.push([replace(an_order("SUB-1002"), lines=lines)], HandOver(sequence=1))
    shipment = await shipment_of(warehouse, "SUB-1002")
    [one] = await look(warehouse, "stock.shipment.out", [["id", "=", shipment]], "inventory_moves")
    move = f"/{DATABASE}/rest/model/stock.move/{one.inventory_moves[0]}"
    await warehouse._talk.client.write("PUT", move, lambda _: None, json={"quantity": 1})
    await press(warehouse, shipment, "assign_try", "pick")
    await pack_whole(warehouse, shipment, TRACKING[3])
    [part] = await parcels(warehouse, "SUB-1002")
    assert [(line.sku, line.quantity) for line in part.lines] == [("TEA-01", 1)]
    assert not part.order_closed
    rest = await shipment_of(warehouse, "SUB-1002")
    assert rest != shipment
    await press(warehouse, rest, "assign_try", "pick")
    await pack_whole(warehouse, rest, TRACKING[4])
    assert [one.tracking_number for one in await parcels(warehouse, "SUB-1002")] == [TRACKING[3], TRACKING[4]]
    assert all(one.order_closed for one in await parcels(warehouse, "SUB-1002"))


async def pack_whole(warehouse: TrytonWarehouse, shipment: int, tracking: str) -> None:
    """Without packages the number stands in the shipment itself."""
    path = f"/{DATABASE}/rest/model/stock.shipment.out/{shipment}"
    await warehouse._talk.client.write("PUT", path, lambda _: None, json={"shipping_reference": tracking})
    await press(warehouse, shipment, "pack", "ship", "do")


async def test_the_same_reference_can_stand_there_twice_and_a_push_makes_it_once(warehouse: TrytonWarehouse) -> None:
    order = an_order("SUB-1003")
    [first] = await warehouse.push([order], HandOver(sequence=1))
    [again] = await warehouse.push([order], HandOver(sequence=2))
    assert again == first
    [sale] = await look(warehouse, "sale.sale", [["reference", "=", "SUB-1003"]], "state")
    copy = f"/{DATABASE}/rest/model/sale.sale/{sale.id}/copy?f=state"
    await warehouse._talk.client.write("POST", copy, lambda _: None, json={"default": {"reference": "SUB-1003"}})
    assert len(await look(warehouse, "sale.sale", [["reference", "=", "SUB-1003"]], "state")) == 2
    assert len((await warehouse.find(["SUB-1003"]))["SUB-1003"]) == 1, "a draft is nobody's work"


async def test_a_draft_left_behind_is_carried_on(warehouse: TrytonWarehouse) -> None:
    order = an_order("SUB-1004")
    lists = warehouse._intake._lists
    await lists.learn([order])
    drafts = await warehouse._intake._make([order])
    assert await warehouse.find(["SUB-1004"]) == {}
    [receipt] = await warehouse.push([order], HandOver(sequence=1))
    assert isinstance(receipt, Receipt)
    [sale] = await look(warehouse, "sale.sale", [["reference", "=", "SUB-1004"]], "state")
    assert (sale.id, sale.state) == (drafts["SUB-1004"], "processing")


async def test_cancelling_stops_the_shipment_and_says_what_stays(warehouse: TrytonWarehouse) -> None:
    await warehouse.push([an_order("SUB-1005")], HandOver(sequence=1))
    for _ in (1, 2):
        outcome = await warehouse.cancel("SUB-1005", "changed mind", HandOver(sequence=2))
        assert outcome.answer is CancelAnswer.CANCELLED
        assert "stays open until someone there ends it" in outcome.reason
    [sale] = await look(warehouse, "sale.sale", [["reference", "=", "SUB-1005"]], "state", "shipment_state")
    assert (sale.state, sale.shipment_state) == ("processing", "exception")
    assert (await warehouse.find(["SUB-1005"]))["SUB-1005"][0].state is OrderState.CANCELLED
    with pytest.raises(RequestRefused) as refused:
        await warehouse._talk.press("sale.sale", sale.id, "cancel")
    assert refused.value.status == 400
    assert 'You can not call "cancel"' in words_of(refused.value.raw, "")


async def test_what_has_left_is_not_cancelled_although_tryton_would(warehouse: TrytonWarehouse) -> None:
    await warehouse.push([an_order("SUB-1006")], HandOver(sequence=1))
    shipment = await shipment_of(warehouse, "SUB-1006")
    await pack(warehouse, shipment, [TRACKING[6]])
    await press(warehouse, shipment, "ship", "do")
    outcome = await warehouse.cancel("SUB-1006", "changed mind", HandOver(sequence=2))
    assert outcome.answer is CancelAnswer.REFUSED
    assert "has left" in outcome.reason
    assert (await warehouse.cancel("SUB-404", "x", HandOver(sequence=3))).answer is CancelAnswer.NOT_FOUND


async def test_one_bad_order_keeps_no_other_back(warehouse: TrytonWarehouse) -> None:
    bad = replace(an_order("SUB-1008"), lines=(OrderLine(sku="NO-SUCH-TEA", quantity=1),))
    outcomes = await warehouse.push([an_order("SUB-1007"), bad, an_order("SUB-1009")], HandOver(sequence=1))
    assert [type(one) for one in outcomes] == [Receipt, Refused, Receipt]


async def test_a_wrong_key_and_a_wrong_company_are_told(served: Served) -> None:
    for key, company, error in (("0" * 64, 1, SignInRefused), ("", 77, SetupError)):
        warehouse = connected(served, key=key, company=company)
        with pytest.raises(error):
            await warehouse.verify()
        await warehouse.close()
