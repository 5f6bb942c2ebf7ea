"""Somebody on the other side of a shared folder: takes order files in, and lays ship-confirm files out."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.crash.simulator import Simulator


@dataclass(frozen=True)
class SharedFolder:
    """The folder, and the simulated warehouse that stands behind it; what was taken lies in `taken`."""

    root: Path
    simulator: Simulator

    @property
    def taken(self) -> list[str]:
        """The names of all files that were taken in."""
        return sorted(path.name for path in self._taken.glob("*"))

    @property
    def _taken(self) -> Path:
        return self.root.with_name("taken")

    def names(self, kind: str) -> list[str]:
        """What lies in `in`, `out` ..."""
        return sorted(path.name for path in (self.root / kind).iterdir())

    def take_files(self) -> None:
        """Take the order and cancel files away and do what they say; a number twice is an order twice."""
        self.simulator.act("knobs", delivery="look-up")  # nothing there refuses a second one
        self._taken.mkdir(exist_ok=True)
        for path in sorted((self.root / "in").glob("*.csv")):
            rows = list(csv.DictReader(path.read_text().splitlines()))
            numbers = list(dict.fromkeys(row["order_number"] for row in rows))
            if path.name.startswith("cancels_"):
                for number in numbers:
                    self.simulator.floor("POST", f"orders/{number}/cancel", json={"reason": "by file"})
            else:
                self.simulator.floor("POST", "orders", json={"orders": [_order(number, rows) for number in numbers]})
            assert not (self._taken / path.name).exists(), f"{path.name} came twice"
            path.rename(self._taken / path.name)

    def drop_ship_confirms(self, *, untouched_since: datetime) -> None:
        """One file with every parcel that left."""
        columns = ("order_number", "reference", "carrier_name", "tracking_number", "shipped_at")
        headings = ("order number", "parcel", "carrier", "tracking number", "shipped at")
        parcels = self.simulator.floor("GET", "shipments", params={"since": "2000-01-01T00:00:00Z"})["parcels"]
        path = self.root / "out" / "shipped.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([headings, *([parcel[name] for name in columns] for parcel in parcels)])
        os.utime(path, (untouched_since.timestamp(), untouched_since.timestamp()))


def _order(number: str, rows: Sequence[Mapping[str, str]]) -> dict[str, object]:
    mine = [row for row in rows if row["order_number"] == number]
    lines = [{"sku": row["sku"], "quantity": int(row["quantity"]), "title": row["sku"]} for row in mine]
    return {"order_number": number, "lines": lines, "ship_to": {"to": mine[0].get("to", "")}}
