"""Extensiv's traps: tokens, filters that are not heeded, groups taken in part, versions, tracking in three places."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from msgspec.structs import replace

from cratejoy_tui.errors import CredentialsMissing, SettingsInvalid, SetupError, SignInRefused, UnexpectedAnswer
from cratejoy_tui.sync.domain.address import too_much
from cratejoy_tui.sync.domain.order import (
    CancelAnswer,
    Lost,
    NotSent,
    Order,
    OrderLine,
    OrderState,
    PushOutcome,
    Receipt,
    Refused,
)
from cratejoy_tui.warehouses.contract import all_parcels, pushed
from cratejoy_tui.warehouses.contract_rig import TRACKING, HandOver, an_order
from cratejoy_tui.warehouses.extensiv import ExtensivWarehouse
from cratejoy_tui.warehouses.extensiv_faults import fault_of, faults_of, sign_in_words
from cratejoy_tui.warehouses.extensiv_records import order_in, plain
from cratejoy_tui.warehouses.extensiv_words import naive_since, parcels_of, rql_of_numbers
from tests.warehouses.extensiv_fake import FakeExtensiv
from tests.warehouses.extensiv_rig import SETTINGS, ExtensivRig, rigged
from tests.warehouses.folder_rig import ZONE, place

HAND_OVER = HandOver(sequence=1)
TOKEN = "POST /AuthServer/api/Token"


@pytest.fixture
async def rig() -> AsyncIterator[ExtensivRig]:
    async with rigged() as rig:
        yield rig


def answering(warehouse: ExtensivWarehouse, answer: Callable[[httpx.Request], httpx.Response]) -> None:
    """From now on everything but a sign-in is answered so."""
    client = warehouse._session.client
    client._http = httpx.AsyncClient(transport=httpx.MockTransport(answer), auth=client._http.auth)


def there(number: str, **changes: Any) -> dict[str, Any]:
    """An order as Extensiv shows it, shipped whole in one package."""
    return {
        "referenceNum": number,
        "readOnly": {"orderId": 7, "isClosed": True, "status": 1, "processDate": "2026-11-23T10:00:00"},
        **changes,
    }


def tracking(row: dict[str, Any]) -> list[tuple[str, str]]:
    return [(parcel.reference, parcel.tracking_number) for parcel in parcels_of(order_in(plain(row)), ZONE)]


# The token


async def test_a_token_is_renewed_before_it_ends(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    for _ in range(8):
        await warehouse.find(["SUB-1"])
        rig.fake.clock.moment += timedelta(minutes=10)
    assert len(rig.fake.sign_ins) == 3
    assert rig.fake.asked.count("GET /orders") == 8, "no request met an ended token"


@pytest.mark.parametrize(("life", "used"), [(3600, 1800), (1800, 1500), (60, 30)])
async def test_however_short_its_life_it_is_not_used_to_the_end(life: int, used: int) -> None:
    async with rigged(FakeExtensiv(token_seconds=life)) as rig:
        warehouse = await rig.connect()
        await warehouse.find(["SUB-1"])
        rig.fake.clock.moment += timedelta(seconds=used - 1)
        await warehouse.find(["SUB-1"])
        assert len(rig.fake.sign_ins) == 1
        rig.fake.clock.moment += timedelta(seconds=1)
        await warehouse.find(["SUB-1"])
        assert len(rig.fake.sign_ins) == 2


async def test_many_requests_at_once_sign_in_once(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    await asyncio.gather(*(warehouse.find([f"SUB-{n}"]) for n in range(8)))
    rig.fake.tokens.clear()
    await asyncio.gather(*(warehouse.find([f"SUB-{n}"]) for n in range(8)))
    assert len(rig.fake.sign_ins) == 2


async def test_a_token_that_is_never_taken_ends_in_a_refusal_not_in_a_loop(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    answering(warehouse, lambda _: httpx.Response(401))
    with pytest.raises(SignInRefused):
        await warehouse.find(["SUB-1"])
    assert len(rig.fake.sign_ins) == 2


async def test_a_refused_sign_in_keeps_its_words(rig: ExtensivRig) -> None:
    with pytest.raises(SignInRefused, match="client not registered"):
        await (await rig.connect(wrong_key=True)).verify()
    assert not rig.fake.sign_ins


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"Message":"invalid_client: client not registered"}', "invalid_client: client not registered"),
        (b'{"error":"invalid_grant"}', "invalid_grant"),
        (b'{"error":"x","error_description":"user unknown"}', "user unknown"),
        (b"<html>", "no reason given"),
        (b"", "no reason given"),
        (b'{"Message":"\\u001b[2J"}', "\N{REPLACEMENT CHARACTER}[2J"),
    ],
)
def test_every_shape_of_a_refused_sign_in_is_read(body: bytes, words: str) -> None:
    assert sign_in_words(body) == words


@pytest.mark.parametrize(("user", "field"), [("robot", "user_login"), ("1234", "user_login_id")])
async def test_the_user_goes_by_name_or_by_number(user: str, field: str) -> None:
    async with rigged(user_login=user, tpl="guid-1") as rig:
        await (await rig.connect()).verify()
        assert rig.fake.sign_ins == [{"grant_type": "client_credentials", field: user, "tpl": "guid-1"}]


# Pushing


@pytest.mark.parametrize("imports", [True, False])
async def test_a_fault_of_its_own_leaves_every_order_in_doubt(rig: ExtensivRig, imports: bool) -> None:
    rig.settings = {"imports": imports}
    warehouse = await rig.connect()

    def fails(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(500, text="An unexpected error occurred.")
        return httpx.Response(200, json={"totalResults": 0})

    answering(warehouse, fails)
    outcomes = await warehouse.push([an_order("SUB-1"), an_order("SUB-2")], HAND_OVER)
    assert [type(outcome) for outcome in outcomes] == [Lost, Lost]


async def test_nothing_is_sent_when_it_cannot_be_looked_up(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    answering(warehouse, lambda _: httpx.Response(503))
    outcomes = await pushed(warehouse, rig, "SUB-1", "SUB-2")
    assert [type(outcome) for outcome in outcomes] == [NotSent, NotSent]
    assert not rig.fake.pushed


@pytest.mark.parametrize("in_part", [True, False])
async def test_a_group_taken_in_part_is_looked_up_not_guessed(rig: ExtensivRig, in_part: bool) -> None:
    rig.fake.imports_in_part = in_part
    warehouse = await rig.connect()
    bad, _ = await rig.spoil(an_order("SUB-2"))
    outcomes = await warehouse.push([an_order("SUB-1"), bad, an_order("SUB-3"), an_order("SUB-4")], HAND_OVER)
    assert [type(outcome) for outcome in outcomes] == [Receipt, Refused, Receipt, Receipt]
    assert [await rig.live(f"SUB-{n}") for n in (1, 2, 3, 4)] == [1, 0, 1, 1]
    assert rig.fake.pushed == ([4] if in_part else [4, 3])


async def test_a_warehouse_without_an_import_gets_orders_one_by_one(rig: ExtensivRig) -> None:
    rig.fake.has_import = False
    warehouse = await rig.connect()
    for first in (1, 4):
        outcomes = await pushed(warehouse, rig, *(f"SUB-{n}" for n in range(first, first + 3)))
        assert [type(outcome) for outcome in outcomes] == [Receipt, Receipt, Receipt]
    assert rig.fake.asked.count("POST /orders/import") == 1, "it is tried once"
    assert rig.fake.pushed == [1] * 6


async def test_a_group_that_was_taken_but_does_not_show_yet_is_in_doubt(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    rig.fake.ignores_rql = False
    rig.fake.properties["referencenum"] = lambda doc: "hidden"
    outcomes = await pushed(warehouse, rig, "SUB-1", "SUB-2")
    assert [type(outcome) for outcome in outcomes] == [Lost, Lost]
    assert rig.fake.pushed == [2]


async def test_a_duplicate_told_by_the_remote_is_found_there(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    answers: list[Sequence[str]] = [["hidden"], ["SUB-1"]]
    find = warehouse.find

    async def blind_at_first(numbers: Sequence[str]) -> Any:
        return {} if answers.pop(0) == ["hidden"] else await find(numbers)

    rig.fake._make(await _doc(warehouse, "SUB-1"))
    warehouse.find = blind_at_first  # type: ignore[method-assign]
    [outcome] = await warehouse.push([an_order("SUB-1")], HAND_OVER)
    assert isinstance(outcome, Receipt)
    assert await rig.live("SUB-1") == 1


async def test_a_duplicate_that_does_not_show_is_in_doubt(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    rig.fake._make(await _doc(warehouse, "SUB-1"))
    rig.fake.properties["referencenum"] = lambda doc: "hidden"
    for numbers in (["SUB-1"], ["SUB-1", "SUB-2"]):
        outcomes = await pushed(warehouse, rig, *numbers)
        assert isinstance(outcomes[0], Lost)


async def _doc(warehouse: ExtensivWarehouse, number: str) -> dict[str, Any]:
    return dict(warehouse.record_of(an_order(number)))


@pytest.mark.parametrize(("status", "word"), [(0, "other content"), (2, "cancelled")])
async def test_another_order_under_the_number_is_left_alone(rig: ExtensivRig, status: int, word: str) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1")
    rig.fake.by_number("SUB-1")[0]["readOnly"]["status"] = status
    other = replace(an_order("SUB-1"), lines=(OrderLine(sku="HAT-01", quantity=1),))
    [outcome] = await warehouse.push([other], HAND_OVER)
    assert isinstance(outcome, Lost)
    assert word in outcome.reason


@pytest.mark.parametrize("imports", [True, False])
async def test_a_key_refused_half_way_loses_no_receipt(rig: ExtensivRig, imports: bool) -> None:
    rig.settings = {"imports": imports}
    warehouse = await rig.connect()
    writes = 0
    make = rig.fake._make

    def shut_after_the_first(doc: dict[str, Any]) -> dict[str, Any]:
        nonlocal writes
        writes += 1
        made = make(doc)
        rig.fake.tokens.clear()
        rig.fake.token_seconds = 0
        return made

    rig.fake._make = shut_after_the_first  # type: ignore[method-assign]
    outcomes: Sequence[PushOutcome] = await pushed(warehouse, rig, "SUB-1", "SUB-2", "SUB-3")
    for outcome in outcomes:
        if await rig.live(outcome.number):
            assert isinstance(outcome, (Receipt, Lost)), "it is there: nobody may call it not sent"
        else:
            assert isinstance(outcome, NotSent)
    assert any(not isinstance(outcome, NotSent) for outcome in outcomes)


async def test_what_it_is_told_of_an_order_is_complete(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    await warehouse.push([an_order("SUB-1", ship_code="USPS/Priority")], HAND_OVER)
    [kept] = rig.fake.by_number("SUB-1")
    assert kept["customerIdentifier"] == {"id": 143}
    assert kept["facilityIdentifier"] == {"id": 10}
    assert kept["routingInfo"] == {"carrier": "USPS", "mode": "Priority"}
    assert kept["savedElements"] == [{"name": "ShipCode", "value": "USPS/Priority"}]
    assert kept["shipTo"]["address2"] == "Apt 3"
    assert kept["earliestShipDate"] == "2026-11-25T00:00:00"
    assert kept["deferNotification"] is False


async def test_its_limits_are_known_before_anything_is_sent(rig: ExtensivRig) -> None:
    able = (await rig.connect()).capabilities

    def refused(order: Order) -> str:
        return too_much(order, able.max_lengths, able.characters)

    assert not refused(an_order("SUB-1", gift_message="x" * 986))
    assert "986" in refused(an_order("SUB-1", gift_message="x" * 987))
    assert "50" in refused(an_order("SUB-1", ship_to=replace(an_order("SUB-1").ship_to, city="x" * 51)))


# Faults


def test_an_unknown_sku_is_shown_as_such() -> None:
    raw = b'{"ErrorCode":"DoesNotExist","Properties":[{"Name":"OrderItem","Value":"TEA-9"}],"Hint":"No such item"}'
    assert fault_of(raw).words({"TEA-9"}) == "SKU TEA-9 is unknown there; No such item"
    raw = b'{"ErrorCode":"DoesNotExist","Properties":[{"Name":"CustomerIdentifier","Value":9}]}'
    assert fault_of(raw).words({"TEA-9"}) == "DoesNotExist: CustomerIdentifier 9"


@pytest.mark.parametrize("raw", [b"", b"<html>", b"[]", b'{"Properties":7}', b"\xff", b"[" * 5000])
def test_a_fault_that_cannot_be_read_is_an_empty_one(raw: bytes) -> None:
    assert fault_of(raw).words() == "no reason given"
    assert faults_of(raw) == {}


# Looking up


async def test_a_filter_that_is_not_heeded_is_noticed(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1", "SUB-2")
    rig.fake.ignores_rql = True
    with pytest.raises(UnexpectedAnswer, match="1 orders nobody asked for"):
        await warehouse.find(["SUB-1"])
    [outcome] = await pushed(warehouse, rig, "SUB-3")
    assert isinstance(outcome, NotSent)


async def test_the_same_number_of_another_customer_is_not_ours(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1")
    [kept] = rig.fake.by_number("SUB-1")
    kept["readOnly"]["customerIdentifier"] = {"id": 999}
    rig.fake.properties["readonly.customeridentifier.id"] = lambda doc: 143
    assert await warehouse.find(["SUB-1"]) == {}
    rig.fake.pack(kept, TRACKING[1])
    rig.fake.close(kept)
    assert await all_parcels(warehouse) == []


@pytest.mark.parametrize(("number", "rql"), [("SUB-1", "SUB-1"), ("A;B,C(1)=*%", "A%3BB%2CC%281%29%3D%2A%25")])
def test_values_are_safe_in_a_question(number: str, rql: str) -> None:
    assert rql_of_numbers([number], 143) == f"referenceNum=={rql};readonly.customeridentifier.id==143"


async def test_a_number_full_of_signs_is_found_by_itself(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    number = "A;B,C(1)=*%25 !"
    await pushed(warehouse, rig, number, "SUB-1")
    assert set(await warehouse.find([number, "B"])) == {number}


async def test_an_order_of_ours_that_cannot_be_read_is_not_called_absent(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1")
    rig.fake.by_number("SUB-1")[0]["orderItems"] = "many"
    with pytest.raises(UnexpectedAnswer, match="SUB-1"):
        await warehouse.find(["SUB-1"])


async def test_a_thousand_numbers_cost_ten_questions(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    await warehouse.find([f"SUB-{n}" for n in range(1000)])
    assert rig.fake.asked == [TOKEN, *["GET /orders"] * 10]


# Cancelling


async def test_an_order_changed_meanwhile_is_read_again_once(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1", "SUB-2")
    rig.fake.changes_before_cancel = 1
    assert (await warehouse.cancel("SUB-1", "why", HAND_OVER)).answer is CancelAnswer.CANCELLED
    rig.fake.changes_before_cancel = 2
    assert (await warehouse.cancel("SUB-2", "why", HAND_OVER)).answer is CancelAnswer.UNKNOWN
    assert len(rig.fake.cancels) == 4


async def test_a_cancel_that_changes_nothing_is_not_believed(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1")
    rig.fake.cancels_nothing = True
    outcome = await warehouse.cancel("SUB-1", "why", HAND_OVER)
    assert (outcome.answer, "still has it open" in outcome.reason) == (CancelAnswer.UNKNOWN, True)


async def test_an_order_closed_while_it_is_cancelled_is_refused_in_its_words(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1")
    tag = rig.fake._tag

    def closes_first(order: dict[str, Any]) -> str:
        if rig.fake.cancels:
            order["readOnly"].update(isClosed=True, status=1)
        return tag(order)

    rig.fake._tag = closes_first  # type: ignore[method-assign]
    outcome = await warehouse.cancel("SUB-1", "why", HAND_OVER)
    assert outcome.answer is CancelAnswer.REFUSED
    assert "OrderConfirmed" in outcome.reason


async def test_a_403_about_a_missing_role_is_a_refused_key(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1")
    real = warehouse._session.client._http

    async def denied(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(403, json={"$type": "x.AuthorizationException", "ErrorCode": "AccessDenied"})
        request.headers["Host"] = request.url.netloc.decode()
        answer = await real.get(request.url, headers=request.headers)
        return httpx.Response(answer.status_code, headers={"ETag": '"1"'}, content=answer.content)

    warehouse._session.client._http = httpx.AsyncClient(transport=httpx.MockTransport(denied), auth=real.auth)
    with pytest.raises(SignInRefused):
        await warehouse.cancel("SUB-1", "why", HAND_OVER)
    await real.aclose()


# Tracking


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [("7", "")]),
        ({"routingInfo": {"trackingNumber": "R1"}}, [("7", "R1")]),
        ({"parcelResponse": {"trackingNumbers": ["A", "B"]}}, [("7", "A"), ("7-2", "B")]),
        ({"parcelResponse": {"trackingNumbers": ["A"]}, "routingInfo": {"trackingNumber": "A"}}, [("7", "A")]),
        ({"routingInfo": {"trackingNumber": "A, B,A"}}, [("7", "A"), ("7-2", "B")]),
        ({"packages": [{"packageId": 12, "trackingNumber": "B"}, {"packageId": 9, "trackingNumber": "A"}]},
         [("7", "A"), ("7-2", "B")]),
        ({"packages": [{"packageId": 1, "trackingNumber": ""}], "parcelResponse": {"trackingNumbers": ["A"]}},
         [("7", "A")]),
    ],
)  # fmt: skip
def test_tracking_is_gathered_from_all_three_places(changes: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert tracking(there("SUB-1", **changes)) == expected


def test_both_ways_of_writing_tell_the_same() -> None:
    hal = there("SUB-1", routingInfo={"trackingNumber": "A", "carrier": "USPS"})
    pascal = {
        "ReferenceNum": "SUB-1",
        "ReadOnly": {"OrderId": 7, "IsClosed": True, "Status": 1, "ProcessDate": "2026-11-23T10:00:00"},
        "RoutingInfo": {"TrackingNumber": "A", "Carrier": "USPS"},
    }
    assert parcels_of(order_in(plain(hal)), ZONE) == parcels_of(order_in(plain(pascal)), ZONE)


def test_a_packed_order_has_not_left_yet() -> None:
    read_only = {"orderId": 7, "isClosed": False, "status": 0}
    items = [{"readOnly": {"orderItemId": 1}, "itemIdentifier": {"sku": "TEA-01"}, "qty": 1}]
    packed = [{"packageId": 1, "trackingNumber": "A", "packageContents": [{"orderItemId": 1, "qty": 1}]}]
    row = {"referenceNum": "SUB-1", "readOnly": {**read_only, "packages": packed}, "orderItems": items}
    [parcel] = parcels_of(order_in(row), ZONE)
    assert (parcel.order_closed, parcel.lines) == (False, None)
    [left] = parcels_of(order_in({**row, "readOnly": {**row["readOnly"], "isClosed": True}}), ZONE)
    assert left.order_closed
    assert left.lines is not None
    assert [(line.sku, line.quantity) for line in left.lines] == [("TEA-01", 1)]
    assert tracking({"referenceNum": "SUB-1", "readOnly": read_only}) == []


def test_a_cancelled_order_has_no_parcels() -> None:
    assert tracking(there("SUB-1", readOnly={"orderId": 7, "status": 2}, routingInfo={"trackingNumber": "A"})) == []


async def test_a_number_typed_in_after_closing_is_fetched(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1")
    [order] = rig.fake.by_number("SUB-1")
    rig.fake.close(order)
    rig.fake.clock.moment += timedelta(days=10)
    order["routingInfo"] = {"trackingNumber": TRACKING[1]}
    rig.fake.touch(order)
    [parcel] = await all_parcels(warehouse, rig.fake.clock.moment - timedelta(days=1))
    assert parcel.tracking_number == TRACKING[1]


async def test_a_warehouse_that_knows_no_changes_is_asked_for_what_it_closed(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1", "SUB-2")
    del rig.fake.properties["readonly.lastmodifieddate"]
    [order] = rig.fake.by_number("SUB-1")
    rig.fake.pack(order, TRACKING[1])
    rig.fake.close(order)
    assert [parcel.tracking_number for parcel in await all_parcels(warehouse)] == [TRACKING[1]]


async def test_an_order_that_cannot_be_read_hides_no_other(rig: ExtensivRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1", "SUB-2", "SUB-3")
    for n, number in enumerate(("SUB-1", "SUB-2", "SUB-3"), 1):
        [order] = rig.fake.by_number(number)
        rig.fake.pack(order, TRACKING[n])
        rig.fake.close(order)
    rig.fake.by_number("SUB-1")[0]["routingInfo"] = "by ship"
    rig.fake.by_number("SUB-2")[0]["orderItems"][0]["qty"] = 1.5
    rig.fake.by_number("SUB-2")[0]["readOnly"]["shipDate"] = "soon"
    assert [parcel.order_number for parcel in await all_parcels(warehouse)] == ["SUB-3"]


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Tokyo", "UTC", "Pacific/Kiritimati"])
def test_a_window_begins_early_enough_whichever_zone_is_meant(zone: str) -> None:
    since = datetime(2026, 11, 23, 12, tzinfo=UTC)
    begin = datetime.fromisoformat(naive_since(since, ZoneInfo(zone)))
    for meant in ("Pacific/Pago_Pago", "UTC", "Pacific/Kiritimati"):
        assert begin <= since.astimezone(ZoneInfo(meant)).replace(tzinfo=None)


async def test_dates_are_read_in_the_facilitys_zone() -> None:
    async with rigged(time_zone="America/New_York") as rig:
        warehouse = await rig.connect()
        [parcel] = parcels_of(order_in(there("SUB-1")), warehouse._zone)
        assert parcel.shipped_at == datetime(2026, 11, 23, 15, tzinfo=UTC)


def test_of_two_equal_hours_the_earlier_is_taken() -> None:
    row = there("SUB-1", readOnly={"orderId": 7, "isClosed": True, "shipDate": "2026-11-01T01:30:00"})
    [parcel] = parcels_of(order_in(row), ZONE)
    assert parcel.shipped_at == datetime(2026, 11, 1, 8, 30, tzinfo=UTC)


# Setting up


async def test_the_connection_test_only_reads_and_names_the_customer(rig: ExtensivRig) -> None:
    assert (await (await rig.connect()).verify()).detail == "Teabox Inc."
    assert rig.fake.asked == [TOKEN, "GET /customers/143", "GET /orders"]


@pytest.mark.parametrize(
    ("settings", "words"), [({"customer_id": 9}, "no customer 9"), ({"facility_id": 9}, "no facility 9; it has 10")]
)
async def test_a_wrong_customer_or_facility_is_named(settings: dict[str, object], words: str) -> None:
    async with rigged(**settings) as rig:
        with pytest.raises(SetupError, match=words):
            await (await rig.connect()).verify()


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"time_zone": "Mars/Base"}, "no time zone `Mars/Base`"), ({"customer_id": 1.5}, "`customer_id` must be a whole")],
)
async def test_settings_that_cannot_be_meant_are_named(settings: dict[str, object], words: str) -> None:
    async with rigged(**settings) as rig:
        with pytest.raises(SettingsInvalid, match=words):
            await rig.connect()


def test_without_a_key_none_is_made() -> None:
    with pytest.raises(CredentialsMissing, match="teabox"):
        ExtensivWarehouse.from_settings(dict(SETTINGS), place())


async def test_the_class_follows_what_the_3pl_promises(rig: ExtensivRig) -> None:
    able = (await rig.connect()).capabilities
    assert (able.delivery.value, able.quiet_seconds, able.batch_size) == ("look-up", 300, 100)
    rig.settings = {"refuses_duplicates": True, "imports": False}
    able = (await rig.connect()).capabilities
    assert (able.delivery.value, able.quiet_seconds, able.batch_size) == ("unique", 0, 1)


def test_states_are_read_from_numbers_words_and_the_closed_mark() -> None:
    from cratejoy_tui.warehouses.extensiv_words import state_of

    def state(**read_only: Any) -> OrderState:
        return state_of(order_in({"referenceNum": "1", "readOnly": {"orderId": 1, **read_only}}))

    assert state(status=0) is state(status="Open") is state() is OrderState.OPEN
    assert state(status=1) is state(isClosed=True) is state(status="Closed") is OrderState.SHIPPED
    assert state(status=2, isClosed=True) is state(status="Canceled") is OrderState.CANCELLED
