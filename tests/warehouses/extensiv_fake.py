"""A small Extensiv 3PL Warehouse Manager behind real HTTP: tokens, both dialects, versions, its ways to say no."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cratejoy_tui.simulator.faults import ConnectionDropped
from tests.warehouses.extensiv_dialect import (
    TYPES,
    Doc,
    Refusal,
    answered,
    operation,
    parameter,
    pascal,
    refused,
    validation,
)
from tests.warehouses.extensiv_rql import NotParsable, matching
from tests.warehouses.folder_rig import ZONE, StoppedClock

RELS = "http://api.3plCentral.com/rels/orders"
REQUIRED = ("customerIdentifier", "facilityIdentifier", "referenceNum", "shipTo", "orderItems")
UNKNOWN_SKU = "NO-SUCH-TEA"
CUSTOMER, FACILITY = 143, 10

PROPERTIES: dict[str, Callable[[Doc], Any]] = {
    "referencenum": lambda doc: doc["referenceNum"],
    "readonly.isclosed": lambda doc: doc["readOnly"]["isClosed"],
    "readonly.status": lambda doc: doc["readOnly"]["status"],
    "readonly.processdate": lambda doc: doc["readOnly"]["processDate"],
    "readonly.lastmodifieddate": lambda doc: doc["readOnly"]["lastModifiedDate"],
    "readonly.creationdate": lambda doc: doc["readOnly"]["creationDate"],
    "readonly.customeridentifier.id": lambda doc: doc["readOnly"]["customerIdentifier"]["id"],
}


@dataclass
class FakeExtensiv:
    """One 3PL with one API client."""

    clock: StoppedClock = field(default_factory=StoppedClock)
    token_seconds: int = 3600
    tokens: dict[str, datetime] = field(default_factory=dict)
    sign_ins: list[Doc] = field(default_factory=list)
    orders: dict[int, Doc] = field(default_factory=dict)
    numbers: dict[str, list[int]] = field(default_factory=dict)
    versions: dict[int, int] = field(default_factory=dict)
    speaks_plainly: bool = False
    """Plain JSON, whatever was asked for."""
    ignores_rql: bool = False
    properties: dict[str, Callable[[Doc], Any]] = field(default_factory=lambda: dict(PROPERTIES))
    has_import: bool = True
    imports_in_part: bool = False
    """The good orders of a refused group are taken all the same."""
    allows_duplicates: bool = False
    lose_next: bool = False
    fail_next: bool = False
    throttle: set[str] = field(default_factory=set)
    changes_before_cancel: int = 0
    """So many cancels find that somebody changed the order meanwhile."""
    cancels_nothing: bool = False
    pushed: list[int] = field(default_factory=list)
    cancels: list[int] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    last_id: int = 5000

    def app(self) -> Starlette:
        """It as an ASGI app."""
        routes = [
            ("/customers/{id:int}", "GET", self.customer),
            ("/orders", "GET", self.list_orders),
            ("/orders", "POST", self.create),
            ("/orders/import", "POST", self.create_many),
            ("/orders/{id:int}", "GET", self.one_order),
            ("/orders/{id:int}/canceler", "POST", self.cancel),
        ]
        guarded = [Route(path, self._guarded(answer), methods=[verb]) for path, verb, answer in routes]
        return Starlette(routes=[Route("/AuthServer/api/Token", self.sign_in, methods=["POST"]), *guarded])

    # Who may come in

    async def sign_in(self, request: Request) -> Response:
        """A token for a client it knows; its own way to say no to others."""
        self.asked.append("POST /AuthServer/api/Token")
        if request.headers.get("authorization") != "Basic " + b64encode(b"client:secret").decode():
            return answered({"Message": "invalid_client: client not registered"}, 401)
        asked = await request.json()
        if asked.get("grant_type") != "client_credentials" or not {"user_login", "user_login_id"} & set(asked):
            return answered({"error": "invalid_request"}, 400)
        self.sign_ins.append(asked)
        token = f"token-{len(self.sign_ins)}"
        self.tokens[token] = self.clock.now() + timedelta(seconds=self.token_seconds)
        told = {"access_token": token, "token_type": "Bearer", "expires_in": self.token_seconds}
        return answered({**told, "refresh_token": None, "scope": None})

    def _guarded(self, answer: Callable[[Request, Any], Response]) -> Callable[[Request], Any]:
        async def guarded(request: Request) -> Response:
            body = await request.body()
            self.asked.append(f"{request.method} {request.url.path}")
            token = request.headers.get("authorization", "").removeprefix("Bearer ")
            if token not in self.tokens or self.clock.now() >= self.tokens[token]:
                return Response(status_code=401)
            if request.method in self.throttle:
                self.throttle.discard(request.method)
                return Response(status_code=429, headers={"Retry-After": "1"})
            if self.fail_next:
                self.fail_next = False
                return Response("An unexpected error occurred.", 500, media_type="text/plain")
            try:
                response = answer(request, json.loads(body) if body else None)
            except Refusal as refusal:
                return refused(refusal)
            if self.lose_next and request.method == "POST":
                self.lose_next = False
                raise ConnectionDropped(connected=True)
            return response

        return guarded

    # Orders

    def customer(self, request: Request, body: Any) -> Response:
        """The one customer of this client."""
        if request.path_params["id"] != CUSTOMER:
            raise Refusal(404)
        return self._say(
            {"companyInfo": {"companyName": "Teabox Inc."}, "facilities": [{"name": "East", "id": FACILITY}]}
        )

    def create(self, request: Request, body: Any) -> Response:
        """One order."""
        self.pushed.append(1)
        order = self._make(body)
        return self._say(self._shown(order, "All"), 201, order)

    def create_many(self, request: Request, body: Any) -> Response:
        """A group; the faults of its orders are told by their place, from 1."""
        if not self.has_import:
            raise Refusal(404)
        self.pushed.append(len(body["orders"]))
        faults = []
        for place, doc in enumerate(body["orders"], 1):
            try:
                self._check(doc)
            except Refusal as refusal:
                faults.append(
                    {"EntryNumber": place, "EntryInfo": doc.get("referenceNum"), "WmsException": refusal.body}
                )
        for doc in body["orders"] if self.imports_in_part or not faults else ():
            try:
                self._make(doc)
            except Refusal:
                continue
        if faults:
            raise Refusal(400, {"$type": f"{TYPES}.ListException", "Faults": faults})
        return Response(status_code=202)

    def _check(self, doc: Doc) -> None:
        for name in REQUIRED:
            if not doc.get(name):
                raise validation("Required", name[0].upper() + name[1:], None)
        if doc["customerIdentifier"].get("id") != CUSTOMER:
            raise validation("DoesNotExist", "CustomerIdentifier", doc["customerIdentifier"].get("id"))
        for place, item in enumerate(doc["orderItems"]):
            if item["itemIdentifier"].get("sku") == UNKNOWN_SKU:
                raise validation("DoesNotExist", f"OrderItems[{place}].ItemIdentifier.Sku", UNKNOWN_SKU)
        taken = [one for one in self.by_number(doc["referenceNum"]) if one["readOnly"]["status"] != 2]
        if taken and not self.allows_duplicates:
            raise validation("Duplicate", "ReferenceNum", doc["referenceNum"])

    def _make(self, doc: Doc) -> Doc:
        self._check(doc)
        self.last_id += 1
        items = [
            {**item, "readOnly": {"orderItemId": self.last_id * 10 + n}} for n, item in enumerate(doc["orderItems"])
        ]
        now = self._now()
        read_only = {
            "orderId": self.last_id,
            "isClosed": False,
            "status": 0,
            "processDate": None,
            "creationDate": now,
            "lastModifiedDate": now,
            "customerIdentifier": {"id": doc["customerIdentifier"]["id"], "name": "Teabox Inc."},
            "packages": [],
        }
        self.orders[self.last_id] = {**doc, "orderItems": items, "readOnly": read_only, "parcelResponse": {}}
        self.numbers.setdefault(doc["referenceNum"], []).append(self.last_id)
        self.versions[self.last_id] = 1
        return self.orders[self.last_id]

    def one_order(self, request: Request, body: Any) -> Response:
        """By its id, with its version."""
        order = self._order(request)
        return self._say(self._shown(order, request.query_params.get("detail", "")), 200, order)

    def cancel(self, request: Request, body: Any) -> Response:
        """An open order in the version that was read, with a reason."""
        order = self._order(request)
        order_id = order["readOnly"]["orderId"]
        self.cancels.append(order_id)
        if self.changes_before_cancel:
            self.changes_before_cancel -= 1
            self.touch(order)
        version = request.headers.get("if-match")
        if not version:
            raise Refusal(428)
        if version != self._tag(order):
            raise Refusal(412)
        if not (body or {}).get("reason"):
            raise validation("Required", "Reason", None)
        if order["readOnly"]["isClosed"]:
            raise operation("OrderConfirmed", "Cancel")
        if not self.cancels_nothing:
            order["readOnly"]["status"] = 2
            self.touch(order)
        return Response(status_code=204)

    def list_orders(self, request: Request, body: Any) -> Response:
        """By a query. Parameters it does not know are passed over in silence."""
        ask = request.query_params
        size, page = int(ask.get("pgsiz", 100)), int(ask.get("pgnum", 1))
        if size > 1000 or page < 1:
            raise parameter("pgsiz", "At most 1000.")
        chosen = list(self.orders.values())
        if "rql" in ask and not self.ignores_rql:
            try:
                chosen = list(filter(matching(ask["rql"], self.properties), chosen))
            except NotParsable as problem:
                raise parameter("rql", str(problem)) from None
        part = [self._shown(order, ask.get("detail", "")) for order in chosen[(page - 1) * size : page * size]]
        return self._say({"totalResults": len(chosen), "_embedded": {f"{RELS}/order": part}, "_links": {}})

    # How it says things

    def _order(self, request: Request) -> Doc:
        order = self.orders.get(request.path_params["id"])
        if order is None:
            raise Refusal(404)
        return order

    def _shown(self, order: Doc, detail: str) -> Doc:
        parts = {"OrderItems", "Packages", "SmallParcel"} if detail == "All" else set(detail.split(","))
        hidden = {"orderItems", "parcelResponse"}
        shown = {name: value for name, value in order.items() if name not in hidden}
        shown["readOnly"] = {n: v for n, v in order["readOnly"].items() if n != "packages" or "Packages" in parts}
        if "OrderItems" in parts:
            shown["_embedded"] = {f"{RELS}/item": order["orderItems"]}
        if "SmallParcel" in parts:
            shown["parcelResponse"] = order["parcelResponse"]
        return shown

    def _say(self, doc: Doc, status: int = 200, order: Doc | None = None) -> Response:
        response = answered(pascal(doc) if self.speaks_plainly else doc, status)
        if order is not None:
            response.headers["ETag"] = self._tag(order)
        return response

    def _tag(self, order: Doc) -> str:
        return f'"{self.versions[order["readOnly"]["orderId"]]}"'

    def _now(self) -> str:
        return self.clock.now().astimezone(ZONE).replace(tzinfo=None).isoformat(timespec="seconds")

    # The people on the floor

    def by_number(self, number: str) -> list[Doc]:
        """Orders under exactly this number."""
        return [self.orders[order_id] for order_id in self.numbers.get(number, ())]

    def touch(self, order: Doc) -> None:
        """Somebody changes it."""
        order["readOnly"]["lastModifiedDate"] = self._now()
        self.versions[order["readOnly"]["orderId"]] += 1

    def pack(self, order: Doc, tracking: str, lines: dict[str, int] | None = None) -> None:
        """Put a label on a package: on one that lost its label, else on a new one."""
        ids = {item["itemIdentifier"]["sku"]: item for item in order["orderItems"]}
        wanted = {sku: item["qty"] for sku, item in ids.items()} if lines is None else lines
        contents = [{"orderItemId": ids[sku]["readOnly"]["orderItemId"], "qty": qty} for sku, qty in wanted.items()]
        packages = order["readOnly"]["packages"]
        bare = next((one for one in packages if not one["trackingNumber"]), None)
        if bare is None:
            self.last_id += 1
            packages.append({"packageId": self.last_id, "createDate": self._now()})
            bare = packages[-1]
        bare.update(trackingNumber=tracking, packageContents=contents)
        order["routingInfo"] = {**order.get("routingInfo", {}), "carrier": "USPS", "mode": "Ground Advantage"}
        self.touch(order)

    def close(self, order: Doc) -> None:
        """Confirm it as shipped."""
        order["readOnly"].update(isClosed=True, status=1, processDate=self._now())
        self.touch(order)

    def unlabel(self, tracking: str) -> None:
        """Take a label off; its order is open again."""
        for order in self.orders.values():
            for package in order["readOnly"]["packages"]:
                if package["trackingNumber"] == tracking:
                    package["trackingNumber"] = ""
                    order["readOnly"].update(isClosed=False, status=0)
                    self.touch(order)
