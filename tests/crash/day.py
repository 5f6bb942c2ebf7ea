"""One store's day at a simulator in a process of its own, worked at by real runs of the program."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx

from cratejoy_tui import settings, wiring
from cratejoy_tui.clock import SystemClock
from cratejoy_tui.sync.domain.record import Operation
from cratejoy_tui.sync.domain.stage import Stage, State
from cratejoy_tui.sync.flows.adopt import adopt
from cratejoy_tui.sync.flows.desk import Desk
from cratejoy_tui.sync.flows.people import settle_as
from tests.crash import launcher
from tests.crash.simulated import PLAIN

ROOT = Path(__file__).parents[2]
STORE = "main"
QUIET_SECONDS = 200
"""Of the simulated warehouse; longer than any late commit here."""
HOUR = 3600
KILLED = -signal.SIGKILL
WAIT_SECONDS = 60
IN_DOUBT = frozenset({State.SENDING, State.UNKNOWN, State.REVIEW})

CONFIG = """
ledger = "{ledger}"
[stores.main]
api-url = "{api_url}"
requests-per-second = 50
[stores.main.rules]
confirm-delay-minutes = 0
[stores.main.warehouse]
{warehouse}
"""


@dataclass(frozen=True)
class Ended:
    """How one run ended."""

    code: int
    out: str
    err: str

    @property
    def summary(self) -> dict[str, Any]:
        """The last JSON line of an `--auto`."""
        return next(one for one in map(json.loads, reversed(self.out.splitlines())) if one["type"] == "summary")


class Simulator:
    """The simulated store and warehouse, in their own process."""

    def __init__(self, folder: Path, scenario: str, boxes: int) -> None:
        command = [sys.executable, "-m", "tests.crash.simulated", str(folder / "world.sqlite"), scenario, str(boxes)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        told = " ".join(self.process.stdout.readline() for _ in range(4))
        self.told = dict(part.split("=", 1) for part in told.split())
        self.url = self.told["url"]
        self._http = httpx.Client(base_url=f"{self.url}/control", timeout=WAIT_SECONDS, trust_env=False)

    def ask(self, name: str) -> Any:
        """One of the simulator's views."""
        return self._http.get(f"/{name}").raise_for_status().json()

    def act(self, name: str, **what: Any) -> Any:
        """Let something happen in the world."""
        return self._http.post(f"/{name}", json=what).raise_for_status().json()

    def stop(self) -> None:
        self._http.close()
        self.process.terminate()
        self.process.wait(WAIT_SECONDS)
        assert self.process.stdout is not None
        self.process.stdout.close()


