"""The order source against a whole made-up store, under every reading of what the documentation leaves open."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cratejoy_tui.cratejoy import CratejoySource, cratejoy
from cratejoy_tui.errors import AnswerLost, RateLimited, SignInRefused, UnexpectedAnswer, Unreachable
from cratejoy_tui.http import BasicKey, PoliteClient, Remote
from cratejoy_tui.simulator.knobs import Fault
from cratejoy_tui.simulator.scenarios import build
from cratejoy_tui.simulator.transport import transports
from cratejoy_tui.simulator.world import World
from cratejoy_tui.sync.domain.shipment import Billing, Shipment
from cratejoy_tui.sync.domain.tracking import Confirmation
from tests.cratejoy.rig import collected

NOW = datetime(2026, 11, 23, 16, tzinfo=UTC)
UNTIL = NOW + timedelta(days=7)


@pytest.fixture(scope="module")
def shop() -> Iterator[World]:
    """A store of 450 boxes and all special cases, on its first morning; nothing in it changes."""
    world = World()
    build(world, "calm-day", boxes=450)
    yield world
    world.close()


@dataclass
class Seen:
    """What the source shows of a whole store."""

    listed: dict[str, Shipment]
    complete: bool
    read: dict[str, Shipment]


def connected(world: World, *, secret: str = "") -> CratejoySource:
    async def no_wait(_: float) -> None:
        return None

    plain = cratejoy("https://cratejoy.test")
    remote = Remote(
        system=plain.system, base_url=plain.base_url, requests_per_second=None, read_attempts=2, body_limit=2_000_000
    )
    key = BasicKey(world.keys.client_id, secret or world.keys.client_secret)
    return CratejoySource(PoliteClient(remote, key, transport=transports(world)["cratejoy"], wait=no_wait))


async def everything(world: World, **knobs: Any) -> Seen:
    """List all three types and read what was listed, with these knobs turned."""
    before = world.knobs
    world.turn(**knobs)
    source = connected(world)
    try:
        listed: dict[str, Shipment] = {}
        verdicts = []
        for billing in Billing:
            rows, last = await collected(source.list_unshipped(billing, None if billing is Billing.ECOM else UNTIL))
            listed |= {row.id: row for row in reversed(rows)}
            verdicts.append(last.complete)
        reading = await source.read(list(listed))
        assert not reading.missing
        return Seen(listed=listed, complete=all(verdicts), read=dict(reading.shipments))
    finally:
        world.turn(**{name: getattr(before, name) for name in knobs})
        await source.close()


@pytest.fixture(scope="module")
def truth(shop: World) -> Seen:
    """The store as it shows itself when nothing is odd."""
    seen = asyncio.run(everything(shop))
    assert seen.complete
    assert len(seen.listed) > 200
    assert not [one for one in [*seen.listed.values(), *seen.read.values()] if one.unreadable]
    return seen


@pytest.mark.parametrize(
    "knobs",
    [
        {"page_base": "zero"},
        {"page_base": "one"},
        {"next_keeps_limit": False},
        {"list_order": "newest"},
        {"list_order": "shuffled"},
        {"extra_empty_page": True},
        {"never_ending": True},
        {"limit_above_cap": "400"},
        {"unknown_parameter": "400"},
        {"ignored_filters": ("status",)},
        {"ignored_filters": ("adjusted_ordered_at",)},
        {"ignored_filters": ("id",)},
        {"date_style": "z"},
        {"date_style": "offset"},
        {"date_style": "epoch_ms"},
        {"batch_absent": True},
        {"batch_key_v1": "end_date"},
        {"sign_in_status": "403"},
        {"lists_v11": False},
        {"relations_as_url": ("customer",)},
    ],
    ids=str,
)
async def test_no_reading_of_the_documentation_changes_what_is_pulled(
    knobs: dict[str, Any], shop: World, truth: Seen
) -> None:
    seen = await everything(shop, **knobs)
    assert seen.complete
    assert set(seen.listed) == set(truth.listed)
    assert seen.read == truth.read


@pytest.mark.parametrize("knobs", [{"count_off_by": 3}, {"count_off_by": -3}, {"repeat_page": 1}], ids=str)
async def test_what_does_not_add_up_is_incomplete_and_still_useful(
    knobs: dict[str, Any], shop: World, truth: Seen
) -> None:
    seen = await everything(shop, **knobs)
    assert not seen.complete
    assert seen.listed
    assert set(seen.listed) <= set(truth.listed)


async def test_a_server_deaf_to_billing_types_loses_no_box(shop: World, truth: Seen) -> None:
    seen = await everything(shop, ignored_filters=("billing_type",))
    assert set(seen.listed) >= set(truth.listed)
    assert {id_: seen.read[id_] for id_ in truth.read} == truth.read


async def test_rows_with_only_the_documented_fields_are_enough_to_list(shop: World, truth: Seen) -> None:
    seen = await everything(shop, minimal_rows=True)
    assert set(seen.listed) == set(truth.listed)
    assert seen.read == truth.read


@pytest.mark.parametrize(
    "kind", ["truncate", "break_off", "garbage", "empty", "drop", "lose_answer", "status", "refuse"]
)
async def test_a_fault_that_passes_is_outlived(kind: Any, shop: World, truth: Seen) -> None:
    seen = await everything(shop, faults=(Fault(kind=kind, method="GET", skip=2, times=1),))
    assert seen.complete
    assert seen.listed == truth.listed


@pytest.mark.parametrize("kind", ["huge", "endless", "gzip_bomb", "redirect"])
async def test_a_monstrous_answer_is_refused(kind: Any, shop: World) -> None:
    with pytest.raises(UnexpectedAnswer):
        await everything(shop, faults=(Fault(kind=kind, method="GET", path="/v1.1/"),))


@pytest.mark.parametrize("retry_after", ["seconds", "date", "absent"])
async def test_throttling_is_waited_for(retry_after: str, shop: World, truth: Seen) -> None:
    faults = (Fault(kind="throttle", skip=1, times=1, seconds=30),)
    seen = await everything(shop, retry_after=retry_after, faults=faults)
    assert seen.listed == truth.listed


@pytest.mark.parametrize("status", ["401", "403"])
async def test_a_wrong_key_is_refused_under_either_number(status: Any, shop: World) -> None:
    shop.turn(sign_in_status=status)
    source = connected(shop, secret="wrong")
    with pytest.raises(SignInRefused):
        await source.verify()
    with pytest.raises(SignInRefused):
        await collected(source.list_unshipped(Billing.ECOM, None))
    shop.turn(sign_in_status="401")


async def test_nasty_data_holds_no_other_box_up() -> None:
    world = World()
    build(world, "nasty-data")
    seen = await everything(world)
    assert seen.listed
    assert any(one.unreadable for one in seen.read.values())
    assert any(not one.unreadable and one.lines for one in seen.read.values())
    world.close()


async def test_all_cancelled_boxes_are_found(shop: World) -> None:
    world = World()
    build(world, "late-cancels", boxes=40)
    world.advance(12 * 3600)
    rows, last = await collected(connected(world).list_cancelled(NOW - timedelta(days=120)))
    assert last.complete
    assert rows
    assert {row.status for row in rows} == {"cancelled"}
    world.close()


@pytest.mark.parametrize(
    ("fault", "error", "is_done"),
    [
        (None, None, True),
        (Fault(kind="lose_answer", method="PUT"), AnswerLost, True),
        (Fault(kind="truncate", method="PUT"), AnswerLost, True),
        (Fault(kind="gzip_bomb", method="PUT"), AnswerLost, True),
        (Fault(kind="drop", method="PUT"), AnswerLost, False),
        (Fault(kind="status", method="PUT", status=503), AnswerLost, False),
        (Fault(kind="redirect", method="PUT", status=302), AnswerLost, False),
        (Fault(kind="refuse", method="PUT"), Unreachable, False),
        (Fault(kind="throttle", method="PUT"), RateLimited, False),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
async def test_a_confirmation_is_never_told_wrongly(
    fault: Fault | None, error: type[Exception] | None, is_done: bool
) -> None:
    world = World()
    build(world, "calm-day", boxes=1)
    source = connected(world)
    rows, _ = await collected(source.list_unshipped(Billing.ECOM, None))
    world.turn(faults=() if fault is None else (fault,))
    confirmation = Confirmation(shipment_id=rows[0].id, tracking_number="9400", shipped_at=NOW, carrier_name="USPS")
    if error is None:
        await source.confirm(confirmation)
    else:
        with pytest.raises(error):
            await source.confirm(confirmation)
    assert source.calls.writes == 1
    world.turn(faults=())
    found = (await source.read([rows[0].id])).shipments[rows[0].id]
    assert (found.status, found.tracking_number) == (("shipped", "9400") if is_done else ("unshipped", ""))
    world.close()
