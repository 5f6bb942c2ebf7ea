from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.cli.options import seconds_of
from cratejoy_tui.errors import CredentialsMissing, KeyringUnavailable, LedgerError, LockHeld, SignInRefused, UnsafePlan
from cratejoy_tui.sync.domain.plan import Hold, Outcome, Plan, Result, Row
from cratejoy_tui.sync.domain.stage import Kind, Stage
from cratejoy_tui.sync.flows.cycle import ALL_ARROWS, Arrow, Cycled
from cratejoy_tui.sync.flows.desk import Remark, Step
from tests.cli.conftest import Command
from tests.sync.factories import NOW


def outcome(result: Result) -> Outcome:
    return Outcome(
        kind=Kind.PUSH,
        shipment_id="1",
        number="SUB-1",
        result=result,
        stage=Stage.ERROR,
        reason="SKU \x1b[31mTEA unknown",
    )


class Runs:
    """Cycles that end as the test says, and how they were asked for."""

    def __init__(self, **by_store: Cycled | BaseException) -> None:
        self.by_store = by_store
        self.asked: list[dict[str, Any]] = []

    async def cycle(self, desk: Any, **how: Any) -> Cycled:
        self.asked.append({"store": desk.store, **how})
        ended = self.by_store[desk.store]
        if isinstance(ended, BaseException):
            raise ended
        return ended


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch, desks: dict[str, Any]) -> Runs:
    found = Runs(main=Cycled(store="main"), tea=Cycled(store="tea"))
    monkeypatch.setattr("cratejoy_tui.sync.flows.cycle.cycle", found.cycle)
    desks.update(main=SimpleNamespace(store="main"), tea=SimpleNamespace(store="tea"))
    return found


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_every_store_has_one_cycle(command: Command, runs: Runs) -> None:
    ended = command("--auto")
    assert ended.code == 0
    assert [ask["store"] for ask in runs.asked] == ["main", "tea"]
    assert runs.asked[0]["only"] == ALL_ARROWS
    assert "All well." in ended.out


def test_the_flags_reach_the_cycle(command: Command, runs: Runs) -> None:
    command("--auto", "--store", "tea", "--only", "push, confirm", "--limit-push", "0", "--dry-run")
    (ask,) = runs.asked
    assert ask == {
        "store": "tea",
        "only": frozenset({Arrow.PUSH, Arrow.CONFIRM}),
        "limit_push": 0,
        "dry_run": True,
    }


def test_json_ends_with_a_summary(command: Command, runs: Runs) -> None:
    runs.by_store["tea"] = Cycled(
        store="tea",
        outcomes=[outcome(Result.DONE), outcome(Result.REFUSED)],
        stages={"held": 2},
        counts=Counter(new=3),
        requests=7,
        writes=2,
        seconds=1.23456,
    )
    ended = command("--auto", "--json", "--store", "tea")
    found = lines(ended.out)
    assert [line["type"] for line in found] == ["outcome", "outcome", "summary"]
    assert "\x1b" not in ended.out
    summary = found[-1]
    assert ended.code == summary["exit_code"] == 1
    assert (summary["requests"], summary["writes"], summary["seconds"]) == (7, 2, 1.235)
    assert summary["stages"] == {"held": 2}
    assert summary["outcomes"] == {"push": {"done": 1, "refused": 1}}


def test_a_dry_run_prints_its_plan(command: Command, runs: Runs) -> None:
    row = Row(Kind.PUSH, "1", "SUB-1", "x")
    plan = Plan(store="tea", made_at=NOW, rules="r", rows=(row,), holds=(Hold("2", "NO_SKU"),))
    runs.by_store["tea"] = Cycled(store="tea", plan=plan)
    found = lines(command("--auto", "--dry-run", "--json", "--store", "tea").out)
    assert [line["type"] for line in found] == ["row", "hold", "plan", "summary"]
    assert found[2]["hash"] == plan.hash
    text = command("--auto", "--dry-run", "--store", "tea").out
    assert "SUB-1" in text
    assert "NO_SKU" in text
    assert f"Plan {plan.hash} for tea: 1 to send, 1 held." in text


@pytest.mark.parametrize(
    ("cycled", "code"),
    [
        (Cycled(store="main"), 0),
        (Cycled(store="main", newly_held=1), 1),
        (Cycled(store="main", outcomes=[outcome(Result.UNKNOWN)]), 1),
        (Cycled(store="main", outcomes=[outcome(Result.CHANGED)]), 0),
        (Cycled(store="main", incomplete=["ecom broke off"]), 5),
        (Cycled(store="main", newly_held=1, problems=[SignInRefused("x")]), 3),
        (Cycled(store="main", problems=[UnsafePlan("x"), SignInRefused("x")]), 3),
    ],
)
def test_the_code_tells_the_worst_that_happened(cycled: Cycled, code: int) -> None:
    assert cycled.exit_code == code


def test_one_store_in_trouble_does_not_stop_the_next(command: Command, runs: Runs, desks: dict[str, Any]) -> None:
    desks["main"] = CredentialsMissing("Store main has no client id.")
    ended = command("--auto", "--json")
    assert ended.code == ExitCode.USAGE
    assert [ask["store"] for ask in runs.asked] == ["tea"]
    assert [line["type"] for line in lines(ended.out)] == ["error", "summary"]


def test_another_run_on_the_store_is_told(command: Command, runs: Runs) -> None:
    runs.by_store["main"] = LockHeld("host:42 works on main since 10:00.")
    ended = command("--auto", "--store", "main")
    assert ended.code == 8
    assert "host:42" in ended.err


