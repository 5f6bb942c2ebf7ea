"""How the books are kept, as values: runs, leases, the audit, the rules in force, counts of days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from cratejoy_tui.sync.domain.stage import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One cycle, or one apply, from start to end."""

    id: int
    kind: str
    """auto, push, confirm ..."""
    operator: str
    started_at: datetime
    ended_at: datetime | None = None
    exit_code: int | None = None
    good: bool = False
    """All arrows done, ended 0 or 1."""
    summary: str = ""
    """JSON object of counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to write to a store's remotes, for a while."""

    store: str
    name: str
    holder: str
    fence: int
    taken_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One line of the chain; holds ids, stages and digests, never personal data."""

    seq: int
    at: datetime
    operator: str
    action: str
    subject: str
    detail: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """A person's word on which orders the warehouse had before this ledger's first push."""

    none: bool
    """True: it had none."""
    count: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsInForce:
    """Rules that a store ran under, kept so that what was decided then can be understood later."""

    rules: str
    """Fingerprint of the rules."""
    json: str
    by: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What checking the audit chain found."""

    ok: bool
    count: int
    broken_at: int | None = None
    """Sequence number of the first record that does not fit; None when all fit."""
    head: str = ""
    """Hash of the newest record: write it down elsewhere to anchor the chain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCounts:
    """A stretch of time in numbers: opening + new - cancelled - confirmed = closing."""

    opening: int = 0
    new: int = 0
    """Seen for the first time, or wanted again after they were closed: resent, or there after all."""
    cancelled: int = 0
    confirmed: int = 0
    closing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How long one box has stood where it is: what the overdue rules are applied to."""

    shipment_id: str
    order_number: str
    stage: Stage
    stage_since: datetime
    requested_ship_date: date | None = None
    """As the warehouse was told; None when it was told none, or is not known any more."""
