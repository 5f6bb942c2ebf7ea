"""Collections of the simulated Cratejoy: finding, ordering and paging."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from cratejoy_tui.simulator.faults import Refusal
from cratejoy_tui.simulator.queries import Condition, Query, fits, fragment
from cratejoy_tui.simulator.rendering import (
    DEFAULTS,
    RELATIONS,
    SHIPMENT_DEFAULTS,
    SHIPMENT_RELATIONS,
    element,
)
from cratejoy_tui.simulator.shop import INDEXED, LINKS, Doc, find_object, need_shipment

if TYPE_CHECKING:
    from cratejoy_tui.simulator.world import World

COLUMNS = frozenset({*INDEXED, "sub_cycle", "cust_cycle"})
QUICK = {"eq": "=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "in": "IN"}
"""Comparisons that the database makes; the others look at each box."""
KEPT_LISTS = 12
COLLECTIONS = frozenset({"subscriptions", "transactions", *(kind for kind, _ in LINKS.values())})


def list_shipments(world: World, query: Query, version: str) -> bytes:
    """One page of shipments, ready to be sent. Raises Refusal."""
    table = "listing" if version == "v1.1" else "reading"
    conditions = [_plain(condition) for condition in query.conditions]
    unknown = [one for one in conditions if not _known(one, version)]
    if unknown and world.knobs.unknown_parameter == "400":
        raise Refusal(400, "unknown", unknown[0].name)
    ids = _found(world, table, [one for one in conditions if one not in unknown])
    page, envelope = _cut(world, ids, query, version)
    return _enveloped(envelope, _rows(world, table, page, query.wanted))


def _plain(condition: Condition) -> Condition:
    """A shipment's subscription is looked for in its lines."""
    if condition.name == "subscription_id" and not condition.relation:
        return replace(condition, relation="fulfillments")
    return condition


def _known(condition: Condition, version: str) -> bool:
    if version == "v1.1" or condition.relation in SHIPMENT_RELATIONS:
        return True
    return not condition.relation and condition.name in COLUMNS


def _found(world: World, table: str, conditions: Sequence[Condition]) -> list[int]:
    """Ids of all shipments that meet the conditions, ascending."""
    key = (table, world.wipes(), world.counted(f"{table} changes"), repr(conditions))
    if key in world.lists:
        world.lists.move_to_end(key)
        return world.lists[key]
    quick = [one for one in conditions if not one.relation and one.operator in QUICK]
    clauses = [_clause(one) for one in quick]
    where = " AND ".join(text for text, _ in clauses) or "1"
    values = [value for _, some in clauses for value in some]
    found = world.db.execute(f"SELECT id FROM {table} WHERE {where} ORDER BY id", values)  # noqa: S608 - our names
    ids = [int(id_) for (id_,) in found]
    slow = [one for one in conditions if one not in quick]
    if slow:
        ids = [id_ for id_ in ids if _meets(world, need_shipment(world, id_), slow)]
    world.lists[key] = ids
    while len(world.lists) > KEPT_LISTS:
        world.lists.popitem(last=False)
    return ids


def _clause(condition: Condition) -> tuple[str, list[Any]]:
    name, values = condition.name, list(condition.values)
    if name.startswith("is_"):
        values = [int(str(value).lower() in ("true", "1")) for value in values]
    marks = ", ".join("?" * len(values))
    return f"{name} {QUICK[condition.operator]} ({marks})", values


def _meets(world: World, doc: Doc, conditions: Sequence[Condition]) -> bool:
    return all(any(fits(one, held) for held in _held(world, doc, one)) for one in conditions)


def _held(world: World, doc: Doc, condition: Condition) -> list[object]:
    """The values a condition looks at; several where a relation has several members."""
    relation, name = condition.relation, condition.name
    if not relation:
        return [doc.get(name)]
    if relation == "subscriptions":
        members = [find_object(world, relation, one) for one in doc.get("subscription_ids", ())]
    elif relation in LINKS:
        kind, key = LINKS[relation]
        members = [find_object(world, kind, doc[key])] if doc.get(key) else []
    else:
        member = doc.get(relation)
        members = member if isinstance(member, list) else [member]
    return [one.get(name) for one in members if isinstance(one, dict)]


