"""The stop-ship list: who is on it, how it prints, how it is ticked off."""

from __future__ import annotations

import csv
import io

import pytest

from cratejoy_tui.errors import ItemRefused
from cratejoy_tui.sync.domain.record import TaskKind
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.flows.cancel import note_cancellations
from cratejoy_tui.sync.flows.cancellations import as_csv, as_text, stop_ship_list, tick_off
from tests.sync.factories import ship_to, shipment
from tests.sync.flows.conftest import MakeRig
from tests.sync.flows.rig import Rig


async def cancelled_late(make_rig: MakeRig, **changes: object) -> Rig:
    """A box cancelled in Cratejoy after it went to a warehouse that cannot cancel."""
    rig = await make_rig(shipment(**changes), can_cancel=False)
    await rig.push()
    rig.source.change("4124", status="cancelled")
    await rig.pull()
    await note_cancellations(rig.desk)
    return rig


async def test_a_box_to_stop_stands_on_the_list_once(make_rig: MakeRig) -> None:
    rig = await cancelled_late(make_rig)
    [box] = await stop_ship_list(rig.desk)
    assert (box.number, box.reference, box.to, box.items) == ("SUB-4124", "W-SUB-4124", "Ada Example", "1 x TEA-01")
    assert box.stage is Stage.CANCEL_BY_HAND
    assert len(box.task_ids) == 2


async def test_other_work_is_not_on_the_list(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.push()
    await rig.ledger.people.task(TaskKind.DRIFT, "4124", "SUB-4124", "it changed")
    assert await stop_ship_list(rig.desk) == ()


async def test_the_list_prints_one_box_a_paragraph(make_rig: MakeRig) -> None:
    rig = await cancelled_late(make_rig)
    text = as_text(await stop_ship_list(rig.desk), rig.rules.zone)
    assert text.startswith("STOP 1 BOX\n")
    assert "[ ] SUB-4124  Ada Example" in text
    assert "2026-11-23 10:00" in text
    assert as_text((), rig.rules.zone) == "Nothing to stop.\n"


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A1", "\x1b]52;c;AAAA\x07Ada", "Ada\nStop nothing"])
async def test_a_hostile_name_can_do_nothing_on_the_list(make_rig: MakeRig, name: str) -> None:
    rig = await cancelled_late(make_rig, ship_to=ship_to(to=name))
    boxes = await stop_ship_list(rig.desk)
    text = as_text(boxes, rig.rules.zone)
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\nStop nothing" not in text
    rows = list(csv.reader(io.StringIO(as_csv(boxes), newline="")))
    assert len(rows) == 2
    assert not rows[1][3].startswith("=")


async def test_a_stopped_box_is_cancelled_on_a_persons_word(make_rig: MakeRig) -> None:
    rig = await cancelled_late(make_rig)
    assert await tick_off(rig.desk, "SUB-4124", "took it off the belt") is Stage.CANCELLED
    assert await stop_ship_list(rig.desk) == ()
    done = await rig.ledger.people.tasks(open_only=False)
    assert {(task.done_by, task.note) for task in done} == {("ada", "stopped: took it off the belt")}


async def test_a_box_that_had_left_keeps_its_stage(make_rig: MakeRig) -> None:
    rig = await cancelled_late(make_rig)
    assert await tick_off(rig.desk, "4124", "", stopped=False) is Stage.CANCEL_BY_HAND
    assert await stop_ship_list(rig.desk) == ()


async def test_what_is_not_on_the_list_cannot_be_ticked_off(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.push()
    with pytest.raises(ItemRefused):
        await tick_off(rig.desk, "4124", "")
