"""The simulator as a real server on this machine, for our own client and for other people's."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from cratejoy_tui.errors import SetupError
from cratejoy_tui.simulator.cratejoy_app import cratejoy_app
from cratejoy_tui.simulator.faults import App, ConnectionDropped, Message, Receive, Send
from cratejoy_tui.simulator.scenarios import demo_world
from cratejoy_tui.simulator.warehouse_app import warehouse_app
from cratejoy_tui.simulator.world import Keys, World

if TYPE_CHECKING:
    from asyncio import Transport

HOST = "127.0.0.1"
WAREHOUSE = "/warehouse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served(Keys):
    """Where a running simulator is reached, and with which made-up keys."""

    url: str
    warehouse_url: str

    def lines(self) -> str:
        """What `cratejoy-tui simulate` prints."""
        return (
            f"client_id={self.client_id} client_secret={self.client_secret}\n"
            f"url={self.url}\nwarehouse_url={self.warehouse_url}\nwarehouse_token={self.warehouse_token}\n"
        )


class CuttableProtocol(H11Protocol):
    """A connection that the simulator can cut off in the middle of a request."""

    open: ClassVar[dict[tuple[str, int], Transport]] = {}

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override] # uvicorn is always given one
        super().connection_made(transport)
        if self.client:
            self.open[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self.client:
            self.open.pop(self.client, None)
        super().connection_lost(exc)


def both_systems(world: World) -> App:
    """The store at `/` and the warehouse under `/warehouse/`; a dropped connection is a really closed socket."""
    store, warehouse = cratejoy_app(world), warehouse_app(world)

    async def guarded(scope: Message, receive: Receive, send: Send) -> None:
        in_warehouse = scope["path"].startswith(WAREHOUSE + "/")
        path = scope["path"].removeprefix(WAREHOUSE if in_warehouse else "")
        try:
            await (warehouse if in_warehouse else store)({**scope, "path": path, "root_path": ""}, receive, send)
        except ConnectionDropped:
            transport = CuttableProtocol.open.get(tuple(scope["client"]))
            if transport is not None:
                transport.abort()
            while (await receive())["type"] != "http.disconnect":
                pass

    return guarded


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as problem:
        listener.close()
        raise SetupError(
            f"The simulator cannot listen on port {port}: {problem.strerror}.", next_step="Choose another --port."
        ) from problem
    listener.listen(128)
    return listener


def _server(world: World) -> uvicorn.Server:
    config = uvicorn.Config(
        both_systems(world),
        http=CuttableProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)


def _served(world: World, listener: socket.socket) -> Served:
    url = f"http://{HOST}:{listener.getsockname()[1]}"
    return Served(url=url, warehouse_url=url + WAREHOUSE, **asdict(world.keys))


def serve(
    port: int = 0,
    scenario: str = "calm-day",
    world_path: Path | str = ":memory:",
    *,
    seed: int = 1,
    standing_still: bool = False,
    boxes: int | None = None,
) -> None:
    """Serve until interrupted. The world's time is the real time unless it is `standing_still`.

    Prints how to reach it and flushes before the first request is answered.
    """
    start = None if standing_still else datetime.now(UTC)
    world = demo_world(world_path, scenario, seed=seed, start=start, boxes=boxes)
    try:
        listener = _listen(port)
        if not standing_still:
            world.run_with_wall_clock()
        sys.stdout.write(_served(world, listener).lines())
        sys.stdout.flush()
        _server(world).run(sockets=[listener])
    finally:
        world.close()


@contextmanager
def serving(world: World) -> Iterator[Served]:
    """Serve a world from a thread of this process while the block runs; its time stands still unless told otherwise."""
    listener = _listen(0)
    server = _server(world)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + 30
        while not server.started and thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.005)
        yield _served(world, listener)
    finally:
        server.should_exit = True
        thread.join(timeout=30)
        listener.close()
