"""Was it paid and not given back, and does its subscription still stand? Rules 4 and 5."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from cratejoy_tui.sync.domain.reason import Reason
from cratejoy_tui.sync.domain.rules import InactiveSubscription, Rules
from cratejoy_tui.sync.domain.shipment import Billing, Line, Sale, Shipment
from cratejoy_tui.sync.domain.verdict import Verdict, failed, passed

_PAID = "paid for"
_ACTIVE = "subscription active"
_PARTLY = frozenset({"partially_refunded", "partly_refunded", "partial_refund"})
_CHARGING = frozenset({"renewing", "pending_renewal"})
_SPELLINGS = {"pastdue": "past_due", "canceled": "cancelled"}


@lru_cache(maxsize=256)
def _word(text: str) -> str:
    word = text.strip().casefold().replace(" ", "_").replace("-", "_")
    return _SPELLINGS.get(word, word)


def payment(shipment: Shipment, rules: Rules) -> Verdict:
    """Rule 4. The line's own sale counts, never the state of the Cratejoy order or Cratejoy's own fee."""
    partly: Sale | None = None
    value = ""
    for line in shipment.open_lines:
        sale = line.sale
        if sale is None or not sale.financial_status:
            return failed(4, _PAID, Reason.UNPAID, "not known", f"no payment is known for line {line.id or '?'}")
        value = sale.financial_status
        if 0 < sale.refunded_cents >= sale.total_cents or _word(value) == "refunded":
            return failed(4, _PAID, Reason.REFUNDED, value, f"Cratejoy order {sale.id} was refunded in full")
        is_partly = sale.refunded_cents > 0
        if value not in rules.financial_statuses and not (is_partly and _word(value) in _PARTLY):
            return failed(4, _PAID, Reason.UNPAID, value, f'Cratejoy order {sale.id} reads "{value}"')
        partly = sale if is_partly else partly
    if partly is not None:
        return passed(4, _PAID, value, flag=f"partly refunded: {_money(partly)}")
    return passed(4, _PAID, value)


def _money(sale: Sale) -> str:
    return f"{sale.refunded_cents / 100:.2f} of {sale.total_cents / 100:.2f}"


def subscription(shipment: Shipment, billing: Billing | None, rules: Rules, *, is_paid: bool) -> Verdict:
    """Rule 5. Paid boxes of an ended subscription are owed to the customer: held or released, never dropped."""
    if billing is Billing.ECOM or billing is None:
        return passed(5, _ACTIVE, "no subscription")
    if not shipment.open_lines:
        return passed(5, _ACTIVE, "no line is open")  # sent, or rule 9 says that there is nothing to send
    statuses = _statuses(shipment)
    bad = [word for word in statuses if word != "active" and not (word in _CHARGING and is_paid)]
    if not bad:
        return passed(5, _ACTIVE, ", ".join(statuses))
    text = ", ".join(bad)
    if billing is Billing.ADHOC:
        known = [word for word in bad if word != "not known"]
        return passed(5, _ACTIVE, text, flag=f"subscription is {', '.join(known)}" if known else "")
    owed = _owed(shipment.open_lines)
    if rules.inactive_subscription is InactiveSubscription.RELEASE_WHEN_PAID and is_paid:
        return passed(5, _ACTIVE, text, flag=f"subscription is {text}; {owed}")
    skipped = "skipped by the setting; " if rules.inactive_subscription is InactiveSubscription.SKIP else ""
    return failed(5, _ACTIVE, Reason.SUBSCRIPTION_NOT_ACTIVE, text, f"{skipped}subscription is {text}; {owed}")


def _statuses(shipment: Shipment) -> list[str]:
    """The status of every subscription this box's open lines belong to, each once."""
    known = {sub.id: _word(sub.status) or "not known" for sub in shipment.subscriptions}
    wanted = [line.subscription_id for line in shipment.open_lines if line.subscription_id]
    return list(dict.fromkeys([known.get(id_, "not known") for id_ in wanted])) or ["not known"]


def _owed(lines: Iterable[Line]) -> str:
    """How many boxes of the prepay are still to come, this one included."""
    left = [
        line.total_cycles - line.cycle_number
        for line in lines
        if line.subscription_id and line.total_cycles and line.cycle_number is not None and line.cycle_number >= 0
    ]
    return f"{max(left)} paid boxes still owed" if left and max(left) > 0 else "boxes still owed: not known"
