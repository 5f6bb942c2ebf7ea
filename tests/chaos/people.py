"""The operator of a made-up day. Says what is so, but decides at bad moments and asks for what must be refused."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from cratejoy_tui.errors import ItemRefused, RunStopped
from cratejoy_tui.simulator.floor import cancel_order
from cratejoy_tui.sync.domain.record import Stored
from cratejoy_tui.sync.domain.stage import Kind, Stage
from cratejoy_tui.sync.flows import people
from cratejoy_tui.sync.flows.cancellations import tick_off
from cratejoy_tui.sync.flows.desk import Desk
from cratejoy_tui.sync.flows.doubtful_tracking import all_tracking, decide_tracking
from cratejoy_tui.sync.flows.replace import replace
from tests.chaos.town import Town
from tests.chaos.truth import Truth, is_there, on_its_way, orders_of

Decision = Callable[[Desk], Coroutine[Any, Any, Any]]
WHY = "a person's word"


class Operator:
    """One person at a console."""

    def __init__(self, town: Town, truth: Truth) -> None:
        self._town = town
        self._truth = truth

    def decides(self, id_: int, what: str) -> None:
        """Decide this about a box; what the program refuses is not done."""

        async def decide(desk: Desk) -> None:
            stored = (await desk.ledger.shipments.get([str(id_)])).get(str(id_))
            if stored is None:
                return
            try:
                await getattr(self, f"_{what}")(desk, stored)
            except (ItemRefused, RunStopped) as refused:
                if refused.exit_code == 7:
                    raise

        self._town.alone(decide)

    async def _hold(self, desk: Desk, box: Stored) -> None:
        await people.hold_boxes(desk, [box.id], WHY)

    async def _release(self, desk: Desk, box: Stored) -> None:
        self._truth.released.add(box.id)
        await people.release_boxes(desk, [box.id], WHY)

    async def _retry(self, desk: Desk, box: Stored) -> None:
        await people.retry(desk, [box.id])

    async def _recall(self, desk: Desk, box: Stored) -> None:
        await people.recall(desk, box.id, WHY)

    async def _recall_now(self, desk: Desk, box: Stored) -> None:
        await people.recall(desk, box.id, WHY)
        await people.send_recalls(desk, [box.id])

    async def _resend(self, desk: Desk, box: Stored) -> None:
        await people.resend(desk, box.id, WHY)

    async def _settle_as(self, desk: Desk, box: Stored) -> None:
        """Says what somebody finds who looks, and who looked long enough."""
        operations = await desk.ledger.operations.of(box.id)
        doubtful = [op for op in operations if op.state in people.IN_DOUBT]
        if not doubtful or doubtful[-1].kind is not Kind.PUSH or on_its_way(self._town.world, int(box.id)):
            return
        await people.settle_as(desk, box.id, sent=is_there(self._town.world, doubtful[-1].number), reason=WHY)

    async def _resolve(self, desk: Desk, box: Stored) -> None:
        orders = [row for row in orders_of(self._town.world, int(box.id)) if row[0] == box.order_number]
        if on_its_way(self._town.world, int(box.id)):
            return
        live = any(state != "cancelled" for _, state, _ in orders)
        as_ = "ours" if live and box.cancel_seen_at is None else "closed"
        if any(state == "open" for _, state, _ in orders) and as_ == "closed":
            self._stop_by_hand(box.order_number)
        await people.resolve(desk, box.id, as_=as_, reason=WHY)

    def _stop_by_hand(self, number: str) -> None:
        """Walk to the floor and take the box off the belt."""
        cancel_order(self._town.world, number, WHY)
        self._town.world.db.execute(
            "UPDATE floor_orders SET state='cancelled' WHERE order_number=? AND state='open'", (number,)
        )

    async def _tick_off(self, desk: Desk, box: Stored) -> None:
        orders = orders_of(self._town.world, int(box.id))
        if on_its_way(self._town.world, int(box.id)):
            return
        for number, state, _ in orders:
            if state == "open":
                self._stop_by_hand(number)
        has_left = any(state == "shipped" for _, state, _ in orders)
        await tick_off(desk, box.id, WHY, stopped=not has_left)

    async def _replace(self, desk: Desk, box: Stored) -> None:
        if box.stage is Stage.CONFIRMED:
            self._truth.replaced[box.id] += 1
        await replace(desk, box.id, WHY)

    async def _accept(self, desk: Desk, box: Stored) -> None:
        mine = [tracked.id for tracked in await all_tracking(desk) if tracked.shipment_id == box.id]
        await decide_tracking(desk, mine, accept=True)

    async def _reject(self, desk: Desk, box: Stored) -> None:
        mine = [tracked.id for tracked in await all_tracking(desk) if tracked.shipment_id == box.id]
        await decide_tracking(desk, mine[:1], accept=False)


DECISIONS = tuple(
    name.removeprefix("_") for name in vars(Operator) if name.startswith("_") and not name.startswith("__")
)
DECISIONS = tuple(name for name in DECISIONS if name != "stop_by_hand")
