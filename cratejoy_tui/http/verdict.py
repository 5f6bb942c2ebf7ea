"""What a failed exchange means: surely nothing done, surely refused, or perhaps done."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from cratejoy_tui.errors import AnswerLost, CratejoyTuiError, RateLimited, SignInRefused, UnexpectedAnswer, Unreachable
from cratejoy_tui.text import clean

REFUSED = frozenset({400, 404, 405, 409, 410, 412, 413, 415, 422, 428})
"""The remote understood us and did nothing."""
BUSY = frozenset({408, 425, 500, 502, 503, 504})
"""A read may be tried again; a write may have been done."""

NOTHING_SENT: tuple[type[Exception], ...] = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""No byte of the request can have reached the remote. Whatever else the library raises counts as perhaps done."""

_TELLING = (httpx.NetworkError, httpx.ProxyError, httpx.RemoteProtocolError)
_WAITS_WITHOUT_HINT = (10.0, 20.0, 40.0, 60.0)
_SECONDS = re.compile(r"[0-9]{1,9}", re.ASCII)


class RequestRefused(UnexpectedAnswer):
    """A remote system understood a request and said no: nothing was done."""

    def __init__(self, message: str, *, status: int, body: str, raw: bytes = b"") -> None:
        self.status = status
        self.body = body
        """Its own words, cleaned, 500 characters at most."""
        self.raw = raw
        """The beginning of what it said, as it came."""
        super().__init__(message)


class KeyRefused(SignInRefused):
    """A remote system refused our key, with 401 or 403."""

    def __init__(self, message: str, *, status: int, raw: bytes = b"") -> None:
        self.status = status
        self.raw = raw
        """The beginning of what it said, as it came: some systems answer 403 for reasons other than the key."""
        super().__init__(message)


class ServerFault(Unreachable):
    """A read was answered, but with a fault of the remote system itself: 5xx and its kin."""

    def __init__(self, message: str, *, status: int) -> None:
        self.status = status
        super().__init__(message)


class Undecodable(UnexpectedAnswer):
    """A remote system said yes, with a body we cannot read."""


def of_failure(error: BaseException, system: str, what: str, *, is_write: bool) -> CratejoyTuiError:
    """Our error for a request that got no answer. The text holds no header and no address."""
    why = type(error).__name__
    # Other messages can quote our own headers, and with them the key.
    if isinstance(error, _TELLING) and str(error):
        why = f"{why}: {clean(str(error), 200)}"
    if isinstance(error, NOTHING_SENT):
        return Unreachable(f"{system} could not be reached for {what} ({why}); nothing was sent.")
    if is_write:
        return AnswerLost(f"{system} did not answer {what} ({why}); it may have been done.")
    return Unreachable(f"{system} did not answer {what} ({why}).")


def of_status(
    status: int, headers: Mapping[str, str], body: bytes, system: str, what: str, *, is_write: bool, waits: int = 0
) -> CratejoyTuiError:
    """Our error for an answer other than 2xx. `waits`: how often this request has been put off already."""
    words = clean(body.decode("utf-8", "replace"), 500)
    said = f"{system} answered {what} with {status}" + (f": {words}" if words else "")
    if status in (401, 403):
        return KeyRefused(f"{system} refused the key for {what} ({status}).", status=status, raw=body)
    if status == 429:
        seconds = asked_wait(headers)
        seconds = _WAITS_WITHOUT_HINT[min(waits, 3)] if seconds is None else seconds
        return RateLimited(f"{system} asks us to slow down ({what}); nothing was done.", wait_seconds=seconds)
    if status in REFUSED:
        return RequestRefused(f"{said}.", status=status, body=words, raw=body)
    if is_write:
        return AnswerLost(f"{said}; it may have been done.")
    if status in BUSY:
        return ServerFault(f"{said}.", status=status)
    if 300 <= status < 400:
        return UnexpectedAnswer(f"{system} answered {what} with a redirect ({status}), which is never followed.")
    return UnexpectedAnswer(f"{said}.")


def asked_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds the remote asks us to wait, from either form of Retry-After; None when it does not say."""
    value = headers.get("retry-after", "").strip()
    seconds = seconds_of(value)
    if seconds is not None:
        return seconds
    until = http_date(value)
    if until is None:
        return None
    # Measured on the remote's own clock where it shows one: ours may be wrong.
    now = http_date(headers.get("date", "")) or datetime.now(UTC)
    return max(0.0, (until - now).total_seconds())


def seconds_of(value: str) -> float | None:
    """A plain count in a header; None when it is not one."""
    value = value.strip()
    return float(value) if _SECONDS.fullmatch(value) else None


def http_date(value: str) -> datetime | None:
    """An instant from an HTTP header; None when it is not one."""
    try:
        moment = parsedate_to_datetime(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
