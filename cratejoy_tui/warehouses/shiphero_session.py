"""Signing in to ShipHero: a token for 28 days, and a refresh token that gets the next one."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from cratejoy_tui.errors import SignInRefused
from cratejoy_tui.http import Remote, RequestRefused
from cratejoy_tui.secret import Secret
from cratejoy_tui.sync.ports import Clock
from cratejoy_tui.warehouses.tokens import TokenSession
from cratejoy_tui.warehouses.told import read_as

SIGN_IN = "/auth/token"
REFRESH = "/auth/refresh"
EARLY = timedelta(hours=1)


class Token(msgspec.Struct):
    """What a sign-in gives; a refresh gives no second refresh token."""

    access_token: str
    refresh_token: str = ""
    expires_in: float = 0.0
    """Seconds."""


class Session(TokenSession):
    """Requests to ShipHero."""

    def __init__(self, remote: Remote, user: str, password: Secret, clock: Clock) -> None:
        super().__init__(remote, clock)
        self._user, self._password = user, password
        self._refresh: Secret | None = None

    async def ask_for_token(self) -> tuple[str, timedelta]:
        """A new token, by the refresh token where that is still taken. Raises SignInRefused."""
        told = await self._refreshed()
        if told is None:
            who = {"username": self._user, "password": self._password.reveal()}
            told = await self.sign_in(SIGN_IN, read_as(Token), who)
        self._refresh = Secret(told.refresh_token) if told.refresh_token else self._refresh
        life = timedelta(seconds=min(max(told.expires_in, 0.0), 30 * 86_400.0))
        return told.access_token, max(life - EARLY, life / 2)

    async def _refreshed(self) -> Token | None:
        """A new token for the refresh token; None when there is none, or it is not taken any more."""
        if self._refresh is None:
            return None
        try:
            return await self.sign_in(REFRESH, read_as(Token), {"refresh_token": self._refresh.reveal()})
        except (SignInRefused, RequestRefused):
            self._refresh = None
            return None
