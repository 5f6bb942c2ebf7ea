"""The simulated Cratejoy store: what is true there, and how it changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from cratejoy_tui.simulator.world import World

Doc = dict[str, Any]

INDEXED = (
    *("id", "status", "billing_type", "adjusted_ordered_at", "customer_id", "batch_id", "tracking_number"),
    *("target_at", "created_at", "shipped_at", "is_ecom", "is_test", "is_gift"),
)
LINKS: Mapping[str, tuple[str, str]] = {
    "customer": ("customers", "customer_id"),
    "address": ("addresses", "address_id"),
    "ship_address": ("addresses", "address_id"),
    "batch": ("shipment_batches", "batch_id"),
    "order": ("orders", "order_id"),
    "product": ("products", "product_id"),
    "product_instance": ("product_instances", "instance_id"),
}
"""Relation -> the collection it leads to, and the key that holds the id."""


# objects


def find_object(world: World, kind: str, id_: int) -> Doc | None:
    """One object of the store as it truly is; None if there is none."""
    held = world.cache.get((kind, id_))
    if held is None:
        row = world.db.execute("SELECT doc FROM objects WHERE kind=? AND id=?", (kind, id_)).fetchone()
        if row is None:
            return None
        held = _keep(world, kind, msgspec.json.decode(row[0]))
    return held


def need_object(world: World, kind: str, id_: int) -> Doc:
    """One object that must be there."""
    found = find_object(world, kind, id_)
    if found is None:
        raise KeyError(f"{kind} {id_}")
    return found


def _keep(world: World, kind: str, doc: Doc) -> Doc:
    if len(world.cache) > 20_000:
        world.cache.clear()
    if world.in_transaction:
        world.cache[(kind, doc["id"])] = doc
    return doc


def put_object(world: World, kind: str, doc: Doc) -> None:
    """Keep an object; shipments that show it are shown anew."""
    world.db.execute("INSERT OR REPLACE INTO objects VALUES (?, ?, ?)", (kind, doc["id"], msgspec.json.encode(doc)))
    _keep(world, kind, doc)


def changed(world: World, kind: str, doc: Doc) -> None:
    """Keep a changed object and show every shipment anew that contains it."""
    put_object(world, kind, doc)
    for (id_,) in world.db.execute("SELECT shipment_id FROM parts WHERE kind=? AND id=?", (kind, doc["id"])).fetchall():
        _show_later(world, id_)


def find_shipment(world: World, id_: int) -> Doc | None:
    """A shipment as it truly is."""
    row = world.db.execute("SELECT doc FROM shipments WHERE id=?", (id_,)).fetchone()
    return None if row is None else dict(msgspec.json.decode(row[0]))


def need_shipment(world: World, id_: int) -> Doc:
    """A shipment that must be there."""
    found = find_shipment(world, id_)
    if found is None:
        raise KeyError(f"shipment {id_}")
    return found


def add_shipment(world: World, doc: Doc, *, case: str | None, expected: str) -> None:
    """Put a new shipment into the store; it can be seen at once or after a while."""
    world.db.execute(
        "INSERT INTO shipments (id, case_name, expected, doc) VALUES (?, ?, ?, ?)",
        (doc["id"], case, expected, msgspec.json.encode(doc)),
    )
    _link(world, doc)
    lag = round(world.knobs.charge_lag_seconds * 1000)
    for table in ("listing", "reading"):
        if lag:
            world.schedule(world.now_ms + lag, "show", id=doc["id"], table=table)
        else:
            show(world, doc, table)


def save_shipment(world: World, doc: Doc) -> None:
    """Keep a changed shipment; what the API shows follows now or after the lag."""
    world.db.execute("UPDATE shipments SET doc=? WHERE id=?", (msgspec.json.encode(doc), doc["id"]))
    world.db.execute("DELETE FROM parts WHERE shipment_id=?", (doc["id"],))
    _link(world, doc)
    _show_later(world, doc["id"])


def _link(world: World, doc: Doc) -> None:
    parts = {("customers", doc["customer_id"]), ("addresses", doc["address_id"])}
    parts |= {("orders", line["order_id"]) for line in doc["fulfillments"]}
    parts |= {("product_instances", line["instance_id"]) for line in doc["fulfillments"]}
    parts |= {("subscriptions", one) for one in doc["subscription_ids"]}
    if doc["batch_id"]:
        parts.add(("shipment_batches", doc["batch_id"]))
    rows = [(kind, id_, doc["id"]) for kind, id_ in sorted(parts)]
    world.db.executemany("INSERT OR IGNORE INTO parts VALUES (?, ?, ?)", rows)


# what the API shows


def _show_later(world: World, id_: int) -> None:
    knobs = world.knobs
    for table, lag in (("listing", knobs.list_lag_seconds), ("reading", knobs.read_lag_seconds)):
        if lag:
            world.schedule(world.now_ms + round(lag * 1000), "show", id=id_, table=table)
        else:
            show(world, need_shipment(world, id_), table)


def show(world: World, doc: Doc, table: str) -> None:
    """Let one version of the API (listing is v1.1, reading is v1) show the shipment as it is now."""
    from cratejoy_tui.simulator.rendering import streamlined, verbose

    stats = doc["stats"]
    values = [doc[name] for name in INDEXED] + [stats["subscription_cycle"], stats["customer_cycle"]]
    names = ", ".join([*INDEXED, "sub_cycle", "cust_cycle"])
    marks = ", ".join("?" * len(values))
    world.db.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", values)  # noqa: S608 - our names
    row = streamlined(world, doc) if table == "listing" else verbose(world, doc)
    world.db.execute(f"INSERT OR REPLACE INTO {table}_rows VALUES (?, ?)", (doc["id"], row))  # noqa: S608 - our names
    world.count(f"{table} changes")


def show_everything(world: World) -> None:
    """Write all rows anew, after a knob changed their shape."""
    for (id_,) in world.db.execute("SELECT id FROM shipments ORDER BY id").fetchall():
        for table in ("listing", "reading"):
            show(world, need_shipment(world, id_), table)
