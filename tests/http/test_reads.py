"""Reads: repeated politely, a few times, and only when that is of use."""

from __future__ import annotations

import asyncio

import httpx
import msgspec
import pytest

from cratejoy_tui.errors import RateLimited, SignInRefused, UnexpectedAnswer, Unreachable
from cratejoy_tui.http import RequestRefused, ServerFault, Undecodable
from tests.http.rig import Pauses, answers, client

decode = msgspec.json.decode
OK = httpx.Response(200, json={"fine": True})


async def test_a_read_is_tried_again_after_faults_and_then_answers() -> None:
    pauses = Pauses()
    http = client(
        answers(httpx.Response(503), httpx.ReadError("gone"), httpx.ConnectTimeout("slow"), OK), pauses=pauses
    )
    assert await http.read("/boxes/", decode) == {"fine": True}
    assert pauses.taken == [1.0, 2.0, 4.0]
    assert http.calls.requests == 4
    assert http.calls.writes == 0


async def test_a_read_gives_up_after_its_attempts() -> None:
    http = client(answers(httpx.Response(502, text="<html>Bad Gateway</html>")), read_attempts=3)
    with pytest.raises(ServerFault, match=r"Shop answered GET /boxes/ with 502: <html>Bad Gateway</html>") as caught:
        await http.read("/boxes/", decode)
    assert caught.value.exit_code == 4
    assert http.calls.requests == 3


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        ({"Retry-After": "7"}, [7.0, 7.0]),
        ({"Retry-After": "0"}, []),
        ({"Retry-After": "86400"}, [300.0, 300.0]),
        (
            {"Retry-After": "Mon, 23 Nov 2026 12:00:42 GMT", "Date": "Mon, 23 Nov 2026 12:00:00 GMT"},
            [42.0, 42.0],
        ),
        ({"Retry-After": "Mon, 23 Nov 2026 11:00:00 GMT", "Date": "Mon, 23 Nov 2026 12:00:00 GMT"}, []),
        ({}, [10.0, 20.0]),
        ({"Retry-After": "soon"}, [10.0, 20.0]),
        ({"Retry-After": "-5"}, [10.0, 20.0]),
        ({"Retry-After": "Mon, 99 Foo 2026 99:99:99 GMT"}, [10.0, 20.0]),
    ],
)
async def test_a_throttled_read_waits_as_long_as_it_is_told(headers: dict[str, str], waits: list[float]) -> None:
    pauses = Pauses()
    slow = httpx.Response(429, headers=headers)
    http = client(answers(slow, slow, OK), pauses=pauses)
    await http.read("/boxes/", decode)
    assert pauses.taken == waits


async def test_a_throttled_system_is_left_alone_by_every_request() -> None:
    pauses = Pauses()
    http = client(answers(httpx.Response(429, headers={"Retry-After": "30"}), OK), pauses=pauses, read_attempts=1)
    with pytest.raises(RateLimited) as caught:
        await http.read("/boxes/", decode)
    assert caught.value.wait_seconds == 30.0
    pauses.time += 10
    await http.read("/other/", decode)
    assert pauses.taken == [20.0]


async def test_a_pause_is_taken_once_though_only_another_clock_moved() -> None:
    class Simulated(Pauses):
        async def wait(self, seconds: float) -> None:
            self.taken.append(seconds)

    pauses = Simulated()
    http = client(answers(httpx.Response(429, headers={"Retry-After": "30"}), OK), pauses=pauses)
    for _ in range(3):
        await http.read("/boxes/", decode)
    assert pauses.taken == [30.0]


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_is_not_shown_again(status: int) -> None:
    http = client(answers(httpx.Response(status)))
    with pytest.raises(SignInRefused, match="Shop refused the key"):
        await http.read("/boxes/", decode)
    assert http.calls.requests == 1


@pytest.mark.parametrize("status", [400, 404, 405, 409, 410, 413, 415, 422])
async def test_a_refused_read_tells_status_and_words(status: int) -> None:
    words = "no\x1b]0;owned\x07 such thing " + "x" * 2000
    http = client(answers(httpx.Response(status, text=words)))
    with pytest.raises(RequestRefused) as caught:
        await http.read("/boxes/", decode)
    assert caught.value.status == status
    assert caught.value.body.startswith("no\N{REPLACEMENT CHARACTER}]0;owned")
    assert len(caught.value.body) <= 500
    assert http.calls.requests == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 402, 418, 501])
async def test_an_answer_nobody_foresaw_is_unexpected(status: int) -> None:
    http = client(answers(httpx.Response(status, headers={"Location": "https://evil.test/"})))
    with pytest.raises(UnexpectedAnswer, match=str(status)):
        await http.read("/boxes/", decode)
    assert http.calls.requests == 1


@pytest.mark.parametrize(
    "body", [b"", b"<html>welcome to the hotel</html>", b'{"cut": "sho', b"\xff\xfe", b"[" * 100_000, b'"\\ud800"']
)
async def test_a_yes_that_is_not_json_is_tried_again_and_then_named(body: bytes) -> None:
    http = client(answers(httpx.Response(200, content=body)), read_attempts=2)
    with pytest.raises(Undecodable, match="not the JSON we expect"):
        await http.read("/boxes/", decode)
    assert http.calls.requests == 2


async def test_a_body_cut_short_once_costs_one_more_request() -> None:
    http = client(answers(httpx.Response(200, content=b'{"fin'), OK))
    assert await http.read("/boxes/", decode) == {"fine": True}


async def test_a_cancelled_read_is_simply_cancelled() -> None:
    arrived = asyncio.Event()

    async def hang(request: httpx.Request) -> httpx.Response:
        arrived.set()
        await asyncio.Event().wait()
        raise AssertionError

    task = asyncio.create_task(client(hang).read("/boxes/", decode))
    await arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_request_carries_our_name_and_key_and_asks_for_json() -> None:
    seen: list[httpx.Request] = []

    def keep(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={}, headers={"Set-Cookie": "spy=1", "Date": "Mon, 23 Nov 2026 12:00:00 GMT"})

    http = client(keep, url="https://shop.test/api")
    await http.read("/boxes/", decode, arguments={"id__in": "1,2"})
    await http.read("/find/", decode, method="POST", json={"numbers": ["1"]})
    first, second = seen
    assert str(first.url) == "https://shop.test/api/boxes/?id__in=1,2"
    assert first.headers["user-agent"].startswith("cratejoy-tui/")
    assert first.headers["accept"] == "application/json"
    assert first.headers["authorization"].startswith("Basic ")
    assert second.method == "POST"
    assert second.headers["content-type"] == "application/json"
    assert second.content == b'{"numbers":["1"]}'
    assert "cookie" not in second.headers
    assert http.server_time is not None
    assert http.server_time.hour == 12


async def test_the_call_log_shows_no_values_that_may_be_personal() -> None:
    calls: list[object] = []
    http = client(answers(httpx.Response(500), OK), on_call=calls.append)
    await http.read("/boxes/?email=ann@example.test&status=unshipped&id__in=1,2", decode)
    shown = [(call.method, call.path, call.status) for call in calls]  # type: ignore[attr-defined]
    path = "/boxes/?email&status=unshipped&id__in"
    assert shown == [("GET", path, 500), ("GET", path, 200)]


async def test_an_unreachable_system_is_named() -> None:
    http = client(answers(httpx.ConnectError("name\x1b not known")), read_attempts=1)
    with pytest.raises(Unreachable, match="Shop could not be reached for GET /boxes/") as caught:
        await http.read("/boxes/", decode)
    assert "\x1b" not in str(caught.value)
