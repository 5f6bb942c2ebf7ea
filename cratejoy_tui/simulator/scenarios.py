"""The scenarios by name: who ordered what, and what the day brings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from cratejoy_tui.errors import SettingsInvalid
from cratejoy_tui.simulator.cases import CASES, NASTY, crowd, walk_in
from cratejoy_tui.simulator.cast import Box, Piece, local_midnight
from cratejoy_tui.simulator.floor import ship_now, take_orders
from cratejoy_tui.simulator.knobs import Fault
from cratejoy_tui.simulator.placing import open_catalogue, place
from cratejoy_tui.simulator.shop import Doc, need_object, need_shipment
from cratejoy_tui.simulator.world import DAY_HOURS, DEFAULT_START, World, to_ms

MINUTE = 60_000
HOUR = 60 * MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A world to begin with, and what each of its days brings."""

    crowd: int
    cases: tuple[Box, ...] = CASES
    walk_ins: int = 6
    """E-commerce orders in the course of each day."""
    knobs: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    prepare: Callable[[World, list[int]], None] | None = None
    """Called once with the ids of the crowd."""


def _cancel_a_third(world: World, ids: list[int]) -> None:
    for id_ in ids:
        if world.draw("late cancel", id_) < 0.35:
            at = world.now_ms + round(world.between(5, 420, "cancel at", id_) * MINUTE)
            world.schedule(at, "cancel", id=id_)
            if world.draw("second thoughts", id_) < 0.1:
                world.schedule(at + 40 * MINUTE, "uncancel", id=id_)


def order_like_ours(world: World, id_: int) -> Doc:
    """The order another tool would have sent for this shipment, under the same number."""
    doc = need_shipment(world, id_)
    address = need_object(world, "addresses", doc["address_id"])
    skus = [need_object(world, "product_instances", line["instance_id"])["sku"] for line in doc["fulfillments"]]
    keys = ("to", "company", "street", "unit", "city", "state", "country")
    ship_to = {key: address[key] for key in keys} | {"zip": address["zip_code"], "phone": address["phone_number"]}
    return {
        "order_number": f"{id_}" if doc["is_ecom"] else f"SUB-{id_}",
        "ship_code": "ORDER" if doc["is_ecom"] else "SUBSCRIPTION",
        "requested_ship_date": None,
        "gift_message": "",
        "ship_to": ship_to,
        "lines": [{"sku": sku, "quantity": skus.count(sku), "title": sku} for sku in dict.fromkeys(skus)],
    }


def _plant_some(world: World, ids: list[int]) -> None:
    """Two of five boxes are at the warehouse already; some of them have left."""
    for place_, id_ in enumerate(ids):
        if place_ % 5 < 2:
            order = order_like_ours(world, id_)
            take_orders(world, [order], planted=True)
            if place_ % 10 == 0:
                ship_now(world, order["order_number"])


_FLAKY = (
    Fault(app="warehouse", method="POST", path="/api/orders", kind="lose_answer", chance=0.08),
    Fault(app="warehouse", method="POST", path="/api/orders", kind="late_commit", chance=0.08, seconds=120),
    Fault(app="warehouse", method="POST", path="/api/orders", kind="status", status=500, chance=0.05),
    Fault(app="warehouse", kind="refuse", chance=0.05),
    Fault(app="warehouse", kind="slow", chance=0.05, seconds=8),
    Fault(app="warehouse", kind="throttle", chance=0.05, seconds=20),
)
_USUAL = MappingProxyType({"split_share": 0.3, "void_share": 0.02})

