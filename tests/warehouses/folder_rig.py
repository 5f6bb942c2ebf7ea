"""A real folder with somebody on its other side: reads the order files, drops in ship-confirm files."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs

from cratejoy_tui.sync.domain.order import Order
from cratejoy_tui.warehouses.contract_rig import HandOver, Kept, Packed
from cratejoy_tui.warehouses.declared import Place
from cratejoy_tui.warehouses.folder import PAGE, FolderWarehouse

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
ZONE = ZoneInfo("America/Los_Angeles")
COLUMNS = ("order_number", "tracking_number", "carrier", "ship_date", "sku", "quantity", "voided", "order_closed")


@dataclass(slots=True)
class StoppedClock:
    """A clock that a test moves."""

    moment: datetime = NOW

    def now(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


def place(store: str = "teabox", clock: StoppedClock | None = None) -> Place:
    """Where the adapter works in tests."""
    return Place(store=store, clock=clock or StoppedClock(), zone=ZONE)


@dataclass
class FolderRig:
    """One folder warehouse of one layout."""

    root: Path
    patch: pytest.MonkeyPatch
    settings: Mapping[str, object] = field(default_factory=dict)
    make: Callable[..., FolderWarehouse] = FolderWarehouse.from_settings
    has_keys: bool = False
    parcels_in_many_pages: int = PAGE + 60
    clock: StoppedClock = field(default_factory=StoppedClock)
    sequence: int = 0
    dropped: int = 0

    async def connect(self, *, wrong_key: bool = False) -> FolderWarehouse:
        assert not wrong_key, "a folder has no key"
        warehouse = self.make({"root": str(self.root), **self.settings}, place(clock=self.clock))
        if not (self.root / "in").exists():
            await warehouse.adopt("ledger-of-the-contract", self.sequence)
        return warehouse

    def delivery(self, kind: str = "orders") -> HandOver:
        self.sequence += 1
        return HandOver(sequence=self.sequence, kind=kind)

    async def live(self, number: str) -> int:
        return sum(number in orders for orders in self.order_files())

    async def kept(self, number: str) -> Kept | None:
        return next((orders[number] for orders in self.order_files() if number in orders), None)

    async def ship(self, parcels: Mapping[str, Sequence[Packed]]) -> None:
        rows = [row for number, packed in parcels.items() for one in packed for row in _rows(number, one)]
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerows([COLUMNS, *rows])
        self.dropped += 1
        self.drop(f"shp_{self.dropped:04d}.csv", text.getvalue().encode())

    def drop(self, name: str, content: bytes, *, age_seconds: float = 120.0) -> Path:
        """Put a file into the inbound folder, last written so long ago."""
        path = self.root / "out" / name
        path.write_bytes(content)
        self.age(path, age_seconds)
        return path

    def age(self, path: Path, seconds: float) -> None:
        """Let a file have been written so long ago."""
        moment = self.clock.now().timestamp() - seconds
        os.utime(path, (moment, moment))

    async def lose_next_answer(self) -> None:
        done_then_lost = _once(os.rename, lambda result: _raise(errno.EIO), before=False)
        self.patch.setattr(os, "rename", done_then_lost)

    async def block_next_write(self) -> None:
        self.patch.setattr(os, "replace", _once(os.replace, lambda _: _raise(errno.ENOSPC), before=True))

    async def spoil(self, order: Order) -> tuple[Order, str]:
        return structs.replace(order, number="=" + order.number), "order number"

    async def asked_to_cancel(self, number: str) -> int:
        texts = [path.read_text() for path in self.files("cancels_")]
        return sum(number in text for text in texts)

    async def group_sizes(self) -> Sequence[int]:
        return [len(orders) for orders in self.order_files()]

    def files(self, start: str = "o") -> list[Path]:
        """The files delivered to the warehouse."""
        return sorted(path for path in (self.root / "in").iterdir() if path.name.startswith(start))

    def order_files(self) -> Iterator[dict[str, Kept]]:
        """What each order file says, read as the warehouse would."""
        for path in self.files():
            if path.suffix == ".json":
                yield _from_json(path)
            elif path.name.startswith("ord_"):
                yield _from_picks(path)
            else:
                yield _from_rows(path)


def _rows(number: str, one: Packed) -> list[list[str]]:
    start = [number, one.tracking_number, "USPS", "2026-11-23T09:30:00-08:00"]
    end = ["yes" if one.voided else "no", "yes" if one.closes else "no"]
    if one.lines is None:
        return [[*start, "", "", *end]]
    return [[*start, sku, str(quantity), *end] for sku, quantity in one.lines.items()]


def _from_rows(path: Path) -> dict[str, Kept]:
    orders: dict[str, Kept] = {}
    for row in csv.DictReader(io.StringIO(path.read_text("utf-8"))):
        lines = dict(orders[row["order_number"]].lines) if row["order_number"] in orders else {}
        lines[row["sku"]] = int(row["quantity"])
        orders[row["order_number"]] = Kept(to=row["to"], lines=lines, gift_message=row["gift_message"])
    return orders


def _from_picks(path: Path) -> dict[str, Kept]:
    orders: dict[str, Kept] = {}
    for row in csv.reader(io.StringIO(path.read_text("utf-8"))):
        if row[0] == "PH":
            orders[row[1]] = Kept(to=row[4], lines={}, gift_message=row[25])
        else:
            kept = orders[row[1]]
            orders[row[1]] = replace(kept, lines={**kept.lines, row[3]: int(row[4])})
    return orders


def _from_json(path: Path) -> dict[str, Kept]:
    return {
        order["order_number"]: Kept(
            to=order["ship_to"]["to"],
            lines={line["sku"]: line["quantity"] for line in order["lines"]},
            gift_message=order["gift_message"],
        )
        for order in json.loads(path.read_text("utf-8"))["orders"]
    }


def _once(real: Callable[..., Any], fail: Callable[[Any], None], *, before: bool) -> Callable[..., Any]:
    struck: list[bool] = []

    def stand_in(*args: Any, **options: Any) -> Any:
        if struck:
            return real(*args, **options)
        struck.append(True)
        if before:
            fail(None)
        result = real(*args, **options)
        fail(result)
        return result

    return stand_in


def _raise(code: int) -> None:
    raise OSError(code, os.strerror(code))
