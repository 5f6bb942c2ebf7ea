"""A listing read to its end, and the honest word whether that was all of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field

from msgspec import Raw

from cratejoy_tui.cratejoy import payloads, wire
from cratejoy_tui.cratejoy.client import Client
from cratejoy_tui.errors import SignInRefused, UnexpectedAnswer, Unreachable
from cratejoy_tui.sync.domain.shipment import Billing, Shipment
from cratejoy_tui.sync.ports import Listed, ListingPage

MOST_PAGES = 5_000
"""A million boxes at 200 a page; a listing that is longer does not end."""
MOST_STALE_PAGES = 25
"""200 rows come again on 20 pages when the links fall back to ten rows a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is asked, and which rows of the answer are believed to fit it."""

    collection: str
    arguments: Mapping[str, str]
    keep: Callable[[Shipment], Shipment | None]
    """The row as it is to be passed on, or None. A filter that the server ignores does no harm that way."""
    queried_as: Billing | None = None
    tell: Callable[[Raw, Billing | None], Shipment] = payloads.shipment
    """How much of a row is looked at."""
    tells_total: bool = True
    """False when rows of other kinds come along, so that `count` says nothing about ours."""


@dataclass(slots=True)
class _Tally:
    """What one pass through a listing has shown so far."""

    ids: set[str] = field(default_factory=set)
    counts: list[int | None] = field(default_factory=list)
    nameless: int = 0
    pages: int = 0
    stale_pages: int = 0
    """So many in a row brought nothing new."""
    latest: list[str] = field(default_factory=list)
    repeats: bool = False

    def take(self, page: wire.Page, query: Query) -> list[Listed]:
        """The page's new rows that fit."""
        self.pages += 1
        if self.counts[-1:] != [page.count]:
            self.counts.append(page.count)
        found = [(record, query.tell(record, query.queried_as)) for record in page.results]
        here = [shipment.id for _, shipment in found]
        self.nameless += here.count("")
        fresh = {id_ for id_ in here if id_ and id_ not in self.ids}
        self.ids |= fresh
        self.stale_pages = 0 if fresh else self.stale_pages + 1
        self.repeats = here == self.latest
        self.latest = here
        return [row for record, shipment in found if shipment.id in fresh and (row := _row(record, shipment, query))]

    @property
    def goes_round(self) -> bool:
        """Does it show the same for ever? Pages that overlap are normal when a link forgets the page size."""
        return self.repeats or self.stale_pages == MOST_STALE_PAGES

    @property
    def expected(self) -> int | None:
        return self.counts[-1] if self.counts else None

    def fits(self, *, strictly: bool) -> bool:
        """As many different boxes as Cratejoy counted; strictly: and it counted the same all the while."""
        return len(self.ids) + self.nameless == self.expected and not (strictly and len(self.counts) > 1)


def _row(record: Raw, found: Shipment, query: Query) -> Listed | None:
    kept = query.keep(found)
    return None if kept is None else Listed(id=kept.id, fingerprint=payloads.fingerprint(record), shipment=kept)


async def listing(client: Client, query: Query) -> AsyncGenerator[ListingPage, None]:
    """Every row that fits; read a second time when numbers differ. The closing page has no rows but the verdict.

    Raises what the very first request raises, and SignInRefused at any time; later faults end it incomplete.
    """
    for is_last_pass in (False, True):
        tally, problem = _Tally(), ""
        try:
            async with aclosing(client.pages(query.collection, query.arguments)) as pages:
                async for page in pages:
                    rows = tally.take(page, query)
                    if rows:
                        yield ListingPage(rows=tuple(rows), expected=tally.expected if query.tells_total else None)
                    if tally.goes_round:
                        break
                    if tally.pages >= MOST_PAGES:
                        problem = f"it did not end after {tally.pages:,} pages"
                        break
        except SignInRefused:
            raise
        except (Unreachable, UnexpectedAnswer) as error:
            if not tally.pages and not is_last_pass:
                raise
            problem = error.message
        if problem or is_last_pass or tally.expected is None or tally.fits(strictly=True):
            break
    yield _closing(tally, problem, query)


def _closing(tally: _Tally, problem: str, query: Query) -> ListingPage:
    if not problem and tally.expected is None:
        problem = "Cratejoy did not say how many there are"
    if not problem and not tally.fits(strictly=False):
        problem = f"Cratejoy counts {tally.expected} and listed {len(tally.ids) + tally.nameless}, twice in a row"
    if not problem and tally.nameless:
        problem = f"{tally.nameless} of its records have no readable id"
    expected = tally.expected if query.tells_total else None
    return ListingPage(rows=(), expected=expected, complete=not problem, problem=problem)
