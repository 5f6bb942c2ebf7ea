"""The simulated Cratejoy store over HTTP: the paths of its Merchant API."""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cratejoy_tui.simulator.cast import Box, Piece
from cratejoy_tui.simulator.changes import edit_address
from cratejoy_tui.simulator.control import control_routes
from cratejoy_tui.simulator.faults import App, FaultLayer, error_body
from cratejoy_tui.simulator.listing import COLLECTIONS, list_objects, list_shipments, one_shipment, render_object
from cratejoy_tui.simulator.placing import place
from cratejoy_tui.simulator.puts import Refusal, put_shipment
from cratejoy_tui.simulator.queries import Query, take_apart
from cratejoy_tui.simulator.rendering import verbose
from cratejoy_tui.simulator.shop import find_object

if TYPE_CHECKING:
    from cratejoy_tui.simulator.world import World

METHODS = ["GET", "PUT", "POST", "DELETE", "PATCH"]
KINDS = frozenset({"shipments", *COLLECTIONS})


class CratejoyApp:
    """The endpoints, bound to one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """With and without the last slash."""
        paths = {"/v1.1/shipments": self.streamlined, "/v1/{kind}": self.collection, "/v1/{kind}/{id}": self.element}
        return [
            Route(path + slash, endpoint, methods=METHODS) for path, endpoint in paths.items() for slash in ("", "/")
        ]

    async def streamlined(self, request: Request) -> Response:
        """GET /v1.1/shipments/"""
        refused = self._refused(request)
        if refused is None and not self._world.knobs.lists_v11:
            refused = Refusal(404, "not found")
        return self._listed(request, "shipments", "v1.1", refused)

    async def collection(self, request: Request) -> Response:
        """GET /v1/{kind}/"""
        kind = request.path_params["kind"]
        refused = self._refused(request)
        if refused is None and kind not in KINDS:
            refused = Refusal(404, "not found")
        return self._listed(request, kind, "v1", refused)

    def _listed(self, request: Request, kind: str, version: str, refused: Refusal | None) -> Response:
        if refused is None and request.method != "GET":
            refused = Refusal(405, "method not allowed")
        if refused is not None:
            return self._no(refused)
        world = self._world
        query = take_apart(request.url.query, kind, version, world.knobs)
        if isinstance(query, Refusal):
            return self._no(query)
        with self._transaction(query):
            page = list_shipments(world, query, version) if kind == "shipments" else list_objects(world, kind, query)
        return self._no(page) if isinstance(page, Refusal) else _json(page)

    def _transaction(self, query: Query) -> Any:
        """A page is read in one transaction; some knobs make reading change the world."""
        knobs = self._world.knobs
        if knobs.new_rows_between_pages and query.page:
            with self._world.change():
                for _ in range(knobs.new_rows_between_pages):
                    place(self._world, Box(pieces=(Piece(sku="POSTER-A3"),), placed_days_ago=0))
        return self._world.change() if knobs.list_order == "reshuffled" else self._world.look()

    async def element(self, request: Request) -> Response:
        """GET and PUT /v1/{kind}/{id}/"""
        refused = self._refused(request)
        kind, id_ = request.path_params["kind"], request.path_params["id"]
        if refused is None and (kind not in KINDS or not (id_.isascii() and id_.isdigit() and len(id_) < 19)):
            refused = Refusal(404, "not found")
        if refused is not None:
            return self._no(refused)
        if request.method == "GET":
            return self._shown(request, kind, int(id_))
        if request.method == "PUT" and kind in ("shipments", "addresses"):
            return await self._put(request, kind, int(id_))
        return self._no(Refusal(405, "method not allowed"))

    def _shown(self, request: Request, kind: str, id_: int) -> Response:
        query = take_apart(request.url.query, kind, "v1", self._world.knobs)
        if isinstance(query, Refusal):
            return self._no(query)
        with self._world.look():
            shown = self._rendered(kind, id_, query)
        return self._no(Refusal(404, "not found")) if shown is None else _json(shown)

    def _rendered(self, kind: str, id_: int, query: Query) -> bytes | None:
        if kind == "shipments":
            return one_shipment(self._world, id_, query)
        doc = find_object(self._world, kind, id_)
        return None if doc is None else render_object(self._world, kind, doc, query)

    async def _put(self, request: Request, kind: str, id_: int) -> Response:
        slashless = self._world.knobs.slashless_put
        if not request.url.path.endswith("/") and slashless != "serve":
            headers = {"location": request.url.path + "/"} if slashless == "301" else {}
            return Response(status_code=int(slashless), headers=headers)
        try:
            body = msgspec.json.decode(await request.body())
        except (msgspec.DecodeError, UnicodeDecodeError):
            return self._no(Refusal(400, "invalid request"))
        with self._world.change():
            done = self._changed(kind, id_, body)
        return self._no(done) if isinstance(done, Refusal) else _json(done)

    def _changed(self, kind: str, id_: int, body: object) -> bytes | Refusal:
        world = self._world
        if kind == "shipments":
            done = put_shipment(world, id_, body)
            return done if isinstance(done, Refusal) else verbose(world, done)
        if find_object(world, kind, id_) is None:
            return Refusal(404, "not found")
        if not isinstance(body, dict):
            return Refusal(400, "the body must be a JSON object")
        return msgspec.json.encode(edit_address(world, id_, body))

    def _refused(self, request: Request) -> Refusal | None:
        """Basic authentication with the world's key."""
        knobs, keys = self._world.knobs, self._world.keys
        given = _basic(request.headers.get("authorization", ""))
        wanted = f"{keys.client_id}:{keys.client_secret}".encode()
        if knobs.keys_revoked or not hmac.compare_digest(given, wanted):
            return Refusal(int(knobs.sign_in_status), "forbidden")
        return None

    def _no(self, refusal: Refusal) -> Response:
        content, kind = error_body(self._world.knobs.error_body, refusal.status, refusal.reason, refusal.field)
        return Response(content, status_code=refusal.status, media_type=kind)


def _basic(header: str) -> bytes:
    scheme, _, text = header.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _json(content: bytes) -> Response:
    return Response(content, media_type="application/json")


def cratejoy_app(world: World) -> App:
    """The store as an ASGI app."""
    app = Starlette(routes=[*control_routes(world), *CratejoyApp(world).routes()])
    app.router.redirect_slashes = False
    return FaultLayer(app, world, "cratejoy")
