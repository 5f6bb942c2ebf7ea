"""Both simulated systems behind one address: the store at `/`, the warehouse under `/warehouse/`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cratejoy_tui.simulator.cratejoy_app import cratejoy_app
from cratejoy_tui.simulator.faults import App, Message, Receive, Send
from cratejoy_tui.simulator.warehouse_app import warehouse_app

if TYPE_CHECKING:
    from cratejoy_tui.simulator.world import World

WAREHOUSE = "/warehouse"


def both_apps(world: World) -> App:
    """One ASGI app for both systems."""
    store, warehouse = cratejoy_app(world), warehouse_app(world)

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(WAREHOUSE + "/"):
            inner = {**scope, "path": scope["path"].removeprefix(WAREHOUSE), "root_path": ""}
            await warehouse(inner, receive, send)
        else:
            await store(scope, receive, send)

    return app
