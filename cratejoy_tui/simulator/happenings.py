"""What can happen in a simulated world, by name: scheduled in it, or done from outside."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from cratejoy_tui.simulator import changes, floor
from cratejoy_tui.simulator.cast import Box
from cratejoy_tui.simulator.faults import Refusal
from cratejoy_tui.simulator.moments import read_moment
from cratejoy_tui.simulator.placing import place
from cratejoy_tui.simulator.puts import put_shipment
from cratejoy_tui.simulator.shop import need_shipment, show

if TYPE_CHECKING:
    from cratejoy_tui.simulator.world import World

Asked = Mapping[str, Any]
Happening = Callable[["World", Asked], object]


def box_of(world: World, asked: Asked) -> int:
    """The shipment of a named case, or that of an id."""
    return world.case(asked["case"]) if "case" in asked else int(asked["id"])


def _unless_shipped(act: Callable[[World, int], None]) -> Happening:
    """As planned for the day: the merchant does not cancel what has been confirmed already."""

    def happen(world: World, asked: Asked) -> None:
        id_ = box_of(world, asked)
        if need_shipment(world, id_)["status"] != "shipped":
            act(world, id_)

    return happen


def _move(world: World, asked: Asked) -> None:
    moment = read_moment(asked["at"])
    if moment is None:
        raise ValueError(f"not a date: {asked['at']!r}")
    changes.move(world, box_of(world, asked), moment)


def _carry_out_late(world: World, asked: Asked) -> None:
    """Do now what a client asked for a while ago."""
    path = asked["path"]
    try:
        body = msgspec.json.decode(asked["body"], type=dict[str, Any])
        if asked["app"] == "cratejoy" and (shipment := re.search(r"/v1/shipments/(\d+)/?\Z", path)):
            put_shipment(world, int(shipment[1]), body)
        elif number := re.search(r"/api/orders/(.+)/cancel\Z", path):
            floor.cancel_order(world, number[1], str(body.get("reason", "")))
        elif path.endswith("/api/orders"):
            floor.take_orders(world, msgspec.convert(body.get("orders", ()), list[dict[str, Any]]))
    except (msgspec.MsgspecError, Refusal):
        return  # nonsense is forgotten: its answer was lost long ago


HAPPENINGS: Mapping[str, Happening] = {
    "show": lambda world, asked: show(world, need_shipment(world, asked["id"]), asked["table"]),
    "late": _carry_out_late,
    "place": lambda world, asked: {"id": place(world, msgspec.convert(asked, Box))},
    "pick": lambda world, asked: floor.pick(world, str(asked["reference"])),
    "ship": lambda world, asked: floor.ship(world, str(asked["reference"])),
    "void": lambda world, asked: floor.void(world, str(asked["reference"]), replaced=bool(asked.get("replaced", True))),
    "cancel": _unless_shipped(changes.cancel),
    "uncancel": _unless_shipped(changes.uncancel),
    "move": _move,
    "readdress": lambda world, asked: changes.readdress(world, box_of(world, asked), dict(asked["address"])),
    "refund": lambda world, asked: changes.refund(world, box_of(world, asked), asked.get("cents")),
    "pay": lambda world, asked: changes.pay(world, box_of(world, asked)),
    "ship-here": lambda world, asked: changes.ship_here(world, box_of(world, asked), str(asked["tracking_number"])),
    "buy-label": lambda world, asked: changes.buy_label(world, box_of(world, asked), str(asked["tracking_number"])),
    "set-subscription": lambda world, asked: changes.set_subscription(
        world, box_of(world, asked), str(asked["status"])
    ),
}
