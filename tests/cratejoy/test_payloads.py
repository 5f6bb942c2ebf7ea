"""Cratejoy's records in our words, and what becomes of bad ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratejoy_tui.cratejoy import wire
from cratejoy_tui.cratejoy.payloads import confirmation_body, fingerprint, shipment
from cratejoy_tui.sync.domain.shipment import (
    Batch,
    Billing,
    Label,
    Line,
    Sale,
    Shipment,
    ShipTo,
    Subscription,
    revision,
)
from cratejoy_tui.sync.domain.tracking import Confirmation
from cratejoy_tui.text import clean
from tests.cratejoy.rig import Record, encoded, fulfillment, full, lean, order


def test_a_full_record_is_told_in_our_words() -> None:
    assert shipment(encoded(full(7093500004))) == Shipment(
        id="7093500004",
        status="unshipped",
        is_ecom=False,
        adjusted_ordered_at=datetime(2026, 11, 15, 8, tzinfo=UTC),
        created_at=datetime(2026, 10, 15, 16, 2, 55, tzinfo=UTC),
        sub_cycle=4,
        customer_id="7050000001",
        ship_to=ShipTo(
            to="Ann Example", street="1 Test Way", unit="#5", city="Boise", state="ID", zip="08370", country="US"
        ),
        lines=(
            Line(
                id="7094000001",
                sku="TEA-01",
                title="Tea Box - Scent: Cedar",
                subscription_id="7080000001",
                shipping_cents=217,
                cycle_number=0,
                total_cycles=3,
                sale=Sale(
                    id="7092000001",
                    financial_status="paid",
                    total_cents=9650,
                    refunded_cents=100,
                    placed_at=datetime(2026, 10, 15, 16, 2, 54, tzinfo=UTC),
                ),
            ),
        ),
        batch=Batch(
            id="9", start=datetime(2026, 11, 1, 7, tzinfo=UTC), end=datetime(2026, 12, 1, 7, 59, 59, tzinfo=UTC)
        ),
        labels=(Label(carrier="USPS", tracking_number="9400", is_void=True),),
        subscriptions=(Subscription(id="7080000001", status="active", rebill_day=15, has_billing=True),),
    )


@pytest.mark.parametrize(
    "street", ["1  Way", " 1 Way", "1 Way ", "A | B", "|", "1\x07Way", "1\nWay", "Zoë\u202e Way", "\u00a0", "x" * 1200]
)
def test_a_part_of_an_address_is_cleaned_as_if_it_stood_alone(street: str) -> None:
    address = {"to": "Ann  Example", "street": street, "city": "Boise"}
    told = shipment(encoded(full(1, ship_address=address))).ship_to
    assert told == ShipTo(to="Ann Example", street=clean(street), city="Boise")
    assert shipment(encoded(full(1, ship_address=address | {"to": ""}))).ship_to.street == clean(street)


def test_a_lean_row_is_told_as_far_as_it_goes() -> None:
    found = shipment(encoded(lean(5, billing="x")), Billing.STANDARD)
    assert found.queried_as is Billing.STANDARD
    assert found.sub_cycle == 4
    assert found.batch == Batch(
        id="9", start=datetime(2026, 11, 1, 7, tzinfo=UTC), end=datetime(2026, 12, 1, 7, 59, 59, tzinfo=UTC)
    )
    assert found.lines[0].sale == Sale(id="7092000001")
    assert not found.unreadable


def test_the_least_that_is_documented_is_enough() -> None:
    found = shipment(b'{"id": "a-1", "status": " Shipped "}')
    assert found == Shipment(id="a-1", status="shipped")


def test_ids_may_be_numbers_or_text_and_pass_32_bits() -> None:
    assert shipment(encoded(full(2**62))).id == str(2**62)
    assert shipment(encoded(full("7093500004"))).id == "7093500004"  # type: ignore[arg-type]


def test_two_pieces_stay_two_lines_and_a_quantity_is_honoured() -> None:
    found = shipment(encoded(full(1, fulfillments=[fulfillment(), fulfillment(quantity=3), fulfillment(status=None)])))
    assert [(line.quantity, line.status) for line in found.lines] == [(1, "open"), (3, "open"), (1, "open")]


def test_relations_may_be_links() -> None:
    line = fulfillment(order="/v1/orders/77/", instance="/v1/product_instances/5/")
    found = shipment(
        encoded(
            full(
                1,
                fulfillments=[line],
                batch="/v1/shipment_batches/12/",
                labels=["/v1/labels/3/"],
                subscriptions=["/v1/subscriptions/8/"],
                stats="/v1/stats/1",
                customer="/v1/customers/1/",
            )
        )
    )
    assert not found.unreadable
    assert found.lines[0].sku == ""
    assert found.lines[0].sale == Sale(id="77")
    assert found.batch == Batch(id="12")
    assert found.labels == (Label(),)
    assert found.subscriptions == (Subscription(id="8"),)


@pytest.mark.parametrize(
    "name", ["labels", "subscriptions", "batch", "stats", "customer", "ship_address", "fulfillments"]
)
@pytest.mark.parametrize("how", ["null", "absent", "link"])
def test_a_relation_that_is_not_there_fails_no_record(name: str, how: str) -> None:
    record = full(1, **{name: "/v1/somewhere/1/" if how == "link" else None})
    if how == "absent":
        del record[name]
    found = shipment(encoded(record))
    assert found.id == "1"
    assert bool(found.unreadable) == (how == "link" and name in ("ship_address", "fulfillments"))


def test_a_test_flag_counts_wherever_it_stands() -> None:
    assert shipment(encoded(full(1, is_test=True))).is_test
    for line in (fulfillment(test=True), fulfillment(is_test=True), fulfillment(order=order(is_test=True))):
        sale = shipment(encoded(full(1, fulfillments=[line]))).lines[0].sale
        assert sale is not None
        assert sale.is_test


GIFTS = {
    "info": {"order_gift_info": {"gift_message": "from the info"}},
    "order": {"gift_message": "from the order"},
    "claim": {"received_gift": {"message": "from the claim"}},
    "subscription": {"subscriptions": [{"id": 1, "subscription_gift_info": {"gift_message": "from the subscription"}}]},
}


@pytest.mark.parametrize("first", range(4))
def test_a_gift_message_is_found_in_all_four_places_in_order(first: int) -> None:
    kinds = list(GIFTS)[first:]
    changes: Record = {name: value for kind in reversed(kinds) for name, value in GIFTS[kind].items()}
    blank = fulfillment(
        order=order(gift_message="  ", order_gift_info={"gift_message": ""}, received_gift="/v1/gifts/1/")
    )
    found = shipment(encoded(full(1, fulfillments=[blank, fulfillment(order=order(**changes))])))
    assert found.gift_message == f"from the {kinds[0]}"


def test_a_gift_message_keeps_its_lines_and_its_letters() -> None:
    words = "Happy 80th!\nWith love — see you ♥\x1b[2J"
    found = shipment(encoded(full(1, fulfillments=[fulfillment(order=order(gift_message=words))])))
    assert found.gift_message == "Happy 80th!\nWith love — see you ♥\N{REPLACEMENT CHARACTER}[2J"


def paths(record: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to everything in a record."""
    entries = record.items() if isinstance(record, dict) else enumerate(record) if isinstance(record, list) else ()
    for key, value in entries:
        yield (*path, key)
        yield from paths(value, (*path, key))


