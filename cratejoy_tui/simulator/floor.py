"""The floor of the simulated warehouse: orders come in, are picked, packed and shipped, or cancelled in time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

import msgspec

from cratejoy_tui.simulator.carriers import print_label
from cratejoy_tui.simulator.moments import read_moment
from cratejoy_tui.simulator.world import ZONE, to_ms

if TYPE_CHECKING:
    from cratejoy_tui.simulator.world import World

Doc = dict[str, Any]
MINUTE = 60_000
_NUMBER = re.compile(r"(?:SUB-)?(.+?)(?:-R\d+)?\Z", re.DOTALL)


def base_number(order_number: str) -> str:
    """The shipment id inside an order number: `SUB-12-R2` gives `12`."""
    found = _NUMBER.match(order_number)
    return found[1] if found else order_number


# taking orders


def take_orders(world: World, orders: Sequence[Mapping[str, Any]], *, planted: bool = False) -> list[Doc]:
    """Take some orders; one answer each, in their order."""
    with world.change():
        return [_take(world, dict(order), planted) for order in orders]


def _take(world: World, order: Doc, planted: bool) -> Doc:
    number = str(order.get("order_number") or "")
    problem = _problem(world, order, number)
    if problem:
        return _answered(world, number, "refused", "", problem)
    held = _orders(world, number, "state <> 'cancelled'")
    if held and world.knobs.delivery == "unique":
        return _answered(world, number, "duplicate", held[0][0], f"order {number} is here already")
    doubled = bool(held) or _live_under_other_number(world, number)
    reference = f"WH{world.count('floor orders', 100_000)}"
    visible = world.now_ms + round(world.knobs.find_lag_seconds * 1000)
    world.db.execute(
        "INSERT INTO floor_orders VALUES (?, ?, 'open', 0, ?, ?, ?, ?)",
        (reference, number, world.now_ms, visible, planted, msgspec.json.encode(order)),
    )
    low, high = world.knobs.pick_minutes
    wait = world.between(low, high, "pick", number, reference)
    world.schedule(_workable(world, order) + round(wait * MINUTE), "pick", reference=reference)
    return _answered(world, number, "accepted", reference, "", doubled=doubled, planted=planted)


def _problem(world: World, order: Doc, number: str) -> str:
    lines = order.get("lines")
    if not number:
        return "order_number is missing"
    if not isinstance(lines, list) or not lines:
        return "an order needs lines"
    for line in lines:
        if not isinstance(line, dict) or not isinstance(line.get("quantity"), int) or line["quantity"] < 1:
            return "a line needs a sku and a quantity"
        sku = line.get("sku")
        if not sku or sku in world.knobs.unknown_skus:
            return f"SKU {sku!r} is unknown here"
    return "" if isinstance(order.get("ship_to"), dict) else "ship_to is missing"


def _answered(
    world: World,
    number: str,
    status: str,
    reference: str,
    message: str,
    *,
    doubled: bool = False,
    planted: bool = False,
) -> Doc:
    world.db.execute(
        "INSERT INTO received (at_ms, order_number, answer, reference, doubled, planted, target_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, (SELECT json_extract(doc, '$.adjusted_ordered_at') FROM shipments WHERE id=?))",
        (world.now_ms, number, status, reference, doubled, planted, base_number(number)),
    )
    return {"order_number": number, "status": status, "reference": reference, "message": message}


def _orders(world: World, number: str, condition: str = "1") -> list[tuple[str, str, int, bytes]]:
    return world.db.execute(
        f"SELECT reference, state, picked, doc FROM floor_orders WHERE order_number=? AND {condition}"  # noqa: S608 - our own conditions
        " ORDER BY received_ms, reference",
        (number,),
    ).fetchall()


def _live_under_other_number(world: World, number: str) -> bool:
    """Is the same box still open here under another number, say before it was sent anew?"""
    base = base_number(number)
    likely = [base, f"SUB-{base}"] + [f"{head}{base}-R{n}" for head in ("", "SUB-") for n in range(2, 10)]
    return any(_orders(world, one, "state = 'open'") for one in likely if one != number)


def _workable(world: World, order: Doc) -> int:
    """When the floor may begin: now, or at 08:00 of the requested day."""
    text = order.get("requested_ship_date")
    if not (world.knobs.honours_ship_date and isinstance(text, str)):
        return world.now_ms
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return world.now_ms
    return max(world.now_ms, to_ms(datetime.combine(day, time(8), ZONE)))


# asking and cancelling


def find_orders(world: World, numbers: Sequence[str]) -> list[Doc]:
    """What the warehouse shows under these numbers; an order may appear some time after it was taken."""
    found = []
    for number in dict.fromkeys(numbers):
        for reference, state, picked, doc in _orders(world, number, f"visible_ms <= {world.now_ms}"):
            order = msgspec.json.decode(doc)
            lines = [{"sku": line["sku"], "quantity": line["quantity"]} for line in order["lines"]]
            shown = {"order_number": number, "reference": reference, "state": state, "picked_up": bool(picked)}
            found.append({**shown, "lines": lines, "ship_to": order["ship_to"]})
    return found


def cancel_order(world: World, number: str, reason: str) -> Doc:
    """Stop an order if there is still time."""
    with world.change():
        held = _orders(world, number)
        answer, message = _cancelled(world, held)
        world.db.execute(
            "INSERT INTO cancels (at_ms, order_number, answer, reason) VALUES (?, ?, ?, ?)",
            (world.now_ms, number, answer, reason),
        )
        return {"answer": answer, "message": message}


def _cancelled(world: World, held: Sequence[tuple[str, str, int, bytes]]) -> tuple[str, str]:
    if not held:
        return "not found", "no such order"
    until = world.knobs.cancel_until
    open_ones = [row for row in held if row[1] == "open"]
    if any(state == "shipped" for _, state, _, _ in held):
        return "refused", "the order has shipped"
    if open_ones and until == "never":
        return "refused", "this warehouse does not cancel"
    if until == "pick" and any(picked for _, _, picked, _ in open_ones):
        return "refused", "the order is being picked"
    if any(_parcels_of(world, reference) for reference, *_ in open_ones):
        return "refused", "part of the order has shipped"
    for reference, *_ in open_ones:
        world.db.execute("UPDATE floor_orders SET state='cancelled' WHERE reference=?", (reference,))
    return "cancelled", "" if open_ones else "it was cancelled before"


# picking, shipping, voiding


def _open_order(world: World, reference: str) -> tuple[str, Doc] | None:
    row = world.db.execute(
        "SELECT order_number, doc FROM floor_orders WHERE reference=? AND state='open'", (reference,)
    ).fetchone()
    return None if row is None else (row[0], msgspec.json.decode(row[1]))


def pick(world: World, reference: str) -> None:
    """Somebody takes the goods from the shelf; from now on a cancel may come too late."""
    order = _open_order(world, reference)
    if order is None:
        return
    world.db.execute("UPDATE floor_orders SET picked=1 WHERE reference=?", (reference,))
    low, high = world.knobs.ship_minutes
    wait = world.between(low, high, "ship", order[0], reference)
    world.schedule(world.now_ms + round(wait * MINUTE), "ship", reference=reference)


def ship(world: World, reference: str) -> None:
    """The next parcel of the order leaves."""
    order = _open_order(world, reference)
    if order is None:
        return
    number, doc = order
    world.db.execute("UPDATE floor_orders SET picked=1 WHERE reference=?", (reference,))
    pieces = [line["sku"] for line in doc["lines"] for _ in range(line["quantity"])]
    gone = sum(line["quantity"] for parcel in _parcels_of(world, reference) for line in parcel["held"])
    left = pieces[gone:]
    knobs = world.knobs
    if not gone and len(left) > 1 and world.draw("split", number) < knobs.split_share:
        _send(world, reference, number, left[:1], closed=False)
        world.schedule(world.now_ms + 60 * MINUTE, "ship", reference=reference)
        return
    if len(left) > 1 and world.draw("short", number) < knobs.short_share:
        left = left[:-1]
    _send(world, reference, number, left, closed=True)
    world.db.execute("UPDATE floor_orders SET state='shipped' WHERE reference=?", (reference,))


def _parcels_of(world: World, order_reference: str) -> list[Doc]:
    rows = world.db.execute(
        "SELECT doc FROM parcels WHERE order_reference=? AND voided=0 ORDER BY reference", (order_reference,)
    )
    return [msgspec.json.decode(doc) for (doc,) in rows]


def _send(world: World, order_reference: str, number: str, pieces: Sequence[str], *, closed: bool) -> None:
    serial = world.count("parcels")
    reference = f"P{serial:09d}"
    printed = print_label(world.draw("carrier", number, serial), serial)
    blank = world.draw("blank", number) < world.knobs.blank_tracking_share
    held = [{"sku": sku, "quantity": pieces.count(sku)} for sku in dict.fromkeys(pieces)]
    doc = {"order_number": number, "reference": reference, **printed, "shipped_at": world.now_ms}
    doc |= {"held": held, "voided": False, "order_closed": closed}
    if blank:
        doc |= {"tracking_number": "", "tracking_link": ""}
    _keep_parcel(world, order_reference, doc)
    if not blank and world.draw("void", reference) < world.knobs.void_share:
        world.schedule(world.now_ms + 20 * MINUTE, "void", reference=reference)
    if world.knobs.foreign_parcels:
        foreign = print_label(world.draw("foreign", serial), 5_000_000 + serial)
        stranger = {"order_number": f"MKT-{serial}", "reference": f"F{serial:09d}", **foreign}
        _keep_parcel(world, "", {**doc, **stranger})


def _keep_parcel(world: World, order_reference: str, doc: Doc) -> None:
    names = (doc["reference"], order_reference, doc["order_number"], doc["tracking_number"])
    world.db.execute(
        "INSERT OR REPLACE INTO parcels VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*names, world.now_ms, doc["voided"], msgspec.json.encode(doc)),
    )


def void(world: World, reference: str, *, replaced: bool = True) -> None:
    """A label is voided; the parcel leaves under a new one, or (not `replaced`) stays."""
    with world.change():
        row = world.db.execute("SELECT order_reference, doc FROM parcels WHERE reference=?", (reference,)).fetchone()
        if row is None:
            raise KeyError(f"parcel {reference}")
        doc = msgspec.json.decode(row[1])
        _keep_parcel(world, row[0], {**doc, "voided": True})
        if replaced:
            pieces = [line["sku"] for line in doc["held"] for _ in range(line["quantity"])]
            _send(world, row[0], doc["order_number"], pieces, closed=doc["order_closed"])


def ship_now(world: World, order_number: str) -> list[str]:
    """Let every open order under this number leave at once; returns the tracking numbers."""
    with world.change():
        for reference, *_ in _orders(world, order_number, "state = 'open'"):
            while _open_order(world, reference) is not None:
                ship(world, reference)
        rows = world.db.execute(
            "SELECT tracking_number FROM parcels WHERE order_number=? AND voided=0 ORDER BY reference", (order_number,)
        )
        return [str(number) for (number,) in rows]


# telling


def tell_parcels(world: World, since: str, cursor: str) -> Doc | None:
    """A page of parcels made or voided since an instant; None when the question cannot be read."""
    begin = read_moment(since)
    place = (begin or 0, "") if not cursor else _place(cursor)
    if place is None or (begin is None and not cursor):
        return None
    size = world.knobs.parcels_per_page
    rows = world.db.execute(
        "SELECT changed_ms, reference, doc FROM parcels WHERE (changed_ms, reference) > (?, ?)"
        " ORDER BY changed_ms, reference LIMIT ?",
        (*place, size + 1),
    ).fetchall()
    shown = rows[:size]
    following = f"{shown[-1][0]}:{shown[-1][1]}" if len(rows) > size else None
    return {"parcels": [_told(world, msgspec.json.decode(doc)) for _, _, doc in shown], "next": following}


def _place(cursor: str) -> tuple[int, str] | None:
    found = re.fullmatch(r"(\d{1,16}):(\w*)", cursor)
    return (int(found[1]), found[2]) if found else None


def _told(world: World, doc: Doc) -> Doc:
    from cratejoy_tui.simulator.rendering import stamp

    held = doc.pop("held")
    lines = held if world.knobs.tells_lines else None
    return {**doc, "shipped_at": stamp(doc["shipped_at"], "z", False), "lines": lines}
