"""The benches run; how fast is for people to read, not for a test to judge."""

from __future__ import annotations

import pytest

from tests.bench import __main__ as benches
from tests.bench import pull, push, questions, start

FEW = 60


def test_the_pull_bench_compares_the_same_requests(capsys: pytest.CaptureFixture[str]) -> None:
    pull.bench(FEW, rounds=1)
    bare, mine, second, *_ = capsys.readouterr().out.splitlines()
    assert bare.split("requests ")[1].split()[0] == mine.split("requests ")[1].split()[0]
    assert f"planned {FEW}" in mine or "held" in mine
    assert "writes 0" in second


def test_the_push_bench_pushes_every_order(capsys: pytest.CaptureFixture[str]) -> None:
    push.bench(FEW, rounds=1)
    assert f"{FEW} of {FEW}" in capsys.readouterr().out


def test_the_start_bench_names_both_flags(capsys: pytest.CaptureFixture[str]) -> None:
    start.bench(rounds=1)
    told = capsys.readouterr().out
    assert "--version" in told
    assert "--help" in told


def test_the_questions_bench_asks_each_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    questions.bench(FEW)
    asked = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert asked == ["status", "overdue", "reconcile", "report"]


def test_a_bench_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert benches.main(["pull", "moonshot"]) == 2
    assert "no bench called moonshot" in capsys.readouterr().err
