"""The simulated world: one SQLite file that outlives every process using it.

What a request changes is committed before its answer leaves, so a killed process loses nothing it was told, and
several processes may use one world. Time is the world's own: it stands still until somebody advances it, or runs with
the real clock.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from cratejoy_tui.simulator.knobs import Knobs
from cratejoy_tui.simulator.worldfile import WorldFile

ZONE = ZoneInfo("America/Los_Angeles")
DEFAULT_START = datetime(2026, 11, 23, 8, 0, tzinfo=ZONE).astimezone(UTC)
DAY_HOURS = 12
"""A world's day lasts from 08:00 to 20:00 of the store."""

Handler = Callable[["World", Any], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The made-up keys of a world; they follow from its seed and open nothing else."""

    client_id: str
    client_secret: str
    warehouse_token: str


def to_ms(at: datetime) -> int:
    """Whole milliseconds since 1970."""
    return round(at.timestamp() * 1000)


def from_ms(ms: int) -> datetime:
    """Aware UTC."""
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=ms)


class World(WorldFile):
    """One store and one warehouse with everything that ever happened in them."""

    def __init__(self, path: Path | str = ":memory:", *, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self._knobs_text = ""
        self._knobs = Knobs()
        self.lists: OrderedDict[tuple[object, ...], list[int]] = OrderedDict()
        """Ids that recent listings found, kept while nothing changes."""
        self.served: Counter[str] = Counter()
        """Requests this process answered, by app."""
        super().__init__(path)

    def case(self, name: str) -> int:
        """The shipment that a scenario made for this case."""
        with self._lock:
            row = self.db.execute("SELECT id FROM shipments WHERE case_name=? ORDER BY id LIMIT 1", (name,)).fetchone()
        if row is None:
            raise KeyError(f"no case {name!r} in this world")
        return int(row[0])

    @property
    def seed(self) -> int:
        """The same seed and the same requests make the same world."""
        return int(self.fact("seed", "1"))

    @property
    def scenario(self) -> str:
        """The name of the scenario played, "" in an empty world."""
        return self.fact("scenario")

    def draw(self, *labels: object) -> float:
        """A number in [0, 1) that depends on the seed and these labels only."""
        text = "\0".join(str(label) for label in (self.seed, *labels))
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=7).digest()) / (1 << 56)

    def between(self, low: float, high: float, *labels: object) -> float:
        """A number between two others, drawn as `draw` does."""
        return low + (high - low) * self.draw(*labels)

    @property
    def keys(self) -> Keys:
        """What a client signs in with."""

        def made_up(label: str) -> str:
            return hashlib.blake2b(f"{self.seed}:{label}".encode(), digest_size=12).hexdigest()

        return Keys(
            client_id=f"sim-{made_up('client')}",
            client_secret=f"sim-{made_up('secret')}",
            warehouse_token=f"sim-{made_up('warehouse')}",
        )

    @property
    def knobs(self) -> Knobs:
        """How the world behaves now."""
        text = self.fact("knobs")
        if text and text != self._knobs_text:
            self._knobs, self._knobs_text = Knobs.kept(msgspec.json.decode(text)), text
        return self._knobs if text else Knobs()

    def turn(self, **changes: Any) -> Knobs:
        """Turn some knobs; raises ValueError when one cannot be turned so."""
        with self.change():
            before = self.knobs
            after = before.turned(changes)
            self.remember("knobs", msgspec.json.encode(after).decode())
            if before.faults != after.faults:
                self.db.execute("DELETE FROM counters WHERE name LIKE 'fault %'")
            if _shape(before) != _shape(after):
                from cratejoy_tui.simulator.shop import show_everything

                show_everything(self)
        return after

    # time

    @property
    def now_ms(self) -> int:
        """The world's time."""
        anchor = self.fact("running")
        if not anchor:
            return int(self.fact("now", str(to_ms(DEFAULT_START))))
        wall, world = anchor.split()
        return int(world) + round((self._wall() - float(wall)) * 1000)

    @property
    def now(self) -> datetime:
        """The world's time, aware UTC."""
        return from_ms(self.now_ms)

    def run_with_wall_clock(self) -> None:
        """Let time run by itself from here on."""
        self.remember("running", f"{self._wall()!r} {self.now_ms}")

    def schedule(self, at_ms: int, kind: str, /, **payload: Any) -> None:
        """Let something happen later."""
        with self.change():
            self.db.execute(
                "INSERT INTO events (at_ms, kind, payload) VALUES (?, ?, ?)",
                (at_ms, kind, msgspec.json.encode(payload)),
            )

    def advance(self, seconds: float) -> None:
        """Let time pass; everything due happens in its order."""
        self.advance_to(self.now_ms + round(seconds * 1000))

    def advance_to(self, target_ms: int) -> None:
        """Let time pass up to an instant. Earlier than now: only what is due happens."""
        with self.change():
            target, running = max(target_ms, self.now_ms), self.fact("running")
            self.remember("running", "")  # time stands still while things happen
            self._happen(target)
            self.remember("now", target)
            if running:
                self.run_with_wall_clock()

    def catch_up(self) -> None:
        """Let happen what is due by now; costs one look when nothing is."""
        if not self.fact("running"):
            return
        end = self.fact("day_end")
        if end and self.now_ms >= int(end) + (24 - DAY_HOURS) * 3_600_000:
            self.next_day()
        elif self._next_due(self.now_ms):
            self.advance_to(0)

    def _next_due(self, until_ms: int) -> tuple[int, int, str, bytes] | None:
        end = self.fact("day_end")
        until = min(until_ms, int(end)) if end else until_ms
        with self._lock:
            row: tuple[int, int, str, bytes] | None = self.db.execute(
                "SELECT seq, at_ms, kind, payload FROM events WHERE at_ms <= ? ORDER BY at_ms, seq LIMIT 1", (until,)
            ).fetchone()
        return row

    def _happen(self, until_ms: int) -> None:
        from cratejoy_tui.simulator.happenings import HAPPENINGS

        while due := self._next_due(until_ms):
            seq, at_ms, kind, payload = due
            self.db.execute("DELETE FROM events WHERE seq=?", (seq,))
            self.remember("now", max(at_ms, self.now_ms))
            HAPPENINGS[kind](self, msgspec.json.decode(payload))

    @property
    def ended(self) -> bool:
        """Is the day over? Nothing happens by itself any more until the next day is begun."""
        end = self.fact("day_end")
        return bool(end) and self.now_ms >= int(end)

    @property
    def day(self) -> int:
        """Which day is played; the first is 1, an empty world has 0."""
        return int(self.fact("day", "0"))

    def next_day(self) -> None:
        """Begin the next day: 08:00 in the store, with what the scenario brings."""
        from cratejoy_tui.simulator.scenarios import begin_day

        with self.change():
            begin_day(self, self.day + 1)

    def reset(self) -> None:
        """Begin the same scenario anew, as if nothing had happened."""
        from cratejoy_tui.simulator.scenarios import build

        with self.change():
            name, seed, boxes = self.scenario, self.seed, self.fact("boxes")
            running = bool(self.fact("running"))
            start = self.now if running else from_ms(int(self.fact("start", "0")))
            self.wipe()
            build(self, name, seed=seed, start=start, boxes=int(boxes) if boxes else None)
            if running:
                self.run_with_wall_clock()


def _shape(knobs: Knobs) -> tuple[object, ...]:
    """What of the knobs decides how a shipment is shown."""
    lines = (knobs.minimal_rows, knobs.batch_absent, knobs.quantity_field)
    return (*lines, knobs.date_style, knobs.relations_as_url, knobs.batch_key_v1)
