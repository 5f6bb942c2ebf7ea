"""What a push of 1,000 orders costs in requests, first look included. The README's table has these figures."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
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
    usual = {"orders_per_file": 50}
    roots = [tmp_path / "folder", tmp_path / "sftp"]
    for root in roots:
        root.mkdir()
    folder = FolderRig(root=roots[0], patch=monkeypatch, settings=usual)
    async with sftp_rig.rigged(roots[1], monkeypatch, settings=usual) as sftp:
        for name, rig in (("folder", folder), ("sftp", sftp)):
            cost = await requests_to_push(await rig.connect(), rig)
            assert cost.requests == cost.writes == REQUESTS[name] == len(await rig.group_sizes())


def test_every_warehouse_of_ours_is_measured() -> None:
    assert {*WIRES, "folder", "sftp"} == set(REQUESTS) == set(warehouses.BUILT_IN)