@dataclass
class Day:
    """A store, its simulator, its ledger and the runs of the program on them."""

    folder: Path
    simulator: Simulator
    kind: str = "simulated"
    delivery: str = "unique"
    ahead: timedelta = timedelta(0)
    running: list[subprocess.Popen[str]] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    """Order files the folder's warehouse has taken in."""

    @property
    def ledger(self) -> Path:
        return self.folder / "data" / "ledger.sqlite"

    @property
    def root(self) -> Path:
        """The folder shared with the warehouse."""
        return self.folder / "shared"

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def pass_time(self, seconds: float) -> None:
        """Let time pass, for the program and in the world."""
        self.ahead += timedelta(seconds=seconds)
        self._keep_pace()

    def _keep_pace(self) -> None:
        behind = (self.now() - datetime.fromisoformat(self.simulator.ask("clock")["now"])).total_seconds()
        if behind > 0:
            self.simulator.act("advance", seconds=behind)

    # runs of the program

    def auto(self, *arguments: str, **misfortunes: object) -> Ended:
        """One `--auto`, to its end, whatever that is."""
        return self.run("--auto", "--json", *arguments, **misfortunes)

    def auto_until_all_is_done(self) -> None:
        """Run once an hour until a run writes nothing; a store that does not come to rest fails the test."""
        for _ in range(5):
            run = self.auto()
            assert run.code in (0, 1), run
            if not run.summary["writes"]:
                return
            self.pass_time(HOUR)
        raise AssertionError("there is always something left to write")

    def run(self, *arguments: str, **misfortunes: object) -> Ended:
        return ended(self.start(*arguments, **misfortunes))

    def start(self, *arguments: str, **misfortunes: object) -> subprocess.Popen[str]:
        """Start the program; `misfortunes` are the launcher's variables in short: `die_at="push/A1"`."""
        self._keep_pace()
        told = {f"CRASH_{name.upper()}": str(value) for name, value in misfortunes.items() if value is not None}
        told.setdefault(launcher.AHEAD, str(self.ahead.total_seconds()))
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.launcher", *arguments],
            cwd=ROOT,
            env=self._environment() | told,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.running.append(process)
        return process

    def wait_until(self, happened: Callable[[], object]) -> None:
        """Look again and again until it has happened; a test that waits in vain fails."""
        give_up_at = time.monotonic() + WAIT_SECONDS
        while not happened():
            assert time.monotonic() < give_up_at, "it never happened"
            time.sleep(0.02)

    def wait_until_stopped(self, process: subprocess.Popen[str]) -> None:
        """A run that lies down at its point."""
        self.wait_until(lambda: Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T")

    def _environment(self) -> dict[str, str]:
        keep = {name: os.environ[name] for name in ("PATH", "LANG", "COVERAGE_PROCESS_START") if name in os.environ}
        places = {f"XDG_{name}_HOME": str(self.folder / name.lower()) for name in ("DATA", "CONFIG", "STATE", "CACHE")}
        return keep | places | self._keys() | {"HOME": str(self.folder), "CRATEJOY_TUI_CONFIG": str(self._config())}

    def _keys(self) -> dict[str, str]:
        told = self.simulator.told
        keys = {"client_id": told["client_id"], "client_secret": told["client_secret"]}
        return {
            f"CRATEJOY_TUI_MAIN_{name.upper()}": key
            for name, key in (keys | {"token": told["warehouse_token"]}).items()
        }

    def _config(self) -> Path:
        warehouse: dict[str, object] = {"kind": self.kind}
        if self.kind == "folder":
            warehouse["root"] = str(self.root)
        else:
            url = self.simulator.told["warehouse_url"]
            warehouse |= {"url": url, "delivery": self.delivery, "quiet-seconds": QUIET_SECONDS}
        lines = "\n".join(f"{name} = {json.dumps(value)}" for name, value in warehouse.items())
        path = self.folder / "config.toml"
        path.write_text(CONFIG.format(ledger=self.ledger, api_url=self.simulator.url, warehouse=lines))
        return path

    def close(self) -> None:
        for process in self.running:
            if process.poll() is None:
                process.kill()
            process.communicate()
        self.simulator.stop()

    # a person at the same ledger

    @asynccontextmanager
    async def desk(self) -> AsyncIterator[Desk]:
        """The store's desk in this process, as a person's program has it."""
        with self._as_here():
            manner = wiring.Manner(label="person", operator="Pat")
            async with wiring.live_desk(settings.load(self._config()), STORE, manner) as desk:
                yield desk

    @contextmanager
    def _as_here(self) -> Iterator[None]:
        self._keep_pace()
        with patch.dict(os.environ, self._keys()), patch.object(SystemClock, "now", lambda _: self.now()):
            yield

    async def adopt_none(self) -> None:
        """Say that the warehouse has nothing."""
        if self.kind == "folder":
            self.root.mkdir(exist_ok=True)
        async with self.desk() as desk:
            await adopt(desk, None)

    async def settle_by_hand(self) -> list[str]:
        """For each push nobody can look up: a person looks at the warehouse and says what is there."""
        received = self.record["received"]
        async with self.desk() as desk:
            doubtful = [one for one in await operations(desk) if one.state is State.REVIEW]
            for one in doubtful:
                await settle_as(desk, one.shipment_id, sent=one.number in received, reason="looked there")
        return [one.number for one in doubtful]

    async def stages(self) -> dict[str, Stage]:
        """Where every box of the ledger stands."""
        async with self.desk() as desk:
            return {id_: stored.stage for id_, stored in (await everything(desk)).items()}

    # the world

    @property
    def record(self) -> Mapping[str, Any]:
        return self.simulator.ask("record")  # type: ignore[no-any-return]

    @property
    def verdict(self) -> Mapping[str, Any]:
        return self.simulator.ask("verdict")  # type: ignore[no-any-return]

    def turn(self, *faults: Mapping[str, object], **knobs: object) -> None:
        """Set the world's knobs; the faults replace those before."""
        self.simulator.act("knobs", faults=list(faults), **knobs)

    def ship_all(self) -> None:
        """Let every order at the warehouse leave."""
        for number in self.record["received"]:
            self.simulator.act("ship-now", order_number=number)
        if self.kind == "folder":
            self._drop_ship_confirms()

    # the warehouse on the other side of a folder

    def take_files(self) -> None:
        """Take the order and cancel files away and do what they say; a number twice is an order twice."""
        self.simulator.act("knobs", delivery="look-up")  # nothing there refuses a second one
        for path in sorted((self.root / "in").glob("*.csv")):
            rows = list(csv.DictReader(path.read_text().splitlines()))
            numbers = list(dict.fromkeys(row["order_number"] for row in rows))
            if path.name.startswith("cancels_"):
                self._on_the_floor([f"/{number}/cancel" for number in numbers], {"reason": "by file"})
            else:
                self._on_the_floor([""], {"orders": [_order(number, rows) for number in numbers]})
            self.taken.append(path.name)
            path.unlink()

    def _on_the_floor(self, paths: Sequence[str], body: Mapping[str, object]) -> None:
        for path in paths:
            self._floor("POST", f"orders{path}", json=body)

    def _floor(self, method: str, path: str, **what: Any) -> Any:
        """The simulated warehouse's own side of the wire."""
        told = self.simulator.told
        headers = {"Authorization": f"Bearer {told['warehouse_token']}"}
        url = f"{told['warehouse_url']}/api/{path}"
        return httpx.request(method, url, headers=headers, trust_env=False, **what).raise_for_status().json()

    def _drop_ship_confirms(self) -> None:
        """One file with every parcel that left, untouched for ten minutes."""
        columns = ("order_number", "reference", "carrier_name", "tracking_number", "shipped_at")
        headings = ("order number", "parcel", "carrier", "tracking number", "shipped at")
        parcels = self._floor("GET", "shipments", params={"since": "2000-01-01T00:00:00Z"})["parcels"]
        path = self.root / "out" / "shipped.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([headings, *([parcel[name] for name in columns] for parcel in parcels)])
        still = (self.now() - timedelta(minutes=10)).timestamp()
        os.utime(path, (still, still))


def ended(process: subprocess.Popen[str]) -> Ended:
    """Wait for a run and give how it ended."""
    out, err = process.communicate(timeout=WAIT_SECONDS)
    return Ended(process.returncode, out, err)


def _order(number: str, rows: Sequence[Mapping[str, str]]) -> dict[str, object]:
    mine = [row for row in rows if row["order_number"] == number]
    lines = [{"sku": row["sku"], "quantity": int(row["quantity"]), "title": row["sku"]} for row in mine]
    return {"order_number": number, "lines": lines, "ship_to": {"to": mine[0].get("to", "")}}


async def everything(desk: Desk) -> dict[str, Any]:
    """Every box in the ledger."""
    return await desk.ledger.shipments.get(await desk.ledger.shipments.ids(list(Stage)))


async def operations(desk: Desk) -> list[Operation]:
    """Every operation in the ledger."""
    return [one for id_ in await everything(desk) for one in await desk.ledger.operations.of(id_)]


async def proven(day: Day) -> None:
    """Assert what must hold however the day went: nothing twice, nothing wrong, nothing lost, nothing in doubt."""
    verdict = day.verdict
    for wrong in ("duplicated_orders", "wrong_confirmations", "double_emails", "unwanted_orders", "lost"):
        assert not verdict[wrong], (wrong, verdict)
    received = day.record["received"]
    async with day.desk() as desk:
        assert (await desk.ledger.audit.verify()).ok
        for one in await operations(desk):
            assert one.state not in IN_DOUBT, one
            if one.kind == "push" and one.state is State.ACCEPTED:
                assert one.number in received, one


@contextmanager
def a_day(
    folder: Path, *, kind: str = "simulated", delivery: str = "unique", scenario: str = PLAIN, boxes: int = 5
) -> Iterator[Day]:
    """A day that ends with the block, its processes with it."""
    simulator = Simulator(folder, scenario, boxes)
    day = Day(folder, simulator, kind=kind, delivery=delivery)
    try:
        began = datetime.fromisoformat(simulator.ask("clock")["now"])
        day.ahead = began - datetime.now(UTC)
        if kind == "simulated":
            day.turn(delivery=delivery)
        yield day
    finally:
        day.close()
