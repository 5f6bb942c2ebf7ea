"""The rules as they are asked for and explained at set-up. Tables (aliases, kits, maps, filters) stay in the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum

from cratejoy_tui.errors import SettingsInvalid
from cratejoy_tui.settings import change_rule, rule_name
from cratejoy_tui.setup.draft import Draft
from cratejoy_tui.setup.fields import Answers, Field, FieldKind, as_text
from cratejoy_tui.sync.domain.rules import Rules

YES_NO = ("yes", "no")

# attribute, label, what it does
_ASKED = (
    ("pull_ecommerce", "Pull Ecommerce Orders", "One-time purchases from your store; due as soon as they are paid."),
    (
        "pull_adhoc",
        "Pull Ad-hoc Orders",
        "Boxes of subscriptions without a fixed renewal day; due by their target date.",
    ),
    (
        "pull_standard",
        "Pull Standard Orders",
        "Boxes of subscriptions that renew on a fixed day; due by their target date.",
    ),
    (
        "target_ship_date_within_days",
        "Target Ship Date Within",
        "Days ahead, 0 to 60. A subscription box is sent to the warehouse once its target date is this near.",
    ),
    (
        "sku_suffix",
        "Subscription SKU Suffix",
        "Added to the SKUs of subscription boxes: yymm TEA-2611, yearweek TEA-2648, cycle TEA-3, or none.",
    ),
    (
        "order_ship_code",
        "Order Ship Code",
        "The warehouse's ship code: SUBSCRIPTION or ORDER by order type; CHARGED or FREE by shipping charge.",
    ),
    (
        "send_cancellation_to_wms",
        "Send Cancellation To WMS",
        "Yes: a box cancelled in Cratejoy is cancelled at the warehouse too. No: it becomes a task for a person.",
    ),
    (
        "open_batch",
        "Open batch",
        "A standard box whose batch still collects may change. hold: it waits for the batch's end. push: it goes.",
    ),
)
_RARE = (
    (
        "inactive_subscription",
        "Inactive subscription",
        "A paid box of an ended subscription is still owed. hold: a person decides. release-when-paid: it goes. skip.",
    ),
    (
        "standard_target",
        "Standard target date",
        "Which date of a standard box counts: adjusted_ordered_at, Cratejoy's own target date, or batch_end.",
    ),
    ("test_shipments", "Test shipments", "Yes: boxes marked as tests in Cratejoy go to the warehouse like real ones."),
    (
        "partial_shipments",
        "Partial shipments",
        "A box that leaves in several parcels is confirmed: when-complete, with its first-parcel, or ask.",
    ),
    (
        "blank_tracking",
        "Blank tracking",
        "Shipped without a tracking number. hold: a person looks. confirm: Cratejoy is told without a number.",
    ),
    (
        "confirm_delay_minutes",
        "Confirm delay",
        "Minutes from the label to the customer's e-mail, to catch voided labels; empty: as the warehouse needs.",
    ),
    ("retention_days", "Retention", "Days that names and addresses are kept after a box is closed."),
)
_ATTRIBUTES = {rule_name(attribute): attribute for attribute in Rules.__dataclass_fields__}


def rule_fields(draft: Draft) -> tuple[Field, ...]:
    """Every rule that is asked for, with what it is now."""
    return (*_fields(draft, _ASKED, is_rare=False), *_fields(draft, _RARE, is_rare=True))


def take_rules(draft: Draft, answers: Answers) -> Draft:
    """The draft with these rules, asked for or not. Raises SettingsInvalid naming every one that cannot be used."""
    problems: list[str] = []
    before = {field.name: field.value for field in rule_fields(draft)}
    for name, answer in answers.items():
        text, attribute = str(answer).strip(), _ATTRIBUTES.get(name, "")
        if text == before.get(name):
            continue
        if attribute == "confirm_delay_minutes" and not text:
            draft = _by_warehouse(draft, attribute)
            continue
        try:
            draft = draft.with_rules(change_rule(draft.store.rules, name, text), attribute)
        except SettingsInvalid as error:
            problems += error.problems
    if problems:
        raise SettingsInvalid(problems, next_step="Type it again.")
    return draft


def _by_warehouse(draft: Draft, attribute: str) -> Draft:
    rules = replace(draft.store.rules, **{attribute: getattr(Rules(), attribute)})
    given = draft.store.given_rules - {attribute}
    return replace(draft, store=replace(draft.store, rules=rules, given_rules=given))


def _fields(draft: Draft, texts: tuple[tuple[str, str, str], ...], *, is_rare: bool) -> Iterator[Field]:
    for attribute, label, help_ in texts:
        value = getattr(draft.store.rules, attribute)
        is_by_warehouse = attribute == "confirm_delay_minutes" and attribute not in draft.store.given_rules
        kind, words = _kind(value)
        yield Field(
            name=rule_name(attribute),
            label=label,
            help=help_,
            kind=kind,
            value="" if is_by_warehouse else as_text(value),
            options=dict.fromkeys(words, ""),
            is_rare=is_rare,
        )


def _kind(value: object) -> tuple[FieldKind, tuple[str, ...]]:
    """How a rule is asked for, and the words it may be."""
    if isinstance(value, bool):
        return FieldKind.YES_NO, YES_NO
    if isinstance(value, StrEnum):
        return FieldKind.CHOICE, tuple(type(value))
    return (FieldKind.NUMBER if isinstance(value, int) else FieldKind.TEXT), ()
