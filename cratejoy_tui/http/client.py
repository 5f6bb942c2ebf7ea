"""The one client behind every adapter: reads are repeated, writes never, and foreign errors do not leave it."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode

import httpx
import msgspec
import stamina
from aiolimiter import AsyncLimiter

from cratejoy_tui import __version__
from cratejoy_tui.errors import AnswerLost, CratejoyTuiError, RateLimited, UnexpectedAnswer, Unreachable
from cratejoy_tui.http.body import BodyUnreadable, read_beginning, read_body
from cratejoy_tui.http.remote import MOST_IN_FLIGHT, Key, Remote
from cratejoy_tui.http.verdict import (
    RequestRefused,
    Undecodable,
    asked_wait,
    http_date,
    of_failure,
    of_status,
    seconds_of,
)
from cratejoy_tui.sync.ports import Calls
from cratejoy_tui.text import clean

T = TypeVar("T")

_log = logging.getLogger(__name__)

# Its own hook would print to the terminal under the console; retries are told through `on_call`.
stamina.instrumentation.set_on_retry_hooks(())

_SHOWN_ARGUMENTS = frozenset({"status", "billing_type", "limit", "page", "with", "since"})
_ERROR_BODY = 16 * 1024
_ERROR_BODY_SECONDS = 5.0
_LONGEST_BACKOFF = 30.0
LATEST_WRITE_SECONDS = 45.0
"""A write that had to wait for longer than this is given back: the right to write may have passed on meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request that went out, for a log. Values of its query are left out unless known to be harmless."""

    method: str
    path: str
    status: int | None
    """None: no answer came."""
    seconds: float


OnCall = Callable[[Call], None]


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: httpx.Headers = field(repr=False)
    body: bytes = field(repr=False)


class PoliteClient:
    """Talks to one remote system; paced, at most ten requests at a time, no redirects, no cookies."""

    def __init__(
        self,
        remote: Remote,
        key: Key | None = None,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
        now: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
        on_call: OnCall | None = None,
    ) -> None:
        """`transport` stands in for the network; `wait`, `now` and `chance` serve pauses and back-off only."""
        self.remote = remote
        self.calls = Calls(per_second=remote.requests_per_second)
        self.server_time: datetime | None = None
        """The remote's clock in its last answer."""
        self._http = _library_client(remote, key, transport)
        self._wait, self._now, self._chance, self._on_call = wait, now, chance, on_call
        self._slots = asyncio.Semaphore(remote.in_flight)
        rate = remote.requests_per_second
        self._pace = None if rate is None else AsyncLimiter(1, 1 / rate)
        self._paused_until = 0.0

    async def read(
        self,
        path: str,
        decode: Callable[[bytes], T],
        *,
        arguments: Mapping[str, str] | None = None,
        method: str = "GET",
        json: object = None,
    ) -> T:
        """Ask for something; asking again is harmless, so a fault is tried again a few times.

        `path` may carry its own query. Raises Unreachable, RateLimited, KeyRefused, RequestRefused, UnexpectedAnswer.
        """
        return (await self.read_tagged(path, decode, arguments=arguments, method=method, json=json))[0]

    async def read_tagged(
        self,
        path: str,
        decode: Callable[[bytes], T],
        *,
        arguments: Mapping[str, str] | None = None,
        method: str = "GET",
        json: object = None,
    ) -> tuple[T, str]:
        """Like `read`, and with it the mark of the version that was read (ETag); "" when there is none."""
        if arguments:
            path = f"{path}?{urlencode(arguments, safe=',')}"
        tries, pause = 0, 0.0

        def put_off(error: Exception) -> bool | float:
            nonlocal pause
            pause = self._backoff(error, tries)
            return 0.0 if isinstance(error, (Unreachable, Undecodable)) else False

        async for attempt in stamina.retry_context(on=put_off, attempts=self.remote.read_attempts, timeout=None):
            with attempt:
                if pause:
                    await self._wait(pause)
                tries += 1
                return await self._once(method, path, json, decode, is_write=False, waits=tries - 1)
        raise AssertionError("the last attempt returns or raises")

    async def write(
        self, method: str, path: str, decode: Callable[[bytes], T], *, json: object = None, if_match: str = ""
    ) -> T:
        """Ask for a change, once. It is never sent again from here, whatever happens.

        Raises Unreachable or RateLimited when nothing was done, also when its turn did not come in time; KeyRefused,
        RequestRefused when the remote said no, and AnswerLost whenever it may have been done; also when the task is
        cancelled while the request is under way: the caller records that and then ends. Cancelled before the request
        went out, it is a plain CancelledError.
        With `if_match`, the remote makes the change only to that version; RequestRefused with 412 when it is another.
        """
        return (await self._once(method, path, json, decode, is_write=True, if_match=if_match))[0]

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    async def _once(
        self,
        method: str,
        path: str,
        json: object,
        decode: Callable[[bytes], T],
        *,
        is_write: bool,
        waits: int = 0,
        if_match: str = "",
    ) -> tuple[T, str]:
        what = f"{method} {clean(path.partition('?')[0], 200)}"
        request = self._request(method, path, json, what, if_match)
        answer = await self._exchange(request, what, is_write=is_write)
        if not 200 <= answer.status < 300:
            raise self._refusal(answer, what, is_write=is_write, waits=waits)
        problem = ""
        try:
            return decode(answer.body), answer.headers.get("etag", "")
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            problem = clean(str(error), 200)
        said = f"{self.remote.system} answered {what} with something that is not the JSON we expect ({problem})"
        raise AnswerLost(f"{said}; it may have been done.") if is_write else Undecodable(f"{said}.")

    def _request(self, method: str, path: str, json: object, what: str, if_match: str) -> httpx.Request:
        content = None if json is None else msgspec.json.encode(json)
        headers = {} if json is None else {"Content-Type": "application/json"}
        if if_match:
            headers["If-Match"] = if_match
        try:
            return self._http.build_request(method, self.remote.url(path), content=content, headers=headers)
        except (httpx.InvalidURL, ValueError):
            problem = f"{self.remote.system}: {what} is not an address; nothing was sent."
        raise RequestRefused(problem, status=0, body="")

    async def _exchange(self, request: httpx.Request, what: str, *, is_write: bool) -> _Answer:
        asked_at = self._instant()
        async with self._slots:
            await self._turn()
            if is_write:
                self._refuse_if_late(asked_at, what)
            self.calls.requests += 1
            self.calls.writes += is_write
            began, status = time.perf_counter(), None
            try:
                answer = await self._answer(request, what, is_write=is_write)
                status = answer.status
            finally:
                self._tell(request, status, time.perf_counter() - began)
        self.server_time = http_date(answer.headers.get("date", "")) or self.server_time
        if self._window_left(answer.headers) == 0:
            self._pause(self._window_seconds(answer.headers) or 0.0)
        return answer

    def _window_left(self, headers: httpx.Headers) -> float | None:
        return seconds_of(headers.get(self.remote.window_left_header, "")) if self.remote.window_left_header else None

    def _window_seconds(self, headers: httpx.Headers) -> float | None:
        name = self.remote.window_reset_header
        whole = seconds_of(headers.get(name, "")) if name else None
        return None if whole is None else whole + 1  # what is left of the last second was cut off

    def _pause(self, seconds: float) -> None:
        # The whole remote is asked to wait, not only this request.
        self._paused_until = max(self._paused_until, self._now() + min(seconds, self.remote.longest_wait_seconds))

    async def _answer(self, request: httpx.Request, what: str, *, is_write: bool) -> _Answer:
        """The answer whole, or our own error. Raised outside `except`, so that no foreign frames come along."""
        problem: CratejoyTuiError
        system = self.remote.system
        try:
            async with asyncio.timeout(self.remote.total_seconds):
                return await self._receive(request)
        except asyncio.CancelledError:
            if not is_write:
                raise
            problem = AnswerLost(f"{system} was asked {what} and we were stopped before the answer came.")
        except BodyUnreadable as error:
            said = f"{system} answered {what} with a body we do not read: {error}"
            problem = AnswerLost(f"{said}; it may have been done.") if is_write else UnexpectedAnswer(f"{said}.")
        except Exception as error:  # whatever a transport raises: a write may have been done
            problem = of_failure(error, system, what, is_write=is_write)
        raise problem

    async def _receive(self, request: httpx.Request) -> _Answer:
        response = await self._http.send(request, stream=True)
        try:
            if response.is_success:
                body = await read_body(response, self.remote.body_limit)
            else:
                body = await _words(response)
        finally:
            await response.aclose()
        return _Answer(response.status_code, response.headers, body)

    def _refusal(self, answer: _Answer, what: str, *, is_write: bool, waits: int) -> CratejoyTuiError:
        error = of_status(
            answer.status, answer.headers, answer.body, self.remote.system, what, is_write=is_write, waits=waits
        )
        if isinstance(error, RateLimited):
            asked = None if asked_wait(answer.headers) is not None else self._window_seconds(answer.headers)
            wait_seconds = error.wait_seconds if asked is None else asked
            error.wait_seconds = min(wait_seconds, self.remote.longest_wait_seconds)
            self._pause(error.wait_seconds)
        return error

    async def _turn(self) -> None:
        until = self._paused_until
        left = until - self._now()
        if left > 0:
            await self._wait(left)
            # Waited out, even where a simulated clock did the waiting and ours stood still.
            if self._paused_until == until:
                self._paused_until = self._now()
        if self._pace is not None:
            await self._pace.acquire()

    def _instant(self) -> tuple[float, float]:
        # The steady clock rests while a computer sleeps, the one on the wall may be set back: the longer time counts.
        return self._now(), time.time()

    def _refuse_if_late(self, asked_at: tuple[float, float], what: str) -> None:
        waited = max(now - then for now, then in zip(self._instant(), asked_at, strict=True))
        if waited > min(LATEST_WRITE_SECONDS, self.remote.total_seconds):
            problem = f"{self.remote.system}: {what} would have gone out {waited:.0f} s late, so nothing was sent."
            raise Unreachable(problem, next_step="It is planned anew; lower the requests in flight if it comes back.")

    def _backoff(self, error: Exception, tries: int) -> float:
        if isinstance(error, RateLimited):
            return 0.0  # the shared pause sees to it
        return min(_LONGEST_BACKOFF, 2.0 ** (tries - 1)) * (0.5 + self._chance())

    def _tell(self, request: httpx.Request, status: int | None, seconds: float) -> None:
        if self._on_call is None and not _log.isEnabledFor(logging.DEBUG):
            return
        path = _without_values(request.url)
        system, answer = self.remote.system, "no answer" if status is None else status
        _log.debug("%s %s %s: %s in %.0f ms", system, request.method, path, answer, seconds * 1000)
        if self._on_call is not None:
            self._on_call(Call(method=request.method, path=path, status=status, seconds=seconds))


