"""Writes: sent once, and the truth told about what may have become of them."""

from __future__ import annotations

import asyncio
import time
import traceback

import httpx
import msgspec
import pytest

from cratejoy_tui.errors import AnswerLost, RateLimited, SignInRefused, UnexpectedAnswer, Unreachable
from cratejoy_tui.http import PoliteClient, RequestRefused
from cratejoy_tui.http.verdict import NOTHING_SENT
from tests.http.rig import Pauses, answers, client

decode = msgspec.json.decode

MAY_BE_DONE: tuple[type[Exception], ...] = (
    httpx.HTTPError,
    httpx.RequestError,
    httpx.TransportError,
    httpx.TimeoutException,
    httpx.ReadTimeout,
    httpx.WriteTimeout,
    httpx.NetworkError,
    httpx.ReadError,
    httpx.WriteError,
    httpx.CloseError,
    httpx.ProtocolError,
    httpx.LocalProtocolError,
    httpx.RemoteProtocolError,
    httpx.DecodingError,
    httpx.TooManyRedirects,
    httpx.HTTPStatusError,
    httpx.CookieConflict,
    httpx.InvalidURL,  # of our own address it is caught before sending; here it is about an answer's Location
    httpx.StreamError,
    httpx.StreamConsumed,
    httpx.StreamClosed,
    httpx.ResponseNotRead,
    httpx.RequestNotRead,
)


async def put(http: object) -> object:
    return await http.write("PUT", "/boxes/1/", decode, json={"status": "shipped"})  # type: ignore[attr-defined]


def made(kind: type[Exception]) -> Exception:
    if kind is httpx.HTTPStatusError:
        request = httpx.Request("PUT", "https://shop.test/")
        return httpx.HTTPStatusError("odd", request=request, response=httpx.Response(500))
    if kind in (httpx.StreamConsumed, httpx.StreamClosed, httpx.ResponseNotRead, httpx.RequestNotRead):
        return kind()
    return kind("odd")


def locals_shown(error: BaseException | None) -> str:
    """What a crash screen that prints local variables would show of our frames and the library's."""
    shown = ""
    while error is not None:
        story = traceback.TracebackException.from_exception(error, capture_locals=True)
        shown += str(error) + "".join(f"{f.name} {f.locals}" for f in story.stack if "/tests/" not in f.filename)
        error = error.__context__
    return shown


def test_every_error_the_library_can_raise_has_a_place() -> None:
    theirs = {thing for thing in vars(httpx).values() if isinstance(thing, type) and issubclass(thing, Exception)}
    assert theirs == {*NOTHING_SENT, *MAY_BE_DONE}
    assert not set(NOTHING_SENT) & set(MAY_BE_DONE)


@pytest.mark.parametrize("kind", NOTHING_SENT)
async def test_a_write_that_never_left_may_be_repeated(kind: type[Exception]) -> None:
    http = client(answers(made(kind)))
    with pytest.raises(Unreachable, match="Shop could not be reached"):
        await put(http)
    assert http.calls.writes == 1


@pytest.mark.parametrize("kind", [*MAY_BE_DONE, RuntimeError, OSError, ValueError, KeyError])
async def test_a_write_whose_answer_got_lost_is_lost_and_sent_once(kind: type[Exception]) -> None:
    http = client(answers(made(kind)))
    with pytest.raises(AnswerLost, match="Shop did not answer PUT /boxes/1/"):
        await put(http)
    assert http.calls.requests == http.calls.writes == 1


@pytest.mark.parametrize(
    "status", [300, 301, 302, 303, 307, 308, 402, 406, 408, 418, 425, 500, 501, 502, 503, 504, 599]
)
async def test_an_unclear_answer_to_a_write_is_a_lost_one(status: int) -> None:
    http = client(answers(httpx.Response(status, headers={"Location": "https://[bad"})))
    with pytest.raises(AnswerLost):
        await put(http)
    assert http.calls.requests == 1


@pytest.mark.parametrize("status", [400, 404, 405, 409, 410, 413, 415, 422])
async def test_a_refused_write_was_not_done(status: int) -> None:
    http = client(answers(httpx.Response(status, json={"error": "no"})))
    with pytest.raises(RequestRefused) as caught:
        await put(http)
    assert (caught.value.status, caught.value.body) == (status, '{"error":"no"}')
    assert http.calls.requests == 1


@pytest.mark.parametrize("status", [401, 403])
async def test_a_write_with_a_refused_key_was_not_done(status: int) -> None:
    with pytest.raises(SignInRefused):
        await put(client(answers(httpx.Response(status))))


