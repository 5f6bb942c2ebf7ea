"""The simulator's own proof: what really arrived, and whether anything was done twice, wrongly or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from cratejoy_tui.simulator.floor import base_number
from cratejoy_tui.simulator.world import from_ms

if TYPE_CHECKING:
    from cratejoy_tui.simulator.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What went wrong in a world; every list is empty in a good one."""

    duplicated_orders: tuple[str, ...] = ()
    """Order numbers of which a second live order came to be, even if it was cancelled later."""
    wrong_confirmations: tuple[str, ...] = ()
    """Shipments confirmed with a number that the warehouse never gave their order, or after they were cancelled."""
    double_emails: tuple[str, ...] = ()
    """Shipments whose customer was told more than once."""
    unwanted_orders: tuple[str, ...] = ()
    """Orders for boxes that must not go out: test, cancelled before, held, or unknown to the store."""
    early_orders: tuple[str, ...] = ()
    """Orders taken more than so many days before the box's target date."""
    lost: tuple[str, ...] = ()
    """Shipments that should have gone out and never reached the warehouse."""
    unconfirmed: tuple[str, ...] = ()
    """Shipments that left the warehouse whole, and Cratejoy does not know. Normal while a day is going on."""

    @property
    def proven(self) -> bool:
        """Nothing was done twice or wrongly."""
        twice = self.duplicated_orders or self.double_emails
        return not (twice or self.wrong_confirmations or self.unwanted_orders or self.early_orders)


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """One PUT on a shipment that was carried out."""

    at_ms: int
    tracking_number: str | None
    mailed: bool
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the two systems noted."""

    received: Mapping[str, int]
    """Order number -> how many orders the warehouse made of it."""
    answers: Mapping[str, int]
    """accepted, duplicate, refused -> how often."""
    puts: Mapping[str, int]
    """Shipment -> PUTs that carried a tracking number."""
    emails: Mapping[str, int]
    """Shipment -> e-mails to its customer."""
    cancels: Mapping[str, str]
    """Order number -> the warehouse's last answer to a cancel."""
    parcels: Mapping[str, tuple[str, ...]]
    """Order number -> tracking numbers of its parcels that are not void."""


def _pairs(world: World, sql: str) -> dict[str, Any]:
    return {str(key): value for key, value in world.db.execute(sql).fetchall()}


def record(world: World) -> Record:
    """What was noted up to now. Orders that a scenario planted count as received."""
    with world.look():
        parcels: dict[str, tuple[str, ...]] = {}
        for number, tracking in world.db.execute(
            "SELECT order_number, tracking_number FROM parcels WHERE voided=0 AND order_reference<>''"
            " ORDER BY reference"
        ):
            parcels[number] = (*parcels.get(number, ()), tracking)
        return Record(
            received=_pairs(world, "SELECT order_number, count(*) FROM floor_orders GROUP BY order_number"),
            answers=_pairs(world, "SELECT answer, count(*) FROM received WHERE planted=0 GROUP BY answer"),
            puts=_pairs(
                world, "SELECT shipment_id, count(*) FROM puts WHERE tracking_number IS NOT NULL GROUP BY shipment_id"
            ),
            emails=_pairs(world, "SELECT shipment_id, sum(mailed) FROM puts GROUP BY shipment_id HAVING sum(mailed)>0"),
            cancels=_pairs(world, "SELECT order_number, answer FROM cancels ORDER BY id"),
            parcels=parcels,
        )


def puts_of(world: World, shipment_id: int) -> list[Put]:
    """Every PUT on a shipment, in order."""
    sql = "SELECT at_ms, tracking_number, mailed, body FROM puts WHERE shipment_id=? ORDER BY id"
    return [
        Put(at_ms=at_ms, tracking_number=number, mailed=bool(mailed), body=msgspec.json.decode(body))
        for at_ms, number, mailed, body in world.db.execute(sql, (shipment_id,)).fetchall()
    ]


def verdict(world: World, *, days_ahead: int = 7) -> Verdict:
    """Judge everything that happened up to now; `days_ahead` is the tool's Target Ship Date Within."""
    early = f"answer='accepted' AND target_ms - at_ms > {(days_ahead + 1) * 86_400_000}"
    with world.look():
        return Verdict(
            duplicated_orders=_texts(world, "SELECT DISTINCT order_number FROM received WHERE doubled=1 ORDER BY 1"),
            wrong_confirmations=_wrong(world),
            double_emails=_texts(
                world, "SELECT shipment_id FROM puts GROUP BY shipment_id HAVING sum(mailed) > 1 ORDER BY 1"
            ),
            unwanted_orders=_unwanted(world),
            early_orders=_texts(world, f"SELECT DISTINCT order_number FROM received WHERE {early} ORDER BY 1"),  # noqa: S608 - a number
            lost=_lost(world),
            unconfirmed=_unconfirmed(world),
        )


def _texts(world: World, sql: str) -> tuple[str, ...]:
    return tuple(str(row[0]) for row in world.db.execute(sql).fetchall())


def _wrong(world: World) -> tuple[str, ...]:
    issued: dict[str, set[str]] = {}
    for number, tracking in world.db.execute(
        "SELECT order_number, tracking_number FROM parcels WHERE order_reference<>''"
    ):
        issued.setdefault(base_number(number), set()).add(tracking)
    wrong: dict[str, None] = {}
    rows = world.db.execute("SELECT shipment_id, before, tracking_number, body FROM puts ORDER BY id")
    for shipment_id, before, number, body in rows.fetchall():
        says_shipped = msgspec.json.decode(body).get("status") in ("shipped", 2)
        mine = issued.get(str(shipment_id), set())
        is_its_own = number in mine if number else bool(mine)
        if (says_shipped or number is not None) and (not is_its_own or (says_shipped and before == "cancelled")):
            wrong[str(shipment_id)] = None
    return tuple(wrong)


def _unwanted(world: World) -> tuple[str, ...]:
    expected = _pairs(world, "SELECT id, expected FROM shipments")
    numbers = _texts(world, "SELECT DISTINCT order_number FROM floor_orders WHERE planted=0 ORDER BY 1")
    return tuple(one for one in numbers if expected.get(base_number(one), "never") == "never")


def _lost(world: World) -> tuple[str, ...]:
    arrived = {base_number(one) for one in _texts(world, "SELECT DISTINCT order_number FROM floor_orders")}
    due = _texts(
        world,
        "SELECT s.id FROM shipments s JOIN reading r ON r.id = s.id WHERE s.expected='push' AND r.status='unshipped'"
        " ORDER BY s.id",
    )
    return tuple(one for one in due if one not in arrived)


def _unconfirmed(world: World) -> tuple[str, ...]:
    left = _texts(world, "SELECT DISTINCT order_number FROM floor_orders WHERE state='shipped' ORDER BY 1")
    unshipped = set(_texts(world, "SELECT id FROM reading WHERE status='unshipped'"))
    return tuple(base for base in dict.fromkeys(base_number(one) for one in left) if base in unshipped)


def told(world: World) -> dict[str, Any]:
    """The record as JSON, with the world's time."""
    return {
        "now": from_ms(world.now_ms),
        "day": world.day,
        "ended": world.ended,
        "scenario": world.scenario,
        "served": dict(world.served),
        **msgspec.to_builtins(record(world)),
    }
