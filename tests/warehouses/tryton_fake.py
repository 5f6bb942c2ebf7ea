"""A little Tryton: the models, conditions, buttons and refusals of its REST interface that the adapter meets."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import parse_qsl

from cratejoy_tui.simulator.faults import ConnectionDropped

DATABASE = "tea"
KEY = "0123456789abcdef" * 4
MODELS: Mapping[str, Mapping[str, str]] = {
    "company.company": {"party": "party.party"},
    "party.party": {},
    "party.address": {"party": "party.party", "country": "country.country", "subdivision": "country.subdivision"},
    "country.country": {},
    "country.subdivision": {},
    "product.product": {},
    "carrier": {"party": "party.party"},
    "stock.location": {},
    "sale.sale": {
        "party": "party.party",
        "shipment_address": "party.address",
        "carrier": "carrier",
        "lines": "sale.line",
        "shipments": "stock.shipment.out",
    },
    "sale.line": {"product": "product.product"},
    "stock.shipment.out": {
        "outgoing_moves": "stock.move",
        "moves": "stock.move",
        "packages": "stock.package",
        "carrier": "carrier",
    },
    "stock.move": {"product": "product.product", "sale": "sale.sale"},
    "stock.package": {"moves": "stock.move"},
}
"""Model -> its fields that lead to another model."""
REFUSED_TEXT = "Springfield-on-Nowhere"
"""A city that this Tryton refuses when it stands in an address, as a rule of the operator's own."""

Row = dict[str, Any]


class Refused(Exception):
    """The answer is this status with these words."""

    def __init__(self, status: int, words: str) -> None:
        self.status, self.words = status, words
        super().__init__(words)


