from __future__ import annotations

from datetime import timedelta

import pytest

from cratejoy_tui.sync.domain.retry import next_try
from tests.sync.factories import NOW


@pytest.mark.parametrize(("attempts", "minutes"), [(0, 1), (1, 1), (2, 5), (3, 15), (4, 60), (5, 60), (500, 60)])
def test_a_transient_fault_is_tried_again_ever_later_and_never_given_up(attempts: int, minutes: int) -> None:
    assert next_try(attempts, NOW) - NOW == timedelta(minutes=minutes)