def _ordered(world: World, ids: list[int]) -> list[int]:
    order = world.knobs.list_order
    if order == "id":
        return ids
    if order == "newest":
        return ids[::-1]
    mixed = list(ids)
    seed = f"{world.seed}" if order == "shuffled" else f"{world.seed} {world.count('shuffles')}"
    random.Random(seed).shuffle(mixed)  # noqa: S311 - the same mixture for the same seed is the point
    return mixed


def _cut(world: World, found: list[int], query: Query, version: str) -> tuple[Sequence[int], Doc]:
    """The ids of one page and the envelope around them."""
    knobs, ids = world.knobs, _ordered(world, found)
    base = {"documented": int(version == "v1.1"), "zero": 0, "one": 1}[knobs.page_base]
    index = max(0, (query.page or 0) - base) if query.page is not None else 0
    shown = index - 1 if knobs.repeat_page and index == knobs.repeat_page else index
    start = shown * (query.limit + knobs.rows_gone_between_pages)
    page = ids[start : start + query.limit]
    left = start + query.limit < len(ids) or shown != index
    left = left or (knobs.extra_empty_page and bool(page))
    following = index + 1 if left else index if knobs.never_ending else None
    envelope = {
        "count": len(ids) + knobs.count_off_by,
        "next": None if following is None else fragment(following + base, query),
        "prev": fragment(index - 1 + base, query) if index else None,
    }
    return page, envelope


def _rows(world: World, table: str, ids: Sequence[int], wanted: frozenset[str] | None) -> list[bytes]:
    sql = f"SELECT id, row FROM {table}_rows WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608 - our names
    found = dict(world.db.execute(sql, (msgspec.json.encode(ids).decode(),)).fetchall())
    rows = [found[id_] for id_ in ids]
    return [chosen(row, wanted) for row in rows] if table == "reading" else rows


_AS_RAW = msgspec.json.Decoder(dict[str, msgspec.Raw])


def chosen(row: bytes, wanted: frozenset[str] | None) -> bytes:
    """A v1 shipment with only the relations asked for."""
    kept = SHIPMENT_DEFAULTS if wanted is None else wanted
    if "all" in kept:
        return row
    parts = _AS_RAW.decode(row)
    for name in SHIPMENT_RELATIONS:
        if name not in kept:
            parts.pop(name, None)
    return msgspec.json.encode(parts)


def _enveloped(envelope: Mapping[str, Any], rows: Sequence[bytes]) -> bytes:
    head = msgspec.json.encode(envelope)
    return head[:-1] + b',"results":[' + b",".join(rows) + b"]}"


def one_shipment(world: World, id_: int, query: Query) -> bytes | None:
    """A shipment as v1 shows it; None if there is none."""
    row = world.db.execute("SELECT row FROM reading_rows WHERE id=?", (id_,)).fetchone()
    return None if row is None else chosen(row[0], query.wanted)


# other collections


def list_objects(world: World, kind: str, query: Query) -> bytes:
    """One page of another collection. Raises Refusal."""
    rows = world.db.execute("SELECT doc FROM objects WHERE kind=? ORDER BY id", (kind,)).fetchall()
    docs = {doc["id"]: doc for doc in (msgspec.json.decode(row) for (row,) in rows)}
    conditions = []
    for one in query.conditions:
        key = LINKS[one.relation][1] if one.relation in LINKS else one.relation or one.name
        if any(key in doc for doc in docs.values()):
            conditions.append(one)
        elif docs and world.knobs.unknown_parameter == "400":
            raise Refusal(400, "unknown", one.name)
    ids = [id_ for id_, doc in docs.items() if _meets(world, doc, conditions)]
    page, envelope = _cut(world, ids, query, "v1")
    return _enveloped(envelope, [render_object(world, kind, docs[id_], query) for id_ in page])


def render_object(world: World, kind: str, doc: Doc, query: Query) -> bytes:
    """An object with the relations asked for."""
    wanted = DEFAULTS.get(kind, frozenset()) if query.wanted is None else query.wanted
    if "all" in wanted:
        wanted = frozenset(RELATIONS.get(kind, ()))
    return msgspec.json.encode(element(world, kind, doc, wanted))
