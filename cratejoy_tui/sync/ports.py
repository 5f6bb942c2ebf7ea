"""What the sync needs from the world: promises only.

Adapters translate every foreign error into `cratejoy_tui.errors`; nothing else may leave them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol, runtime_checkable

from msgspec import Struct

from cratejoy_tui.sync.domain.order import Acknowledgement, CancelOutcome, Found, Order, PushOutcome
from cratejoy_tui.sync.domain.shipment import Billing, Shipment
from cratejoy_tui.sync.domain.tracking import Confirmation, Parcel


@dataclass(slots=True)
class Calls:
    """How often a remote system was asked, and how many of those asked it to change something."""

    requests: int = 0
    writes: int = 0
    per_second: float | None = None
    """The pace that is kept towards it; None: no limit of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A remote system answered and took our key."""

    system: str
    """The name an operator knows it by."""
    server_time: datetime | None = None
    detail: str = ""
    next_step: str = ""
    """What a person must do before the first write can be done; "" when nothing is in its way."""
    ledger: str = ""
    """Whose deliveries it has had, where it keeps a mark of them."""
    sequence: int = 0
    """The newest of those deliveries."""


class Listed(Struct, frozen=True, kw_only=True, gc=False):
    """One row of a listing: enough to tell whether we know it already."""

    id: str
    fingerprint: str
    """Of the row's raw bytes: the same fingerprint means that the listing shows nothing new."""
    shipment: Shipment
    """Status, date and what decides the billing type; the rest may be missing until it is read by id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingPage:
    """Some rows of a listing."""

    rows: tuple[Listed, ...]
    expected: int | None = None
    """How many rows the remote says the whole listing has."""
    complete: bool | None = None
    """None while more pages come. On the last page: may absence be concluded from this listing?"""
    problem: str = ""
    """Why the listing is incomplete, on the last page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Shipments read by id. Every id asked for is in exactly one of the two."""

    shipments: Mapping[str, Shipment]
    missing: frozenset[str] = frozenset()
    """Ids that the order source says do not exist."""


class OrderSource(Protocol):
    """Where shipments come from and where confirmations go: Cratejoy."""

    calls: Calls

    async def verify(self) -> Contact:
        """Prove by one read that the system answers and the key is good. Raises SignInRefused, Unreachable."""
        ...

    def list_unshipped(self, billing: Billing, until: datetime | None) -> AsyncIterator[ListingPage]:
        """All unshipped boxes of this billing type due up to `until` (inclusive, UTC; None: no bound).

        A row may come more than once. The last page says whether the listing is complete; a listing that
        broke off after its first page ends incomplete instead of raising. SignInRefused is always raised.
        """
        ...

    def list_cancelled(self, since: datetime) -> AsyncIterator[ListingPage]:
        """All cancelled boxes with a target date from `since` on. Same promises as list_unshipped."""
        ...

    async def read(self, ids: Sequence[str], queried_as: Billing | None = None) -> Reading:
        """The whole truth about these shipments, paid or not, tested or not. Any number of ids; order is free.

        `queried_as` is written into each of them: the query all these ids came from.
        """
        ...

    async def confirm(self, confirmation: Confirmation) -> None:
        """Write tracking to one shipment: exactly one PUT, never repeated here.

        Returns when Cratejoy said 2xx, which proves nothing yet: read the shipment to know.
        Raises AnswerLost when it may have been done, ConfirmationRefused when surely not,
        Unreachable when nothing was sent, SignInRefused.
        """
        ...

    async def close(self) -> None: ...


class DeliveryClass(StrEnum):
    """What protects a warehouse from getting one order twice."""

    UNIQUE = "unique"
    """It refuses a second order with the same number."""
    LOOK_UP = "look-up"
    """It can be asked for a number, but would take it twice."""
    BLIND = "blind"
    """It cannot be asked: one try, then a person decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What one warehouse can and cannot do, as data."""

    delivery: DeliveryClass
    batch_size: int = 50
    """Orders per push call."""
    in_flight: int = 4
    """Push calls at the same time."""
    quiet_seconds: float = 300.0
    """How long after a lost answer a look-up can still miss a late commit; 0 where numbers are unique."""
    can_find: bool = True
    can_cancel: bool = True
    can_edit: bool = False
    tells_voids: bool = True
    """It tells which labels were voided; else a new label takes the old one's place, under the old one's name."""
    tells_pickup: bool = False
    """It tells when an order was picked up or acknowledged."""
    delivers_files: bool = False
    """Pushes and cancels are files handed over by one rename; see Delivery."""
    tracking_overlap: timedelta = timedelta(hours=48)
    """How far back each fetch of tracking reaches again."""
    default_confirm_delay_minutes: int = 60
    max_lengths: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """ShipTo field, `number`, `sku` or `gift_message` -> the longest text it takes, in characters."""
    characters: str = ""
    """Regular expression that order numbers and SKUs must match; "" means any."""


class Delivery(Protocol):
    """The ledger's side of one hand-over. For file warehouses it makes a delivery resumable; others ignore it."""

    name: str
    """File name recorded with the intent, unique for ever: `orders_20261123T101500Z_000042`."""
    sequence: int
    """Rises by one with every delivery of this ledger."""
    ledger_id: str
    is_staged: bool
    """True once `staged` was recorded, also by a process that has since died."""

    async def staged(self) -> None:
        """Record, durably, that the file is complete in the staging place. Must be awaited before the rename."""
        ...


