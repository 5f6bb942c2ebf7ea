"""How sure a tracking number is, when Cratejoy may be told, and what a read before the write decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from cratejoy_tui.sync.domain.matching import (
    Before,
    before_confirm,
    confirm_at,
    confirmation_for,
    is_shown,
    judge_tracking,
    ready_to_confirm,
)
from cratejoy_tui.sync.domain.record import PersonHold, Tracked
from cratejoy_tui.sync.domain.rules import BlankTracking, PartialShipments, QuietHours, Rules
from cratejoy_tui.sync.domain.shipment import Shipment
from cratejoy_tui.sync.domain.stage import LIVE_STAGES, OPEN_STAGES, Stage
from cratejoy_tui.sync.domain.tracking import Confirmation, Parcel, ParcelLine, Quality
from tests.sync.factories import NOW, order, parcel, shipment, stored, tracked

NUMBER = parcel().tracking_number
SHIPPED_AT = NOW - timedelta(hours=3)


def one_piece(sku: str, quantity: int = 1) -> tuple[ParcelLine, ...]:
    return (ParcelLine(sku=sku, quantity=quantity),)


# --- quality ------------------------------------------------------------------------------------------------------


def test_an_exact_number_of_a_known_carrier_with_a_likely_date_is_sure():
    assert judge_tracking(parcel(), stored(), Rules(), NOW) == (Quality.SURE, "")
    assert judge_tracking(parcel(lines=one_piece("TEA-01")), stored(), Rules(), NOW) == (Quality.SURE, "")


@pytest.mark.parametrize(
    ("of_parcel", "of_box", "others", "says"),
    [
        ({"order_number": " SUB-4124 "}, {}, (), "order number came as"),
        ({"order_number": "sub-4124"}, {}, (), "order number came as"),
        ({"carrier_code": "pigeon", "carrier_name": ""}, {}, (), '"pigeon" is not known'),
        ({"carrier_code": "", "carrier_name": ""}, {}, (), "is not known"),
        ({"tracking_number": "9400111899223856925504"}, {}, (), "does not look like a number of USPS"),
        ({"tracking_number": "9" * 101}, {}, (), "101 characters"),
        ({"tracking_number": "  "}, {}, (), "no tracking number"),
        ({}, {}, ("77", "12"), "12, 77"),
        ({"shipped_at": None}, {}, (), "no ship date"),
        ({"shipped_at": NOW + timedelta(days=2)}, {}, (), "lies ahead"),
        ({"shipped_at": NOW - timedelta(days=5)}, {}, (), "before the order itself"),
        ({}, {"target_at": SHIPPED_AT + timedelta(days=10, seconds=1)}, (), "more than 10 days before"),
        ({"lines": one_piece("MUG-01")}, {}, (), "1 x MUG-01"),
        ({"lines": one_piece("TEA-01", 2)}, {}, (), "2 x TEA-01"),
    ],
)
def test_what_is_doubtful_waits_for_a_person(
    of_parcel: dict[str, Any], of_box: dict[str, Any], others: tuple[str, ...], says: str
):
    quality, why = judge_tracking(parcel(**of_parcel), stored(**of_box), Rules(), NOW, others)
    assert quality is Quality.CHECK
    assert says in why


def test_a_ship_date_of_this_evening_is_no_doubt_because_clocks_and_zones_differ():
    assert judge_tracking(parcel(shipped_at=NOW + timedelta(hours=20)), stored(), Rules(), NOW)[0] is Quality.SURE


def test_a_wider_window_allows_boxes_to_leave_earlier():
    early = stored(target_at=SHIPPED_AT + timedelta(days=20))
    assert judge_tracking(parcel(), early, Rules(target_ship_date_within_days=20), NOW)[0] is Quality.SURE
    assert judge_tracking(parcel(), early, Rules(target_ship_date_within_days=19), NOW)[0] is Quality.CHECK


def test_all_doubts_are_told_at_once():
    _, why = judge_tracking(parcel(carrier_code="x", carrier_name="", shipped_at=None), stored(), Rules(), NOW, ("5",))
    assert why.count(";") == 2


@pytest.mark.parametrize("stage", [*sorted(OPEN_STAGES), Stage.SENDING, Stage.UNKNOWN, Stage.CANCELLED, Stage.CONFLICT])
def test_tracking_for_a_box_that_is_not_at_the_warehouse_is_refused(stage: Stage):
    quality, why = judge_tracking(parcel(), stored(stage=stage), Rules(), NOW)
    assert quality is Quality.REFUSED
    assert why


@pytest.mark.parametrize("stage", sorted(LIVE_STAGES - {Stage.SENDING, Stage.UNKNOWN, Stage.CONFLICT}))
def test_tracking_for_a_box_at_the_warehouse_is_welcome(stage: Stage):
    assert judge_tracking(parcel(), stored(stage=stage), Rules(), NOW)[0] is Quality.SURE


@pytest.mark.parametrize(
    ("of_parcel", "of_box"),
    [
        ({"voided": True}, {}),
        ({"order_number": "SUB-4125"}, {}),
        ({"order_number": "4124"}, {}),
        ({}, {"order_number": "SUB-4124-R2"}),
        ({}, {"cancel_seen_at": NOW}),
    ],
)
def test_other_numbers_former_generations_voids_and_cancelled_boxes_are_refused(
    of_parcel: dict[str, Any], of_box: dict[str, Any]
):
    assert judge_tracking(parcel(**of_parcel), stored(**of_box), Rules(), NOW)[0] is Quality.REFUSED


def test_a_blank_number_is_sure_where_the_store_confirms_without_one():
    blank = parcel(tracking_number="", carrier_code="", carrier_name="")
    assert judge_tracking(blank, stored(), Rules(blank_tracking=BlankTracking.CONFIRM), NOW)[0] is Quality.SURE


# --- ready --------------------------------------------------------------------------------------------------------

SHIPPED = stored(stage=Stage.SHIPPED)
OPEN_PARCEL = parcel(lines=(), order_closed=False)


def test_a_sure_complete_box_is_confirmed_with_everything_in_one_go():
    ready = ready_to_confirm(SHIPPED, [tracked()], Rules(), NOW)
    assert ready.confirmation == Confirmation(
        shipment_id="4124", tracking_number=NUMBER, shipped_at=SHIPPED_AT, carrier_name="USPS", tracking_link=""
    )


@pytest.mark.parametrize(
    ("of_box", "parcels", "reason"),
    [
        ({}, [], "NO_TRACKING"),
        ({}, [tracked(parcel=parcel(voided=True))], "NO_TRACKING"),
        ({}, [tracked(decision="rejected")], "NO_TRACKING"),
        ({"order_number": "SUB-4124-R2"}, [tracked()], "NO_TRACKING"),
        ({"cancel_seen_at": NOW}, [tracked()], "CANCELLED"),
        ({"hold": PersonHold(by="ada", reason="wait", since=NOW)}, [tracked()], "HELD_BY_PERSON"),
        ({}, [tracked(quality=None)], "NOT_JUDGED"),
        ({}, [tracked(quality=Quality.CHECK, reason="odd")], "TRACKING_CHECK"),
        ({}, [tracked(quality=Quality.REFUSED)], "TRACKING_REFUSED"),
        ({}, [tracked(parcel=OPEN_PARCEL)], "PARTLY_SHIPPED"),
        ({}, [tracked(parcel=parcel(lines=(), order_closed=True))], "SHORT_SHIPPED"),
        ({}, [tracked(parcel=parcel(shipped_at=NOW - timedelta(minutes=59)))], "WAITS"),
    ],
)
def test_what_keeps_a_box_from_being_confirmed_is_named(of_box: dict[str, Any], parcels: list[Tracked], reason: str):
    ready = ready_to_confirm(replace(SHIPPED, **of_box), parcels, Rules(), NOW)
    assert (ready.confirmation, ready.reason) == (None, reason)


def test_a_persons_word_makes_a_doubtful_number_good():
    for doubtful in (Quality.CHECK, Quality.REFUSED, None):
        kept = tracked(quality=doubtful, decision="accepted")
        assert ready_to_confirm(SHIPPED, [kept], Rules(), NOW).confirmation is not None


@pytest.mark.parametrize(
    ("setting", "decision", "goes"),
    [
        (PartialShipments.WHEN_COMPLETE, "", False),
        (PartialShipments.WHEN_COMPLETE, "accepted", False),
        (PartialShipments.FIRST_PARCEL, "", True),
        (PartialShipments.ASK, "", False),
        (PartialShipments.ASK, "accepted", True),
    ],
)
def test_a_partly_shipped_box_waits_by_setting(setting: PartialShipments, decision: str, goes: bool):
    rules = Rules(partial_shipments=setting)
    ready = ready_to_confirm(SHIPPED, [tracked(parcel=OPEN_PARCEL, decision=decision)], rules, NOW)
    assert (ready.confirmation is not None) is goes


def test_a_short_shipped_box_goes_when_a_person_says_so():
    short = tracked(parcel=parcel(lines=(), order_closed=True), decision="accepted")
    assert ready_to_confirm(SHIPPED, [short], Rules(), NOW).confirmation is not None


def test_of_several_parcels_the_earliest_is_told_and_only_its_quality_counts():
    first = tracked(parcel=parcel(reference="P-9", shipped_at=NOW - timedelta(hours=9)))
    second = tracked(id=2, parcel=parcel(reference="P-1", tracking_number="x"), quality=Quality.CHECK)
    for parcels in ([first, second], [second, first]):
        confirmation = ready_to_confirm(SHIPPED, parcels, Rules(), NOW).confirmation
        assert confirmation is not None
        assert confirmation.tracking_number == NUMBER
    swapped = [replace(first, quality=Quality.CHECK), replace(second, quality=Quality.SURE)]
    assert ready_to_confirm(SHIPPED, swapped, Rules(), NOW).reason == "TRACKING_CHECK"


def test_a_voided_first_label_gives_way_to_the_second():
    first = tracked(parcel=parcel(voided=True))
    second = tracked(id=2, parcel=parcel(reference="P-2", tracking_number="9400111899223856925510"))
    confirmation = ready_to_confirm(SHIPPED, [first, second], Rules(), NOW).confirmation
    assert confirmation is not None
    assert confirmation.tracking_number == "9400111899223856925510"


@pytest.mark.parametrize(
    ("shipped_at", "minutes", "quiet", "at"),
    [
        (NOW, 60, None, NOW + timedelta(minutes=60)),
        (NOW - timedelta(days=1), 60, None, NOW),
        (NOW, 0, None, NOW),
        (NOW, 0, QuietHours(start=time(9), end=time(11)), NOW + timedelta(hours=1)),
        # 60 minutes after 10:00 is 11:00, the first quiet minute; quiet ends at 12:00
        (NOW, 60, QuietHours(start=time(11), end=time(12)), NOW + timedelta(hours=2)),
        (NOW, 12 * 60, QuietHours(start=time(21), end=time(8)), datetime(2026, 11, 24, 16, tzinfo=UTC)),
    ],
)
def test_customers_are_told_after_the_delay_and_outside_quiet_hours(
    shipped_at: datetime, minutes: int, quiet: QuietHours | None, at: datetime
):
    rules = Rules(confirm_delay_minutes=minutes, quiet_hours=quiet)
    assert confirm_at(shipped_at, rules, NOW) == at
    waits = ready_to_confirm(SHIPPED, [tracked(parcel=parcel(shipped_at=shipped_at))], rules, NOW)
    assert waits.until == (at if at > NOW else None)


@pytest.mark.parametrize(
    ("of_parcel", "carrier", "link"),
    [
        ({"tracking_link": "https://t.example/1"}, "USPS", "https://t.example/1"),
        ({"tracking_link": "HTTP://t.example/1"}, "USPS", "HTTP://t.example/1"),
        ({"tracking_link": "javascript:alert(1)"}, "USPS", ""),
        ({"tracking_link": "t.example/1"}, "USPS", ""),
        ({"carrier_code": "pg", "carrier_name": "Pigeon"}, "Pigeon", ""),
        ({"carrier_code": "pg", "carrier_name": ""}, "pg", ""),
    ],
)
def test_customers_get_a_plain_carrier_name_and_only_web_links(of_parcel: dict[str, Any], carrier: str, link: str):
    confirmation = confirmation_for("4124", tracked(parcel=parcel(**of_parcel)), Rules())
    assert (confirmation.carrier_name, confirmation.tracking_link) == (carrier, link)


def test_without_a_ship_date_the_day_we_heard_of_it_is_told():
    confirmation = confirmation_for("4124", tracked(parcel=parcel(shipped_at=None)), Rules(), mark_shipped=False)
    assert (confirmation.shipped_at, confirmation.mark_shipped) == (NOW, False)


def test_a_ship_date_that_lies_ahead_keeps_nobody_waiting():
    of_today = [tracked(parcel=parcel(shipped_at=NOW + timedelta(hours=4)))]  # only the day was told: it reads as noon
    ready = ready_to_confirm(SHIPPED, of_today, Rules(confirm_delay_minutes=0), NOW)
    assert ready.confirmation is not None
    assert ready.confirmation.shipped_at == NOW


# --- before and after the write -----------------------------------------------------------------------------------


def shows(status: str, number: str = "", **changes: Any) -> Shipment:
    return shipment(status=status, tracking_number=number, **changes)


WANTED = confirmation_for("4124", tracked(), Rules())


@pytest.mark.parametrize(
    ("shown", "before"),
    [
        (shows("unshipped"), Before.PUT),
        (shows("unshipped", NUMBER), Before.PUT),
        (shows("shipped", NUMBER), Before.DONE),
        (shows("shipped", f" {NUMBER[:4]} {NUMBER[4:]}"), Before.DONE),
        (shows("unshipped", "other"), Before.CONFLICT),
        (shows("shipped", "other"), Before.CONFLICT),
        (shows("shipped"), Before.CONFLICT),
        (shows("cancelled"), Before.CONFLICT),
        (shows("cancelled", NUMBER), Before.CONFLICT),
        (shows("teleported"), Before.CONFLICT),
        (shows("unshipped", unreadable="no id"), Before.CONFLICT),
        (shows("shipped", NUMBER, unreadable="no id"), Before.CONFLICT),
        (None, Before.CONFLICT),
    ],
)
def test_a_read_before_the_write_decides(shown: Shipment | None, before: Before):
    decided, why = before_confirm(shown, WANTED)
    assert decided is before
    assert bool(why) is (before is Before.CONFLICT)
    assert is_shown(shown, WANTED) is (before is Before.DONE)


@pytest.mark.parametrize(
    ("shown", "before"),
    [
        (shows("shipped", "old number"), Before.PUT),
        (shows("shipped"), Before.PUT),
        (shows("shipped", NUMBER), Before.DONE),
        (shows("unshipped"), Before.CONFLICT),
        (shows("cancelled"), Before.CONFLICT),
    ],
)
def test_a_replacement_is_only_written_to_a_shipped_box(shown: Shipment, before: Before):
    assert before_confirm(shown, replace(WANTED, mark_shipped=False))[0] is before


def test_a_box_confirmed_without_number_is_done_only_when_it_shows_none():
    blank = replace(WANTED, tracking_number="")
    assert before_confirm(shows("unshipped"), blank)[0] is Before.PUT
    assert before_confirm(shows("shipped"), blank)[0] is Before.DONE
    assert before_confirm(shows("unshipped", "other"), blank)[0] is Before.CONFLICT


def test_the_factories_tell_of_one_and_the_same_box():
    box: Shipment = shipment()
    sent: Parcel = parcel()
    assert order().shipment_id == box.id == stored().id == tracked().shipment_id
    assert order().number == sent.order_number == stored().order_number
