"""What goes wrong between a client and the simulated systems: a layer around each app."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable, MutableMapping
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import msgspec

from cratejoy_tui.simulator.knobs import BEFORE, Fault
from cratejoy_tui.simulator.world import from_ms

if TYPE_CHECKING:
    from cratejoy_tui.simulator.world import World

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

HTML = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center><hr>proxy</body></html>"
WAIT = "simulator.wait"
"""Extension of the ASGI scope: how a transport waits; real seconds pass without it."""
CHUNK = 65_536
JSON = "application/json"


class ConnectionDropped(BaseException):
    """The client gets no (further) answer. Not an Exception, so that no server layer turns it into a 500."""

    def __init__(self, *, connected: bool) -> None:
        self.connected = connected
        super().__init__()


class Refusal(Exception):
    """Why a simulated system does not do what it is asked: the code, the reason, and the field it is about."""

    def __init__(self, status: int, reason: str, field: str = "") -> None:
        self.status, self.reason, self.field = status, reason, field
        super().__init__(reason)


def strike(world: World, app: str, method: str, path: str) -> Fault | None:
    """The fault that hits this request, if any; every matching fault counts the request."""
    faults = world.knobs.faults
    if not any(fault.matches(app, method, path) for fault in faults):
        return None
    with world.change():
        for place, fault in enumerate(faults):
            if fault.matches(app, method, path) and _hits(world, place, fault):
                world.count(f"fault {place} struck")
                return fault
    return None


def _hits(world: World, place: int, fault: Fault) -> bool:
    seen = world.count(f"fault {place} seen")
    spent = fault.times is not None and world.counted(f"fault {place} struck") >= fault.times
    return seen > fault.skip and not spent and world.draw("fault", place, seen) < fault.chance


def over_the_limit(world: World, app: str) -> float:
    """How many seconds the client must wait because it asked too often; 0 when it may go on."""
    knobs = world.knobs
    allowed = knobs.requests_per_minute if app == "cratejoy" else knobs.warehouse_requests_per_minute
    if not allowed:
        return 0.0
    with world.change():
        begun, asked = (int(part) for part in world.fact(f"minute {app}", "0 0").split())
        now = world.now_ms
        if now - begun >= 60_000:
            begun, asked = now, 0
        world.remember(f"minute {app}", f"{begun} {asked + 1}")
        return 0.0 if asked < allowed else (begun + 60_000 - now) / 1000


async def read_body(receive: Receive) -> bytes:
    """The whole body of a request."""
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


class FaultLayer:
    """An app whose requests can go wrong. The control paths never do."""

    def __init__(self, app: App, world: World, name: str) -> None:
        self._app = app
        self._world = world
        self._name = name

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "/control/" in scope["path"]:
            await self._app(scope, receive, send)
            return
        world = self._world
        world.catch_up()
        world.served[self._name] += 1
        wait = scope.get("extensions", {}).get(WAIT, asyncio.sleep)
        if world.knobs.latency_seconds:
            await wait(world.knobs.latency_seconds)
        seconds = over_the_limit(world, self._name)
        fault = Fault(kind="throttle", seconds=seconds) if seconds else None
        fault = fault or strike(world, self._name, scope["method"], scope["path"])
        if fault is None:
            await self._app(scope, receive, send)
        elif fault.kind in BEFORE:
            await self._not_done(fault, scope, receive, send)
        else:
            await self._spoiled(fault, scope, receive, send, wait)

    async def _not_done(self, fault: Fault, scope: Message, receive: Receive, send: Send) -> None:
        """The request is not carried out, or not yet."""
        if fault.kind == "refuse":
            raise ConnectionDropped(connected=False)
        body = await read_body(receive)
        if fault.kind == "late_commit":
            at = self._world.now_ms + round(fault.seconds * 1000)
            self._world.schedule(at, "late", app=self._name, path=scope["path"], body=body.decode(errors="replace"))
        if fault.kind == "drop" or (fault.kind == "late_commit" and not fault.answered):
            raise ConnectionDropped(connected=True)
        if fault.kind == "redirect":
            code = fault.status if 300 <= fault.status < 400 else 302
            await _answer(send, code, b"", "text/plain", location="https://elsewhere.example/")
        else:
            await self._refused(fault, send)

    async def _refused(self, fault: Fault, send: Send) -> None:
        status = 429 if fault.kind == "throttle" else fault.status
        extra = self._retry_after(fault.seconds) if status == 429 else {}
        form = fault.body if fault.body != "auto" else "html" if status >= 500 else self._world.knobs.error_body
        content, kind = error_body(form, status, "rate limit exceeded" if status == 429 else "failed")
        await _answer(send, status, content, kind, **extra)

    def _retry_after(self, seconds: float) -> dict[str, str]:
        form = self._world.knobs.retry_after
        if form == "absent":
            return {}
        whole = max(1, -int(-seconds // 1))
        if form == "seconds":
            return {"retry_after": str(whole)}
        return {"retry_after": format_datetime(from_ms(self._world.now_ms + whole * 1000), usegmt=True)}

    async def _spoiled(
        self, fault: Fault, scope: Message, receive: Receive, send: Send, wait: Callable[[float], Awaitable[None]]
    ) -> None:
        """The request is carried out; the answer suffers."""
        kept: list[Message] = []

        async def keep(message: Message) -> None:
            kept.append(message)

        await self._app(scope, receive, keep)
        if fault.kind == "lose_answer":
            raise ConnectionDropped(connected=True)
        if fault.kind == "slow":
            await wait(fault.seconds)
        content = b"".join(message.get("body", b"") for message in kept[1:])
        await _spoil(fault, kept[0]["status"], content, receive, send)


async def _spoil(fault: Fault, status: int, content: bytes, receive: Receive, send: Send) -> None:
    half = content[: len(content) // 2]
    spoilt = {"truncate": half, "garbage": b"\x00\xff{]<not json" + content[:40], "empty": b"", "slow": content}
    if fault.kind in spoilt:
        await _answer(send, status, spoilt[fault.kind], JSON)
    elif fault.kind == "gzip_bomb":
        await _answer(send, status, gzip.compress(b" " * fault.size), JSON, content_encoding="gzip")
    elif fault.kind == "break_off":
        await _start(send, status, JSON, content_length=str(len(content)))
        await send({"type": "http.response.body", "body": half, "more_body": True})
        raise ConnectionDropped(connected=True)
    else:
        await _start(send, status, JSON)
        await _pour(fault.size if fault.kind == "huge" else None, receive, send)
        await send({"type": "http.response.body", "body": content})


async def _pour(size: int | None, receive: Receive, send: Send) -> None:
    """Send blanks: so many, or (None) until the client goes away."""
    gone = asyncio.ensure_future(_gone(receive))
    try:
        sent = 0
        while (size is None or sent < size) and not gone.done():
            await send({"type": "http.response.body", "body": b" " * CHUNK, "more_body": True})
            sent += CHUNK
            await asyncio.sleep(0)
    finally:
        gone.cancel()


async def _gone(receive: Receive) -> None:
    message = await receive()
    while message["type"] != "http.disconnect":
        await asyncio.sleep(0)
        message = await receive()


def error_body(form: str, status: int, reason: str, field: str = "") -> tuple[bytes, str]:
    """The body of an error and its content type."""
    if form == "empty":
        return b"", "text/plain"
    if form == "html":
        return HTML.format(f"{status} {reason}").encode(), "text/html"
    return msgspec.json.encode({"error": reason, **({"field": field} if field else {})}), JSON


async def _start(send: Send, status: int, kind: str, **headers: str) -> None:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind.encode()), *pairs]})


async def _answer(send: Send, status: int, content: bytes, kind: str, **headers: str) -> None:
    await _start(send, status, kind, content_length=str(len(content)), **headers)
    await send({"type": "http.response.body", "body": content})
