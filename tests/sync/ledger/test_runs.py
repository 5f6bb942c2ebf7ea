from __future__ import annotations

from cratejoy_tui.sync.ledger import Ledger
from tests.sync.factories import NOW


async def test_a_run_is_remembered_with_its_end(ledger: Ledger) -> None:
    good = await ledger.runs.begin("auto")
    await ledger.runs.finish(good.id, 1, True, '{"pushed": 3}')
    bad = await ledger.runs.begin("auto")
    await ledger.runs.finish(bad.id, 4, False)
    running = await ledger.runs.begin("push")
    last = await ledger.runs.last_good()
    assert last is not None
    assert (last.id, last.exit_code, last.summary, last.ended_at) == (good.id, 1, '{"pushed": 3}', NOW)
    assert [run.id for run in await ledger.runs.recent(2)] == [running.id, bad.id]
    assert (running.operator, running.ended_at) == ("ann", None)


async def test_settings_are_kept_when_they_change(ledger: Ledger) -> None:
    assert await ledger.runs.settings_in_force() is None
    for rules in ("a", "a", "b"):
        await ledger.runs.put_settings(rules, "{}", "ann")
    in_force = await ledger.runs.settings_in_force()
    assert in_force is not None
    assert (in_force.rules, in_force.by, in_force.since) == ("b", "ann", NOW)
    changes = [record for record in await ledger.audit.records() if record.action == "settings changed"]
    assert len(changes) == 2
