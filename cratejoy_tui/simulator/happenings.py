"""What can be scheduled in a simulated world, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cratejoy_tui.simulator import changes, floor
from cratejoy_tui.simulator.cast import Box
from cratejoy_tui.simulator.faults import carry_out_late
from cratejoy_tui.simulator.placing import place
from cratejoy_tui.simulator.shop import find_shipment, show

if TYPE_CHECKING:
    from cratejoy_tui.simulator.world import World

Payload = Mapping[str, Any]


def _show(world: World, payload: Payload) -> None:
    doc = find_shipment(world, payload["id"])
    if doc is not None:
        show(world, doc, payload["table"])


def _on_case(act: Callable[..., object]) -> Callable[[World, Payload], None]:
    """Let something happen to the box of a named case, or of an id."""

    def happen(world: World, payload: Payload) -> None:
        rest = dict(payload)
        id_ = rest.pop("id", None) or world.case(rest.pop("case"))
        act(world, id_, **rest)

    return happen


def _unless_shipped(act: Callable[[World, int], None]) -> Callable[[World, int], None]:
    """The merchant does not cancel what has been confirmed already."""

    def happen(world: World, id_: int) -> None:
        doc = find_shipment(world, id_)
        if doc is not None and doc["status"] != "shipped":
            act(world, id_)

    return happen


HAPPENINGS: Mapping[str, Callable[[World, Payload], object]] = {
    "show": _show,
    "place": lambda world, payload: place(world, Box.read(payload["box"])),
    "late": lambda world, payload: carry_out_late(world, **payload),
    "pick": lambda world, payload: floor.pick(world, payload["reference"]),
    "ship": lambda world, payload: floor.ship(world, payload["reference"]),
    "void": lambda world, payload: floor.void(world, payload["reference"]),
    "cancel": _on_case(_unless_shipped(changes.cancel)),
    "uncancel": _on_case(_unless_shipped(changes.uncancel)),
    "move": _on_case(changes.move),
    "readdress": _on_case(changes.readdress),
    "refund": _on_case(changes.refund),
    "pay": _on_case(changes.pay),
    "ship_here": _on_case(changes.ship_here),
    "buy_label": _on_case(changes.buy_label),
    "set_subscription": _on_case(changes.set_subscription),
}
