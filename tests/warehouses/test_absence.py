"""A number that was not there a moment ago is not looked up again, and in doubt it is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cratejoy_tui.warehouses.absence import Absences
from tests.warehouses.folder_rig import StoppedClock


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


def test_only_what_was_looked_up_and_missing_is_sure(clock: StoppedClock) -> None:
    absent = Absences(clock)
    absent.learn(["A", "B"], {"B"})
    assert absent.unsure(["A", "B", "C"]) == ["B", "C"]


@pytest.mark.parametrize(("seconds", "unsure"), [(60, []), (61, ["A"]), (-1, ["A"])])
def test_it_holds_for_a_minute_and_not_when_the_clock_went_back(
    clock: StoppedClock, seconds: int, unsure: list[str]
) -> None:
    absent = Absences(clock)
    absent.learn(["A"], ())
    clock.moment += timedelta(seconds=seconds)
    assert absent.unsure(["A"]) == unsure


def test_what_was_sent_is_looked_up_again(clock: StoppedClock) -> None:
    absent = Absences(clock)
    absent.learn(["A", "B"], ())
    absent.forget(["A"])
    assert absent.unsure(["A", "B"]) == ["A"]


def test_old_knowledge_is_let_go(clock: StoppedClock) -> None:
    absent = Absences(clock)
    for n in range(100):
        absent.learn([str(n)], ())
        clock.moment += timedelta(seconds=30)
    assert len(absent._seen) <= 3
