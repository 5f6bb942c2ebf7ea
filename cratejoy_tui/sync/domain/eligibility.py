"""May this box be pushed? Every rule is judged and kept; the first that fails is the reason shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from msgspec import Struct

from cratejoy_tui.sync.domain.address import missing_parts, too_much
from cratejoy_tui.sync.domain.build import Unbuildable, assemble, dropped_skus, mapped_ship_code, order_lines, ship_code
from cratejoy_tui.sync.domain.classify import billing_of
from cratejoy_tui.sync.domain.dates import target_of
from cratejoy_tui.sync.domain.filters import refusing_filter
from cratejoy_tui.sync.domain.order import Order
from cratejoy_tui.sync.domain.payment import payment, subscription
from cratejoy_tui.sync.domain.reason import READ_AGAIN, RELEASABLE, Reason
from cratejoy_tui.sync.domain.rules import Rules
from cratejoy_tui.sync.domain.shipment import Billing, Shipment, ShipTo, before_it_left
from cratejoy_tui.sync.domain.stage import OPEN_STAGES, Stage
from cratejoy_tui.sync.domain.timing import age, due, ship_date_passes
from cratejoy_tui.sync.domain.verdict import Verdict, failed, passed

_NO_LIMITS: Mapping[str, int] = MappingProxyType({})


class Judgement(Struct, frozen=True, gc=False):
    """All that the rules say of one box at one moment."""

    verdicts: tuple[Verdict, ...]
    """Every rule, in order; several verdicts may share a number."""
    reason: str
    """Of the first rule that fails; "" when the box may be pushed."""
    detail: str
    flags: tuple[str, ...]
    """Worth a person's eye, though nothing keeps the box back."""
    order: Order | None
    """What would be sent; None unless every rule passes."""
    target_at: datetime | None
    reconsider_at: datetime | None
    """The earliest instant at which time alone changes something; None: never."""
    read_again: bool
    """The listing cannot show that the reason is over."""

    @property
    def is_eligible(self) -> bool:
        """True when the box may be pushed."""
        return self.order is not None


class _Case(Struct, gc=False):
    """One box before the rules, with what several of them need worked out once."""

    shipment: Shipment
    rules: Rules
    now: datetime
    billing: Billing | None
    code: str
    problem: Unbuildable | None
    """Why its lines cannot be packed."""
    unmapped: Unbuildable | None
    order: Order | None = None
    """As it would be sent, a person's releases included; None when there is nothing to send."""


def judge(
    shipment: Shipment,
    rules: Rules,
    now: datetime,
    *,
    stage: Stage = Stage.SEEN,
    person_hold: str = "",
    approved: Collection[str] = (),
    max_lengths: Mapping[str, int] = _NO_LIMITS,
    characters: str = "",
    generation: int = 1,
) -> Judgement:
    """Hold one box against every rule.

    `person_hold` is the reason a person gave, "" for none; `approved` are reasons that a person has released;
    `max_lengths` and `characters` are the warehouse's limits. A `generation` above 1 is a person's word that the box
    goes out again, whatever Cratejoy shows of the first one. Reads nothing, changes nothing.
    """
    if generation > 1:
        shipment = before_it_left(shipment)
    case = _case(shipment, rules, now, approved, generation)
    verdicts = (*_ours(shipment, stage, person_hold), *_theirs(case), *_makeable(case, max_lengths, characters))
    if approved:
        verdicts = tuple(_released(verdict, approved) for verdict in verdicts)
    notable = [verdict for verdict in verdicts if verdict.flag or not verdict.passed]
    failures = [verdict for verdict in notable if not verdict.passed]
    first = failures[0] if failures else None
    order = case.order if first is None else None
    return Judgement(
        verdicts,
        first.reason if first else "",
        first.detail if first else "",
        _flags(case, notable),
        order,
        target_of(shipment, case.billing, rules),
        ship_date_passes(order, rules) if order else _next_change(failures),
        first is not None and first.reason in READ_AGAIN,
    )


def _case(shipment: Shipment, rules: Rules, now: datetime, approved: Collection[str], generation: int) -> _Case:
    billing = billing_of(shipment)
    code = ship_code(shipment, billing, rules)
    if billing is None:
        return _Case(shipment, rules, now, None, code, None, None)
    lines, mapped = order_lines(shipment, billing, rules), mapped_ship_code(code, rules)
    problem = lines if isinstance(lines, Unbuildable) else None
    unmapped = mapped if isinstance(mapped, Unbuildable) else None
    case = _Case(shipment, rules, now, billing, code, problem, unmapped)
    if approved and (problem or Reason.FILTERED in approved):
        lines = order_lines(shipment, billing, rules, approved)
    if approved and unmapped:
        mapped = mapped_ship_code(code, rules, approved)
    if not isinstance(lines, Unbuildable) and not isinstance(mapped, Unbuildable):
        case.order = assemble(shipment, billing, rules, now, generation, lines=lines, code=mapped)
    return case


def _ours(shipment: Shipment, stage: Stage, person_hold: str) -> tuple[Verdict, ...]:
    """Rule 0: what we did with the box already, what a person said, and whether we can read it at all."""
    here, free, readable = "not handed over yet", "not held by a person", "readable"
    return (
        passed(0, here, stage) if stage in OPEN_STAGES else failed(0, here, Reason.ALREADY, stage, f"it is {stage}"),
        failed(0, free, Reason.HELD_BY_PERSON, "held", person_hold) if person_hold else passed(0, free),
        failed(0, readable, Reason.UNREADABLE, "", shipment.unreadable) if shipment.unreadable else passed(0, readable),
    )


