"""Orders handed to Odoo: imports that are all or nothing, half-made pushes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from itertools import product

import pytest
from msgspec.structs import replace

from cratejoy_tui.errors import SetupError
from cratejoy_tui.sync.domain.order import Lost, NotSent, OrderLine, OrderState, Receipt, Refused
from cratejoy_tui.sync.domain.shipment import ShipTo
from cratejoy_tui.warehouses.contract import pushed
from cratejoy_tui.warehouses.contract_rig import HandOver, an_order
from cratejoy_tui.warehouses.odoo_records import external_id
from tests.warehouses.odoo_rig import OdooRig, rigged

HAND_OVER = HandOver(sequence=1)


@pytest.fixture(params=[19, 17])
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[OdooRig]:
    async with rigged(request.param) as rig:
        yield rig


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("res.partner.load", NotSent),
        ("sale.order.load", Lost),
        ("sale.order.action_confirm", Lost),
    ],
)
async def test_a_push_broken_off_anywhere_is_completed_by_the_next_one(rig: OdooRig, step: str, expected: type) -> None:
    warehouse = await rig.connect()
    rig.fake.lose_next = {step}
    outcomes = await pushed(warehouse, rig, "SUB-1", "SUB-2")
    assert [type(outcome) for outcome in outcomes] == [expected, expected]
    again = await pushed(warehouse, rig, "SUB-1", "SUB-2")
    assert [type(outcome) for outcome in again] == [Receipt, Receipt]
    assert [len(rig.fake.orders(number)) for number in ("SUB-1", "SUB-2")] == [1, 1]
    assert [await rig.live(number) for number in ("SUB-1", "SUB-2")] == [1, 1]


async def test_a_quotation_of_ours_is_not_found_as_an_order(rig: OdooRig) -> None:
    warehouse = await rig.connect()
    rig.fake.lose_next = {"sale.order.load"}
    await pushed(warehouse, rig, "SUB-1")
    rig.fake.add("sale.order", client_order_ref="SUB-2", state="draft", name="S-by-hand", origin=False)
    found = await warehouse.find(["SUB-1", "SUB-2"])
    assert {number: [one.state for one in orders] for number, orders in found.items()} == {"SUB-2": [OrderState.OPEN]}


async def test_a_quotation_left_behind_is_sent_with_todays_content(rig: OdooRig) -> None:
    warehouse = await rig.connect()
    rig.fake.lose_next = {"sale.order.load"}
    await pushed(warehouse, rig, "SUB-1")
    smaller = replace(an_order("SUB-1"), lines=(OrderLine(sku="MUG-01", quantity=3),))
    [outcome] = await warehouse.push([smaller], HAND_OVER)
    assert isinstance(outcome, Receipt)
    kept = await rig.kept("SUB-1")
    assert kept is not None
    assert kept.lines == {"MUG-01": 3}


@pytest.mark.parametrize("step", ["res.partner.load", "sale.order.load", "sale.order.action_confirm"])
async def test_two_transactions_that_meet_are_tried_again_later(rig: OdooRig, step: str) -> None:
    warehouse = await rig.connect()
    rig.fake.collide_next.add(step)
    [outcome] = await pushed(warehouse, rig, "SUB-1")
    assert isinstance(outcome, NotSent)
    [outcome] = await pushed(warehouse, rig, "SUB-1")
    assert isinstance(outcome, Receipt)
    assert await rig.live("SUB-1") == 1


async def test_only_the_order_odoo_cannot_take_is_refused_even_when_it_blames_another(rig: OdooRig) -> None:
    warehouse = await rig.connect()
    rig.fake.discontinued.add(rig.fake.add("product.product", default_code="OLD-TEA", name="Old", active=True))
    bad = replace(an_order("SUB-3"), lines=(OrderLine(sku="OLD-TEA", quantity=1),))
    orders = [an_order("SUB-1"), an_order("SUB-2"), bad, an_order("SUB-4")]
    outcomes = await warehouse.push(orders, HAND_OVER)
    assert [type(outcome) for outcome in outcomes] == [Receipt, Receipt, Refused, Receipt]
    assert isinstance(outcomes[2], Refused)
    assert "discontinued" in outcomes[2].reason
    assert [await rig.live(order.number) for order in orders] == [1, 1, 0, 1]


async def test_one_order_that_is_not_confirmed_does_not_stop_the_others(rig: OdooRig) -> None:
    warehouse = await rig.connect()
    rig.fake.blocked.add("SUB-2")
    outcomes = await pushed(warehouse, rig, "SUB-1", "SUB-2", "SUB-3")
    assert [type(outcome) for outcome in outcomes] == [Receipt, Refused, Receipt]
    assert isinstance(outcomes[1], Refused)
    assert "credit limit" in outcomes[1].reason
    assert "quotation S00002" in outcomes[1].reason
    rig.fake.blocked.clear()
    [outcome] = await pushed(warehouse, rig, "SUB-2")
    assert isinstance(outcome, Receipt)


async def test_what_is_there_with_other_content_is_left_for_a_person(rig: OdooRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1", "SUB-2")
    await warehouse.cancel("SUB-2", "changed mind", HAND_OVER)
    other = replace(an_order("SUB-1"), lines=(OrderLine(sku="MUG-01", quantity=9),))
    outcomes = await warehouse.push([other, an_order("SUB-2")], HAND_OVER)
    assert [type(outcome) for outcome in outcomes] == [Lost, Lost]
    kept = await rig.kept("SUB-1")
    assert kept is not None
    assert kept.lines == {"TEA-01": 2, "MUG-01": 1}
    assert len(rig.fake.orders("SUB-2")) == 1


async def test_a_sku_on_two_products_is_nobodys(rig: OdooRig) -> None:
    rig.fake.add("product.product", default_code="TEA-01", name="Twin", active=True)
    [outcome] = await pushed(await rig.connect(), rig, "SUB-1")
    assert isinstance(outcome, Refused)
    assert "TEA-01 stands on 2 products" in outcome.reason


@pytest.mark.parametrize(("part", "value"), [("state", "Atlantis"), ("country", "XX")])
async def test_a_place_odoo_does_not_know_is_refused_not_lost(rig: OdooRig, part: str, value: str) -> None:
    order = an_order("SUB-1")
    order = replace(order, ship_to=replace(order.ship_to, **{part: value}))
    [outcome] = await (await rig.connect()).push([order], HAND_OVER)
    assert isinstance(outcome, Refused)
    assert value in outcome.reason


async def test_the_whole_address_arrives_and_comes_back(rig: OdooRig) -> None:
    warehouse = await rig.connect()
    to = ShipTo(to="Ada Example", company="Tea & Co", street="1 High St", unit="Flat 2", city="Leeds", zip="LS1 1AA",
                country="gb", phone="0113")  # fmt: skip
    american = an_order("SUB-2")
    await warehouse.push([replace(an_order("SUB-1"), ship_to=to), american], HAND_OVER)
    found = await warehouse.find(["SUB-1", "SUB-2"])
    assert found["SUB-1"][0].ship_to == replace(to, country="GB")
    assert found["SUB-2"][0].ship_to == american.ship_to


async def test_the_same_address_is_one_contact_and_another_is_another(rig: OdooRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1", "SUB-2")
    await pushed(warehouse, rig, "SUB-3")
    assert len(rig.fake.tables["res.partner"]) == 1
    order = an_order("SUB-4")
    await warehouse.push([replace(order, ship_to=replace(order.ship_to, unit="Apt 4"))], HAND_OVER)
    assert len(rig.fake.tables["res.partner"]) == 2


async def test_the_day_asked_for_is_kept_whatever_zone_the_user_lives_in(rig: OdooRig) -> None:
    order = replace(an_order("SUB-1"), requested_ship_date=date(2026, 11, 25), gift_message="<b>Hi</b>")
    await (await rig.connect()).push([order], HAND_OVER)
    [kept] = rig.fake.orders("SUB-1")
    assert kept["commitment_date"] == "2026-11-25 20:00:00", "noon at the store, in UTC"
    assert kept["note"] == "<p>&lt;b&gt;Hi&lt;/b&gt;</p>", "the note is HTML there"
    assert kept["origin"] == "Cratejoy SUBSCRIPTION"


def test_external_ids_are_plain_and_never_fall_together() -> None:
    names = ["".join(letters) for size in (1, 2, 3) for letters in product("a2-_.d", repeat=size)]
    ids = [external_id("order", name) for name in names]
    assert len(set(ids)) == len(names)
    assert all(id_.replace("_", "").replace(".", "", 1).isalnum() for id_ in ids)


async def test_orders_go_to_the_company_the_warehouse_and_the_carrier_that_were_chosen(rig: OdooRig) -> None:
    await pushed(await rig.connect(), rig, "SUB-1")
    chosen = {"company_id": 2, "warehouse_id": 2, "carrier_id": 1}
    warehouse = await rig.connect(**chosen)
    await warehouse.verify()
    await pushed(warehouse, rig, "SUB-2")
    usual, ours = (rig.fake.orders(number)[0] for number in ("SUB-1", "SUB-2"))
    assert {name: ours[name] for name in chosen} == chosen
    assert (usual["company_id"], usual.keys() & {"warehouse_id", "carrier_id"}) == (1, set()), "Odoo's own choice"


@pytest.mark.parametrize(
    ("name", "known"),
    [("company_id", "1 (Tea East), 2 (Tea West)"), ("warehouse_id", "1 (East)"), ("carrier_id", "USPS")],
)
async def test_a_choice_that_is_not_there_is_told_with_those_that_are(rig: OdooRig, name: str, known: str) -> None:
    with pytest.raises(SetupError, match=r"has no [a-z.]+ 7; it has ") as error:
        await (await rig.connect(**{name: 7})).verify()
    assert known in error.value.message
