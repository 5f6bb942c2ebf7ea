from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cratejoy_tui.simulator.knobs import Fault, Knobs


def test_knobs_survive_being_written_down() -> None:
    knobs = Knobs(delivery="blind", pick_minutes=(1, 2), faults=(Fault(kind="slow", seconds=3, times=1),))
    assert msgspec.json.decode(msgspec.json.encode(knobs), type=Knobs) == knobs


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"delivry": "blind"}, "unknown field `delivry`"),
        ({"delivery": "sometimes"}, "delivery"),
        ({"find_lag_seconds": "long"}, "float"),
        ({"find_lag_seconds": -1}, ">= 0"),
        ({"pick_minutes": [-3, 1]}, ">= 0"),
        ({"latency_seconds": -1}, ">= 0"),
        ({"faults": [{"kind": "explode"}]}, "kind"),
        ({"faults": [{"kind": "drop", "chance": 2}]}, "<= 1"),
        ({"faults": [{"kind": "drop", "chanse": 0.5}]}, "unknown field `chanse`"),
    ],
)
def test_a_knob_that_cannot_be_turned_so_is_refused_by_name(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Knobs().turned(changes)


def test_a_fault_concerns_only_what_it_names() -> None:
    fault = Fault(kind="drop", app="warehouse", method="POST", path="/api/orders")
    assert fault.matches("warehouse", "POST", "/api/orders/SUB-1/cancel")
    assert not fault.matches("warehouse", "GET", "/api/orders")
    assert not fault.matches("cratejoy", "POST", "/api/orders")
