"""The simulated Cratejoy store over HTTP: the paths of its Merchant API."""

from __future__ import annotations

import binascii
import hmac
import re
from base64 import b64decode
from typing import TYPE_CHECKING

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cratejoy_tui.simulator.cast import Box, Piece
from cratejoy_tui.simulator.changes import edit_address
from cratejoy_tui.simulator.control import steered
from cratejoy_tui.simulator.faults import JSON, App, Refusal
from cratejoy_tui.simulator.listing import COLLECTIONS, list_objects, list_shipments, one_shipment, render_object
from cratejoy_tui.simulator.placing import place
from cratejoy_tui.simulator.puts import put_shipment
from cratejoy_tui.simulator.queries import take_apart
from cratejoy_tui.simulator.rendering import verbose
from cratejoy_tui.simulator.shop import find_object

if TYPE_CHECKING:
    from cratejoy_tui.simulator.world import World

METHODS = ["GET", "PUT", "POST", "DELETE", "PATCH"]
KINDS = frozenset({"shipments", *COLLECTIONS})
NOT_FOUND = "not found"


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
        self._sign_in(request)
        if not self._world.knobs.lists_v11:
            raise Refusal(404, NOT_FOUND)
        return self._listed(request, "shipments", "v1.1")

    async def collection(self, request: Request) -> Response:
        """GET /v1/{kind}/"""
        self._sign_in(request)
        kind = request.path_params["kind"]
        if kind not in KINDS:
            raise Refusal(404, NOT_FOUND)
        return self._listed(request, kind, "v1")

    def _listed(self, request: Request, kind: str, version: str) -> Response:
        """A page is read in one transaction; some knobs make reading change the world."""
        if request.method != "GET":
            raise Refusal(405, "method not allowed")
        world, knobs = self._world, self._world.knobs
        query = take_apart(request.url.query, kind, version, knobs)
        if knobs.new_rows_between_pages and query.page:
            with world.change():
                for _ in range(knobs.new_rows_between_pages):
                    place(world, Box(pieces=(Piece(sku="POSTER-A3"),), placed_days_ago=0))
        with world.change() if knobs.list_order == "reshuffled" else world.look():
            page = list_shipments(world, query, version) if kind == "shipments" else list_objects(world, kind, query)
        return Response(page, media_type=JSON)

    async def element(self, request: Request) -> Response:
        """GET and PUT /v1/{kind}/{id}/"""
        self._sign_in(request)
        kind, id_ = request.path_params["kind"], request.path_params["id"]
        if kind not in KINDS or not re.fullmatch(r"\d{1,18}", id_, re.ASCII):
            raise Refusal(404, NOT_FOUND)
        if request.method == "GET":
            shown = self._shown(request, kind, int(id_))
        elif request.method == "PUT" and kind in ("shipments", "addresses"):
            if not request.url.path.endswith("/") and self._world.knobs.slashless_put != "serve":
                return self._slashless(request)
            shown = self._changed(kind, int(id_), await request.body())
        else:
            raise Refusal(405, "method not allowed")
        return Response(shown, media_type=JSON)

    def _shown(self, request: Request, kind: str, id_: int) -> bytes:
        world = self._world
        query = take_apart(request.url.query, kind, "v1", world.knobs)
        with world.look():
            if kind == "shipments":
                shown = one_shipment(world, id_, query)
            else:
                doc = find_object(world, kind, id_)
                shown = render_object(world, kind, doc, query) if doc else None
        if not shown:
            raise Refusal(404, NOT_FOUND)
        return shown

    def _slashless(self, request: Request) -> Response:
        code = self._world.knobs.slashless_put
        headers = {"location": request.url.path + "/"} if code == "301" else {}
        return Response(status_code=int(code), headers=headers)

    def _changed(self, kind: str, id_: int, raw: bytes) -> bytes:
        world = self._world
        try:
            body = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Refusal(400, "invalid request") from None
        with world.change():
            if kind == "shipments":
                return verbose(world, put_shipment(world, id_, body))
            if find_object(world, kind, id_) is None:
                raise Refusal(404, NOT_FOUND)
            if not isinstance(body, dict):
                raise Refusal(400, "the body must be a JSON object")
            return msgspec.json.encode(edit_address(world, id_, body))

    def _sign_in(self, request: Request) -> None:
        """Basic authentication with the world's key."""
        knobs, keys = self._world.knobs, self._world.keys
        given = _basic(request.headers.get("authorization", ""))
        wanted = f"{keys.client_id}:{keys.client_secret}".encode()
        if knobs.keys_revoked or not hmac.compare_digest(given, wanted):
            raise Refusal(int(knobs.sign_in_status), "forbidden")


def _basic(header: str) -> bytes:
    scheme, _, text = header.partition(" ")
    try:
        return b64decode(text.strip(), validate=True) if scheme.lower() == "basic" else b""
    except (binascii.Error, ValueError):
        return b""


def cratejoy_app(world: World) -> App:
    """The store as an ASGI app."""
    return steered(world, "cratejoy", CratejoyApp(world).routes())
