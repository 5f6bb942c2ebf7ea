"""What the store's objects look like, and what the knobs do to them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cratejoy_tui.simulator.carriers import print_label
from cratejoy_tui.simulator.cast import Box, Piece
from cratejoy_tui.simulator.moments import read_moment
from cratejoy_tui.simulator.placing import place
from cratejoy_tui.simulator.world import World
from tests.simulator.conftest import Builder


def row(world: World, case: str, table: str = "listing_rows") -> dict[str, Any]:
    (text,) = world.db.execute(f"SELECT row FROM {table} WHERE id=?", (world.case(case),)).fetchone()
    decoded = msgspec.json.decode(text)
    assert isinstance(decoded, dict)
    return decoded


def whole(world: World, case: str) -> dict[str, Any]:
    return row(world, case, "reading_rows")


def test_a_streamlined_row_has_the_documented_fields_and_no_more(small: Builder) -> None:
    shown = row(small(), "add-on")
    assert set(shown) == {
        *("id", "status", "tracking_number", "adjusted_ordered_at", "sub_cycle", "cust_cycle", "ship_address"),
        *("fulfillments", "batch"),
    }
    assert set(shown["fulfillments"][0]) == {"fulfillment_date", "subscription_id", "order", "instance"}
    assert set(shown["batch"]) == {"id", "start_date", "end_date"}
    assert [line["subscription_id"] is None for line in shown["fulfillments"]] == [False, True]


def test_minimal_rows_leave_out_what_is_not_documented(small: Builder) -> None:
    world = small()
    world.turn(minimal_rows=True, batch_absent=True)
    shown = row(world, "gift")
    assert "street" not in shown["ship_address"]
    assert set(shown["fulfillments"][0]["order"]) == {"order_gift_info"}
    assert set(shown["fulfillments"][0]["instance"]) == {"id", "sku"}
    assert "batch" not in shown


def test_a_gift_message_keeps_its_newline_and_emoji(small: Builder) -> None:
    world = small()
    text = "Happy 80th!\nWith love from all of us — see you ♥ 🎂"
    assert row(world, "gift")["fulfillments"][0]["order"]["order_gift_info"]["gift_message"] == text
    order = whole(world, "gift")["fulfillments"][0]["order"]
    assert (order["gift_message"], order["is_gift"]) == (text, True)


def test_a_claimed_gift_is_an_old_one(small: Builder) -> None:
    order = whole(small(), "claim")["fulfillments"][0]["order"]
    assert order["received_gift"]["message"] == "Enjoy!"
    assert (order["total"], order["financial_status"], order["is_gift"]) == (0, "paid", False)


def test_add_ons_belong_to_an_order_of_their_own(small: Builder) -> None:
    shown = whole(small(), "add-on")
    box, extra = shown["fulfillments"]
    assert box["order"]["id"] != extra["order"]["id"]
    assert (extra["subscription_id"], extra["cycle_number"], extra["total_cycles"]) == (None, None, None)
    assert shown["stats"]["has_addon"] is True


def test_a_prepay_in_mid_term_reads_fulfilled_though_boxes_are_owed(small: Builder) -> None:
    shown = whole(small(), "prepay")
    line = shown["fulfillments"][0]
    assert (line["cycle_number"], line["total_cycles"], shown["stats"]["subscription_cycle"]) == (2, 6, 3)
    assert (line["order"]["status"], line["order"]["fulfillment_status"]) == ("closed", "fulfilled")
    assert line["order"]["subscriptions"][0]["term"]["num_cycles"] == 6


def test_all_boxes_of_a_prepay_are_there_at_once_with_dates_of_their_own(small: Builder) -> None:
    world = small()
    first = world.case("prepay")
    rows = world.db.execute(
        "SELECT created_at, adjusted_ordered_at, batch_id FROM reading WHERE id BETWEEN ? AND ?", (first, first + 3)
    ).fetchall()
    assert len({created for created, _, _ in rows}) == 1
    assert len({target for _, target, _ in rows}) == len({batch for _, _, batch in rows}) == 4


def test_standard_boxes_are_due_when_their_batch_has_closed(small: Builder) -> None:
    world = small()
    assert row(world, "month-to-month")["batch"]["end_date"] == "2026-11-01T06:59:59Z"
    assert row(world, "open-batch")["batch"]["end_date"] == "2026-12-01T07:59:59Z"
    assert row(world, "ecom")["batch"] is None


@pytest.mark.parametrize(
    ("style", "created", "target"),
    [
        ("mixed", "2026-11-22T08:00:01-08:00", "2026-11-23T16:00:00Z"),
        ("z", "2026-11-22T16:00:01Z", "2026-11-23T16:00:00Z"),
        ("offset", "2026-11-22T08:00:01-08:00", "2026-11-23T08:00:00-08:00"),
        ("epoch_ms", 1_795_363_201_000, 1_795_449_600_000),
    ],
)
def test_dates_come_in_four_styles(small: Builder, style: str, created: object, target: object) -> None:
    world = small()
    world.turn(date_style=style)
    shown = whole(world, "ecom")
    assert (shown["created_at"], shown["target_at"]) == (created, target)


def test_two_pieces_are_two_lines_or_one_with_a_quantity(small: Builder) -> None:
    world = small()
    assert [line["instance"]["sku"] for line in row(world, "ecom")["fulfillments"]] == [
        "MUG-GRN",
        "MUG-GRN",
        "TIN-OOLONG",
    ]
    world.turn(quantity_field=True)
    for shown in (row(world, "ecom"), whole(world, "ecom")):
        assert [line["quantity"] for line in shown["fulfillments"]] == [2, 1]


def test_relations_can_be_addresses_instead_of_objects(small: Builder) -> None:
    world = small()
    world.turn(relations_as_url=["customer", "order"], batch_key_v1="end_date")
    shown = whole(world, "month-to-month")
    assert shown["customer"] == f"/v1/customers/{shown['customer_id']}/"
    assert shown["fulfillments"][0]["order"].startswith("/v1/orders/")
    assert set(shown["batch"]) >= {"start", "end_date"}
    assert "end" not in shown["batch"]


def test_damages_show_in_the_versions_they_name(small: Builder) -> None:
    world = small("nasty-data")
    assert row(world, "zip-is-a-number")["ship_address"]["zip_code"] == 83702
    assert "ship_address" not in whole(world, "address-is-missing")
    assert row(world, "order-is-a-url")["fulfillments"][0]["order"] != "/v1/orders/1/"
    assert whole(world, "order-is-a-url")["fulfillments"][0]["order"] == "/v1/orders/1/"
    assert row(world, "line-is-text")["fulfillments"] == ["oops"]
    assert "\x00" in row(world, "control-characters")["ship_address"]["to"]


def test_a_box_is_made_as_it_is_described(small: Builder) -> None:
    world = small()
    pieces = (Piece(sku="MUG-GRN", status="cancelled"), Piece(sku=""))
    box = Box(case="mine", pieces=pieces, shipping=500, total=0, financial_status="odd", is_test=True, labelled=True)
    place(world, box)
    shown = whole(world, "mine")
    assert [line["status"] for line in shown["fulfillments"]] == ["cancelled", "open"]
    assert [line["shipping"] for line in shown["fulfillments"]] == [500, 0]
    assert (shown["is_test"], shown["fulfillments"][0]["order"]["is_test"]) == (True, True)
    assert shown["labels"][0]["is_void"] is False


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("1970-01-02", 86_400_000),
        ("1970-1-2T00:00:00Z", 86_400_000),
        ("1970-01-02 00:00:01Z", 86_401_000),
        ("1970-01-01T16:00:00-08:00", 86_400_000),
        ("1970-01-02T08:00:00.123+0800", 86_400_000),
        (86_400_000, 86_400_000),
        ("1970-01-02T00:00:00 00:00", None),
        ("1970-13-02", None),
        ("soon", None),
        (True, None),
        (10**18, None),
        (None, None),
    ],
)
def test_dates_are_read_in_every_form_the_api_takes(text: object, ms: int | None) -> None:
    assert read_moment(text) == ms


def test_tracking_numbers_are_unique_and_carry_their_check_digits() -> None:
    labels = [print_label(chance, serial) for serial in range(300) for chance in (0.1, 0.7, 0.9)]
    assert len({label["tracking_number"] for label in labels}) == 900
    assert {label["carrier_name"] for label in labels} == {"USPS", "UPS", "FedEx"}
    for label in labels:
        digits = [int(one) for one in label["tracking_number"] if one.isdigit()]
        if label["carrier_code"] == "usps":
            assert len(digits) == 22
            assert sum(digit * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits))) % 10 == 0
        elif label["carrier_code"] == "ups":
            assert (label["tracking_number"][:2], len(label["tracking_number"])) == ("1Z", 18)
        else:
            assert len(digits) == 12