def _theirs(case: _Case) -> tuple[Verdict, ...]:
    """Rules 1 to 8: what Cratejoy says of the box, held against the settings."""
    shipment, billing, rules = case.shipment, case.billing, case.rules
    paid = payment(shipment, rules)
    return (
        _wanted(billing, rules),
        _real(shipment, rules),
        _unsent(shipment),
        paid,
        subscription(shipment, billing, rules, is_paid=paid.passed),
        due(shipment, billing, rules, case.now) if billing else passed(6, "due", "unclassified"),
        age(shipment, billing, rules),
        _unfiltered(case),
    )


def _wanted(billing: Billing | None, rules: Rules) -> Verdict:
    if billing is None or rules.pulls(billing):
        return passed(1, "its type is pulled", billing or "unclassified")
    return failed(1, "its type is pulled", Reason.TYPE_OFF, billing, f"{billing} orders are switched off")


def _real(shipment: Shipment, rules: Rules) -> Verdict:
    is_test = shipment.is_test or any(line.sale is not None and line.sale.is_test for line in shipment.lines)
    if not is_test:
        return passed(2, "not a test", "no")
    if rules.test_shipments:
        return passed(2, "not a test", "yes", flag="test shipment")
    return failed(2, "not a test", Reason.TEST, "yes", "made in Cratejoy's test mode")


def _unsent(shipment: Shipment) -> Verdict:
    name, status = "not sent by anyone", shipment.status
    if status == "cancelled":
        return failed(3, name, Reason.CANCELLED, status, "cancelled in Cratejoy")
    if status == "shipped":
        return failed(3, name, Reason.SHIPPED, status, "shipped in Cratejoy")
    if status != "unshipped":
        return failed(3, name, Reason.UNREADABLE, status, f'Cratejoy gives the unknown status "{status}"')
    if shipment.tracking_number or shipment.shipped_at:
        return failed(3, name, Reason.SHIPPED, status, "it has a tracking number or ship date in Cratejoy")
    for label in shipment.labels:
        if not label.is_void:
            return failed(3, name, Reason.LABELLED, label.carrier, "a postage label was bought in Cratejoy")
    return passed(3, name, status)


def _unfiltered(case: _Case) -> Verdict:
    if case.problem is not None and case.problem.reason is Reason.FILTERED:
        return failed(8, "filters", Reason.FILTERED, "items", case.problem.detail)
    if not case.rules.order_filters:
        return passed(8, "filters")
    rule = refusing_filter(case.shipment, case.billing, case.code, case.rules)
    if rule is None:
        return passed(8, "filters")
    text = f"{rule.action} {rule.field} {rule.pattern}"
    return failed(8, "filters", Reason.FILTERED, rule.field, f"order filter: {text}")


def _makeable(case: _Case, max_lengths: Mapping[str, int], characters: str) -> tuple[Verdict, ...]:
    """Rule 9: can an order be made, and can the warehouse take it?"""
    return (
        _known(case),
        _packable(case),
        _addressed(case.shipment.ship_to),
        _mapped(case),
        _fitting(case, max_lengths, characters),
    )


def _known(case: _Case) -> Verdict:
    if case.billing is None:
        return failed(9, "type known", Reason.UNCLASSIFIED, "", "one-time, ad-hoc or standard: Cratejoy does not say")
    return passed(9, "type known", case.billing)


def _packable(case: _Case) -> Verdict:
    if case.problem is not None and case.problem.reason is not Reason.FILTERED:
        return failed(9, "lines", case.problem.reason, "", case.problem.detail)
    return passed(9, "lines")


def _addressed(ship_to: ShipTo) -> Verdict:
    if missing := missing_parts(ship_to):
        return failed(9, "address complete", Reason.BAD_ADDRESS, ", ".join(missing), f"missing: {', '.join(missing)}")
    return passed(9, "address complete", ship_to.country)


def _mapped(case: _Case) -> Verdict:
    if case.unmapped is not None:
        return failed(9, "ship code", Reason.SHIP_CODE_UNMAPPED, case.code, case.unmapped.detail)
    return passed(9, "ship code", case.code)


def _fitting(case: _Case, max_lengths: Mapping[str, int], characters: str) -> Verdict:
    if case.order is None:
        return passed(9, "fits the warehouse", "not judged: no order")
    if excess := too_much(case.order, max_lengths, characters):
        return failed(9, "fits the warehouse", Reason.TOO_LONG, "", excess)
    return passed(9, "fits the warehouse")


def _released(verdict: Verdict, approved: Collection[str]) -> Verdict:
    if verdict.passed or verdict.reason not in approved or verdict.reason not in RELEASABLE:
        return verdict
    return replace(verdict, passed=True, flag=f"released: {verdict.reason} ({verdict.detail})")


def _flags(case: _Case, verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    flags = [verdict.flag for verdict in verdicts if verdict.flag]
    shipment = case.shipment
    gone = [line.sku or line.title for line in shipment.lines if line.status != "open"]
    if gone:
        flags.append(f"lines left out: {', '.join(sorted(gone))}")
    if case.order is not None and (dropped := dropped_skus(shipment, case.rules)):
        flags.append(f"lines left out by item filters: {', '.join(dropped)}")
    return tuple(flags)


def _next_change(failures: list[Verdict]) -> datetime | None:
    return min((verdict.until for verdict in failures if verdict.until is not None), default=None)
