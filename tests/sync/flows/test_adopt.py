"""Taking over orders that the warehouse had before this ledger."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from cratejoy_tui.errors import ItemRefused, ReadOnly, SetupError
from cratejoy_tui.sync.domain.order import OrderLine, OrderState
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.flows.adopt import adopt
from cratejoy_tui.sync.flows.confirm import apply_confirm, preview_confirm
from cratejoy_tui.sync.flows.fetch import fetch_tracking
from cratejoy_tui.sync.flows.push import apply_push, preview_push
from cratejoy_tui.sync.ports import DeliveryClass
from tests.sync.factories import ecom, shipment
from tests.sync.flows.conftest import MakeRig
from tests.sync.flows.rig import Rig

BLIND = {"can_find": False, "delivery": DeliveryClass.BLIND}


async def stage_of(rig: Rig, id_: str) -> Stage | None:
    stored = (await rig.ledger.shipments.get([id_])).get(id_)
    return stored.stage if stored else None


async def test_a_first_push_to_files_waits_for_a_persons_word(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(), **BLIND)
    await rig.pull()
    with pytest.raises(SetupError):
        await apply_push(rig.desk, await preview_push(rig.desk))
    adopted = await adopt(rig.desk, None)
    assert adopted.none
    assert rig.warehouse.adopted_by == [(rig.ledger.ledger_id, 0)]
    await rig.push()
    assert await stage_of(rig, "4124") is Stage.AT_WAREHOUSE


async def test_listed_orders_are_at_the_warehouse_and_never_sent_again(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(), ecom(id="5"), **BLIND)
    await rig.pull()
    adopted = await adopt(rig.desk, ["SUB-4124"], "came with us")
    assert adopted.adopted == ("SUB-4124",)
    await rig.push()
    assert set(rig.warehouse.orders) == {"5"}
    [operation] = await rig.ledger.operations.of("4124")
    assert (operation.via, operation.warehouse, operation.by) == ("adopted", "Cellar", "ada")


async def test_boxes_never_pulled_are_read_first(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(), **BLIND)
    assert (await adopt(rig.desk, ["SUB-4124"])).adopted == ("SUB-4124",)
    assert await stage_of(rig, "4124") is Stage.AT_WAREHOUSE


async def test_adopted_boxes_are_confirmed_like_our_own(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(), **BLIND)
    rig.warehouse.ship("SUB-4124")
    await fetch_tracking(rig.desk)
    await adopt(rig.desk, ["SUB-4124"])
    assert await stage_of(rig, "4124") is Stage.SHIPPED
    rows, _ = await preview_confirm(rig.desk)
    await apply_confirm(rig.desk, rows)
    assert await stage_of(rig, "4124") is Stage.CONFIRMED
    assert len(rig.source.told) == 1


async def test_adopting_twice_changes_nothing(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(), **BLIND)
    await adopt(rig.desk, ["SUB-4124"])
    again = await adopt(rig.desk, ["SUB-4124", "SUB-4124", " SUB-4124 ", ""])
    assert (again.adopted, again.already, again.left_out) == ((), ("SUB-4124",), ())
    adoption = await rig.ledger.people.adoption()
    assert adoption is not None
    assert (adoption.none, adoption.count) == (False, 1)


async def test_numbers_that_are_not_open_boxes_are_left_out_by_name(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(), shipment(id="7", status="shipped"), **BLIND)
    adopted = await adopt(rig.desk, ["4124", "SUB-7", "SUB-999", "=cmd()"])
    assert adopted.adopted == ()
    assert [out.number for out in adopted.left_out] == ["4124", "SUB-7", "SUB-999", "=cmd()"]
    assert "SUB-4124" in adopted.left_out[0].why


@pytest.mark.parametrize(
    ("state", "why"),
    [(OrderState.CANCELLED, "has it cancelled"), (None, "does not have it")],
)
async def test_a_warehouse_that_can_be_asked_is_asked(make_rig: MakeRig, state: OrderState | None, why: str) -> None:
    rig = await make_rig(shipment())
    if state is not None:
        rig.warehouse.put("SUB-4124", state)
    adopted = await adopt(rig.desk, ["SUB-4124"])
    assert adopted.adopted == ()
    assert why in adopted.left_out[0].why


async def test_an_order_that_stands_there_twice_is_not_adopted(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    rig.warehouse.put("SUB-4124")
    rig.warehouse.orders["SUB-4124"] *= 2
    assert "2 times" in (await adopt(rig.desk, ["SUB-4124"])).left_out[0].why


async def test_what_the_warehouse_has_is_what_counts_as_sent(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    rig.warehouse.put("SUB-4124", lines=(OrderLine(sku="TEA-01-2611", quantity=1),))
    await adopt(rig.desk, ["SUB-4124"])
    stored = (await rig.ledger.shipments.get(["4124"]))["4124"]
    assert stored.sent_order is not None
    assert [line.sku for line in stored.sent_order.lines] == ["TEA-01-2611"]
    [operation] = await rig.ledger.operations.of("4124")
    assert operation.remote_ref == "W-SUB-4124"


async def test_a_box_that_no_order_can_be_made_of_is_adopted_by_its_number(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(), **BLIND)
    rig.source.change("4124", lines=(replace(rig.source.shipments["4124"].lines[0], sku=""),))
    assert (await adopt(rig.desk, ["SUB-4124"])).adopted == ("SUB-4124",)


async def test_an_empty_list_is_no_word(make_rig: MakeRig) -> None:
    rig = await make_rig(**BLIND)
    with pytest.raises(ItemRefused):
        await adopt(rig.desk, ["", "  "])
    assert await rig.ledger.people.adoption() is None


async def test_read_only_adopts_nothing(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(), **BLIND)
    rig.read_only = True
    with pytest.raises(ReadOnly):
        await adopt(rig.desk, None)
    assert rig.warehouse.adopted_by == []
