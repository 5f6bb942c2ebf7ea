"""A folder takes files of one ledger only, the one that knows what was delivered; and only in places that are sound."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from cratejoy_tui.errors import SetupError
from cratejoy_tui.sync.domain.order import Lost, Receipt
from cratejoy_tui.warehouses.contract_rig import HandOver, an_order
from cratejoy_tui.warehouses.folder import FolderWarehouse
from cratejoy_tui.warehouses.folder_places import REMEMBERED, Deliveries
from tests.warehouses.folder_rig import FolderRig, place
from tests.warehouses.test_folder_delivery import ORDERS, found_again


async def test_a_folder_no_ledger_has_adopted_is_refused(tmp_path: Path) -> None:
    warehouse = FolderWarehouse.from_settings({"root": str(tmp_path)}, place())
    assert "cratejoy-tui adopt" in (await warehouse.verify()).next_step
    with pytest.raises(SetupError, match=r"No ledger has adopted.*cratejoy-tui adopt"):
        await warehouse.push(ORDERS, HandOver(sequence=1))
    assert not any(tmp_path.iterdir())  # noqa: ASYNC240 - a test may wait for its disk


async def test_another_ledger_is_refused_until_it_adopts_the_folder(rig: FolderRig) -> None:
    warehouse = await rig.connect()
    other = HandOver(sequence=5, ledger_id="another-ledger")
    with pytest.raises(SetupError, match=r"belongs to another ledger.*cratejoy-tui adopt"):
        await warehouse.push(ORDERS, other)
    await warehouse.adopt("another-ledger", 4)
    assert isinstance((await warehouse.push(ORDERS, other))[0], Receipt)
    with pytest.raises(SetupError, match="belongs to another ledger"):
        await warehouse.push([an_order("SUB-3")], HandOver(sequence=6))


async def test_an_older_ledger_is_refused_even_after_its_sequence_has_caught_up(rig: FolderRig) -> None:
    warehouse = await rig.connect()
    for number in range(1, 4):
        await warehouse.push([an_order(f"SUB-{number}")], rig.delivery())
    restored = await rig.connect()
    for sequence in (2, 3, 4, 5):
        with pytest.raises(SetupError, match="later deliveries than this ledger knows"):
            await restored.push([an_order("SUB-2")], HandOver(sequence=sequence))
    with pytest.raises(SetupError, match="later deliveries"):
        await restored.verify()
    assert await rig.live("SUB-2") == 1
    await restored.adopt("ledger-of-the-contract", 5)
    await restored.verify()
    assert isinstance((await restored.push([an_order("SUB-9")], HandOver(sequence=6)))[0], Receipt)


async def test_a_restored_ledger_that_knows_only_the_beginning_is_told_the_end(rig: FolderRig) -> None:
    warehouse, delivery = await rig.connect(), rig.delivery()
    before = found_again(delivery)
    await warehouse.push(ORDERS, delivery)
    [path] = rig.files()
    path.unlink()
    outcomes = await warehouse.resume(ORDERS, before)
    assert [type(outcome) for outcome in outcomes] == [Receipt, Receipt]
    assert rig.files() == []


async def test_two_copies_of_a_ledger_do_not_take_each_others_deliveries_for_their_own(rig: FolderRig) -> None:
    warehouse = await rig.connect()
    await warehouse.push(ORDERS, rig.delivery())
    copied = HandOver(sequence=1)
    copied.name = "orders_20261123T101501Z_000001"
    with pytest.raises(SetupError, match="later deliveries"):
        await warehouse.push([an_order("SUB-3")], copied)
    await warehouse.adopt("ledger-of-the-contract", 1)
    assert isinstance((await warehouse.resume([an_order("SUB-3")], copied))[0], Receipt)
    assert [await rig.live("SUB-1"), await rig.live("SUB-3")] == [1, 1]


async def test_what_became_of_a_very_old_delivery_is_for_a_person(rig: FolderRig) -> None:
    warehouse = await rig.connect()
    for _ in range(REMEMBERED + 2):
        await warehouse.cancel(f"SUB-{rig.sequence}", "changed mind", rig.delivery("cancels"))
    [outcome] = await warehouse.resume(ORDERS[:1], HandOver(sequence=1))
    assert isinstance(outcome, Lost)
    [outcome] = await warehouse.resume(ORDERS[:1], HandOver(sequence=1, is_staged=True))
    assert isinstance(outcome, Receipt), "staged and gone is delivered"


def test_the_mark_remembers_only_so_much() -> None:
    done = Deliveries(last=0)
    for sequence in range(1, REMEMBERED + 11):
        done = done.with_delivered(f"orders_{sequence}", sequence, cancels=str(sequence))
    assert len(done.delivered) == len(done.cancels) == REMEMBERED
    assert done.has_forgotten(10)
    assert not done.has_forgotten(11)


async def test_a_damaged_mark_stops_everything(rig: FolderRig) -> None:
    warehouse = await rig.connect()
    (rig.root / ".cratejoy-tui" / "mark.json").write_text("{")
    with pytest.raises(SetupError, match="cannot be read"):
        await warehouse.push(ORDERS, rig.delivery())


async def test_a_share_that_is_not_mounted_is_not_written_to(rig: FolderRig) -> None:
    warehouse = await rig.connect()
    rig.root.rename(rig.root.with_name("elsewhere"))
    with pytest.raises(SetupError, match="is not there"):
        await warehouse.verify()
    rig.root.mkdir()
    with pytest.raises(SetupError, match="No ledger has adopted"):
        await warehouse.push(ORDERS, rig.delivery())
    assert list(rig.root.iterdir()) == []


async def test_a_linked_folder_is_refused(rig: FolderRig, tmp_path_factory: pytest.TempPathFactory) -> None:
    warehouse = await rig.connect()
    (rig.root / "in").rmdir()
    (rig.root / "in").symlink_to(tmp_path_factory.mktemp("outside"))
    with pytest.raises(SetupError, match="is a link"):
        await warehouse.verify()
    with pytest.raises(SetupError, match="is a link"):
        await warehouse.push(ORDERS, rig.delivery())


async def test_a_target_on_another_file_system_is_refused_before_anything_is_sent(
    rig: FolderRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse = await rig.connect()
    real = Path.stat

    def stat(path: Path, **options: Any) -> os.stat_result:
        found = real(path, **options)
        moved = [*found[:2], found.st_dev + 1, *found[3:]]
        return os.stat_result(moved) if path.name == "in" else found

    monkeypatch.setattr(Path, "stat", stat)
    with pytest.raises(SetupError, match="another file system"):
        await warehouse.verify()
    with pytest.raises(SetupError, match="another file system"):
        await warehouse.push(ORDERS, rig.delivery())


async def test_a_rename_across_file_systems_is_told_as_one(rig: FolderRig, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = await rig.connect()

    def rename(*_: Any) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "rename", rename)
    with pytest.raises(SetupError, match="another file system"):
        await warehouse.push(ORDERS, rig.delivery())
    assert rig.files() == []


async def test_two_stores_may_share_the_way_out_but_not_the_way_in(rig: FolderRig) -> None:
    await rig.connect()
    settings = {"root": str(rig.root)}
    with pytest.raises(SetupError, match="read by the store teabox"):
        await FolderWarehouse.from_settings(settings, place("mugs")).adopt("ledger-of-the-contract", 0)
    second = FolderWarehouse.from_settings({**settings, "shipments": "mugs-out"}, place("mugs"))
    await second.adopt("ledger-of-the-contract", 0)
    assert isinstance((await second.push(ORDERS, HandOver(sequence=2)))[0], Receipt)
    assert isinstance((await (await rig.connect()).push([an_order("SUB-9")], rig.delivery()))[0], Receipt)


@pytest.mark.parametrize("name", ["../../evil", "orders_x/../../y", "", ".hidden", "orders_\n"])
async def test_only_names_of_ours_are_written(rig: FolderRig, name: str) -> None:
    delivery = rig.delivery()
    delivery.name = name
    warehouse = await rig.connect()
    if name == "":
        delivery.name = "\0"
    with pytest.raises(SetupError, match="not a file name of ours"):
        await warehouse.push(ORDERS, delivery)
    assert rig.files("") == []
