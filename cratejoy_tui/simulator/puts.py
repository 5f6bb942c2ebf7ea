"""A PUT on a shipment: what the simulated Cratejoy does with it, and the e-mail it sends the customer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from cratejoy_tui.simulator.changes import STATUSES, aim, set_status
from cratejoy_tui.simulator.faults import Refusal
from cratejoy_tui.simulator.moments import read_moment
from cratejoy_tui.simulator.shop import Doc, find_shipment, need_shipment, save_shipment

if TYPE_CHECKING:
    from cratejoy_tui.simulator.world import World

LONGEST_TRACKING = 255


def put_shipment(world: World, id_: int, body: object) -> Doc:
    """Change some fields of a shipment; unknown keys are ignored. Returns it as it truly is then, or raises Refusal."""
    with world.change():
        doc = find_shipment(world, id_)
        if doc is None:
            raise Refusal(404, "not found")
        if not isinstance(body, dict):
            raise Refusal(400, "the body must be a JSON object")
        wanted = _read(body)
        refused = world.knobs.put_on_closed
        if doc["status"] != "unshipped" and refused != "accept":
            raise Refusal(int(refused), f"shipment is {doc['status']}", "status")
        _apply(world, doc, wanted, body)
        return need_shipment(world, id_)


def _read(body: Mapping[str, Any]) -> Doc:
    wanted: Doc = {}
    if "status" in body:
        status = STATUSES.get(body["status"]) if isinstance(body["status"], int) else body["status"]
        if status not in STATUSES.values():
            raise Refusal(400, "no such status", "status")
        wanted["status"] = status
    if "tracking_number" in body:
        number = body["tracking_number"]
        if not (number is None or (isinstance(number, str) and len(number) <= LONGEST_TRACKING)):
            raise Refusal(400, "not a tracking number", "tracking_number")
        wanted["tracking_number"] = number
    for name in ("shipped_at", "adjusted_ordered_at"):
        if name in body:
            moment = read_moment(body[name])
            if moment is None:
                raise Refusal(400, "not a date", name)
            wanted[name] = moment
    return wanted


def _apply(world: World, doc: Doc, wanted: Doc, body: Mapping[str, Any]) -> None:
    before = {name: doc[name] for name in ("status", "tracking_number")}
    if "adjusted_ordered_at" in wanted:
        aim(doc, wanted["adjusted_ordered_at"])
    for name in ("tracking_number", "shipped_at"):
        if name in wanted:
            doc[name] = wanted[name]
    if wanted.get("status") == "shipped" and "shipped_at" not in wanted:
        doc["shipped_at"] = world.now_ms
    if "status" in wanted:
        set_status(world, doc, wanted["status"])
    else:
        save_shipment(world, doc)
    mailed = _mails(world, before, wanted, doc)
    world.db.execute(
        "INSERT INTO puts (at_ms, shipment_id, before, tracking_number, mailed, body) VALUES (?, ?, ?, ?, ?, ?)",
        (world.now_ms, doc["id"], before["status"], wanted.get("tracking_number"), mailed, msgspec.json.encode(body)),
    )


def _mails(world: World, before: Doc, wanted: Doc, after: Doc) -> bool:
    """Is the customer told by e-mail?"""
    says_shipped = wanted.get("status") == "shipped"
    turned = says_shipped and before["status"] != "shipped"
    if world.knobs.mail_on == "each_put":
        return says_shipped
    if world.knobs.mail_on == "status_change":
        return turned
    return turned or bool(after["tracking_number"] and after["tracking_number"] != before["tracking_number"])
