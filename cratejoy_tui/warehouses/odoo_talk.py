"""How Odoo is spoken to: JSON-2 from version 19 on, JSON-RPC before, and what its refusals mean."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, TypeVar

import httpx
import msgspec

from cratejoy_tui.errors import CratejoyTuiError, SetupError, SignInRefused, UnexpectedAnswer, Unreachable
from cratejoy_tui.http import BearerKey, KeyRefused, PoliteClient, RequestRefused
from cratejoy_tui.secret import Secret
from cratejoy_tui.text import clean, one_line

FIRST_WITH_JSON2 = 19
OLDEST = 16
CONTEXT: Mapping[str, Any] = {"tz": "UTC"}
"""Times given to `load` are read in the user's own zone unless it is told another."""

RIGHTS = "Give the API user the rights Sales / User and Inventory / User, then run again."
_BUSY = ("could not serialize", "deadlock detected", "could not obtain lock")
_NO_ENTRY = frozenset({"odoo.exceptions.AccessDenied", "odoo.http.SessionExpiredException"})
_NO_RIGHT = "odoo.exceptions.AccessError"
_VERSION = re.compile(r"(\d+)\.(\d+)")
_MESSAGE = re.compile(rb'"message":\s*("(?:[^"\\]|\\.)*")')
_NAME = re.compile(rb'"name":\s*("(?:[^"\\]|\\.)*")')

T = TypeVar("T")


