"""From Extensiv's words to ours and back: orders, parcels, questions, and times without a zone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from msgspec import to_builtins
from msgspec.structs import asdict

from cratejoy_tui.sync.domain.order import Found, Order, OrderState
from cratejoy_tui.sync.domain.tracking import Parcel, ParcelLine
from cratejoy_tui.text import clean
from cratejoy_tui.warehouses.extensiv_records import OrderRecord, Package, Routing, ShipToRecord
from cratejoy_tui.warehouses.told import instant, letter_for_letter, order_lines, parcel_lines, ship_to_of

GIFT = "Gift message: "
ZONE_DOUBT = timedelta(hours=26)
"""Some of its times are the warehouse's, some the server's; no two zones are further apart."""
STATES: Mapping[str, OrderState] = {
    "1": OrderState.SHIPPED,
    "closed": OrderState.SHIPPED,
    "2": OrderState.CANCELLED,
    "canceled": OrderState.CANCELLED,
    "cancelled": OrderState.CANCELLED,
}
"""Every other status is an open order, unless it is closed."""


def order_record(order: Order, customer_id: int, facility_id: int, billing_code: str) -> Mapping[str, Any]:
    """The order as it takes it. A ship code such as `USPS/Priority` is a carrier and a mode; any is kept as it is."""
    to = order.ship_to
    carrier, slash, mode = order.ship_code.partition("/")
    return {
        "customerIdentifier": {"id": customer_id},
        "facilityIdentifier": {"id": facility_id},
        "referenceNum": order.number,
        "poNum": order.number,
        "externalId": f"cratejoy:{order.number}",
        "billingCode": billing_code,
        "notes": GIFT + order.gift_message if order.gift_message else "",
        "earliestShipDate": f"{order.requested_ship_date}T00:00:00" if order.requested_ship_date else None,
        "deferNotification": False,
        "routingInfo": {"carrier": carrier, "mode": mode} if slash else {},
        "shipTo": to_builtins(ShipToRecord(**asdict(to) | {"company": to.company or to.to})),
        "orderItems": [
            {"itemIdentifier": {"sku": line.sku}, "qty": line.quantity, "externalId": f"{order.number}-{place}"}
            for place, line in enumerate(order.lines, 1)
        ],
        "savedElements": [{"name": "ShipCode", "value": order.ship_code}],
    }


def rql_of_numbers(numbers: Sequence[str], customer_id: int) -> str:
    """The question for all orders with these numbers."""
    values = ",".join(_rql_value(number) for number in numbers)
    wanted = f"=={values}" if len(numbers) == 1 else f"=in=({values})"
    return f"referenceNum{wanted};{_of_customer(customer_id)}"


def rql_since(begin: str, customer_id: int) -> str:
    """The question for all orders that were closed or changed since."""
    return f"(readonly.processdate=ge={begin},readonly.lastmodifieddate=ge={begin});{_of_customer(customer_id)}"


def rql_closed_since(begin: str, customer_id: int) -> str:
    """The same, for warehouses that cannot be asked for changes."""
    return f"readonly.isclosed==true;readonly.processdate=ge={begin};{_of_customer(customer_id)}"


def naive_since(since: datetime, zone: ZoneInfo) -> str:
    """The beginning of a window as it reads it, early enough whichever zone it means."""
    return (since - ZONE_DOUBT).astimezone(zone).replace(tzinfo=None).isoformat(timespec="seconds")


def state_of(record: OrderRecord) -> OrderState:
    """Its status in our words."""
    told = STATES.get(str(record.read_only.status).lower())
    if told is OrderState.CANCELLED:
        return told
    return OrderState.SHIPPED if record.read_only.is_closed else told or OrderState.OPEN


def is_of(record: OrderRecord, customer_id: int) -> bool:
    """Is it this customer's? An order that does not tell is."""
    customer = record.read_only.customer_identifier
    return customer is None or customer.id is None or str(customer.id) == str(customer_id)


