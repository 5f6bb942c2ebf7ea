from __future__ import annotations

import json
from types import MappingProxyType

from cratejoy_tui.sync.domain.books import AuditRecord
from cratejoy_tui.sync.domain.rules import Rules, rules_hash
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


async def test_rules_are_kept_once_and_a_run_names_them(ledger: Ledger) -> None:
    first, second = Rules(), Rules(retention_days=7, ship_codes=MappingProxyType({"a": "b"}))
    for rules in (first, first, second, first, None):
        await ledger.runs.begin("auto", rules)
    kept = await ledger.runs.rules()
    assert [(rules.rules, rules.by, rules.since) for rules in kept] == [
        (rules_hash(rules), "ann", NOW) for rules in (second, first)
    ]
    assert '"retention_days":7' in kept[0].json
    began = [json.loads(record.detail)["rules"] for record in await records_of(ledger, "run began")]
    assert began == [kept[1].rules, kept[1].rules, kept[0].rules, kept[1].rules, ""]


async def records_of(ledger: Ledger, action: str) -> list[AuditRecord]:
    return [record for record in await ledger.audit.records() if record.action == action]
