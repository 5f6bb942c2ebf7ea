"""Reading the body of an answer without ever holding more of it than allowed."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator

import httpx

_GZIP = 16 + zlib.MAX_WBITS
_PIECE = 256 * 1024


class BodyUnreadable(Exception):
    """The body is too large, cut short, or packed in a way we did not ask for."""


async def read_body(response: httpx.Response, limit: int) -> bytes:
    """The body, unpacked, at most `limit` bytes of it. Raises BodyUnreadable beyond that."""
    if response.is_stream_consumed:  # an in-process transport made it in memory
        _check(len(response.content), limit)
        return response.content
    unpack, is_whole = _unpacking(response)
    body = bytearray()
    async for chunk in response.aiter_raw():
        for piece in unpack(chunk):
            body += piece
            _check(len(body), limit)
    if not is_whole():
        raise BodyUnreadable("the packed body is cut short")
    return bytes(body)


async def read_beginning(response: httpx.Response, limit: int) -> bytes:
    """The first bytes of an error's body; whatever breaks, what we have is enough, for the status was told."""
    if response.is_stream_consumed:
        return response.content[:limit]
    body = bytearray()
    try:
        unpack, _ = _unpacking(response)
        async for chunk in response.aiter_raw():
            for piece in unpack(chunk):
                body += piece
                if len(body) >= limit:
                    return bytes(body[:limit])
    except (httpx.HTTPError, BodyUnreadable):
        return bytes(body)
    return bytes(body)


def _unpacking(response: httpx.Response) -> tuple[Callable[[bytes], Iterator[bytes]], Callable[[], bool]]:
    # The library's own decoders unpack a whole chunk, layer upon layer: two layers of gzip make 64 GiB of 64 KiB.
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        return lambda chunk: iter((chunk,)), lambda: True
    if encoding not in ("gzip", "x-gzip"):
        raise BodyUnreadable("packed in a way we did not ask for")
    inflater = zlib.decompressobj(_GZIP)

    def unpack(chunk: bytes) -> Iterator[bytes]:
        while chunk and not inflater.eof:
            try:
                yield inflater.decompress(chunk, _PIECE)
            except zlib.error:
                raise BodyUnreadable("the packed body is damaged") from None
            chunk = inflater.unconsumed_tail

    return unpack, lambda: inflater.eof


def _check(size: int, limit: int) -> None:
    if size > limit:
        raise BodyUnreadable(f"more than {limit:,} bytes")
