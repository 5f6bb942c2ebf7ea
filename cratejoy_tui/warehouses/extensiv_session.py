"""Talking to Extensiv with a token that lives half an hour or an hour."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TypeVar

from cratejoy_tui.http import BasicKey, KeyRefused, Remote, RequestRefused
from cratejoy_tui.sync.ports import Clock
from cratejoy_tui.warehouses.extensiv_faults import fault_of, sign_in_words
from cratejoy_tui.warehouses.extensiv_records import token_of
from cratejoy_tui.warehouses.tokens import TokenSession

SIGN_IN = "/AuthServer/api/Token"
LONGEST_USE = timedelta(minutes=30)
EARLY = timedelta(minutes=5)

T = TypeVar("T")


class Session(TokenSession):
    """Requests to Extensiv."""

    def __init__(self, remote: Remote, key: BasicKey, credentials: Mapping[str, str], clock: Clock) -> None:
        """`credentials` go in the body of the sign-in, beside the key."""
        super().__init__(remote, clock, key)
        self._credentials = {"grant_type": "client_credentials", **credentials}

    async def read(self, path: str, decode: Callable[[bytes], T], *, arguments: Mapping[str, str] | None = None) -> T:
        """Like the client's own, with a good token."""
        return (await self.read_tagged(path, decode, arguments=arguments))[0]

    async def read_tagged(
        self, path: str, decode: Callable[[bytes], T], *, arguments: Mapping[str, str] | None = None
    ) -> tuple[T, str]:
        """Like the client's own, with a good token."""
        return await self.signed(lambda: self.client.read_tagged(path, decode, arguments=arguments))

    async def write(
        self, method: str, path: str, decode: Callable[[bytes], T], *, json: object, if_match: str = ""
    ) -> T:
        """Like the client's own, with a good token. Raises RequestRefused for a 403 that is not about access."""
        try:
            return await self.signed(lambda: self.client.write(method, path, decode, json=json, if_match=if_match))
        except KeyRefused as refused:
            fault = fault_of(refused.raw)
            if not fault.is_about_an_action:
                raise
            said, raw = f"{self.client.remote.system} refused {method} {path}: {fault.words()}.", refused.raw
        raise RequestRefused(said, status=403, body=fault.words(), raw=raw)

    async def ask_for_token(self) -> tuple[str, timedelta]:
        """A new token, used for half an hour at most. Raises SignInRefused with its words."""
        told = await self.sign_in(SIGN_IN, token_of, self._credentials)
        life = timedelta(seconds=min(max(told.expires_in, 0.0), 86400.0))
        return told.access_token, min(max(life - EARLY, life / 2), LONGEST_USE)

    def words_of_no(self, raw: bytes) -> str:
        """Why a sign-in was refused; it has several ways to say so."""
        return sign_in_words(raw)
