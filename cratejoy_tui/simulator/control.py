"""The hidden hands: paths by which a test or a demonstration on this machine steers the simulated world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cratejoy_tui.simulator import changes, floor, proof
from cratejoy_tui.simulator.faults import JSON, App, FaultLayer, Refusal, error_body
from cratejoy_tui.simulator.happenings import HAPPENINGS, Happening, box_of

if TYPE_CHECKING:
    from cratejoy_tui.simulator.world import World

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def clock(world: World) -> object:
    """What time it is in the world."""
    return {"now": world.now, "day": world.day, "ended": world.ended}


ACTS: Mapping[str, Happening] = {
    **HAPPENINGS,
    "cancel": lambda world, asked: changes.cancel(world, box_of(world, asked)),
    "uncancel": lambda world, asked: changes.uncancel(world, box_of(world, asked)),
    "advance": lambda world, asked: world.advance(float(asked["seconds"])),
    "next-day": lambda world, _: world.next_day(),
    "reset": lambda world, _: world.reset(),
    "knobs": lambda world, asked: world.turn(**asked),
    "ship-now": lambda world, asked: {"tracking_numbers": floor.ship_now(world, str(asked["order_number"]))},
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


def told(content: object) -> Response:
    """A good answer."""
    return Response(msgspec.json.encode(content), media_type=JSON)


def _control(world: World) -> Route:
    async def control(request: Request) -> Response:
        name = request.path_params["name"]
        if not _allowed(request):
            raise Refusal(403, "only from this machine")
        world.catch_up()
        if request.method == "GET" and name in VIEWS:
            return told(VIEWS[name](world))
        if request.method != "POST" or name not in ACTS:
            raise Refusal(404, "not found")
        try:
            asked = msgspec.json.decode(await request.body() or b"{}", type=dict[str, Any])
            with world.change():
                return told(ACTS[name](world, asked) or clock(world))
        except (ValueError, KeyError, TypeError) as problem:
            raise Refusal(400, str(problem)) from problem

    return Route("/control/{name}", control, methods=["GET", "POST"])


def steered(world: World, name: str, routes: list[Route]) -> App:
    """A simulated system as an ASGI app: its own paths and the hidden ones, and what goes wrong on the way."""

    async def refused(_: Request, problem: Exception) -> Response:
        assert isinstance(problem, Refusal)
        form = world.knobs.error_body if name == "cratejoy" else "json"
        content, kind = error_body(form, problem.status, problem.reason, problem.field)
        return Response(content, status_code=problem.status, media_type=kind)

    app = Starlette(routes=[_control(world), *routes], exception_handlers={Refusal: refused})
    app.router.redirect_slashes = False
    return FaultLayer(app, world, name)
