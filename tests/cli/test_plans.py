"""What `push` and `confirm` say when they were stopped."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

from cratejoy_tui.cli.output import Output
from cratejoy_tui.cli.plans import apply_plan
from tests.sync.factories import shipment
from tests.sync.flows.rig import Rig


async def test_a_push_that_was_stopped_says_what_is_left(tmp_path: Path) -> None:
    rig = await Rig.make(tmp_path, shipment(id="4124"), shipment(id="4125"))
    await rig.pull()
    stopped = replace(rig.desk, should_stop=lambda: True)
    out, err = io.StringIO(), io.StringIO()
    await apply_plan(Output(results=out, talk=err), stopped, "push", "")
    assert "2 of 2 boxes were not begun" in err.getvalue()
    assert "Nothing to send" not in err.getvalue()
    await apply_plan(Output(results=out, talk=err), rig.desk, "push", "")
    assert err.getvalue().count("were not begun") == 1
    await rig.ledger.close()
