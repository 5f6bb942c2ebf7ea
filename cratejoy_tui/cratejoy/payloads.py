"""Cratejoy's records turned into our own words, one at a time; a bad one is told, never raised."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from operator import itemgetter

import msgspec
from msgspec import Raw
from msgspec.structs import astuple

from cratejoy_tui.cratejoy import wire
from cratejoy_tui.cratejoy.moments import instant, moment
from cratejoy_tui.sync.domain.shipment import (
    Batch,
    Billing,
    Label,
    Line,
    Sale,
    Shipment,
    ShipTo,
    Subscription,
)
from cratejoy_tui.sync.domain.tracking import Confirmation
from cratejoy_tui.text import clean

_GIFT_LIMIT = 4000
_NO_ADDRESS = ShipTo()


def shipment(record: Raw | bytes, queried_as: Billing | None = None) -> Shipment:
    """One shipment of either version of the API; `unreadable` says what is wrong with it.

    Never raises. Without a usable id, `id` is "" and the record can only be counted.
    """
    return _told_or_left(record, queried_as, _whole)


def listed(record: Raw | bytes, queried_as: Billing | None = None) -> Shipment:
    """What a row of the lean listing is looked at for: status, date, and what decides the billing type.

    Never raises, like `shipment`. The rest stays untold: the shipment is read by id anyway.
    """
    return _told_or_left(record, queried_as, _slim)


def _told_or_left(
    record: Raw | bytes, queried_as: Billing | None, tell: Callable[[Raw | bytes, Billing | None], Shipment]
) -> Shipment:
    try:
        return tell(record, queried_as)
    except msgspec.ValidationError as error:
        problem = _field_first(str(error))
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        problem = str(error)
    return _what_is_left(record, queried_as, clean(problem, 200))


def fingerprint(record: Raw) -> str:
    """Of a row's bytes: equal bytes, equal text."""
    return hashlib.blake2b(record, digest_size=12).hexdigest()


def confirmation_body(confirmation: Confirmation) -> dict[str, str]:
    """What one PUT carries: only the fields to change, and none that is blank."""
    is_marked = confirmation.mark_shipped
    body = {
        "status": "shipped" if is_marked else "",
        "tracking_number": confirmation.tracking_number,
        "shipped_at": instant(confirmation.shipped_at) if is_marked else "",
        "carrier_name": confirmation.carrier_name,
        "tracking_link": confirmation.tracking_link,
    }
    return {name: value for name, value in body.items() if value}


def _slim(record: Raw | bytes, queried_as: Billing | None) -> Shipment:
    found = wire.row_of(record)
    return Shipment(
        id=str(found.id),
        status=_status(found.status),
        queried_as=queried_as,
        is_ecom=found.is_ecom,
        adjusted_ordered_at=moment(found.adjusted_ordered_at, "adjusted_ordered_at"),
        sub_cycle=found.sub_cycle,
        lines=tuple([Line(subscription_id=_id(line.subscription_id) or None) for line in found.fulfillments or ()]),
        batch=_batch(found.batch),
    )


def _whole(record: Raw | bytes, queried_as: Billing | None) -> Shipment:
    found = wire.shipment_of(record)
    stats = found.stats
    sub_cycle = found.sub_cycle
    if sub_cycle is None and isinstance(stats, wire.Stats):
        sub_cycle = stats.subscription_cycle
    lines = _told(found.fulfillments, "fulfillments")
    subscriptions = _subscriptions(found, lines)
    return Shipment(
        id=str(found.id),
        status=_status(found.status),
        queried_as=queried_as,
        is_ecom=found.is_ecom,
        is_test=found.is_test is True,
        is_gift=found.is_gift is True,
        adjusted_ordered_at=moment(found.adjusted_ordered_at, "adjusted_ordered_at"),
        created_at=moment(found.created_at, "created_at"),
        shipped_at=moment(found.shipped_at, "shipped_at"),
        tracking_number=_text(found.tracking_number),
        sub_cycle=sub_cycle,
        customer_id=_id(found.customer_id),
        gift_message=_gift_message(lines, subscriptions),
        ship_to=_ship_to(found.ship_address),
        lines=tuple([_line(line) for line in lines]),
        batch=_batch(found.batch),
        labels=_labels(found.labels),
        subscriptions=_merged(subscriptions),
    )


