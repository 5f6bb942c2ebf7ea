"""Which carrier is meant, and whether the number can be one of its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratejoy_tui.sync.domain.carriers import (
    carrier_of,
    fedex_digit,
    mod10_digit,
    plain_number,
    postal_digit,
    ups_digit,
)
from tests.sync.factories import parcel


@pytest.mark.parametrize(
    ("code", "name", "known_as"),
    [
        ("usps", "", "USPS"),
        ("", "U.S. Postal Service", "USPS"),
        ("stamps_com", "", "USPS"),
        ("UPS", "United Parcel Service", "UPS"),
        ("xyz", "Federal Express", "FedEx"),
        ("fedex_home_delivery", "", "FedEx"),
        ("dhl_ecommerce", "", "DHL"),
        ("", "OnTrac", "OnTrac"),
        ("", "", None),
        ("pigeon", "Pigeon Post", None),
    ],
)
def test_carriers_are_known_by_code_or_name(code: str, name: str, known_as: str | None):
    carrier = carrier_of(parcel(carrier_code=code, carrier_name=name), {})
    assert (carrier.name if carrier else None) == known_as


def test_the_stores_own_map_comes_first_and_keeps_the_check_of_a_known_carrier():
    own = {"best way": "UPS", "usps": "Postal Service", "pigeon": "Pigeon Post"}
    best_way = carrier_of(parcel(carrier_code="Best Way"), own)
    assert best_way is not None
    assert best_way.name == "UPS"
    assert not best_way.is_plausible("123")
    renamed = carrier_of(parcel(carrier_code="USPS"), own)
    assert renamed is not None
    assert renamed.name == "Postal Service"
    pigeon = carrier_of(parcel(carrier_code="pigeon"), own)
    assert pigeon is not None
    assert pigeon.is_plausible("COO123")


@pytest.mark.parametrize(
    ("carrier", "number", "plausible"),
    [
        ("usps", "9400111899223856925503", True),
        ("usps", "9400 1118 9922 3856 9255 03", True),
        ("usps", "9400111899223856925504", False),
        ("usps", "420627019400111899223856925503", True),
        ("usps", "9.40011E+21", False),
        ("usps", "940011189922385692550", False),
        ("usps", "1Z999AA10123456784", False),
        ("usps", "EA000000005US", True),
        ("usps", "EA000000006US", False),
        ("ups", "1Z999AA10123456784", True),
        ("ups", "1z999aa10123456784", True),
        ("ups", "1Z999AA10123456785", False),
        ("ups", "1Z999AA1012345678", False),
        ("fedex", "986578788855", True),
        ("fedex", "986578788856", False),
        ("fedex", "123456789012345", True),
        ("dhl", "3318810025", True),
        ("dhl", "3318810026", False),
        ("dhl", "GM60511234500000001", True),
        ("amazon", "TBA000000000000", True),
        ("ontrac", "D10011354453707", True),
        ("ontrac", "X", False),
        ("dpd", "15501234567890", True),
        ("dpd", "N/A", False),
        ("dpd", "UNKNOWN", False),
    ],
)
def test_numbers_are_held_against_what_the_carrier_prints(carrier: str, number: str, plausible: bool):
    known = carrier_of(parcel(carrier_code=carrier), {})
    assert known is not None
    assert known.is_plausible(plain_number(number)) is plausible


@given(st.text("0123456789", min_size=21, max_size=21), st.integers(0, 20), st.integers(1, 9))
def test_one_mistyped_digit_is_always_noticed_in_a_postal_number(body: str, place: int, shift: int):
    wrong = body[:place] + str((int(body[place]) + shift) % 10) + body[place + 1 :]
    assert mod10_digit(wrong) != mod10_digit(body)


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=15, max_size=15))
def test_a_made_up_ups_number_with_its_digit_is_plausible(body: str):
    known = carrier_of(parcel(carrier_code="ups"), {})
    assert known is not None
    assert known.is_plausible(f"1Z{body}{ups_digit(body)}")


@given(st.text("0123456789", min_size=8, max_size=8), st.text("0123456789", min_size=11, max_size=11))
def test_check_digits_are_single_digits(postal: str, fedex: str):
    assert 0 <= postal_digit(postal) <= 9
    assert 0 <= fedex_digit(fedex) <= 9


@given(st.text(max_size=300))
def test_no_text_whatever_breaks_the_look_at_a_number(text: str):
    for code in ("usps", "ups", "fedex", "dhl", "canada post", "royal mail", "dpd"):
        known = carrier_of(parcel(carrier_code=code), {})
        assert known is not None
        assert known.is_plausible(plain_number(text)) in {True, False}