class OdooKey(BearerKey):
    """The API key, shown to the newer kind of address only: the older one has it in the body."""

    __slots__ = ("_database",)

    def __init__(self, token: str, database: str) -> None:
        super().__init__(token)
        self._database = database

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign one request."""
        if "/json/2/" not in request.url.path:
            yield request
            return
        if self._database:
            request.headers["X-Odoo-Database"] = self._database
        yield from super().auth_flow(request)


class Version(msgspec.Struct):
    """What it says it is: `19.0`, `saas~18.2`."""

    version: str = ""
    server_version: str = ""


class FaultDetail(msgspec.Struct):
    """The exception behind a fault."""

    name: str = ""
    message: str = ""


class Fault(msgspec.Struct):
    """A refusal inside an answer with status 200."""

    message: str = ""
    data: FaultDetail = msgspec.field(default_factory=FaultDetail)


class Envelope(msgspec.Struct):
    """A JSON-RPC answer; a method that gives nothing leaves `result` out."""

    result: msgspec.Raw = msgspec.Raw(b"null")
    error: Fault | None = None


class OdooTalk:
    """Calls methods of Odoo's models by name, in whichever way this server understands."""

    def __init__(self, client: PoliteClient, *, database: str, login: str, key: Secret, company: int = 0) -> None:
        """`company`: the number of the one that all is done for; 0: the user's own."""
        self._client = client
        self._system = client.remote.system
        self._database, self._login, self._key = database, login, key
        self._context = {**CONTEXT, "allowed_company_ids": [company]} if company else CONTEXT
        self._meeting = asyncio.Lock()
        self._version = ""
        self._user = 0

    async def version(self) -> str:
        """Its version in words, asked once. Raises SetupError for one that is too old for us."""
        async with self._meeting:
            if not self._version:
                self._version = await self._ask_version()
        if _major(self._version) < OLDEST:
            raise SetupError(f"{self._system} is Odoo {self._version}; versions {OLDEST} and later are served.")
        return self._version

    async def read(self, kind: type[T], model: str, method: str, **arguments: Any) -> T:
        """Ask; asking again is harmless. Raises SignInRefused, Unreachable, RequestRefused, UnexpectedAnswer."""
        return await self._call(kind, model, method, None, arguments, is_write=False)

    async def write(self, kind: type[T], model: str, method: str, ids: Sequence[int] | None, **arguments: Any) -> T:
        """Ask for a change, once. Raises AnswerLost when it may have been done, else as `read`; then it was not."""
        return await self._call(kind, model, method, ids, arguments, is_write=True)

    async def _call(
        self,
        kind: type[T],
        model: str,
        method: str,
        ids: Sequence[int] | None,
        named: dict[str, Any],
        *,
        is_write: bool,
    ) -> T:
        named = {**named, "context": {**self._context, **named.get("context", {})}}
        if _major(await self.version()) >= FIRST_WITH_JSON2:
            body = named if ids is None else {"ids": list(ids), **named}
            return await self._by_json2(kind, f"/json/2/{model}/{method}", body, is_write=is_write)
        call = [model, method, [] if ids is None else [list(ids)], named]
        user = await self._signed_in()
        params = [self._database, user, self._key.reveal(), *call]
        return await self._by_rpc(kind, "object", "execute_kw", params, f"{model}.{method}", is_write=is_write)

    async def _by_json2(self, kind: type[T], path: str, body: Mapping[str, Any], *, is_write: bool) -> T:
        decode = msgspec.json.Decoder(kind).decode
        problem: CratejoyTuiError
        try:
            if is_write:
                return await self._client.write("POST", path, decode, json=body)
            return await self._client.read(path, decode, method="POST", json=body)
        except (KeyRefused, RequestRefused) as refused:
            words = _text(_MESSAGE, refused.raw, 500) or f"status {refused.status}"
            problem = self._problem(_text(_NAME, refused.raw, 100), words, path, refused)
        raise problem

    async def _by_rpc(
        self, kind: type[T], service: str, method: str, params: Sequence[Any], what: str, *, is_write: bool
    ) -> T:
        call = {"service": service, "method": method, "args": params}
        body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": call}
        decode = _unwrapping(kind)
        if is_write:
            answer = await self._client.write("POST", "/jsonrpc", decode, json=body)
        else:
            answer = await self._client.read("/jsonrpc", decode, method="POST", json=body)
        if isinstance(answer, Fault):
            raise self._problem(answer.data.name, clean(answer.data.message or answer.message, 500), what)
        return answer

    def _problem(
        self, name: str, words: str, what: str, refused: KeyRefused | RequestRefused | None = None
    ) -> CratejoyTuiError:
        """Our error for a refusal; every one of them means that Odoo rolled all of it back."""
        if name == _NO_RIGHT:
            return SignInRefused(f"{self._system} does not let this user do {what}: {words}.", next_step=RIGHTS)
        if name in _NO_ENTRY:
            return SignInRefused(f"{self._system} refused the key for {what}: {words}.")
        if isinstance(refused, KeyRefused):
            return refused
        if is_busy(words):
            return Unreachable(f"{self._system} works on the same records ({what}: {words}); nothing was done.")
        status = 422 if name.startswith("odoo.exceptions.") else 500
        status = refused.status if refused is not None else status
        return RequestRefused(f"{self._system} refused {what}: {words}.", status=status, body=words)

    async def _signed_in(self) -> int:
        if not self._login or not self._database:
            raise SetupError(f"{self._system} is Odoo {self._version}; it needs `database` and `login`, too.")
        async with self._meeting:
            if not self._user:
                params = [self._database, self._login, self._key.reveal(), {}]
                found = await self._by_rpc(int | bool, "common", "authenticate", params, "sign-in", is_write=False)  # type: ignore[arg-type]
                if not found:
                    raise SignInRefused(f"{self._system} refused the login `{one_line(self._login)}` or its key.")
                self._user = int(found)
        return self._user

    async def _ask_version(self) -> str:
        try:
            told = await self._client.read("/web/version", msgspec.json.Decoder(Version).decode)
        except UnexpectedAnswer:  # servers before 19 have no such address
            told = await self._by_rpc(Version, "common", "version", [], "version", is_write=False)
        said = clean(told.version or told.server_version, 50)
        if not _VERSION.search(said):
            raise UnexpectedAnswer(f"{self._system} does not say which version of Odoo it is (`{said}`).")
        return said


def is_busy(words: str) -> bool:
    """Did two transactions meet? Then nothing was done, and the same call may go again."""
    return any(sign in words.lower() for sign in _BUSY)


def _major(version: str) -> int:
    found = _VERSION.search(version)
    return int(found.group(1)) if found else 0


def _unwrapping(kind: type[T]) -> Callable[[bytes], T | Fault]:
    envelope, inside = msgspec.json.Decoder(Envelope), msgspec.json.Decoder(kind)

    def decode(body: bytes) -> T | Fault:
        answer = envelope.decode(body)
        if answer.error is not None:
            return answer.error
        return inside.decode(answer.result)

    return decode


def _text(pattern: re.Pattern[bytes], raw: bytes, limit: int) -> str:
    """Odoo's own words; the traceback beside them stays out, and may have been cut in the middle."""
    found = pattern.search(raw)
    try:
        return clean(msgspec.json.decode(found.group(1), type=str), limit) if found else ""
    except (msgspec.MsgspecError, ValueError):
        return ""
