"""The database of a little Odoo that keeps the rules of the big one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from cratejoy_tui.simulator.faults import ConnectionDropped
from tests.warehouses.odoo_tables import FIELDS, LINKS, OdooTables, Record

USER_ZONE = ZoneInfo("America/Los_Angeles")
SERIALIZE = "could not serialize access due to concurrent update"


class Refusal(Exception):
    """An exception inside Odoo: everything of the call is rolled back."""

    def __init__(self, message: str, name: str = "odoo.exceptions.UserError", status: int = 422) -> None:
        self.name, self.status = name, status
        super().__init__(message)


@dataclass
class OdooDatabase(OdooTables):
    """One database with its rules."""

    external: dict[str, tuple[str, int]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    cancels: list[str] = field(default_factory=list)
    pushed: list[int] = field(default_factory=list)
    lose_next: set[str] = field(default_factory=set)
    """`model.method` that is carried out without an answer, once."""
    throttle_next: set[str] = field(default_factory=set)
    """`model.method`, or "" for any, that is put off, once."""
    collide_next: set[str] = field(default_factory=set)
    """`model.method` that meets another transaction, once."""
    discontinued: set[int] = field(default_factory=set)
    """Products that no order may be made with."""
    blocked: set[str] = field(default_factory=set)
    """Order numbers that are not confirmed."""
    no_rights: set[str] = field(default_factory=set)
    """Models this user may not touch."""

    def call(self, model: str, method: str, ids: Sequence[int] | None, named: Mapping[str, Any]) -> Any:
        """Call a method; nothing of it stays when it fails."""
        what = f"{model}.{method}"
        self.calls.append(what)
        if model not in self.tables:
            raise Refusal(f"the model '{model}' does not exist", "werkzeug.exceptions.NotFound", 404)
        if model in self.no_rights:
            raise Refusal(f"You are not allowed to access '{model}'", "odoo.exceptions.AccessError", 403)
        methods: dict[str, Callable[..., Any]] = {
            "search_read": self._search_read, "fields_get": self._fields_get, "load": self._load,
            "action_confirm": self._confirm, "action_cancel": self._cancel, "write": self._write,
        }  # fmt: skip
        self.undo.clear()
        try:
            answer = methods[method](model, ids or [], **named)
        except Refusal:
            self._roll_back()
            raise
        if what in self.lose_next:
            self.lose_next.discard(what)
            raise ConnectionDropped(connected=True)
        return answer

    def _fields_get(self, model: str, _: Any, allfields: list[str], attributes: list[str], **__: Any) -> Any:
        return {name: {"type": "char"} for name in allfields if name in self.fields_of(model)}

    def _search_read(
        self, model: str, _: Any, domain: list[Any], fields: list[str], order: str = "id", limit: int = 0, **named: Any
    ) -> list[Record]:
        unknown = set(fields) - set(self.fields_of(model))
        if unknown:
            raise Refusal(f"Invalid field {sorted(unknown)} on model {model!r}", "builtins.ValueError", 500)
        hides = "active" in FIELDS[model].split() and named.get("context", {}).get("active_test", True)
        domain = [[name, test, set(value) if test == "in" else value] for name, test, value in domain]
        rows = [row for row in self.tables[model].values() if _fits(row, domain) and row.get("active", True) >= hides]
        assert order == "id"
        return [self._shown(model, row, fields) for row in rows[: limit or None]]

    def _shown(self, model: str, row: Record, fields: Sequence[str]) -> Record:
        shown: Record = {"id": row["id"]}
        for name in fields:
            value = self.delivery_status(row) if name == "delivery_status" else row.get(name, False)
            if name in LINKS and value:
                value = [value, str(self.tables[LINKS[name]][value].get("name", "record"))]
            shown[name] = False if value in ("", None) else value
        return shown

    def _confirm(self, _: str, ids: Sequence[int], **__: Any) -> bool:
        if "sale.order.action_confirm" in self.collide_next:
            self.collide_next.discard("sale.order.action_confirm")
            raise Refusal(SERIALIZE, "psycopg2.errors.SerializationFailure", 409)
        for order in (self.tables["sale.order"][one] for one in ids):
            if order["state"] not in ("draft", "sent"):
                raise Refusal(f"{order['name']} is not in a state requiring confirmation.")
            if order["client_order_ref"] in self.blocked:
                raise Refusal(f"{order['name']} is over the credit limit.")
            self.change("sale.order", order["id"], state="sale")
            self._picking(order)
        return True

    def _cancel(self, _: str, ids: Sequence[int], context: Mapping[str, Any], **__: Any) -> Any:
        orders = [self.tables["sale.order"][one] for one in ids]
        self.cancels += [order["client_order_ref"] for order in orders]
        if any(order.get("locked") for order in orders):
            raise Refusal("You cannot cancel a locked order. Please unlock it first.")
        asks = self.major < 19 and not context.get("disable_cancel_warning")
        if asks and any(order["state"] == "sale" for order in orders):
            return {"type": "ir.actions.act_window", "res_model": "sale.order.cancel"}
        for order in orders:
            order["state"] = "cancel"
            for picking in self.pickings(order):
                picking["state"] = "done" if picking["state"] == "done" else "cancel"
        return True

    def _write(self, _: str, ids: Sequence[int], vals: Record, **__: Any) -> bool:
        assert vals == {"order_line": [[5, 0, 0]]}
        gone = [line for line in self.tables["sale.order.line"].values() if line["order_id"] in ids]
        for line in gone:
            line["order_id"] = 0
        numbers = {line["id"] for line in gone}
        self.external = {
            name: it for name, it in self.external.items() if it[0] != "sale.order.line" or it[1] not in numbers
        }
        return True

    def _load(self, model: str, _: Any, fields: list[str], data: list[list[str]], **named: Any) -> Record:
        if f"{model}.load" in self.collide_next:
            self.collide_next.discard(f"{model}.load")
            return {"ids": False, "messages": [{"type": "error", "message": SERIALIZE}], "nextrow": 0}
        zone = ZoneInfo(named.get("context", {}).get("tz", USER_ZONE.key))
        ids: list[int] = []
        errors: list[Record] = []
        records = list(_records(fields, data))
        if model == "sale.order":
            self.pushed.append(len(records))
        companies = named.get("context", {}).get("allowed_company_ids", [1])
        for first, rows in records:
            at = {"rows": {"from": first, "to": first + len(rows) - 1}, "type": "error"}
            try:
                ids.append(self._import(model, rows, zone))
                self.tables[model][ids[-1]]["company_id"] = companies[0]
            except Refusal as refusal:
                if refusal.name == "in the middle" and not errors and first:
                    # Odoo first tries all together, and then blames the first record for whatever went wrong.
                    errors.append({**at, "rows": {"from": 0, "to": 0}, "message": str(refusal)})
                errors.append({**at, "message": str(refusal)})
        if not errors:
            return {"ids": ids, "messages": [], "nextrow": 0}
        self._roll_back()
        return {"ids": False, "messages": errors, "nextrow": 0}

    def _import(self, model: str, rows: list[dict[str, str]], zone: ZoneInfo) -> int:
        own = {name: text for name, text in rows[0].items() if not name.startswith("order_line/")}
        values = {name.partition("/")[0]: self._value(name, text, zone) for name, text in own.items() if name != "id"}
        number = self._upsert(model, own["id"], values)
        if model == "sale.order":
            order = self.tables[model][number]
            order.setdefault("state", "draft")
            order.setdefault("name", f"S{number:05d}")
            for row in rows:
                self._line(number, {name.partition("/")[2]: text for name, text in row.items() if "order_line" in name})
        return number

    def _line(self, order: int, row: dict[str, str]) -> None:
        product = self._value("product_id/.id", row["product_id/.id"], USER_ZONE)
        if product in self.discontinued:
            raise Refusal("Tea is discontinued.", "in the middle")
        values = {"order_id": order, "product_id": product, "product_uom_qty": float(row["product_uom_qty"]),
                  "price_unit": float(row["price_unit"])}  # fmt: skip
        self._upsert("sale.order.line", row.get("id", ""), values)

    def _upsert(self, model: str, name: str, values: Record) -> int:
        if name and not re.fullmatch(r"[A-Za-z0-9_]+\.[A-Za-z0-9_]+", name):
            raise Refusal(f"The external id '{name}' must not contain such characters")
        if name in self.external:
            self.change(model, self.external[name][1], **values)
            return self.external[name][1]
        plain = {"active": True} if "active" in FIELDS[model].split() else {}
        number = self.add(model, **plain, **values)
        if name:
            self.external[name] = (model, number)
            self.undo.append(lambda: self.external.pop(name))
        return number

    def _value(self, name: str, text: str, zone: ZoneInfo) -> Any:
        column, _, how = name.partition("/")
        if not text:
            return False
        if how == "id":
            if text not in self.external:
                raise Refusal(f"No matching record found for external id '{text}' in field '{column}'")
            return self.external[text][1]
        if how == ".id":
            if int(text) not in self.tables[LINKS[column]]:
                raise Refusal(f"No matching record found for database id '{text}' in field '{column}'")
            return int(text)
        if column == "commitment_date":
            local = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=zone)
            return local.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        return f"<p>{text}</p>" if column == "note" else text


def _records(fields: list[str], data: list[list[str]]) -> Iterator[tuple[int, list[dict[str, str]]]]:
    """Rows belong to the record above them when they hold nothing but lines."""
    current: list[dict[str, str]] = []
    first = 0
    for place, row in enumerate(data):
        named = dict(zip(fields, row, strict=True))
        if current and any(text for name, text in named.items() if not name.startswith("order_line/")):
            yield first, current
            current, first = [], place
        current.append(named)
    if current:
        yield first, current


def _fits(row: Record, domain: list[Any]) -> bool:
    tests: dict[str, Callable[[Any, Any], bool]] = {
        "=": lambda a, b: a == b,
        "!=": lambda a, b: a != b,
        ">": lambda a, b: a > b,
        ">=": lambda a, b: a >= b,
        "in": lambda a, b: a in b,
    }
    return all(tests[test](row.get(name, False), value) for name, test, value in domain)
