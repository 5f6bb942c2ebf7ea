"""Where a remote system is, how politely it is talked to, and the key it is shown."""

from __future__ import annotations

import ipaddress
import socket
from base64 import b64encode
from collections.abc import Generator
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import httpx

from cratejoy_tui.errors import CredentialsMissing, SettingsInvalid

MEBIBYTE = 1024 * 1024
MOST_IN_FLIGHT = 10
"""The HTTP library slows down badly with many more requests at the same time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """One remote system and our manners towards it. Raises SettingsInvalid for an address we must not use."""

    system: str
    """The name an operator knows it by; it stands in every error text."""
    base_url: str
    """`https://api.example.com`, with a path if all paths start with one. Plain http on this machine only."""
    requests_per_second: float | None = 2.0
    """None: no pacing, for a simulator."""
    in_flight: int = MOST_IN_FLIGHT
    connect_seconds: float = 5.0
    read_seconds: float = 30.0
    """The longest silence between two pieces of an answer."""
    write_seconds: float = 30.0
    pool_seconds: float = 30.0
    total_seconds: float = 60.0
    """From the first byte sent to the last one read; stops a server that drips."""
    keepalive_seconds: float = 2.0
    """Idle connections are closed after this; must be shorter than the server's own idle time."""
    body_limit: int = 64 * MEBIBYTE
    """Bytes of an answer after decompression."""
    read_attempts: int = 5
    longest_wait_seconds: float = 300.0
    """However long a Retry-After asks us to wait, this is the most we do."""
    accept: str = "application/json"
    """The kind of answer we ask for."""
    window_left_header: str = ""
    """Header in which each answer says how many requests are left in the remote's own window; "" for none."""
    window_reset_header: str = ""
    """Header in which it says how many seconds that window still lasts."""
    use_environment: bool = False
    """Take proxies and certificates from the environment."""

    def __post_init__(self) -> None:
        problems = [*_address_problems(self.base_url), *self._number_problems()]
        if problems:
            raise SettingsInvalid(problems, where=self.system)

    def _number_problems(self) -> list[str]:
        checks = {
            f"requests in flight must be 1 to {MOST_IN_FLIGHT}": 1 <= self.in_flight <= MOST_IN_FLIGHT,
            "requests per second must be above 0": self.requests_per_second is None or self.requests_per_second > 0,
            "read attempts must be 1 to 20": 1 <= self.read_attempts <= 20,
        }
        return [problem for problem, is_fine in checks.items() if not is_fine]

    @property
    def address(self) -> SplitResult:
        """The base URL in parts."""
        return urlsplit(self.base_url)

    def url(self, path: str) -> str:
        """The full address of a path of this system; a path cannot lead to another one."""
        return self.base_url.rstrip("/") + "/" + path.lstrip("/")


def is_loopback(host: str) -> bool:
    """True when the name, resolved, is this machine and nothing else."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        pass  # a name, not a number: it is resolved below
    if host != "localhost" and not host.endswith(".localhost"):
        return False
    try:
        found = socket.getaddrinfo(host, None)
    except OSError:
        return False
    return all(ipaddress.ip_address(entry[4][0]).is_loopback for entry in found)


def _address_problems(base_url: str) -> list[str]:
    try:
        address = urlsplit(base_url)
        host = address.hostname or ""
        _ = address.port
    except ValueError:
        return ["the address is not a URL"]
    if address.scheme not in ("https", "http") or not host:
        return ["the address must begin with https:// and name a host"]
    if "@" in address.netloc or address.query or address.fragment:
        return ["the address must hold neither a key nor a question mark nor a #"]
    if address.scheme == "http" and not is_loopback(host):
        return [f"plain http would show the key to everyone on the way to {host}; use https"]
    return []


class Key(httpx.Auth):
    """A secret shown to the remote system with each request; it never prints itself."""

    __slots__ = ("_header",)

    def __init__(self, scheme: str, secret: str) -> None:
        self._header = f"{scheme} {secret}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}(***)"

    def __reduce__(self) -> str:
        raise TypeError("a key is not written anywhere")

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign one request."""
        request.headers["Authorization"] = self._header
        yield request


class BasicKey(Key):
    """Client id and secret, as HTTP Basic. Raises CredentialsMissing when one of them is empty."""

    __slots__ = ()

    def __init__(self, user: str, secret: str) -> None:
        if not user or not secret or ":" in user:
            raise CredentialsMissing("The key has no client id or no client secret.")
        super().__init__("Basic", b64encode(f"{user}:{secret}".encode()).decode("ascii"))


class BearerKey(Key):
    """One token. Raises CredentialsMissing when it is empty or cannot stand in a header."""

    __slots__ = ()

    def __init__(self, token: str) -> None:
        if not token or not token.isascii() or not token.isprintable():
            raise CredentialsMissing("The token is empty or has characters no token has.")
        super().__init__("Bearer", token)
