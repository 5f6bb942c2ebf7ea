"""What a push of 1,000 orders costs in requests, first look included. The README's table has these figures."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from cratejoy_tui.warehouses.contract_powers import requests_to_push
from tests.warehouses import extensiv_rig, shipstation_rig

Rigged = Callable[[], AbstractAsyncContextManager[Any]]


@pytest.mark.parametrize(
    ("rigged", "requests", "writes"),
    [
        # Each hundred: one look, one push.
        (shipstation_rig.rigged, 20, 10),
        # One sign-in; each hundred: one look, one push, one look at what became of it.
        (extensiv_rig.rigged, 31, 10),
        # One sign-in; each fifty: one look; each order: one push.
        (lambda: extensiv_rig.rigged(imports=False), 1021, 1000),
    ],
    ids=["shipstation", "extensiv", "extensiv one by one"],
)
async def test_a_thousand_orders_cost_so_many_requests(rigged: Rigged, requests: int, writes: int) -> None:
    async with rigged() as rig:
        cost = await requests_to_push(await rig.connect(), rig)
        assert (cost.requests, cost.writes) == (requests, writes)
