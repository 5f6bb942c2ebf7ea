"""The order source as a whole: sign-in and confirmation."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import httpx
import pytest

from cratejoy_tui.cratejoy import ADDRESS, cratejoy
from cratejoy_tui.cratejoy.client import LISTING, SHIPMENTS
from cratejoy_tui.errors import (
    AnswerLost,
    ConfirmationRefused,
    RateLimited,
    SettingsInvalid,
    SignInRefused,
    UnexpectedAnswer,
    Unreachable,
)
from cratejoy_tui.sync.domain.tracking import Confirmation
from tests.cratejoy.rig import Store, full, lean, source

CONFIRMATION = Confirmation(
    shipment_id="7",
    tracking_number="9400",
    shipped_at=datetime(2026, 11, 3, 18, 20, tzinfo=UTC),
    carrier_name="USPS",
    tracking_link="https://t.test/9400",
)


async def test_a_good_key_is_proven_by_one_read() -> None:
    store = Store()
    store.rows[LISTING] = [lean(1)]
    shop = source(store)
    contact = await shop.verify()
    assert (contact.system, contact.detail) == ("Cratejoy", "")
    assert shop.calls.requests == 1
    assert shop.calls.writes == 0


async def test_a_closed_lean_listing_is_told() -> None:
    store = Store()
    store.routes[LISTING] = lambda _: httpx.Response(403)
    store.rows[SHIPMENTS] = [full(1)]
    assert "403" in (await source(store).verify()).detail


@pytest.mark.parametrize(("statuses", "asked"), [((401, 200), 1), ((403, 403), 2), ((404, 401), 2)])
async def test_a_bad_key_is_refused(statuses: tuple[int, int], asked: int) -> None:
    store = Store()
    store.routes[LISTING] = lambda _: httpx.Response(statuses[0])
    store.routes[SHIPMENTS] = lambda _: httpx.Response(statuses[1])
    with pytest.raises(SignInRefused, match="Cratejoy refused the key"):
        await source(store).verify()
    assert len(store.asked) == asked


async def test_an_address_that_is_not_cratejoy_is_unexpected() -> None:
    with pytest.raises(UnexpectedAnswer, match="404"):
        await source(Store()).verify()


async def test_a_confirmation_is_one_put_with_a_slash() -> None:
    store = Store()
    store.routes[SHIPMENTS] = lambda _: httpx.Response(200, json=full(7))
    shop = source(store)
    await shop.confirm(CONFIRMATION)
    assert [url.path for url in store.asked] == ["/v1/shipments/7/"]
    assert json.loads(store.bodies[0]) == {
        "status": "shipped",
        "tracking_number": "9400",
        "shipped_at": "2026-11-03T18:20:00Z",
        "carrier_name": "USPS",
        "tracking_link": "https://t.test/9400",
    }
    assert (shop.calls.requests, shop.calls.writes) == (1, 1)


@pytest.mark.parametrize("body", [b"", b"{}", b"null"])
async def test_what_a_yes_says_does_not_matter(body: bytes) -> None:
    store = Store()
    store.routes[SHIPMENTS] = lambda _: httpx.Response(200, content=body)
    await source(store).confirm(CONFIRMATION)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(400, text="bad \x1b[2J number"), ConfirmationRefused),
        (httpx.Response(404), ConfirmationRefused),
        (httpx.Response(409), ConfirmationRefused),
        (httpx.Response(401), SignInRefused),
        (httpx.Response(403), SignInRefused),
        (httpx.Response(429), RateLimited),
        (httpx.Response(301, headers={"Location": "/v1/shipments/7"}), AnswerLost),
        (httpx.Response(500), AnswerLost),
        (httpx.Response(502, text="<html>"), AnswerLost),
        (httpx.Response(200, text="<html>"), AnswerLost),
        (httpx.ReadTimeout("slow"), AnswerLost),
        (httpx.ConnectError("no"), Unreachable),
    ],
)
async def test_a_confirmation_is_sent_once_whatever_comes_back(
    answer: httpx.Response | Exception, error: type[Exception]
) -> None:
    store = Store()

    def respond(_: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    store.routes[SHIPMENTS] = respond
    with pytest.raises(error) as caught:
        await source(store).confirm(CONFIRMATION)
    assert len(store.asked) == 1
    assert "Cratejoy" in str(caught.value)
    assert "\x1b" not in str(caught.value)


async def test_a_refused_confirmation_names_shipment_and_words() -> None:
    store = Store()
    store.routes[SHIPMENTS] = lambda _: httpx.Response(400, text="number too long")
    with pytest.raises(ConfirmationRefused, match=r"shipment 7 \(400: number too long\)"):
        await source(store).confirm(CONFIRMATION)


async def test_an_id_that_could_lead_elsewhere_is_never_confirmed() -> None:
    store = Store()
    odd = Confirmation(shipment_id="../orders/7", tracking_number="9400", shipped_at=CONFIRMATION.shipped_at)
    with pytest.raises(ConfirmationRefused, match="nothing was sent"):
        await source(store).confirm(odd)
    assert store.asked == []


def test_cratejoy_is_paced_and_never_spoken_to_in_the_clear() -> None:
    assert (cratejoy().base_url, cratejoy().requests_per_second) == (ADDRESS, 2.0)
    with pytest.raises(SettingsInvalid):
        cratejoy("http://api.cratejoy.com")
