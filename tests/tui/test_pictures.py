"""The activity room's pictures: counts as rows of marks, and what was asked against what may be asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cratejoy_tui.sync.domain.books import Run
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.ports import Calls
from cratejoy_tui.tui.dialogs.choice import ChoiceDialog
from cratejoy_tui.tui.pages.charts import bar, days_chart, requests_chart, stages_chart
from cratejoy_tui.tui.pages.runs import run_page, runs_chart
from tests.tui.conftest import console

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PARTS = [(30, "✓", "good"), (1, "!", "bad")]


def test_the_smallest_part_still_gets_a_mark_and_a_bar_fits_its_width() -> None:
    assert bar(PARTS, 31, 20).plain == "✓" * 19 + "!"
    assert bar(PARTS, 10, 20).plain == "✓" * 19 + "!…"
    assert bar(PARTS, 1000, 20).plain == "✓!"
    assert bar([], 0, 20).plain == ""


def test_every_box_stands_on_one_line_of_the_days() -> None:
    found = [
        (NOON - timedelta(days=60), Stage.HELD, 2),
        (NOON, Stage.PLANNED, 3),
        (NOON, Stage.CONFIRMED, 4),
        (NOON + timedelta(days=1), Stage.AT_WAREHOUSE, 1),
        (NOON + timedelta(days=90), Stage.SEEN, 5),
        (None, Stage.ERROR, 6),
    ]
    told = [line.plain.rstrip() for line in days_chart(found, NOON, UTC, 40)]
    assert told == [
        "earlier        2  ‖‖",
        "11-23 Mon◂     7  ✓✓✓✓●●●",
        "11-24 Tue      1  →",
        "later          5  ○○○○○",
        "no date        6  !!!!!!",
    ]


@pytest.mark.parametrize("stage", Stage)
def test_no_stage_is_missing_from_the_pictures(stage: Stage) -> None:
    assert [stage.value in line.plain for line in stages_chart({stage: 3}, 40)] == [True]
    assert " 3  " in days_chart([(NOON, stage, 3)], NOON, UTC, 40)[0].plain


def test_a_run_is_pictured_by_what_came_of_its_plan() -> None:
    run = Run(
        id=1,
        kind="auto",
        operator="cron",
        started_at=NOON,
        ended_at=NOON + timedelta(minutes=2),
        exit_code=1,
        summary='{"requests": 9, "writes": 3, "counts": {"new": 5}, "results": {"push done": 2, "push refused": 1}}',
    )
    [line] = runs_chart([run], UTC, 60)
    assert line.plain == "11-23 12:00 !      3  ✓✓!"
    text = run_page(run, UTC).plain
    for told in ("cron", "2 min", "2 push done", "1 push refused", "5 new", "9 requests"):
        assert told in text


@pytest.mark.parametrize("summary", ["", "[1]", "{", '{"results": 3}', '{"results": {"push done": "x"}}'])
def test_a_run_without_a_usable_summary_is_still_listed(summary: str) -> None:
    run = Run(id=1, kind="auto", operator="cron", started_at=NOON, ended_at=NOON, exit_code=7, summary=summary)
    [line] = runs_chart([run], UTC, 60)
    assert line.plain.startswith("11-23 12:00 ×      0")
    assert "cron" in run_page(run, UTC).plain


def test_requests_are_counted_by_the_minute_against_the_allowance() -> None:
    log = ["09:10:01 debug   http.client: Cratejoy GET /v1/x: 200 in 3 ms"] * 60
    log += [
        "11-22 09:11:59 debug   http.client: Acme POST /orders: 200 in 3 ms",
        "09:12:00 info    record: Cratejoy GET",
    ]
    sides = [("Cratejoy", Calls(requests=60, per_second=2.0)), ("Acme", Calls())]
    text = requests_chart(sides, log, 40).plain
    assert "120 a minute allowed; 60 asked, 0 writes" in text
    assert "09:10     60  " + "━" * 10 + "─" * 10 + "  50 %" in text
    assert "no limit of ours" in text
    assert "09:11      1  " in text
    assert "09:12" not in text


@pytest.mark.parametrize("theme", ["parcel", "ansi-dark"])
async def test_the_pictures_stand_in_the_room_and_as_pages_when_it_is_narrow(theme: str, demo: Path) -> None:
    async with console() as driver:
        driver.app.choose_theme(theme)
        await driver.refresh()
        await driver.press("5")
        await driver.idle()
        for told in ("●●●", "No run yet.", "Simulated Warehouse"):
            await driver.press("d")
            await driver.until(lambda told=told: told in driver.text(), told)
        await driver.pilot.resize_terminal(80, 24)
        await driver.idle()
        await driver.press("n")
        await driver.dialog(ChoiceDialog)
        await driver.type("day and stage")
        await driver.press("enter")
        await driver.until(lambda: "Now at each stage" in driver.text() or "11-23 Mon◂" in driver.text())
