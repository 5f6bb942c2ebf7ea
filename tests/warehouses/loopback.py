"""A web server on this machine, just able enough to put a simulated system behind real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

from cratejoy_tui.simulator.faults import App, ConnectionDropped


@asynccontextmanager
async def served(app: App, bodies: list[tuple[str, bytes]]) -> AsyncIterator[str]:
    """Serve an app; gives its address. A dropped connection is really dropped.

    What arrives is kept in `bodies`, as path and body.
    """
    open_ones: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_ones.add(task)
        try:
            while await _answer(app, bodies, reader, writer):
                pass
        except (ConnectionDropped, ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            open_ones.discard(task)
            writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tuple(open_ones):
            task.cancel()
        await asyncio.gather(*open_ones, return_exceptions=True)


async def _answer(
    app: App, bodies: list[tuple[str, bytes]], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> bool:
    head = await reader.readuntil(b"\r\n\r\n") if not reader.at_eof() else b""
    first, *lines = head.decode("latin-1").rstrip().split("\r\n")
    headers = [(name.strip().lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    method, target, _ = first.split(" ")
    body = await reader.readexactly(int(dict(headers).get("content-length", "0")))
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    parts = urlsplit(target)
    bodies.append((parts.path, body))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers],
        "server": ("127.0.0.1", 0),
        "client": ("127.0.0.1", 0),
    }
    await app(scope, receive, send)
    content = b"".join(message.get("body", b"") for message in sent[1:])
    shown = [(name, value) for name, value in sent[0]["headers"] if name.lower() != b"content-length"]
    writer.write(f"HTTP/1.1 {sent[0]['status']} \r\n".encode())
    writer.writelines(name + b": " + value + b"\r\n" for name, value in shown)
    writer.write(f"content-length: {len(content)}\r\n\r\n".encode() + content)
    await writer.drain()
    return True
