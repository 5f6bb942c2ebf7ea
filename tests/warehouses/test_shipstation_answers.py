"""ShipStation's traps: look-alikes, upserts, labels of three kinds, a clock without a zone, few requests."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from cratejoy_tui.errors import CredentialsMissing, SetupError, SignInRefused, UnexpectedAnswer, Unreachable
from cratejoy_tui.http import BasicKey, PoliteClient, Remote
from cratejoy_tui.sync.domain.address import too_much
from cratejoy_tui.sync.domain.order import CancelAnswer, Lost, NotSent, OrderLine, OrderState, Receipt, Refused
from cratejoy_tui.warehouses.contract import all_parcels, pushed
from cratejoy_tui.warehouses.contract_rig import TRACKING, HandOver, an_order
from cratejoy_tui.warehouses.shipstation import ShipStationWarehouse
from cratejoy_tui.warehouses.shipstation_words import PACIFIC, naive_since
from cratejoy_tui.warehouses.told import instant as told_instant
from tests.warehouses.folder_rig import StoppedClock, place
from tests.warehouses.shipstation_fake import OPEN, naive
from tests.warehouses.shipstation_rig import ShipStationRig, rigged

Answer = Callable[[httpx.Request], httpx.Response]
HAND_OVER = HandOver(sequence=1)


@pytest.fixture
async def rig() -> AsyncIterator[ShipStationRig]:
    async with rigged() as rig:
        yield rig


def warehouse(answer: Answer) -> ShipStationWarehouse:
    remote = Remote(system="ShipStation", base_url="http://127.0.0.1:1", requests_per_second=None)
    clock = StoppedClock()
    client = PoliteClient(remote, BasicKey("key", "secret"), transport=httpx.MockTransport(answer), wait=clock.sleep)
    return ShipStationWarehouse(client, clock=clock)


def writes_say(reply: httpx.Response | Exception) -> Answer:
    """Nothing is there yet, and every write is answered so."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"orders": [], "pages": 0})
        if isinstance(reply, Exception):
            raise reply
        return reply

    return answer


# Pushing


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (httpx.Response(500, text="Object reference not set"), Lost),
        (httpx.Response(503), Lost),
        (httpx.Response(200, text="<html>"), Lost),
        (httpx.Response(200, json={"results": []}), Lost),
        (httpx.Response(200, json={"results": [{"orderNumber": "SUB-1", "success": True}]}), Lost),
        (httpx.ReadTimeout("slow"), Lost),
        (httpx.ConnectError("no route"), NotSent),
        (httpx.Response(429), NotSent),
        (httpx.Response(404), NotSent),
        (httpx.Response(400, json={"Message": "The request is invalid."}), Refused),
    ],
)
async def test_every_end_of_a_push_is_told_for_what_it_is(
    reply: httpx.Response | Exception, expected: type[object]
) -> None:
    [outcome] = await warehouse(writes_say(reply)).push([an_order("SUB-1")], HAND_OVER)
    assert type(outcome) is expected


async def test_nothing_is_sent_when_it_cannot_be_looked_up() -> None:
    station = warehouse(lambda _: httpx.Response(503))
    outcomes = await station.push([an_order("SUB-1"), an_order("SUB-2")], HAND_OVER)
    assert [type(outcome) for outcome in outcomes] == [NotSent, NotSent]
    assert station.calls.writes == 0


async def test_an_order_that_is_there_is_never_written_over(rig: ShipStationRig) -> None:
    await pushed(await rig.connect(), rig, "SUB-1")
    rig.fake.by_number("SUB-1")[0]["internalNotes"] = "wrap it twice"
    [again] = await pushed(await rig.connect(), rig, "SUB-1")
    assert isinstance(again, Receipt)
    assert rig.fake.by_number("SUB-1")[0]["internalNotes"] == "wrap it twice"
    assert len(rig.fake.pushed) == 1


