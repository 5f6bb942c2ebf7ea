"""The folder warehouse under the real flows and a real ledger."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cratejoy_tui.errors import SetupError
from cratejoy_tui.sync.domain.plan import Result
from cratejoy_tui.sync.domain.record import TaskKind
from cratejoy_tui.sync.domain.stage import Kind, Stage
from cratejoy_tui.sync.flows.adopt import adopt
from cratejoy_tui.sync.flows.cancel import apply_cancel, look_for_cancelled, preview_cancel
from cratejoy_tui.sync.flows.confirm import apply_confirm, preview_confirm
from cratejoy_tui.sync.flows.fetch import fetch_tracking
from cratejoy_tui.sync.flows.late import overdue
from cratejoy_tui.sync.flows.settle import settle
from cratejoy_tui.sync.ledger import open_ledger
from cratejoy_tui.warehouses.folder import FolderWarehouse
from tests.sync.factories import shipment
from tests.sync.flows.rig import Rig
from tests.warehouses.folder_rig import FolderRig, place

BOXES = [shipment(id=str(number)) for number in (4124, 4125, 4126)]


@pytest.fixture
async def desk(rig: FolderRig, tmp_path: Path) -> AsyncIterator[Rig]:
    rig.root = tmp_path / "shared"
    rig.root.mkdir()
    made = await Rig.make(tmp_path, *BOXES)
    made.warehouse = warehouse(rig)
    yield made
    await made.ledger.close()


def warehouse(rig: FolderRig, **settings: object) -> FolderWarehouse:
    return FolderWarehouse.from_settings({"root": str(rig.root), **settings}, place(clock=rig.clock))


async def stage(desk: Rig, id_: str) -> Stage:
    return (await desk.ledger.shipments.get([id_]))[id_].stage


async def test_a_day_with_files_ends_confirmed(desk: Rig, rig: FolderRig) -> None:
    await adopt(desk.desk, None)
    await desk.push()
    assert [len(orders) for orders in rig.order_files()] == [3]
    rig.drop(
        "shp.csv", b"order_number,tracking_number,carrier,ship_date\nSUB-4124,9400111899223856925503,USPS,2026-11-23\n"
    )
    await fetch_tracking(desk.desk)
    rows, _ = await preview_confirm(desk.desk)
    await apply_confirm(desk.desk, rows)
    assert [told.tracking_number for told in desk.source.told] == ["9400111899223856925503"]
    assert await stage(desk, "4124") is Stage.CONFIRMED
    assert await stage(desk, "4125") is Stage.AT_WAREHOUSE


async def test_one_order_to_a_file_is_possible(desk: Rig, rig: FolderRig) -> None:
    desk.warehouse = warehouse(rig, orders_per_file=1)
    await adopt(desk.desk, None)
    await desk.push()
    assert [len(orders) for orders in rig.order_files()] == [1, 1, 1]
    assert {await stage(desk, box.id) for box in BOXES} == {Stage.AT_WAREHOUSE}


async def test_a_delivery_that_lost_its_answer_is_settled_by_looking_at_the_folder(desk: Rig, rig: FolderRig) -> None:
    await adopt(desk.desk, None)
    await rig.lose_next_answer()
    await desk.push()
    assert await stage(desk, "4124") is Stage.UNKNOWN
    assert await settle(desk.desk, frozenset({Kind.PUSH})) == 3
    assert await stage(desk, "4124") is Stage.AT_WAREHOUSE
    assert [len(orders) for orders in rig.order_files()] == [3]


async def test_a_restored_ledger_sends_nothing_again(desk: Rig, rig: FolderRig, tmp_path: Path) -> None:
    await adopt(desk.desk, None)
    await desk.pull()
    await desk.ledger.close()
    shutil.copytree(tmp_path, tmp_path.parent / "backup", ignore=shutil.ignore_patterns("shared"))
    desk.ledger = await open_ledger(tmp_path / "ledger.db", "teabox", clock=desk.clock, operator="ada")
    await desk.push()
    await desk.ledger.close()

    older = tmp_path.parent / "backup" / "ledger.db"
    desk.ledger = await open_ledger(older, "teabox", clock=desk.clock, operator="ada")
    for _ in range(3):
        with pytest.raises(SetupError, match="later deliveries than this ledger knows"):
            await desk.push()
        desk.clock.pass_by(hours=2)
        await settle(desk.desk, frozenset({Kind.PUSH}))
    adopted = await adopt(desk.desk, [f"SUB-{box.id}" for box in BOXES], "restored")
    assert len(adopted.adopted) == 3, adopted.left_out
    desk.clock.pass_by(hours=2)
    await desk.push()
    assert [len(orders) for orders in rig.order_files()] == [3]
    assert {await stage(desk, box.id) for box in BOXES} == {Stage.AT_WAREHOUSE}


async def test_orders_the_warehouse_left_lying_become_overdue(desk: Rig, rig: FolderRig) -> None:
    desk.warehouse = warehouse(rig, acknowledgement="moved")
    await adopt(desk.desk, None)
    await desk.push()
    desk.clock.pass_by(hours=5)
    assert {late.shipment_id for late in await overdue(desk.desk, ask_warehouse=True)} == {box.id for box in BOXES}
    rig.files()[0].unlink()
    assert await overdue(desk.desk, ask_warehouse=True) == ()


async def test_a_cancel_by_file_ends_on_a_persons_list(desk: Rig, rig: FolderRig) -> None:
    await adopt(desk.desk, None)
    await desk.push()
    desk.source.change("4124", status="cancelled")
    await look_for_cancelled(desk.desk)
    [outcome] = await apply_cancel(desk.desk, await preview_cancel(desk.desk))
    assert (outcome.result, await stage(desk, "4124")) == (Result.UNKNOWN, Stage.CANCEL_BY_HAND)
    assert {task.kind for task in await desk.ledger.people.tasks()} == {TaskKind.CANCEL_BY_HAND, TaskKind.STOP_SHIP}
    assert await preview_cancel(desk.desk) == ()
    assert await settle(desk.desk, frozenset({Kind.CANCEL})) == 0


async def test_an_order_the_warehouse_refuses_later_becomes_a_conflict(desk: Rig, rig: FolderRig) -> None:
    desk.warehouse = warehouse(rig, acknowledgement="file")
    await adopt(desk.desk, None)
    await desk.push()
    ack = rig.root / "ack" / "ack_orders.csv"
    ack.write_bytes(b"order_number,status,message\nSUB-4124,REJECTED,SKU unknown\nSUB-4125,ACCEPTED,\n")
    rig.age(ack, 120)
    await fetch_tracking(desk.desk)
    assert (await stage(desk, "4124"), await stage(desk, "4125")) == (Stage.CONFLICT, Stage.AT_WAREHOUSE)
    [task] = await desk.ledger.people.tasks()
    assert "SKU unknown" in task.text
