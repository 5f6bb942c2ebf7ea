"""What would another setting do? Every open box under both sets of rules; nothing is written down or frozen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, fields
from datetime import datetime

from msgspec.structs import replace

from cratejoy_tui.errors import RunStopped
from cratejoy_tui.sync.domain.build import order_number
from cratejoy_tui.sync.domain.eligibility import Judgement
from cratejoy_tui.sync.domain.order import Order
from cratejoy_tui.sync.domain.record import Stored
from cratejoy_tui.sync.domain.rules import Rules
from cratejoy_tui.sync.domain.shipment import Billing, Shipment
from cratejoy_tui.sync.domain.stage import OPEN_STAGES
from cratejoy_tui.sync.flows.desk import Desk, Step
from cratejoy_tui.sync.flows.judging import judge_under
from cratejoy_tui.sync.flows.pull import enabled, until

AT_ONCE = 500
READ_AT_ONCE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingChange:
    """One setting as it is and as it would be."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What the change does to one box."""

    shipment_id: str
    number: str
    before: str
    """Reason of its hold, or SKUs or ship code; "" where it could be pushed, or was never pulled."""
    after: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """What would be different."""

    store: str
    at: datetime
    changes: tuple[SettingChange, ...]
    looked_at: int
    becomes_eligible: tuple[Effect, ...]
    becomes_held: tuple[Effect, ...]
    other_reason: tuple[Effect, ...]
    """Held before and after, but for another reason."""
    other_skus: tuple[Effect, ...]
    other_ship_code: tuple[Effect, ...]
    other_ship_date: int
    """Boxes for which another day would be asked of the warehouse."""
    complete: bool
    notes: tuple[str, ...]

    @property
    def changes_nothing(self) -> bool:
        """True when no open box would be treated in another way."""
        return not (
            self.becomes_eligible
            or self.becomes_held
            or self.other_reason
            or self.other_skus
            or self.other_ship_code
            or self.other_ship_date
        )


@dataclass(slots=True)
class _Effects:
    looked_at: int = 0
    becomes_eligible: list[Effect] = field(default_factory=list)
    becomes_held: list[Effect] = field(default_factory=list)
    other_reason: list[Effect] = field(default_factory=list)
    other_skus: list[Effect] = field(default_factory=list)
    other_ship_code: list[Effect] = field(default_factory=list)
    other_ship_date: int = 0


async def whatif(desk: Desk, rules: Rules) -> WhatIf:
    """Judge all open boxes under the desk's rules and under `rules`. Orders at the warehouse keep what they have.

    Where the other rules list more boxes than were pulled, those are read from Cratejoy.
    """
    now = desk.clock.now()
    effects, notes = _Effects(), list[str]()
    known: set[str] = set()
    async for stored in _open(desk):
        known.add(stored.id)
        if stored.shipment is not None:
            was, would = (judge_under(desk, each, stored.shipment, now, stored) for each in (desk.rules, rules))
            _note(effects, stored.shipment, stored, was, would)
    for billing in enabled(rules):
        if _lists_more(desk.rules, rules, billing, now):
            await _newly_listed(desk, rules, billing, known, effects, notes)
    return WhatIf(
        store=desk.store,
        at=now,
        changes=changes(desk.rules, rules),
        looked_at=effects.looked_at,
        becomes_eligible=tuple(effects.becomes_eligible),
        becomes_held=tuple(effects.becomes_held),
        other_reason=tuple(effects.other_reason),
        other_skus=tuple(effects.other_skus),
        other_ship_code=tuple(effects.other_ship_code),
        other_ship_date=effects.other_ship_date,
        complete=not notes,
        notes=tuple(notes),
    )


def changes(before: Rules, after: Rules) -> tuple[SettingChange, ...]:
    """The settings in which two sets of rules differ."""
    return tuple(
        SettingChange(name=each.name, before=str(getattr(before, each.name)), after=str(getattr(after, each.name)))
        for each in fields(Rules)
        if getattr(before, each.name) != getattr(after, each.name)
    )


async def _open(desk: Desk) -> AsyncIterator[Stored]:
    after = ""
    while page := await desk.ledger.shipments.page(OPEN_STAGES, after, AT_ONCE):
        after = page[-1].id
        for stored in page:
            yield stored


def _lists_more(before: Rules, after: Rules, billing: Billing, now: datetime) -> bool:
    if billing not in enabled(before):
        return True
    old, new = until(before, billing, now), until(after, billing, now)
    return old is not None and new is not None and new > old


async def _newly_listed(
    desk: Desk, rules: Rules, billing: Billing, known: set[str], effects: _Effects, notes: list[str]
) -> None:
    now = desk.clock.now()
    try:
        async for page in desk.source.list_unshipped(billing, until(rules, billing, now)):
            fresh = {row.id: row for row in page.rows if row.id not in known}
            known.update(fresh)
            ours = await desk.ledger.shipments.get(list(fresh))
            new = [id_ for id_ in fresh if id_ not in ours]
            for start in range(0, len(new), READ_AT_ONCE):
                reading = await desk.source.read(new[start : start + READ_AT_ONCE])
                for id_, found in reading.shipments.items():
                    shipment = replace(found, queried_as=fresh[id_].shipment.queried_as or billing)
                    was, would = (judge_under(desk, each, shipment, now) for each in (desk.rules, rules))
                    _note(effects, shipment, None, was, would)
            desk.tell(Step(name=f"list {billing}", done=len(known), total=None))
            if page.complete is False:
                notes.append(f"Cratejoy's list of {billing} shipments is incomplete: {page.problem or 'cut'}.")
    except RunStopped as stopped:
        notes.append(stopped.message)


def _note(effects: _Effects, shipment: Shipment, stored: Stored | None, was: Judgement, would: Judgement) -> None:
    effects.looked_at += 1
    number = order_number(shipment, stored.generation if stored else 1)
    if was.order is not None and would.order is not None:
        _note_order(effects, shipment.id, number, was.order, would.order)
        return
    if was.reason == would.reason:
        return
    effect = Effect(
        shipment_id=shipment.id,
        number=number,
        before=was.reason,
        after=would.reason,
        detail=would.detail if would.reason else was.detail,
    )
    if would.order is not None:
        effects.becomes_eligible.append(effect)
    elif was.order is not None:
        effects.becomes_held.append(effect)
    else:
        effects.other_reason.append(effect)


def _note_order(effects: _Effects, id_: str, number: str, was: Order, would: Order) -> None:
    skus = _skus(was), _skus(would)
    if skus[0] != skus[1]:
        effects.other_skus.append(Effect(shipment_id=id_, number=number, before=skus[0], after=skus[1]))
    if was.ship_code != would.ship_code:
        effects.other_ship_code.append(
            Effect(shipment_id=id_, number=number, before=was.ship_code, after=would.ship_code)
        )
    effects.other_ship_date += was.requested_ship_date != would.requested_ship_date


def _skus(order: Order) -> str:
    return ", ".join(f"{line.quantity} x {line.sku}" for line in order.lines)
