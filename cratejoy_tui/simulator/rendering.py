"""How the simulated Cratejoy writes its objects as JSON, in both versions of its API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from cratejoy_tui.simulator.shop import LINKS, Doc, find_object, need_object
from cratejoy_tui.simulator.world import ZONE, from_ms

if TYPE_CHECKING:
    from cratejoy_tui.simulator.world import World

DATES = frozenset(
    {
        *("adjusted_ordered_at", "target_at", "created_at", "shipped_at", "placed_at", "fulfillment_date"),
        *("adjusted_fulfillment_date", "start_date", "end_date", "skipped_date", "start", "end"),
    }
)
INNER = frozenset({"address_id", "subscription_ids", "received_gift"})
"""Keys of our own that no answer shows as they are."""

SHIPMENT_RELATIONS = ("customer", "fulfillments", "labels", "ship_address", "batch", "stats", "subscriptions", "_md")
SHIPMENT_DEFAULTS = frozenset({"customer", "fulfillments", "labels", "ship_address"})
RELATIONS: Mapping[str, tuple[str, ...]] = {
    "shipments": SHIPMENT_RELATIONS,
    "orders": ("customer", "products", "subscriptions", "fulfillments", "ship_address", "transactions"),
    "subscriptions": ("customer", "billing", "term", "product_instance", "address", "shipments", "orders"),
    "transactions": ("order",),
    "products": ("instances",),
    "product_instances": ("product",),
}
DEFAULTS: Mapping[str, frozenset[str]] = {
    "shipments": SHIPMENT_DEFAULTS,
    "orders": frozenset({"customer", "products"}),
    "subscriptions": frozenset({"customer", "billing", "term", "product_instance", "address"}),
    "transactions": frozenset({"order"}),
    "products": frozenset(),
    "product_instances": frozenset({"product"}),
}


@lru_cache(maxsize=8192)
def stamp(ms: int, style: str, pacific: bool) -> str | int:
    """One instant in the style asked for."""
    if style == "epoch_ms":
        return ms
    at = from_ms(ms).replace(microsecond=0)
    if style == "offset" or (style == "mixed" and pacific):
        return at.astimezone(ZONE).isoformat()
    return at.isoformat().replace("+00:00", "Z")


def dated(doc: Mapping[str, Any], style: str) -> Doc:
    """A copy without our own keys, its instants written in the style."""
    return {
        key: stamp(value, style, key == "created_at") if key in DATES and isinstance(value, int) else value
        for key, value in doc.items()
        if key not in INNER
    }


def _customer(world: World, customer_id: int) -> Doc:
    whole = need_object(world, "customers", customer_id)
    return {
        key: whole.get(key) for key in ("country", "email", "first_name", "id", "last_name", "location", "name", "type")
    }


def _merged(lines: list[Doc]) -> list[Doc]:
    """Equal lines as one with a quantity."""
    merged: dict[tuple[object, ...], Doc] = {}
    for line in lines:
        key = (line["instance_id"], line["order_id"], line["subscription_id"], line["status"])
        if key in merged:
            merged[key]["quantity"] += 1
        else:
            merged[key] = {**line, "quantity": 1}
    return list(merged.values())


def _lines(world: World, doc: Doc) -> list[Doc]:
    return _merged(doc["fulfillments"]) if world.knobs.quantity_field else list(doc["fulfillments"])


def warped(doc: Mapping[str, Any], version: str, rendered: Doc) -> Doc:
    """Spoil some values, as the shipment's own list of damages says."""
    for where, path, *value in doc.get("warp", ()):
        if where != version:
            continue
        held: Any = rendered
        for step in path[:-1]:
            held = held[step]
        if value:
            held[path[-1]] = value[0]
        else:
            held.pop(path[-1], None)
    return rendered


# v1.1


def streamlined(world: World, doc: Doc) -> bytes:
    """A shipment as a row of v1.1."""
    knobs, style = world.knobs, world.knobs.date_style
    row: Doc = {
        "id": doc["id"],
        "status": doc["status"],
        "tracking_number": doc["tracking_number"],
        "adjusted_ordered_at": stamp(doc["adjusted_ordered_at"], style, False),
        "sub_cycle": doc["stats"]["subscription_cycle"],
        "cust_cycle": doc["stats"]["customer_cycle"],
        "ship_address": _short_address(world, doc),
        "fulfillments": [_short_line(world, line) for line in _lines(world, doc)],
    }
    batch = doc["batch_id"] and need_object(world, "shipment_batches", doc["batch_id"])
    if batch:
        row["batch"] = {
            "id": batch["id"],
            "start_date": stamp(batch["start"], style, False),
            "end_date": stamp(batch["end"], style, False),
        }
    elif not knobs.batch_absent:
        row["batch"] = None
    return msgspec.json.encode(warped(doc, "v1.1", row))


def _short_address(world: World, doc: Doc) -> Doc:
    whole = need_object(world, "addresses", doc["address_id"])
    keys = ["id", "to", "company", "street", "unit", "city", "state", "zip_code", "country", "phone_number"]
    if world.knobs.minimal_rows:
        keys.remove("street")
    return {key: whole[key] for key in keys}


def _short_line(world: World, line: Doc) -> Doc:
    order = need_object(world, "orders", line["order_id"])
    instance = need_object(world, "product_instances", line["instance_id"])
    minimal = world.knobs.minimal_rows
    gift = {"order_gift_info": order["order_gift_info"]}
    short: Doc = {
        "fulfillment_date": stamp(line["fulfillment_date"], world.knobs.date_style, False),
        "subscription_id": line["subscription_id"],
        "order": gift if minimal else {"id": order["id"], **gift},
        "instance": {"id": instance["id"], "sku": instance["sku"]},
    }
    if not minimal:
        product = need_object(world, "products", instance["product_id"])
        short["instance"]["product"] = {"id": product["id"], "name": product["name"]}
    if "quantity" in line:
        short["quantity"] = line["quantity"]
    return short


