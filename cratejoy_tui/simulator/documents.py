"""The documents behind a box, as the simulated store keeps them: instants in milliseconds, relations by id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from cratejoy_tui.simulator.cast import CATALOGUE, DAY, Box, instance_of
from cratejoy_tui.simulator.shop import Doc

if TYPE_CHECKING:
    from cratejoy_tui.simulator.world import World

STORE = 7_000_000_001
CUSTOMERS, ADDRESSES, SUBSCRIPTIONS, ORDERS = 7_050_000_000, 7_088_100_000, 7_080_200_000, 7_092_400_000
FIRST = ("Dana", "Theo", "Imani", "Lene", "Noor", "Ravi", "Mabel", "Otis", "Priya", "Joon", "Edda", "Cleo", "Abel")
LAST = ("Whitlock", "Barnabas", "Rowe", "Quill", "Sandoval", "Achebe", "Lindgren", "Okafor", "Petrov", "Marsh")
STREETS = ("Alder Ln", "Sample Rd", "Fictional Blvd", "Test Quay", "Juniper St", "Mill Race Ct")
PLACES = (
    *(("Boise", "ID", "83702"), ("Duluth", "MN", "55802"), ("Portland", "OR", "97205"), ("Austin", "TX", "78701")),
    *(("Tulsa", "OK", "74103"), ("Bangor", "ME", "04401"), ("Reno", "NV", "89501"), ("Savannah", "GA", "31401")),
)

# What is the same in every document of a kind.
_CUSTOMER = """{"type": "customer", "location": "US", "country": "US", "num_orders": 1, "note": null, "status": 1}"""
_ADDRESS = """{"type": "address", "company": "", "country": "US", "icon": "United-States.png", "status": 1,
    "status_message": null}"""
_BILLING = """{"type": "product_billing", "rebill_months": 1, "rebill_weeks": null}"""
_TERM = """{"type": "subscription_type_term", "description": "", "enabled": true, "images": []}"""
_SUBSCRIPTION = """{"type": "subscription", "skipped_date": null, "note": "", "credit": null}"""
_ORDER = """{"type": "order", "gift_renewal_notif": false, "note": null, "total_tax": 0, "card_refunded_amount": 0,
    "refund_applied": null, "prorated_charge": null, "credit_applied": 0, "gift_card_discount": 0, "products": []}"""
_CLAIM = """{"type": "gift", "name": "Odalys P.", "email": "odalys@example.test", "gift_code": "XXXX-TEST",
    "expire_date": null, "notif_sent": true, "status": 3, "status_text": "Claimed"}"""
_PRODUCT = """{"type": "product", "listed": true, "visible": true, "deleted": false, "mp_visible": true}"""
_INSTANCE = """{"type": "product_instance", "ship_weight": 1.25, "deleted": false, "gift": false, "images": [],
    "inventory": null, "term_prices": []}"""


def _filled(template: str, **values: Any) -> Doc:
    return {"id": values.pop("id"), **msgspec.json.decode(template), **values}


def _one_of(world: World, choices: tuple[Any, ...], *labels: object) -> Any:
    return choices[int(world.draw(*labels) * len(choices))]


def customer(world: World, box: Box, serial: int) -> Doc:
    """The purchaser."""
    id_ = CUSTOMERS + serial
    first, last = _one_of(world, FIRST, "first", serial), _one_of(world, LAST, "last", serial)
    return _filled(
        _CUSTOMER,
        id=id_,
        url=f"/v1/customers/{id_}/",
        email=f"customer{serial}@example.test",
        first_name=first,
        last_name=last,
        name=f"{first} {last}",
        num_subscriptions=int(box.billing != "ecom"),
        subscription_status=box.subscription_status,
        total_revenue=box.total,
    )


def address(world: World, box: Box, serial: int, name: str) -> Doc:
    """Where the box goes."""
    city, state, zip_code = _one_of(world, PLACES, "city", serial)
    return _filled(
        _ADDRESS,
        id=ADDRESSES + serial,
        **{
            "to": name,
            "street": f"{1 + int(world.draw('street', serial) * 900)} {STREETS[serial % len(STREETS)]}",
            "unit": f"Apt {serial % 9 + 1}" if serial % 4 == 0 else "",
            "city": city,
            "state": state,
            "zip_code": zip_code,
            "phone_number": "" if serial % 3 == 0 else f"208-555-{serial % 10_000:04d}",
            **box.address,
        },
    )


def subscription(box: Box, serial: int, placed: int) -> Doc:
    """The subscription of a box; it ends when what is paid is used up."""
    id_, standard = SUBSCRIPTIONS + serial, box.billing == "standard"
    billing = _filled(
        _BILLING,
        id=7_060_600_001 if standard else 7_060_600_002,
        store_id=STORE,
        rebill_day=1 if standard else None,
        rebill_window=10 if standard else None,
    )
    name = "Month to month" if box.term == 1 else f"{box.term} Months"
    return _filled(
        _SUBSCRIPTION,
        id=id_,
        url=f"/v1/subscriptions/{id_}/",
        store_id=STORE,
        status=box.subscription_status,
        autorenew=not box.gift and box.subscription_status == "active",
        start_date=placed,
        end_date=placed + 30 * DAY * box.term,
        is_test=box.is_test,
        product_billing_id=billing["id"],
        billing=billing,
        term=_filled(_TERM, id=7_060_400_000 + box.term, name=name, num_cycles=box.term),
        customer_id=CUSTOMERS + serial,
        address_id=ADDRESSES + serial,
        instance_id=instance_of(box.pieces[0].sku),
    )


def order(box: Box, serial: int, placed: int, *, addon: bool = False) -> Doc:
    """The Cratejoy order of a box, or that of its add-ons."""
    id_, total = ORDERS + 2 * serial + addon, 1200 if addon else box.total
    gift = box.gift in ("info", "message")
    told = {"gift_message": box.gift_text, "gift_recipient_name": "Grandpa Ørsted", "gift_recipient_email": "g@a.test"}
    doc = _filled(
        _ORDER,
        id=id_,
        url=f"/v1/orders/{id_}/",
        store_id=STORE,
        customer_id=CUSTOMERS + serial,
        status=box.order_status,
        financial_status=box.financial_status,
        fulfillment_status=box.fulfillment_status,
        placed_at=placed,
        is_renewal=bool(box.sub_cycle and box.sub_cycle > 1),
        is_test=box.is_test,
        is_gift=gift,
        gift_message=box.gift_text if gift else "",
        order_gift_info=told if box.gift == "info" else None,
        **dict.fromkeys(("sub_total", "total", "total_price"), total),
        **dict.fromkeys(("total_shipping", "gross_shipping"), 0 if addon else box.shipping),
        refunded_amount=0 if addon else box.refunded,
        transaction_fee=total // 80,
        transaction_fee_status=1 if total else None,
        subscription_ids=[] if addon or box.billing == "ecom" else [SUBSCRIPTIONS + serial],
        address_id=ADDRESSES + serial,
    )
    if box.gift == "claim":
        doc["received_gift"] = _filled(_CLAIM, id=7_095_000_000 + serial, message=box.gift_text)
    return doc


def transaction(id_: int, at_ms: int, order: Doc, result: str, total: int) -> Doc:
    """One movement of money of an order."""
    charge = result != "refunded"
    return {
        "id": id_,
        "created_at": at_ms,
        "is_test": order["is_test"],
        "result": result,
        "total": total,
        "fee": order["transaction_fee"] if charge else 0,
        "refunded": charge and order["refunded_amount"] > 0,
        "refund_total": order["refunded_amount"] if charge else 0,
        "order_id": order["id"],
        "url": f"/v1/transactions/{id_}/",
    }


def product(place: int, sku: str) -> Doc:
    """A product of the catalogue."""
    name, subscribed = CATALOGUE[sku]
    id_ = 7_060_000_001 + place
    kind = {"product_type": 0 if subscribed else 1, "single_purchasable": not subscribed}
    return _filled(_PRODUCT, id=id_, url=f"/v1/products/{id_}/", store_id=STORE, name=name, sku=sku, **kind)


def instance(place: int, sku: str) -> Doc:
    """What of a product is put into a box; it carries the SKU."""
    sized = [{"variant_type": {"name": "Size"}, "variant_value": {"value": "M"}}] if "TEE" in sku else []
    price = 0 if CATALOGUE[sku][1] else 1200
    return _filled(
        _INSTANCE, id=instance_of(sku), product_id=7_060_000_001 + place, sku=sku, price=price, variants=sized
    )
