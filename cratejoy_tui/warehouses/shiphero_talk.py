"""Questions to ShipHero in its own language: failures stand inside answers with status 200, and each costs credits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from cratejoy_tui.errors import CratejoyTuiError, RateLimited, SignInRefused, UnexpectedAnswer
from cratejoy_tui.http import RequestRefused
from cratejoy_tui.text import clean
from cratejoy_tui.warehouses.shiphero_session import Session

PATH = "/graphql"
NOT_FOUND = 5
THROTTLED = 30
TRIES = 5
QUOTA = "query Quota { user_quota { credits_remaining max_available increment_rate } }"
WAIT_WITHOUT_HINT = 10.0
_SECONDS = re.compile(r"(\d+(?:\.\d+)?)\s*s", re.IGNORECASE)
_MINUTES = re.compile(r"(\d+)\s*m", re.IGNORECASE)
_NO_ENTRY = re.compile(r"unauthori[sz]ed|not authenticated|token (?:is |has )?(?:expired|invalid)", re.IGNORECASE)

T = TypeVar("T")


class Trouble(msgspec.Struct):
    """One entry of `errors`; figures about credits stand in it or in its `extensions`."""

    message: str = ""
    code: int | str | None = None
    time_remaining: float | str | None = None
    remaining_credits: float | None = None
    extensions: dict[str, Any] | None = None

    def is_about(self, code: int) -> bool:
        """Has it this code?"""
        return str(code) in (str(self.code), str((self.extensions or {}).get("code")))

    @property
    def is_throttle(self) -> bool:
        """Were there too few credits? Then nothing was done."""
        return self.is_about(THROTTLED) or "not enough credits" in self.message.lower()

    @property
    def wait_seconds(self) -> float:
        """How long until there are enough credits, as it says."""
        told = self.time_remaining or (self.extensions or {}).get("time_remaining") or self.message
        if isinstance(told, int | float):
            return float(told)
        text = str(told)
        seconds = sum(float(n) for n in _SECONDS.findall(text)) + sum(60.0 * int(n) for n in _MINUTES.findall(text))
        return seconds or WAIT_WITHOUT_HINT


class Reply(msgspec.Struct):
    """An answer: what was asked for by name, and what went wrong."""

    data: dict[str, msgspec.Raw] | None = None
    errors: list[Trouble] | None = None


class Quota(msgspec.Struct):
    """The account's credits."""

    credits_remaining: float
    max_available: float
    increment_rate: float
    """Credits a second."""


class Cost(msgspec.Struct):
    """What an operation says that it cost."""

    complexity: float | None = None


