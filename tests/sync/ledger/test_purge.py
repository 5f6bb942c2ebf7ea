from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.ledger import Ledger
from tests.sync.factories import NOW, parcel, ship_to, shipment
from tests.sync.ledger.steps import SetClock, box, confirm, plan, push, sighting

SECRETS = ("Zacharias", "77 Hidden Lane", "a-tender-word")


async def closed_box(ledger: Ledger, id_: str) -> None:
    """A confirmed box full of personal data in every place that can hold some."""
    address = ship_to(to=SECRETS[0], street=SECRETS[1])
    told = shipment(id=id_, ship_to=address, gift_message=SECRETS[2])
    await ledger.shipments.record([sighting(told, "x")])
    await confirm(ledger, id_)
    await ledger.shipments.record([sighting(told, "x")])
    await ledger.people.hold([id_], SECRETS[0], "bob")
    await ledger.people.note(id_, SECRETS[2], "bob")
    await ledger.tracking.add([parcel(order_number=f"SUB-{id_}", tracking_link=f"https://x/{SECRETS[0]}")])


async def test_closed_boxes_are_forgotten_counted_from_closing(ledger: Ledger, clock: SetClock) -> None:
    await confirm(ledger, "1")
    clock.move(days=10)
    await push(ledger, "2")
    clock.move(days=30)
    assert await ledger.purge(clock.now() - timedelta(days=30), "ann") == 1
    old, live = await box(ledger, "1"), await box(ledger, "2")
    assert (old.shipment, old.sent_order, old.stage) == (None, None, Stage.CONFIRMED)
    assert live.shipment is not None
    assert live.sent_order is not None
    assert [op.payload for op in await ledger.operations.of("1")] == [b"", b""]
    assert await ledger.purge(clock.now() - timedelta(days=30), "ann") == 0
    assert (await ledger.audit.verify()).ok


async def test_a_box_closed_late_is_kept_from_its_closing_on(ledger: Ledger, clock: SetClock) -> None:
    await plan(ledger, "1")
    clock.move(days=100)
    await confirm(ledger, "1")
    clock.move(days=29)
    assert await ledger.purge(clock.now() - timedelta(days=30), "ann") == 0


async def test_what_the_warehouse_tells_again_stays_forgotten(ledger: Ledger, clock: SetClock) -> None:
    told = parcel(order_number="SUB-1", tracking_link=f"https://x/{SECRETS[0]}")
    await closed_box(ledger, "1")
    clock.move(days=1)
    assert await ledger.purge(clock.now(), "ann") == 1
    assert await ledger.tracking.add([told]) == []
    [voided] = await ledger.tracking.add([replace(told, voided=True)])
    assert (voided.parcel.voided, voided.parcel.tracking_link) == (True, "")


async def test_strangers_are_forgotten_too(ledger: Ledger, clock: SetClock) -> None:
    await push(ledger, "1")
    await ledger.tracking.add([parcel(order_number="SUB-1"), parcel(order_number="X-9")])
    assert set(await ledger.tracking.of(["1", ""])) == {"1", ""}
    clock.move(days=31)
    await ledger.purge(clock.now() - timedelta(days=30), "ann")
    assert set(await ledger.tracking.of(["1", ""])) == {"1"}


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
async def test_no_byte_of_it_is_left_in_any_file(ledger: Ledger, clock: SetClock, place: str) -> None:
    for nr in range(40):
        await closed_box(ledger, str(nr))
    assert found(Path(place)), "the test must be able to find what it looks for"
    clock.move(days=31)
    assert await ledger.purge(clock.now() - timedelta(days=30), "ann") == 40
    assert found(Path(place)) == []
    assert wal_bytes(place) == 0


def wal_bytes(place: str) -> int:
    return Path(f"{place}-wal").stat().st_size


def found(place: Path) -> list[str]:
    files = [path.read_bytes() for path in place.parent.iterdir()]
    return [secret for secret in SECRETS if any(secret.encode() in content for content in files)]


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
async def test_old_copies_go_with_it(ledger: Ledger, place: str) -> None:
    old, young = (Path(f"{place}.before-2-{name}") for name in ("a", "b"))
    for copy, days in ((old, 8), (young, 1)):
        copy.write_bytes(b"copy")
        made = (NOW - timedelta(days=days)).timestamp()
        os.utime(copy, (made, made))
    await ledger.purge(NOW, "ann")
    assert (old.exists(), young.exists()) == (False, True)
