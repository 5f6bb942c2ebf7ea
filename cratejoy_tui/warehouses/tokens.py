"""Signing in for a token that ends: renewed early, by one request at a time, and once more when it ended sooner."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from cratejoy_tui.errors import SignInRefused, UnexpectedAnswer
from cratejoy_tui.http import KeyRefused, PoliteClient, Remote, RequestRefused
from cratejoy_tui.http.remote import Key
from cratejoy_tui.secret import Secret
from cratejoy_tui.sync.ports import Clock
from cratejoy_tui.text import clean

T = TypeVar("T")


class TokenKey(Key):
    """A bearer token that can be exchanged."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("Bearer", "")

    def take(self, token: Secret) -> None:
        """Show this token from now on."""
        self._header = f"Bearer {token.reveal()}"


class TokenSession(ABC):
    """One sign-in, shared by every request of one warehouse."""

    def __init__(self, remote: Remote, clock: Clock, key: Key | None = None) -> None:
        """`key` opens the door where tokens are given."""
        self._shown = TokenKey()
        self.client = PoliteClient(remote, self._shown, wait=clock.sleep)
        self._sign_in = PoliteClient(remote, key, wait=clock.sleep)
        self._sign_in.calls = self.client.calls
        self.clock = clock
        self._token: Secret | None = None
        self._good_until = datetime.min.replace(tzinfo=UTC)
        self._renewing = asyncio.Lock()

    @abstractmethod
    async def ask_for_token(self) -> tuple[str, timedelta]:
        """A new token, and how long it is to be used. Raises SignInRefused."""

    async def sign_in(self, path: str, decode: Callable[[bytes], T], body: Mapping[str, str]) -> T:
        """Ask where tokens are given. Raises SignInRefused with the words of a no."""
        try:
            return await self._sign_in.read(path, decode, method="POST", json=body)
        except (KeyRefused, RequestRefused) as refused:
            if refused.status not in (400, 401, 403):
                raise
            words = self.words_of_no(refused.raw)
        raise SignInRefused(f"{self.client.remote.system} refused the sign-in: {words}.")

    def words_of_no(self, raw: bytes) -> str:
        """Why a sign-in was refused, as it says."""
        return clean(raw.decode("utf-8", "replace"), 500) or "no reason given"

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
            token, use = await self.ask_for_token()
            if not token.isascii() or not token.isprintable():
                raise UnexpectedAnswer(f"{self.client.remote.system} gave a token with characters no token has.")
            self._token = Secret(token)
            self._shown.take(self._token)
            self._good_until = self.clock.now() + use