class Warehouse(Protocol):
    """Where orders go and tracking comes from: one WMS."""

    name: str
    """The name an operator knows it by, used in every text."""
    capabilities: Capabilities
    calls: Calls

    async def verify(self) -> Contact:
        """Prove by reads only that it answers and the key is good. Raises SignInRefused, Unreachable, SetupError."""
        ...

    async def push(self, orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        """Hand over up to `batch_size` orders; one outcome per order, in the same order.

        An order number that is there already with the same content gives its Receipt again, not a second order
        (where the class is unique). An answer lost for the call makes each of its orders Lost; this method raises
        only SignInRefused (nothing was taken) and SetupError.
        """
        ...

    async def resume(self, orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        """Finish a file delivery that a dead process began; idempotent. NotSupported unless `delivers_files`."""
        ...

    async def find(self, numbers: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """What the warehouse has under exactly these numbers, letter for letter; unknown numbers are absent.

        More than one Found under a number is a duplicate for a person. Raises NotSupported without `can_find`.
        """
        ...

    async def cancel(self, number: str, reason: str, delivery: Delivery) -> CancelOutcome:
        """Ask for one order not to be sent, and read back what became of it. Harmless when repeated.

        An answer lost is `unknown`, not an error. Raises NotSupported without `can_cancel`, SignInRefused, Unreachable.
        """
        ...

    def shipped_since(self, since: datetime) -> AsyncIterator[Sequence[Parcel]]:
        """Every parcel made or voided from `since` on, in pages; repeats are fine, all pages are read.

        Numbers that are not ours come along and are dropped by the caller.
        """
        ...

    async def adopt(self, ledger_id: str, sequence: int) -> None:
        """Make this ledger the one that may deliver here (files); nothing to do elsewhere."""
        ...

    async def close(self) -> None: ...


@runtime_checkable
class Acknowledges(Protocol):
    """A warehouse that cannot be asked for an order, but shows which ones it took."""

    async def acknowledged(self, numbers: Sequence[str]) -> Mapping[str, Acknowledgement]:
        """What can be seen of orders that were handed over; {} where nothing can be. Repeating it is harmless."""
        ...


@runtime_checkable
class KnowsSkus(Protocol):
    """A warehouse that can be asked, by reads alone, which SKUs it keeps; most cannot, or take any."""

    async def unknown_skus(self, skus: Collection[str]) -> frozenset[str]:
        """Those of these SKUs for which it would refuse an order."""
        ...


class CredentialStore(Protocol):
    """Where keys are kept; never a file of ours."""

    def get(self, store: str, name: str) -> str | None: ...

    def set(self, store: str, name: str, value: str) -> None: ...

    def forget(self, store: str, name: str) -> None: ...


class Clock(Protocol):
    """The time, real or simulated."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...

    async def sleep(self, seconds: float) -> None: ...


@runtime_checkable
class Steady(Protocol):
    """A clock that can also tell how long the computer has run, whatever its clock was set to meanwhile."""

    def uptime(self) -> tuple[str, float]:
        """A name for this start of the computer ("" where it cannot be told), and the seconds since."""
        ...
