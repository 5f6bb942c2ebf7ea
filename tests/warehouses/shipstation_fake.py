"""A small ShipStation (API version 1) behind real HTTP: its limits, its upsert by key, its search by beginnings."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cratejoy_tui.simulator.faults import ConnectionDropped
from tests.warehouses.folder_rig import StoppedClock

PACIFIC = ZoneInfo("America/Los_Angeles")
OPEN = {"awaiting_payment", "awaiting_shipment", "on_hold"}
REQUIRED = ("orderNumber", "orderDate", "orderStatus", "billTo", "shipTo")
MOST_SKU = 50
Doc = dict[str, Any]


def naive(moment: datetime) -> str:
    """Pacific time with seven decimals and no zone, as it writes it."""
    return moment.astimezone(PACIFIC).replace(tzinfo=None).isoformat(timespec="microseconds") + "0"


@dataclass
class FakeShipStation:
    """One account."""

    clock: StoppedClock = field(default_factory=StoppedClock)
    per_minute: int = 40
    orders: dict[int, Doc] = field(default_factory=dict)
    shipments: list[Doc] = field(default_factory=list)
    fulfillments: list[Doc] = field(default_factory=list)
    stores: tuple[tuple[int, str], ...] = ((11, "Teabox"), (12, "Other"))
    lose_next: bool = False
    throttle: set[str] = field(default_factory=set)
    """Methods whose next request is put off."""
    refuse_whole: Callable[[list[Doc]], str] | None = None
    """A reason to refuse a whole group, as for a body it cannot read."""
    cancels_nothing: bool = False
    pushed: list[int] = field(default_factory=list)
    """How many orders each createorders held."""
    cancels: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    window: tuple[datetime, int] = (datetime(2000, 1, 1, tzinfo=UTC), 0)
    last_id: int = 1000

    def app(self) -> Starlette:
        """The account as an ASGI app."""
        routes = [
            ("/stores", "GET", self.list_stores),
            ("/orders", "GET", self.list_orders),
            ("/orders/createorder", "POST", self.create_one),
            ("/orders/createorders", "POST", self.create_many),
            ("/orders/{id:int}", "GET", self.one_order),
            ("/shipments", "GET", self.list_shipments),
            ("/fulfillments", "GET", self.list_fulfillments),
        ]
        return Starlette(routes=[Route(path, self._guarded(answer), methods=[verb]) for path, verb, answer in routes])

    # What everyone goes through

    def _guarded(self, answer: Callable[[Request, Any], Response]) -> Callable[[Request], Any]:
        async def guarded(request: Request) -> Response:
            body = await request.body()
            wanted = "Basic " + b64encode(b"key:secret").decode()
            if request.headers.get("authorization") != wanted:
                return Response(status_code=401)
            self.asked.append(f"{request.method} {request.url.path}")
            response = self._over_the_limit(request) or answer(request, json.loads(body) if body else None)
            begun, count = self.window
            response.headers["X-Rate-Limit-Limit"] = str(self.per_minute)
            response.headers["X-Rate-Limit-Remaining"] = str(max(self.per_minute - count, 0))
            response.headers["X-Rate-Limit-Reset"] = str(self._seconds_left(begun))
            if self.lose_next and request.method == "POST":
                self.lose_next = False
                raise ConnectionDropped(connected=True)
            return response

        return guarded

    def _over_the_limit(self, request: Request) -> Response | None:
        begun, count = self.window
        if self.clock.now() - begun >= timedelta(minutes=1):
            begun, count = self.clock.now(), 0
        self.window = begun, count + 1
        if request.method in self.throttle:
            self.throttle.discard(request.method)
            return PlainWords("Too Many Requests", 429)
        return PlainWords("Too Many Requests", 429) if count >= self.per_minute else None

    def _seconds_left(self, begun: datetime) -> int:
        return max(0, 60 - int((self.clock.now() - begun).total_seconds()))

    # Orders

    def create_many(self, request: Request, body: Any) -> Response:
        """Up to a hundred, each with its own outcome; a body it cannot read is refused whole."""
        if not isinstance(body, list):
            return invalid("apiOrders", "Cannot deserialize the current JSON object into type Order[].")
        if len(body) > 100:
            return invalid("apiOrders", "The maximum number of orders is 100.")
        why = self.refuse_whole(body) if self.refuse_whole else ""
        if why:
            return invalid("apiOrders", why)
        self.pushed.append(len(body))
        results = [self._result(doc) for doc in body]
        return JSONResponse({"hasErrors": not all(one["success"] for one in results), "results": results})

    def _result(self, doc: Doc) -> Doc:
        order, why = self.upsert(doc)
        return {
            "orderId": order.get("orderId") if order else None,
            "orderNumber": doc.get("orderNumber"),
            "orderKey": doc.get("orderKey"),
            "success": order is not None,
            "errorMessage": why or None,
        }

    def create_one(self, request: Request, body: Any) -> Response:
        """One order, made or replaced."""
        if body.get("orderStatus") == "cancelled":
            self.cancels.append(body["orderNumber"])
            if self.cancels_nothing:
                return JSONResponse(self.orders[body["orderId"]])
        order, why = self.upsert(body)
        return JSONResponse(order) if order else invalid("apiOrder", why)

    def upsert(self, doc: Doc) -> tuple[Doc | None, str]:
        """Replace the order with this key, or make a new one; without a key, always a new one."""
        missing = [name for name in REQUIRED if not doc.get(name)]
        if missing:
            return None, f"The {missing[0]} field is required."
        if len(doc["orderNumber"]) > 50:
            return None, "orderNumber must be at most 50 characters."
        long = [item["sku"] for item in doc.get("items", []) if len(item.get("sku") or "") > MOST_SKU]
        if long:
            return None, f"The SKU {long[0]} is longer than {MOST_SKU} characters."
        key = doc.get("orderKey")
        former = next((order for order in self.orders.values() if key and order["orderKey"] == key), None)
        if former and former["orderStatus"] not in OPEN:
            return None, f"Order {doc['orderNumber']} is {former['orderStatus']} and cannot be updated."
        now = naive(self.clock.now())
        self.last_id += 1
        order_id = former["orderId"] if former else self.last_id
        made = former["createDate"] if former else now
        whole = {
            **doc,
            "orderKey": key or f"manual-{order_id}",
            "orderId": order_id,
            "createDate": made,
            "modifyDate": now,
        }
        self.orders[order_id] = whole
        return whole, ""

    def one_order(self, request: Request, body: Any) -> Response:
        """By its id."""
        order = self.orders.get(request.path_params["id"])
        return JSONResponse(order) if order else JSONResponse({"Message": "Not found"}, 404)

    def list_orders(self, request: Request, body: Any) -> Response:
        """By the beginning of the number, by status and by when they changed. What it does not know it ignores."""
        ask = request.query_params
        begin = ask.get("orderNumber", "").lower()
        chosen = [
            order
            for order in self.orders.values()
            if order["orderNumber"].lower().startswith(begin)
            and ask.get("orderStatus", order["orderStatus"]) == order["orderStatus"]
            and order["modifyDate"] >= ask.get("modifyDateStart", "")
            and ask.get("storeId", "") in ("", str(order.get("advancedOptions", {}).get("storeId")))
        ]
        return paged(ask, "orders", chosen)

    def list_stores(self, request: Request, body: Any) -> Response:
        """Every sales channel."""
        return JSONResponse([{"storeId": number, "storeName": name} for number, name in self.stores])

    # What left

    def list_shipments(self, request: Request, body: Any) -> Response:
        """Labels made or voided since a time; their items only when asked for."""
        ask = request.query_params
        chosen = [
            one
            for one in self.shipments
            if one["createDate"] >= ask.get("createDateStart", "")
            and (one["voidDate"] or "") >= ask.get("voidDateStart", "")
        ]
        if ask.get("includeShipmentItems") != "true":
            chosen = [{**one, "shipmentItems": None} for one in chosen]
        return paged(ask, "shipments", chosen)

    def list_fulfillments(self, request: Request, body: Any) -> Response:
        """Orders marked as shipped since a time."""
        ask = request.query_params
        since = ask.get("createDateStart", "")
        return paged(ask, "fulfillments", [one for one in self.fulfillments if one["createDate"] >= since])

    # The people who work in it

    def by_number(self, number: str) -> list[Doc]:
        """Orders under exactly this number."""
        return [order for order in self.orders.values() if order["orderNumber"] == number]

    def label(self, number: str, tracking: str, lines: dict[str, int] | None = None, **changes: Any) -> Doc:
        """Make a label for an order."""
        order = next(iter(self.by_number(number)), None)
        self.last_id += 1
        items = (
            (order or {}).get("items", []) if lines is None else [{"sku": s, "quantity": q} for s, q in lines.items()]
        )
        self.shipments.append(
            {
                "shipmentId": self.last_id,
                "orderId": order and order["orderId"],
                "orderNumber": number,
                "createDate": naive(self.clock.now()),
                "shipDate": naive(self.clock.now())[:10],
                "trackingNumber": tracking,
                "carrierCode": "stamps_com",
                "serviceCode": "usps_ground_advantage",
                "voided": False,
                "voidDate": None,
                "isReturnLabel": False,
                "shipmentItems": items,
                **changes,
            }
        )
        return self.shipments[-1]

    def void(self, tracking: str) -> None:
        """Void a label; its order waits for another one."""
        for one in self.shipments:
            if one["trackingNumber"] == tracking:
                one.update(voided=True, voidDate=naive(self.clock.now()))
                self.set_status(one["orderNumber"], "awaiting_shipment")

    def mark_shipped(self, number: str, tracking: str, **changes: Any) -> None:
        """Mark an order as shipped without a label made here."""
        self.last_id += 1
        self.set_status(number, "shipped")
        self.fulfillments.append(
            {
                "fulfillmentId": self.last_id,
                "orderNumber": number,
                "trackingNumber": tracking,
                "createDate": naive(self.clock.now()),
                "shipDate": naive(self.clock.now()),
                "voidDate": None,
                "voided": False,
                "carrierCode": "UPS",
                **changes,
            }
        )

    def set_status(self, number: str, status: str) -> None:
        """Move an order by hand."""
        for order in self.by_number(number):
            order.update(orderStatus=status, modifyDate=naive(self.clock.now()))


class PlainWords(Response):
    """An answer that is no JSON."""

    media_type = "text/plain"


def invalid(field_name: str, why: str) -> Response:
    """How it refuses a body."""
    return JSONResponse({"Message": "The request is invalid.", "ModelState": {field_name: [why]}}, 400)


def paged(ask: Any, name: str, rows: list[Doc]) -> Response:
    """One page of at most 500."""
    size, page = int(ask.get("pageSize", 100)), int(ask.get("page", 1))
    if size > 500:
        return invalid("pageSize", "The page size is 500 at most.")
    part = rows[(page - 1) * size : page * size]
    return JSONResponse({name: part, "total": len(rows), "page": page, "pages": -(-len(rows) // size)})