class ShipHeroTalk:
    """Asks, pays and waits for credits, and tells refusals apart."""

    def __init__(self, session: Session) -> None:
        self._session, self._clock = session, session.clock
        self._system = session.client.remote.system
        self._quota: Quota | None = None
        self._as_of = self._clock.now()

    async def quota(self) -> Quota:
        """The account's credits, read now. Reading them costs nothing."""
        reply = await self._post(QUOTA, {}, is_write=False)
        found = answer(reply, "user_quota", Quota)
        if found is None:
            raise self.problem(reply.errors or [], "user_quota")
        self._quota, self._as_of = found, self._clock.now()
        return found

    async def read(self, document: str, variables: Mapping[str, Any], cost: float) -> Reply:
        """Ask, and ask again after the time it names when credits are short; names that do not exist are no error.

        `cost` is the most that this may cost, in credits. Raises SignInRefused, Unreachable, RequestRefused.
        """
        for _ in range(TRIES):
            await self._afford(cost)
            reply = await self._post(document, variables, is_write=False)
            troubles = [one for one in reply.errors or [] if not one.is_about(NOT_FOUND)]
            if not troubles:
                return reply
            error = self.problem(troubles, "a question")
            if not isinstance(error, RateLimited):
                raise error
            await self._clock.sleep(error.wait_seconds)
        raise error

    async def write(self, document: str, variables: Mapping[str, Any], cost: float) -> Reply:
        """Ask for a change, once, when there are credits for it; what it says is for the caller to read.

        Raises AnswerLost when it may have been done, RateLimited and the like when it was not.
        """
        await self._afford(cost)
        reply = await self._post(document, variables, is_write=True)
        for trouble in reply.errors or []:
            if trouble.is_throttle:
                raise self.problem([trouble], "a change")
        return reply

    def problem(self, troubles: Sequence[Trouble], what: str) -> CratejoyTuiError:
        """Our error for what it says went wrong."""
        words = words_of(troubles)
        for trouble in troubles:
            if trouble.is_throttle:
                self._note_shortage(trouble)
                said = f"{self._system} has too few credits for {what}; nothing was done."
                return RateLimited(said, wait_seconds=self._bounded(trouble.wait_seconds))
        if _NO_ENTRY.search(words):
            return SignInRefused(f"{self._system} refused the token for {what}: {words}.")
        return RequestRefused(f"{self._system} refused {what}: {words}.", status=200, body=words)

    async def _post(self, document: str, variables: Mapping[str, Any], *, is_write: bool) -> Reply:
        client, body = self._session.client, {"query": document, "variables": variables}

        async def ask() -> Reply:
            if is_write:
                reply = await client.write("POST", PATH, _DECODE, json=body)
            else:
                reply = await client.read(PATH, _DECODE, method="POST", json=body)
            if reply.errors and not any((reply.data or {}).values()) and _NO_ENTRY.search(words_of(reply.errors)):
                raise self.problem(reply.errors, "a question")
            return reply

        reply = await self._session.signed(ask)
        if reply.data is None and not reply.errors:
            raise UnexpectedAnswer(f"{self._system} answered with neither data nor errors.")
        self._pay(reply)
        return reply

    async def _afford(self, cost: float) -> None:
        """Wait until the credits are there, by our own count of what it told us."""
        quota = self._quota or await self.quota()
        cost = min(cost, quota.max_available)
        short = cost - self._remaining(quota)
        if short > 0:
            await self._clock.sleep(self._bounded(short / max(quota.increment_rate, 0.1)))

    def _remaining(self, quota: Quota) -> float:
        grown = (self._clock.now() - self._as_of).total_seconds() * quota.increment_rate
        return min(quota.max_available, quota.credits_remaining + max(grown, 0.0))

    def _pay(self, reply: Reply) -> None:
        spent = sum(price_of(raw) for raw in (reply.data or {}).values())
        if self._quota is not None and spent:
            self._set_remaining(self._remaining(self._quota) - spent)

    def _note_shortage(self, trouble: Trouble) -> None:
        # Others spend the account's credits, too: what it says now counts for more than our own count.
        left = trouble.remaining_credits
        if left is None:
            told = (trouble.extensions or {}).get("remaining_credits")
            left = float(told) if isinstance(told, int | float) else 0.0
        self._set_remaining(left)

    def _set_remaining(self, credits_left: float) -> None:
        if self._quota is not None:
            self._quota = msgspec.structs.replace(self._quota, credits_remaining=credits_left)
            self._as_of = self._clock.now()

    def _bounded(self, seconds: float) -> float:
        return min(max(seconds, 0.0), self._session.client.remote.longest_wait_seconds)


def answer(reply: Reply, name: str, kind: type[T]) -> T | None:
    """What it answered under this name; None when it is null. Raises UnexpectedAnswer when it cannot be read."""
    raw = (reply.data or {}).get(name)
    try:
        return None if raw is None else msgspec.json.decode(raw, type=kind | None)
    except msgspec.MsgspecError as error:
        problem = clean(str(error), 200)
    raise UnexpectedAnswer(f"ShipHero answered `{name}` with something we cannot read ({problem}).")


def words_of(troubles: Sequence[Trouble]) -> str:
    """Its own words for what went wrong."""
    return clean("; ".join(dict.fromkeys(trouble.message for trouble in troubles)), 500) or "it gave no reason"


def price_of(raw: msgspec.Raw) -> float:
    """What an operation says that it cost, in credits."""
    try:
        told = msgspec.json.decode(raw, type=Cost | None)
    except msgspec.MsgspecError:
        return 0.0
    return (told.complexity or 0.0) if told is not None else 0.0


_DECODE = msgspec.json.Decoder(Reply).decode
