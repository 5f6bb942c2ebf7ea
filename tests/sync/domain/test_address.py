"""Complete addresses, at home and abroad."""

from __future__ import annotations

from typing import Any

import pytest

from cratejoy_tui.sync.domain.address import COUNTRIES, WITHOUT_POSTCODE, missing_parts, too_much
from tests.sync.factories import order, ship_to


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, ()),
        ({"unit": "", "company": "", "phone": ""}, ()),
        ({"zip": "02134"}, ()),
        ({"to": ""}, ("name",)),
        ({"to": "  "}, ("name",)),
        ({"to": "", "company": "Acme"}, ("name",)),
        ({"street": ""}, ("street",)),
        ({"city": ""}, ("city",)),
        ({"state": ""}, ("state",)),
        ({"zip": ""}, ("postcode",)),
        ({"country": ""}, ("country",)),
        ({"country": "us", "state": ""}, ("state",)),
        ({"country": "CA", "state": ""}, ("state",)),
        ({"country": "AU", "state": "NSW", "zip": ""}, ("postcode",)),
        ({"country": "DE", "state": ""}, ()),
        ({"country": "GB", "state": "", "zip": ""}, ("postcode",)),
        ({"country": "HK", "state": "", "zip": ""}, ()),
        ({"country": "IE", "state": "", "zip": ""}, ()),
        ({"country": "AE", "state": "", "zip": ""}, ()),
        ({"country": "USA"}, ('country as an ISO code instead of "USA"',)),
        ({"country": "XX"}, ('country as an ISO code instead of "XX"',)),
        ({"city": "APO", "state": "AE", "zip": "09012"}, ()),
        ({"city": "FPO", "state": "AP", "zip": "96522"}, ()),
        ({"city": "San Juan", "state": "PR", "zip": "00901"}, ()),
        ({"country": "PR", "state": "", "zip": "00901"}, ()),
        ({"to": "", "street": "", "zip": ""}, ("name", "street", "postcode")),
    ],
)
def test_what_a_carrier_would_miss_is_named(changes: dict[str, Any], missing: tuple[str, ...]):
    assert missing_parts(ship_to(**changes)) == missing


def test_the_country_lists_hold_together():
    assert all(len(code) == 2 and code.isalpha() and code.isupper() for code in COUNTRIES)
    assert {"US", "CA", "AU", "GB", "DE", "PR", "GU", "VI"} <= COUNTRIES - WITHOUT_POSTCODE


def test_text_that_no_label_holds_is_too_much_for_any_warehouse() -> None:
    assert (
        too_much(order(ship_to=ship_to(to="x" * 1000)), {}, "") == "to has 1000 characters, nothing has more than 250"
    )
    assert too_much(order(gift_message="x" * 4000), {}, "").startswith("gift_message has 4000")
    assert too_much(order(gift_message="x" * 3000), {}, "") == ""