def found_of(record: OrderRecord) -> Found:
    """An order it has, in our words."""
    items = record.order_items
    return Found(
        number=record.reference_num,
        reference=clean(str(record.read_only.order_id), 200),
        state=state_of(record),
        lines=None if items is None else order_lines((_sku(item.item_identifier), _whole(item.qty)) for item in items),
        ship_to=ship_to_of(record.ship_to),
    )


def parcels_of(record: OrderRecord, zone: ZoneInfo) -> list[Parcel]:
    """Everything that travels for an order, from all three places in which it keeps tracking numbers.

    A closed order without any number is one parcel without a number. While it is open, only packages with a number
    count, and what lies in them is not told: they are packed, but have not left. Parcels have their order's number and
    their place in it as a name, so that a number that was exchanged takes the place of the former one.
    Raises ValueError for a time that is none.
    """
    state = state_of(record)
    if state is OrderState.CANCELLED:
        return []
    is_closed = state is OrderState.SHIPPED
    packages = sorted(record.read_only.packages or record.packages or (), key=_age)
    chosen = _numbered(record, packages) or ([("", None)] if is_closed else [])
    skus = _skus(record)
    routing = record.routing_info or Routing()
    return [
        Parcel(
            order_number=letter_for_letter(record.reference_num),
            reference=_name(record, place),
            carrier_code=clean(routing.scac_code or "", 100),
            carrier_name=clean(routing.carrier or "", 100),
            service=clean(routing.mode or "", 100),
            tracking_number=number,
            shipped_at=_shipped_at(record, package, zone),
            lines=_lines(package, skus) if is_closed else None,
            order_closed=is_closed,
        )
        for place, (number, package) in enumerate(chosen, 1)
    ]


def _numbered(record: OrderRecord, packages: Iterable[Package]) -> list[tuple[str, Package | None]]:
    """Every tracking number once, with its package where it has one."""
    told: list[tuple[str | None, Package | None]] = [(package.tracking_number, package) for package in packages]
    if record.routing_info is not None:
        told.append((record.routing_info.tracking_number, None))
    if record.parcel_response is not None:
        told += [(text, None) for text in record.parcel_response.tracking_numbers or ()]
    found: dict[str, Package | None] = {}
    for text, package in told:
        for number in _split(text):
            found.setdefault(number, package)
    return list(found.items())


def _split(text: str | None) -> list[str]:
    return [number for part in (text or "").split(",") if (number := clean(part, 100))]


def _age(package: Package) -> tuple[int, str]:
    number = str(package.package_id or "")
    return len(number), number


def _name(record: OrderRecord, place: int) -> str:
    order_id = clean(str(record.read_only.order_id), 100)
    return order_id if place == 1 else f"{order_id}-{place}"


def _skus(record: OrderRecord) -> Mapping[str, str]:
    items = record.order_items or ()
    return {
        str(item.read_only.order_item_id): _sku(item.item_identifier)
        for item in items
        if item.read_only is not None and item.read_only.order_item_id is not None
    }


def _lines(package: Package | None, skus: Mapping[str, str]) -> tuple[ParcelLine, ...] | None:
    contents = (package and package.package_contents) or ()
    told = [(skus.get(str(one.order_item_id)), one.qty) for one in contents]
    if not told or not all(sku for sku, _ in told):
        return None
    return parcel_lines((sku, _whole(quantity)) for sku, quantity in told)


def _shipped_at(record: OrderRecord, package: Package | None, zone: ZoneInfo) -> datetime | None:
    times = record.read_only
    made = package.create_date if package else None
    return instant(times.ship_date or times.small_parcel_ship_date or times.process_date or made, zone)


def _rql_value(value: str) -> str:
    # It decodes values once more than the address they came in.
    return quote(value, safe="")


def _of_customer(customer_id: int) -> str:
    return f"readonly.customeridentifier.id=={customer_id}"


def _sku(item: Any) -> str:
    return clean((item and item.sku) or "", 200)


def _whole(quantity: float) -> int:
    if quantity != int(quantity):
        raise ValueError("a quantity is not whole")
    return int(quantity)
