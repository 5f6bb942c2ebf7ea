"""All boxes as CSV and as JSON lines."""

from __future__ import annotations

import csv
import io
import json

import pytest

from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.flows.export import COLUMNS, Form, export
from tests.sync.factories import line, sale, ship_to, shipment
from tests.sync.flows.conftest import MakeRig
from tests.sync.flows.rig import TRACKING_NUMBERS, Rig

UNPAID = (line(sale=sale(financial_status="pending")),)


async def table(rig: Rig) -> list[dict[str, str]]:
    lines: list[str] = []
    await export(rig.desk, lines.append, Form.CSV)
    return list(csv.DictReader(io.StringIO("".join(lines), newline="")))


async def lines_of(rig: Rig) -> list[dict[str, object]]:
    lines: list[str] = []
    await export(rig.desk, lines.append, Form.JSON)
    assert all(text.endswith("\n") and "\n" not in text[:-1] for text in lines)
    return [json.loads(text) for text in lines]


async def test_an_empty_ledger_exports_its_headings(make_rig: MakeRig) -> None:
    rig = await make_rig()
    lines: list[str] = []
    assert await export(rig.desk, lines.append, Form.CSV) == 0
    assert next(csv.reader(lines)) == list(COLUMNS)


async def test_every_box_is_one_row_with_stage_and_the_old_words(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(id="1"), shipment(id="2", lines=UNPAID), shipment(id="3"))
    await rig.confirm("SUB-1")
    rows = {row["shipment_id"]: row for row in await table(rig)}
    assert {id_: (row["stage"], row["im_status"]) for id_, row in rows.items()} == {
        "1": ("confirmed", "Confirmed"),
        "2": ("held", "Error"),
        "3": ("at warehouse", "At WMS"),
    }
    assert rows["1"]["tracking_number"] == TRACKING_NUMBERS[0]
    assert rows["1"]["push_reference"] == "W-SUB-1"
    assert rows["1"]["confirm_state"] == "accepted"
    assert rows["2"]["reason"] == "UNPAID"
    assert rows["3"]["ship_to_unit"] == "Apt 3"
    assert rows["3"]["skus"] == "1 x TEA-01"


async def test_a_cancel_under_way_has_its_own_word(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.push()
    await rig.ledger.operations.ask_cancel("4124", "SUB-4124", "wrong box", "ada")
    assert (await table(rig))[0]["im_status"] == "Cancel Sending"


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "＝1"])
async def test_no_cell_can_act_as_a_formula(make_rig: MakeRig, name: str) -> None:
    rig = await make_rig(shipment(ship_to=ship_to(to=name)))
    await rig.push()
    assert (await table(rig))[0]["ship_to_to"] == f"'{name}"


async def test_a_newline_in_a_gift_message_stays_in_its_cell(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment(gift_message='Dear "Bob",\nenjoy'))
    await rig.push()
    assert (await table(rig))[0]["gift_message"] == 'Dear "Bob",\nenjoy'


async def test_json_lines_hold_every_write_and_parcel(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.confirm("SUB-4124")
    [box] = await lines_of(rig)
    assert [write["kind"] for write in box["writes"]] == ["push", "confirm"]  # type: ignore[attr-defined]
    assert box["parcels"][0]["tracking_number"] == TRACKING_NUMBERS[0]  # type: ignore[index]
    assert box["ship_to"]["to"] == "Ada Example"  # type: ignore[index]


async def test_a_purged_box_is_exported_without_its_person(make_rig: MakeRig) -> None:
    rig = await make_rig(shipment())
    await rig.confirm("SUB-4124")
    rig.clock.pass_by(days=40)
    await rig.ledger.purge(rig.clock.now(), "ada")
    [box] = await lines_of(rig)
    assert (box["stage"], box["ship_to"]) == ("confirmed", None)
    assert (await table(rig))[0]["ship_to_to"] == ""


async def test_stages_can_be_chosen_and_pages_are_joined(make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cratejoy_tui.sync.flows.export.AT_ONCE", 2)
    rig = await make_rig(*(shipment(id=str(nr)) for nr in range(5)), shipment(id="9", lines=UNPAID))
    await rig.pull()
    lines: list[str] = []
    assert await export(rig.desk, lines.append, Form.JSON, {Stage.PLANNED}) == 5
    assert [json.loads(text)["shipment_id"] for text in lines] == ["0", "1", "2", "3", "4"]
