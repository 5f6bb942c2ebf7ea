"""What ShipHero is asked, in its own language, and the most that each question may cost in credits.

A question costs about as many credits as rows it could give, so few are asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MOST_TWINS = 5
"""Orders of one number that are looked at: one is right, two are for a person."""
MOST_LINES = 50
SHIPMENTS = 25
LINES_IN_SHIPMENT = 20

_CREATE = """mutation Create($data: CreateOrderInput!) {
  order_create(data: $data) { request_id complexity order { id order_number partner_order_id } }
}"""
_CANCEL = """mutation Cancel($data: CancelOrderInput!) {
  order_cancel(data: $data) { request_id complexity order { id fulfillment_status } }
}"""
_SHIPMENTS = """query Shipments($from: ISODateTime, $after: String%(owner)s) {
  shipments(date_from: $from%(of)s) { complexity data(first: %(first)d, after: $after) {
    pageInfo { hasNextPage endCursor }
    edges { node {
      id created_date
      order { order_number partner_order_id fulfillment_status }
      shipping_labels { id status tracking_number carrier shipping_method }
      line_items(first: %(lines)d) {
        pageInfo { hasNextPage } edges { node { quantity shipping_label_id line_item { sku } } }
      }
    } }
  } }
}"""
_CHANGE_COST = 20.0
_SEARCHED = "{ complexity data(first: %d) { edges { node { id order_number partner_order_id fulfillment_status } } } }"
_WHOLE = """{ complexity data { id order_number partner_order_id fulfillment_status
    shipping_address { first_name last_name company address1 address2 city state state_code zip country country_code }
    line_items(first: %d) { pageInfo { hasNextPage } edges { node { sku quantity } } } } }"""


Question = tuple[str, dict[str, Any], float]
"""What is asked; its variables; the most it costs, in credits."""


def create_of(data: dict[str, Any]) -> Question:
    """The wish for an order to be made."""
    return _CREATE, {"data": data}, _CHANGE_COST


def cancel_of(id_: str, reason: str, owner: str) -> Question:
    """The wish for an order not to be sent."""
    whose = {"customer_account_id": owner} if owner else {}
    return _CANCEL, {"data": {"order_id": id_, "reason": reason, **whose}}, _CHANGE_COST


def search_of(numbers: Sequence[str], owner: str) -> Question:
    """One question for orders under these numbers in both places."""
    of, variables = _owned(owner)
    fields: list[str] = []
    for place, number in enumerate(numbers):
        variables[f"n{place}"] = number
        for name in ("order_number", "partner_order_id"):
            fields.append(f"{name[0]}{place}: orders({name}: $n{place}{of}) {_SEARCHED % MOST_TWINS}")
    return _document("Search", variables, fields), variables, 2.0 * len(numbers) * (MOST_TWINS + 1)


def whole_of(ids: Sequence[str]) -> Question:
    """One question for these orders with their content."""
    variables: dict[str, Any] = {f"n{place}": id_ for place, id_ in enumerate(ids)}
    fields = [f"o{place}: order(id: $n{place}) {_WHOLE % MOST_LINES}" for place in range(len(ids))]
    return _document("Whole", variables, fields), variables, len(ids) * (MOST_LINES + 2.0)


def shipments_of(since: str, after: str | None, owner: str) -> Question:
    """The question for the page of shipments that comes after this one."""
    of, variables = _owned(owner)
    words = {"owner": ", $owner: String" if owner else "", "of": of, "first": SHIPMENTS, "lines": LINES_IN_SHIPMENT}
    return _SHIPMENTS % words, {**variables, "from": since, "after": after}, SHIPMENTS * (LINES_IN_SHIPMENT + 5.0)


def _owned(owner: str) -> tuple[str, dict[str, Any]]:
    return (", customer_account_id: $owner", {"owner": owner}) if owner else ("", {})


def _document(name: str, variables: Mapping[str, Any], fields: Sequence[str]) -> str:
    declared = ", ".join(f"${variable}: String{'' if variable == 'owner' else '!'}" for variable in variables)
    return f"query {name}({declared}) {{\n  " + "\n  ".join(fields) + "\n}"
