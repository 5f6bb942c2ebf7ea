"""The hidden hands: paths by which a test or a demonstration on this machine steers the simulated world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cratejoy_tui.simulator import changes, floor, proof
from cratejoy_tui.simulator.cast import Box
from cratejoy_tui.simulator.moments import read_moment
from cratejoy_tui.simulator.placing import place

if TYPE_CHECKING:
    from cratejoy_tui.simulator.world import World

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
Act = Callable[["World", Mapping[str, Any]], object]


def _shipment(world: World, asked: Mapping[str, Any]) -> int:
    return world.case(asked["case"]) if "case" in asked else int(asked["id"])


def _at(asked: Mapping[str, Any]) -> int:
    moment = read_moment(asked["at"])
    if moment is None:
        raise ValueError(f"not a date: {asked['at']!r}")
    return moment


def _advance(world: World, asked: Mapping[str, Any]) -> object:
    world.advance(float(asked["seconds"]))
    return clock(world)


def _next_day(world: World, _asked: Mapping[str, Any]) -> object:
    world.next_day()
    return clock(world)


def _reset(world: World, _asked: Mapping[str, Any]) -> object:
    world.reset()
    return clock(world)


def clock(world: World) -> object:
    """What time it is in the world."""
    return {"now": world.now, "day": world.day, "ended": world.ended}


ACTS: Mapping[str, Act] = {
    "advance": _advance,
    "next-day": _next_day,
    "reset": _reset,
    "knobs": lambda world, asked: world.turn(**asked),
    "place": lambda world, asked: {"id": place(world, Box.read(asked))},
    "cancel": lambda world, asked: changes.cancel(world, _shipment(world, asked)),
    "uncancel": lambda world, asked: changes.uncancel(world, _shipment(world, asked)),
    "move": lambda world, asked: changes.move(world, _shipment(world, asked), _at(asked)),
    "readdress": lambda world, asked: changes.readdress(world, _shipment(world, asked), dict(asked["address"])),
    "refund": lambda world, asked: changes.refund(world, _shipment(world, asked), asked.get("cents")),
    "pay": lambda world, asked: changes.pay(world, _shipment(world, asked)),
    "ship-here": lambda world, asked: changes.ship_here(world, _shipment(world, asked), str(asked["tracking_number"])),
    "buy-label": lambda world, asked: changes.buy_label(world, _shipment(world, asked), str(asked["tracking_number"])),
    "set-subscription": lambda world, asked: changes.set_subscription(
        world, _shipment(world, asked), str(asked["status"])
    ),
    "ship-now": lambda world, asked: {"tracking_numbers": floor.ship_now(world, str(asked["order_number"]))},
    "void": lambda world, asked: floor.void(world, str(asked["reference"]), replaced=bool(asked.get("replaced", True))),
    "plant": lambda world, asked: floor.take_orders(world, asked["orders"], planted=True),
}
"""POST /control/{name} with a JSON object."""

VIEWS: Mapping[str, Callable[[World], object]] = {
    "clock": clock,
    "knobs": lambda world: world.knobs,
    "record": proof.told,
    "verdict": proof.verdict,
}
"""GET /control/{name}."""


def _allowed(request: Request) -> bool:
    """Only from this machine, and never from a page in a browser."""
    host = request.client.host if request.client else ""
    return host in LOOPBACK and request.url.hostname in LOOPBACK and "origin" not in request.headers


def _json(content: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status_code=status, media_type="application/json")


def control_routes(world: World) -> list[Route]:
    """The paths, for either app."""

    async def control(request: Request) -> Response:
        name = request.path_params["name"]
        if not _allowed(request):
            return _json({"error": "only from this machine"}, 403)
        world.catch_up()
        if request.method == "GET" and name in VIEWS:
            return _json(VIEWS[name](world))
        if request.method != "POST" or name not in ACTS:
            return _json({"error": "not found"}, 404)
        try:
            asked = msgspec.json.decode(await request.body() or b"{}", type=dict[str, Any])
            with world.change():
                return _json(ACTS[name](world, asked))
        except (ValueError, KeyError, TypeError) as problem:
            return _json({"error": str(problem)}, 400)

    return [Route("/control/{name}", control, methods=["GET", "POST"])]