def _library_client(remote: Remote, key: Key | None, transport: httpx.AsyncBaseTransport | None) -> httpx.AsyncClient:
    limits = httpx.Limits(
        max_connections=MOST_IN_FLIGHT,
        max_keepalive_connections=MOST_IN_FLIGHT,
        keepalive_expiry=remote.keepalive_seconds,
    )
    timeout = httpx.Timeout(
        connect=remote.connect_seconds, read=remote.read_seconds, write=remote.write_seconds, pool=remote.pool_seconds
    )
    return httpx.AsyncClient(
        auth=key,
        headers={
            "Accept": remote.accept,
            "Accept-Encoding": "gzip",
            "User-Agent": f"cratejoy-tui/{__version__}",
        },
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        http2=False,
        follow_redirects=False,
        trust_env=remote.use_environment,
        limits=limits,
        timeout=timeout,
        transport=transport,
    )


async def _words(response: httpx.Response) -> bytes:
    """What an error answer says; its status counts even when the words do not arrive."""
    try:
        async with asyncio.timeout(_ERROR_BODY_SECONDS):
            return await read_beginning(response, _ERROR_BODY)
    except TimeoutError:
        return b""


def _without_values(url: httpx.URL) -> str:
    shown = [
        f"{name}={value}" if name in _SHOWN_ARGUMENTS else name
        for name, value in parse_qsl(url.query.decode("ascii", "replace"), keep_blank_values=True)
    ]
    path = url.raw_path.partition(b"?")[0].decode("ascii", "replace")
    return clean(f"{path}?{'&'.join(shown)}" if shown else path, 300)
