"""Answers that are cut off, huge, endless or no JSON at all, and hostile data: held or told, and the others flow on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cratejoy_tui.simulator.cases import NASTY
from cratejoy_tui.simulator.cast import Box
from cratejoy_tui.simulator.knobs import Fault, FaultKind
from cratejoy_tui.simulator.placing import place
from cratejoy_tui.simulator.proof import record, verdict
from cratejoy_tui.simulator.scenarios import demo_world
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.flows.cycle import cycle
from tests.chaos.test_wrong_types import everything
from tests.chaos.town import Town, a_town
from tests.chaos.truth import Truth
from tests.cli.conftest import Command, command, config

__all__ = ["command", "config"]

QUICK: tuple[FaultKind, ...] = ("truncate", "status", "gzip_bomb")
SLOW: tuple[FaultKind, ...] = ("break_off", "garbage", "empty", "huge", "endless")
WHERE = (
    ("cratejoy", "GET", "/v1.1/"),
    ("cratejoy", "GET", "/v1/"),
    ("cratejoy", "PUT", ""),
    ("warehouse", "POST", "/api/orders"),
    ("warehouse", "GET", "/api/shipments"),
)
HOUR = 3600
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
PLAIN = ("ecom", "canadian", "emoji", "markup", "month-to-month")


@pytest.fixture
def town() -> Iterator[Town]:
    with a_town(delivery="look-up") as made:
        yield made


@pytest.mark.parametrize(("app", "method", "path"), WHERE, ids=[" ".join(filter(None, where)) for where in WHERE])
@pytest.mark.parametrize("kind", [*QUICK, *(pytest.param(kind, marks=pytest.mark.slow) for kind in SLOW)])
def test_a_day_of_spoilt_answers_is_told_and_mended(
    town: Town, kind: FaultKind, app: str, method: str, path: str
) -> None:
    """Every answer of one kind is spoilt for half a day."""
    truth = Truth(town)
    for _ in range(2):
        place(town.world, Box())
    fault = Fault(kind=kind, app=app, method=method, path=path, body="html")  # type: ignore[arg-type]
    town.world.turn(faults=[fault])
    told = []
    for seconds in (0, 400, 4 * HOUR):
        town.pass_by(seconds)
        ended = town.alone(cycle)
        assert ended is not None
        told += [str(problem) for problem in ended.problems] + ended.incomplete
        told += [outcome.reason for outcome in ended.outcomes if outcome.reason]
    truth.check()
    assert told or (kind, method) == ("empty", "PUT")  # a 2xx and a read that shows the number are enough
    assert not [text for text in told if CONTROL.search(text) or len(text) > 1000]
    town.world.turn(faults=[])
    for seconds in (400, HOUR, 4 * HOUR, HOUR):
        town.pass_by(seconds)
        town.alone(cycle)
    truth.check()
    assert town.alone(truth.at_rest) == []
    assert {box.stage for box in (town.alone(everything) or {}).values()} == {Stage.CONFIRMED}


# hostile data, from the shipment to the operator's screen


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a demonstration that plays the nasty data."""
    folder = tmp_path / "demo"
    monkeypatch.setenv("CRATEJOY_TUI_DEMO", str(folder))
    folder.mkdir()
    demo_world(folder / "world.sqlite", "nasty-data", boxes=6).close()
    return folder


def test_every_nasty_box_is_held_with_a_reason_and_the_others_leave(demo: Path, command: Command) -> None:
    assert command("--auto", "--demo", "--json").code in (0, 1)
    world = demo_world(demo / "world.sqlite")
    told = verdict(world)
    assert told.proven
    assert told.lost == ()
    arrived = record(world).received
    must_not_leave = {
        str(world.case(box.case)) for box in NASTY if box.expected == "hold" and box.case != "extra-everything"
    }
    assert not [number for number in arrived if number.removeprefix("SUB-") in must_not_leave]
    unheard_of = str(world.case("status-unheard-of"))  # Cratejoy does not list it as unshipped
    for case in PLAIN:
        assert {str(world.case(case)), f"SUB-{world.case(case)}"} & arrived.keys(), case
    world.close()
    for id_ in must_not_leave - {unheard_of}:
        explained = command("explain", id_, "--demo")
        assert "held" in explained.out, explained.out
        _harmless(explained)


def test_no_control_character_reaches_the_operator(demo: Path, command: Command, tmp_path: Path) -> None:
    world = demo_world(demo / "world.sqlite")
    ids = [str(world.case(box.case)) for box in NASTY]
    world.close()
    _harmless(command("--auto", "--demo", "--verbose"))
    for words in (
        ("status",),
        ("list",),
        ("list", "--json"),
        ("plan",),
        ("tracking",),
        ("cancellations",),
        ("reconcile",),
        ("readiness",),
        ("report",),
        ("history",),
        ("export",),
        ("export", "--form", "json"),
    ):
        _harmless(command(*words, "--demo"))
    for id_ in ids:
        _harmless(command("explain", id_, "--demo"))
    logs = [path for path in (tmp_path / "logs").rglob("*") if path.is_file()]
    for path in logs:
        assert not CONTROL.search(path.read_text(encoding="utf-8").replace("\r\n", "\n")), path


def _harmless(ended: object) -> None:
    from tests.cli.conftest import Ended

    assert isinstance(ended, Ended)
    for text in (ended.out, ended.err):
        found = CONTROL.search(text.replace("\r\n", "\n"))
        assert not found, text[max(0, found.start() - 80) : found.end() + 20]
    assert "Traceback" not in ended.err
