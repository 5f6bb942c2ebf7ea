"""A little Odoo behind real HTTP: 19 speaks JSON-2, 17 only JSON-RPC."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cratejoy_tui.simulator.faults import App
from tests.warehouses.odoo_database import OdooDatabase, Refusal

KEY, DATABASE, LOGIN = "made-up-api-key", "teahouse", "api@example.test"


class FakeOdoo(OdooDatabase):
    """One database and its two doors."""

    def app(self) -> App:
        """It as an ASGI app."""
        routes = [Route("/jsonrpc", self._rpc, methods=["POST"])]
        if self.major >= 19:
            routes += [
                Route("/web/version", lambda _: JSONResponse({"version": f"{self.major}.0"})),
                Route("/json/2/{model}/{method}", self._json2, methods=["POST"]),
            ]
        return Starlette(routes=routes)  # type: ignore[return-value]

    async def _json2(self, request: Request) -> Response:
        body = msgspec.json.decode(await request.body())
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return _error(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey")
        if request.headers.get("x-odoo-database", DATABASE) != DATABASE:
            return _error(404, "werkzeug.exceptions.NotFound", "no such database")
        model, method = request.path_params["model"], request.path_params["method"]
        if self._throttles(f"{model}.{method}"):
            return Response("slow down", 429, headers={"Retry-After": "1"})
        ids = body.pop("ids", None)
        try:
            return JSONResponse(self.call(model, method, ids, body))
        except Refusal as refusal:
            return _error(refusal.status, refusal.name, str(refusal))

    async def _rpc(self, request: Request) -> Response:
        params = msgspec.json.decode(await request.body())["params"]
        service, method, args = params["service"], params["method"], params["args"]
        if method == "execute_kw" and self._throttles(f"{args[3]}.{args[4]}"):
            return Response("slow down", 429, headers={"Retry-After": "1"})
        try:
            answer = self._service(service, method, args)
        except Refusal as refusal:
            data = {"name": refusal.name, "message": str(refusal), "debug": "Traceback: secret"}
            return JSONResponse({"id": 1, "error": {"code": 200, "message": "Odoo Server Error", "data": data}})
        # A method that gives nothing leaves no result behind.
        return JSONResponse({"jsonrpc": "2.0", "id": 1} | ({} if answer is None else {"result": answer}))

    def _service(self, service: str, method: str, args: list[Any]) -> Any:
        if (service, method) == ("common", "version"):
            return {"server_version": f"{self.major}.0"}
        if args[0] != DATABASE:
            raise Refusal(f'database "{args[0]}" does not exist', "psycopg2.OperationalError", 500)
        if (service, method) == ("common", "authenticate"):
            return 2 if args[1:3] == [LOGIN, KEY] else False
        if args[1:3] != [2, KEY]:
            raise Refusal("Access Denied", "odoo.exceptions.AccessDenied", 403)
        _, _, _, model, name, places, named = args
        return self.call(model, name, places[0] if places else None, named)

    def _throttles(self, what: str) -> bool:
        for knob in (what, ""):
            if knob in self.throttle_next:
                self.throttle_next.discard(knob)
                return True
        return False


def _error(status: int, name: str, message: str) -> Response:
    body = {"name": name, "message": message, "arguments": [message], "context": {}, "debug": "Traceback\n" * 3000}
    return JSONResponse(body, status)
