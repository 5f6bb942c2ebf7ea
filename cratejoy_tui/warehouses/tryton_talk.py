"""How Tryton is spoken to: its REST interface, where a condition is a list and a button is an address."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Generator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx
import msgspec

from cratejoy_tui.http import BearerKey, PoliteClient
from cratejoy_tui.text import clean

T = TypeVar("T")
Domain = Sequence[object]
"""A condition as Tryton writes it: `[["reference", "=", "SUB-1"]]`."""


class TrytonKey(BearerKey):
    """A user's application key, shown with the company it works for: without one, nothing may be made."""

    __slots__ = ("_context",)

    def __init__(self, token: str, company: int) -> None:
        super().__init__(token)
        self._context = encoded({"company": company}).decode("ascii")

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign one request."""
        request.headers["X-Tryton-Context"] = self._context
        yield from super().auth_flow(request)


class Refusal(msgspec.Struct):
    """What Tryton says when a record breaks one of its rules."""

    message: str = ""
    description: str = ""


class Pressed(msgspec.Struct):
    """A record after one of its buttons was pressed."""

    state: str
    number: str | None = None


class Talk:
    """One Tryton database."""

    def __init__(self, client: PoliteClient, database: str) -> None:
        self.client = client
        self._base = f"/{database}/rest/model"

    async def search(
        self, model: str, domain: Domain, kind: type[T], *, fields: Sequence[str], limit: int = 0
    ) -> list[T]:
        """The records that meet the condition, by id. Raises UnexpectedAnswer when one of them cannot be read."""
        arguments = [
            ("d", encoded(domain).decode("ascii")),
            ("o", encoded([["id", "ASC"]]).decode("ascii")),
            *(("f", field) for field in fields),
            *([("s", str(limit))] if limit else []),
        ]
        path = f"{self._base}/{model}?{urlencode(arguments)}"
        return await self.client.read(path, msgspec.json.Decoder(list[kind]).decode)  # type: ignore[valid-type]

    async def create(self, model: str, records: Sequence[Mapping[str, Any]]) -> list[int]:
        """Make these records, all or none, in one request; gives their ids in the same order."""
        return await self.client.write(
            "POST",
            f"{self._base}/{model}/create",
            msgspec.json.Decoder(list[int]).decode,
            json={"vlist": [tagged(record) for record in records]},
        )

    async def press(self, model: str, record: int, button: str) -> Pressed:
        """Press one button of one record; the answer shows it as it is then."""
        path = f"{self._base}/{model}/{record}/{button}?f=state&f=number"
        return await self.client.write("POST", path, msgspec.json.Decoder(Pressed).decode)


def encoded(value: object) -> bytes:
    """A value as it stands in an address or a header."""
    return urlsafe_b64encode(msgspec.json.encode(tagged(value)))


def tagged(value: object) -> Any:
    """Dates and decimals as Tryton's JSON writes them."""
    if isinstance(value, Mapping):
        return {name: tagged(held) for name, held in value.items()}
    if isinstance(value, list | tuple):
        return [tagged(held) for held in value]
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": str(value)}
    if isinstance(value, datetime):
        moment = value.astimezone(UTC)
        parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
        return {"__class__": "datetime", **{part: getattr(moment, part) for part in parts}}
    if isinstance(value, date):
        return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
    return value


def words_of(raw: bytes, otherwise: str) -> str:
    """What Tryton said; its rule breaches are JSON, everything else is a page for a browser."""
    try:
        said = msgspec.json.decode(raw, type=Refusal)
    except (msgspec.MsgspecError, RecursionError):
        return otherwise
    return clean(f"{said.message} {said.description}", 500) or otherwise
