"""The desk the tests of flows work at."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from cratejoy_tui.sync.ports import DeliveryClass
from tests.sync.flows.rig import Rig
from tests.sync.flows.shop import Shop, shop_at

MakeRig = Callable[..., Awaitable[Rig]]


@pytest.fixture
async def make_rig(tmp_path: Path) -> AsyncIterator[MakeRig]:
    """Make a rig with these shipments in Cratejoy; its ledger is closed after the test."""
    made: list[Rig] = []

    async def make(*shipments: object, **capabilities: object) -> Rig:
        made.append(await Rig.make(tmp_path / str(len(made)), *shipments, **capabilities))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for rig in made:
        await rig.ledger.close()


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """An empty store, and a warehouse that refuses a number it has."""
    async with shop_at(tmp_path) as opened:
        yield opened


@pytest.fixture
async def careful_shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """The same with a warehouse that would take a number twice, but can be asked for it."""
    async with shop_at(tmp_path, delivery=DeliveryClass.LOOK_UP) as opened:
        yield opened
