"""Order and item filters: which boxes, and which SKUs, may go to the warehouse."""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import translate
from functools import lru_cache

from cratejoy_tui.sync.domain.rules import ItemFilters, OrderFilter, Rules
from cratejoy_tui.sync.domain.shipment import Billing, Shipment

_FIELDS: dict[str, Callable[[Shipment], tuple[str, ...]]] = {
    "country": lambda s: (s.ship_to.country,),
    "state": lambda s: (s.ship_to.state,),
    "city": lambda s: (s.ship_to.city,),
    "zip": lambda s: (s.ship_to.zip,),
    "company": lambda s: (s.ship_to.company,),
    "to": lambda s: (s.ship_to.to,),
    "sku": lambda s: tuple(line.sku for line in s.open_lines),
    "gift": lambda s: ("yes" if s.is_gift or s.gift_message else "no",),
}

FILTER_FIELDS = frozenset(_FIELDS) | {"billing", "ship_code"}
"""What an order filter may look at."""


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern.casefold()))


def _matches(pattern: str, values: tuple[str, ...]) -> bool:
    return any(_compiled(pattern).match(value.casefold()) for value in values)


def refusing_filter(shipment: Shipment, billing: Billing | None, ship_code: str, rules: Rules) -> OrderFilter | None:
    """The first order filter this box does not get past; None when it may go.

    Of several `require` filters on one field one must match; `exclude` filters each refuse on their own.
    """
    met: dict[str, bool] = {}
    for rule in rules.order_filters:
        hit = _matches(rule.pattern, _values(rule.field, shipment, billing, ship_code))
        if rule.action == "exclude":
            if hit:
                return rule
        else:
            met[rule.field] = met.get(rule.field, False) or hit
    return next((rule for rule in rules.order_filters if rule.action != "exclude" and not met[rule.field]), None)


def _values(field: str, shipment: Shipment, billing: Billing | None, ship_code: str) -> tuple[str, ...]:
    if field == "billing":
        return (billing or "",)
    return (ship_code,) if field == "ship_code" else _FIELDS[field](shipment)


def unlisted(sku: str, filters: ItemFilters) -> bool:
    """True when the item filters keep this raw SKU from the warehouse; a missing SKU is another rule's business."""
    if not sku:
        return False
    if any(_matches(pattern, (sku,)) for pattern in filters.deny):
        return True
    return bool(filters.allow) and not any(_matches(pattern, (sku,)) for pattern in filters.allow)
