"""Shipments read whole, by id: fifty with one request where Cratejoy lets us, one by one where it does not."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from cratejoy_tui.cratejoy import payloads, wire
from cratejoy_tui.cratejoy.client import RELATIONS, SHIPMENTS, Client
from cratejoy_tui.errors import CratejoyTuiError, UnexpectedAnswer
from cratejoy_tui.http import RequestRefused, ServerFault, Undecodable
from cratejoy_tui.sync.domain.shipment import Billing, Shipment
from cratejoy_tui.sync.ports import Reading

AT_ONCE = 50
IN_FLIGHT = 2
MOST_FAULTS_IN_A_ROW = 3

_SAFE_ID = re.compile(r"[0-9A-Za-z_-]{1,40}", re.ASCII)


def is_safe_id(shipment_id: str) -> bool:
    """Can this stand in a path? No id of Cratejoy's looks otherwise."""
    return _SAFE_ID.fullmatch(shipment_id) is not None


@dataclass(slots=True)
class _Round:
    """What one call of `read` has brought so far."""

    queried_as: Billing | None
    found: dict[str, Shipment] = field(default_factory=dict)
    faults: dict[str, CratejoyTuiError] = field(default_factory=dict)
    answered: int = 0
    in_a_row: int = 0

    def note_answer(self, id_: str, shipment: Shipment | None) -> None:
        self.answered, self.in_a_row = self.answered + 1, 0
        if shipment is not None:
            self.found[id_] = shipment

    def note_fault(self, id_: str, fault: CratejoyTuiError) -> None:
        """One box alone may make Cratejoy fail and then stops no other; three in a row are no accident."""
        self.faults[id_] = fault
        self.in_a_row += 1
        if self.in_a_row == MOST_FAULTS_IN_A_ROW:
            raise fault

    def result(self, ids: Sequence[str]) -> Reading:
        if self.faults and not self.answered:
            raise next(iter(self.faults.values()))
        broken = {id_: self.unreadable(id_, fault.message) for id_, fault in self.faults.items()}
        shipments = self.found | broken
        return Reading(shipments=shipments, missing=frozenset(ids) - shipments.keys())

    def unreadable(self, id_: str, why: str) -> Shipment:
        return Shipment(id=id_, status="", queried_as=self.queried_as, unreadable=why)


class Reader:
    """Reads shipments; remembers when Cratejoy turned out to ignore the list of ids."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._one_by_one = False

    async def read(self, ids: Sequence[str], queried_as: Billing | None = None) -> Reading:
        """Every id asked for ends among the shipments or among the missing."""
        wanted = [id_ for id_ in dict.fromkeys(ids) if is_safe_id(id_)]
        size = 1 if self._one_by_one else AT_ONCE
        groups = iter([wanted[start : start + size] for start in range(0, len(wanted), size)])
        round_ = _Round(queried_as)
        failed: BaseException | None = None
        try:
            async with asyncio.TaskGroup() as lanes:
                for _ in range(IN_FLIGHT):
                    lanes.create_task(self._lane(groups, round_))
        except ExceptionGroup as failures:
            failed = failures.exceptions[0]
        if failed is not None:
            raise failed
        return round_.result(ids)

    async def _lane(self, groups: Iterator[Sequence[str]], round_: _Round) -> None:
        # Lanes share the groups, so that a fault in one lane leaves the rest unasked.
        for ids in groups:
            if len(ids) > 1 and not self._one_by_one:
                await self._batch(frozenset(ids), round_)
            for id_ in ids:
                if id_ not in round_.found:
                    await self._alone(id_, round_)

    async def _batch(self, ids: frozenset[str], round_: _Round) -> None:
        """Those of the ids that one filtered listing gives; it gives fewer when anything about it is odd."""
        arguments = {"id__in": ",".join(sorted(ids)), "limit": str(AT_ONCE), "with": RELATIONS}
        try:
            page = await self._client.page(SHIPMENTS, arguments)
            while self._take(page, ids, round_) and page.next and not ids <= round_.found.keys():
                page = await self._client.follow(SHIPMENTS, page.next)
        except RequestRefused:
            self._one_by_one = True
        except (ServerFault, UnexpectedAnswer):
            return  # perhaps one record of the group breaks the answer: asked for alone, the others come

    def _take(self, page: wire.Page, ids: frozenset[str], round_: _Round) -> bool:
        """Keep what was asked for. False when the page brought nothing new, or things nobody asked for."""
        before = round_.answered
        for record in page.results:
            shipment = payloads.shipment(record, round_.queried_as)
            if shipment.id not in ids:
                self._one_by_one |= bool(shipment.id)  # the list of ids was ignored
            elif shipment.id not in round_.found:
                round_.note_answer(shipment.id, shipment)
        return round_.answered > before and not self._one_by_one

    async def _alone(self, id_: str, round_: _Round) -> None:
        try:
            shipment = await self._one(id_, round_)
        except (ServerFault, Undecodable) as fault:
            round_.note_fault(id_, fault)
        else:
            round_.note_answer(id_, shipment)

    async def _one(self, id_: str, round_: _Round) -> Shipment | None:
        try:
            shipment = payloads.shipment(await self._client.record(id_), round_.queried_as)
        except RequestRefused as refusal:
            if refusal.status in (404, 410):
                return None
            return round_.unreadable(id_, refusal.message)
        if shipment.id == id_:
            return shipment
        if not shipment.id:
            return replace(shipment, id=id_)
        return round_.unreadable(id_, "Cratejoy answered with another shipment")
