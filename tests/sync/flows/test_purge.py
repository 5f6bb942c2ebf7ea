"""Forgetting by age, counted from closing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from cratejoy_tui.errors import ReadOnly
from cratejoy_tui.sync.flows.purge import purge
from tests.sync.factories import shipment
from tests.sync.flows.conftest import MakeRig
from tests.sync.flows.rig import MemoryWarehouse


class FileWarehouse(MemoryWarehouse):
    def __init__(self) -> None:
        super().__init__()
        self.purged: list[datetime] = []

    async def purge(self, before: datetime) -> int:
        self.purged.append(before)
        return 3


async def test_closed_boxes_are_forgotten_after_the_retention_and_not_before(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(id="1"), shipment(id="2"))
    await rig.confirm("SUB-1")
    rig.clock.pass_by(days=29)
    assert (await purge(rig.desk)).boxes == 0
    rig.clock.pass_by(days=2)
    purged = await purge(rig.desk)
    assert (purged.boxes, purged.files) == (1, None)
    stored = await rig.ledger.shipments.get(["1", "2"])
    assert stored["1"].shipment is None
    assert stored["2"].shipment is not None, "it is still open"
    assert (await rig.ledger.audit.verify()).ok


async def test_the_number_of_days_can_be_given(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.confirm("SUB-4124")
    rig.clock.pass_by(days=3)
    assert (await purge(rig.desk, days=2)).boxes == 1


async def test_files_of_a_file_warehouse_are_purged_too(make_rig: MakeRig) -> None:
    rig = await make_rig()
    rig.warehouse = files = FileWarehouse()
    rig.rules = replace(rig.rules, retention_days=10)
    assert (await purge(rig.desk)).files == 3
    assert files.purged == [rig.clock.now() - timedelta(days=10)]


async def test_read_only_forgets_nothing(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.confirm("SUB-4124")
    rig.clock.pass_by(days=60)
    rig.read_only = True
    with pytest.raises(ReadOnly):
        await purge(rig.desk)