@pytest.mark.parametrize(("status", "word"), [("awaiting_shipment", "other content"), ("cancelled", "cancelled")])
async def test_another_order_under_the_number_is_left_alone(rig: ShipStationRig, status: str, word: str) -> None:
    await pushed(await rig.connect(), rig, "SUB-1")
    rig.fake.set_status("SUB-1", status)
    other = replace(an_order("SUB-1"), lines=(OrderLine(sku="HAT-01", quantity=1),))
    [outcome] = await (await rig.connect()).push([other], rig.delivery())
    assert isinstance(outcome, Lost)
    assert word in outcome.reason


async def test_a_group_refused_whole_is_sent_in_halves_until_the_bad_order_stands_alone(rig: ShipStationRig) -> None:
    def refuse(docs: list[dict[str, Any]]) -> str:
        return "Cannot deserialize" if any(doc["orderNumber"] == "SUB-77" for doc in docs) else ""

    rig.fake.refuse_whole = refuse
    outcomes = await pushed(await rig.connect(), rig, *(f"SUB-{n}" for n in range(100)))
    assert [outcome.number for outcome in outcomes if not isinstance(outcome, Receipt)] == ["SUB-77"]
    assert isinstance(outcomes[77], Refused)
    assert "Cannot deserialize" in outcomes[77].reason
    assert len(rig.fake.orders) == 99


async def test_a_key_refused_between_two_halves_loses_no_receipt() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"orders": [], "pages": 0})
        sent = json.loads(request.content)
        if len(sent) > 1:
            return httpx.Response(400)
        if sent[0]["orderNumber"] != "SUB-1":
            return httpx.Response(401)
        return httpx.Response(200, json={"results": [{"orderKey": sent[0]["orderKey"], "orderId": 1, "success": True}]})

    outcomes = await warehouse(answer).push([an_order("SUB-1"), an_order("SUB-2")], HAND_OVER)
    assert [type(outcome) for outcome in outcomes] == [Receipt, NotSent]


async def test_an_absence_seen_a_moment_ago_is_not_asked_for_again(rig: ShipStationRig) -> None:
    station = await rig.connect()
    assert await station.find(["SUB-1"]) == {}
    await pushed(station, rig, "SUB-1")
    assert rig.fake.asked == ["GET /orders", "POST /orders/createorders"]


async def test_an_absence_seen_long_ago_or_before_a_push_is_asked_for_again(rig: ShipStationRig) -> None:
    station = await rig.connect()
    await station.find(["SUB-1"])
    rig.fake.clock.moment += timedelta(minutes=2)
    rig.fake.lose_next = True
    [lost] = await pushed(station, rig, "SUB-1")
    [again] = await pushed(station, rig, "SUB-1")
    assert (type(lost), type(again)) == (Lost, Receipt)
    assert rig.fake.asked == ["GET /orders", "GET /orders", "POST /orders/createorders", "GET /orders"]


async def test_what_it_is_told_of_an_order_is_complete(rig: ShipStationRig) -> None:
    await (await rig.connect()).push([an_order("SUB-1")], rig.delivery())
    [kept] = rig.fake.by_number("SUB-1")
    assert kept["orderDate"] == "2026-11-20T10:00:00.000", "Pacific time"
    assert kept["shipByDate"] == "2026-11-25T00:00:00.000"
    assert kept["shipTo"]["street2"] == "Apt 3"
    assert kept["advancedOptions"] == {"customField1": "SUBSCRIPTION", "source": "cratejoy"}
    assert kept["orderKey"] == "cratejoy-SUB-1"
    assert kept["giftMessage"] == "Enjoy!"


async def test_its_limits_are_known_before_anything_is_sent(rig: ShipStationRig) -> None:
    able = (await rig.connect()).capabilities
    assert "50" in too_much(an_order("SUB-1", lines=(OrderLine(sku="S" * 51, quantity=1),)), able.max_lengths, "")
    assert "1000" in too_much(an_order("SUB-1", gift_message="x" * 1001), able.max_lengths, "")


# Looking up