async def test_a_throttled_write_is_not_sent_again() -> None:
    pauses = Pauses()
    http = client(answers(httpx.Response(429, headers={"Retry-After": "900"})), pauses=pauses)
    with pytest.raises(RateLimited) as caught:
        await put(http)
    assert caught.value.wait_seconds == 300.0
    assert http.calls.requests == 1
    assert pauses.taken == []


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"id": 1', b"\xff"])
async def test_a_yes_we_cannot_read_is_a_lost_answer(body: bytes) -> None:
    http = client(answers(httpx.Response(200, content=body)))
    with pytest.raises(AnswerLost, match="it may have been done"):
        await put(http)
    assert http.calls.requests == 1


async def test_a_write_stopped_while_under_way_is_lost_not_cancelled() -> None:
    arrived = asyncio.Event()

    async def hang(request: httpx.Request) -> httpx.Response:
        arrived.set()
        await asyncio.Event().wait()
        raise AssertionError

    task = asyncio.create_task(put(client(hang)))
    await arrived.wait()
    task.cancel()
    with pytest.raises(AnswerLost, match="we were stopped"):
        await task
    assert task.cancelling()


async def test_a_write_stopped_before_it_went_out_is_cancelled() -> None:
    waiting = asyncio.Event()

    class Long(Pauses):
        async def wait(self, seconds: float) -> None:
            waiting.set()
            await asyncio.Event().wait()

    http = client(answers(httpx.Response(429, headers={"Retry-After": "60"})), pauses=Long())
    with pytest.raises(RateLimited):
        await put(http)
    task = asyncio.create_task(put(http))
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert http.calls.writes == 1


async def throttled(seconds: int, pauses: Pauses) -> PoliteClient:
    replies = (httpx.Response(429, headers={"Retry-After": str(seconds)}), httpx.Response(200, json={}))
    http = client(answers(*replies), pauses=pauses)
    with pytest.raises(RateLimited):
        await put(http)
    return http


async def test_a_write_waits_its_turn_but_never_goes_out_late() -> None:
    http = await throttled(46, Pauses())
    with pytest.raises(Unreachable, match="Shop: PUT /boxes/1/ would have gone out 46 s late, so nothing was sent"):
        await put(http)
    assert http.calls.writes == 1
    assert await put(http) == {}, "the pause was waited out"
    assert await put(await throttled(44, Pauses())) == {}


async def test_a_computer_that_slept_while_a_write_waited_counts_as_late(monkeypatch: pytest.MonkeyPatch) -> None:
    class Resting(Pauses):
        async def wait(self, seconds: float) -> None:
            woken_at = time.time() + 7200
            monkeypatch.setattr("time.time", lambda: woken_at)

    http = await throttled(5, Resting())
    with pytest.raises(Unreachable, match="nothing was sent"):
        await put(http)


async def test_a_read_may_wait_as_long_as_it_is_asked_to() -> None:
    pauses = Pauses()
    http = await throttled(200, pauses)
    assert await http.read("/boxes/", decode) == {}
    assert pauses.taken == [200.0]


@pytest.mark.parametrize("path", ["/a\x00b", "/a\nb", "/" + "a" * 70_000])
async def test_a_path_that_is_none_is_refused_before_anything_is_sent(path: str) -> None:
    http = client(answers(httpx.Response(200, json={})))
    with pytest.raises(RequestRefused, match="nothing was sent"):
        await http.write("PUT", path, decode)
    assert http.calls.requests == 0


@pytest.mark.parametrize("path", ["//evil.test/", "https://evil.test/", "\\\\evil.test", "@evil.test/"])
async def test_no_path_leads_to_another_host(path: str) -> None:
    hosts: list[str] = []

    def keep(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        return httpx.Response(200, json={})

    await client(keep).read(path, decode)
    assert hosts == ["shop.test"]


@pytest.mark.parametrize(
    "fault",
    [
        httpx.LocalProtocolError("Illegal header value b'Basic c2hvcC1pZDpzM2NyM3Q='"),
        httpx.ReadError("gone"),
        httpx.ConnectError("no"),
        httpx.Response(500),
        httpx.Response(401),
        httpx.Response(200, content=b"<html>"),
    ],
)
async def test_no_error_shows_the_key_not_even_with_its_locals(fault: httpx.Response | Exception) -> None:
    http = client(answers(fault))
    with pytest.raises((AnswerLost, Unreachable, SignInRefused, UnexpectedAnswer)) as caught:
        await put(http)
    shown = locals_shown(caught.value)
    assert "_once" in shown
    for secret in ("s3cr3t", "c2hvcC1pZDpzM2NyM3Q"):
        assert secret not in shown
        assert secret not in repr(vars(http))
    assert caught.value.__context__ is None


async def test_a_failed_read_drags_no_foreign_frames_along() -> None:
    http = client(answers(httpx.LocalProtocolError("Illegal header value b'Basic c2hvcC1pZDpzM2NyM3Q='")))
    with pytest.raises(Unreachable) as caught:
        await http.read("/boxes/", decode)
    assert "c2hvcC1pZDpzM2NyM3Q" not in locals_shown(caught.value)
