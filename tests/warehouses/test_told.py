"""What any warehouse tells is put into our words in one way: times, addresses, records that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
import pytest

from cratejoy_tui.sync.domain.shipment import ShipTo
from cratejoy_tui.sync.domain.tracking import Parcel
from cratejoy_tui.warehouses.shipstation_words import PACIFIC
from cratejoy_tui.warehouses.told import (
    instant,
    letter_for_letter,
    parcel_lines,
    parcels_in,
    parts_of,
    ship_to_of,
)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-11-23T09:00:00.0000000", datetime(2026, 11, 23, 17, tzinfo=UTC)),
        ("2026-07-01T09:00:00", datetime(2026, 7, 1, 16, tzinfo=UTC)),
        ("2026-11-23", datetime(2026, 11, 23, 8, tzinfo=UTC)),
        ("2026-11-23T09:00:00Z", datetime(2026, 11, 23, 9, tzinfo=UTC)),
        ("2026-11-01T01:30:00", datetime(2026, 11, 1, 8, 30, tzinfo=UTC)),
        ("2026-03-08T02:30:00", datetime(2026, 3, 8, 10, 30, tzinfo=UTC)),
        (None, None),
    ],
)
def test_times_without_a_zone_are_meant_in_the_warehouses(text: str | None, meant: datetime | None) -> None:
    assert instant(text, PACIFIC) == meant


@pytest.mark.parametrize(("number", "kept"), [(" SUB-1 ", " SUB-1 "), ("SUB\x1b1", "SUB\N{REPLACEMENT CHARACTER}1")])
def test_an_order_number_keeps_its_blanks_and_loses_its_controls(number: str, kept: str) -> None:
    assert letter_for_letter(number) == kept
    assert len(letter_for_letter("9" * 500)) == 100


def test_what_lay_in_a_parcel_is_told_only_when_every_sku_is() -> None:
    told = parcel_lines([("TEA-01", 2), ("MUG-01", 1)])
    assert told is not None
    assert [(line.sku, line.quantity) for line in told] == [("TEA-01", 2), ("MUG-01", 1)]
    assert parcel_lines([("TEA-01", 2), (None, 1)]) is None


def test_an_address_is_cleaned_under_our_names() -> None:
    class Address(msgspec.Struct, rename={"to": "recipient"}):
        to: str | None = None
        city: str | None = None

    told = msgspec.json.decode(b'{"recipient":"Ada\\u001b[2J","city":null}', type=Address)
    assert ship_to_of(told) == ShipTo(to="Ada\N{REPLACEMENT CHARACTER}[2J")
    assert ship_to_of(None) is None


def test_records_that_cannot_be_read_are_counted_and_hide_no_other(caplog: pytest.LogCaptureFixture) -> None:
    def read(record: str) -> Iterator[Parcel]:
        yield Parcel(order_number="SUB-1", reference=str(int(record)))

    parcels = parcels_in(["1", "one", "2"], read, "Acme\x1b[1m", "boxes")
    assert [parcel.reference for parcel in parcels] == ["1", "2"]
    assert "1 boxes could not be read" in caplog.text
    assert "\x1b" not in caplog.text


def test_many_are_asked_for_in_parts() -> None:
    assert list(parts_of("abcde", 2)) == [["a", "b"], ["c", "d"], ["e"]]
