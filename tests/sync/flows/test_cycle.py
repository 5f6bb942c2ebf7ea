"""A whole round: what moves, what does not, and what one side's trouble means for the other."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cratejoy_tui.errors import LockHeld, SignInRefused, UnsafePlan
from cratejoy_tui.simulator.cast import Piece
from cratejoy_tui.sync.domain.rules import PlanLimits, Rules
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.flows.apply import apply
from cratejoy_tui.sync.flows.console_run import apply_as_run
from cratejoy_tui.sync.flows.cycle import Arrow
from cratejoy_tui.sync.flows.explain import explain
from cratejoy_tui.sync.flows.leases import RUN, hold
from cratejoy_tui.sync.flows.preview import preview
from cratejoy_tui.sync.guard import ReadOnlySource, ReadOnlyWarehouse
from tests.sync.flows.shop import Shop, results, shop_at


async def test_a_box_goes_from_the_order_to_the_confirmed_mail(shop: Shop) -> None:
    id_ = shop.order(billing="adhoc", pieces=(Piece(sku="SQ0093801"),))
    assert results(await shop.cycle()) == {"push done": 1}
    assert await shop.stage(id_) is Stage.AT_WAREHOUSE
    [tracking] = shop.ship(f"SUB-{id_}")
    assert results(await shop.cycle()) == {"confirm done": 1}
    assert await shop.stage(id_) is Stage.CONFIRMED
    assert shop.record.emails == {id_: 1}
    assert tracking in shop.record.parcels[f"SUB-{id_}"]
    await shop.prove()


async def test_a_second_round_with_nothing_new_writes_nothing_and_judges_nothing(shop: Shop) -> None:
    shop.orders(3)
    await shop.cycle()
    again = await shop.cycle()
    assert (again.writes, again.counts["new"], again.counts["changed"]) == (0, 0, 0)
    assert again.exit_code == 0


async def test_runs_and_verdicts_lead_to_the_rules_of_their_time(shop: Shop) -> None:
    [id_] = shop.orders(1)
    await shop.cycle(only={Arrow.PULL})
    await shop.cycle(only={Arrow.PULL})
    later = shop.with_(rules=replace(shop.desk.rules, retention_days=7))
    assert (await explain(later.desk, id_)).judged_rules == shop.desk.rules_hash
    await apply_as_run(later.desk, await preview(later.desk))
    ledger = shop.desk.ledger
    kept = {rules.rules: json.loads(rules.json) for rules in await ledger.runs.rules()}
    assert {name: rules["retention_days"] for name, rules in kept.items()} == {
        later.desk.rules_hash: 7,
        shop.desk.rules_hash: 30,
    }
    ran = [(run.kind, json.loads(run.summary)["rules"]) for run in await ledger.runs.recent()]
    assert ran == [("console push", later.desk.rules_hash), *[("auto", shop.desk.rules_hash)] * 2]
    assert (await ledger.audit.verify()).ok


async def test_a_dry_run_plans_all_and_sends_nothing(shop: Shop) -> None:
    ids = shop.orders(2)
    dry = await shop.cycle(dry_run=True)
    assert dry.plan is not None
    assert [row.number for row in dry.plan.rows] == ids
    assert (dry.writes, shop.record.received) == (0, {})


async def test_read_only_sends_nothing_and_writes_no_intent(shop: Shop) -> None:
    [id_] = shop.orders(1)
    desk = shop.desk
    guarded = shop.with_(
        read_only=True, source=ReadOnlySource(desk.source), warehouse=ReadOnlyWarehouse(desk.warehouse)
    )
    assert (await guarded.cycle()).writes == 0
    assert await shop.stage(id_) is Stage.PLANNED
    assert await shop.desk.ledger.operations.of(id_) == []


async def test_only_the_arrows_asked_for_are_done(shop: Shop) -> None:
    [id_] = shop.orders(1)
    await shop.cycle(only={Arrow.PULL})
    assert await shop.stage(id_) is Stage.PLANNED
    await shop.cycle(only={Arrow.PUSH})
    shop.ship(id_)
    await shop.cycle(only={Arrow.PULL, Arrow.PUSH})
    assert await shop.stage(id_) is Stage.AT_WAREHOUSE
    await shop.cycle(only={Arrow.CONFIRM})
    assert await shop.stage(id_) is Stage.CONFIRMED


async def test_a_refused_warehouse_key_does_not_stop_the_pull_or_confirmations(shop: Shop) -> None:
    first, second = shop.orders(2)
    await shop.cycle(limit_push=1)
    shop.ship(first)
    await shop.cycle(only={Arrow.PULL})
    later = replace(shop.desk.rules, confirm_delay_minutes=60)
    await shop.with_(rules=later).cycle(only={Arrow.CONFIRM})
    assert await shop.stage(first) is Stage.SHIPPED
    shop.world.turn(faults=[{"kind": "status", "app": "warehouse", "status": 401}])
    third = shop.order()
    ended = await shop.cycle()
    assert all(isinstance(problem, SignInRefused) for problem in ended.problems)
    assert ended.exit_code == SignInRefused.exit_code
    assert await shop.stage(first) is Stage.CONFIRMED
    assert {await shop.stage(second), await shop.stage(third)} == {Stage.PLANNED}


async def test_a_refused_cratejoy_key_still_lets_tracking_in(shop: Shop) -> None:
    [id_] = shop.orders(1)
    await shop.cycle()
    shop.ship(id_)
    shop.world.turn(faults=[{"kind": "status", "app": "cratejoy", "status": 401}])
    ended = await shop.cycle()
    assert ended.exit_code == SignInRefused.exit_code
    assert await shop.stage(id_) is Stage.SHIPPED
    shop.world.turn(faults=[])
    await shop.cycle()
    assert await shop.stage(id_) is Stage.CONFIRMED


async def test_a_second_run_is_told_who_holds_the_store(shop: Shop) -> None:
    async with hold(shop.desk, RUN):
        with pytest.raises(LockHeld, match="test"):
            await shop.with_(holder="other:1::auto").cycle()


async def test_a_plan_far_larger_than_usual_is_refused_until_a_person_allows_it(shop: Shop) -> None:
    shop.orders(3)
    small = shop.with_(rules=replace(shop.desk.rules, plan_limits=PlanLimits(boxes=2)))
    refused = await small.cycle()
    assert [type(problem) for problem in refused.problems] == [UnsafePlan]
    assert shop.record.received == {}
    assert results(await small.with_(allow_large=True).cycle()) == {"push done": 3}


async def test_a_refused_push_does_not_stop_confirmations(shop: Shop) -> None:
    [id_] = shop.orders(1)
    await shop.cycle()
    shop.ship(id_)
    shop.orders(4)
    small = shop.with_(rules=replace(shop.desk.rules, plan_limits=PlanLimits(boxes=2)))
    ended = await small.cycle()
    assert ended.exit_code == UnsafePlan.exit_code
    assert await shop.stage(id_) is Stage.CONFIRMED


async def test_a_store_that_lists_nothing_at_all_is_not_believed(shop: Shop) -> None:
    ids = shop.orders(4)
    await shop.cycle(only={Arrow.PULL})
    for id_ in ids:
        shop.cancel(id_)
    ended = await shop.cycle()
    assert [type(problem) for problem in ended.problems] == [UnsafePlan]


async def test_a_plan_made_under_other_rules_is_not_applied(shop: Shop) -> None:
    shop.orders(1)
    await shop.cycle(only={Arrow.PULL})
    plan = await preview(shop.desk)
    with pytest.raises(UnsafePlan, match="rules"):
        await apply(shop.with_(rules=Rules(target_ship_date_within_days=1)).desk, plan)
    assert shop.record.received == {}


async def test_the_plan_hash_names_rows_and_rules_but_not_the_clock(shop: Shop) -> None:
    shop.orders(2)
    await shop.cycle(only={Arrow.PULL})
    first = await preview(shop.desk)
    shop.pass_hours(1)
    assert (await preview(shop.desk)).hash == first.hash
    shop.orders(1)
    await shop.cycle(only={Arrow.PULL})
    assert (await preview(shop.desk)).hash != first.hash


async def test_a_run_is_kept_with_its_end_and_its_counts(shop: Shop) -> None:
    shop.orders(1)
    await shop.cycle()
    good = await shop.desk.ledger.runs.last_good()
    assert good is not None
    assert (good.kind, good.exit_code, '"writes":1' in good.summary) == ("auto", 0, True)


async def test_an_incomplete_listing_is_told_and_no_absence_is_concluded(shop: Shop) -> None:
    shop.orders(3)
    await shop.cycle(only={Arrow.PULL})
    shop.world.turn(count_off_by=5)
    ended = await shop.cycle()
    assert ended.exit_code == 5
    assert "incomplete" in ended.incomplete[0]
    assert results(ended) == {"push done": 3}


async def test_two_stores_share_one_ledger_file_without_meeting(tmp_path: Path) -> None:
    async with shop_at(tmp_path) as shop:
        [id_] = shop.orders(1)
        await shop.cycle()
        async with shop_at(tmp_path, world=shop.world, ledger_name="ledger.sqlite") as same:
            assert await same.stage(id_) is Stage.AT_WAREHOUSE
