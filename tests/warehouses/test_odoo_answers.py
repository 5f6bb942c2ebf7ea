"""Odoo's traps: failures inside a 200, imports that are all or nothing, half-made pushes, cancels that do nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from msgspec.structs import replace

from cratejoy_tui.errors import CredentialsMissing, SetupError, SignInRefused, UnexpectedAnswer
from cratejoy_tui.sync.domain.order import CancelAnswer, Lost, NotSent, OrderLine, OrderState, Receipt, Refused
from cratejoy_tui.sync.domain.shipment import ShipTo
from cratejoy_tui.warehouses.contract import all_parcels, pushed
from cratejoy_tui.warehouses.contract_rig import TRACKING, HandOver, Packed, an_order
from cratejoy_tui.warehouses.odoo import OdooWarehouse
from cratejoy_tui.warehouses.odoo_records import external_id
from tests.warehouses.folder_rig import place
from tests.warehouses.odoo_rig import OdooRig, rigged

HAND_OVER = HandOver(sequence=1)


@pytest.fixture(params=[19, 17])
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[OdooRig]:
    async with rigged(request.param) as rig:
        yield rig


# Pushing


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


# Cancelling


async def test_nothing_is_cancelled_once_a_part_of_it_has_left(rig: OdooRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1")
    await rig.ship({"SUB-1": [Packed(tracking_number=TRACKING[1], lines={"TEA-01": 2}, closes=False)]})
    outcome = await warehouse.cancel("SUB-1", "changed mind", HAND_OVER)
    assert outcome.answer is CancelAnswer.REFUSED
    assert "WH/OUT/" in outcome.reason
    assert rig.fake.cancels == []


async def test_a_locked_order_is_refused_in_odoos_words(rig: OdooRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1")
    rig.fake.orders("SUB-1")[0]["locked"] = True
    outcome = await warehouse.cancel("SUB-1", "changed mind", HAND_OVER)
    assert outcome.answer is CancelAnswer.REFUSED
    assert "locked" in outcome.reason
    assert "Traceback" not in outcome.reason


async def test_an_order_cancelled_after_it_left_has_left(rig: OdooRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1")
    await rig.ship({"SUB-1": [Packed(tracking_number=TRACKING[1])]})
    rig.fake.orders("SUB-1")[0]["state"] = "cancel"
    found = await warehouse.find(["SUB-1"])
    assert found["SUB-1"][0].state is OrderState.SHIPPED
    assert (await warehouse.cancel("SUB-1", "again", HAND_OVER)).answer is CancelAnswer.REFUSED


async def test_a_cancel_that_did_nothing_is_not_believed(rig: OdooRig, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1")
    monkeypatch.setattr(rig.fake, "_cancel", lambda *_, **__: {"type": "ir.actions.act_window"})
    outcome = await warehouse.cancel("SUB-1", "changed mind", HAND_OVER)
    assert outcome.answer is CancelAnswer.UNKNOWN
    assert "sale" in outcome.reason


# Tracking


async def test_a_number_typed_in_late_belongs_to_the_parcel_that_had_none(rig: OdooRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1")
    picking = rig.fake.deliver(rig.fake.orders("SUB-1")[0], "", None)
    [blank] = await all_parcels(warehouse)
    assert (blank.tracking_number, blank.order_closed) == ("", True)
    rig.fake.clock.moment += timedelta(days=5)
    since = rig.fake.clock.now() - timedelta(hours=1)
    assert await all_parcels(warehouse, since) == []
    rig.fake.retrack(picking, f" {TRACKING[1]} ,{TRACKING[2]},")
    late = await all_parcels(warehouse, since)
    assert [parcel.tracking_number for parcel in late] == [TRACKING[1], TRACKING[2]]
    assert late[0].reference == blank.reference
    assert late[0].shipped_at == blank.shipped_at == datetime(2026, 11, 23, 18, tzinfo=UTC)


async def test_links_of_several_parcels_find_their_numbers(rig: OdooRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1")
    picking = rig.fake.deliver(rig.fake.orders("SUB-1")[0], "A1,B2", None)
    picking["carrier_tracking_url"] = '[["B2", "https://carrier.test/B2"], ["A1", "https://carrier.test/A1"]]'
    assert [parcel.tracking_link[-2:] for parcel in await all_parcels(warehouse)] == ["A1", "B2"]
    picking["carrier_tracking_url"] = "[what?"
    assert [parcel.tracking_link for parcel in await all_parcels(warehouse)] == ["", ""]


async def test_a_kits_content_is_not_told_in_words_the_order_does_not_have(rig: OdooRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1")
    await rig.ship({"SUB-1": [Packed(tracking_number=TRACKING[1])]})
    next(iter(rig.fake.tables["stock.move"].values()))["product_id"] = 2
    [parcel] = await all_parcels(warehouse)
    assert parcel.lines is None


async def test_one_unreadable_delivery_does_not_hide_the_others(rig: OdooRig, caplog: pytest.LogCaptureFixture) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1", "SUB-2", "SUB-3")
    await rig.ship({f"SUB-{n}": [Packed(tracking_number=TRACKING[n])] for n in (1, 2, 3)})
    first, second, _ = rig.fake.tables["stock.picking"].values()
    first["date_done"], second["carrier_tracking_ref"] = "yesterday", 7
    assert [parcel.order_number for parcel in await all_parcels(warehouse)] == ["SUB-3"]
    assert "2 deliveries could not be read" in caplog.text


async def test_deliveries_are_told_without_the_module_for_tracking() -> None:
    async with rigged(19, has_tracking=False) as rig:
        warehouse = await rig.connect()
        assert "without tracking" in (await warehouse.verify()).detail
        await pushed(warehouse, rig, "SUB-1")
        await rig.ship({"SUB-1": [Packed(tracking_number=TRACKING[1])]})
        [parcel] = await all_parcels(warehouse)
        assert (parcel.order_number, parcel.tracking_number) == ("SUB-1", "")


async def test_sixteen_names_its_quantities_otherwise() -> None:
    async with rigged(16) as rig:
        warehouse = await rig.connect()
        assert (await warehouse.verify()).detail == "Odoo 16.0"
        await pushed(warehouse, rig, "SUB-1")
        await rig.ship({"SUB-1": [Packed(tracking_number=TRACKING[1])]})
        [parcel] = await all_parcels(warehouse)
        assert parcel.lines is not None
        assert {line.sku: line.quantity for line in parcel.lines} == {"TEA-01": 2, "MUG-01": 1}


# Getting in


async def test_the_newer_way_is_taken_where_it_is_spoken(rig: OdooRig) -> None:
    warehouse = await rig.connect()
    assert (await warehouse.verify()).detail == f"Odoo {rig.fake.major}.0"
    assert warehouse.calls.writes == 0
    assert set(rig.fake.calls) == {"stock.picking.fields_get"}


@pytest.mark.parametrize("model", ["sale.order", "stock.picking"])
async def test_a_user_without_rights_is_told_so(rig: OdooRig, model: str) -> None:
    warehouse = await rig.connect()
    rig.fake.no_rights.add(model)
    with pytest.raises(SignInRefused, match=r"not allowed to access '.*Sales / User"):
        await (warehouse.verify() if model == "stock.picking" else warehouse.find(["SUB-1"]))


async def test_an_odoo_that_delivers_nothing_is_a_matter_of_set_up(rig: OdooRig) -> None:
    del rig.fake.tables["stock.picking"]
    with pytest.raises(SetupError, match="Install Sales, Inventory"):
        await (await rig.connect()).verify()


async def test_an_odoo_too_old_is_not_served() -> None:
    async with rigged(15) as rig:
        with pytest.raises(SetupError, match=r"Odoo 15\.0; versions 16 and later"):
            await (await rig.connect()).verify()


async def test_the_older_way_needs_a_login() -> None:
    async with rigged(17) as rig:
        with pytest.raises(SetupError, match="`database` and `login`"):
            await (await rig.connect(login="")).verify()


async def test_a_wrong_database_is_no_sign_in_and_no_traceback(rig: OdooRig) -> None:
    warehouse = await rig.connect(database="elsewhere")
    with pytest.raises(UnexpectedAnswer) as told:
        await warehouse.find(["SUB-1"])
    assert "Traceback" not in str(told.value)
    [outcome] = await pushed(warehouse, rig, "SUB-1")
    assert isinstance(outcome, NotSent)


def test_the_key_is_asked_for() -> None:
    with pytest.raises(CredentialsMissing, match="store teabox"):
        OdooWarehouse.from_settings({"url": "http://127.0.0.1:1", "database": "tea"}, place())
