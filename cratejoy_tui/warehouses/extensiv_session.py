"""Talking to Extensiv with a token that is renewed before it ends, and once more when it ended early."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from cratejoy_tui.errors import SignInRefused, UnexpectedAnswer
from cratejoy_tui.http import BasicKey, KeyRefused, PoliteClient, Remote, RequestRefused
from cratejoy_tui.http.remote import Key
from cratejoy_tui.secret import Secret
from cratejoy_tui.sync.ports import Clock
from cratejoy_tui.warehouses.extensiv_faults import fault_of, sign_in_words
from cratejoy_tui.warehouses.extensiv_records import token_of

SIGN_IN = "/AuthServer/api/Token"
LONGEST_USE = timedelta(minutes=30)
EARLY = timedelta(minutes=5)
_PAST = datetime.min.replace(tzinfo=UTC)

T = TypeVar("T")


class TokenKey(Key):
    """A bearer token that can be exchanged."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("Bearer", "")

    def take(self, token: Secret) -> None:
        """Show this token from now on."""
        self._header = f"Bearer {token.reveal()}"


class Session:
    """One sign-in, shared by every request of one warehouse; only one renewal runs at a time."""

    def __init__(self, remote: Remote, key: BasicKey, credentials: Mapping[str, str], clock: Clock) -> None:
        """`credentials` go in the body of the sign-in, beside the key."""
        self._shown = TokenKey()
        self.client = PoliteClient(remote, self._shown, wait=clock.sleep)
        self._sign_in = PoliteClient(remote, key, wait=clock.sleep)
        self._sign_in.calls = self.client.calls
        self._credentials = {"grant_type": "client_credentials", **credentials}
        self.clock = clock
        self._token: Secret | None = None
        self._good_until = _PAST
        self._renewing = asyncio.Lock()

    async def read(self, path: str, decode: Callable[[bytes], T], *, arguments: Mapping[str, str] | None = None) -> T:
        """Like the client's own, with a good token."""
        return (await self.read_tagged(path, decode, arguments=arguments))[0]

    async def read_tagged(
        self, path: str, decode: Callable[[bytes], T], *, arguments: Mapping[str, str] | None = None
    ) -> tuple[T, str]:
        """Like the client's own, with a good token."""
        return await self._signed(lambda: self.client.read_tagged(path, decode, arguments=arguments))

    async def write(
        self, method: str, path: str, decode: Callable[[bytes], T], *, json: object, if_match: str = ""
    ) -> T:
        """Like the client's own, with a good token. Raises RequestRefused for a 403 that is not about access."""
        try:
            return await self._signed(lambda: self.client.write(method, path, decode, json=json, if_match=if_match))
        except KeyRefused as refused:
            fault = fault_of(refused.raw)
            if not fault.is_about_an_action:
                raise
            said, raw = f"{self.client.remote.system} refused {method} {path}: {fault.words()}.", refused.raw
        raise RequestRefused(said, status=403, body=fault.words(), raw=raw)

    async def close(self) -> None:
        """Let go of the connections."""
        await self.client.close()
        await self._sign_in.close()

    async def _signed(self, ask: Callable[[], Awaitable[T]]) -> T:
        token = self._token
        if token is None or self.clock.now() >= self._good_until:
            await self._renew(token)
            token = self._token
        try:
            return await ask()
        except KeyRefused as refused:
            if refused.status != 401:
                raise
        # Nothing was done: the request did not get past the door. A new token is tried once.
        await self._renew(token)
        return await ask()

    async def _renew(self, used: Secret | None) -> None:
        async with self._renewing:
            if self._token is not used:
                return  # somebody else renewed it while we waited
            words = ""
            try:
                told = await self._sign_in.read(SIGN_IN, token_of, method="POST", json=self._credentials)
            except KeyRefused as refused:
                words = sign_in_words(refused.raw)
            except RequestRefused as refused:
                if refused.status != 400:
                    raise
                words = sign_in_words(refused.raw)
            if words:
                raise SignInRefused(f"{self.client.remote.system} refused the sign-in: {words}.")
            if not told.access_token.isascii() or not told.access_token.isprintable():
                raise UnexpectedAnswer(f"{self.client.remote.system} gave a token with characters no token has.")
            self._token = Secret(told.access_token)
            self._shown.take(self._token)
            life = timedelta(seconds=min(max(told.expires_in, 0.0), 86400.0))
            self._good_until = self.clock.now() + min(max(life - EARLY, life / 2), LONGEST_USE)