async def test_a_crowd_of_look_alikes_is_split_not_read_through(rig: ShipStationRig) -> None:
    for n in range(20_000):
        rig.fake.orders[n] = {"orderId": n, "orderNumber": f"SUB-{n:06d}", "orderStatus": "shipped", "modifyDate": ""}
    wanted = ["SUB-000007", "SUB-009999", "SUB-010000", "SUB-999999"]
    found = await (await rig.connect()).find(wanted)
    assert set(found) == set(wanted[:3])
    assert len(rig.fake.asked) < 12, "all pages would be 40"


async def test_numbers_side_by_side_cost_one_request(rig: ShipStationRig) -> None:
    station = await rig.connect()
    numbers = [f"SUB-48200000{n:02d}" for n in range(100)]
    await pushed(station, rig, *numbers)
    before = len(rig.fake.asked)
    assert len(await station.find(numbers)) == 100
    assert len(rig.fake.asked) - before == 1


async def test_an_order_on_a_later_page_is_found(rig: ShipStationRig) -> None:
    for n in range(1200):
        rig.fake.orders[n] = {"orderId": n, "orderNumber": f"7{n}", "orderStatus": "shipped", "modifyDate": ""}
    rig.fake.orders[5000] = {"orderId": 5000, "orderNumber": "7", "orderStatus": "on_hold", "modifyDate": ""}
    found = await (await rig.connect()).find(["7"])
    assert [(one.reference, one.state) for one in found["7"]] == [("5000", OrderState.OPEN)]


async def test_an_order_of_ours_that_cannot_be_read_is_not_called_absent(rig: ShipStationRig) -> None:
    rig.fake.orders[1] = {"orderId": 1, "orderNumber": "SUB-1", "orderStatus": None, "modifyDate": ""}
    station = await rig.connect()
    with pytest.raises(UnexpectedAnswer, match="SUB-1"):
        await station.find(["SUB-1"])
    [outcome] = await pushed(station, rig, "SUB-1")
    assert isinstance(outcome, NotSent)
    assert await station.find(["SUB-2"]) == {}


async def test_orders_of_other_stores_are_not_ours() -> None:
    async with rigged(store_id=11) as rig:
        await pushed(await rig.connect(), rig, "12345")
        rig.settings = {"store_id": 12}
        assert await (await rig.connect()).find(["12345"]) == {}


# Cancelling


async def test_a_cancel_sends_the_order_back_whole(rig: ShipStationRig) -> None:
    station = await rig.connect()
    await pushed(station, rig, "SUB-1")
    rig.fake.by_number("SUB-1")[0].update(tagIds=[7], internalNotes="fragile")
    outcome = await station.cancel("SUB-1", "Cancelled in Cratejoy", HAND_OVER)
    assert outcome.answer is CancelAnswer.CANCELLED
    [kept] = rig.fake.by_number("SUB-1")
    assert kept["tagIds"] == [7]
    assert kept["internalNotes"] == "fragile\nCancelled in Cratejoy"


async def test_a_cancel_that_changes_nothing_is_not_believed(rig: ShipStationRig) -> None:
    station = await rig.connect()
    await pushed(station, rig, "SUB-1")
    rig.fake.cancels_nothing = True
    outcome = await station.cancel("SUB-1", "changed mind", HAND_OVER)
    assert outcome.answer is CancelAnswer.UNKNOWN
    assert "awaiting_shipment" in outcome.reason


@pytest.mark.parametrize("status", ["pending_fulfillment", "rejected_fulfillment", "shipped"])
async def test_a_locked_order_is_not_even_asked_for(rig: ShipStationRig, status: str) -> None:
    station = await rig.connect()
    await pushed(station, rig, "SUB-1")
    rig.fake.set_status("SUB-1", status)
    outcome = await station.cancel("SUB-1", "changed mind", HAND_OVER)
    assert (outcome.answer, status in outcome.reason) == (CancelAnswer.REFUSED, True)
    assert not rig.fake.cancels
    assert status not in OPEN


