"""Reaching a simulated system without a network: an httpx transport that calls the app in this process.

Drops and delays become the errors that httpx raises for real ones. Waiting moves the world's clock instead of sleeping.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import httpx

from cratejoy_tui.simulator.faults import WAIT, App, ConnectionDropped, Message

if TYPE_CHECKING:
    from cratejoy_tui.simulator.world import World


class WorldTransport(httpx.AsyncBaseTransport):
    """Carries requests to one app of a world."""

    def __init__(self, app: App, world: World) -> None:
        self._app = app
        self._world = world

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request; raises the errors of httpx for what goes wrong on the way."""
        call = _Call(self._app, self._world, request, await request.aread())
        start = await call.next()
        return httpx.Response(start["status"], headers=start["headers"], stream=call, request=request)


class _Call(httpx.AsyncByteStream):
    """One request under way, and the body of its answer."""

    def __init__(self, app: App, world: World, request: httpx.Request, body: bytes) -> None:
        self._world = world
        self._request = request
        self._asked: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
        self._told: asyncio.Queue[Message | Exception] = asyncio.Queue(maxsize=8)
        self._closed = asyncio.Event()
        self._task = asyncio.ensure_future(self._run(app))

    async def _run(self, app: App) -> None:
        end: Exception = httpx.ReadError("simulated: the app ended without an answer", request=self._request)
        try:
            await app(self._scope(), self._receive, self._told.put)
        except ConnectionDropped as drop:
            kind = httpx.ReadError if drop.connected else httpx.ConnectError
            end = kind("simulated: connection lost", request=self._request)
        except Exception as problem:  # whatever ends the app must end the waiting client, too
            end = problem
        await self._told.put(end)

    def _scope(self) -> Message:
        url = self._request.url
        raw_path, _, query = url.raw_path.partition(b"?")
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": self._request.method,
            "headers": [(name.lower(), value) for name, value in self._request.headers.raw],
            "scheme": url.scheme,
            "path": url.path,
            "raw_path": raw_path,
            "query_string": query,
            "root_path": "",
            "server": (url.host, url.port),
            "client": ("127.0.0.1", 0),
            "extensions": {WAIT: self._wait},
        }

    async def _receive(self) -> Message:
        if self._asked:
            return self._asked.pop()
        await self._closed.wait()
        return {"type": "http.disconnect"}

    async def _wait(self, seconds: float) -> None:
        """The client waits so long, or gives up when its patience ends."""
        patience = self._request.extensions.get("timeout", {}).get("read")
        if patience is None or seconds <= patience:
            self._world.advance(seconds)
            return
        self._world.advance(patience)
        raise httpx.ReadTimeout("simulated: no answer in time", request=self._request)

    async def next(self) -> Message:
        """What the app sends next; raises what ended it instead."""
        try:
            message = await self._told.get()
        except asyncio.CancelledError:
            self._task.cancel()
            raise
        if isinstance(message, Exception):
            raise message
        return message

    async def __aiter__(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            message = await self.next()
            yield message.get("body", b"")
            more = message.get("more_body", False)

    async def aclose(self) -> None:
        """The client is done with the answer."""
        self._closed.set()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


def transports(world: World) -> dict[str, httpx.AsyncBaseTransport]:
    """A transport for each of the two systems of a world: `cratejoy` and `warehouse`."""
    from cratejoy_tui.simulator.cratejoy_app import cratejoy_app
    from cratejoy_tui.simulator.warehouse_app import warehouse_app

    apps = {"cratejoy": cratejoy_app(world), "warehouse": warehouse_app(world)}
    return {name: WorldTransport(app, world) for name, app in apps.items()}
