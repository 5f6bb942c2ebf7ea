"""The operator's rules for one store, frozen: what to pull, how to build orders, when to confirm.

Names and defaults follow the hosted product this one replaces; the rest is ours. Never a secret.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

import msgspec

from cratejoy_tui.sync.domain.shipment import Billing


class SkuSuffix(StrEnum):
    """What is added to the SKU of a subscription line."""

    NONE = "none"
    YYMM = "yymm"
    YEARWEEK = "yearweek"
    CYCLE = "cycle"


class ShipCodeBy(StrEnum):
    """What the order's ship code is made from."""

    ORDER_TYPE = "order-type"
    SHIPPING_CHARGE = "shipping-charge"


class StandardTarget(StrEnum):
    """Which date decides when a standard subscription box is due."""

    ADJUSTED_ORDERED_AT = "adjusted_ordered_at"
    BATCH_END = "batch_end"


class OpenBatch(StrEnum):
    """A standard box whose batch still collects: its content may change."""

    HOLD = "hold"
    PUSH = "push"


class InactiveSubscription(StrEnum):
    """A paid standard box whose subscription is no longer active."""

    HOLD = "hold"
    RELEASE_WHEN_PAID = "release-when-paid"
    SKIP = "skip"


class PartialShipments(StrEnum):
    """When a box that leaves in several parcels is confirmed."""

    WHEN_COMPLETE = "when-complete"
    FIRST_PARCEL = "first-parcel"
    ASK = "ask"


class BlankTracking(StrEnum):
    """A box the warehouse calls shipped without a tracking number."""

    HOLD = "hold"
    CONFIRM = "confirm"


class OnUnlistedItem(StrEnum):
    """What happens to a line that the item filters exclude."""

    DROP_LINE = "drop-line"
    REFUSE_ORDER = "refuse-order"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """One condition on the shipment: boxes that must, or must not, match it."""

    field: str
    """billing, country, state, city, zip, company, to, sku, gift, ship_code."""
    pattern: str
    """Shell-style pattern, compared without case: `US`, `TEA-*`."""
    action: str = "require"
    """require: only matching boxes pass; exclude: matching boxes do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFilters:
    """Which SKUs may go to the warehouse at all; patterns as in OrderFilter. Judged on the raw SKU."""

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    on_unlisted: OnUnlistedItem = OnUnlistedItem.DROP_LINE


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueAfter:
    """How long each step may take before a box is called overdue."""

    pickup_hours: int = 4
    tracking_working_days: int = 2
    confirm_hours: int = 24
    partly_shipped_working_days: int = 3
    unknown_hours: int = 1
    stop_ship_hours: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLimits:
    """How large a plan may be before a person must allow it."""

    boxes: int = 200
    times_largest: float = 3.0
    days: int = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """No customer is e-mailed between these store-local times; `start` after `end` spans midnight."""

    start: time
    end: time


def _frozen() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Everything that decides what the sync does for one store."""

    time_zone: str = "America/Los_Angeles"
    pull_ecommerce: bool = True
    pull_adhoc: bool = True
    pull_standard: bool = True
    target_ship_date_within_days: int = 7
    earliest_order_date: date | None = None
    sku_suffix: SkuSuffix = SkuSuffix.NONE
    order_ship_code: ShipCodeBy = ShipCodeBy.ORDER_TYPE
    send_cancellation_to_wms: bool = True
    standard_target: StandardTarget = StandardTarget.ADJUSTED_ORDERED_AT
    open_batch: OpenBatch = OpenBatch.HOLD
    inactive_subscription: InactiveSubscription = InactiveSubscription.HOLD
    financial_statuses: tuple[str, ...] = ("paid",)
    test_shipments: bool = False
    ship_codes: Mapping[str, str] = field(default_factory=_frozen)
    """Our ship code (SUBSCRIPTION, ORDER, CHARGED, FREE) -> the warehouse's."""
    reject_unmapped_ship_codes: bool = False
    aliases: Mapping[str, str] = field(default_factory=_frozen)
    """SKU in Cratejoy -> SKU at the warehouse."""
    kits: Mapping[str, Mapping[str, int]] = field(default_factory=lambda: MappingProxyType({}))
    """SKU -> its components with their quantities."""
    order_filters: tuple[OrderFilter, ...] = ()
    item_filters: ItemFilters = ItemFilters()
    carriers: Mapping[str, str] = field(default_factory=_frozen)
    """The warehouse's carrier code or name, lower case -> the carrier name Cratejoy is told."""
    partial_shipments: PartialShipments = PartialShipments.WHEN_COMPLETE
    blank_tracking: BlankTracking = BlankTracking.HOLD
    confirm_delay_minutes: int = 60
    quiet_hours: QuietHours | None = None
    ship_days: tuple[int, ...] = (0, 1, 2, 3, 4)
    """Weekdays the warehouse works, Monday is 0."""
    closed_dates: tuple[date, ...] = ()
    overdue_after: OverdueAfter = OverdueAfter()
    plan_limits: PlanLimits = PlanLimits()
    retention_days: int = 30
    """How long names and addresses are kept after a box is closed."""

    @property
    def zone(self) -> ZoneInfo:
        """The store's time zone; the name was checked when the settings were read."""
        return ZoneInfo(self.time_zone)

    def pulls(self, billing: Billing) -> bool:
        """Does the operator want boxes of this type?"""
        if billing is Billing.ECOM:
            return self.pull_ecommerce
        return self.pull_adhoc if billing is Billing.ADHOC else self.pull_standard


def rules_json(rules: Rules) -> bytes:
    """The rules as they are kept: equal rules, equal text, whatever the order they were written in."""
    return msgspec.json.Encoder(enc_hook=dict, order="deterministic").encode(rules)


def rules_hash(rules: Rules) -> str:
    """A short fingerprint of the rules."""
    return hashlib.blake2b(rules_json(rules), digest_size=12).hexdigest()
