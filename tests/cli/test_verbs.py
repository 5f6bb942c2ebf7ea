"""Every verb, typed on a demonstration store whose day was played to its end."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
from pathlib import Path

import pytest

from tests.cli.conftest import Command, boxes, held_for, lines, one_box


def test_a_second_run_of_an_ended_day_writes_nothing(demo: Command) -> None:
    ended = demo("--auto", "--json")
    assert ended.code == 0
    assert lines(ended)[-1]["writes"] == 0


def test_the_next_day_is_played_when_asked_for(demo: Command) -> None:
    first = lines(demo("--auto", "--json", "--demo-next-day"))[-1]
    assert first["writes"] > 0
    assert demo("--auto", "--read-only", "--demo-reset", "--json").code in (0, 1)


def test_a_quiet_run_that_goes_well_says_nothing(demo: Command) -> None:
    for words in (["--auto", "--quiet"], ["status", "--quiet", "--max-age", "1h"]):
        ended = demo(*words)
        assert (ended.code, ended.out, ended.err) == (0, "", "")


def test_a_quiet_run_says_that_somebody_should_look(demo: Command) -> None:
    ended = demo("--auto", "--quiet", "--demo-reset")
    assert (ended.code, ended.out) == (1, "")
    assert "newly held" in ended.err


def test_a_dry_run_sends_nothing_and_says_what_it_would(demo: Command) -> None:
    ended = demo("--auto", "--dry-run", "--json", "--demo-next-day")
    found = lines(ended)
    assert found[-1]["writes"] == 0
    assert [line for line in found if line["type"] == "plan"]


def test_status_counts_what_list_lists(demo: Command) -> None:
    (status,) = lines(demo("status", "--json"))
    listed = boxes(demo)
    for stage, count in status["stages"].items():
        assert count == sum(box["stage"] == stage for box in listed)
    text = demo("status").out
    assert "demo > Simulated Warehouse" in text
    assert "Last good run: 20" in text


def test_status_minds_the_age_of_the_last_good_run(demo: Command) -> None:
    assert demo("status", "--max-age", "30m").code == 0
    assert demo("status", "--max-age", "never").code == 2
    stale = demo("--demo-next-day", "--auto", "--dry-run").code
    assert stale in (0, 1)
    ended = demo("status", "--max-age", "1s")
    assert ended.code == 1
    assert "no good run within 1s" in ended.err


def test_boxes_are_listed_by_stage_reason_and_number(demo: Command) -> None:
    held = boxes(demo, "--stage", "held")
    assert {box["stage"] for box in held} == {"held"}
    assert {box["reason"] for box in boxes(demo, "--reason", "no_sku")} == {"NO_SKU"}
    number = held[0]["order_number"]
    assert [box["order_number"] for box in boxes(demo, number)] == [number]
    assert len(boxes(demo, "--limit", "3")) == 3
    assert boxes(demo, "nothing-like-it") == []
    assert len(boxes(demo, "--stage", "at-warehouse", "--stage", "held")) > len(held)


def test_a_stage_that_does_not_exist_is_told(demo: Command) -> None:
    ended = demo("list", "--stage", "lost")
    assert ended.code == 2
    assert "at warehouse" in ended.err


def test_explain_tells_every_rule_and_when_it_will_go(demo: Command) -> None:
    box = held_for(demo, "NO_SKU")
    (found,) = lines(demo("explain", box, "--json"))
    assert {verdict["rule"] for verdict in found["verdicts"]} == set(range(10))
    text = demo("explain", box).out
    assert "Reason: NO_SKU" in text
    assert "When: " in text


def test_explain_tells_what_was_done_about_a_confirmed_box(demo: Command) -> None:
    box = boxes(demo, "--stage", "confirmed")[0]
    text = demo("explain", box["order_number"]).out
    assert "What was done" in text
    assert "push" in text
    assert "Tracking" in text


def test_explain_of_a_number_nobody_knows_says_so(demo: Command) -> None:
    ended = demo("explain", "999")
    assert ended.code == 1
    assert "shipment 999" in ended.err


def test_a_plan_names_itself_and_push_minds_the_name(demo: Command) -> None:
    plan = lines(demo("plan", "--json"))[-1]
    assert plan["type"] == "plan"
    ended = demo("push", "--plan", "0123456789abcdef")
    assert ended.code == 6
    assert plan["hash"] in ended.err
    assert demo("push", "--plan", plan["hash"]).code == 0
    assert lines(demo("confirm", "--json"))[-1]["writes"] == 0


def test_a_note_stays_with_its_box(demo: Command) -> None:
    box = held_for(demo, "NO_SKU")
    assert demo("note", box, "called \x1b[2J the customer").code == 0
    text = demo("explain", box).out
    assert "the customer" in text
    assert "\x1b" not in text


def test_a_task_is_given_to_somebody(demo: Command) -> None:
    (status,) = lines(demo("status", "--json"))
    task = status["tasks"][0]["id"]
    assert demo("assign", str(task), "maria").code == 0
    (status,) = lines(demo("status", "--json"))
    assert [one["owner"] for one in status["tasks"] if one["id"] == task] == ["maria"]


def test_a_task_that_was_dealt_with_is_ticked_off(demo: Command) -> None:
    (status,) = lines(demo("status", "--json"))
    kinds = {one["kind"]: str(one["id"]) for one in status["tasks"]}
    assert demo("done", kinds["drift"], "--note", "told the customer").code == 0
    (status,) = lines(demo("status", "--json"))
    assert kinds["drift"] not in [str(one["id"]) for one in status["tasks"]]
    again = demo("done", kinds["drift"], "--note", "twice")
    assert (again.code, f"no open task {kinds['drift']}" in again.err) == (1, True)


def test_a_box_to_be_stopped_is_ticked_off_where_its_stage_is_asked(demo: Command) -> None:
    (status,) = lines(demo("status", "--json"))
    [(task, box)] = [(one["id"], one["shipment_id"]) for one in status["tasks"] if one["kind"] == "stop-ship"]
    ended = demo("done", str(task), "--note", "done")
    assert (ended.code, f"cancellations --done {box}" in ended.err) == (1, True)


def test_a_task_that_does_not_exist_is_nobodys(demo: Command) -> None:
    ended = demo("assign", "999", "maria")
    assert (ended.code, ended.out) == (1, "")
    assert "no task 999" in ended.err


def test_tracking_is_listed_and_decided(demo: Command) -> None:
    parcels = lines(demo("tracking", "list", "--all", "--json"))
    assert parcels
    assert demo("tracking").code == 0
    assert demo("tracking", "accept").code == 2
    assert demo("tracking", "accept", "99999").code == 1
    voided = next(parcel for parcel in parcels if parcel["voided"])
    assert demo("tracking", "accept", str(voided["id"])).code == 1
    assert demo("tracking", "reject", str(voided["id"])).code == 0
    again = lines(demo("tracking", "list", "--all", "--json"))
    assert [parcel["decision"] for parcel in again if parcel["id"] == voided["id"]] == ["rejected"]


def test_the_next_batches_are_looked_at(demo: Command) -> None:
    (found,) = lines(demo("readiness", "--days", "60", "--json"))
    assert found["batches"]
    assert "boxes" in demo("readiness").out


def test_another_setting_is_tried_without_changing_anything(demo: Command) -> None:
    before = boxes(demo)
    (found,) = lines(demo("whatif", "pull-ecommerce-orders=no", "--json"))
    assert found["becomes_held"] or found["other_reason"]
    assert "pull-ecommerce-orders: " in demo("whatif", "pull-ecommerce-orders=no").out
    assert boxes(demo) == before


@pytest.mark.parametrize("setting", ["nonsense=1", "target-ship-date-within=soon", "target-ship-date-within"])
def test_a_setting_that_cannot_be_tried_is_told(demo: Command, setting: str) -> None:
    assert demo("whatif", setting).code == 2


def test_the_three_sides_are_compared_by_name(demo: Command) -> None:
    ended = demo("reconcile", "--json")
    found = lines(ended)
    assert found[-1]["type"] == "reconciled"
    assert found[-1]["complete"]
    assert ended.code == (1 if len(found) > 1 else 0)
    assert "unshipped in Cratejoy" in demo("reconcile").out


def test_the_books_of_a_day_balance(demo: Command) -> None:
    (found,) = lines(demo("report", "--json"))
    counts = found["total"]["counts"]
    assert counts["opening"] + counts["new"] - counts["cancelled"] - counts["confirmed"] == counts["closing"]
    assert demo("report", "--day", "2020-01-01", "--from", "2020-01-01").code == 2
    assert demo("report", "--from", "2026-02-02", "--to", "2026-01-01").code == 2
    assert "Audit record" in demo("report").out


def test_a_report_is_of_a_month_or_a_shift(demo: Command) -> None:
    (today,) = lines(demo("report", "--json"))
    (month,) = lines(demo("report", "--json", "--month", today["last"][:7]))
    assert (month["first"], month["last"]) == (today["last"][:8] + "01", today["last"])
    assert month["total"]["counts"]["new"] >= today["total"]["counts"]["new"] > 0
    (past,) = lines(demo("report", "--json", "--month", "2024-02"))
    assert (past["first"], past["last"]) == ("2024-02-01", "2024-02-29")
    (night,) = lines(demo("report", "--json", "--shift", "23:58-23:59"))
    assert (night["shift"], night["total"]["counts"]["new"]) == ("23:58-23:59", 0)
    for wrong in ("06:00", "06:00-25:00"):
        assert "such as 06:00-14:00" in demo("report", "--shift", wrong).err
    assert demo("report", "--shift", "06:00-14:00", "--month", "2024-02").code == 2
    assert demo("report", "--day", "2024-02-01", "--month", "2024-02").code == 2


def test_everything_is_exported_into_a_private_file(demo: Command, tmp_path: Path) -> None:
    path = tmp_path / "boxes.csv"
    assert demo("export", "--to", str(path)).code == 0
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    assert len(rows) == len(boxes(demo))
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert demo("export", "--to", str(path)).code == 2
    held = lines(demo("export", "--form", "json", "--stage", "held"))
    assert len(held) == len(boxes(demo, "--stage", "held"))


def test_the_audit_is_whole_and_a_change_is_found(demo: Command, tmp_path: Path) -> None:
    import sqlite3

    assert demo("verify").code == 0
    with sqlite3.connect(tmp_path / "demo" / "ledger.sqlite") as ledger:
        ledger.execute("UPDATE audit SET operator='somebody else' WHERE seq=5")
    ledger.close()
    ended = demo("verify")
    assert ended.code == 7
    assert "record 5" in ended.err


def test_names_are_forgotten_only_when_it_is_said_twice(demo: Command) -> None:
    assert demo("purge", "--days", "0").code == 2
    (done,) = lines(demo("purge", "--days", "0", "--yes", "--json"))
    assert done["type"] == "purged"
    assert demo("verify").code == 0


def test_history_of_a_box_shows_its_newest_records(demo: Command) -> None:
    box = one_box(demo, "--stage", "confirmed")
    known = [record["seq"] for record in lines(demo("history", box, "--json"))]
    assert len(known) > 2
    assert [record["seq"] for record in lines(demo("history", box, "--json", "--limit", "2"))] == known[-2:]


def test_history_tells_the_last_runs(demo: Command) -> None:
    runs = lines(demo("history", "--limit", "2", "--json"))
    assert len(runs) == 2
    assert {run["operator"] for run in runs} == {"night shift"}
    [rules] = lines(demo("history", "--rules", "--json"))
    assert {json.loads(run["summary"])["rules"] for run in runs} == {rules["rules"]}
    assert json.loads(rules["json"])["retention_days"] == 30


def test_an_unknown_scenario_is_told(command: Command) -> None:
    ended = command("simulate", "--scenario", "quiet-sunday")
    assert ended.code == 2
    assert "calm-day" in ended.err


def test_the_log_names_boxes_and_nobody(demo: Command, played: Path) -> None:
    text = (played / "logs" / "cratejoy-tui.log").read_text()
    exported = lines(demo("export", "--form", "json"))
    confirmed = next(box for box in exported if box["stage"] == "confirmed")
    assert f"push {confirmed['shipment_id']} {confirmed['order_number']}: done" in text
    assert "auto at demo ends with" in text
    people = {box["ship_to"][part] for box in exported if box["ship_to"] for part in ("to", "street", "phone")}
    assert not [word for word in people if len(word) > 5 and word in text]
