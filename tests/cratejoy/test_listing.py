"""Listings: read to their end, and never called complete when they may not be."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime

import httpx
import pytest

from cratejoy_tui.cratejoy import client as client_module
from cratejoy_tui.cratejoy import listing as listing_module
from cratejoy_tui.cratejoy.client import LISTING, SHIPMENTS
from cratejoy_tui.errors import SignInRefused, UnexpectedAnswer, Unreachable
from cratejoy_tui.sync.domain.shipment import Billing
from tests.cratejoy.rig import Asked, Store, collected, ecom, full, lean, source

UNTIL = datetime(2026, 11, 30, 7, 59, 59, tzinfo=UTC)


def store_of(count: int, *, size: int = 3) -> Store:
    store = Store(size=size)
    store.rows[LISTING] = [lean(number) for number in range(1, count + 1)]
    return store


def ids(rows: object) -> list[str]:
    return [row.id for row in rows]  # type: ignore[attr-defined]


async def test_all_pages_of_a_type_are_listed_with_one_query() -> None:
    store = store_of(8)
    rows, last = await collected(source(store).list_unshipped(Billing.STANDARD, UNTIL))
    assert ids(rows) == [str(number) for number in range(1, 9)]
    assert last.complete
    assert last.expected == 8
    assert {row.queried_as for row in rows} == {Billing.STANDARD}
    asked = store.queries(LISTING)
    first = {
        "status": "unshipped",
        "billing_type": "standard",
        "adjusted_ordered_at__le": "2026-11-30T07:59:59Z",
        "limit": "200",
    }
    assert asked == [first, first | {"page": "2"}, first | {"page": "3"}]


async def test_one_time_sales_are_listed_without_any_date() -> None:
    store = Store()
    store.rows[LISTING] = [ecom(1, adjusted_ordered_at="2099-01-01T00:00:00Z")]
    rows, last = await collected(source(store).list_unshipped(Billing.ECOM, None))
    assert ids(rows) == ["1"]
    assert last.complete
    assert store.queries(LISTING) == [{"status": "unshipped", "billing_type": "ecom", "limit": "200"}]


async def test_cancelled_boxes_are_listed_from_a_date_on() -> None:
    store = Store(size=50)
    store.rows[LISTING] = [lean(1, status="cancelled"), lean(2), lean(3, status="cancelled", adjusted_ordered_at=None)]
    store.rows[LISTING].append(lean(4, status="cancelled", adjusted_ordered_at="2026-01-01T00:00:00Z"))
    rows, last = await collected(source(store).list_cancelled(datetime(2026, 9, 1, tzinfo=UTC)))
    assert ids(rows) == ["1", "3"]
    assert last.complete
    assert store.queries(LISTING) == [
        {"status": "cancelled", "adjusted_ordered_at__ge": "2026-09-01T00:00:00Z", "limit": "200"}
    ]


async def test_an_empty_store_is_complete() -> None:
    rows, last = await collected(source(store_of(0)).list_unshipped(Billing.STANDARD, UNTIL))
    assert rows == []
    assert last.complete
    assert last.expected == 0


@pytest.mark.parametrize(
    "form",
    [
        "?{query}",
        "&{query}",
        "/v1.1/shipments/?{query}",
        "/v1.1/shipments?{query}",
        "https://cratejoy.test/v1.1/shipments/?{query}",
        "https://CRATEJOY.test:443/v1.1/shipments/?{query}",
        "http://cratejoy.test/v1.1/shipments/?{query}",
        "//cratejoy.test/v1.1/shipments/?{query}",
    ],
)
async def test_the_link_to_the_next_page_is_understood_in_all_its_forms(form: str) -> None:
    store = store_of(8)
    store.next_form = form
    rows, last = await collected(source(store).list_unshipped(Billing.STANDARD, UNTIL))
    assert len(rows) == 8
    assert last.complete
    assert {(url.scheme, url.host, url.path) for url in store.asked} == {("https", "cratejoy.test", LISTING)}


async def test_a_bare_page_number_is_followed_as_given() -> None:
    store = store_of(5)
    store.next_form = "page=2"
    rows, last = await collected(source(store).list_unshipped(Billing.STANDARD, UNTIL))
    assert len(rows) == 5
    assert last.complete
    assert str(store.asked[1]).endswith("/v1.1/shipments/?page=2")


@pytest.mark.parametrize(
    "form",
    [
        "https://evil.test/v1.1/shipments/?{query}",
        "//evil.test/v1.1/shipments/?{query}",
        "https://cratejoy.test@evil.test/v1.1/shipments/?{query}",
        "https://cratejoy.test:8443/v1.1/shipments/?{query}",
        "https://cratejoy.test/v1/customers/?{query}",
        "/v1/customers/?{query}",
        "../../v1/customers/?{query}",
        "https://[::1/?{query}",
        "ftp://evil.test/?{query}",
    ],
)
async def test_a_link_to_another_place_is_not_followed(form: str) -> None:
    store = store_of(8)
    store.next_form = form
    rows, last = await collected(source(store).list_unshipped(Billing.STANDARD, UNTIL))
    assert ids(rows) == ["1", "2", "3"]
    assert not last.complete
    assert "another place" in last.problem
    assert {(url.host, url.path) for url in store.asked} == {("cratejoy.test", LISTING)}


async def test_a_wrong_count_makes_the_listing_incomplete_after_a_second_look() -> None:
    store = store_of(4)
    store.count_off_by = 1
    rows, last = await collected(source(store).list_unshipped(Billing.STANDARD, UNTIL))
    assert set(ids(rows)) == {"1", "2", "3", "4"}
    assert not last.complete
    assert last.problem == "Cratejoy counts 5 and listed 4, twice in a row"
    assert len(store.asked) == 4


async def test_a_row_that_slipped_between_pages_is_found_by_the_second_look() -> None:
    store = store_of(8)

    def slip(request: httpx.Request) -> httpx.Response:
        answer = store.page(request.url, store.rows[LISTING])
        if len(store.asked) == 1:
            del store.rows[LISTING][0]  # confirmed elsewhere: everything moves up by one
        return answer

    store.routes[LISTING] = slip
    rows, last = await collected(source(store).list_unshipped(Billing.STANDARD, UNTIL))
    assert "4" in ids(rows)
    assert last.complete


async def test_a_listing_without_a_count_cannot_be_called_complete() -> None:
    rows, last = await collected(source(answering({"results": [lean(1)]})).list_unshipped(Billing.STANDARD, UNTIL))
    assert ids(rows) == ["1"]
    assert not last.complete


def answering(*pages: object) -> Asked:
    """These bodies one after the other; the last one for ever."""
    left = list(pages)

    def answer(request: httpx.Request) -> httpx.Response:
        page = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(page, httpx.Response):
            return httpx.Response(page.status_code, content=page.content)
        return httpx.Response(200, json=page)

    return answer


async def test_a_page_after_the_last_one_is_harmless() -> None:
    empty = {"count": 1, "next": "?page=3", "prev": None, "results": []}
    pages = answering({"count": 1, "next": "?page=1", "results": [lean(1)]}, empty)
    rows, last = await collected(source(pages).list_unshipped(Billing.STANDARD, UNTIL))
    assert ids(rows) == ["1"]
    assert last.complete


async def test_a_page_that_points_to_itself_ends_the_listing() -> None:
    pages = answering({"count": 2, "next": "?page=1", "results": [lean(1), lean(2)]})
    rows, last = await collected(source(pages).list_unshipped(Billing.STANDARD, UNTIL))
    assert ids(rows) == ["1", "2"]
    assert last.complete


async def test_a_listing_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0

    def more(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return httpx.Response(200, json={"count": 5, "next": "?page=9", "results": [lean(asked)]})

    monkeypatch.setattr(listing_module, "MOST_PAGES", 10)
    _, last = await collected(source(more).list_unshipped(Billing.STANDARD, UNTIL))
    assert not last.complete
    assert last.problem == "it did not end after 10 pages"
    assert asked <= 12


async def test_a_listing_that_breaks_off_ends_incomplete_and_keeps_its_rows() -> None:
    pages = answering(
        {"count": 9, "next": "?page=2", "results": [lean(1)]}, httpx.Response(502, text="<html>bad gateway</html>")
    )
    rows, last = await collected(source(pages).list_unshipped(Billing.STANDARD, UNTIL))
    assert ids(rows) == ["1"]
    assert not last.complete
    assert "502" in last.problem


async def test_a_listing_that_never_began_raises() -> None:
    with pytest.raises(Unreachable, match="502"):
        await collected(source(answering(httpx.Response(502))).list_unshipped(Billing.STANDARD, UNTIL))
    with pytest.raises(UnexpectedAnswer, match="not the JSON"):
        await collected(source(answering(httpx.Response(200, text="<html>"))).list_unshipped(Billing.STANDARD, UNTIL))


@pytest.mark.parametrize("status", [401, 403])
async def test_a_key_refused_in_mid_listing_is_raised(status: int) -> None:
    pages = answering({"count": 9, "next": "?page=2", "results": [lean(1)]}, httpx.Response(status))
    with pytest.raises(SignInRefused):
        await collected(source(pages).list_unshipped(Billing.STANDARD, UNTIL))


async def test_filters_the_server_ignores_do_no_harm() -> None:
    store = Store(size=50)
    store.rows[LISTING] = [
        lean(1),
        lean(2, status="shipped"),
        lean(3, status="cancelled"),
        lean(4, status="on_the_moon"),
        lean(5, adjusted_ordered_at="2027-06-01T00:00:00Z"),
        lean(6, status="UNSHIPPED"),
    ]
    rows, last = await collected(source(store).list_unshipped(Billing.STANDARD, UNTIL))
    assert ids(rows) == ["1", "6"]
    assert last.complete


async def test_a_row_that_contradicts_its_query_speaks_for_itself() -> None:
    store = Store(size=50)
    store.rows[LISTING] = [ecom(1), lean(2)]
    rows, _ = await collected(source(store).list_unshipped(Billing.ECOM, None))
    assert [(row.id, row.queried_as) for row in rows] == [("1", Billing.ECOM), ("2", None)]


async def test_a_bad_row_is_listed_as_unreadable_and_stops_no_other() -> None:
    store = Store(size=50)
    store.rows[LISTING] = [lean(1, fulfillments=5), lean(2), lean(3, status=7), lean(4, status="shipped", batch=5)]
    rows, last = await collected(source(store).list_unshipped(Billing.STANDARD, UNTIL))
    assert [(row.id, bool(row.unreadable)) for row in rows] == [("1", True), ("2", False), ("3", True)]
    assert last.complete


async def test_a_row_without_an_id_makes_the_listing_incomplete() -> None:
    store = Store(size=50)
    store.rows[LISTING] = [lean(1), {"status": "unshipped"}]
    rows, last = await collected(source(store).list_unshipped(Billing.STANDARD, UNTIL))
    assert ids(rows) == ["1"]
    assert not last.complete
    assert last.problem == "1 of its records have no readable id"


@pytest.mark.parametrize("status", [403, 404])
async def test_without_the_lean_listing_the_full_one_is_read(status: int) -> None:
    store = Store(size=2)
    store.routes[LISTING] = lambda _: httpx.Response(status)
    one_time = full(3, is_ecom=True, batch=None, subscriptions=[], fulfillments=[{"id": 1, "status": "open"}])
    adhoc = full(2, batch=None)
    adhoc["fulfillments"][0]["order"]["subscriptions"][0]["billing"] = {"rebill_day": None}
    store.rows[SHIPMENTS] = [full(1), adhoc, one_time]
    shop = source(store)
    for billing, expected in ((Billing.STANDARD, "1"), (Billing.ADHOC, "2"), (Billing.ECOM, "3")):
        rows, last = await collected(shop.list_unshipped(billing, UNTIL))
        assert ids(rows) == [expected]
        assert rows[0].lines
        assert last.complete
        assert last.expected is None
    assert len(store.queries(LISTING)) == 1
    assert store.queries(SHIPMENTS)[0]["with"].split(",") == client_module.RELATIONS.split(",")


async def test_a_key_refused_by_both_listings_is_a_refused_key() -> None:
    store = Store()
    store.routes["/"] = lambda _: httpx.Response(403)
    with pytest.raises(SignInRefused):
        await collected(source(store).list_unshipped(Billing.STANDARD, UNTIL))
    assert len(store.asked) == 2


async def test_a_wrong_key_is_not_tried_elsewhere() -> None:
    store = Store()
    store.routes["/"] = lambda _: httpx.Response(401)
    with pytest.raises(SignInRefused):
        await collected(source(store).list_unshipped(Billing.STANDARD, UNTIL))
    assert len(store.asked) == 1


async def test_the_next_page_comes_while_this_one_is_worked_on_and_no_further() -> None:
    store = store_of(30)
    async with aclosing(source(store).list_unshipped(Billing.STANDARD, UNTIL)) as pages:
        await anext(pages)
        for _ in range(50):
            await asyncio.sleep(0)
        assert len(store.asked) == 2
        await anext(pages)
        for _ in range(50):
            await asyncio.sleep(0)
        assert len(store.asked) == 3
    for _ in range(50):
        await asyncio.sleep(0)
    assert len(store.asked) == 3
