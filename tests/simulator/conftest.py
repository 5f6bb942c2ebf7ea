"""One simulator over real HTTP for all tests of this room; each test gets it with a fresh world."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from cratejoy_tui.simulator.scenarios import build
from cratejoy_tui.simulator.server import Served, serving
from cratejoy_tui.simulator.world import World

Builder = Callable[..., World]


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Served]]:
    world = World(tmp_path_factory.mktemp("world") / "world.db")
    build(world, "calm-day", boxes=0)
    with serving(world) as served:
        yield world, served
    world.close()


@pytest.fixture
def world(running: tuple[World, Served]) -> World:
    """The cases and nobody else, on the first morning."""
    fresh, _ = running
    fresh.wipe()
    build(fresh, "calm-day", boxes=0)
    return fresh


@pytest.fixture
def served(running: tuple[World, Served], world: World) -> Served:
    return running[1]


@pytest.fixture
def store(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, auth=(served.client_id, served.client_secret), trust_env=False) as client:
        yield client


@pytest.fixture
def floor(served: Served) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {served.warehouse_token}"}
    with httpx.Client(base_url=served.warehouse_url, headers=headers, trust_env=False) as client:
        yield client


@pytest.fixture
def small() -> Iterator[Builder]:
    """Worlds in memory, for tests that need no network."""
    made: list[World] = []

    def make(scenario: str = "calm-day", *, path: Path | str = ":memory:", **more: Any) -> World:
        made.append(World(path))
        build(made[-1], scenario, **{"boxes": 0, **more})
        return made[-1]

    yield make
    for one in made:
        one.close()


def an_order(number: str, *skus: str, **more: Any) -> dict[str, Any]:
    """An order as our client sends it."""
    lines = [{"sku": sku, "quantity": 1, "title": sku} for sku in skus or ("MUG-GRN",)]
    plain = {"ship_code": "ORDER", "requested_ship_date": None, "gift_message": "", "ship_to": {"to": "Dana"}}
    return {"order_number": number, **plain, "lines": lines, **more}


def ids(answer: httpx.Response) -> list[int]:
    """The ids on a page that was answered well."""
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["results"]]
