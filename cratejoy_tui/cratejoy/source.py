"""Cratejoy as the order source: where shipments come from and where confirmations go."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from datetime import datetime

from msgspec.structs import replace

from cratejoy_tui.cratejoy.client import LISTING, RELATIONS, SHIPMENTS, Client
from cratejoy_tui.cratejoy.listing import Query, listing
from cratejoy_tui.cratejoy.moments import instant
from cratejoy_tui.cratejoy.payloads import confirmation_body, listed
from cratejoy_tui.cratejoy.reading import Reader, is_safe_id
from cratejoy_tui.errors import ConfirmationRefused
from cratejoy_tui.http import KeyRefused, PoliteClient, RequestRefused
from cratejoy_tui.sync.domain.classify import billing_of
from cratejoy_tui.sync.domain.shipment import Billing, Shipment
from cratejoy_tui.sync.domain.tracking import Confirmation
from cratejoy_tui.sync.ports import Contact, ListingPage, Reading

LEAN_LIMIT = "200"
"""The most that the lean listing gives at once."""
FULL_LIMIT = "100"


class CratejoySource:
    """Reads shipments from one Cratejoy store and confirms them. Keeps the promises of the OrderSource port."""

    def __init__(self, http: PoliteClient) -> None:
        self._client = Client(http)
        self._reader = Reader(self._client)
        self.calls = http.calls
        self._lean_refused = 0
        """The answer by which Cratejoy closed the lean listing to us; 0 while it is open."""

    async def verify(self) -> Contact:
        """Prove by one read, or two, that Cratejoy answers and takes the key."""
        if not self._lean_refused:
            try:
                await self._client.page(LISTING, {"limit": "1"})
            except (KeyRefused, RequestRefused) as refusal:
                self._note_closed(refusal)
        detail = ""
        if self._lean_refused:
            await self._client.page(SHIPMENTS, {"limit": "1"})
            detail = (
                f"The lean listing (v1.1) is closed to this key ({self._lean_refused}); the slower v1 lists are used."
            )
        return Contact(system="Cratejoy", server_time=self._client.http.server_time, detail=detail)

    async def list_unshipped(self, billing: Billing, until: datetime | None) -> AsyncGenerator[ListingPage, None]:
        """All unshipped boxes of one billing type up to `until`; there is never a lower bound."""
        arguments = {"status": "unshipped"}
        if until is not None:
            arguments["adjusted_ordered_at__le"] = instant(until)

        def fits(row: Shipment) -> bool:
            return _has_status(row, "unshipped") and (until is None or _is_due(row, until))

        async with aclosing(self._list(arguments, fits, billing)) as pages:
            async for page in pages:
                yield page

    async def list_cancelled(self, since: datetime) -> AsyncGenerator[ListingPage, None]:
        """All cancelled boxes with a target date from `since` on."""
        arguments = {"status": "cancelled", "adjusted_ordered_at__ge": instant(since)}

        def fits(row: Shipment) -> bool:
            due = row.adjusted_ordered_at
            return _has_status(row, "cancelled") and (due is None or due >= since.replace(microsecond=0))

        async with aclosing(self._list(arguments, fits, None)) as pages:
            async for page in pages:
                yield page

    async def read(self, ids: Sequence[str], queried_as: Billing | None = None) -> Reading:
        """The whole truth about these shipments."""
        return await self._reader.read(ids, queried_as)

    async def confirm(self, confirmation: Confirmation) -> None:
        """Write tracking to one shipment: one PUT, never repeated here."""
        id_ = confirmation.shipment_id
        if not is_safe_id(id_):
            raise ConfirmationRefused(f"Shipment {id_!r} is no id of Cratejoy's; nothing was sent.")
        refused: RequestRefused | None = None
        try:
            await self._client.put(id_, confirmation_body(confirmation))
        except RequestRefused as refusal:
            refused = refusal
        if refused is not None:
            words = f": {refused.body}" if refused.body else ""
            raise ConfirmationRefused(
                f"Cratejoy refused the confirmation of shipment {id_} ({refused.status}{words}).",
                next_step=f"Look at shipment {id_} in Cratejoy, then confirm it again.",
            )

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.close()

    async def _list(
        self, arguments: dict[str, str], fits: Callable[[Shipment], bool], billing: Billing | None
    ) -> AsyncGenerator[ListingPage, None]:
        """From the lean listing; from the full one when the lean one is closed to this key."""
        has_begun = False
        while True:
            query = (_full if self._lean_refused else _lean)(arguments, fits, billing)
            try:
                async with aclosing(listing(self._client, query)) as pages:
                    async for page in pages:
                        has_begun = True
                        yield page
                return
            except (KeyRefused, RequestRefused) as refusal:
                if has_begun or self._lean_refused:
                    raise
                self._note_closed(refusal)

    def _note_closed(self, refusal: KeyRefused | RequestRefused) -> None:
        """Remember that the lean listing is closed; any other refusal is raised as it came."""
        if refusal.status not in (403, 404):
            raise refusal
        self._lean_refused = refusal.status


def _lean(arguments: dict[str, str], fits: Callable[[Shipment], bool], billing: Billing | None) -> Query:
    """The lean listing, asked for one billing type."""
    kind = {"billing_type": billing.value} if billing is not None else {}
    return Query(
        collection=LISTING,
        arguments={**arguments, **kind, "limit": LEAN_LIMIT},
        keep=lambda row: _as_queried(row) if fits(row) else None,
        queried_as=billing,
        tell=listed,
    )


def _full(arguments: dict[str, str], fits: Callable[[Shipment], bool], billing: Billing | None) -> Query:
    """The full listing cannot be asked for a billing type: all boxes come, and those of other types are left out."""
    return Query(
        collection=SHIPMENTS,
        arguments={**arguments, "limit": FULL_LIMIT, "with": RELATIONS},
        keep=lambda row: row if fits(row) and (billing is None or billing_of(row) in (billing, None)) else None,
        tells_total=billing is None,
    )


def _as_queried(row: Shipment) -> Shipment:
    """A row that contradicts the type it was asked as lost its filter on the way: it is left to speak for itself."""
    if row.unreadable or row.queried_as is None or billing_of(row) is not None:
        return row
    return replace(row, queried_as=None)


def _has_status(row: Shipment, status: str) -> bool:
    # Of an unreadable row not even the status may be known: it is passed on, to be held and shown.
    return row.status == status or (bool(row.unreadable) and not row.status)


def _is_due(row: Shipment, until: datetime) -> bool:
    return row.adjusted_ordered_at is None or row.adjusted_ordered_at <= until
