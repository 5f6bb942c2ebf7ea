"""ShipHero's traps: failures inside a 200, credits, tokens, orders it would take twice, labels that are parcels."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest
from msgspec.structs import replace

from cratejoy_tui.errors import CredentialsMissing, RateLimited, SignInRefused, UnexpectedAnswer, Unreachable
from cratejoy_tui.sync.domain.order import CancelAnswer, Lost, NotSent, OrderLine, OrderState, Receipt, Refused
from cratejoy_tui.sync.ports import DeliveryClass
from cratejoy_tui.warehouses.contract import all_parcels, pushed
from cratejoy_tui.warehouses.contract_rig import TRACKING, HandOver, Packed, an_order
from cratejoy_tui.warehouses.shiphero import ShipHeroWarehouse
from cratejoy_tui.warehouses.shiphero_talk import Trouble
from tests.warehouses.folder_rig import place
from tests.warehouses.shiphero_fake import TOKEN_LIFE
from tests.warehouses.shiphero_rig import ShipHeroRig, rigged

HAND_OVER = HandOver(sequence=1)
Reply = Callable[[], httpx.Response]


@pytest.fixture
async def rig() -> AsyncIterator[ShipHeroRig]:
    async with rigged() as rig:
        yield rig


def changes_say(warehouse: ShipHeroWarehouse, reply: Reply) -> None:
    """From now on each change is answered so; questions go through."""
    http = warehouse._session.client._http
    wire = http._transport

    class InBetween(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            is_change = b'"query":"mutation' in request.content
            return reply() if is_change else await wire.handle_async_request(request)

        async def aclose(self) -> None:
            await wire.aclose()

    http._transport = InBetween()


def says(status: int = 200, **body: object) -> Reply:
    return lambda: httpx.Response(status, content=msgspec.json.encode(body))


def fails(error: Exception) -> Reply:
    def reply() -> httpx.Response:
        raise error

    return reply


# Pushing


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (says(500), Lost),
        (says(503), Lost),
        (lambda: httpx.Response(200, text="<html>"), Lost),
        (says(data=["what?"]), Lost),
        (says(data={"order_create": None}), Lost),
        (fails(httpx.ReadTimeout("slow")), Lost),
        (fails(httpx.RemoteProtocolError("cut")), Lost),
        (fails(httpx.ConnectError("no route")), NotSent),
        (says(429), NotSent),
        (says(data=None, errors=[{"message": "few credits", "code": 30, "time_remaining": "7 seconds"}]), NotSent),
        (says(data=None, errors=[{"message": "There are not enough credits", "extensions": {}}]), NotSent),
        (says(400, errors=[{"message": "no such field"}]), Refused),
        (says(data={"order_create": None}, errors=[{"message": "Address missing", "code": 4}]), Refused),
        (says(data={"order_create": None}, errors=[{"message": "SKU \x1b[1m not found", "code": 5}]), Refused),
    ],
)
async def test_how_a_push_ended_is_never_guessed(rig: ShipHeroRig, reply: Reply, expected: type) -> None:
    warehouse = await rig.connect()
    await warehouse.verify()
    changes_say(warehouse, reply)
    [outcome] = await pushed(warehouse, rig, "SUB-1")
    assert isinstance(outcome, expected)
    assert isinstance(outcome, Receipt) or "\x1b" not in outcome.reason


async def test_an_error_after_the_order_was_made_is_not_a_refusal(rig: ShipHeroRig) -> None:
    warehouse = await rig.connect()
    rig.fake.break_next = True
    [outcome] = await pushed(warehouse, rig, "SUB-1")
    assert isinstance(outcome, Lost)
    assert await rig.live("SUB-1") == 1
    [outcome] = await pushed(warehouse, rig, "SUB-1")
    assert isinstance(outcome, Receipt)
    assert rig.fake.creates == 1


async def test_an_order_that_is_there_is_never_made_again(rig: ShipHeroRig) -> None:
    warehouse = await rig.connect()
    [first] = await pushed(warehouse, rig, "SUB-1")
    assert await pushed(warehouse, rig, "SUB-1") == [first]
    other = replace(an_order("SUB-1"), lines=(OrderLine(sku="MUG-01", quantity=9),))
    [outcome] = await warehouse.push([other], HAND_OVER)
    assert isinstance(outcome, Lost), "a look-up shows it to a person"
    await warehouse.cancel("SUB-1", "changed mind", HAND_OVER)
    [outcome] = await pushed(warehouse, rig, "SUB-1")
    assert isinstance(outcome, Lost)
    assert rig.fake.creates == 1


async def test_a_number_in_either_place_is_ours_and_a_look_alike_is_not(rig: ShipHeroRig) -> None:
    warehouse = await rig.connect()
    rig.fake.take("#4711", partner="SUB-1")
    rig.fake.take("SUB-2", partner="gid-99")
    for twin in ("sub-3", "SUB-33"):
        rig.fake.take(twin)
    found = await warehouse.find(["SUB-1", "SUB-2", "SUB-3"])
    assert sorted(found) == ["SUB-1", "SUB-2"]
    rig.fake.take("SUB-1")
    assert len((await warehouse.find(["SUB-1"]))["SUB-1"]) == 2, "two of one number are for a person"


async def test_content_is_compared_unless_it_is_too_much_to_read(rig: ShipHeroRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1")
    [found] = (await warehouse.find(["SUB-1"]))["SUB-1"]
    assert found.ship_to is not None
    assert (found.ship_to.to, found.ship_to.unit, found.ship_to.state) == ("Ada Example", "Apt 3", "IL")
    rig.fake.named("SUB-1")[0]["line_items"] = [{"sku": f"S{n}", "quantity": 1} for n in range(51)]
    [found] = (await warehouse.find(["SUB-1"]))["SUB-1"]
    assert found.lines is None


async def test_amounts_are_text_and_every_line_has_a_short_id_of_its_own(rig: ShipHeroRig) -> None:
    warehouse = await rig.connect(customer_account_id="Q3VzdDox", warehouse_id="V2FyZTox", shop_name="Teabox")
    number = "SUB-" + "9" * 44
    [outcome] = await pushed(warehouse, rig, number)
    assert isinstance(outcome, Receipt)
    [kept] = rig.fake.named(number)
    assert {kept[name] for name in ("subtotal", "total_tax", "total_price")} == {"0.00"}
    assert [line["price"] for line in kept["line_items"]] == ["0.00", "0.00"]
    assert kept["shipping_lines"]["title"] == "SUBSCRIPTION"
    assert (kept["shop_name"], kept["customer_account_id"]) == ("Teabox", "Q3VzdDox")
    assert {line["warehouse_id"] for line in kept["line_items"]} == {"V2FyZTox"}
    assert kept["required_ship_date"] == "2026-11-25"


def test_nothing_is_claimed_that_it_does_not_do() -> None:
    with pytest.raises(CredentialsMissing, match="store teabox"):
        ShipHeroWarehouse.from_settings({"user": "api@example.test"}, place())


async def test_the_quiet_time_is_the_operators(rig: ShipHeroRig) -> None:
    able = (await rig.connect(quiet_seconds=30)).capabilities
    assert (able.delivery, able.quiet_seconds, able.batch_size) == (DeliveryClass.LOOK_UP, 30, 1)


# Credits


async def test_credits_are_waited_for_before_they_are_short(rig: ShipHeroRig) -> None:
    rig.fake.credits_left = 5
    warehouse = await rig.connect()
    before = rig.fake.clock.now()
    [outcome] = await pushed(warehouse, rig, "SUB-1")
    assert isinstance(outcome, Receipt)
    assert timedelta(0) < rig.fake.clock.now() - before < timedelta(seconds=5)
    assert rig.fake.operations == ["Quota", "Search", "Create"], "nothing was refused for want of credits"


async def test_credits_that_others_spent_are_waited_for_as_told(rig: ShipHeroRig) -> None:
    warehouse = await rig.connect()
    await warehouse.verify()
    rig.fake.credits_left, rig.fake.credits_a_second = 0, 1
    before = rig.fake.clock.now()
    assert await warehouse.find(["SUB-404"]) == {}
    assert rig.fake.clock.now() - before >= timedelta(seconds=10), "a look-up costs ten"


async def test_a_reader_does_not_wait_for_ever(rig: ShipHeroRig, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = await rig.connect()
    await warehouse.verify()
    short = {"message": "There are not enough credits", "code": 30, "time_remaining": "90 seconds"}
    monkeypatch.setattr(rig.fake, "_short_of", lambda *_: short)
    before = rig.fake.clock.now()
    with pytest.raises(RateLimited):
        await warehouse.find(["SUB-404"])
    assert rig.fake.clock.now() - before < timedelta(minutes=30)


@pytest.mark.parametrize(
    ("trouble", "seconds"),
    [
        (Trouble(time_remaining="12 seconds"), 12),
        (Trouble(time_remaining=7.5), 7.5),
        (Trouble(extensions={"time_remaining": "1 minute 5 seconds"}), 65),
        (Trouble(message="In 4 seconds you will have enough"), 4),
        (Trouble(message="throttled"), 10),
    ],
)
def test_how_long_to_wait_is_read_from_every_place(trouble: Trouble, seconds: float) -> None:
    assert trouble.wait_seconds == seconds


# Tokens


async def test_many_at_once_sign_in_once(rig: ShipHeroRig) -> None:
    warehouse = await rig.connect()
    await asyncio.gather(*(warehouse.find([f"SUB-{n}"]) for n in range(5)))
    assert rig.fake.sign_ins == ["token"]
    rig.fake.clock.moment += TOKEN_LIFE
    await asyncio.gather(*(warehouse.find([f"SUB-{n}"]) for n in range(5)))
    assert rig.fake.sign_ins == ["token", "refresh"]


async def test_a_token_is_renewed_before_it_ends(rig: ShipHeroRig) -> None:
    warehouse = await rig.connect()
    await warehouse.verify()
    rig.fake.clock.moment += TOKEN_LIFE - timedelta(minutes=30)
    await warehouse.verify()
    assert rig.fake.sign_ins == ["token", "refresh"]


async def test_a_refresh_that_is_refused_is_a_new_sign_in(rig: ShipHeroRig) -> None:
    warehouse = await rig.connect()
    await warehouse.verify()
    await rig.end_tokens()
    await warehouse.verify()
    assert rig.fake.sign_ins == ["token", "refresh", "token"]


@pytest.mark.parametrize("reply", [says(403), says(data=None, errors=[{"message": "Unauthorized", "code": 9}])])
async def test_a_token_refused_again_stops_the_push(rig: ShipHeroRig, reply: Reply) -> None:
    warehouse = await rig.connect()
    await warehouse.verify()
    changes_say(warehouse, reply)
    with pytest.raises(SignInRefused):
        await pushed(warehouse, rig, "SUB-1")
    assert rig.fake.creates == 0


# Cancelling


async def test_a_cancel_that_did_not_take_is_not_believed(rig: ShipHeroRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1")
    rig.fake.ignores_cancels = True
    outcome = await warehouse.cancel("SUB-1", "changed mind", HAND_OVER)
    assert outcome.answer is CancelAnswer.UNKNOWN
    assert "pending" in outcome.reason


async def test_a_cancel_that_is_refused_keeps_its_words(rig: ShipHeroRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1")
    changes_say(warehouse, says(data={"order_cancel": None}, errors=[{"message": "It is being picked", "code": 4}]))
    outcome = await warehouse.cancel("SUB-1", "changed mind", HAND_OVER)
    assert outcome.answer is CancelAnswer.REFUSED
    assert outcome.reason == "It is being picked"


async def test_a_cancel_that_never_left_may_be_repeated(rig: ShipHeroRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1")
    changes_say(warehouse, fails(httpx.ConnectError("down")))
    with pytest.raises(Unreachable):
        await warehouse.cancel("SUB-1", "changed mind", HAND_OVER)


@pytest.mark.parametrize("status", ["canceled", "Canceled", "cancelled"])
async def test_its_cancelled_is_our_cancelled(rig: ShipHeroRig, status: str) -> None:
    rig.fake.take("SUB-1", fulfillment_status=status)
    [found] = (await (await rig.connect()).find(["SUB-1"]))["SUB-1"]
    assert found.state is OrderState.CANCELLED


# Tracking


async def test_each_label_is_a_parcel_with_what_lay_in_it(rig: ShipHeroRig) -> None:
    warehouse = await rig.connect()
    await pushed(warehouse, rig, "SUB-1")
    shipment = rig.fake.ship(rig.fake.named("SUB-1")[0], [TRACKING[1], TRACKING[2]], None)
    assert [parcel.lines for parcel in await all_parcels(warehouse)] == [None, None], "it does not tell which is where"
    for item, label in zip(shipment["line_items"], shipment["shipping_labels"], strict=True):
        item["shipping_label_id"] = label["id"]
    one, two = await all_parcels(warehouse)
    assert [[(line.sku, line.quantity) for line in parcel.lines or ()] for parcel in (one, two)] == [
        [("TEA-01", 2)],
        [("MUG-01", 1)],
    ]
    assert one.reference != two.reference
    assert (one.carrier_name, one.service, one.order_closed) == ("usps", "Ground", False)


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("2026-11-23T18:00:00", datetime(2026, 11, 23, 18, tzinfo=UTC)),
        ("2026-11-23T13:00:00-05:00", datetime(2026, 11, 23, 18, tzinfo=UTC)),
        ("2026-11-23T18:00:00Z", datetime(2026, 11, 23, 18, tzinfo=UTC)),
    ],
)
async def test_times_are_utc_whatever_they_are_written_in(rig: ShipHeroRig, told: str, meant: datetime) -> None:
    rig.fake.ship(rig.fake.take("SUB-1"), ["A1"], {})["created_date"] = told
    [parcel] = await all_parcels(await rig.connect())
    assert parcel.shipped_at == meant


async def test_one_unreadable_shipment_does_not_hide_the_others(
    rig: ShipHeroRig, caplog: pytest.LogCaptureFixture
) -> None:
    for number in ("SUB-1", "SUB-2"):
        rig.fake.ship(rig.fake.take(number), [f"T-{number}"], {})
    rig.fake.shipments[0]["created_date"] = "9999-yesterday"
    assert [parcel.order_number for parcel in await all_parcels(await rig.connect())] == ["SUB-2"]
    assert "1 shipments could not be read" in caplog.text


async def test_a_shipment_without_a_label_is_a_parcel_without_a_number(rig: ShipHeroRig) -> None:
    rig.fake.ship(rig.fake.take("SUB-1"), [], {"TEA-01": 1})
    [parcel] = await all_parcels(await rig.connect())
    assert (parcel.tracking_number, parcel.reference) == ("", rig.fake.shipments[0]["id"])


async def test_pages_that_turn_in_a_circle_are_noticed(rig: ShipHeroRig, monkeypatch: pytest.MonkeyPatch) -> None:
    page = {"edges": [], "pageInfo": {"hasNextPage": True, "endCursor": "again"}}
    monkeypatch.setattr("tests.warehouses.shiphero_fake._page", lambda *_, **__: page)
    with pytest.raises(UnexpectedAnswer, match="same page of shipments twice"):
        await all_parcels(await rig.connect())


async def test_only_the_owners_shipments_are_asked_for(rig: ShipHeroRig) -> None:
    warehouse = await rig.connect(customer_account_id="Q3VzdDox")
    await rig.ship({"SUB-1": [Packed(tracking_number=TRACKING[1])]})
    assert len(await all_parcels(warehouse)) == 1
    assert await warehouse.find(["SUB-1"])
