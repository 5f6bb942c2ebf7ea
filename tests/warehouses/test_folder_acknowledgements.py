"""Whether the warehouse took an order is told as far as it shows it; and what we keep in files can be forgotten."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from cratejoy_tui.sync.domain.order import Acknowledgement
from cratejoy_tui.sync.flows.purge import KeepsFiles
from cratejoy_tui.sync.ports import Acknowledges
from cratejoy_tui.warehouses.contract import all_parcels
from cratejoy_tui.warehouses.contract_rig import an_order
from tests.warehouses.folder_rig import FolderRig

NUMBERS = ["SUB-1", "SUB-2", "SUB-3"]


async def told(rig: FolderRig) -> dict[str, Acknowledgement]:
    return dict(await (await rig.connect()).acknowledged(NUMBERS))


async def pushed(rig: FolderRig, **settings: object) -> None:
    rig.settings = settings
    warehouse = await rig.connect()
    for numbers in (NUMBERS[:2], NUMBERS[2:]):
        await warehouse.push([an_order(number) for number in numbers], rig.delivery())


async def test_the_adapter_is_what_the_flows_look_for(rig: FolderRig) -> None:
    warehouse = await rig.connect()
    assert isinstance(warehouse, Acknowledges)
    assert isinstance(warehouse, KeepsFiles)


async def test_a_warehouse_that_shows_nothing_is_not_asked(rig: FolderRig) -> None:
    await pushed(rig)
    assert not (await rig.connect()).capabilities.tells_pickup
    assert await told(rig) == {}


@pytest.mark.parametrize("settings", [{}, {"file_format": "json"}, {"layout": "dsfx"}, {"layout": "shipstation-csv"}])
async def test_a_file_taken_away_means_that_its_orders_are_taken(rig: FolderRig, settings: dict[str, object]) -> None:
    await pushed(rig, acknowledgement="moved", **settings)
    assert [one.taken for one in (await told(rig)).values()] == [False, False, False]
    rig.files()[0].unlink()
    assert [one.taken for one in (await told(rig)).values()] == [True, True, False]


async def test_a_file_of_its_own_tells_each_order(rig: FolderRig) -> None:
    await pushed(rig, acknowledgement="file")
    ack = rig.root / "ack" / "ack_orders.csv"
    ack.write_bytes(
        b"order_number,status,message\r\nSUB-1,ACCEPTED,\r\nSUB-2,Rejected,SKU \x1b[1m unknown\r\nSUB-9,OK,\r\n"
    )
    assert not any(one.taken for one in (await told(rig)).values()), "it is still being written"
    rig.age(ack, 120)
    for _ in ("first", "again"):
        one, two, three = (await told(rig)).values()
        assert (one.taken, one.refused) == (True, "")
        assert not two.taken
        assert two.refused.startswith("SKU")
        assert "\x1b" not in two.refused
        assert (three.taken, three.refused) == (False, "")


async def test_the_latest_word_counts(rig: FolderRig) -> None:
    await pushed(rig, acknowledgement="file")
    for name, status, age in (("b.csv", "rejected", 900), ("a.csv", "accepted", 120), ("c.csv", "perhaps", 100)):
        (rig.root / "ack" / name).write_text(f"order_number,status\nSUB-1,{status}\n")
        rig.age(rig.root / "ack" / name, age)
    assert (await told(rig))["SUB-1"].taken


async def test_old_files_of_ours_are_forgotten_and_the_warehouses_own_are_not(rig: FolderRig) -> None:
    await pushed(rig)
    rig.drop("shp.csv", b"order_number,tracking_number\nSUB-1,T1\nSUB-2\n")
    assert len(await all_parcels(await rig.connect())) == 1
    staged = rig.root / ".cratejoy-tui" / "staging" / "orders_left.csv"
    staged.write_text("Ada Example")
    kept: list[Path] = [*(rig.root / "archive").iterdir(), *(rig.root / "error").iterdir(), staged]
    assert len(kept) == 3
    warehouse = await rig.connect()
    for path in [*kept, *rig.files()]:
        rig.age(path, 86_400)
    assert await warehouse.purge(rig.clock.now() - timedelta(days=2)) == 0
    assert await warehouse.purge(rig.clock.now() - timedelta(hours=1)) == 3
    assert not any(path.exists() for path in kept)
    assert len(rig.files()) == 2
    await warehouse.verify()
