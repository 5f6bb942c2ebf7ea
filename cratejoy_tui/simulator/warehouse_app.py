"""The simulated warehouse over HTTP: a small JSON API."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cratejoy_tui.simulator.control import steered, told
from cratejoy_tui.simulator.faults import App, Refusal
from cratejoy_tui.simulator.floor import cancel_order, find_orders, take_orders, tell_parcels
from cratejoy_tui.simulator.rendering import stamp

if TYPE_CHECKING:
    from cratejoy_tui.simulator.world import World

NAME = "Simulated Warehouse"
MOST_ORDERS = 50


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
            Route("/api/skus/find", self.skus, methods=["POST"]),
            Route("/api/orders/{number:path}/cancel", self.cancel, methods=["POST"]),
            Route("/api/shipments", self.parcels, methods=["GET"]),
        ]

    async def ping(self, request: Request) -> Response:
        """GET /api/ping"""
        self._sign_in(request)
        return told({"warehouse": NAME, "time": stamp(self._world.now_ms, "z", False)})

    async def take(self, request: Request) -> Response:
        """POST /api/orders"""
        orders = (await self._read(request)).get("orders")
        if not isinstance(orders, list) or not all(isinstance(order, dict) for order in orders):
            raise Refusal(400, "orders must be a list of objects")
        if len(orders) > MOST_ORDERS:
            raise Refusal(400, f"at most {MOST_ORDERS} orders at a time")
        return told({"results": take_orders(self._world, orders)})

    async def find(self, request: Request) -> Response:
        """POST /api/orders/find"""
        numbers = (await self._read(request)).get("order_numbers")
        if self._world.knobs.delivery == "blind":
            raise Refusal(404, "not found")
        if not isinstance(numbers, list) or not all(isinstance(number, str) for number in numbers):
            raise Refusal(400, "order_numbers must be a list of text")
        with self._world.look():
            return told({"orders": find_orders(self._world, numbers)})

    async def skus(self, request: Request) -> Response:
        """POST /api/skus/find"""
        skus = (await self._read(request)).get("skus")
        if not isinstance(skus, list) or not all(isinstance(sku, str) for sku in skus):
            raise Refusal(400, "skus must be a list of text")
        unknown = self._world.knobs.unknown_skus
        return told({"unknown": [sku for sku in skus if not sku or sku in unknown]})

    async def cancel(self, request: Request) -> Response:
        """POST /api/orders/{order_number}/cancel"""
        reason = str((await self._read(request)).get("reason", ""))
        return told(cancel_order(self._world, request.path_params["number"], reason))

    async def parcels(self, request: Request) -> Response:
        """GET /api/shipments"""
        self._sign_in(request)
        asked = request.query_params
        with self._world.look():
            page = tell_parcels(self._world, asked.get("since", ""), asked.get("cursor", ""))
        if page is None:
            raise Refusal(400, "since or cursor cannot be read")
        return told(page)

    async def _read(self, request: Request) -> dict[str, Any]:
        self._sign_in(request)
        try:
            return msgspec.json.decode(await request.body() or b"{}", type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Refusal(400, "not a JSON object") from None

    def _sign_in(self, request: Request) -> None:
        given = request.headers.get("authorization", "").encode()
        wanted = f"Bearer {self._world.keys.warehouse_token}".encode()
        if self._world.knobs.warehouse_token_revoked or not hmac.compare_digest(given, wanted):
            raise Refusal(401, "bad token")


def warehouse_app(world: World) -> App:
    """The warehouse as an ASGI app."""
    return steered(world, "warehouse", WarehouseApp(world).routes())
