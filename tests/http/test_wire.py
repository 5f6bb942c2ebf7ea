"""What real sockets do: drops, drips, bombs, redirects, connections kept and closed."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib

import msgspec
import pytest

from cratejoy_tui.errors import AnswerLost, UnexpectedAnswer, Unreachable
from cratejoy_tui.http import RequestRefused
from tests.http.rig import client, reply, served

decode = msgspec.json.decode
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


async def test_a_closed_port_is_unreachable_for_a_write() -> None:
    async with served(lambda request, writer: asyncio.sleep(0)) as server:
        url = server.url
    http = client(url=url)
    with pytest.raises(Unreachable, match="nothing was sent"):
        await http.write("PUT", "/boxes/1/", decode, json={})
    await http.close()


@pytest.mark.parametrize(
    "sent", [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"]
)
async def test_a_connection_dropped_anywhere_loses_the_answer_of_a_write(sent: bytes) -> None:
    async def drop(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        writer.close()

    async with served(drop) as server:
        http = client(url=server.url)
        with pytest.raises(AnswerLost):
            await http.write("PUT", "/boxes/1/", decode, json={"a": 1})
        await http.close()
    assert len(server.requests) == 1
    assert server.requests[0].endswith(b'{"a":1}')


async def test_a_drip_fed_answer_meets_the_total_deadline() -> None:
    async def drip(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with served(drip) as server:
        http = client(url=server.url, total_seconds=0.2, read_attempts=1)
        with pytest.raises(AnswerLost, match="TimeoutError"):
            await http.write("PUT", "/boxes/1/", decode)
        with pytest.raises(Unreachable, match="TimeoutError"):
            await http.read("/boxes/", decode)
        await http.close()


async def test_a_silent_server_meets_the_read_deadline() -> None:
    async def silent(request: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with served(silent) as server:
        http = client(url=server.url, read_seconds=0.1)
        with pytest.raises(AnswerLost, match="ReadTimeout"):
            await http.write("PUT", "/boxes/1/", decode)
        await http.close()


async def test_a_gzip_body_is_unpacked() -> None:
    body = gzip.compress(b'{"boxes": [' + b"1," * 500_000 + b"2]}", mtime=0)

    async def packed(request: bytes, writer: asyncio.StreamWriter) -> None:
        assert b"accept-encoding: gzip\r\n" in request.lower()
        writer.write(reply(body, "Content-Encoding: gzip"))

    async with served(packed) as server:
        http = client(url=server.url)
        assert len((await http.read("/boxes/", decode))["boxes"]) == 500_001
        await http.close()


def bomb(size: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    blank = b" " * 1_000_000
    return b"".join(packer.compress(blank) for _ in range(size // 1_000_000)) + packer.flush()


@pytest.mark.parametrize("encoding", ["gzip", "gzip, gzip", "deflate", "br", "zstd"])
async def test_a_bomb_is_put_down_before_it_fills_the_memory(encoding: str) -> None:
    body = bomb(100_000_000)

    async def throw(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(body, f"Content-Encoding: {encoding}"))

    async with served(throw) as server:
        http = client(url=server.url, body_limit=2_000_000)
        tracemalloc.start()
        with pytest.raises(UnexpectedAnswer, match="body we do not read"):
            await http.read("/boxes/", decode)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        await http.close()
    assert peak < 20_000_000
    assert len(server.requests) == 1


@pytest.mark.parametrize("cut", [gzip.compress(b"{}" * 999, mtime=0)[:-9], b"not gzip at all"])
async def test_a_damaged_packed_body_loses_the_answer_of_a_write(cut: bytes) -> None:
    async def damaged(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(cut, "Content-Encoding: gzip"))

    async with served(damaged) as server:
        http = client(url=server.url)
        with pytest.raises(AnswerLost, match="the packed body is"):
            await http.write("PUT", "/boxes/1/", decode)
        await http.close()


async def endless(writer: asyncio.StreamWriter, head: bytes) -> None:
    writer.write(head + b"\r\n")
    while not writer.is_closing():
        writer.write(chunk(b" " * 65536))
        await writer.drain()


async def test_an_endless_body_is_cut_off() -> None:
    async with served(lambda request, writer: endless(writer, CHUNKED)) as server:
        http = client(url=server.url, body_limit=1_000_000)
        with pytest.raises(UnexpectedAnswer, match="more than 1,000,000 bytes"):
            await http.read("/boxes/", decode)
        with pytest.raises(AnswerLost):
            await http.write("PUT", "/boxes/1/", decode)
        await http.close()


async def test_an_endless_explanation_does_not_hide_a_refusal() -> None:
    head = CHUNKED.replace(b"200 OK", b"422 No")
    async with served(lambda request, writer: endless(writer, head)) as server:
        http = client(url=server.url)
        with pytest.raises(RequestRefused) as caught:
            await http.write("PUT", "/boxes/1/", decode)
        await http.close()
    assert caught.value.status == 422


async def test_an_explanation_that_breaks_off_does_not_hide_a_refusal() -> None:
    async def break_off(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(b"x" * 99, status="404 Not Found")[:-50])
        writer.close()

    async with served(break_off) as server:
        http = client(url=server.url)
        with pytest.raises(RequestRefused) as caught:
            await http.write("PUT", "/boxes/1/", decode)
        await http.close()
    assert caught.value.body == "x" * 49


async def test_a_redirect_is_not_followed_and_the_key_goes_nowhere_else() -> None:
    async def elsewhere(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(reply())

    async with served(elsewhere) as other:

        async def redirect(request: bytes, writer: asyncio.StreamWriter) -> None:
            writer.write(reply(b"", f"Location: {other.url}/", status="307 Temporary Redirect"))

        async with served(redirect) as server:
            http = client(url=server.url)
            with pytest.raises(UnexpectedAnswer, match="redirect"):
                await http.read("/boxes/", decode)
            with pytest.raises(AnswerLost):
                await http.write("PUT", "/boxes/1/", decode)
            await http.close()
    assert other.connections == 0


@pytest.mark.parametrize(("keepalive", "connections"), [(2.0, 1), (0.0, 5)])
async def test_idle_connections_live_as_long_as_set(keepalive: float, connections: int) -> None:
    async def answer(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(reply())

    async with served(answer) as server:
        http = client(url=server.url, keepalive_seconds=keepalive)
        for _ in range(5):
            await http.write("PUT", "/boxes/1/", decode)
        await http.close()
    assert server.connections == connections


async def test_no_more_requests_are_in_flight_than_set() -> None:
    now = most = 0
    gate = asyncio.Event()

    async def count(request: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        if now == 3:
            gate.set()
        await gate.wait()
        now -= 1
        writer.write(reply())

    async with served(count) as server:
        http = client(url=server.url, in_flight=3)
        await asyncio.gather(*(http.read("/boxes/", decode) for _ in range(20)))
        await http.close()
    assert most == 3


async def test_requests_keep_their_pace() -> None:
    async def answer(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(reply())

    async with served(answer) as server:
        http = client(url=server.url, requests_per_second=50.0)
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*(http.read("/boxes/", decode) for _ in range(8)))
        assert asyncio.get_running_loop().time() - began >= 7 / 50 - 0.01
        await http.close()


@pytest.mark.parametrize(("use_environment", "asked"), [(False, "shop"), (True, "proxy")])
async def test_a_proxy_of_the_environment_is_used_only_when_set(
    use_environment: bool, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def named(name: bytes) -> object:
        async def answer(request: bytes, writer: asyncio.StreamWriter) -> None:
            writer.write(reply(b'"%b"' % name))

        return answer

    async with served(named(b"proxy")) as proxy, served(named(b"shop")) as shop:  # type: ignore[arg-type]
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        http = client(url=shop.url, use_environment=use_environment)
        assert await http.read("/boxes/", decode) == asked
        await http.close()
