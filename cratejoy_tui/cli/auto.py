"""`--auto`: one cycle for every store, or one every so often, without a person."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import click

from cratejoy_tui.cli.desks import each_desk, load_settings, prepare
from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.cli.options import Options, seconds_of
from cratejoy_tui.cli.output import Output, fields_of
from cratejoy_tui.cli.progress import progress
from cratejoy_tui.errors import CratejoyTuiError, LockHeld, RunStopped

if TYPE_CHECKING:
    from datetime import datetime

    from cratejoy_tui.cli.running import Stop
    from cratejoy_tui.sync.flows.cycle import Arrow, Cycled
    from cratejoy_tui.sync.flows.desk import Desk

JITTER = 0.1
SHORTEST_SECONDS = 10
DEMO_MOST_CYCLES = 100
DEMO_CYCLE_SECONDS = 30 * 60
"""Simulated time between two cycles of a demonstration day."""


def run_auto(options: Options, *, every: str, dry_run: bool, only: str, limit_push: int | None) -> ExitCode:
    """Run as the root command's options say."""
    from cratejoy_tui.cli.running import run

    interval = seconds_of(every, "--every", least=SHORTEST_SECONDS) if every else 0
    arrows = arrows_of(only)
    output = options.output()
    prepare(options, output)

    async def work(stop: Stop) -> ExitCode:
        while True:
            how = {"only": arrows, "dry_run": dry_run, "limit_push": limit_push}
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
            return await _with_attention(options, desk, output, stop, **how)

        async def shut(name: str, error: CratejoyTuiError) -> None:
            if not options.demo and not how["dry_run"]:
                await _note_shut_desk(options, name, error, output)

        return await each_desk(options, output, "auto", one, stop, tell, shut)


async def _with_attention(options: Options, desk: Desk, output: Output, stop: Stop, **how: Any) -> ExitCode:
    """One cycle; the operator's command is called when the store's state turned bad, or good again."""
    from cratejoy_tui.cli.attention import tell_if_turned
    from cratejoy_tui.sync.flows import cycle as flow

    command = () if options.demo or how["dry_run"] else load_settings(options).store(desk.store).on_attention
    before: int | None = None
    try:
        before = await _last_code(desk) if command else None
        cycled = await flow.cycle(desk, **how)
    except LockHeld:
        raise  # the run that holds it has its own say
    except RunStopped as stopped:
        await tell_if_turned(command, before, failure(desk.store, stopped), output)
        raise
    code = _shown(desk, output, cycled, stop)
    await tell_if_turned(command, before, summary(cycled, ExitCode(cycled.exit_code)), output)
    return code


async def _last_code(desk: Desk) -> int | None:
    from cratejoy_tui.wiring import last_code

    return last_code(await desk.ledger.runs.recent())


async def _note_shut_desk(options: Options, name: str, error: CratejoyTuiError, output: Output) -> None:
    """A store whose desk did not open has run badly too; a ledger that opens all the same remembers it."""
    from cratejoy_tui.cli.attention import tell_if_turned
    from cratejoy_tui.wiring import note_failed_run

    settings = load_settings(options)
    before = await note_failed_run(settings, name, options.who, error.exit_code)
    await tell_if_turned(settings.store(name).on_attention, before, failure(name, error), output)


async def play_day(desk: Desk, output: Output, stop: Stop, **how: Any) -> ExitCode:
    """Run cycles until the simulated day has ended and a last one finds nothing more to write."""
    from cratejoy_tui.sync.flows import cycle as flow
    from cratejoy_tui.wiring import day_of

    day, zone = day_of(desk), desk.rules.zone
    whole = await flow.cycle(desk, **how)
    _tell_moment(output, day.now().astimezone(zone), whole)
    for _ in range(DEMO_MOST_CYCLES):
        if stop.is_asked or (day.ended and whole.latest_writes == 0):
            break
        await day.sleep(DEMO_CYCLE_SECONDS)
        latest = await flow.cycle(desk, **how)
        _tell_moment(output, day.now().astimezone(zone), latest)
        whole.add(latest)
    return _shown(desk, output, whole, stop)


def _tell_moment(output: Output, at: datetime, cycled: Cycled) -> None:
    """One line of the day, where anything happened: `10:30  3 new; push: 2 done`."""
    found = [f"{cycled.counts[name]} {name}" for name in ("new", "changed", "parcels") if cycled.counts[name]]
    found += _in_words(cycled)
    if found:
        output.say(f"{at:%H:%M}  {'; '.join(found)}")


def _in_words(cycled: Cycled) -> list[str]:
    """What came of the writes: `push: 12 done, 1 refused`."""
    return [
        f"{kind}: {', '.join(f'{count} {result}' for result, count in results.items())}"
        for kind, results in results_of(cycled).items()
    ]


def _shown(desk: Desk, output: Output, cycled: Cycled, stop: Stop) -> ExitCode:
    code = stop.code or ExitCode(cycled.exit_code)
    if cycled.plan is not None:
        from cratejoy_tui.cli.plans import show_plan

        show_plan(output, cycled.plan)
    for outcome in cycled.outcomes:
        output.record("outcome", store=desk.store, **fields_of(outcome))
    output.record("summary", **summary(cycled, code))
    if not output.as_json:
        _tell_summary(output, cycled, code)
    return code


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
        "problems": [_problem(problem) for problem in cycled.problems],
        "stopped_early": cycled.stopped_early,
    }


def failure(store: str, error: CratejoyTuiError) -> dict[str, Any]:
    """What a machine wants to know of a cycle that did not come about."""
    return {"store": store, "exit_code": error.exit_code, "problems": [_problem(error)]}


def _problem(error: CratejoyTuiError) -> dict[str, str]:
    return {"error": type(error).__name__, "message": error.message, "next_step": error.next_step}


def results_of(cycled: Cycled) -> dict[str, dict[str, int]]:
    """How many writes of each kind ended how: {"push": {"done": 12}}."""
    found: dict[str, dict[str, int]] = {}
    for outcome in cycled.outcomes:
        of_kind = found.setdefault(outcome.kind.value, {})
        of_kind[outcome.result.value] = of_kind.get(outcome.result.value, 0) + 1
    return found


def _tell_summary(output: Output, cycled: Cycled, code: ExitCode) -> None:
    for text in cycled.incomplete:
        output.warn(text)
    if output.quiet:
        if code is ExitCode.ATTENTION:
            output.warn(f"{cycled.store}: {code.sentence}")
        return
    rows = [{"stage": stage, "boxes": count} for stage, count in cycled.stages.items() if count]
    output.table("stage", rows, ["stage", "boxes"], empty="The ledger holds no boxes.", title=f"Store {cycled.store}")
    for words in _in_words(cycled):
        output.line(words)
    output.line(f"{cycled.requests} requests, {cycled.writes} writes, {cycled.seconds:.1f} s. {code.sentence}")


def arrows_of(text: str) -> frozenset[Arrow]:
    """The arrows that `--only` names; none means all. Raises UsageError."""
    from cratejoy_tui.sync.flows.cycle import ALL_ARROWS, Arrow

    words = [word.strip().lower() for word in text.split(",") if word.strip()]
    if unknown := [word for word in words if word not in {*Arrow}]:
        raise click.UsageError(f"--only {unknown[0]}: give some of {','.join(Arrow)}.")
    return frozenset(Arrow(word) for word in words) or ALL_ARROWS
