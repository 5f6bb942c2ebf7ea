"""What an adapter's tests bring to the contract: its wire, faked, with knobs to make things happen on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, Protocol

from msgspec.structs import replace

from cratejoy_tui.sync.domain.order import Order, OrderLine
from cratejoy_tui.sync.domain.shipment import Billing, ShipTo
from cratejoy_tui.sync.ports import Warehouse

SINCE = datetime(2020, 1, 1, tzinfo=UTC)
"""Before anything that a contract test ships."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """One parcel that the rig is told to send off."""

    tracking_number: str
    lines: Mapping[str, int] | None = None
    """SKU -> quantity; None: everything that was ordered."""
    closes: bool = True
    """Does the warehouse call the order done with it?"""
    voided: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the warehouse holds of an order, read from its own side."""

    to: str
    lines: Mapping[str, int]
    gift_message: str = ""


@dataclass(slots=True)
class HandOver:
    """A ledger's side of one hand-over, kept in memory."""

    sequence: int
    ledger_id: str = "ledger-of-the-contract"
    kind: str = "orders"
    is_staged: bool = False
    name: str = field(init=False)

    def __post_init__(self) -> None:
        self.name = f"{self.kind}_20261123T101500Z_{self.sequence:06d}"

    async def staged(self) -> None:
        """Remember that the file is complete."""
        self.is_staged = True


class Rig(Protocol):
    """One warehouse with a fresh, empty world behind it."""

    has_keys: bool
    """False: there is no key that could be wrong."""
    parcels_in_many_pages: int
    """So many parcels surely need more than one page."""

    async def connect(self, *, wrong_key: bool = False) -> Warehouse:
        """The adapter, talking to this rig's wire; every call gives one more client of the same world."""
        ...

    def delivery(self, kind: str = "orders") -> HandOver:
        """The next hand-over; `kind` is orders or cancels."""
        ...

    async def live(self, number: str) -> int:
        """How many orders that are not cancelled the warehouse has under exactly this number."""
        ...

    async def kept(self, number: str) -> Kept | None:
        """What the warehouse has under this number; None: nothing."""
        ...

    async def ship(self, parcels: Mapping[str, Sequence[Packed]]) -> None:
        """Send these parcels off and make them visible, also under numbers that were never pushed."""
        ...

    async def lose_next_answer(self) -> None:
        """The next write is carried out, but its answer is lost."""
        ...

    async def block_next_write(self) -> None:
        """The next write surely does not arrive."""
        ...

    async def spoil(self, order: Order) -> tuple[Order, str]:
        """An order made from this one that the warehouse refuses, and a word of the reason it gives."""
        ...

    async def asked_to_cancel(self, number: str) -> int:
        """How many requests to cancel this order arrived."""
        ...

    async def group_sizes(self) -> Sequence[int]:
        """How many orders each push that arrived held."""
        ...


def an_order(number: str, **changes: Any) -> Order:
    """A complete order; its shipment id follows the number."""
    plain = Order(
        number=number,
        shipment_id=number.removeprefix("SUB-"),
        billing=Billing.ADHOC,
        ship_code="SUBSCRIPTION",
        ship_to=ShipTo(
            to="Ada Example",
            street="12 Main St",
            unit="Apt 3",
            city="Springfield",
            state="IL",
            zip="02701",
            country="US",
            phone="555-0100",
        ),
        lines=(OrderLine(sku="TEA-01", quantity=2, title="Tea box"), OrderLine(sku="MUG-01", quantity=1, title="Mug")),
        gift_message="Enjoy!",
        requested_ship_date=date(2026, 11, 25),
        ordered_at=datetime(2026, 11, 20, 18, tzinfo=UTC),
    )
    return replace(plain, **changes)


TRACKING = MappingProxyType({n: f"94001118992238569{n:05d}" for n in range(1, 100)})
"""Numbers a carrier could have given."""
