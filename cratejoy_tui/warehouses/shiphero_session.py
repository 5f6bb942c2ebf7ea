"""Signing in to ShipHero: a token for 28 days, renewed early, by one request at a time, and once more when refused."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec

from cratejoy_tui.errors import CratejoyTuiError, SignInRefused, UnexpectedAnswer
from cratejoy_tui.http import KeyRefused, PoliteClient, Remote, RequestRefused
from cratejoy_tui.http.remote import Key
from cratejoy_tui.secret import Secret
from cratejoy_tui.sync.ports import Clock

SIGN_IN = "/auth/token"
REFRESH = "/auth/refresh"
EARLY = timedelta(hours=1)
_PAST = datetime.min.replace(tzinfo=UTC)

T = TypeVar("T")


class Token(msgspec.Struct):
    """What a sign-in gives; a refresh gives no second refresh token."""

    access_token: str
    refresh_token: str = ""
    expires_in: float = 0.0
    """Seconds."""


class TokenKey(Key):
    """A bearer token that can be exchanged."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("Bearer", "")

    def take(self, token: Secret) -> None:
        """Show this token from now on."""
        self._header = f"Bearer {token.reveal()}"


class Session:
    """One sign-in, shared by every request of one warehouse."""

    def __init__(self, remote: Remote, user: str, password: Secret, clock: Clock) -> None:
        self._shown = TokenKey()
        self.client = PoliteClient(remote, self._shown, wait=clock.sleep)
        self._sign_in = PoliteClient(remote, wait=clock.sleep)
        self._sign_in.calls = self.client.calls
        self._system = remote.system
        self._user, self._password, self.clock = user, password, clock
        self._token: Secret | None = None
        self._refresh: Secret | None = None
        self._good_until = _PAST
        self._renewing = asyncio.Lock()

    async def signed(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask with a good token; when it is refused, once more with a new one: nothing was done behind that door."""
        token = self._token
        if token is None or self.clock.now() >= self._good_until:
            await self._renew(token)
            token = self._token
        try:
            return await ask()
        except SignInRefused as refused:
            if isinstance(refused, KeyRefused) and refused.status != 401:
                raise
        await self._renew(token)
        return await ask()

    async def close(self) -> None:
        """Let go of the connections."""
        await self.client.close()
        await self._sign_in.close()

    async def _renew(self, used: Secret | None) -> None:
        async with self._renewing:
            if self._token is not used:
                return  # somebody else renewed it while we waited
            told = await self._refreshed() or await self._signed_in()
            if not told.access_token.isascii() or not told.access_token.isprintable():
                raise UnexpectedAnswer(f"{self._system} gave a token with characters no token has.")
            self._token = Secret(told.access_token)
            self._refresh = Secret(told.refresh_token) if told.refresh_token else self._refresh
            self._shown.take(self._token)
            life = timedelta(seconds=min(max(told.expires_in, 0.0), 30 * 86_400.0))
            self._good_until = self.clock.now() + max(life - EARLY, life / 2)

    async def _refreshed(self) -> Token | None:
        """A new token for the refresh token; None when there is none, or it is not taken any more."""
        if self._refresh is None:
            return None
        try:
            return await self._ask(REFRESH, {"refresh_token": self._refresh.reveal()})
        except (KeyRefused, RequestRefused):
            self._refresh = None
            return None

    async def _signed_in(self) -> Token:
        problem: CratejoyTuiError
        try:
            return await self._ask(SIGN_IN, {"username": self._user, "password": self._password.reveal()})
        except KeyRefused:
            problem = SignInRefused(f"{self._system} refused the user name or its password.")
        except RequestRefused as refused:
            if refused.status != 400:
                raise
            problem = SignInRefused(f"{self._system} refused the sign-in: {refused.body or refused.message}.")
        raise problem

    async def _ask(self, path: str, body: dict[str, str]) -> Token:
        return await self._sign_in.read(path, msgspec.json.Decoder(Token).decode, method="POST", json=body)
