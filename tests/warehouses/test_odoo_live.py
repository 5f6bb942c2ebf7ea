"""Against a live Odoo that holds nothing of worth: pushes one order of a product it already sells, and cancels it.

Name it by ODOO_URL, ODOO_DATABASE and ODOO_KEY, and before Odoo 19 by ODOO_LOGIN, too. ODOO_SKU is the product, TEA-01
unless given; ODOO_COMPANY and ODOO_WAREHOUSE are the numbers of those that sell and send, where there are several.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest

from cratejoy_tui.clock import SystemClock
from cratejoy_tui.secret import Secret
from cratejoy_tui.sync.domain.order import CancelAnswer, OrderLine, OrderState, Receipt
from cratejoy_tui.warehouses.contract_rig import HandOver, an_order
from cratejoy_tui.warehouses.declared import Place
from cratejoy_tui.warehouses.odoo import OdooWarehouse
from tests.warehouses.folder_rig import ZONE

NEEDED = ("ODOO_URL", "ODOO_DATABASE", "ODOO_KEY")
missing = [name for name in NEEDED if not os.environ.get(name)]


@pytest.mark.skipif(bool(missing), reason=f"no live Odoo: set {', '.join(missing)}")
async def test_a_live_odoo_takes_an_order_once_and_cancels_it() -> None:
    url, database, key = (os.environ[name] for name in NEEDED)
    at = Place(store="live", clock=SystemClock(), zone=ZONE, secrets={"key": Secret(key)})
    chosen = {f"{name}_id": int(os.environ.get(f"ODOO_{name.upper()}", "0")) for name in ("company", "warehouse")}
    login = os.environ.get("ODOO_LOGIN", "")
    warehouse = OdooWarehouse.from_settings({"url": url, "database": database, "login": login, **chosen}, at)
    number = f"SUB-{datetime.now(UTC):%Y%m%d%H%M%S}"
    line = OrderLine(sku=os.environ.get("ODOO_SKU", "TEA-01"), quantity=1)
    order = an_order(number, lines=(line,))
    try:
        assert (await warehouse.verify()).detail.startswith("Odoo ")
        [first] = await warehouse.push([order], HandOver(sequence=1))
        assert isinstance(first, Receipt), first
        assert await warehouse.push([order], HandOver(sequence=2)) == [first]
        [found] = (await warehouse.find([number]))[number]
        assert (found.state, found.lines) == (OrderState.OPEN, (OrderLine(sku=line.sku, quantity=1),))
        assert [page async for page in warehouse.shipped_since(datetime.now(UTC))] in ([], [[]])
        for _ in (1, 2):
            assert (await warehouse.cancel(number, "a test", HandOver(sequence=3))).answer is CancelAnswer.CANCELLED
    finally:
        await warehouse.close()
