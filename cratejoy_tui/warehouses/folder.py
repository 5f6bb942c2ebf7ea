"""A warehouse that works with files: orders go into one folder, ship-confirm files come out of another.

It cannot be asked anything, so what was delivered is known from our ledger and from the mark in the folder.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import ClassVar, ParamSpec, TypeVar

from cratejoy_tui.errors import AnswerLost, NotSupported, SetupError, Unreachable
from cratejoy_tui.sync.domain.order import (
    Acknowledgement,
    CancelAnswer,
    CancelOutcome,
    Found,
    Lost,
    NotSent,
    Order,
    PushOutcome,
    Receipt,
    Refused,
)
from cratejoy_tui.sync.domain.tracking import Parcel
from cratejoy_tui.sync.ports import Calls, Capabilities, Contact, Delivery, DeliveryClass
from cratejoy_tui.text import one_line
from cratejoy_tui.warehouses.declared import Place, Setting, filled_in, whole_in
from cratejoy_tui.warehouses.folder_acknowledgements import Acknowledgements
from cratejoy_tui.warehouses.folder_delivery import Outbox
from cratejoy_tui.warehouses.folder_files import Files, LocalFiles
from cratejoy_tui.warehouses.folder_inbox import Arrived, Inbox
from cratejoy_tui.warehouses.folder_layouts import SAFE
from cratejoy_tui.warehouses.folder_places import ADOPT, KINDS, Places
from cratejoy_tui.warehouses.folder_settings import SETTINGS, WHERE, layout_of, reader_of, whole_path

PAGE = 500
"""Parcels given at a time."""

P = ParamSpec("P")
T = TypeVar("T")


class FolderWarehouse:
    """Orders out and tracking in by files in a shared folder."""

    title: ClassVar[str] = "Folder (files)"
    settings: ClassVar[tuple[Setting, ...]] = SETTINGS

    def __init__(self, values: Mapping[str, object], place: Place, root: PurePath, files: Files) -> None:
        """`values`: the settings, checked; `files` handles what lies below `root`. Raises SettingsInvalid."""
        self.name, self._store = str(values["name"]), place.store
        self.calls = Calls()
        self._layout, self._reader = layout_of(values), reader_of(values, place)
        self._places = Places(root=root, files=files, names={kind: str(values[kind]) for kind in KINDS})
        shows = str(values["acknowledgement"])
        self.capabilities = Capabilities(
            delivery=DeliveryClass.BLIND,
            batch_size=whole_in(values, "orders_per_file"),
            in_flight=1,
            quiet_seconds=0.0,
            can_find=False,
            can_cancel=self._layout.cancels,
            tells_pickup=shows != "none",
            delivers_files=True,
            default_confirm_delay_minutes=0,
            max_lengths=self._layout.max_lengths,
            characters=SAFE,
        )
        self._outbox = Outbox(self._places, place.store)
        ends = values["final_line_end"] is True
        self._inbox = Inbox(self._places, "shipments", place.clock, final_line_end=ends)
        acknowledging = Inbox(self._places, "acknowledgements", place.clock, final_line_end=ends)
        self._acknowledgements = Acknowledgements(self._places, self._layout, shows, acknowledging)

    @classmethod
    def from_settings(cls, given: Mapping[str, object], place: Place) -> FolderWarehouse:
        """Make one from what the settings file holds. Raises SettingsInvalid; touches no folder."""
        values = filled_in(cls.settings, given, WHERE)
        return cls(values, place, whole_path(values), LocalFiles())

    async def verify(self) -> Contact:
        """Prove by looking only that files can be handed over. Raises SetupError naming what is in the way."""
        return await self._there(self._check)

    async def push(self, orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        """Deliver the orders as one file; one that the layout cannot carry is refused and the others go."""
        return await self._hand_over(orders, delivery, resumed=False)

    async def resume(self, orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        """Finish a delivery that a dead process began; a file that was delivered is not written again."""
        return await self._hand_over(orders, delivery, resumed=True)

    async def find(self, numbers: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """A folder cannot be asked. Raises NotSupported."""
        raise NotSupported(
            f"{self.name} works with files and cannot be asked for {len(numbers)} order numbers.",
            next_step="Ask the people there, then `cratejoy-tui settle`.",
        )

    async def cancel(self, number: str, reason: str, delivery: Delivery) -> CancelOutcome:
        """Deliver a file that asks for one order not to be sent. The answer stays unknown: files do not answer."""
        if not self.capabilities.can_cancel:
            raise NotSupported(
                f"{self.name} reads no cancels; order {one_line(number)} is still there.",
                next_step="Tell the people there not to send it, then tick it off the stop-ship list.",
            )
        name = self._layout.file_name(delivery.name)
        try:
            if delivery.is_staged or not await self._there(self._outbox.has_asked, number):
                await self._deliver(name, self._layout.cancels_file(number, reason), delivery, cancels=number)
            said = f"asked by file; {self.name} does not answer, ask the people there"
        except (AnswerLost, Unreachable) as problem:
            if isinstance(problem, Unreachable) and not delivery.is_staged:
                raise
            said = problem.message
        return CancelOutcome(number=number, answer=CancelAnswer.UNKNOWN, reason=said)

    async def shipped_since(self, since: datetime) -> AsyncIterator[Sequence[Parcel]]:
        """The parcels of every ship-confirm file that lies there, whatever `since` is; a file is put away only
        after its last page was taken, so that whoever dies before reads it again."""
        if not await self._there(self._may_read):
            return
        for path in await self._there(self._inbox.ready, self._layout.shipment_files):
            arrived = await self._there(self._inbox.read, path)
            if arrived is None:
                continue
            self.calls.requests += 1
            parcels = await self._there(self._parcels, arrived)
            for start in range(0, len(parcels), PAGE):
                yield parcels[start : start + PAGE]
            await self._there(self._inbox.put_away, arrived)

    async def acknowledged(self, numbers: Sequence[str]) -> Mapping[str, Acknowledgement]:
        """Which orders the warehouse has taken, as far as it shows; {} where it shows nothing."""
        if not self.capabilities.tells_pickup or not await self._there(self._may_read):
            return {}
        return await self._there(self._acknowledgements.of, numbers)

    async def purge(self, before: datetime) -> int:
        """Delete what we keep in files last changed before that moment; returns how many. The warehouse's own
        folder is not ours to empty."""
        return await self._there(self._places.purge, before)

    async def adopt(self, ledger_id: str, sequence: int) -> None:
        """Make this ledger the one that delivers here, and make the folders that are missing."""
        await self._there(self._outbox.adopt, ledger_id, sequence)

    async def close(self) -> None:
        """Let go of what leads to the files."""
        await asyncio.to_thread(self._places.files.close)

    async def _there(self, do: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """Do something where the files are. Raises Unreachable when the way there broke, SetupError when they cannot
        be used."""

        def reached() -> T:
            self._places.files.connect()
            return do(*args, **named)

        try:
            return await asyncio.to_thread(reached)
        except (ConnectionError, TimeoutError) as problem:
            raise Unreachable(f"{self.name}: {one_line(problem)}.") from problem
        except OSError as problem:
            raise SetupError(
                f"{self.name}: {one_line(problem)}.", next_step="See that the folders are there and may be used."
            ) from problem

    async def _hand_over(self, orders: Sequence[Order], delivery: Delivery, *, resumed: bool) -> list[PushOutcome]:
        given: dict[str, PushOutcome] = {
            order.number: Refused(number=order.number, reason=why) for order in orders if (why := self._unfit(order))
        }
        fit = [order for order in orders if order.number not in given]
        name = self._layout.file_name(delivery.name)
        try:
            if fit:
                await self._deliver(name, self._layout.orders_file(fit), delivery, resumed=resumed)
            given |= {order.number: Receipt(number=order.number, reference=name) for order in fit}
        except (AnswerLost, Unreachable) as problem:
            # What was staged may have been handed over by whoever staged it: then only looking there tells.
            kind = NotSent if isinstance(problem, Unreachable) and not delivery.is_staged else Lost
            given |= {order.number: kind(number=order.number, reason=problem.message) for order in fit}
        return [given[order.number] for order in orders]

    async def _deliver(
        self, name: str, content: bytes, delivery: Delivery, *, resumed: bool = False, cancels: str = ""
    ) -> None:
        await self._there(lambda: None)  # only to see whether the files can be reached
        self.calls.requests += 1
        self.calls.writes += 1
        await self._outbox.deliver(name, content, delivery, resumed=resumed, cancels=cancels)

    def _unfit(self, order: Order) -> str:
        """Why this order cannot be written into a file; "" when it can."""
        skus = [("SKU", line.sku, SAFE) for line in order.lines]
        for what, text, pattern in [("order number", order.number, self._layout.number_pattern), *skus]:
            if not re.fullmatch(pattern, text):
                return f"the {what} `{one_line(text)}` has characters that layout {self._layout.name} cannot carry"
        if not order.lines or any(line.quantity < 1 for line in order.lines):
            return "it has no lines, or a line without a quantity"
        try:
            self._layout.orders_file([order])
        except UnicodeEncodeError as problem:
            return f"the character `{problem.object[problem.start]}` does not exist in {self._layout.encoding}"
        return ""

    def _parcels(self, arrived: Arrived) -> list[Parcel]:
        sheet = arrived.sheet(self._reader.fields)
        if sheet.problem:
            self._inbox.reject(arrived, sheet.problem)
            return []
        parcels, bad = self._reader.parcels(sheet, arrived.seen.modified_at)
        if bad:
            self._inbox.hand_back(arrived, sheet, bad)
        return parcels

    def _check(self) -> Contact:
        self._places.check_root()
        mark = self._places.read_mark()
        if mark is None or (self._store not in mark.stores and self._places.names["shipments"] not in mark.inbound):
            detail = f"Store {self._store} has not adopted {one_line(self._places.root)} yet."
            return Contact(system=self.name, detail=detail, next_step=ADOPT)
        self._may_read()
        self._outbox.check_open(mark)
        ready = len(self._inbox.ready(self._layout.shipment_files))
        detail = f"{ready} ship-confirm files are ready to be read."
        last = mark.stores[self._store].last if self._store in mark.stores else 0
        return Contact(system=self.name, detail=detail, ledger=mark.ledger, sequence=last)

    def _may_read(self) -> bool:
        """Are the ship-confirm files here ours to take away?"""
        self._places.check_root()
        mark = self._places.read_mark()
        if mark is None:
            return False
        self._places.check()
        reader = mark.inbound.get(self._places.names["shipments"], "")
        if reader != self._store:
            raise SetupError(
                f"The ship-confirm files in {one_line(self._places.path('shipments'))} are not this store's to read"
                f"{f', but those of store {one_line(reader)}' if reader else ''}.",
                next_step="Give each store a `shipments` folder of its own." if reader else ADOPT,
            )
        return True
