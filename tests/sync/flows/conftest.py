"""The desk the tests of flows work at."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.sync.flows.rig import Rig

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