def _status(word: str | None) -> str:
    if not word:
        raise ValueError("status: it is missing")
    return _word(word)


@lru_cache(maxsize=256)
def _word(text: str) -> str:
    """A word of Cratejoy's, such as a status: there are few, and they come often."""
    return clean(text, 40).lower()


def _told(relation: list[wire.Fulfillment | str] | str | None, field: str) -> list[wire.Fulfillment]:
    """The lines themselves. A link in their place would look like a box with nothing in it."""
    if relation is None:
        return []
    if isinstance(relation, str) or any(isinstance(entry, str) for entry in relation):
        raise ValueError(f"{field}: a link came in place of the lines")
    return relation  # type: ignore[return-value]  # every link was refused above


def _ship_to(address: wire.Address | str | None) -> ShipTo:
    if address is None:
        return _NO_ADDRESS
    if isinstance(address, str):
        raise ValueError("ship_address: a link came in place of the address")
    to, company, street, unit, city, state, code, country, phone = _cleaned([part or "" for part in astuple(address)])
    return ShipTo(
        to=to,
        company=company,
        street=street,
        unit=unit,
        city=city,
        state=state,
        zip=code,
        country=country,
        phone=phone,
    )


def _cleaned(texts: list[str]) -> list[str]:
    """These texts cleaned; most need nothing, which one look at all of them together shows."""
    whole = f"|{'|'.join(texts)}|"
    is_plain = whole.isascii() and whole.isprintable() and len(whole) <= 1000
    if is_plain and "  " not in whole and " |" not in whole and "| " not in whole:
        return texts
    return [clean(text) for text in texts]


def _line(line: wire.Fulfillment) -> Line:
    sku, title = _product(line.instance)
    return Line(
        id=_id(line.id),
        sku=sku,
        title=title,
        quantity=line.quantity or 1,
        status=_word(line.status) if line.status else "open",
        subscription_id=_id(line.subscription_id) or None,
        shipping_cents=line.shipping or 0,
        cycle_number=line.cycle_number,
        total_cycles=line.total_cycles,
        sale=_sale(line),
    )


def _sale(line: wire.Fulfillment) -> Sale | None:
    is_test = line.is_test is True or line.test is True
    order = line.order
    if order is None or isinstance(order, str):
        return Sale(id=_id_of_link(order), is_test=is_test) if order or is_test else None
    total = order.total if order.total is not None else order.total_price
    return Sale(
        id=_id(order.id),
        financial_status=_word(order.financial_status) if order.financial_status else "",
        total_cents=total or 0,
        refunded_cents=order.refunded_amount or 0,
        placed_at=moment(order.placed_at, "fulfillments.order.placed_at"),
        is_test=is_test or order.is_test is True,
    )


def _product(instance: wire.Instance | str | None) -> tuple[str, str]:
    if instance is None or isinstance(instance, str):
        return "", ""
    product = instance.product
    title = _text(product.name) if isinstance(product, wire.Product) else ""
    if instance.variants and not isinstance(instance.variants, str):
        title = " - ".join([title, *_variants(instance.variants)])
    return _text(instance.sku), title


def _variants(variants: list[wire.Variant | str]) -> Iterator[str]:
    for variant in variants:
        if isinstance(variant, wire.Variant) and isinstance(variant.variant_value, wire.VariantValue):
            kind = variant.variant_type
            name = _text(kind.name) if isinstance(kind, wire.VariantType) else ""
            value = _text(variant.variant_value.value)
            yield f"{name}: {value}" if name else value


def _batch(batch: wire.Batch | str | None) -> Batch | None:
    if batch is None:
        return None
    if isinstance(batch, str):
        return Batch(id=_id_of_link(batch))
    end = batch.end_date if batch.end is None else batch.end
    start = batch.start_date if batch.start is None else batch.start
    return Batch(id=_id(batch.id), start=moment(start, "batch.start"), end=moment(end, "batch.end"))