async def test_an_order_that_ships_while_it_is_cancelled_is_refused(rig: ShipStationRig) -> None:
    station = await rig.connect()
    await pushed(station, rig, "SUB-1")
    upsert = rig.fake.upsert

    def ships_first(doc: dict[str, Any]) -> tuple[dict[str, Any] | None, str]:
        rig.fake.set_status("SUB-1", "shipped")
        return upsert(doc)

    rig.fake.upsert = ships_first  # type: ignore[method-assign]
    outcome = await station.cancel("SUB-1", "changed mind", HAND_OVER)
    assert outcome.answer is CancelAnswer.REFUSED
    assert "cannot be updated" in outcome.reason


async def test_nothing_asked_means_nothing_cancelled() -> None:
    with pytest.raises(Unreachable):
        await warehouse(lambda _: httpx.Response(503)).cancel("SUB-1", "changed mind", HAND_OVER)


async def test_an_order_that_cannot_be_read_is_not_cancelled_blindly() -> None:
    odd = {"orders": [{"orderNumber": "SUB-1", "orderId": []}], "pages": 1}
    outcome = await warehouse(lambda _: httpx.Response(200, json=odd)).cancel("SUB-1", "changed mind", HAND_OVER)
    assert outcome.answer is CancelAnswer.UNKNOWN


# Tracking


async def test_labels_and_orders_marked_as_shipped_are_both_told(rig: ShipStationRig) -> None:
    station = await rig.connect()
    await pushed(station, rig, "SUB-1", "SUB-2")
    rig.fake.label("SUB-1", TRACKING[1])
    rig.fake.mark_shipped("SUB-2", TRACKING[2])
    parcels = {parcel.order_number: parcel for parcel in await all_parcels(station)}
    assert {number: parcel.tracking_number for number, parcel in parcels.items()} == {
        "SUB-1": TRACKING[1],
        "SUB-2": TRACKING[2],
    }
    assert (parcels["SUB-1"].order_closed, parcels["SUB-2"].order_closed) == (False, True)
    assert (parcels["SUB-1"].carrier_name, parcels["SUB-2"].carrier_name) == ("USPS", "UPS")
    assert parcels["SUB-1"].reference != parcels["SUB-2"].reference


async def test_a_label_that_brings_a_box_back_is_not_told(rig: ShipStationRig) -> None:
    station = await rig.connect()
    await pushed(station, rig, "SUB-1")
    rig.fake.label("SUB-1", TRACKING[1], isReturnLabel=True)
    assert await all_parcels(station) == []


async def test_a_label_made_long_ago_and_voided_now_is_told(rig: ShipStationRig) -> None:
    station = await rig.connect()
    await pushed(station, rig, "SUB-1")
    rig.fake.label("SUB-1", TRACKING[1])
    rig.fake.set_status("SUB-1", "shipped")
    rig.fake.clock.moment += timedelta(days=10)
    since = rig.fake.clock.moment.astimezone(UTC) - timedelta(hours=1)
    assert await all_parcels(station, since) == []
    rig.fake.void(TRACKING[1])
    [parcel] = await all_parcels(station, since)
    assert parcel.voided
    assert not parcel.order_closed


@pytest.mark.parametrize(
    "odd",
    [
        {"createDate": "yesterday"},
        {"orderNumber": None},
        {"shipmentItems": "many"},
        {"trackingNumber": {"no": "number"}},
        {"createDate": "0001-01-01T00:00:00"},
    ],
)
async def test_a_label_that_cannot_be_read_hides_no_other(rig: ShipStationRig, odd: dict[str, Any]) -> None:
    station = await rig.connect()
    await pushed(station, rig, "SUB-1")
    rig.fake.label("SUB-1", TRACKING[1])
    rig.fake.label("SUB-1", TRACKING[2])
    rig.fake.shipments[0].update(odd, createDate=odd.get("createDate", rig.fake.shipments[0]["createDate"]))
    begin = datetime(1, 1, 3, tzinfo=UTC)
    numbers = [parcel.tracking_number async for page in station.shipped_since(begin) for parcel in page]
    assert TRACKING[2] in numbers