SCENARIOS: Mapping[str, Scenario] = {
    "calm-day": Scenario(crowd=24, knobs=_USUAL),
    "billing-day": Scenario(crowd=5000, walk_ins=40, knobs=_USUAL),
    "late-cancels": Scenario(crowd=60, knobs=_USUAL, prepare=_cancel_a_third),
    "throttled": Scenario(
        crowd=160,
        knobs={
            "requests_per_minute": 30,
            "retry_after": "date",
            "faults": [{"kind": "status", "status": 502, "method": "GET", "chance": 0.05}],
        },
    ),
    "flaky-warehouse": Scenario(
        crowd=90,
        knobs={**_USUAL, "delivery": "look-up", "find_lag_seconds": 15, "faults": msgspec.to_builtins(_FLAKY)},
    ),
    "nasty-data": Scenario(
        crowd=20,
        cases=CASES + NASTY,
        knobs={"foreign_parcels": True, "blank_tracking_share": 0.05, "short_share": 0.1, "list_order": "shuffled"},
    ),
    "moving-over": Scenario(crowd=40, knobs={**_USUAL, "delivery": "look-up"}, prepare=_plant_some),
}


def build(world: World, name: str, *, seed: int = 1, start: datetime | None = None, boxes: int | None = None) -> None:
    """Fill an empty world with a scenario and begin its first day; `boxes` changes the size of the crowd."""
    scenario = SCENARIOS[name]
    begun = to_ms(start or DEFAULT_START)
    with world.change():
        for key, value in {"seed": seed, "scenario": name, "start": begun, "now": begun, "boxes": boxes or ""}.items():
            world.remember(key, value)
        open_catalogue(world)
        world.turn(**scenario.knobs)
        for box in scenario.cases:
            place(world, box)
        size = scenario.crowd if boxes is None else boxes
        ids = [place(world, box) for box in crowd(world, size)]
        if scenario.prepare is not None:
            scenario.prepare(world, ids)
        if scenario.cases:
            _the_day_of_the_cases(world, begun)
        begin_day(world, 1)


def _the_day_of_the_cases(world: World, begun: int) -> None:
    """What happens to the boxes of CASES on the first day."""
    today = local_midnight(begun)
    for minutes, kind, case, more in (
        (12, "cancel", "cancel-in-time", {}),
        (12, "cancel", "un-cancelled", {}),
        (75, "uncancel", "un-cancelled", {}),
        (12, "readdress", "readdressed", {"address": {"street": "5 Moved Rd", "unit": "Rear"}}),
        (14, "move", "postponed", {"at": local_midnight(begun, 20)}),
        (90, "move", "brought-forward", {"at": today}),
        (100, "cancel", "cancel-too-late", {}),
        (150, "pay", "late-payer", {}),
    ):
        world.schedule(begun + minutes * MINUTE, kind, case=case, **more)


def begin_day(world: World, day: int) -> None:
    """Begin a day: new customers come in between its first and its sixth hour."""
    with world.change():
        scenario = SCENARIOS[world.scenario]
        end = world.fact("day_end")
        start = int(end) + (24 - DAY_HOURS) * HOUR if end else world.now_ms
        world.remember("day", day)
        world.remember("day_end", start + DAY_HOURS * HOUR)
        for place_ in range(scenario.walk_ins):
            at = start + round(world.between(20, 360, "walk-in", day, place_) * MINUTE)
            world.schedule(at, "place", **msgspec.to_builtins(walk_in(world, day, place_)))
        if day > 1:
            renewed = Box(billing="adhoc", pieces=(Piece(sku="SQ0093801"),), sub_cycle=1 + day)
            for minutes in (10, 30, 50):
                world.schedule(start + minutes * MINUTE, "place", **msgspec.to_builtins(renewed))
        world.advance_to(start)


def demo_world(
    path: Path | str,
    scenario: str = "calm-day",
    *,
    seed: int = 1,
    start: datetime | None = None,
    boxes: int | None = None,
) -> World:
    """Open the world of a demonstration in this file; a new or empty one begins the scenario's first day.

    A world that is there already keeps its own scenario. Raises SettingsInvalid for an unknown name.
    """
    if scenario not in SCENARIOS:
        raise SettingsInvalid([f"no scenario {scenario!r}"], next_step=f"Choose one of {', '.join(SCENARIOS)}.")
    if str(path) != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    world = World(path)
    with world.change():
        if not world.scenario:
            build(world, scenario, seed=seed, start=start, boxes=boxes)
    return world
