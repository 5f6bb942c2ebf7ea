"""Before a box is pushed for the first time from this ledger: is its order number at the warehouse already?

That is so on the day a store moves over from another tool, and after a ledger was restored or lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cratejoy_tui.errors import SetupError
from cratejoy_tui.sync.domain.found import Comparison, compare
from cratejoy_tui.sync.domain.order import Found, Order
from cratejoy_tui.sync.domain.plan import Outcome, Result
from cratejoy_tui.sync.domain.record import PushIntent, TaskKind
from cratejoy_tui.sync.domain.stage import OPEN_STAGES, Kind, Stage
from cratejoy_tui.sync.flows.desk import Desk


async def look_up(desk: Desk, intents: Sequence[PushIntent]) -> Mapping[str, Sequence[Found]]:
    """What the warehouse has under the numbers of those boxes that this ledger never sent.

    Raises SetupError where the warehouse cannot be asked and nobody has said what is there.
    """
    never = await desk.ledger.operations.never_sent([intent.order.shipment_id for intent in intents])
    if not never:
        return {}
    if not desk.warehouse.capabilities.can_find:
        await _demand_adoption(desk)
        return {}
    return await desk.warehouse.find([intent.order.number for intent in intents if intent.order.shipment_id in never])


async def already_there(
    desk: Desk, intents: Sequence[PushIntent], there: Mapping[str, Sequence[Found]]
) -> list[Outcome]:
    """Take in what the look-up found: outcomes for the boxes whose number is known there; the others may be pushed."""
    known = [intent.order for intent in intents if intent.order.number in there]
    return [await _settle(desk, order, there[order.number]) for order in known]


async def _demand_adoption(desk: Desk) -> None:
    if await desk.ledger.people.adoption() is None:
        raise SetupError(
            f"{desk.warehouse.name} cannot be asked which orders it has, and this ledger never pushed to it.",
            next_step="Say what is there already: `cratejoy-tui adopt none`, or `cratejoy-tui adopt --file FILE` with "
            "one order number per line.",
        )


async def _settle(desk: Desk, order: Order, found: Sequence[Found]) -> Outcome:
    comparison = compare(order, found)
    if comparison is Comparison.SAME:
        await desk.ledger.operations.adopt(
            [(order, found[0].reference)], by=desk.operator, reason="found at first contact"
        )
        return _outcome(
            order, Result.DONE, Stage.AT_WAREHOUSE, f"{desk.warehouse.name} has order {order.number} already."
        )
    text = _conflict_text(desk, order, found, comparison)
    await desk.ledger.people.task(TaskKind.CONFLICT, order.shipment_id, order.number, text)
    await desk.ledger.shipments.move(
        order.shipment_id, Stage.CONFLICT, expect=OPEN_STAGES, reason="NUMBER_TAKEN", detail=text
    )
    return _outcome(order, Result.CONFLICT, Stage.CONFLICT, text)


def _conflict_text(desk: Desk, order: Order, found: Sequence[Found], comparison: Comparison) -> str:
    what = {
        Comparison.OTHER_CONTENT: "with other content",
        Comparison.CANCELLED: "cancelled",
        Comparison.DUPLICATE: f"{len(found)} times",
    }.get(comparison, "in an unclear state")
    return (
        f"{desk.warehouse.name} has order {order.number} {what}, not sent by this ledger. "
        f"Compare the two, then resolve {order.shipment_id}."
    )


def _outcome(order: Order, result: Result, stage: Stage, reason: str) -> Outcome:
    return Outcome(
        kind=Kind.PUSH, shipment_id=order.shipment_id, number=order.number, result=result, stage=stage, reason=reason
    )