def test_it_stays_and_ends_cleanly_when_asked_to(command: Command, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def wait(stop: Any, seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            stop.ask(ExitCode.TERMINATED)

    monkeypatch.setattr("cratejoy_tui.cli.running.Stop.wait", wait)
    ended = command("--auto", "--every", "15m", "--store", "main")
    assert ended.code == 143
    assert len(runs.asked) == 3
    assert all(810 <= seconds <= 990 for seconds in waited)
    assert len(set(waited)) > 1


@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals to itself")
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_the_summary_tells_the_code_the_process_ends_with(
    command: Command, runs: Runs, monkeypatch: pytest.MonkeyPatch, name: str, code: int
) -> None:
    async def cycle(desk: Any, **_: Any) -> Cycled:
        os.kill(os.getpid(), getattr(signal, name))
        for _ in range(5):
            await asyncio.sleep(0)  # the signal reaches the loop by a pipe
        return Cycled(store=desk.store, newly_held=1, stopped_early=True)

    monkeypatch.setattr("cratejoy_tui.sync.flows.cycle.cycle", cycle)
    ended = command("--auto", "--json")
    (summary,) = lines(ended.out)
    assert (ended.code, summary["exit_code"], summary["stopped_early"]) == (code, code, True)


@pytest.mark.parametrize(("text", "seconds"), [("15m", 900), ("2h", 7200), ("90s", 90), ("90", 90), ("1D", 86400)])
def test_a_time_is_read_as_written(text: str, seconds: int) -> None:
    assert seconds_of(text, "--every") == seconds


def test_what_a_run_tells_is_said_beside_the_results(
    command: Command, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    from contextlib import asynccontextmanager

    @asynccontextmanager
    async def opened(options: Any, name: str, label: str, stop: Any, tell: Any) -> Any:
        tell(Step(name="pull", done=1, total=2))
        tell(Remark(text="ecom took long"))
        tell(outcome(Result.DONE))
        tell(outcome(Result.REFUSED))
        yield SimpleNamespace(store=name)

    monkeypatch.setattr("cratejoy_tui.cli.desks.opened", opened)
    ended = command("--auto", "--store", "main", "--json")
    assert ended.err.splitlines() == ["ecom took long", "push SUB-1: refused. SKU �[31mTEA unknown"]
    assert len(lines(ended.out)) == 1


class Recent:
    """The last run of a ledger, and what was run after it by hand."""

    def __init__(self, exit_code: int, *by_hand: tuple[str, int | None]) -> None:
        told = [*reversed(by_hand), ("auto", exit_code)]
        self.runs = [SimpleNamespace(kind=kind, exit_code=code) for kind, code in told]

    async def recent(self, limit: int = 50) -> list[SimpleNamespace]:
        return self.runs[:limit]


@pytest.fixture
def heard(config: Path, tmp_path: Path) -> Callable[[], list[dict[str, Any]]]:
    """What the operator's own command was told so far, call by call."""
    path = tmp_path / "heard"
    script = f"import sys; open({str(path)!r}, 'a').write(sys.stdin.read())"
    argv = json.dumps([sys.executable, "-I", "-c", script])
    config.write_text(f'[stores.main]\non_attention = {argv}\n[stores.main.warehouse]\nkind = "folder"\n')
    return lambda: lines(path.read_text()) if path.exists() else []


def test_a_desk_that_cannot_open_is_told_once_and_remembered(
    command: Command, runs: Runs, desks: dict[str, Any], heard: Callable[[], list[dict[str, Any]]]
) -> None:
    for error in (CredentialsMissing("Store main has no client id."), KeyringUnavailable("The keyring is locked.")):
        desks["main"] = error
        assert command("--auto").code == ExitCode.USAGE
    (told,) = heard()
    assert (told["store"], told["exit_code"]) == ("main", 2)
    assert told["problems"][0]["message"] == "Store main has no client id."
    desks["main"] = SimpleNamespace(store="main", ledger=SimpleNamespace(runs=Recent(2)))
    assert command("--auto").code == 0
    assert [one["exit_code"] for one in heard()] == [2, 0]


@pytest.mark.parametrize(("before", "by_hand", "told"), [(4, 0, [0]), (0, 4, []), (4, None, [0])])
def test_what_was_run_by_hand_meanwhile_is_no_news(
    command: Command,
    runs: Runs,
    desks: dict[str, Any],
    heard: Callable[[], list[dict[str, Any]]],
    before: int,
    by_hand: int | None,
    told: list[int],
) -> None:
    recent = Recent(before, ("dry run", by_hand), ("console push", by_hand))
    desks["main"] = SimpleNamespace(store="main", ledger=SimpleNamespace(runs=recent))
    assert command("--auto").code == 0
    assert [one["exit_code"] for one in heard()] == told


def test_a_ledger_that_cannot_be_used_calls_for_attention_each_time(
    command: Command, runs: Runs, desks: dict[str, Any], heard: Callable[[], list[dict[str, Any]]], tmp_path: Path
) -> None:
    (tmp_path / "ledger.db").write_text("no ledger at all, but long enough to be looked at")
    desks["main"] = LedgerError("The ledger is damaged.")
    assert [command("--auto").code for _ in range(2)] == [7, 7]
    assert [one["exit_code"] for one in heard()] == [7, 7]


def test_a_cycle_that_breaks_off_is_told_and_one_that_another_run_keeps_out_is_not(
    command: Command, runs: Runs, desks: dict[str, Any], heard: Callable[[], list[dict[str, Any]]]
) -> None:
    desks["main"] = SimpleNamespace(store="main", ledger=SimpleNamespace(runs=Recent(0)))
    runs.by_store["main"] = LockHeld("host:42 works on main since 10:00.")
    assert command("--auto").code == 8
    assert heard() == []
    runs.by_store["main"] = LedgerError("The disk is full.")
    assert command("--auto").code == 7
    assert [one["problems"][0]["message"] for one in heard()] == ["The disk is full."]
