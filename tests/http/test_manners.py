"""A remote that counts our requests in its own headers is obeyed; a change can be tied to the version that was read."""

from __future__ import annotations

import httpx
import pytest

from cratejoy_tui.errors import RateLimited
from cratejoy_tui.http import KeyRefused, RequestRefused
from tests.http.rig import Pauses, answers, client

LEFT, RESET = "X-Left", "X-Reset"
WINDOW = {"window_left_header": LEFT, "window_reset_header": RESET}


def told(left: str, reset: str, status: int = 200) -> httpx.Response:
    return httpx.Response(status, headers={LEFT: left, RESET: reset}, content=b"{}")


async def test_an_empty_window_is_waited_out_before_the_next_request() -> None:
    pauses = Pauses()
    shop = client(answers(told("1", "30"), told("0", "29"), told("39", "60")), pauses=pauses, **WINDOW)
    for taken in ([], [], [30.0]):
        await shop.read("/a", bytes)
        assert pauses.taken == taken


async def test_a_write_waits_for_the_window_a_read_has_used_up() -> None:
    pauses = Pauses()
    shop = client(answers(told("0", "7")), pauses=pauses, **WINDOW)
    await shop.read("/a", bytes)
    await shop.write("POST", "/a", bytes, json={})
    assert pauses.taken == [8.0]


async def test_a_throttle_without_a_hint_takes_the_windows_end() -> None:
    shop = client(answers(told("0", "12", status=429)), **WINDOW)
    with pytest.raises(RateLimited) as caught:
        await shop.write("POST", "/a", bytes, json={})
    assert caught.value.wait_seconds == 13


@pytest.mark.parametrize(("left", "reset"), [("many", "9"), ("0", "soon"), ("", ""), ("-1", "5")])
async def test_headers_that_are_no_numbers_stop_nobody(left: str, reset: str) -> None:
    pauses = Pauses()
    shop = client(answers(told(left, reset)), pauses=pauses, **WINDOW)
    await shop.read("/a", bytes)
    await shop.read("/a", bytes)
    assert sum(pauses.taken) == 0


async def test_the_longest_wait_holds_for_windows_too() -> None:
    pauses = Pauses()
    shop = client(answers(told("0", "999999"), told("9", "1")), pauses=pauses, longest_wait_seconds=60.0, **WINDOW)
    await shop.read("/a", bytes)
    await shop.read("/a", bytes)
    assert pauses.taken == [60.0]


async def test_a_change_names_the_version_it_was_made_for() -> None:
    seen: list[str | None] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("if-match"))
        return httpx.Response(200, headers={"ETag": '"v7"'}, content=b"{}")

    shop = client(handle)
    _, mark = await shop.read_tagged("/a", bytes)
    await shop.write("POST", "/a", bytes, json={}, if_match=mark)
    await shop.write("POST", "/a", bytes, json={})
    assert seen == [None, '"v7"', None]


@pytest.mark.parametrize("status", [412, 428])
async def test_a_change_to_another_version_was_not_made(status: int) -> None:
    with pytest.raises(RequestRefused) as caught:
        await client(answers(httpx.Response(status))).write("POST", "/a", bytes, json={}, if_match='"v1"')
    assert caught.value.status == status


async def test_what_was_said_with_a_refusal_can_be_read() -> None:
    body = b'{"ErrorCode":"OrderConfirmed","Hint":"' + b"x" * 2000 + b'"}'
    with pytest.raises(KeyRefused) as caught:
        await client(answers(httpx.Response(403, content=body))).write("POST", "/a", bytes)
    assert caught.value.raw == body
    assert "OrderConfirmed" not in str(caught.value)
