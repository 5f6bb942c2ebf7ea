"""A person says which orders the warehouse had before this ledger: they are ours from now on, and never sent again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from cratejoy_tui.errors import ItemRefused, ReadOnly
from cratejoy_tui.sync.domain.build import build_order, order_number
from cratejoy_tui.sync.domain.order import Found, Order, OrderState
from cratejoy_tui.sync.domain.reason import RELEASABLE
from cratejoy_tui.sync.domain.record import Sighting, Stored
from cratejoy_tui.sync.domain.shipment import Shipment
from cratejoy_tui.sync.domain.stage import OPEN_STAGES
from cratejoy_tui.sync.flows.desk import Desk, Step
from cratejoy_tui.sync.flows.explain import ORDER_NUMBER
from cratejoy_tui.sync.flows.fetch import match
from cratejoy_tui.text import clean

AT_ONCE = 50
LONGEST_NUMBER = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """One number of the list that was not adopted, and why."""

    number: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """What became of the list."""

    store: str
    none: bool
    """The warehouse had nothing, so the person said."""
    adopted: tuple[str, ...]
    """Order numbers that are at warehouse now."""
    already: tuple[str, ...]
    """Order numbers that were ours before."""
    left_out: tuple[LeftOut, ...]


@dataclass(slots=True)
class _List:
    adopted: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    boxes: list[str] = field(default_factory=list)

    def leave(self, number: str, why: str) -> None:
        self.left_out.append(LeftOut(number=number, why=why))


async def adopt(desk: Desk, numbers: Sequence[str] | None, reason: str = "") -> Adopted:
    """Adopt these order numbers; None says that the warehouse has no order of this store.

    Where the warehouse can be asked, each number is looked up there first. Numbers that cannot be adopted are left
    out by name, and the others go on. Repeating it changes nothing. Raises ReadOnly, ItemRefused for an empty list.
    """
    if desk.read_only:
        raise ReadOnly(f"Nothing was adopted for {desk.store}: the program runs read-only.")
    wanted = None if numbers is None else tuple(dict.fromkeys(filter(None, (_plain(number) for number in numbers))))
    if wanted is not None and not wanted:
        raise ItemRefused("The list holds no order number.", next_step="Say `none` if the warehouse has no order.")
    result = _List()
    for start in range(0, len(wanted or ()), AT_ONCE):
        await _group(desk, (wanted or ())[start : start + AT_ONCE], reason, result)
        desk.tell(Step(name="adopt", done=start + AT_ONCE, total=len(wanted or ())))
    await match(desk, result.boxes)
    await desk.warehouse.adopt(desk.ledger.ledger_id, await desk.ledger.questions.last_delivery())
    await desk.ledger.people.set_adoption(wanted is None, len(result.adopted) + len(result.already), desk.operator)
    return Adopted(
        store=desk.store,
        none=wanted is None,
        adopted=tuple(result.adopted),
        already=tuple(result.already),
        left_out=tuple(result.left_out),
    )


def _plain(number: str) -> str:
    return clean(number, LONGEST_NUMBER).strip()


async def _group(desk: Desk, numbers: Sequence[str], reason: str, result: _List) -> None:
    ids = {number: match[1] for number in numbers if (match := ORDER_NUMBER.fullmatch(number)) is not None}
    stored = await _known(desk, list(ids.values()))
    there = await desk.warehouse.find(numbers) if desk.warehouse.capabilities.can_find else None
    for number in numbers:
        box = stored.get(ids.get(number, ""))
        order = _adoptable(desk, number, box, there, result)
        if order is None or box is None:
            continue
        reference = there[number][0].reference if there is not None else ""
        taken = await desk.ledger.operations.adopt([(order, reference)], desk.operator, reason, desk.warehouse.name)
        if taken:
            result.adopted.append(number)
            result.boxes += taken
        else:
            result.leave(number, f"shipment {box.id} has another order under way; settle that first")


async def _known(desk: Desk, ids: Sequence[str]) -> dict[str, Stored]:
    """These boxes in the ledger; those never pulled are read from Cratejoy and recorded first."""
    stored = await desk.ledger.shipments.get(ids)
    unknown = [id_ for id_ in ids if id_ not in stored]
    if not unknown:
        return stored
    reading = await desk.source.read(unknown)
    await desk.ledger.shipments.record(
        [Sighting(shipment=shipment) for shipment in reading.shipments.values() if shipment.status == "unshipped"]
    )
    return await desk.ledger.shipments.get(ids)


def _adoptable(
    desk: Desk, number: str, box: Stored | None, there: Mapping[str, tuple[Found, ...]] | None, result: _List
) -> Order | str | None:
    """What to adopt under this number; None when it is ours already or must be left out."""
    if box is None or box.shipment is None:
        result.leave(number, "no unshipped box of this store has this number")
        return None
    if box.stage not in OPEN_STAGES:
        if box.order_number == number:
            result.already.append(number)
        else:
            result.leave(number, f"shipment {box.id} is {box.stage} as {box.order_number or 'no order'}")
        return None
    ours = order_number(box.shipment, box.generation)
    if ours and ours != number:
        result.leave(number, f"shipment {box.id} would be order {ours}; give the number as the warehouse has it")
        return None
    found = there.get(number, ()) if there is not None else None
    if found is not None and (why := _why_not(desk, found)):
        result.leave(number, why)
        return None
    return _order(desk, number, box, box.shipment, found)


def _why_not(desk: Desk, found: Sequence[Found]) -> str:
    if not found:
        return f"{desk.warehouse.name} does not have it"
    if len(found) > 1:
        return f"{desk.warehouse.name} has it {len(found)} times; cancel all but one there"
    return f"{desk.warehouse.name} has it cancelled" if found[0].state is OrderState.CANCELLED else ""


def _order(desk: Desk, number: str, box: Stored, shipment: Shipment, found: Sequence[Found] | None) -> Order | str:
    """The order as the warehouse has it, as far as it tells; else as we would send it; else the bare number."""
    order = build_order(shipment, desk.rules, desk.clock.now(), box.generation, approved=RELEASABLE)
    if not isinstance(order, Order):
        return number
    there = found[0] if found else None
    return replace(
        order,
        lines=there.lines if there is not None and there.lines else order.lines,
        ship_to=there.ship_to if there is not None and there.ship_to is not None else order.ship_to,
    )
