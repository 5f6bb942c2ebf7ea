"""Explaining a box: known or never pulled, held, sent, purged."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import msgspec
import pytest

from cratejoy_tui.errors import OrderNotFound, Unreachable
from cratejoy_tui.sync.domain.reason import Reason
from cratejoy_tui.sync.domain.stage import Stage, State
from cratejoy_tui.sync.flows.explain import explain
from tests.sync.factories import NOW, ecom, line, sale, ship_to, shipment
from tests.sync.flows.conftest import MakeRig

UNPAID = (line(sale=sale(financial_status="pending")),)


async def test_a_box_never_pulled_is_read_from_cratejoy_and_leaves_no_trace(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    explained = await explain(rig.desk, "4124")
    assert not explained.is_known
    assert explained.read_from == "Cratejoy"
    assert explained.order_number == "SUB-4124"
    assert explained.would_send is not None
    assert explained.becoming.text == "It may be pushed now."
    assert await rig.ledger.shipments.get(["4124"]) == {}


async def test_every_rule_is_told_with_value_and_verdict(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(lines=UNPAID))
    explained = await explain(rig.desk, "4124")
    assert {verdict.rule for verdict in explained.verdicts} == set(range(10))
    failed = [verdict for verdict in explained.verdicts if not verdict.passed]
    assert [(verdict.rule, verdict.reason, verdict.value) for verdict in failed] == [(4, Reason.UNPAID, "pending")]
    assert explained.becoming.blockers == (Reason.UNPAID,)
    assert explained.becoming.at is None


@pytest.mark.parametrize("asked", ["4124", "SUB-4124", "sub-4124", " SUB-4124 ", "SUB-4124-R2"])
async def test_ids_and_order_numbers_lead_to_the_same_box(make_rig: MakeRig, asked: str) -> None:
    rig = await make_rig(shipment())
    assert (await explain(rig.desk, asked)).shipment_id == "4124"


async def test_a_one_time_box_whose_number_is_its_id_is_found_too(make_rig: MakeRig) -> None:
    rig = await make_rig(ecom(id="99"))
    await rig.push()
    assert (await explain(rig.desk, "99")).stage is Stage.AT_WAREHOUSE


async def test_a_box_due_later_says_when(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(adjusted_ordered_at=NOW + timedelta(days=30)))
    explained = await explain(rig.desk, "4124")
    assert explained.reason == Reason.NOT_DUE
    at = explained.becoming.at
    assert at is not None
    assert at.astimezone(rig.rules.zone).date() == date(2026, 12, 16)
    assert explained.becoming.blockers == ()
    assert "2026-12-16 00:00" in explained.becoming.text


async def test_a_date_that_comes_does_not_hide_what_waiting_never_mends(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(adjusted_ordered_at=NOW + timedelta(days=30), lines=UNPAID))
    becoming = (await explain(rig.desk, "4124")).becoming
    assert becoming.at is not None
    assert becoming.blockers == (Reason.UNPAID,)


async def test_a_box_at_the_warehouse_shows_what_was_done_and_what_drifted(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.ship("SUB-4124")
    await rig.ledger.people.note("4124", "customer called", "ada")
    rig.source.change("4124", ship_to=ship_to(unit="Apt 9"))
    explained = await explain(rig.desk, "SUB-4124")
    assert explained.stage is Stage.SHIPPED
    assert [operation.state for operation in explained.operations] == [State.ACCEPTED]
    assert [attempt.nr for attempt in explained.attempts] == [1]
    assert [tracked.parcel.order_number for tracked in explained.tracking] == ["SUB-4124"]
    assert [note.text for note in explained.notes] == ["customer called"]
    assert [(d.field, d.sent, d.now) for d in explained.drift] == [("ship-to unit", "Apt 3", "Apt 9")]
    assert "shipped" in explained.becoming.text
    assert explained.reason != Reason.ALREADY


async def test_without_cratejoy_a_known_box_is_explained_from_the_ledger(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.pull()
    rig.source.is_down = True
    explained = await explain(rig.desk, "4124")
    assert explained.read_from == "the ledger"
    assert "could not be reached" in explained.problem
    assert explained.would_send is not None


async def test_without_cratejoy_an_unknown_box_cannot_be_explained(make_rig: MakeRig) -> None:
    rig = await make_rig()
    rig.source.is_down = True
    with pytest.raises(Unreachable):
        await explain(rig.desk, "4124")


@pytest.mark.parametrize("asked", ["77", "", "SUB-", "\x1b[31m", "9" * 500])
async def test_what_nobody_knows_is_said_so(make_rig: MakeRig, asked: str) -> None:
    rig = await make_rig(shipment())
    with pytest.raises(OrderNotFound) as refused:
        await explain(rig.desk, asked)
    assert "\x1b" not in refused.value.message
    assert len(refused.value.message) < 200


async def test_a_purged_box_is_explained_by_its_deeds(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.confirm("SUB-4124")
    rig.clock.pass_by(days=40)
    await rig.ledger.purge(rig.clock.now(), "ada")
    del rig.source.shipments["4124"]
    explained = await explain(rig.desk, "4124")
    assert explained.stage is Stage.CONFIRMED
    assert explained.verdicts == ()
    assert [operation.kind for operation in explained.operations] == ["push", "confirm"]


async def test_a_released_rule_is_shown_as_released(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(lines=UNPAID))
    await rig.pull()
    await rig.ledger.people.release(["4124"], "ada", "paid by cheque")
    explained = await explain(rig.desk, "4124")
    assert explained.approved == (Reason.UNPAID,)
    assert any("released" in flag for flag in explained.flags)


async def test_an_explanation_can_be_written_as_json(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(id="8"))
    await rig.push()
    explained = msgspec.json.decode(msgspec.json.encode(await explain(rig.desk, "8")))
    assert explained["stage"] == "at warehouse"
    assert explained["sent"]["number"] == "SUB-8"


async def test_a_box_that_left_says_when_cratejoy_will_be_told(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.ship("SUB-4124")
    assert (await explain(rig.desk, "4124")).becoming.text == "It is shipped; it may be confirmed now."
    await rig.ledger.people.hold(["4124"], "customer called", "ada")
    explained = await explain(rig.desk, "4124")
    assert explained.becoming.text == "It is shipped; it is not confirmed: HELD_BY_PERSON, customer called."
    assert explained.becoming.blockers == ("HELD_BY_PERSON",)


async def test_a_box_labelled_just_now_waits_for_the_delay(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    rig.rules = replace(rig.rules, confirm_delay_minutes=24 * 60)
    await rig.ship("SUB-4124")
    becoming = (await explain(rig.desk, "4124")).becoming
    assert becoming.text.startswith("It is shipped; it will be confirmed from 2026-")
    assert becoming.at is not None
    assert becoming.at > NOW
