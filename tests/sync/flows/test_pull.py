"""What a pull leaves behind: boxes, their first verdict, and how many ask something of a person."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from cratejoy_tui.errors import Unreachable
from cratejoy_tui.sync.domain.shipment import Billing
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.flows.judging import judge_open
from cratejoy_tui.sync.flows.pull import Pulled, pull
from tests.sync.factories import ecom, sale, shipment
from tests.sync.flows.conftest import MakeRig
from tests.sync.flows.rig import Rig


def pending(rig: Rig, id_: str) -> None:
    [line] = rig.source.shipments[id_].lines
    rig.source.change(id_, lines=(replace(line, sale=sale(financial_status="pending")),))


async def test_new_boxes_are_judged_as_they_come_and_not_again(make_rig: MakeRig) -> None:
    rig = await make_rig(ecom(id="1"), shipment(id="2"), ecom(id="3"))
    pending(rig, "3")
    pulled = await pull(rig.desk)
    stages = {id_: stored.stage for id_, stored in (await rig.ledger.shipments.get(["1", "2", "3"])).items()}
    assert stages == {"1": Stage.PLANNED, "2": Stage.PLANNED, "3": Stage.HELD}
    assert (pulled.new, pulled.newly_held) == (3, 1)
    again = await judge_open(rig.desk)
    assert (again.judged, again.newly_held) == (0, 0)


async def test_a_known_hold_is_not_new_in_the_next_pull(make_rig: MakeRig) -> None:
    rig = await make_rig(ecom(id="3"))
    pending(rig, "3")
    await pull(rig.desk)
    again = await pull(rig.desk)
    assert (again.new, again.newly_held, (await judge_open(rig.desk)).newly_held) == (0, 0, 0)


async def test_what_came_before_a_stop_is_counted(make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = await make_rig(ecom(id="3"), shipment(id="4"))
    pending(rig, "3")
    list_unshipped = rig.source.list_unshipped

    def breaking(billing: Billing, until: object) -> object:
        if billing is not Billing.ECOM:
            raise Unreachable("Cratejoy could not be reached: no route.")
        return list_unshipped(billing, until)  # type: ignore[arg-type]

    monkeypatch.setattr(rig.source, "list_unshipped", breaking)
    pulled = Pulled()
    with pytest.raises(Unreachable):
        await pull(rig.desk, pulled)
    assert (pulled.new, pulled.newly_held) == (1, 1)
