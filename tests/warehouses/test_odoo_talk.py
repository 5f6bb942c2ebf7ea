"""Getting into Odoo in either way, and cancels that do nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cratejoy_tui.errors import CredentialsMissing, SetupError, SignInRefused, UnexpectedAnswer
from cratejoy_tui.sync.domain.order import CancelAnswer, NotSent, OrderState
from cratejoy_tui.warehouses.contract import pushed
from cratejoy_tui.warehouses.contract_rig import TRACKING, HandOver, Packed
from cratejoy_tui.warehouses.odoo import OdooWarehouse
from tests.warehouses.folder_rig import place
from tests.warehouses.odoo_rig import OdooRig, rigged

HAND_OVER = HandOver(sequence=1)


@pytest.fixture(params=[19, 17])
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[OdooRig]:
    async with rigged(request.param) as rig:
        yield rig


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
