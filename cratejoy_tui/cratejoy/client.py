"""Cratejoy's paths: pages of shipments, one shipment, and the one change we make to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from urllib.parse import SplitResult, urljoin, urlsplit

import msgspec
from msgspec import Raw

from cratejoy_tui.cratejoy import wire
from cratejoy_tui.errors import UnexpectedAnswer
from cratejoy_tui.http import PoliteClient, Remote

ADDRESS = "https://api.cratejoy.com"
LISTING = "/v1.1/shipments/"
"""The lean listing made for fulfilment partners; knows billing types, tells no payment."""
SHIPMENTS = "/v1/shipments/"
RELATIONS = "customer,fulfillments,ship_address,labels,batch,stats,subscriptions"
"""Named in full, because a list given most likely replaces the relations that come by themselves."""


def cratejoy(
    base_url: str = ADDRESS, *, requests_per_second: float | None = 2.0, use_environment: bool = False
) -> Remote:
    """Cratejoy as a remote system, with manners that suit it. Raises SettingsInvalid for a bad address."""
    return Remote(
        system="Cratejoy",
        base_url=base_url,
        requests_per_second=requests_per_second,
        use_environment=use_environment,
    )


class Client:
    """Asks Cratejoy for pages and shipments. Every path ends in a slash: a redirect would eat the change we send."""

    def __init__(self, http: PoliteClient) -> None:
        self.http = http

    async def page(self, collection: str, arguments: Mapping[str, str]) -> wire.Page:
        """The first page of a collection: never with a page number, for nobody knows whether they begin at 0 or 1."""
        return await self.http.read(collection, wire.page_of, arguments=arguments)

    async def follow(self, collection: str, link: str) -> wire.Page:
        """The page that `next` names. Raises UnexpectedAnswer when it leads anywhere else."""
        return await self.http.read(self.following(collection, link), wire.page_of)

    async def pages(self, collection: str, arguments: Mapping[str, str]) -> AsyncGenerator[wire.Page, None]:
        """All pages until `next` is null or a page is empty; the next one is fetched while the caller works on this."""
        ahead: asyncio.Task[wire.Page] | None = asyncio.create_task(self.page(collection, arguments))
        try:
            while ahead is not None:
                page = await ahead
                more = page.next if page.results else None
                ahead = asyncio.create_task(self.follow(collection, more)) if more else None
                yield page
        finally:
            if ahead is not None:
                ahead.cancel()
                await asyncio.gather(ahead, return_exceptions=True)

    async def record(self, shipment_id: str) -> Raw:
        """One shipment with its relations. Raises RequestRefused with 404 when Cratejoy has none of this id."""
        return await self.http.read(f"{SHIPMENTS}{shipment_id}/", wire.record_of, arguments={"with": RELATIONS})

    async def put(self, shipment_id: str, body: Mapping[str, str]) -> None:
        """Change one shipment, once. The body of a 2xx must be JSON or empty; what it says proves nothing."""
        await self.http.write("PUT", f"{SHIPMENTS}{shipment_id}/", _json_or_nothing, json=dict(body))

    def following(self, collection: str, link: str) -> str:
        """The path that a `next` link names: its query as given, on the collection's own path.

        It may come as `?query`, `&query`, `page=2`, a path or a whole address. Only the query is taken over, so that
        our key never goes to another host or over plain http.
        """
        if link[:1] == "&" or link.lower().startswith("page="):
            link = "?" + link.lstrip("&")
        home = self.http.remote.url(collection)
        try:
            here, there = urlsplit(home), urlsplit(urljoin(home, link))
            if _place(here) == _place(there):
                return f"{collection}?{there.query}"
        except ValueError:
            pass  # no address at all: refused like one that leads elsewhere
        raise UnexpectedAnswer("Cratejoy's link to the next page leads to another place; it was not followed.")

    async def close(self) -> None:
        """Let go of the connections."""
        await self.http.close()


def _place(address: SplitResult) -> tuple[str | None, int | None, str]:
    """Host, port and path. A service behind a proxy may call itself http where we came by https: same place."""
    port = None if address.port == {"https": 443, "http": 80}.get(address.scheme) else address.port
    return address.hostname, port, address.path.rstrip("/")


def _json_or_nothing(body: bytes) -> None:
    if body.strip():
        msgspec.json.decode(body)
