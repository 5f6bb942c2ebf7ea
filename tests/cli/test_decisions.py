"""What a person decides about boxes, typed on a demonstration store whose day was played to its end."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.cli.conftest import Command, boxes, held_for, lines, one_box


def test_a_held_box_is_held_until_it_is_released(demo: Command) -> None:
    box = held_for(demo, "NO_SKU")
    assert demo("hold", box, "--reason", "customer asked", "--as", "Maria").code == 0
    (found,) = boxes(demo, box)
    assert found["held_by"] == "Maria"
    (said,) = lines(demo("release", box, "--reason", "all clear", "--json"))
    assert said["shipment_ids"] == [box]
    (found,) = boxes(demo, box)
    assert (found["held_by"], found["reason"]) == ("", "NO_SKU")
    audit = lines(demo("history", box, "--json"))
    assert "Maria" in [record["operator"] for record in audit]


def test_holding_what_the_warehouse_has_says_that_it_is_too_late(demo: Command) -> None:
    box = one_box(demo, "--stage", "at-warehouse")
    ended = demo("hold", box, "--reason", "customer asked")
    assert (ended.code, f"`recall {box}`" in ended.out) == (0, True)


def test_a_decision_takes_order_numbers_too(demo: Command) -> None:
    box = boxes(demo, "--stage", "held")[0]
    (said,) = lines(demo("hold", box["order_number"], box["shipment_id"], "--reason", "x", "--json"))
    assert said["shipment_ids"] == [box["shipment_id"]]


@pytest.mark.parametrize(
    "verb",
    [
        ["retry"],
        ["settle", "--as", "sent", "--reason", "x"],
        ["resolve", "--as", "ours", "--reason", "x"],
        ["recall", "--reason", "x"],
        ["replace", "--reason", "x"],
    ],
    ids=lambda verb: verb[0],
)
def test_a_decision_that_does_not_fit_the_box_is_refused_with_its_stage(demo: Command, verb: list[str]) -> None:
    box = held_for(demo, "NO_SKU")
    ended = demo(*verb, box)
    assert ended.code == 1
    assert box in ended.err
    assert demo("verify").code == 0


def test_an_order_at_the_warehouse_is_recalled_and_sent_anew(demo: Command) -> None:
    box = one_box(demo, "--stage", "at-warehouse")
    assert demo("recall", box, "--reason", "wrong address").code == 0
    (found,) = boxes(demo, box)
    assert found["stage"] in ("cancelled", "cancel refused")
    ended = demo("resend", box, "--reason", "address corrected")
    if found["stage"] == "cancelled":
        assert ended.code == 0
        assert "generation 2" in ended.out
        assert [row["number"] for row in lines(demo("plan", "--json")) if row["type"] == "row"] == [f"SUB-{box}-R2"]
    else:
        assert ended.code == 1


def test_a_recall_may_wait_for_the_next_cycle(demo: Command) -> None:
    box = one_box(demo, "--stage", "at-warehouse")
    assert "recall recorded" in demo("recall", box, "--later", "--reason", "x").out
    (found,) = boxes(demo, box)
    assert found["stage"] == "at warehouse"


def test_a_recall_that_comes_too_late_says_so(demo: Command) -> None:
    box = one_box(demo, "--stage", "conflict")
    demo("resolve", box, "--as", "ours", "--reason", "it stands")
    ended = demo("recall", box, "--reason", "wrong address")
    assert (ended.code, "refused" in ended.out, "recalled" in ended.out) == (1, True, False)


def test_either_all_boxes_are_recalled_or_none(demo: Command) -> None:
    good, bad = one_box(demo, "--stage", "at-warehouse"), one_box(demo, "--stage", "confirmed")
    assert demo("recall", good, bad, "--reason", "wrong address").code == 1
    assert lines(demo("explain", good, "--json"))[0]["operations"][-1]["kind"] == "push"


def test_read_only_sends_nothing(demo: Command) -> None:
    box = one_box(demo, "--stage", "at-warehouse")
    ended = demo("recall", box, "--reason", "x", "--read-only")
    assert ended.code == 1
    assert "read-only" in ended.err
    (found,) = boxes(demo, box)
    assert found["stage"] == "at warehouse"


def test_orders_of_another_tool_are_adopted(demo: Command, tmp_path: Path) -> None:
    assert demo("adopt").code == 2
    (done,) = lines(demo("adopt", "none", "--json"))
    assert done["none"]
    listed = tmp_path / "there.txt"
    listed.write_text("SUB-999\n\n")
    ended = demo("adopt", "--file", str(listed))
    assert ended.code == 1
    assert "SUB-999 was left out" in ended.err


def test_the_stop_ship_list_is_printed_and_ticked_off(demo: Command) -> None:
    stops = lines(demo("cancellations", "--json"))
    assert stops
    box = stops[0]["shipment_id"]
    assert f"[ ] {stops[0]['number']}" in demo("cancellations").out
    rows = list(csv.reader(io.StringIO(demo("cancellations", "--csv").out)))
    assert len(rows) == len(stops) + 1
    assert demo("cancellations", "--done", box).code == 2
    assert demo("cancellations", "--left").code == 2
    assert demo("cancellations", "--done", box, "--left", "--note", "was on the truck").code == 0
    assert box not in [stop["shipment_id"] for stop in lines(demo("cancellations", "--json"))]
