"""A plan far larger than usual waits for a person."""

from __future__ import annotations

import pytest

from cratejoy_tui.sync.domain.limits import over_limit, suddenly_empty
from cratejoy_tui.sync.domain.rules import PlanLimits


@pytest.mark.parametrize(
    ("boxes", "largest", "refused"),
    [
        (0, None, False),
        (200, None, False),
        (201, None, True),
        (200, 1, False),
        (201, 66, True),
        (201, 67, False),
        (3000, 1000, False),
        (3001, 1000, True),
        (201, 0, True),
    ],
)
def test_a_plan_is_refused_when_over_200_and_over_three_times_the_largest(
    boxes: int, largest: int | None, refused: bool
):
    assert (over_limit(boxes, largest, PlanLimits()) is not None) is refused


def test_the_refusal_says_what_it_was_measured_against():
    assert "(50)" in str(over_limit(500, 50, PlanLimits()))
    assert "40 days" in str(over_limit(500, None, PlanLimits()))
    assert over_limit(500, None, PlanLimits(boxes=500)) is None


def test_a_store_that_is_suddenly_empty_is_a_fault_not_calm():
    assert suddenly_empty(0, 50)
    assert not suddenly_empty(1, 50)
    assert not suddenly_empty(0, 2)
