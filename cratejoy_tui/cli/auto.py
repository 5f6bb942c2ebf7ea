"""`--auto`: one cycle for every store, or one every so often, without a person."""

from __future__ import annotations

import random
import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import click

from cratejoy_tui.cli.desks import each_desk, prepare
from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.cli.options import Options
from cratejoy_tui.cli.output import Output
from cratejoy_tui.cli.progress import progress

if TYPE_CHECKING:
    from cratejoy_tui.cli.running import Stop
    from cratejoy_tui.sync.domain.plan import Plan
    from cratejoy_tui.sync.flows.cycle import Arrow, Cycled
    from cratejoy_tui.sync.flows.desk import Desk

ARROWS = ("pull", "cancel", "push", "confirm")
JITTER = 0.1
SHORTEST_SECONDS = 10
DEMO_CYCLE_SECONDS = 30 * 60
"""Simulated time between two cycles of a demonstration day."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def run_auto(options: Options, *, every: str, dry_run: bool, only: str, limit_push: int | None) -> ExitCode:
    """Run as the root command's options say."""
    from cratejoy_tui.cli.running import run

    interval = seconds_of(every) if every else 0
    arrows = arrows_of(only)
    output = options.output()
    prepare(options, output)

    async def work(stop: Stop) -> ExitCode:
        while True:
            how = {"arrows": arrows, "dry_run": dry_run, "limit_push": limit_push}
            code = await _round(options, output, stop, **how)
            if not interval or stop.is_asked:
                return code
            wait_seconds = interval * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - only spreads the load
            output.say(f"Next cycle in {wait_seconds:.0f} s.")
            await stop.wait(wait_seconds)
            if stop.is_asked:
                return code

    return run(work, output.warn)


async def _round(options: Options, output: Output, stop: Stop, **how: Any) -> ExitCode:
    """One cycle for each store."""
    with progress(output) as tell:

        async def one(desk: Desk) -> ExitCode:
            if options.demo and not how["dry_run"]:
                return await play_day(desk, output, stop, **how)
            return _shown(desk, output, await _cycle(desk, **how))

        return await each_desk(options, output, "auto", one, stop, tell)


async def _cycle(desk: Desk, *, arrows: Collection[Arrow], dry_run: bool, limit_push: int | None) -> Cycled:
    from cratejoy_tui.sync.flows.cycle import cycle

    return await cycle(desk, only=arrows, dry_run=dry_run, limit_push=limit_push)


async def play_day(desk: Desk, output: Output, stop: Stop, **how: Any) -> ExitCode:
    """Run cycles until the simulated day has ended and a last one finds nothing more to write."""
    from cratejoy_tui.wiring import day_of

    day = day_of(desk)
    whole = await _cycle(desk, **how)
    while not stop.is_asked and not (day.ended and whole.latest_writes == 0):
        await day.sleep(DEMO_CYCLE_SECONDS)
        whole.add(await _cycle(desk, **how))
    return _shown(desk, output, whole)


def _shown(desk: Desk, output: Output, cycled: Cycled) -> ExitCode:
    code = code_of(cycled)
    if cycled.plan is not None:
        show_plan(output, cycled.plan)
    for outcome in cycled.outcomes:
        output.record("outcome", store=desk.store, **fields_of(outcome))
    output.record("summary", **summary(cycled, code))
    if not output.as_json:
        _tell_summary(output, cycled, code)
    return code


def code_of(cycled: Cycled) -> ExitCode:
    """How one store's cycle ended, as an exit code."""
    return ExitCode(cycled.exit_code)


def summary(cycled: Cycled, code: ExitCode) -> dict[str, Any]:
    """What a machine wants to know of a cycle."""
    return {
        "store": cycled.store,
        "exit_code": code,
        "requests": cycled.requests,
        "writes": cycled.writes,
        "seconds": round(cycled.seconds, 3),
        "stages": cycled.stages,
        "counts": dict(cycled.counts),
        "outcomes": results_of(cycled),
        "newly_held": cycled.newly_held,
        "incomplete": cycled.incomplete,
        "problems": [
            {"error": type(p).__name__, "message": p.message, "next_step": p.next_step} for p in cycled.problems
        ],
        "stopped_early": cycled.stopped_early,
    }


def results_of(cycled: Cycled) -> dict[str, dict[str, int]]:
    """How many writes of each kind ended how: {"push": {"done": 12}}."""
    found: dict[str, dict[str, int]] = {}
    for outcome in cycled.outcomes:
        of_kind = found.setdefault(outcome.kind.value, {})
        of_kind[outcome.result.value] = of_kind.get(outcome.result.value, 0) + 1
    return found


def _tell_summary(output: Output, cycled: Cycled, code: ExitCode) -> None:
    rows = [{"stage": stage, "boxes": count} for stage, count in cycled.stages.items() if count]
    output.table("stage", rows, ["stage", "boxes"], empty="The ledger holds no boxes.", title=f"Store {cycled.store}")
    for kind, results in results_of(cycled).items():
        output.line(f"{kind}: {', '.join(f'{count} {result}' for result, count in results.items())}")
    for text in cycled.incomplete:
        output.warn(text)
    output.line(f"{cycled.requests} requests, {cycled.writes} writes, {cycled.seconds:.1f} s. {code.sentence}")


def show_plan(output: Output, plan: Plan) -> None:
    """The plan's rows and holds, then its name."""
    output.table(
        "row",
        [fields_of(row) for row in plan.rows],
        ["kind", "shipment_id", "number", "note"],
        empty="Nothing to send.",
    )
    if plan.holds:
        output.table("hold", [fields_of(hold) for hold in plan.holds], ["shipment_id", "reason", "detail"])
    counts = {kind.value: count for kind, count in plan.counts().items()}
    output.record("plan", store=plan.store, hash=plan.hash, made_at=plan.made_at, rules=plan.rules, counts=counts)
    output.line(f"Plan {plan.hash} for {plan.store}: {sum(counts.values())} to send, {len(plan.holds)} held.")


def fields_of(value: Any) -> dict[str, Any]:
    """The fields of a flat value, for a JSON line or a table row."""
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def seconds_of(text: str) -> int:
    """`15m`, `2h`, `90s` or plain seconds. Raises UsageError."""
    match = re.fullmatch(r"(\d{1,6})([smhd]?)", text.strip().lower())
    seconds = int(match[1]) * _UNITS[match[2] or "s"] if match else 0
    if seconds < SHORTEST_SECONDS:
        raise click.UsageError(f"--every {text}: give a time of {SHORTEST_SECONDS} s or more, such as 15m, 2h or 90s.")
    return seconds


def arrows_of(text: str) -> frozenset[Arrow]:
    """The arrows that `--only` names; none means all. Raises UsageError."""
    from cratejoy_tui.sync.flows.cycle import ALL_ARROWS, Arrow

    words = [word.strip().lower() for word in text.split(",") if word.strip()]
    if unknown := [word for word in words if word not in ARROWS]:
        raise click.UsageError(f"--only {unknown[0]}: give some of {','.join(ARROWS)}.")
    return frozenset(Arrow(word) for word in words) or ALL_ARROWS
