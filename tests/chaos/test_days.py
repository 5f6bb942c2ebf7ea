"""Random days on the real flows, the real ledger and the simulator: whatever happens, nothing twice, nothing lost."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cratejoy_tui.simulator import changes, floor
from cratejoy_tui.simulator.cast import Box
from cratejoy_tui.simulator.knobs import Fault
from cratejoy_tui.simulator.placing import place
from cratejoy_tui.simulator.shop import need_shipment
from cratejoy_tui.sync.domain.stage import Kind
from cratejoy_tui.sync.flows.adopt import adopt
from cratejoy_tui.sync.flows.apply import apply
from cratejoy_tui.sync.flows.cycle import Arrow, Cycled, cycle
from cratejoy_tui.sync.flows.desk import Desk
from cratejoy_tui.sync.flows.preview import preview
from cratejoy_tui.sync.flows.refresh import refresh
from tests.chaos.luck import LIVES, a_life, boxes, faults
from tests.chaos.people import DECISIONS, Operator
from tests.chaos.town import LEASE_IS_OVER, Town, chaos_folder
from tests.chaos.truth import Broken, Truth, ids_of, on_its_way
from tests.conftest import EXPLORES

MINUTE = 60.0
HOUR = 60 * MINUTE
DAY = 24 * HOUR
TO_REST = (LEASE_IS_OVER, 6 * MINUTE, 6 * MINUTE, 2 * HOUR, 5 * HOUR, 2 * DAY, 9 * DAY)


async def a_plan(desk: Desk) -> None:
    """What a console does: look at a plan, then apply it, beside whatever else is running."""
    await apply(desk, await preview(desk, {Kind.CANCEL, Kind.PUSH, Kind.CONFIRM}))


class Days(RuleBasedStateMachine):
    """A store, its warehouse, its operator, and everything that can happen to them."""

    delivery = "unique"

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        self.town: Town | None = None

    @initialize(
        seed=st.integers(0, 999),
        find_lag=st.sampled_from([0.0, 15.0, 60.0]),
        read_lag=st.sampled_from([0.0, 0.0, 20.0]),
        share=st.sampled_from([0.0, 0.5]),
        cancel_until=st.sampled_from(["pick", "ship", "never"]),
        mail_on=st.sampled_from(["each_put", "tracking_change"]),
        sales=st.lists(boxes(), min_size=1, max_size=3),
    )
    def begin(
        self, seed: int, find_lag: float, read_lag: float, share: float, cancel_until: str, mail_on: str, sales: Any
    ) -> None:
        self.town = Town(
            self.open.enter_context(chaos_folder()),
            seed=seed,
            delivery=self.delivery,
            find_lag_seconds=find_lag,
            read_lag_seconds=read_lag,
            list_lag_seconds=read_lag,
            split_share=share,
            void_share=share,
            short_share=share / 2,
            blank_tracking_share=share / 4,
            cancel_until=cancel_until,
            mail_on=mail_on,
        )
        self.open.callback(self.town.close)
        self.truth = Truth(self.town)
        self.operator = Operator(self.town, self.truth)
        if self.delivery == "blind":
            self.town.alone(lambda desk: adopt(desk, None))
        for box in sales:
            place(self.town.world, box)

    def a_box(self, nr: int) -> int:
        ids = ids_of(self._town.world)
        return ids[nr % len(ids)]

    @property
    def _town(self) -> Town:
        assert self.town is not None
        return self.town

    # the merchant and the customers

    @rule(box=boxes())
    def an_order_comes_in(self, box: Box) -> None:
        place(self._town.world, box)

    @rule(nr=st.integers(0, 9))
    def a_box_is_cancelled(self, nr: int) -> None:
        self._cancel(self.a_box(nr), 0)

    @rule(nr=st.integers(0, 9), seconds=st.integers(1, 100))
    def a_box_is_cancelled_soon(self, nr: int, seconds: int) -> None:
        self._cancel(self.a_box(nr), seconds)

    def _cancel(self, id_: int, seconds: int) -> None:
        world = self._town.world
        if need_shipment(world, id_)["status"] != "unshipped" or on_its_way(world, id_):
            return
        self.truth.cancelled_at[id_] = world.now_ms + seconds * 1000
        if seconds:
            world.schedule(world.now_ms + seconds * 1000, "cancel", id=id_)
        else:
            changes.cancel(world, id_)

    @rule(nr=st.integers(0, 9))
    def a_box_is_wanted_again(self, nr: int) -> None:
        id_ = self.a_box(nr)
        if need_shipment(self._town.world, id_)["status"] == "cancelled":
            changes.uncancel(self._town.world, id_)
            self.truth.cancelled_at.pop(id_, None)

    @rule(nr=st.integers(0, 9), days=st.sampled_from([-3, 1, 15]))
    def a_date_is_moved(self, nr: int, days: int) -> None:
        changes.move(self._town.world, self.a_box(nr), self._town.world.now_ms + days * 86_400_000)
        self._town.pass_by(self._town.world.knobs.read_lag_seconds)  # nobody can know before Cratejoy tells

    @rule(nr=st.integers(0, 9), street=st.sampled_from(["1 Old Rd", "2 New Rd", ""]))
    def an_address_is_edited(self, nr: int, street: str) -> None:
        changes.readdress(self._town.world, self.a_box(nr), {"street": street})

    @rule(nr=st.integers(0, 9), cents=st.sampled_from([None, 500]))
    def an_order_is_refunded(self, nr: int, cents: int | None) -> None:
        changes.refund(self._town.world, self.a_box(nr), cents)

    @rule(nr=st.integers(0, 9))
    def a_late_payment_comes_in(self, nr: int) -> None:
        changes.pay(self._town.world, self.a_box(nr))

    # the warehouse and the wires

    @rule(nr=st.integers(0, 9))
    def a_box_leaves_at_once(self, nr: int) -> None:
        for row in self._town.world.db.execute("SELECT order_number FROM floor_orders").fetchall():
            if str(self.a_box(nr)) in row[0]:
                floor.ship_now(self._town.world, row[0])

    @rule(nr=st.integers(0, 9), replaced=st.booleans())
    def a_label_is_voided(self, nr: int, replaced: bool) -> None:
        rows = self._town.world.db.execute("SELECT reference FROM parcels WHERE voided=0 ORDER BY reference").fetchall()
        if rows:
            floor.void(self._town.world, rows[nr % len(rows)][0], replaced=replaced)

    @rule(new=st.lists(faults(), min_size=1, max_size=3), life=LIVES)
    def something_breaks_in_a_cycle(self, new: list[Fault], life: tuple[int, bool] | None) -> None:
        self._town.world.turn(faults=new)
        self.a_cycle_runs(life)

    @rule()
    def all_is_mended(self) -> None:
        self._town.world.turn(faults=())

    @rule(seconds=st.sampled_from([MINUTE, LEASE_IS_OVER, 6 * MINUTE, HOUR, 3 * HOUR, DAY]))
    def time_passes_and_a_cycle_runs(self, seconds: float) -> None:
        self._town.pass_by(seconds)
        self._whole_cycle()

    # the program and its operator

    @rule(life=LIVES)
    def a_cycle_runs(self, life: tuple[int, bool] | None) -> None:
        self._whole_cycle(life)
        if life is not None:
            self._town.pass_by(LEASE_IS_OVER)

    @rule(only=st.sets(st.sampled_from(Arrow), min_size=1), limit=st.sampled_from([None, 1]))
    def some_arrows_run(self, only: set[Arrow], limit: int | None) -> None:
        self._town.alone(lambda desk: cycle(desk, only=only, limit_push=limit))

    @rule(first=LIVES, second=LIVES, beside=st.sampled_from([cycle, a_plan, refresh]))
    def two_run_at_once(self, first: Any, second: Any, beside: Any) -> None:
        self._town.together((cycle, a_life(first)), (beside, a_life(second)))
        self._town.pass_by(LEASE_IS_OVER)

    @rule()
    def a_dry_run_writes_nothing(self) -> None:
        before = self._writes()
        cycled = self._town.alone(lambda desk: cycle(desk, dry_run=True))
        assert cycled is None or cycled.writes == 0
        assert self._writes() == before

    def _writes(self) -> list[int]:
        tables = ("puts", "received", "cancels")
        return [self._town.world.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]

    @rule(nr=st.integers(0, 9), what=st.sampled_from(DECISIONS))
    def the_operator_decides(self, nr: int, what: str) -> None:
        self.operator.decides(self.a_box(nr), what)

    # what must hold

    @precondition(lambda self: self.town is not None)
    @invariant()
    def nothing_is_done_twice_or_wrongly(self) -> None:
        self.truth.check()

    def teardown(self) -> None:
        try:
            if self.town is not None:
                self._come_to_rest(self.town)
        finally:
            self.open.close()

    def _come_to_rest(self, town: Town) -> None:
        """No fault strikes any more, and time passes: what then is not well never will be."""
        town.world.turn(faults=())
        for seconds in TO_REST:
            town.pass_by(seconds)
            self._whole_cycle()
        self.truth.check()
        last = self._cycle()
        assert not last.problems
        if last.writes:
            last = self._cycle()
        assert last.writes == 0, last.outcomes
        if wrong := town.alone(self.truth.at_rest):
            raise Broken("; ".join(wrong))

    def _whole_cycle(self, life: tuple[int, bool] | None = None) -> None:
        """Where nothing disturbs it, the warehouse must know of all that was cancelled before."""
        world = self._town.world
        begun_ms, is_calm = world.now_ms, not world.knobs.faults
        cycled = self._town.alone(cycle, a_life(life))
        if is_calm and cycled is not None and cycled.is_good():
            self.truth.check_cancels(begun_ms)

    def _cycle(self) -> Cycled:
        cycled = self._town.alone(cycle)
        assert cycled is not None
        return cycled


class LookUpDays(Days):
    """With a warehouse that takes a number twice, and can be asked."""

    delivery = "look-up"


class BlindDays(Days):
    """With a warehouse that takes a number twice, and cannot be asked."""

    delivery = "blind"


FEW = settings(
    max_examples=12,
    stateful_step_count=14,
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
    phases=[Phase.explicit, Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
MANY = settings(FEW, max_examples=40, stateful_step_count=30, derandomize=not EXPLORES, phases=list(Phase))
MACHINES = (Days, LookUpDays, BlindDays)


def _run(machine: type[Days], how: settings) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(machine, settings=how)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.delivery)
def test_a_few_days_go_well(machine: type[Days]) -> None:
    _run(machine, FEW)


@pytest.mark.slow
@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.delivery)
def test_many_days_go_well(machine: type[Days]) -> None:
    _run(machine, MANY)
