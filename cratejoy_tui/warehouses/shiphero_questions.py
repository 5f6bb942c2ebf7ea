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

CREATE = """mutation Create($data: CreateOrderInput!) {
  order_create(data: $data) { request_id complexity order { id order_number partner_order_id } }
}"""
CANCEL = """mutation Cancel($data: CancelOrderInput!) {
  order_cancel(data: $data) { request_id complexity order { id fulfillment_status } }
}"""
SHIPMENTS_PAGE = """query Shipments($from: ISODateTime, $after: String%(owner)s) {
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
CREATE_COST, CANCEL_COST = 20.0, 20.0
SHIPMENTS_COST = SHIPMENTS * (LINES_IN_SHIPMENT + 5.0)
_SEARCHED = "{ complexity data(first: %d) { edges { node { id order_number partner_order_id fulfillment_status } } } }"
_WHOLE = """{ complexity data { id order_number partner_order_id fulfillment_status
    shipping_address { first_name last_name company address1 address2 city state state_code zip country country_code }
    line_items(first: %d) { pageInfo { hasNextPage } edges { node { sku quantity } } } } }"""


def search_of(numbers: Sequence[str], owner: str) -> tuple[str, dict[str, Any], float]:
    """One question for orders under these numbers in both places; its variables; the most it costs, in credits."""
    of, variables = _owned(owner)
    fields: list[str] = []
    for place, number in enumerate(numbers):
        variables[f"n{place}"] = number
        for name in ("order_number", "partner_order_id"):
            fields.append(f"{name[0]}{place}: orders({name}: $n{place}{of}) {_SEARCHED % MOST_TWINS}")
    return _document("Search", variables, fields), variables, 2.0 * len(numbers) * (MOST_TWINS + 1)


def whole_of(ids: Sequence[str]) -> tuple[str, dict[str, Any], float]:
    """One question for these orders with their content."""
    variables: dict[str, Any] = {f"n{place}": id_ for place, id_ in enumerate(ids)}
    fields = [f"o{place}: order(id: $n{place}) {_WHOLE % MOST_LINES}" for place in range(len(ids))]
    return _document("Whole", variables, fields), variables, len(ids) * (MOST_LINES + 2.0)


def shipments_of(owner: str) -> tuple[str, dict[str, Any]]:
    """The question for a page of shipments, with the variables that stay the same."""
    of, variables = _owned(owner)
    words = {"owner": ", $owner: String" if owner else "", "of": of, "first": SHIPMENTS, "lines": LINES_IN_SHIPMENT}
    return SHIPMENTS_PAGE % words, variables


def _owned(owner: str) -> tuple[str, dict[str, Any]]:
    return (", customer_account_id: $owner", {"owner": owner}) if owner else ("", {})


def _document(name: str, variables: Mapping[str, Any], fields: Sequence[str]) -> str:
    declared = ", ".join(f"${variable}: String{'' if variable == 'owner' else '!'}" for variable in variables)
    return f"query {name}({declared}) {{\n  " + "\n  ".join(fields) + "\n}"