# v1


def verbose(world: World, doc: Doc) -> bytes:
    """A shipment as v1 gives it, with every relation; a request's `with` leaves some out."""
    style = world.knobs.date_style
    core = {key: value for key, value in doc.items() if key not in ("fulfillments", "warp", "batch_id", "billing_type")}
    row: Doc = {
        **dated(core, style),
        "type": "shipment",
        "url": f"/v1/shipments/{doc['id']}/",
        "feedback_responses": [],
        "_md": {},
    }
    row["customer"] = _or_url(world, "customer", "customers", doc["customer_id"], _customer)
    row["ship_address"] = _or_url(world, "ship_address", "addresses", doc["address_id"], _whole("addresses"))
    row["batch"] = doc["batch_id"] and _or_url(world, "batch", "shipment_batches", doc["batch_id"], _batch)
    row["fulfillments"] = [_line(world, line) for line in _lines(world, doc)]
    row["subscriptions"] = [_short_subscription(world, one) for one in doc["subscription_ids"]]
    return msgspec.json.encode(warped(doc, "v1", row))


def _or_url(world: World, name: str, kind: str, id_: int, embed: Callable[[World, int], Doc]) -> Doc | str:
    return f"/v1/{kind}/{id_}/" if name in world.knobs.relations_as_url else embed(world, id_)


def _whole(kind: str) -> Callable[[World, int], Doc]:
    return lambda world, id_: dated(need_object(world, kind, id_), world.knobs.date_style)


def _batch(world: World, batch_id: int) -> Doc:
    batch = _whole("shipment_batches")(world, batch_id)
    if world.knobs.batch_key_v1 != "end":
        batch[world.knobs.batch_key_v1] = batch.pop("end")
    return batch


def _line(world: World, line: Doc) -> Doc:
    rendered = dated(line, world.knobs.date_style)
    order_id, instance_id = rendered.pop("order_id"), rendered.pop("instance_id")
    rendered |= {"type": "fulfillment", "test": line["is_test"]}
    rendered["instance"] = _or_url(world, "instance", "product_instances", instance_id, _instance)
    rendered["order"] = _or_url(world, "order", "orders", order_id, _order)
    return rendered


def _instance(world: World, instance_id: int) -> Doc:
    instance = need_object(world, "product_instances", instance_id)
    product = need_object(world, "products", instance["product_id"])
    short = {key: product[key] for key in ("deleted", "id", "mp_visible", "name", "single_purchasable")}
    return {**instance, "product": short}


def _order(world: World, order_id: int) -> Doc:
    """An order as it stands inside a fulfillment."""
    order = need_object(world, "orders", order_id)
    rendered = dated(order, world.knobs.date_style)
    rendered.pop("products", None)
    rendered["customer"] = _customer(world, order["customer_id"])
    rendered["subscriptions"] = [_whole("subscriptions")(world, one) for one in order["subscription_ids"]]
    if order.get("received_gift"):
        rendered |= {"received_gift": order["received_gift"], "sent_gift": None}
    return rendered


def _short_subscription(world: World, subscription_id: int) -> Doc:
    whole = need_object(world, "subscriptions", subscription_id)
    return {key: whole[key] for key in ("id", "status", "type", "url")}


# every other collection


def element(world: World, kind: str, doc: Doc, wanted: frozenset[str]) -> Doc:
    """One object of a collection other than shipments, with the relations wanted."""
    rendered = dated(doc, world.knobs.date_style)
    for name in RELATIONS.get(kind, ()):
        rendered.pop(name, None)
        if name in wanted or name == "order":
            rendered[name] = _related(world, kind, doc, name)
    return rendered


def _related(world: World, kind: str, doc: Doc, name: str) -> object:
    if name == "order":
        return f"/v1/orders/{doc['order_id']}/"
    if name == "product_instance":
        return _instance(world, doc["instance_id"])
    if name == "subscriptions":
        return [_whole(name)(world, one) for one in doc["subscription_ids"]]
    if name in LINKS:
        linked, key = LINKS[name]
        return _whole(linked)(world, doc[key])
    return doc[name] if name in doc else _members(world, kind, doc, name)


def _members(world: World, kind: str, doc: Doc, name: str) -> list[object]:
    """To-many relations that are looked up backwards."""
    if name in ("instances", "transactions"):
        source, key = ("product_instances", "product_id") if name == "instances" else ("transactions", "order_id")
        rows = world.db.execute(
            "SELECT doc FROM objects WHERE kind=? AND json_extract(doc, ?) = ?", (source, f"$.{key}", doc["id"])
        )
        return [dated(msgspec.json.decode(row), world.knobs.date_style) for (row,) in rows]
    shipments = world.db.execute(
        "SELECT s.doc FROM parts p JOIN shipments s ON s.id = p.shipment_id WHERE p.kind=? AND p.id=? ORDER BY s.id",
        (kind, doc["id"]),
    ).fetchall()
    docs = [msgspec.json.decode(row) for (row,) in shipments]
    if name == "fulfillments":
        return [_line(world, line) for one in docs for line in one["fulfillments"] if line["order_id"] == doc["id"]]
    if name == "orders":
        ids = sorted({line["order_id"] for one in docs for line in one["fulfillments"]})
        return [f"/v1/orders/{one}/" for one in ids if find_object(world, "orders", one)]
    return [f"/v1/shipments/{one['id']}/" for one in docs]
