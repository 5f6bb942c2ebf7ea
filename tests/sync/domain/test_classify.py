"""One-time, ad-hoc or standard; and what happens when Cratejoy contradicts itself."""

from __future__ import annotations

import pytest

from cratejoy_tui.sync.domain.classify import billing_of
from cratejoy_tui.sync.domain.shipment import Batch, Billing, Shipment, Subscription
from tests.sync.factories import add_on, ecom, line, shipment, standard

UNTOLD = Subscription(id="55", status="active")
ADHOC_BILLING = Subscription(id="55", status="active", has_billing=True)
STANDARD_BILLING = Subscription(id="55", status="active", has_billing=True, rebill_day=15)


@pytest.mark.parametrize(
    ("box", "billing"),
    [
        (shipment(), Billing.ADHOC),
        (ecom(), Billing.ECOM),
        (standard(), Billing.STANDARD),
        (ecom(is_ecom=None), Billing.ECOM),
        (shipment(is_ecom=None), Billing.ADHOC),
        (standard(batch=None), Billing.STANDARD),
        (shipment(lines=(line(), add_on())), Billing.ADHOC),
        (shipment(lines=(add_on(),)), Billing.ADHOC),
        # derived, because the row came from no v1.1 query
        (ecom(queried_as=None), Billing.ECOM),
        (ecom(queried_as=None, is_ecom=None), Billing.ECOM),
        (ecom(queried_as=None, is_ecom=False), Billing.ECOM),
        (shipment(queried_as=None, subscriptions=(ADHOC_BILLING,)), Billing.ADHOC),
        (shipment(queried_as=None, subscriptions=(STANDARD_BILLING,)), Billing.STANDARD),
        (shipment(queried_as=None, batch=Batch(id="1"), subscriptions=()), Billing.STANDARD),
        # not derivable
        (shipment(queried_as=None, subscriptions=()), None),
        (shipment(queried_as=None, subscriptions=(UNTOLD,)), None),
        (shipment(queried_as=None, is_ecom=True), None),
    ],
)
def test_the_query_decides_else_the_content(box: Shipment, billing: Billing | None):
    assert billing_of(box) is billing


@pytest.mark.parametrize(
    "box",
    [
        shipment(queried_as=Billing.ECOM, is_ecom=None),
        shipment(queried_as=Billing.ECOM),
        ecom(queried_as=Billing.ADHOC),
        ecom(queried_as=Billing.STANDARD),
        ecom(queried_as=Billing.STANDARD, is_ecom=None),
        standard(queried_as=Billing.ADHOC),
    ],
)
def test_a_server_that_ignores_the_type_filter_makes_no_box_leave_under_wrong_rules(box: Shipment):
    assert billing_of(box) is None
