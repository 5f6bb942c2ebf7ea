"""A little ShipHero behind real HTTP: tokens, credits, and errors inside answers with status 200."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec
from graphql import DocumentNode, FieldNode, GraphQLError, OperationDefinitionNode, build_schema, execute_sync
from graphql import parse as parse_graphql
from graphql import validate as validate_graphql
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cratejoy_tui.simulator.faults import App, ConnectionDropped
from tests.warehouses.folder_rig import StoppedClock
from tests.warehouses.shiphero_schema import SCHEMA

USER, PASSWORD = "api@example.test", "made-up-password"
TOKEN_LIFE = timedelta(days=28)
MUTATION = 10
NOT_FOUND, THROTTLED = 5, 30
Record = dict[str, Any]

_SCHEMA = build_schema(SCHEMA)


@dataclass
class FakeShipHero:
    """One account."""

    clock: StoppedClock = field(default_factory=StoppedClock)
    orders: dict[str, Record] = field(default_factory=dict)
    shipments: list[Record] = field(default_factory=list)
    most_credits: int = 4004
    credits_a_second: int = 60
    credits_left: float = 4004.0
    unknown_skus: frozenset[str] = frozenset({"NO-SUCH-TEA"})
    operations: list[str] = field(default_factory=list)
    """The names of what was carried out, in order."""
    sign_ins: list[str] = field(default_factory=list)
    creates: int = 0
    cancels: list[str] = field(default_factory=list)
    lose_next: bool = False
    """The next change is carried out without an answer."""
    throttle_next: set[str] = field(default_factory=set)
    """`query` or `mutation`: the next one finds no credits."""
    break_next: bool = False
    """The next change is made, and then its answer has an error and no data."""
    ignores_cancels: bool = False
    tokens: dict[str, datetime] = field(default_factory=dict)
    refresh_tokens: set[str] = field(default_factory=set)
    numbers: dict[str, list[str]] = field(default_factory=dict)
    as_of: datetime | None = None

    def named(self, number: str) -> list[Record]:
        """The orders with this number in either place."""
        return [self.orders[id_] for id_ in dict.fromkeys(self.numbers.get(number.lower(), []))]

    def take(self, number: str, partner: str | None = None, **values: Any) -> Record:
        """One more order; nothing looks whether the number is there already."""
        id_ = f"T3JkZXI6{len(self.orders) + 1}"
        partner = number if partner is None else partner
        order = {"id": id_, "order_number": number, "partner_order_id": partner, "fulfillment_status": "pending"}
        self.orders[id_] = {**order, "line_items": [], **values}
        for word in (number, partner):
            self.numbers.setdefault(word.lower(), []).append(id_)
        return self.orders[id_]

    def ship(self, order: Record, labels: Sequence[str], lines: Mapping[str, int] | None) -> Record:
        """Send one shipment off, with a label for each number."""
        held = {line["sku"]: line["quantity"] for line in order["line_items"]} if lines is None else lines
        shipment = {
            "id": f"U2hpcG1lbnQ6{len(self.shipments) + 1}",
            "created_date": self.clock.now().replace(tzinfo=None).isoformat(),
            "order": order,
            "shipping_labels": [self.label(number) for number in labels],
            "line_items": [
                {"quantity": n, "shipping_label_id": None, "line_item": {"sku": s}} for s, n in held.items()
            ],
        }
        self.shipments.append(shipment)
        return shipment

    def label(self, number: str) -> Record:
        return {"id": f"L-{number}", "status": "valid", "tracking_number": number, "carrier": "usps",
                "shipping_method": "Ground"}  # fmt: skip

    def labels(self) -> list[Record]:
        return [label for shipment in self.shipments for label in shipment["shipping_labels"]]

    def app(self) -> App:
        """It as an ASGI app."""
        post = ["POST"]
        return Starlette(  # type: ignore[return-value]
            routes=[
                Route("/auth/token", self._token, methods=post),
                Route("/auth/refresh", self._refresh, methods=post),
                Route("/graphql", self._graphql, methods=post),
            ]
        )

    # Signing in.

    async def _token(self, request: Request) -> Response:
        asked = msgspec.json.decode(await request.body())
        self.sign_ins.append("token")
        if (asked.get("username"), asked.get("password")) != (USER, PASSWORD):
            return JSONResponse({"error": "invalid_grant"}, 403)
        refresh = f"refresh-{len(self.sign_ins)}"
        self.refresh_tokens.add(refresh)
        return JSONResponse({**self._new_token(), "refresh_token": refresh})

    async def _refresh(self, request: Request) -> Response:
        asked = msgspec.json.decode(await request.body())
        self.sign_ins.append("refresh")
        if asked.get("refresh_token") not in self.refresh_tokens:
            return JSONResponse({"error": "invalid_grant"}, 403)
        return JSONResponse(self._new_token())

    def _new_token(self) -> Record:
        token = f"token-{len(self.sign_ins)}"
        self.tokens[token] = self.clock.now() + TOKEN_LIFE
        return {"access_token": token, "expires_in": TOKEN_LIFE.total_seconds(), "token_type": "Bearer"}

    # Asking.

    async def _graphql(self, request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.tokens.get(token, self.clock.now()) <= self.clock.now():
            return JSONResponse({"message": "Unauthorized"}, 401)
        asked = msgspec.json.decode(await request.body())
        try:
            document, problems = _checked(asked["query"])
        except GraphQLError as error:
            return JSONResponse({"errors": [{"message": error.message}]}, 400)
        if problems:
            return JSONResponse({"errors": [{"message": one.message} for one in problems]}, 400)
        operation = document.definitions[0]
        assert isinstance(operation, OperationDefinitionNode)
        kind, needed = operation.operation.value, price(operation)
        if (short := self._short_of(kind, needed)) is not None:
            return JSONResponse({"data": None, "errors": [short]})
        self.operations.append(operation.name.value if operation.name else "")
        result = execute_sync(_SCHEMA, document, self._root(), variable_values=asked.get("variables"))
        if kind == "mutation" and self.lose_next:
            self.lose_next = False
            raise ConnectionDropped(connected=True)
        return self._answer(kind, result.data, result.errors or [])

    def _answer(self, kind: str, data: Record | None, errors: Sequence[GraphQLError]) -> Response:
        shown = [
            {"message": e.message, "operation": "op", "field": "op", "code": (e.extensions or {}).get("code")}
            for e in errors
        ]
        if kind == "mutation" and self.break_next:
            self.break_next = False
            data, shown = dict.fromkeys(data or {}), [{"message": "Internal error", "code": 1}]
        return JSONResponse({"data": data} | ({"errors": shown} if shown else {}))

    def _short_of(self, kind: str, needed: int) -> Record | None:
        """The error for too few credits; None when there are enough."""
        now = self.clock.now()
        grown = (now - (self.as_of or now)).total_seconds() * self.credits_a_second
        self.credits_left, self.as_of = min(self.most_credits, self.credits_left + grown), now
        forced = kind in self.throttle_next
        self.throttle_next.discard(kind)
        if needed <= self.credits_left and not forced:
            return None
        wait = max(1, round((needed - self.credits_left) / self.credits_a_second))
        figures = {"required_credits": needed, "remaining_credits": int(self.credits_left)}
        message = f"There are not enough credits to perform the requested operation, which requires {needed} credits"
        return {"message": message, "code": THROTTLED, "time_remaining": f"{wait} seconds", **figures}

    def _charge(self, credits_spent: int) -> int:
        self.credits_left -= credits_spent
        return credits_spent

    # What it can be asked.

    def _root(self) -> Record:
        return {
            "user_quota": lambda _: {
                "credits_remaining": int(self.credits_left),
                "max_available": self.most_credits,
                "increment_rate": self.credits_a_second,
            },
            "order": lambda _, id: self._order(id),  # noqa: A006
            "orders": lambda _, **which: self._orders(which),
            "shipments": lambda _, **which: self._shipments(which),
            "order_create": lambda _, data: self._create(data),
            "order_cancel": lambda _, data: self._cancel(data),
        }

    def _order(self, id_: str) -> Record:
        if id_ not in self.orders:
            raise GraphQLError("Order not found", extensions={"code": NOT_FOUND})
        return {"complexity": self._charge(2), "data": self._shown(self.orders[id_])}

    def _orders(self, which: Record) -> Record:
        [(name, number)] = [(k, v) for k, v in which.items() if k in ("order_number", "partner_order_id")]
        # Capitals do not count in its search.
        found = [one for one in self.named(number) if one[name].lower() == number.lower()]
        shown = [self._shown(one) for one in found]
        return {"complexity": self._charge(1 + len(found)), "data": lambda _, **page: _page(shown, **page)}

    def _shipments(self, which: Record) -> Record:
        since = which.get("date_from") or ""
        found = [{**one, "order": self._shown(one["order"]), "line_items": _paged(one["line_items"])}
                 for one in self.shipments if one["created_date"] >= since]  # fmt: skip
        return {"complexity": self._charge(1 + min(len(found), 25)), "data": lambda _, **page: _page(found, **page)}

    def _shown(self, order: Record) -> Record:
        return {**order, "line_items": _paged(order["line_items"])}

    def _create(self, data: Record) -> Record:
        lines = data["line_items"]
        ids = [line["partner_line_item_id"] for line in lines]
        if len(set(ids)) < len(ids) or max(len(id_) for id_ in ids) > 45:
            raise GraphQLError("partner_line_item_id must be unique and at most 45 characters long")
        for line in lines:
            if line["sku"] in self.unknown_skus:
                raise GraphQLError(f"Product {line['sku']} not found", extensions={"code": NOT_FOUND})
        self.creates += 1
        order = self.take(data["order_number"], data["partner_order_id"], **{**data, "line_items": lines})
        return {"complexity": self._charge(MUTATION), "order": self._shown(order)}

    def _cancel(self, data: Record) -> Record:
        order = self.orders.get(data["order_id"])
        if order is None:
            raise GraphQLError("Order not found", extensions={"code": NOT_FOUND})
        self.cancels.append(order["order_number"])
        if order["fulfillment_status"] == "fulfilled":
            raise GraphQLError("Order has been fulfilled and cannot be canceled")
        if not self.ignores_cancels:
            order["fulfillment_status"] = "canceled"
        return {"complexity": self._charge(MUTATION), "order": self._shown(order)}


def price(operation: OperationDefinitionNode) -> int:
    """The most an operation can cost: a row each, and what hangs on it; changes have a fixed price."""
    if operation.operation.value == "mutation":
        return MUTATION * len(operation.selection_set.selections)
    return sum(_price(one) for one in operation.selection_set.selections if isinstance(one, FieldNode))


def _price(asked: FieldNode) -> int:
    rows = next((int(a.value.value) for a in asked.arguments or () if a.name.value == "first"), 0)  # type: ignore[attr-defined]
    inner = asked.selection_set.selections if asked.selection_set else ()
    below = sum(_price(one) for one in inner if isinstance(one, FieldNode))
    if any(isinstance(one, FieldNode) and one.name.value == "edges" for one in inner):
        return (rows or 100) * (1 + below)
    return below


@lru_cache(maxsize=64)
def _checked(text: str) -> tuple[DocumentNode, list[GraphQLError]]:
    document = parse_graphql(text)
    return document, validate_graphql(_SCHEMA, document)


def _paged(rows: list[Record]) -> Any:
    return lambda _, **page: _page(rows, **page)


def _page(rows: list[Record], first: int = 100, after: str | None = None) -> Record:
    start = int(after or 0)
    edges = [{"node": row, "cursor": str(start + place)} for place, row in enumerate(rows[start : start + first], 1)]
    more = len(rows) > start + first
    return {"edges": edges, "pageInfo": {"hasNextPage": more, "endCursor": edges[-1]["cursor"] if edges else None}}
