"""What a push of 1,000 orders costs in requests, first look included. The README's table has these figures."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from cratejoy_tui import warehouses
from cratejoy_tui.sync.ports import DeliveryClass
from cratejoy_tui.warehouses.contract_powers import requests_to_push
from tests.warehouses import (
    extensiv_rig,
    odoo_rig,
    sftp_rig,
    shiphero_rig,
    shipstation_rig,
    test_simulated,
    tryton_rig,
)
from tests.warehouses.folder_rig import FolderRig
from tests.warehouses.overview import REQUESTS

ADAPTERS = Path(warehouses.__file__).parent
Rigged = Callable[[], AbstractAsyncContextManager[Any]]

WIRES: dict[str, tuple[Rigged, int]] = {
    # One sign-in; each hundred: one look, one push, one look at what became of it.
    "extensiv": (extensiv_rig.rigged, 10),
    # The version; countries and states; each fifty: two looks, products, contacts, orders, confirming, reading back.
    "odoo": (odoo_rig.rigged, 60),
    # One sign-in, the credits; each ten: one look; each order: one push.
    "shiphero": (lambda: shiphero_rig.rigged(credits_a_second=10_000), 1000),
    # Each hundred: one look, one push.
    "shipstation": (shipstation_rig.rigged, 10),
    # Each fifty: one look, one push.
    "simulated": (lambda: test_simulated.rigged(DeliveryClass.UNIQUE), 20),
    # Products, country, state, party; each fifty: two looks, addresses, drafts; each order: quote and confirm.
    "tryton": (tryton_rig.rigged, 2040),
}
"""Name -> its wire, and how many of the requests write."""
FILES = ("folder", "sftp")
USUAL = {"orders_per_file": 50}
ONCE = {"extensiv": 1, "odoo": 3, "shiphero": 2, "tryton": 4}
"""Requests that are made once, not for every thousand."""
LEFT_BEHIND = 32 * 1024
"""Bytes that the last 1,000 orders may leave in use: fewer than a number for each."""
OUR_CODE = [
    tracemalloc.Filter(True, "*/cratejoy_tui/http/*"),
    tracemalloc.Filter(True, "*/cratejoy_tui/sync/domain/*"),
    *(tracemalloc.Filter(True, str(file)) for file in ADAPTERS.glob("*.py") if not file.name.startswith("contract")),
]


@pytest.mark.parametrize("name", WIRES)
async def test_a_thousand_orders_cost_so_many_requests(name: str) -> None:
    rigged, writes = WIRES[name]
    async with rigged() as rig:
        cost = await requests_to_push(await rig.connect(), rig)
        assert (cost.requests, cost.writes) == (REQUESTS[name], writes)


async def test_a_3pl_without_an_import_gets_each_order_by_itself() -> None:
    # One sign-in; each fifty: one look; each order: one push.
    async with extensiv_rig.rigged(imports=False) as rig:
        cost = await requests_to_push(await rig.connect(), rig)
        assert (cost.requests, cost.writes) == (1021, 1000)


async def test_an_older_odoo_costs_a_sign_in_more() -> None:
    async with odoo_rig.rigged(17) as rig:
        cost = await requests_to_push(await rig.connect(), rig)
        assert (cost.requests, cost.writes) == (REQUESTS["odoo"] + 2, 60)


async def test_a_thousand_orders_are_so_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    roots = [tmp_path / "folder", tmp_path / "sftp"]
    for root in roots:
        root.mkdir()
    folder = FolderRig(root=roots[0], patch=monkeypatch, settings=USUAL)
    async with sftp_rig.rigged(roots[1], monkeypatch, settings=USUAL) as sftp:
        for name, rig in (("folder", folder), ("sftp", sftp)):
            cost = await requests_to_push(await rig.connect(), rig)
            assert cost.requests == cost.writes == REQUESTS[name] == len(await rig.group_sizes())


@pytest.mark.slow
@pytest.mark.parametrize("name", [*WIRES, *FILES])
async def test_five_thousand_orders_cost_five_times_that_and_leave_no_memory_behind(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _wire(name, tmp_path, monkeypatch) as rig:
        warehouse = await rig.connect()
        first = await requests_to_push(warehouse, rig)
        more = await requests_to_push(warehouse, rig, 3000, first=4_830_000_000)
        tracemalloc.start()
        try:
            last = await requests_to_push(warehouse, rig, first=4_840_000_000)
            gc.collect()
            left = tracemalloc.take_snapshot().filter_traces(OUR_CODE)
        finally:
            tracemalloc.stop()
        again = REQUESTS[name] - ONCE.get(name, 0)
        assert (first.requests, more.requests, last.requests) == (REQUESTS[name], 3 * again, again)
        assert sum(trace.size for trace in left.traces) < LEFT_BEHIND, left.statistics("lineno")[:5]


def _wire(name: str, root: Path, patch: pytest.MonkeyPatch) -> AbstractAsyncContextManager[Any]:
    if name == "folder":
        return nullcontext(FolderRig(root=root, patch=patch, settings=USUAL))
    return sftp_rig.rigged(root, patch, settings=USUAL) if name == "sftp" else WIRES[name][0]()


def test_every_warehouse_of_ours_is_measured() -> None:
    assert {*WIRES, *FILES} == set(REQUESTS) == set(warehouses.BUILT_IN)
