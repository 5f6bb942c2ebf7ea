"""The simulated warehouse over HTTP: a small JSON API."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cratejoy_tui.simulator.control import control_routes
from cratejoy_tui.simulator.faults import App, FaultLayer
from cratejoy_tui.simulator.floor import cancel_order, find_orders, take_orders, tell_parcels
from cratejoy_tui.simulator.rendering import stamp

if TYPE_CHECKING:
    from cratejoy_tui.simulator.world import World

NAME = "Simulated Warehouse"
MOST_ORDERS = 50


def _json(content: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status_code=status, media_type="application/json")


def _no(status: int, reason: str) -> Response:
    return _json({"error": reason}, status)


class WarehouseApp:
    """The endpoints, bound to one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """All paths under /api."""
        return [
            Route("/api/ping", self.ping, methods=["GET"]),
            Route("/api/orders", self.take, methods=["POST"]),
            Route("/api/orders/find", self.find, methods=["POST"]),
            Route("/api/orders/{number:path}/cancel", self.cancel, methods=["POST"]),
            Route("/api/shipments", self.parcels, methods=["GET"]),
        ]

    async def ping(self, request: Request) -> Response:
        """GET /api/ping"""
        if not self._signed_in(request):
            return _no(401, "bad token")
        return _json({"warehouse": NAME, "time": stamp(self._world.now_ms, "z", False)})

    async def take(self, request: Request) -> Response:
        """POST /api/orders"""
        body = await self._read(request)
        if isinstance(body, Response):
            return body
        orders = body.get("orders")
        if not isinstance(orders, list) or not all(isinstance(order, dict) for order in orders):
            return _no(400, "orders must be a list of objects")
        if len(orders) > MOST_ORDERS:
            return _no(400, f"at most {MOST_ORDERS} orders at a time")
        return _json({"results": take_orders(self._world, orders)})

    async def find(self, request: Request) -> Response:
        """POST /api/orders/find"""
        body = await self._read(request)
        if isinstance(body, Response):
            return body
        if self._world.knobs.delivery == "blind":
            return _no(404, "not found")
        numbers = body.get("order_numbers")
        if not isinstance(numbers, list) or not all(isinstance(number, str) for number in numbers):
            return _no(400, "order_numbers must be a list of text")
        with self._world.look():
            return _json({"orders": find_orders(self._world, numbers)})

    async def cancel(self, request: Request) -> Response:
        """POST /api/orders/{order_number}/cancel"""
        body = await self._read(request)
        if isinstance(body, Response):
            return body
        return _json(cancel_order(self._world, request.path_params["number"], str(body.get("reason", ""))))

    async def parcels(self, request: Request) -> Response:
        """GET /api/shipments"""
        if not self._signed_in(request):
            return _no(401, "bad token")
        asked = request.query_params
        with self._world.look():
            page = tell_parcels(self._world, asked.get("since", ""), asked.get("cursor", ""))
        return _no(400, "since or cursor cannot be read") if page is None else _json(page)

    async def _read(self, request: Request) -> dict[str, Any] | Response:
        if not self._signed_in(request):
            return _no(401, "bad token")
        try:
            body = msgspec.json.decode(await request.body() or b"{}")
        except (msgspec.DecodeError, UnicodeDecodeError):
            return _no(400, "not JSON")
        return body if isinstance(body, dict) else _no(400, "not a JSON object")

    def _signed_in(self, request: Request) -> bool:
        given = request.headers.get("authorization", "").encode()
        wanted = f"Bearer {self._world.keys.warehouse_token}".encode()
        return hmac.compare_digest(given, wanted) and not self._world.knobs.warehouse_token_revoked


def warehouse_app(world: World) -> App:
    """The warehouse as an ASGI app."""
    app = Starlette(routes=[*control_routes(world), *WarehouseApp(world).routes()])
    app.router.redirect_slashes = False
    return FaultLayer(app, world, "warehouse")
