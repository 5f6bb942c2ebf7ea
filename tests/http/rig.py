"""A client whose pauses cost no time, and a loopback server that can misbehave on the wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from cratejoy_tui.http import BasicKey, PoliteClient, Remote

Handler = Callable[[httpx.Request], httpx.Response | Awaitable[httpx.Response]]
Answer = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


class Pauses:
    """Waiting that only moves its own clock."""

    def __init__(self) -> None:
        self.taken: list[float] = []
        self.time = 1000.0

    async def wait(self, seconds: float) -> None:
        self.taken.append(seconds)
        self.time += seconds

    def now(self) -> float:
        return self.time


def client(
    handler: Handler | None = None, *, url: str = "https://shop.test", pauses: Pauses | None = None, **changes: object
) -> PoliteClient:
    """A client of the system `Shop`; without a handler it uses the real network."""
    pauses = pauses or Pauses()
    on_call = changes.pop("on_call", None)
    remote = Remote(**{"system": "Shop", "base_url": url, "requests_per_second": None, **changes})  # type: ignore[arg-type]
    return PoliteClient(
        remote,
        BasicKey("shop-id", "s3cr3t"),
        transport=None if handler is None else httpx.MockTransport(handler),  # type: ignore[arg-type]
        wait=pauses.wait,
        now=pauses.now,
        chance=lambda: 0.5,
        on_call=on_call,  # type: ignore[arg-type]
    )


def answers(*replies: httpx.Response | Exception) -> Handler:
    """Gives these one after the other; the last one for ever."""
    left = list(replies)

    def handle(request: httpx.Request) -> httpx.Response:
        reply = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(reply, Exception):
            raise reply
        return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)

    return handle


@dataclass
class Server:
    """What a loopback server saw."""

    url: str = ""
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def served(answer: Answer) -> AsyncIterator[Server]:
    """Answers raw requests on a loopback port. An answer that returns keeps the connection for the next request."""
    seen, writers = Server(), set()

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.connections += 1
        writers.add(writer)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    (line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0"
                )
                seen.requests.append(head + await reader.readexactly(int(length.split(b":")[1])))
                await answer(seen.requests[-1], writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(connection, "127.0.0.1", 0)
    seen.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield seen
    finally:
        for writer in writers:
            writer.transport.abort()
        server.close()
        await server.wait_closed()


def reply(body: bytes = b"{}", *headers: str, status: str = "200 OK") -> bytes:
    """A whole raw answer."""
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers])
    return head.encode() + b"\r\n\r\n" + body