@dataclass
class FakeTryton:
    """One database."""

    moment: datetime = datetime(2026, 11, 23, 18, tzinfo=UTC)
    rows: dict[str, dict[int, Row]] = field(default_factory=lambda: {model: {} for model in MODELS})
    lose: set[str] = field(default_factory=set)
    """Buttons and `create MODEL` whose answers are lost, until something is looked up after that."""
    has_lost: bool = False
    queue_runs: bool = True
    """False: confirmed sales wait for a worker to make their shipments."""
    models: Mapping[str, Any] = field(default_factory=lambda: MODELS)
    throttled: int = 0
    """So many writes are put off by whatever stands before it."""
    pressed: list[tuple[str, str, int]] = field(default_factory=list)
    by_reference: dict[str, list[int]] = field(default_factory=dict)
    made: list[int] = field(default_factory=list)
    """How many sales each `create` that arrived held."""

    def __post_init__(self) -> None:
        us = self.add("country.country", code="US", name="United States")
        self.add("country.subdivision", code="US-IL", name="Illinois", country=us)
        self.add("company.company", party=self.add("party.party", name="Tea House"))
        self.add("carrier", party=self.add("party.party", name="USPS"))
        self.add("party.party", name="Cratejoy")
        for code in ("TEA-01", "MUG-01"):
            self.add("product.product", code=code, sale_uom=1, default_uom=1, salable=True)

    def add(self, model: str, **values: Any) -> int:
        """One more record."""
        number = len(self.rows[model]) + 1
        dates = {"create_date": self.moment, "write_date": None}
        self.rows[model][number] = {"id": number, "__name__": model, **dates, **values}
        if model == "sale.sale":
            self.by_reference.setdefault(values["reference"], []).append(number)
        return number

    def sales(self, reference: str) -> list[Row]:
        """The sales with exactly this reference."""
        return [self.rows["sale.sale"][one] for one in self.by_reference.get(reference, ())]

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        try:
            status, content = 200, json.dumps(self._answer(scope, await receive()), default=_tagged).encode()
        except Refused as refused:
            status, content = refused.status, _page(refused)
        kind = b"application/json" if status in (200, 400) else b"text/html; charset=utf-8"
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind)]})
        await send({"type": "http.response.body", "body": content})

    def _answer(self, scope: Any, message: Any) -> Any:
        headers = dict(scope["headers"])
        parts = scope["path"].strip("/").split("/")
        if parts[:3] != [DATABASE, "rest", "model"]:
            raise Refused(404, "Not Found")
        if headers.get(b"authorization", b"").decode() != f"Bearer {KEY}":
            raise Refused(401, "Unauthorized")
        model, arguments = parts[3], parse_qsl(scope["query_string"].decode())
        if model not in self.models:
            raise Refused(500, repr(model))
        if scope["method"] == "GET":
            if self.has_lost:
                self.lose.clear()
            return self._search(model, arguments)
        if self.throttled:
            self.throttled -= 1
            raise Refused(429, "slow down")
        if json.loads(urlsafe_b64decode(headers.get(b"x-tryton-context", b"e30="))).get("company") != 1:
            raise Refused(403, "Forbidden")
        body = json.loads(message["body"] or b"{}")
        answer = self._create(model, body["vlist"]) if parts[4] == "create" else self._press(model, parts, arguments)
        if {f"create {model}", parts[-1]} & self.lose:
            self.has_lost = True
            raise ConnectionDropped
        return answer

    def _search(self, model: str, arguments: Sequence[tuple[str, str]]) -> list[Row]:
        given = dict(arguments)
        domain = json.loads(urlsafe_b64decode(given.get("d", "W10=")), object_hook=_untagged)
        fields = [value for name, value in arguments if name == "f"]
        found = [row for row in self._near(model, domain) if self._meets(model, row, domain)]
        return [self._shown(model, row, fields) for row in found[: int(given.get("s", 0)) or None]]

    def _near(self, model: str, domain: Sequence[Any]) -> Iterable[Row]:
        """The rows that can meet the condition, by the index on references where there is one."""
        if model == "sale.sale" and domain and domain[0][:2] == ["reference", "in"]:
            return [row for reference in domain[0][2] for row in self.sales(reference)]
        return self.rows[model].values()

    def _meets(self, model: str, row: Row, domain: Sequence[Any]) -> bool:
        is_any = domain[:1] == ["OR"]
        tests = (
            self._compares(model, row, one)
            if isinstance(one[0], str) and one[0] != "OR"
            else self._meets(model, row, one)
            for one in domain[is_any:]
        )
        return any(tests) if is_any else all(tests)

    def _compares(self, model: str, row: Row, clause: Sequence[Any]) -> bool:
        path, operator, wanted = clause
        for value in self._values(model, row, path.split(".")):
            if operator == "=" and value == wanted:
                return True
            if operator == "in" and value in wanted:
                return True
            if value is not None and ((operator == ">=" and value >= wanted) or (operator == ">" and value > wanted)):
                return True
        return False

    def _values(self, model: str, row: Row, path: Sequence[str]) -> Iterator[Any]:
        value = self._field(model, row, path[0])
        if len(path) == 1:
            yield value
            return
        target = MODELS[model][path[0]]
        for one in value if isinstance(value, list) else [value] if value else []:
            yield from self._values(target, self.rows[target][one], path[1:])

    def _field(self, model: str, row: Row, name: str) -> Any:
        if name == "moves" and model == "stock.shipment.out":
            name = "outgoing_moves"
        if name not in row:
            raise Refused(500, repr(name))
        return row[name]

    def _shown(self, model: str, row: Row, fields: Sequence[str]) -> Row:
        shown: Row = {"id": row["id"], "__name__": model}
        inner: dict[str, list[str]] = {}
        for path in fields:
            name, _, rest = path.partition(".")
            inner.setdefault(name, []).extend([rest] if rest else [])
        for name, rest in inner.items():
            value = self._field(model, row, name)
            if rest and value:
                target = MODELS[model][name]
                rows = [self._shown(target, self.rows[target][one], rest) for one in _many(value)]
                value = rows if isinstance(value, list) else rows[0]
            shown[name] = value
        return shown

    def _create(self, model: str, records: Sequence[Row]) -> list[int]:
        if model == "sale.sale":
            self.made.append(len(records))
        for record in records:
            self._check(model, record)
        return [self._made(model, record) for record in records]

    def _check(self, model: str, record: Row) -> None:
        if model == "party.address" and record["city"] == REFUSED_TEXT:
            raise Refused(400, f'The city "{REFUSED_TEXT}" is not valid.')
        known = {"party": "party.party", "country": "country.country", "shipment_address": "party.address"}
        for name, target in known.items():
            if record.get(name) is not None and record[name] not in self.rows[target]:
                raise Refused(403, "Forbidden")

    def _made(self, model: str, record: Row) -> int:
        if model != "sale.sale":
            return self.add(model, **{"contact_mechanisms": [], **record})
        values = {name: held for name, held in record.items() if name != "lines"}
        [[_, lines]] = record["lines"]
        made = [self.add("sale.line", product=line["product"], quantity=float(line["quantity"])) for line in lines]
        fresh = {"state": "draft", "number": None, "shipment_state": "none", "shipments": []}
        return self.add(model, **values, **fresh, lines=made)

    def _press(self, model: str, parts: Sequence[str], arguments: Sequence[tuple[str, str]]) -> Row:
        number, button = int(parts[4]), parts[5]
        row = self.rows[model].get(number)
        if row is None:
            raise Refused(404, "Not Found")
        self.pressed.append((model, button, number))
        before = row["state"]
        self._move(model, row, button)
        row["write_date"] = self.moment
        shown = self._shown(model, row, [value for name, value in arguments if name == "f"])
        if (model, before, button) == ("sale.sale", "quotation", "confirm") and self.queue_runs:
            self._process(row)  # its queue runs after the answer was made
        return shown

    def _move(self, model: str, row: Row, button: str) -> None:
        allowed = _SALE if model == "sale.sale" else _SHIPMENT
        if row["state"] not in allowed.get(button, {}):
            name = row.get("reference") or row["number"]
            raise Refused(400, f'You can not call "{button}" on "[{name}]".')
        row["state"] = allowed[button][row["state"]]
        if button == "quote":
            row["number"] = row["number"] or f"S{row['id']}"
        if model == "stock.shipment.out" and button == "cancel":
            for sale in self.rows["sale.sale"].values():
                if row["id"] in sale["shipments"]:
                    sale["shipment_state"] = "exception"

    def _process(self, sale: Row) -> None:
        sale.update(state="processing", shipment_state="waiting")
        lines = [self.rows["sale.line"][one] for one in sale["lines"]]
        self.shipment(sale, {line["product"]: line["quantity"] for line in lines})

    def shipment(self, sale: Row | None, products: Mapping[int, float]) -> Row:
        """One more waiting shipment, of a sale or of nobody's."""
        moves = [
            self.add("stock.move", product=product, quantity=float(quantity), sale=sale and sale["id"])
            for product, quantity in products.items()
        ]
        texts = {"effective_date": None, "shipping_reference": None}
        links = {"outgoing_moves": moves, "packages": [], "carrier": sale and sale["carrier"]}
        number = self.add("stock.shipment.out", state="waiting", **texts, **links)
        row = self.rows["stock.shipment.out"][number]
        row["number"] = f"CS{number}"
        if sale is not None:
            sale["shipments"].append(number)
        return row

    def package(self, shipment: Row, tracking: str, moves: Sequence[int] = ()) -> Row:
        """One more package in a shipment."""
        texts = {"shipping_reference": tracking, "shipping_tracking_url": None, "parent": None}
        number = self.add("stock.package", **texts, moves=list(moves))
        shipment["packages"].append(number)
        self.rows["stock.package"][number]["number"] = f"PK{number}"
        return self.rows["stock.package"][number]

    def depart(self, shipment: Row) -> None:
        """The shipment leaves the house."""
        shipment.update(state="done", effective_date=self.moment.date(), write_date=self.moment)

    def advance(self, seconds: float) -> None:
        """Time passes."""
        self.moment += timedelta(seconds=seconds)


_SALE = {
    "quote": {"draft": "quotation"},
    "confirm": {"quotation": "confirmed"},
    "draft": {"quotation": "draft", "confirmed": "draft", "cancelled": "draft"},
    "cancel": {"draft": "cancelled", "quotation": "cancelled"},
}
_SHIPMENT = {
    "cancel": dict.fromkeys(("draft", "waiting", "assigned", "picked", "packed", "shipped", "done"), "cancelled")
}


def _many(value: Any) -> list[int]:
    return value if isinstance(value, list) else [value]


def _page(refused: Refused) -> bytes:
    if refused.status == 400:
        return json.dumps({"status": 400, "message": refused.words, "description": ""}).encode()
    return f"<!doctype html><html lang=en><title>{refused.status}</title><p>{escape(refused.words)}</p>".encode()


def _tagged(value: Any) -> Any:
    parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    kind = "datetime" if isinstance(value, datetime) else "date"
    return {"__class__": kind, **{part: getattr(value, part) for part in parts if hasattr(value, part)}}


def _untagged(value: Row) -> Any:
    kind = value.pop("__class__", None)
    if kind == "datetime":
        return datetime(**value, tzinfo=UTC)
    return value
