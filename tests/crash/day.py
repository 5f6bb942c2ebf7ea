"""One store's day at a simulator in a process of its own, worked at by real runs of the program."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from cratejoy_tui import settings, wiring
from cratejoy_tui.clock import SystemClock
from cratejoy_tui.sync.domain.record import Operation
from cratejoy_tui.sync.domain.stage import Stage, State
from cratejoy_tui.sync.flows.adopt import adopt
from cratejoy_tui.sync.flows.desk import Desk
from cratejoy_tui.sync.flows.people import settle_as
from tests.crash import launcher
from tests.crash.shared_folder import SharedFolder
from tests.crash.simulated import PLAIN
from tests.crash.simulator import ROOT, WAIT_SECONDS, Simulator

STORE = "main"
QUIET_SECONDS = 200
"""Of the simulated warehouse; longer than any late commit here."""
HOUR = 3600
KILLED = -signal.SIGKILL
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


@dataclass
class Day:
    """A store, its simulator, its ledger and the runs of the program on them."""

    folder: Path
    simulator: Simulator
    kind: str = "simulated"
    delivery: str = "unique"
    ahead: timedelta = timedelta(0)
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def ledger(self) -> Path:
        return self.folder / "data" / "ledger.sqlite"

    @property
    def shared(self) -> SharedFolder:
        """The folder shared with a warehouse that takes files."""
        return SharedFolder(self.folder / "shared", self.simulator)

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
        told.setdefault(launcher.PASSED, str(self.ahead.total_seconds()))
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
            warehouse["root"] = str(self.shared.root)
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
            self.shared.root.mkdir(exist_ok=True)
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
            self.shared.drop_ship_confirms(untouched_since=self.now() - timedelta(minutes=10))


def ended(process: subprocess.Popen[str]) -> Ended:
    """Wait for a run and give how it ended."""
    out, err = process.communicate(timeout=WAIT_SECONDS)
    return Ended(process.returncode, out, err)


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
