"""What the Tryton adapter makes of refusals, lost answers, and drafts that a broken push left behind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date

import pytest
from msgspec.structs import replace

from cratejoy_tui.errors import SetupError
from cratejoy_tui.sync.domain.order import CancelAnswer, Lost, NotSent, OrderLine, OrderState, Receipt, Refused
from cratejoy_tui.warehouses.contract_rig import SINCE, TRACKING, Packed, an_order
from tests.warehouses.tryton_fake import REFUSED_TEXT, Row
from tests.warehouses.tryton_fake import Refused as FakeRefusal
from tests.warehouses.tryton_rig import TrytonRig, rigged

ORDER = an_order("SUB-1")


@pytest.fixture
async def rig() -> AsyncIterator[TrytonRig]:
    async with rigged() as rig:
        yield rig


def moved(order=ORDER, **changes: str):
    return replace(order, ship_to=replace(order.ship_to, **changes))


@pytest.mark.parametrize(
    ("step", "outcome"),
    [("create party.address", NotSent), ("create sale.sale", Lost), ("quote", Lost), ("confirm", Lost)],
)
async def test_an_answer_lost_at_any_step_ends_in_one_sale(rig: TrytonRig, step: str, outcome: type) -> None:
    warehouse = await rig.connect()
    rig.fake.lose = {step}
    assert [type(one) for one in await warehouse.push([ORDER], rig.delivery())] == [outcome]
    found = await warehouse.find(["SUB-1"])
    assert len(found) == (step == "confirm"), "only a confirmed sale is an order"
    assert [type(one) for one in await warehouse.push([ORDER], rig.delivery())] == [Receipt]
    assert len(rig.fake.sales("SUB-1")) == 1
    assert await rig.live("SUB-1") == 1


async def test_a_draft_with_other_content_is_left_for_a_person(rig: TrytonRig) -> None:
    warehouse = await rig.connect()
    rig.fake.lose = {"create sale.sale"}
    await warehouse.push([ORDER], rig.delivery())
    [outcome] = await warehouse.push([moved(street="9 Other St")], rig.delivery())
    assert isinstance(outcome, Lost)
    assert "other content" in outcome.reason
    assert [sale["state"] for sale in rig.fake.sales("SUB-1")] == ["draft"]
    await warehouse.cancel("SUB-1", "thrown away", rig.delivery("cancels"))
    assert [type(one) for one in await warehouse.push([moved(street="9 Other St")], rig.delivery())] == [Receipt]


async def test_a_placed_sale_with_other_content_is_not_touched(rig: TrytonRig) -> None:
    warehouse = await rig.connect()
    await warehouse.push([ORDER], rig.delivery())
    [outcome] = await warehouse.push([replace(ORDER, lines=ORDER.lines[:1])], rig.delivery())
    assert isinstance(outcome, Lost)
    assert "with other content; it was not changed" in outcome.reason


async def test_one_refused_address_keeps_no_other_back(rig: TrytonRig) -> None:
    warehouse = await rig.connect()
    orders = [an_order("SUB-1"), moved(an_order("SUB-2"), city=REFUSED_TEXT), an_order("SUB-3")]
    outcomes = await warehouse.push(orders, rig.delivery())
    assert [type(one) for one in outcomes] == [Receipt, Refused, Receipt]
    assert outcomes[1].reason == f'The city "{REFUSED_TEXT}" is not valid.'
    assert [len(rig.fake.sales(order.number)) for order in orders] == [1, 0, 1]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"country": "ZZ", "state": ""}, "country `ZZ` is unknown there"),
        ({"state": "Illinois"}, "state `Illinois` of US is unknown there; it must be a code"),
    ],
)
async def test_places_tryton_does_not_know_are_named(rig: TrytonRig, changes: dict[str, str], words: str) -> None:
    [outcome] = await (await rig.connect()).push([moved(**changes)], rig.delivery())
    assert isinstance(outcome, Refused)
    assert words in outcome.reason
    assert rig.fake.sales("SUB-1") == []


async def test_a_product_added_later_is_seen_without_a_restart(rig: TrytonRig) -> None:
    warehouse = await rig.connect()
    order = replace(ORDER, lines=(OrderLine(sku="NEW-01", quantity=1),))
    assert [type(one) for one in await warehouse.push([order], rig.delivery())] == [Refused]
    rig.fake.add("product.product", code="NEW-01", sale_uom=1, default_uom=1, salable=True)
    assert [type(one) for one in await warehouse.push([order], rig.delivery())] == [Receipt]


async def test_a_sku_of_two_products_is_refused(rig: TrytonRig) -> None:
    rig.fake.add("product.product", code="TEA-01", sale_uom=1, default_uom=1, salable=True)
    [outcome] = await (await rig.connect()).push([ORDER], rig.delivery())
    assert outcome == Refused(number="SUB-1", reason="SKU TEA-01 stands for 2 products there")


async def test_the_party_is_made_once_when_it_is_missing(rig: TrytonRig) -> None:
    warehouse = await rig.connect(party="Tea subscribers")
    await warehouse.push([ORDER], rig.delivery())
    await warehouse.push([an_order("SUB-2")], rig.delivery())
    names = [party["name"] for party in rig.fake.rows["party.party"].values()]
    assert names.count("Tea subscribers") == 1


async def test_the_ship_code_chooses_the_carrier(rig: TrytonRig) -> None:
    warehouse = await rig.connect(carriers={"SUBSCRIPTION": "USPS", "ORDER": "Nobody"})
    outcomes = await warehouse.push([ORDER, an_order("2", ship_code="ORDER")], rig.delivery())
    assert [type(one) for one in outcomes] == [Receipt, Refused]
    assert outcomes[1].reason == "carrier `Nobody` is unknown there"
    assert rig.fake.sales("SUB-1")[0]["carrier"] == 1
    await rig.ship({"SUB-1": [Packed(tracking_number=TRACKING[1])]})
    [[parcel]] = [page async for page in warehouse.shipped_since(SINCE) if page]
    assert parcel.carrier_name == "USPS"


async def test_a_ship_date_is_asked_for_only_when_it_lies_ahead_everywhere(rig: TrytonRig) -> None:
    warehouse = await rig.connect()
    days = {"SUB-1": date(2026, 11, 24), "SUB-2": date(2026, 11, 30)}
    await warehouse.push([an_order(no, requested_ship_date=day) for no, day in days.items()], rig.delivery())
    assert "shipping_date" not in rig.fake.sales("SUB-1")[0]
    assert rig.fake.sales("SUB-2")[0]["shipping_date"]["day"] == 30


async def test_a_company_keeps_its_place_beside_the_name(rig: TrytonRig) -> None:
    warehouse = await rig.connect()
    order = moved(company="Tea & Co")
    await warehouse.push([order], rig.delivery())
    [found] = (await warehouse.find(["SUB-1"]))["SUB-1"]
    assert (found.ship_to.to, found.ship_to.company) == ("Ada Example", "Tea & Co")


async def test_what_a_user_may_not_do_is_not_the_orders_fault(rig: TrytonRig) -> None:
    warehouse = await rig.connect(company=7)
    with pytest.raises(SetupError, match="has no company 7"):
        await warehouse.verify()
    [outcome] = await warehouse.push([ORDER], rig.delivery())
    assert isinstance(outcome, NotSent)
    assert "access to sales" in outcome.reason


async def test_missing_modules_are_named(rig: TrytonRig) -> None:
    del rig.fake.rows["stock.package"]
    models = dict(rig.fake.models)
    del models["stock.package"]
    rig.fake.models = models
    with pytest.raises(SetupError, match="stock_package_shipping"):
        await (await rig.connect()).verify()


async def test_a_confirmed_sale_that_waits_for_its_queue_is_taken_back(rig: TrytonRig) -> None:
    warehouse = await rig.connect()
    rig.fake.queue_runs = False
    await warehouse.push([ORDER], rig.delivery())
    assert [one.state for one in (await warehouse.find(["SUB-1"]))["SUB-1"]] == [OrderState.OPEN]
    outcome = await warehouse.cancel("SUB-1", "changed mind", rig.delivery("cancels"))
    assert (outcome.answer, outcome.reason) == (CancelAnswer.CANCELLED, "")
    assert rig.fake.sales("SUB-1")[0]["state"] == "cancelled"


async def test_the_sale_that_stays_behind_is_told(rig: TrytonRig) -> None:
    warehouse = await rig.connect()
    await warehouse.push([ORDER], rig.delivery())
    outcome = await warehouse.cancel("SUB-1", "changed mind", rig.delivery("cancels"))
    assert outcome.reason == "its shipments are cancelled; sale S1 stays open until someone there ends it"
    assert rig.fake.sales("SUB-1")[0]["shipment_state"] == "exception"


async def test_boxes_of_two_orders_in_one_shipment_are_told_apart(rig: TrytonRig) -> None:
    warehouse = await rig.connect()
    await warehouse.push([ORDER, an_order("SUB-2")], rig.delivery())
    first, second = rig.fake.sales("SUB-1")[0], rig.fake.sales("SUB-2")[0]
    shipments = rig.fake.rows["stock.shipment.out"]
    both = shipments[first["shipments"][0]]
    moves = list(both["outgoing_moves"])
    both["outgoing_moves"] += shipments[second["shipments"][0]]["outgoing_moves"]
    rig.fake.package(both, TRACKING[1], moves)
    rig.fake.package(both, TRACKING[2], both["outgoing_moves"][len(moves) :])
    rig.fake.depart(both)
    parcels = [parcel async for page in warehouse.shipped_since(SINCE) for parcel in page]
    assert {parcel.order_number: parcel.tracking_number for parcel in parcels} == {
        "SUB-1": TRACKING[1],
        "SUB-2": TRACKING[2],
    }


async def test_a_cancel_whose_reading_back_fails_is_unknown(rig: TrytonRig, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = await rig.connect()
    await warehouse.push([ORDER], rig.delivery())
    search = rig.fake._search

    def fails_after_a_cancel(model: str, arguments: Sequence[tuple[str, str]]) -> list[Row]:
        if any("cancel" in pressed for pressed in rig.fake.pressed):
            raise FakeRefusal(503, "busy")
        return search(model, arguments)

    monkeypatch.setattr(rig.fake, "_search", fails_after_a_cancel)
    outcome = await warehouse.cancel("SUB-1", "changed mind", rig.delivery("cancels"))
    assert outcome.answer is CancelAnswer.UNKNOWN
