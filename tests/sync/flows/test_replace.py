"""Another tracking number for a confirmed box: one write, without status, at a person's word."""

from __future__ import annotations

from dataclasses import replace as changed

import pytest

from cratejoy_tui.errors import ItemRefused, ReadOnly
from cratejoy_tui.sync.domain.plan import Result
from cratejoy_tui.sync.domain.record import TaskKind
from cratejoy_tui.sync.domain.stage import Kind, Stage, State
from cratejoy_tui.sync.flows.fetch import fetch_tracking
from cratejoy_tui.sync.flows.replace import replace
from tests.sync.factories import shipment
from tests.sync.flows.conftest import MakeRig
from tests.sync.flows.rig import TRACKING_NUMBERS, Rig
from tests.sync.ledger.steps import emails

OLD, NEW = TRACKING_NUMBERS[:2]


async def relabelled(make_rig: MakeRig) -> Rig:
    """A confirmed box whose label was voided and made anew."""
    rig = await make_rig(shipment())
    await rig.confirm("SUB-4124")
    rig.warehouse.parcels = [changed(rig.warehouse.parcels[0], voided=True)]
    rig.warehouse.ship("SUB-4124", reference="P-2", tracking_number=NEW)
    await fetch_tracking(rig.desk)
    return rig


async def test_the_new_number_goes_out_once_without_status(make_rig: MakeRig) -> None:
    rig = await relabelled(make_rig)
    assert [task.kind for task in await rig.ledger.people.tasks()] == [TaskKind.RELABELLED]
    outcome = await replace(rig.desk, "SUB-4124", "label was torn")
    assert (outcome.kind, outcome.result, outcome.stage) == (Kind.REPLACE, Result.DONE, Stage.CONFIRMED)
    assert [(told.tracking_number, told.mark_shipped) for told in rig.source.told] == [(OLD, True), (NEW, False)]
    assert await rig.ledger.people.tasks() == []
    assert await emails(rig.ledger) == 2
    assert await rig.ledger.operations.confirmed_number("4124") == NEW


async def test_the_reason_is_kept_with_the_box(make_rig: MakeRig) -> None:
    rig = await relabelled(make_rig)
    await replace(rig.desk, "4124", "label was torn")
    operations = await rig.ledger.operations.of("4124")
    assert [(op.kind, op.state, op.reason) for op in operations][-1] == (
        Kind.REPLACE,
        State.ACCEPTED,
        "label was torn",
    )
    assert [note.text for note in await rig.ledger.people.notes("4124")] == [f"Replace {NEW}: label was torn"]


async def test_the_same_number_is_not_sent_twice(make_rig: MakeRig) -> None:
    rig = await relabelled(make_rig)
    await replace(rig.desk, "4124", "label was torn")
    with pytest.raises(ItemRefused):
        await replace(rig.desk, "4124", "again")
    assert len(rig.source.told) == 2


async def test_a_number_given_by_hand_is_sent_as_given(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.confirm("SUB-4124")
    await replace(rig.desk, "4124", "handed to a courier", tracking_number=" 1Z-77 ", carrier="UPS")
    assert (rig.source.told[-1].tracking_number, rig.source.told[-1].carrier_name) == ("1Z-77", "UPS")


async def test_a_number_cratejoy_shows_already_needs_no_write(make_rig: MakeRig) -> None:
    rig = await relabelled(make_rig)
    rig.source.change("4124", tracking_number=NEW)
    outcome = await replace(rig.desk, "4124", "label was torn")
    assert outcome.result is Result.DONE
    assert len(rig.source.told) == 1
    assert await emails(rig.ledger) == 1


async def test_a_box_that_cratejoy_unshipped_is_told_and_stays_confirmed(make_rig: MakeRig) -> None:
    rig = await relabelled(make_rig)
    rig.source.change("4124", status="cancelled")
    outcome = await replace(rig.desk, "4124", "label was torn")
    assert (outcome.result, outcome.stage) == (Result.CONFLICT, Stage.CONFIRMED)
    assert len(rig.source.told) == 1


async def test_only_a_confirmed_box_has_a_number_to_replace(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.push()
    with pytest.raises(ItemRefused, match="at warehouse"):
        await replace(rig.desk, "4124", "because")


async def test_it_takes_a_reason(make_rig: MakeRig) -> None:
    rig = await relabelled(make_rig)
    with pytest.raises(ItemRefused, match="reason"):
        await replace(rig.desk, "4124", "  ")
    assert len(rig.source.told) == 1


async def test_read_only_replaces_nothing(make_rig: MakeRig) -> None:
    rig = await relabelled(make_rig)
    rig.read_only = True
    with pytest.raises(ReadOnly):
        await replace(rig.desk, "4124", "label was torn")
    assert len(rig.source.told) == 1
