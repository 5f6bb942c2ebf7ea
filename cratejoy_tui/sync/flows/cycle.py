"""One whole round: settle, pull, cancel, push, fetch tracking, confirm. One side's trouble does not stop the other."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum

import msgspec

from cratejoy_tui.errors import (
    LedgerError,
    LockHeld,
    RunStopped,
    SetupError,
    SignInRefused,
    UnexpectedAnswer,
    Unreachable,
)
from cratejoy_tui.sync.domain.plan import Outcome, Plan, Result, Row
from cratejoy_tui.sync.domain.stage import Kind
from cratejoy_tui.sync.flows.apply import Apply, apply_kind
from cratejoy_tui.sync.flows.cancel import apply_cancel, look_for_cancelled, note_cancellations, preview_cancel
from cratejoy_tui.sync.flows.confirm import apply_confirm, preview_confirm
from cratejoy_tui.sync.flows.desk import Desk, Remark
from cratejoy_tui.sync.flows.drift_watch import watch_drift
from cratejoy_tui.sync.flows.fetch import fetch_tracking
from cratejoy_tui.sync.flows.judging import judge_open
from cratejoy_tui.sync.flows.leases import RUN, hold
from cratejoy_tui.sync.flows.preview import preview, refuse_if_unsafe
from cratejoy_tui.sync.flows.pull import Pulled, pull
from cratejoy_tui.sync.flows.push import Pause, apply_push, preview_push
from cratejoy_tui.sync.flows.settle import settle

LOOK_FOR_CANCELS_EVERY = timedelta(minutes=5)


class Arrow(StrEnum):
    """One part of a cycle, as `--only` names them."""

    PULL = "pull"
    CANCEL = "cancel"
    PUSH = "push"
    CONFIRM = "confirm"


class Side(StrEnum):
    """The two remote systems: a refused key or an outage stops one of them, not both."""

    SOURCE = "Cratejoy"
    WAREHOUSE = "warehouse"


ALL_ARROWS = frozenset(Arrow)
ATTENTION = 1
"""Exit code of a cycle that worked, but left something for a person."""
MOST_SERIOUS_FIRST = (7, 5, 3, 6, 2, 4, 8, 1)
KIND_OF = {Arrow.CANCEL: Kind.CANCEL, Arrow.PUSH: Kind.PUSH, Arrow.CONFIRM: Kind.CONFIRM}


@dataclass(slots=True)
class Cycled:
    """What a cycle came to."""

    store: str
    plan: Plan | None = None
    """Only of a dry run: what would have been written."""
    outcomes: list[Outcome] = field(default_factory=list)
    problems: list[RunStopped | SetupError] = field(default_factory=list)
    newly_held: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    stages: dict[str, int] = field(default_factory=dict)
    incomplete: list[str] = field(default_factory=list)
    requests: int = 0
    writes: int = 0
    seconds: float = 0.0
    stopped_early: bool = False
    broke_off: bool = False
    """It was cut off in the middle of a step."""
    latest_writes: int = 0
    """Writes of the last cycle, where several were added up."""

    @property
    def needs_attention(self) -> bool:
        """Something was refused, held, left unknown or not sent in this run."""
        bad = {Result.REFUSED, Result.UNKNOWN, Result.CONFLICT, Result.NOT_SENT}
        return bool(self.newly_held) or any(outcome.result in bad for outcome in self.outcomes)

    @property
    def exit_code(self) -> int:
        """How the cycle ended: the most serious of its troubles, as a number that scripts know."""
        codes = {problem.exit_code for problem in self.problems}
        if self.incomplete:
            codes.add(UnexpectedAnswer.exit_code)
        if self.needs_attention:
            codes.add(ATTENTION)
        return next((code for code in MOST_SERIOUS_FIRST if code in codes), 0)

    def add(self, later: Cycled) -> None:
        """Add a later cycle of the same store, so that the two are told as one."""
        self.outcomes += later.outcomes
        self.problems += later.problems
        self.incomplete += later.incomplete
        self.newly_held += later.newly_held
        self.counts.update(later.counts)
        self.stages = later.stages
        self.requests += later.requests
        self.writes += later.writes
        self.seconds += later.seconds
        self.stopped_early = later.stopped_early
        self.latest_writes = later.latest_writes

    def is_good(self, only: Collection[Arrow] = frozenset(Arrow)) -> bool:
        """All arrows were done and nothing stopped one of them."""
        stopped = self.stopped_early or self.broke_off
        done = set(only) == set(Arrow) and not stopped and self.plan is None
        return done and self.exit_code in {0, ATTENTION}


@dataclass(slots=True)
class _Round:
    """One cycle under way: which sides still answer."""

    desk: Desk
    cycled: Cycled
    down: set[Side] = field(default_factory=set)

    async def on(self, sides: Collection[Side], step: Callable[[], Awaitable[None]], side_of_error: Side) -> None:
        """Run a step if the sides it needs still answer; a stop of one side is written down and the cycle goes on."""
        if self.down.intersection(sides) or self.desk.should_stop():
            return
        try:
            await step()
        except (LockHeld, LedgerError):
            raise
        except (RunStopped, SetupError) as stop:
            self.cycled.problems.append(stop)
            self.desk.tell(Remark(text=str(stop), is_warning=True))
            if isinstance(stop, (SignInRefused, Unreachable)):
                self.down.add(self._side(stop, side_of_error))

    def _side(self, stop: RunStopped, guess: Side) -> Side:
        """Errors name their system first: that tells which side went down."""
        return Side.WAREHOUSE if stop.message.startswith(self.desk.warehouse.name) else guess


async def cycle(
    desk: Desk, *, only: Collection[Arrow] = ALL_ARROWS, dry_run: bool = False, limit_push: int | None = None
) -> Cycled:
    """Run one cycle. Raises LockHeld when another run works on this store, LedgerError when the ledger fails.

    Every other trouble is in `problems`, and what could be done was done.
    """
    dry_run = dry_run or desk.read_only
    started = time.monotonic()
    before = _calls(desk)
    cycled = Cycled(store=desk.store)
    asked_to_stop = desk.should_stop
    async with hold(desk, RUN) as holding:
        desk = replace(desk, should_stop=lambda: holding.is_lost or asked_to_stop())
        run = await desk.ledger.runs.begin("dry run" if dry_run else "auto", desk.rules)
        round_ = _Round(desk, cycled)
        try:
            await _arrows(round_, only, dry_run, limit_push)
            holding.check()
        except (LockHeld, LedgerError) as stop:
            cycled.problems.append(stop)
            raise
        except BaseException:
            cycled.broke_off = True
            raise
        finally:
            await _sum_up(desk, cycled, before, started)
            summary = _as_json(cycled, desk.rules_hash)
            await desk.ledger.runs.finish(run.id, cycled.exit_code, cycled.is_good(only), summary)
    return cycled


async def _arrows(round_: _Round, only: Collection[Arrow], dry_run: bool, limit_push: int | None) -> None:
    both = (Side.SOURCE, Side.WAREHOUSE)
    if not dry_run:
        await round_.on((Side.WAREHOUSE,), lambda: _settle(round_, {Kind.PUSH, Kind.CANCEL}), Side.WAREHOUSE)
        await round_.on((Side.SOURCE,), lambda: _settle(round_, {Kind.CONFIRM, Kind.REPLACE}), Side.SOURCE)
    if Arrow.PULL in only:
        await round_.on((Side.SOURCE,), lambda: _pull(round_), Side.SOURCE)
    if Arrow.CANCEL in only:
        await round_.on((Side.SOURCE,), lambda: _look(round_), Side.SOURCE)
    await round_.on((), lambda: _judge(round_), Side.SOURCE)
    if dry_run:
        round_.cycled.plan = await preview(round_.desk, [KIND_OF[arrow] for arrow in only if arrow in KIND_OF])
        return
    if Arrow.CANCEL in only:
        await round_.on((Side.WAREHOUSE,), lambda: _cancel(round_), Side.WAREHOUSE)
    if Arrow.PUSH in only:
        await round_.on(both, lambda: _push(round_, limit_push, Arrow.CANCEL in only), Side.SOURCE)
    if Arrow.CONFIRM in only:
        await round_.on((Side.WAREHOUSE,), lambda: _fetch(round_), Side.WAREHOUSE)
        await round_.on((Side.SOURCE,), lambda: _confirm(round_), Side.SOURCE)


async def _settle(round_: _Round, kinds: Collection[Kind]) -> None:
    round_.cycled.counts["settled"] += await settle(round_.desk, frozenset(kinds))


async def _pull(round_: _Round) -> None:
    pulled = Pulled()
    try:
        await pull(round_.desk, pulled)
    finally:
        round_.cycled.newly_held += pulled.newly_held
    round_.cycled.counts.update(listed=pulled.listed, new=pulled.new, changed=len(pulled.changed), gone=pulled.gone)
    round_.cycled.incomplete += pulled.incomplete
    round_.cycled.counts["drifted"] += len(await watch_drift(round_.desk, pulled.changed))


async def _look(round_: _Round) -> None:
    round_.cycled.counts["cancelled in Cratejoy"] += await look_for_cancelled(round_.desk)


async def _judge(round_: _Round) -> None:
    judged = await judge_open(round_.desk)
    round_.cycled.newly_held += judged.newly_held
    await note_cancellations(round_.desk)


async def _cancel(round_: _Round) -> None:
    rows = await preview_cancel(round_.desk)
    await _apply(round_, Kind.CANCEL, rows, apply_cancel)


async def _push(round_: _Round, limit: int | None, cancels_too: bool) -> None:
    desk = round_.desk
    rows = await preview_push(desk)
    looked_at = desk.clock.now()

    def is_due() -> bool:
        return cancels_too and desk.clock.now() - looked_at >= LOOK_FOR_CANCELS_EVERY

    async def look() -> None:
        nonlocal looked_at
        looked_at = desk.clock.now()
        await _look(round_)
        await note_cancellations(desk)
        await _cancel(round_)

    async def push(desk: Desk, rows: Sequence[Row]) -> list[Outcome]:
        return await apply_push(desk, rows, pause=Pause(is_due, look))

    await _apply(round_, Kind.PUSH, rows[:limit], push)


async def _fetch(round_: _Round) -> None:
    fetched = await fetch_tracking(round_.desk)
    round_.cycled.counts.update(parcels=fetched.new, strangers=fetched.strangers)


async def _confirm(round_: _Round) -> None:
    rows, _ = await preview_confirm(round_.desk)
    await _apply(round_, Kind.CONFIRM, rows, apply_confirm)


async def _apply(round_: _Round, kind: Kind, rows: Sequence[Row], how: Apply) -> None:
    if not rows:
        return
    await refuse_if_unsafe(round_.desk, kind, len(rows))
    round_.cycled.outcomes += await apply_kind(round_.desk, kind, rows, how)


def _as_json(cycled: Cycled, rules: str) -> str:
    """What is kept of the cycle in the ledger: numbers, and the rules' fingerprint."""
    results = Counter(f"{outcome.kind} {outcome.result}" for outcome in cycled.outcomes)
    kept = {"requests": cycled.requests, "writes": cycled.writes, "counts": cycled.counts, "results": results}
    return msgspec.json.encode({**kept, "rules": rules}).decode()


def _calls(desk: Desk) -> tuple[int, int]:
    source, warehouse = desk.source.calls, desk.warehouse.calls
    return source.requests + warehouse.requests, source.writes + warehouse.writes


async def _sum_up(desk: Desk, cycled: Cycled, before: tuple[int, int], started: float) -> None:
    requests, writes = _calls(desk)
    cycled.requests = requests - before[0]
    cycled.writes = cycled.latest_writes = writes - before[1]
    cycled.stages = {str(stage): count for stage, count in (await desk.ledger.shipments.counts()).items()}
    cycled.stopped_early = desk.should_stop()
    cycled.seconds = time.monotonic() - started