async def test_hostile_text_in_a_label_is_made_harmless(rig: ShipStationRig) -> None:
    station = await rig.connect()
    rig.fake.label("SUB-1\x1b[2J", "94\x1b]52;c;x\x07", carrierCode="\u202eups", serviceCode="x" * 5000)
    [parcel] = await all_parcels(station)
    assert parcel.order_number.isprintable()
    assert parcel.tracking_number.isprintable()
    assert len(parcel.service) == 100
    assert "\u202e" not in parcel.carrier_name


# Its clock


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-23T09:00:00.0000000", datetime(2026, 11, 23, 17, tzinfo=UTC)),
        ("2026-07-01T09:00:00", datetime(2026, 7, 1, 16, tzinfo=UTC)),
        ("2026-11-23", datetime(2026, 11, 23, 8, tzinfo=UTC)),
        ("2026-11-23T09:00:00Z", datetime(2026, 11, 23, 9, tzinfo=UTC)),
        ("2026-11-01T01:30:00", datetime(2026, 11, 1, 8, 30, tzinfo=UTC)),
        ("2026-03-08T02:30:00", datetime(2026, 3, 8, 10, 30, tzinfo=UTC)),
        (None, None),
    ],
)
def test_times_without_a_zone_are_pacific(text: str | None, instant: datetime | None) -> None:
    assert told_instant(text, PACIFIC) == instant


@pytest.mark.parametrize("minutes", range(0, 240, 10))
def test_no_label_of_the_repeated_hour_falls_out_of_a_window(minutes: int) -> None:
    since = datetime(2026, 11, 1, 7, tzinfo=UTC) + timedelta(minutes=minutes)
    begin = naive_since(since)
    for later in range(0, 180, 5):
        assert naive(since + timedelta(minutes=later)) >= begin


async def test_a_label_made_in_the_second_of_two_equal_hours_is_fetched(rig: ShipStationRig) -> None:
    station = await rig.connect()
    await pushed(station, rig, "SUB-1")
    rig.fake.clock.moment = datetime(2026, 11, 1, 9, 5, tzinfo=UTC)
    rig.fake.label("SUB-1", TRACKING[1])
    [parcel] = await all_parcels(station, datetime(2026, 11, 1, 8, 55, tzinfo=UTC))
    assert parcel.shipped_at is not None
    assert parcel.shipped_at <= rig.fake.clock.moment, "never in the future"


# Its pace and its key


async def test_it_is_asked_forty_times_a_minute_and_never_refused(rig: ShipStationRig) -> None:
    station = await rig.connect()
    start = rig.fake.clock.moment
    for n in range(100):
        await station.find([f"SUB-{n}"])
    assert len(rig.fake.asked) == 100, "none was put off and asked again"
    assert rig.fake.clock.moment - start >= timedelta(minutes=2)


async def test_another_program_on_the_same_key_costs_a_wait_only(rig: ShipStationRig) -> None:
    station = await rig.connect()
    rig.fake.window = rig.fake.clock.moment, 40
    await station.find(["SUB-1"])
    assert len(rig.fake.asked) == 2


async def test_the_connection_test_names_the_store_and_changes_nothing() -> None:
    async with rigged(store_id=11) as rig:
        assert (await (await rig.connect()).verify()).detail == "Teabox"
        assert rig.fake.asked == ["GET /stores"]
        rig.settings = {"store_id": 99}
        with pytest.raises(SetupError, match=r"no store 99; it has 11 \(Teabox\)"):
            await (await rig.connect()).verify()


async def test_a_key_refused_in_the_middle_is_told() -> None:
    with pytest.raises(SignInRefused):
        await warehouse(writes_say(httpx.Response(401))).push([an_order("SUB-1")], HAND_OVER)


def test_without_a_key_none_is_made() -> None:
    with pytest.raises(CredentialsMissing, match="teabox"):
        ShipStationWarehouse.from_settings({"store_id": 0}, place())
