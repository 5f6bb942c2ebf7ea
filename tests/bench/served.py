"""A simulated store in a process of its own, with as many boxes as a bench wants; built once and kept."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile

from cratejoy_tui.simulator.knobs import Fault
from cratejoy_tui.simulator.scenarios import demo_world
from cratejoy_tui.simulator.world import World

SERVE = (
    "import sys; from cratejoy_tui.simulator.server import serve; serve(0, world_path=sys.argv[1], standing_still=True)"
)


@dataclass(frozen=True, slots=True)
class Shop:
    """How to reach the simulated store and warehouse."""

    url: str
    warehouse_url: str
    client_id: str
    client_secret: str
    warehouse_token: str
    world: Path


@contextmanager
def shop_with(boxes: int, answers_after: float = 0.0) -> Iterator[Shop]:
    """Serve a fresh copy of a store with so many open boxes while the block runs; each answer takes so many seconds."""
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder) / "world.sqlite"
        copyfile(_built(boxes), world)
        if answers_after:
            _slow_down(world, answers_after)
        command = [sys.executable, "-c", SERVE, str(world)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            try:
                yield _shop(server, world)
            finally:
                server.terminate()


def _shop(server: subprocess.Popen[str], world: Path) -> Shop:
    assert server.stdout is not None
    told: dict[str, str] = {}
    while "warehouse_token" not in told:
        line = server.stdout.readline()
        if not line:
            raise RuntimeError("the simulator did not start")
        told |= dict(word.split("=", 1) for word in line.split() if "=" in word)
    return Shop(
        told["url"],
        told["warehouse_url"],
        told["client_id"],
        told["client_secret"],
        told["warehouse_token"],
        world,
    )


def _slow_down(path: Path, seconds: float) -> None:
    world = World(path)
    world.turn(faults=[Fault(kind="slow", seconds=seconds)])
    world.close()


def _built(boxes: int) -> Path:
    path = Path(tempfile.gettempdir()) / f"cratejoy-tui-bench-{boxes}.sqlite"
    if not path.exists():
        building = path.with_suffix(".building")
        building.unlink(missing_ok=True)
        world: World = demo_world(building, "billing-day", boxes=boxes)
        world.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        world.close()
        building.rename(path)
    return path