def _labels(labels: list[wire.Label | str] | str | None) -> tuple[Label, ...]:
    if not labels or isinstance(labels, str):
        return ()
    # A label that is only a link is still a label: it must stop the push.
    return tuple(
        Label()
        if isinstance(label, str)
        else Label(carrier=_text(label.carrier), tracking_number=_text(label.tracking), is_void=label.is_void is True)
        for label in labels
    )


def _subscriptions(found: wire.Shipment, lines: list[wire.Fulfillment]) -> list[wire.Subscription]:
    """Those of the shipment and of each sale behind it; one may come several times, told more or less fully."""
    relations = [found.subscriptions]
    relations += [line.order.subscriptions for line in lines if isinstance(line.order, wire.Order)]
    told = [entry for relation in relations if isinstance(relation, list) for entry in relation]
    return [wire.Subscription(id=_id_of_link(entry)) if isinstance(entry, str) else entry for entry in told]


def _merged(found: Iterable[wire.Subscription]) -> tuple[Subscription, ...]:
    statuses: dict[str, str] = {}
    billings: dict[str, wire.Billing] = {}
    for entry in found:
        id_ = _id(entry.id)
        statuses[id_] = statuses.get(id_) or (_word(entry.status) if entry.status else "")
        if isinstance(entry.billing, wire.Billing):
            billings[id_] = entry.billing
    return tuple([_subscription(id_, status, billings.get(id_)) for id_, status in statuses.items()])


def _subscription(id_: str, status: str, billing: wire.Billing | None) -> Subscription:
    rebill_day = billing.rebill_day if billing is not None else None
    return Subscription(id=id_, status=status, rebill_day=rebill_day, has_billing=billing is not None)


def _gift_message(lines: list[wire.Fulfillment], subscriptions: list[wire.Subscription]) -> str:
    """The first words found in the four places they may stand, newest generation first."""
    found: list[tuple[int, str | None]] = []
    for line in lines:
        if isinstance(order := line.order, wire.Order):
            if isinstance(order.order_gift_info, wire.Gift):
                found.append((1, order.order_gift_info.gift_message))
            if order.gift_message:
                found.append((2, order.gift_message))
            if isinstance(order.received_gift, wire.Gift):
                found.append((3, order.received_gift.message))
    for subscription in subscriptions:
        if isinstance(subscription.subscription_gift_info, wire.Gift):
            found.append((4, subscription.subscription_gift_info.gift_message))
    for _, words in sorted(found, key=itemgetter(0)):
        if words and (message := clean(words, _GIFT_LIMIT, keep_newlines=True)):
            return message
    return ""


def _text(value: str | None) -> str:
    return clean(value) if value else ""


def _id(value: int | str | None) -> str:
    if isinstance(value, int):
        return str(value)
    return clean(value, 40) if value else ""


def _id_of_link(link: str | None) -> str:
    """`/v1/orders/709/` names order 709."""
    return clean((link or "").rstrip("/").rpartition("/")[2], 40)


def _field_first(problem: str) -> str:
    """The decoder's words, with the field in front: `ship_address.city: expected str, got int`."""
    said, at, field = problem.rpartition(" - at `$.")
    return f"{field.rstrip('`')}: {said}" if at else problem


def _what_is_left(record: Raw | bytes, queried_as: Billing | None, problem: str) -> Shipment:
    """Id, status and date of a record that is otherwise lost: a cancelled box must still count as cancelled."""
    try:
        kept = wire.kept_of(record)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return Shipment(id="", queried_as=queried_as, unreadable=problem)
    status = _one(kept.status)
    due = _one(kept.adjusted_ordered_at)
    return Shipment(
        id=str(kept.id),
        status=_word(status) if isinstance(status, str) else "",
        queried_as=queried_as,
        adjusted_ordered_at=_moment_or_none(due) if isinstance(due, (str, int, float)) else None,
        unreadable=problem,
    )


def _one(raw: Raw) -> object:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


def _moment_or_none(value: str | float) -> datetime | None:
    try:
        return moment(value, "")
    except ValueError:
        return None