def replaced(record: Record, path: tuple[str | int, ...], value: object) -> Record:
    changed: Any = deepcopy(record)
    here = changed
    for key in path[:-1]:
        here = here[key]
    here[path[-1]] = value
    return changed  # type: ignore[no-any-return]


WRONG = [True, 5, -1, 2.5, 10**40, "x", "", "\u202e\x1b]52;c;x\x07", [], {}, [[]], [5], [None], {"id": []}, None]
SAMPLE = full(1)


@pytest.mark.parametrize("path", list(paths(SAMPLE)), ids=lambda path: ".".join(map(str, path)))
def test_a_wrong_type_anywhere_makes_one_unreadable_record_at_most(path: tuple[str | int, ...]) -> None:
    for value in WRONG:
        found = shipment(encoded(replaced(SAMPLE, path, value)))
        assert isinstance(found, Shipment)
        assert found.id in ("1", "") or path == ("id",)
        assert revision(found)
        shown = repr(msgspec.to_builtins(found))
        assert "\\x1b" not in shown
        assert "\\u202e" not in shown
        if found.unreadable:
            assert str(path[0]) in found.unreadable


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("status",), 3),
        (("tracking_number",), 9400),
        (("adjusted_ordered_at",), "whenever"),
        (("adjusted_ordered_at",), True),
        (("created_at",), 5),
        (("is_test",), "no"),
        (("ship_address", "zip_code"), 83702),
        (("ship_address",), []),
        (("fulfillments", 0, "quantity"), 0),
        (("fulfillments", 0, "quantity"), 10**9),
        (("fulfillments", 0, "instance", "sku"), {}),
        (("fulfillments", 0, "order", "total"), "9.50"),
        (("fulfillments", 0, "order", "refunded_amount"), 10**20),
        (("fulfillments", 0, "order", "is_test"), "yes"),
        (("fulfillments", 0, "order", "placed_at"), "0000-00-00"),
        (("fulfillments", 0), "/v1/fulfillments/1/"),
        (("batch", "end"), "never"),
        (("labels",), {}),
        (("stats", "subscription_cycle"), 1.5),
    ],
)
def test_an_unreadable_record_names_the_field(path: tuple[str | int, ...], value: object) -> None:
    found = shipment(encoded(replaced(SAMPLE, path, value)))
    assert found.id == "1"
    assert str(path[-1] if isinstance(path[-1], str) else path[0]) in found.unreadable
    assert len(found.unreadable) <= 200


