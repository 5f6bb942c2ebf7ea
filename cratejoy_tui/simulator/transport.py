"""Reaching a simulated system without a network: an httpx transport that calls the app in this process.

Drops and delays become the errors that httpx raises for real ones. Waiting moves the world's clock instead of sleeping.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

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
        call = _Call(self._app, self._world, request)
        return await call.answer()


class _Call:
    """One request under way."""

    def __init__(self, app: App, world: World, request: httpx.Request) -> None:
        self._app = app
        self._world = world
        self._request = request
        self._messages: asyncio.Queue[Message | None] = asyncio.Queue(maxsize=8)
        self._body: bytes | None = None
        self._failure: BaseException | None = None
        self._task: asyncio.Task[None] | None = None
        self._closed = asyncio.Event()

    async def answer(self) -> httpx.Response:
        self._body = await self._request.aread()
        self._task = asyncio.ensure_future(self._run())
        try:
            start = await self._messages.get()
        except asyncio.CancelledError:
            self._task.cancel()
            raise
        if start is None:
            raise self._error()
        return httpx.Response(
            start["status"], headers=start.get("headers", []), stream=_Stream(self), request=self._request
        )

    async def _run(self) -> None:
        try:
            await self._app(self._scope(), self._receive, self._messages.put)
        except BaseException as problem:  # whatever ends the app must end the waiting client, too
            self._failure = problem
            if isinstance(problem, asyncio.CancelledError):
                raise
        finally:
            if not self._closed.is_set():
                await self._messages.put(None)

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
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
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

    def _error(self) -> Exception:
        problem = self._failure
        if isinstance(problem, ConnectionDropped):
            kind = httpx.ReadError if problem.connected else httpx.ConnectError
            return kind("simulated: connection lost", request=self._request)
        if isinstance(problem, Exception):
            return problem
        return httpx.ReadError("simulated: the app ended without an answer", request=self._request)

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body, piece by piece."""
        while True:
            message = await self._messages.get()
            if message is None:
                raise self._error()
            yield message.get("body", b"")
            if not message.get("more_body"):
                return

    async def close(self) -> None:
        """The client is done with the answer."""
        self._closed.set()
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)


class _Stream(httpx.AsyncByteStream):
    def __init__(self, call: _Call) -> None:
        self._call = call

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._call.chunks():
            yield chunk

    async def aclose(self) -> None:
        await self._call.close()


def transports(world: World) -> dict[str, Any]:
    """A transport for each of the two systems of a world: `cratejoy` and `warehouse`."""
    from cratejoy_tui.simulator.cratejoy_app import cratejoy_app
    from cratejoy_tui.simulator.warehouse_app import warehouse_app

    return {
        "cratejoy": WorldTransport(cratejoy_app(world), world),
        "warehouse": WorldTransport(warehouse_app(world), world),
    }
