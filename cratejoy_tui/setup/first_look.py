"""What the first pull would bring, looked at with a ledger that is thrown away. Nothing is sent to anyone."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from cratejoy_tui.settings import StoreSettings
from cratejoy_tui.setup.draft import Keys
from cratejoy_tui.setup.parts import Parts
from cratejoy_tui.sync.domain.classify import billing_of
from cratejoy_tui.sync.domain.reason import Reason
from cratejoy_tui.sync.domain.rules import Rules
from cratejoy_tui.sync.domain.shipment import Shipment
from cratejoy_tui.sync.domain.stage import OPEN_STAGES
from cratejoy_tui.sync.domain.timing import age
from cratejoy_tui.sync.flows.desk import Desk, Told
from cratejoy_tui.sync.flows.judging import WAITING, judge_under
from cratejoy_tui.sync.flows.pull import Pulled, pull

AT_ONCE = 500
_LONG_AGO = date(1970, 1, 1)
UNKNOWN_MONTH = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """The first pull, counted."""

    listed: int
    types: dict[str, int]
    """Boxes by order type."""
    ready: int
    """They would go to the warehouse in the first push."""
    held: dict[str, int]
    """Holds that ask something of a person, by reason."""
    waiting: dict[str, int]
    """Boxes that wait by rule: not due, another type, too old."""
    too_old: int
    """Boxes before the Earliest Order Date: not sent by this program, yet owed to their customers."""
    months: dict[str, int]
    """Month by which the Earliest Order Date judges a box -> boxes."""
    problems: tuple[str, ...] = ()
    """Why the list may be incomplete."""


class FirstLook:
    """One pull into a temporary ledger; counted again under other rules without asking Cratejoy again."""

    def __init__(self, stack: AsyncExitStack, desk: Desk, pulled: Pulled) -> None:
        self._stack, self._desk, self._pulled = stack, desk, pulled
        self.can_find = desk.warehouse.capabilities.can_find
        """The warehouse can be asked which orders it has."""

    @classmethod
    async def open(cls, parts: Parts, store: StoreSettings, keys: Keys, tell: Callable[[Told], None]) -> FirstLook:
        """Pull. Raises what a pull raises; nothing is left behind then."""
        async with AsyncExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="cratejoy-tui-", dir=_memory()))
            desk = await stack.enter_async_context(parts.desk_on(store, keys, Path(folder) / "ledger.sqlite", tell))
            pulled = await pull(desk)
            return cls(stack.pop_all(), desk, pulled)

    async def counted(self, rules: Rules) -> Looked:
        """The same boxes under these rules."""
        now, ages = self._desk.clock.now(), replace(rules, earliest_order_date=_LONG_AGO)
        types, reasons, months = Counter[str](), Counter[str](), Counter[str]()
        too_old = 0
        async for shipment in self._boxes():
            billing = billing_of(shipment)
            judgement = judge_under(self._desk, rules, shipment, now)
            types[billing.value if billing else "unclassified"] += 1
            reasons[judgement.reason] += 1
            too_old += any(v.reason == Reason.TOO_OLD and not v.passed for v in judgement.verdicts)
            day = age(shipment, billing, ages).value
            months[day[:7] if day[:1].isdigit() else UNKNOWN_MONTH] += 1
        ready = reasons.pop("", 0)
        return Looked(
            listed=self._pulled.listed,
            types=dict(sorted(types.items())),
            ready=ready,
            held={reason: boxes for reason, boxes in sorted(reasons.items()) if reason not in WAITING},
            waiting={reason: boxes for reason, boxes in sorted(reasons.items()) if reason in WAITING},
            too_old=too_old,
            months=dict(sorted(months.items())),
            problems=tuple(self._pulled.incomplete),
        )

    async def _boxes(self) -> AsyncIterator[Shipment]:
        after = ""
        while page := await self._desk.ledger.shipments.page(OPEN_STAGES, after, AT_ONCE):
            after = page[-1].id
            for stored in page:
                if stored.shipment is not None:
                    yield stored.shipment

    async def close(self) -> None:
        """Throw the temporary ledger away."""
        await self._stack.aclose()


def _memory() -> str | None:
    """The temporary ledger holds names and addresses: memory is a better place for it than a disk."""
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    return folder if folder and os.access(folder, os.W_OK) else None
