"""What the ledger remembers, as values: flows and screens read these, never tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from cratejoy_tui.sync.domain.order import Order
from cratejoy_tui.sync.domain.shipment import Shipment
from cratejoy_tui.sync.domain.stage import Kind, Stage, State
from cratejoy_tui.sync.domain.tracking import Parcel, Quality


class Known(Struct, frozen=True, kw_only=True, gc=False):
    """The little that a pull needs to tell whether a listed row is news."""

    id: str
    fingerprint: str
    stage: Stage
    read_again: bool
    """The listing cannot show whether this box's hold still stands (payment, label ...): read it by id."""


class Sighting(Struct, frozen=True, kw_only=True, gc=False):
    """A shipment as just read from the order source."""

    shipment: Shipment
    fingerprint: str = ""
    """Of the listing row; "" when it was read by id only, which keeps the stored one."""
    verdict: Judged | None = None
    """What the rules say of it should it be new here; a box we know is judged by all that we know of it."""


class Judged(Struct, frozen=True, kw_only=True, gc=False):
    """What the rules said of one open shipment."""

    shipment_id: str
    revision: str
    """The judgement is dropped when the stored shipment has another revision by now; "" on a sighting."""
    stage: Stage
    """PLANNED or HELD."""
    order_number: str
    reason: str = ""
    detail: str = ""
    flags: tuple[str, ...] = ()
    target_at: datetime | None = None
    reconsider_at: datetime | None = None
    """When time alone changes the verdict; None: never."""
    read_again: bool = False
    preview_hash: str = ""
    """Of the order as it would be sent now; a difference to the last one is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonHold:
    """A person's hold; it stays until a person releases it."""

    by: str
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A shipment with all that we have decided and done about it."""

    shipment: Shipment | None
    """None once its personal data was purged."""
    id: str
    revision: str
    stage: Stage
    stage_since: datetime
    order_number: str
    generation: int
    reason: str = ""
    detail: str = ""
    flags: tuple[str, ...] = ()
    target_at: datetime | None = None
    hold: PersonHold | None = None
    approved: tuple[str, ...] = ()
    """Hold reasons a person has released for this box, or for its subscription."""
    cancel_seen_at: datetime | None = None
    """The tombstone: Cratejoy said cancelled; blocks every later push."""
    first_seen_at: datetime | None = None
    judged_rules: str = ""
    """Fingerprint of the rules it was last judged by."""
    sent_order: Order | None = None
    """What the warehouse was given, of the live generation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One remote write that we owe, are making, or have made."""

    id: int
    kind: Kind
    shipment_id: str
    generation: int
    number: str
    state: State
    attempts: int
    fence: int
    made_at: datetime
    sent_at: datetime | None = None
    quiet_until: datetime | None = None
    not_before: datetime | None = None
    """When a transient fault may be tried again."""
    request_hash: str = ""
    payload: bytes = b""
    """What is, was or will be sent (an Order or a Confirmation, encoded); b"" once purged."""
    remote_ref: str = ""
    via: str = ""
    """How it ended: answer, look-up, person, adopted."""
    error: str = ""
    by: str = ""
    reason: str = ""
    delivery_name: str = ""
    delivery_sequence: int = 0
    delivery_staged: bool = False
    warehouse: str = ""
    """Name of the warehouse the order went to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PushIntent:
    """An order about to be handed over."""

    order: Order
    revision: str
    """The shipment's revision the order was built from; another one in the ledger drops this intent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """An intent that was not written, and why."""

    shipment_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How one operation ended, or where it stands now."""

    operation_id: int
    state: State
    via: str = "answer"
    remote_ref: str = ""
    error: str = ""
    not_before: datetime | None = None
    quiet_until: datetime | None = None
    stage: Stage | None = None
    """Overrides the stage that kind and state imply, where the flow knows better (partly shipped ...)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A step of one box that no remote write is about."""

    shipment_id: str
    before: Stage
    after: Stage
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """A parcel as we keep it, matched to a shipment of ours or not."""

    id: int
    parcel: Parcel
    shipment_id: str
    """"" when the number is not ours."""
    first_seen_at: datetime
    quality: Quality | None = None
    reason: str = ""
    decision: str = ""
    """"", accepted or rejected: a person's word on it."""
    decided_by: str = ""


class TaskKind(StrEnum):
    """Work that only a person can do."""

    STOP_SHIP = "stop-ship"
    CANCEL_BY_HAND = "cancel by hand"
    CONFLICT = "conflict"
    DRIFT = "drift"
    RELABELLED = "relabelled"
    SHORT_SHIPPED = "short shipped"
    REVIVED = "revived"
    REVIEW = "review"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One piece of work for a person, open until it is done."""

    id: int
    kind: TaskKind
    shipment_id: str
    number: str
    text: str
    made_at: datetime
    owner: str = ""
    note: str = ""
    done_at: datetime | None = None
    done_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A remark a person left on a box."""

    shipment_id: str
    by: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What a batch of sightings changed in the ledger; the rest was known as it was."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    judged: tuple[str, ...] = ()
    """The new ones that came with a verdict and keep it."""


class PlannedRow(Struct, frozen=True, gc=False):
    """The little that a push preview needs of one planned box."""

    shipment_id: str
    revision: str
    order_number: str
    generation: int
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Intended:
    """The intents that are now on disk, and those that were not written."""

    operations: tuple[Operation, ...] = ()
    """In the order of the intents that were kept."""
    dropped: tuple[Dropped, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try of an operation: when it went out, and what came back."""

    operation_id: int
    kind: Kind
    number: str
    nr: int
    """1 for the first try."""
    fence: int
    sent_at: datetime
    ended_at: datetime | None = None
    state: State | None = None
    """How the try itself ended; None while it is on its way, or when its process died."""
    via: str = ""
    error: str = ""
    settled_at: datetime | None = None
    settled: State | None = None
    """What a lost answer turned out to be."""
