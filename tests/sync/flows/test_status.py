"""How things stand: counts, what is late, who holds the leases, how old the last good run is."""

from __future__ import annotations

import msgspec

from cratejoy_tui.sync.domain.overdue import Late
from cratejoy_tui.sync.domain.record import TaskKind
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.flows.fetch import fetch_tracking
from cratejoy_tui.sync.flows.late import overdue
from cratejoy_tui.sync.flows.leases import RUN, hold
from cratejoy_tui.sync.flows.status import status
from tests.sync.factories import line, sale, shipment
from tests.sync.flows.conftest import MakeRig

UNPAID = (line(sale=sale(financial_status="pending")),)


async def test_an_empty_store_has_an_empty_status(make_rig: MakeRig) -> None:
    rig = await make_rig()
    state = await status(rig.desk)
    assert (state.stages, state.holds, state.overdue, state.tasks) == ({}, {}, (), ())
    assert state.good_run_age_seconds is None
    assert state.is_stale(10**9)


async def test_holds_that_need_a_person_stand_apart_from_those_that_wait(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(id="1"), shipment(id="2", lines=UNPAID), shipment(id="3", is_test=True))
    await rig.pull()
    state = await status(rig.desk)
    assert state.stages == {"held": 2, "planned": 1}
    assert state.holds == {"UNPAID": 1}
    assert state.waiting == {"TEST": 1}


async def test_the_age_of_the_last_good_run_is_told(make_rig: MakeRig) -> None:
    rig = await make_rig()
    run = await rig.ledger.runs.begin("auto")
    await rig.ledger.runs.finish(run.id, exit_code=0, good=True, summary="{}")
    rig.clock.pass_by(minutes=20)
    bad = await rig.ledger.runs.begin("auto")
    await rig.ledger.runs.finish(bad.id, exit_code=4, good=False, summary="{}")
    state = await status(rig.desk)
    assert state.good_run_age_seconds == 1200
    assert not state.is_stale(1800)
    assert state.is_stale(600)
    assert state.last_run is not None
    assert state.last_run.exit_code == 4


async def test_who_runs_now_is_named(make_rig: MakeRig) -> None:
    rig = await make_rig()
    async with hold(rig.desk, RUN):
        running = (await status(rig.desk)).running
    assert running is not None
    assert running.holder == rig.desk.holder
    assert (await status(rig.desk)).running is None


async def test_a_box_without_tracking_becomes_overdue(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.push()
    assert await overdue(rig.desk) == ()
    rig.clock.pass_by(days=5)
    assert [(one.shipment_id, one.late) for one in await overdue(rig.desk)] == [("4124", Late.TRACKING)]


async def test_a_box_not_picked_up_is_overdue_only_where_the_warehouse_tells(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(), tells_pickup=True)
    await rig.push()
    rig.clock.pass_by(hours=5)
    assert await overdue(rig.desk) == ()
    assert [one.late for one in await overdue(rig.desk, ask_warehouse=True)] == [Late.PICKUP]
    rig.warehouse.put("SUB-4124", picked_up=True)
    assert await overdue(rig.desk, ask_warehouse=True) == ()


async def test_what_the_warehouse_showed_a_cycle_is_overdue_without_asking_again(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(), tells_pickup=True)
    await rig.push()
    rig.clock.pass_by(hours=5)
    await fetch_tracking(rig.desk)
    rig.warehouse.is_down = True
    assert [one.late for one in (await status(rig.desk)).overdue] == [Late.PICKUP]
    await fetch_tracking(rig.desk)
    rig.warehouse.is_down = False
    rig.warehouse.put("SUB-4124", picked_up=True)
    rig.clock.pass_by(hours=1)
    await fetch_tracking(rig.desk)
    assert (await status(rig.desk)).overdue == ()


async def test_a_warehouse_that_does_not_answer_makes_no_box_late(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(), tells_pickup=True)
    await rig.push()
    rig.clock.pass_by(hours=5)
    rig.warehouse.is_down = True
    assert await overdue(rig.desk, ask_warehouse=True) == ()
    assert any("could not be reached" in getattr(told, "text", "") for told in rig.told)


async def test_a_stop_ship_not_ticked_is_overdue_also_on_a_closed_box(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.push()
    await rig.ledger.people.task(TaskKind.STOP_SHIP, "4124", "SUB-4124", "stop it")
    await rig.ledger.shipments.move("4124", Stage.CANCELLED, expect={Stage.AT_WAREHOUSE})
    rig.clock.pass_by(hours=2)
    state = await status(rig.desk)
    assert [one.late for one in state.overdue] == [Late.STOP_SHIP]
    assert [task.kind for task in state.tasks] == ["stop-ship"]


async def test_the_status_can_be_written_as_json_without_what_was_sent(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.push()
    [operation] = await rig.ledger.operations.of("4124")
    async with hold(rig.desk, "write") as holding:
        assert holding.lease.name == "write"
    told = msgspec.json.encode(await status(rig.desk))
    assert operation.number == "SUB-4124"
    assert b"Ada Example" not in told