def test_a_box_cancelled_in_a_broken_record_still_counts_as_cancelled() -> None:
    found = shipment(encoded(full(1, status="Cancelled", ship_address=5)))
    assert (found.id, found.status, found.adjusted_ordered_at) == (
        "1",
        "cancelled",
        datetime(2026, 11, 15, 8, tzinfo=UTC),
    )
    assert found.unreadable


@pytest.mark.parametrize("id_", ["../customers/1", "", "a b", "1\n", "x" * 41, 10**30, -1, 1.5, True, None, [], "é"])
def test_an_id_that_could_lead_a_path_astray_is_none(id_: object) -> None:
    found = shipment(encoded({"id": id_, "status": "unshipped"}))
    assert found.id == ""
    assert found.unreadable


@pytest.mark.parametrize("record", [b"null", b"5", b'"x"', b"[]", b"{}", b'{"id": 1, "status": null}', b'{"id": 1}'])
def test_what_is_no_shipment_is_unreadable(record: bytes) -> None:
    assert shipment(record).unreadable


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*SAMPLE, "sku", "order", "instance"]), inner),
        max_leaves=30,
    )
)
def test_no_record_whatsoever_raises(record: object) -> None:
    assert isinstance(shipment(encoded(record)), Shipment)


@given(st.binary(max_size=200))
def test_no_bytes_whatsoever_raise(record: bytes) -> None:
    assert isinstance(shipment(b'{"id": 1, "status": "' + record + b'"}'), Shipment)


def test_bad_records_leave_the_others_of_their_page_alone() -> None:
    body = (
        b'{"count": 5, "next": null, "results": [{"id": 1, "status": "half \\ud83d emoji"}, 7,'
        b' {"id": 2, "status": "\xff"}, {"id": 3, "status": "naked\x01control"}, {"id": 4, "status": "shipped"}]}'
    )
    found = [shipment(record) for record in wire.page_of(body).results]
    assert [(one.id, bool(one.unreadable)) for one in found] == [
        ("1", False),
        ("", True),
        ("2", True),
        ("3", False),
        ("4", False),
    ]
    assert found[0].status == "half \N{REPLACEMENT CHARACTER} emoji"


def test_whole_emoji_and_backslashes_survive_the_mending() -> None:
    body = b'{"results": [{"id": 1, "status": "\\ud83d\\ude00 \\\\ud83d \\ud83d"}]}'
    found = shipment(wire.page_of(body).results[0])
    assert found.status == "\N{GRINNING FACE} \\ud83d \N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    "body",
    [
        b'{"results": [{"id": 1',
        b"<html>",
        b"[]",
        b"{}",
        b'{"results": {}}',
        b'{"results": [], "next": 5}',
        b'{"results": [], "count": "1"}',
    ],
)
def test_what_is_no_page_is_refused_whole(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        wire.page_of(body)


def test_a_fingerprint_changes_with_any_byte() -> None:
    first, second = wire.page_of(encoded({"results": [lean(1), lean(1, tracking_number="x")]})).results
    again = wire.record_of(json.dumps(lean(1)).encode())
    assert fingerprint(first) == fingerprint(again) != fingerprint(second)


WHEN = datetime(2026, 11, 3, 18, 20, tzinfo=UTC)


def test_a_confirmation_carries_only_what_it_changes() -> None:
    bare = Confirmation(shipment_id="1", tracking_number="9400", shipped_at=WHEN)
    assert confirmation_body(bare) == {
        "status": "shipped",
        "tracking_number": "9400",
        "shipped_at": "2026-11-03T18:20:00Z",
    }
    replacing = Confirmation(
        shipment_id="1",
        tracking_number="9400",
        shipped_at=WHEN,
        carrier_name="USPS",
        tracking_link="https://t.test/9400",
        mark_shipped=False,
    )
    assert confirmation_body(replacing) == {
        "tracking_number": "9400",
        "carrier_name": "USPS",
        "tracking_link": "https://t.test/9400",
    }
