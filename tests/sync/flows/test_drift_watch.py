"""Changes in Cratejoy after the order was handed over."""

from __future__ import annotations

import pytest

from cratejoy_tui.sync.domain.drift import Remedy
from cratejoy_tui.sync.domain.record import TaskKind
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.flows.drift_watch import watch_drift
from cratejoy_tui.sync.flows.pull import reread
from tests.sync.factories import add_on, line, ship_to, shipment
from tests.sync.flows.conftest import MakeRig
from tests.sync.flows.rig import Rig


async def changed(rig: Rig, **changes: object) -> None:
    rig.source.change("4124", **changes)
    await reread(rig.desk, ["4124"])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ship_to": ship_to(unit="Apt 9")}, "ship-to unit"),
        ({"lines": (line(), add_on())}, "quantity of MUG-01"),
        ({"gift_message": "For you"}, "gift message"),
    ],
)
async def test_a_change_after_the_push_is_a_task(make_rig: MakeRig, changes: dict[str, object], field: str) -> None:
    rig = await make_rig(shipment())
    await rig.push()
    await changed(rig, **changes)
    [drifted] = await watch_drift(rig.desk, ["4124"])
    assert [difference.field for difference in drifted.differences] == [field]
    assert drifted.remedy is Remedy.RECALL
    [task] = await rig.ledger.people.tasks(kind=TaskKind.DRIFT)
    assert field in task.text


async def test_a_task_holds_no_personal_data(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.push()
    await changed(rig, ship_to=ship_to(street="99 Secret Rd"))
    await watch_drift(rig.desk, ["4124"])
    [task] = await rig.ledger.people.tasks()
    assert "Secret" not in task.text


async def test_the_passing_of_days_is_no_drift(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.push()
    rig.clock.pass_by(days=5)
    assert await watch_drift(rig.desk, ["4124"]) == ()


async def test_watching_again_opens_no_second_task(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.push()
    await changed(rig, gift_message="For you")
    await watch_drift(rig.desk, ["4124"])
    await watch_drift(rig.desk, ["4124"])
    assert len(await rig.ledger.people.tasks(open_only=False)) == 1


async def test_a_change_taken_back_closes_its_task(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.push()
    await changed(rig, gift_message="For you")
    await watch_drift(rig.desk, ["4124"])
    await changed(rig, gift_message="")
    assert await watch_drift(rig.desk, ["4124"]) == ()
    assert await rig.ledger.people.tasks() == []


async def test_a_box_that_left_meanwhile_is_not_to_be_recalled(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.push()
    await changed(rig, gift_message="For you")
    await watch_drift(rig.desk, ["4124"])
    await rig.confirm("SUB-4124")
    await watch_drift(rig.desk, [])
    [task] = await rig.ledger.people.tasks(kind=TaskKind.DRIFT)
    assert "recall" not in task.text
    assert "left as it was sent" in task.text


async def test_the_task_of_an_order_cancelled_since_is_closed(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.push()
    await changed(rig, gift_message="For you")
    await watch_drift(rig.desk, ["4124"])
    await rig.ledger.shipments.move("4124", Stage.CANCELLED, expect={Stage.AT_WAREHOUSE})
    await watch_drift(rig.desk, [])
    assert await rig.ledger.people.tasks(kind=TaskKind.DRIFT) == []


async def test_boxes_not_at_the_warehouse_are_left_out(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.pull()
    await changed(rig, gift_message="For you")
    assert await watch_drift(rig.desk, ["4124", "unknown"]) == ()
