from __future__ import annotations

import json

import pytest
from sqlalchemy import Delete, Update, create_engine, delete, update
from sqlalchemy.engine import make_url

from cratejoy_tui.errors import OrderNotFound
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.ledger import Ledger
from cratejoy_tui.sync.ledger.tables import audit, audit_heads
from tests.sync.factories import NOW, shipment
from tests.sync.ledger.conftest import Open
from tests.sync.ledger.steps import confirm, plan, push


def tamper(place: str, *changes: Update | Delete) -> None:
    engine = create_engine(make_url(place if "://" in place else f"sqlite:///{place}"))
    with engine.begin() as connection:
        for change in changes:
            connection.execute(change)
    engine.dispose()


async def test_every_transition_leaves_a_record_in_one_sound_chain(ledger: Ledger) -> None:
    await confirm(ledger)
    records = await ledger.audit.records(subject="1")
    assert [record.action for record in records] == ["intended", "ended", "moved", "intended", "ended"]
    assert {(record.operator, record.at) for record in records} == {("ann", NOW)}
    pushed = json.loads(records[0].detail)
    assert (pushed["kind"], pushed["number"], pushed["attempt"]) == ("push", "SUB-1", 1)
    verified = await ledger.audit.verify()
    everything = await ledger.audit.records()
    assert (verified.ok, verified.count, verified.head) == (True, len(everything), everything[-1].hash)
    assert [record.seq for record in everything] == list(range(1, len(everything) + 1))


async def test_records_come_in_pages(ledger: Ledger) -> None:
    await confirm(ledger)
    first = await ledger.audit.records(limit=2)
    then = await ledger.audit.records(after_seq=2, limit=1)
    assert [record.seq for record in (*first, *then)] == [1, 2, 3]


async def test_an_empty_chain_is_sound(ledger: Ledger) -> None:
    assert (await ledger.audit.verify()).ok


async def test_a_transaction_that_fails_leaves_no_record(ledger: Ledger) -> None:
    await plan(ledger, "1")
    before = await ledger.audit.verify()
    with pytest.raises(OrderNotFound):
        await ledger.people.hold(["1", "99"], "wait", "bob")
    assert await ledger.audit.verify() == before


@pytest.mark.parametrize(
    ("changes", "broken_at"),
    [
        pytest.param([update(audit).where(audit.c.seq == 3).values(detail="{}")], 3, id="edited"),
        pytest.param([update(audit).where(audit.c.seq == 3).values(operator="eve")], 3, id="other name"),
        pytest.param([delete(audit).where(audit.c.seq == 2)], 2, id="deleted"),
        pytest.param(
            [
                update(audit).where(audit.c.seq == 2).values(seq=99),
                update(audit).where(audit.c.seq == 3).values(seq=2),
                update(audit).where(audit.c.seq == 99).values(seq=3),
            ],
            2,
            id="swapped",
        ),
        pytest.param([delete(audit).where(audit.c.seq > 3)], 4, id="cut off"),
        pytest.param([update(audit_heads).values(seq=3)], None, id="head moved"),
    ],
)
async def test_a_change_of_the_chain_is_found(
    ledger: Ledger, place: str, changes: list[Update | Delete], broken_at: int | None
) -> None:
    await push(ledger, "1", "2")
    count = len(await ledger.audit.records())
    tamper(place, *changes)
    verified = await ledger.audit.verify()
    assert (verified.ok, verified.broken_at) == (False, broken_at or count + 1)


async def test_a_chain_written_by_two_programs_in_turn_is_one_chain(ledger: Ledger, opened: Open) -> None:
    other = await opened(operator="bob")
    for nr in range(10):
        await plan(ledger if nr % 2 else other, str(nr))
    verified = await other.audit.verify()
    assert verified.ok
    assert {record.operator for record in await ledger.audit.records()} == {"ann", "bob"}


async def test_the_chain_holds_no_personal_data(ledger: Ledger) -> None:
    await confirm(ledger)
    await ledger.people.hold(["1"], "Ada called", "bob")
    await ledger.people.note("1", "Ada lives at 12 Main St", "bob")
    text = "".join(record.detail for record in await ledger.audit.records(limit=1000))
    address = shipment().ship_to
    for personal in (address.to, address.street, address.zip, address.phone, "Ada"):
        assert personal not in text


async def test_each_store_has_its_own_chain(ledger: Ledger, opened: Open, place: str) -> None:
    other = await opened(store="other")
    await push(ledger, "1")
    await plan(other, "1")
    tamper(place, update(audit).where(audit.c.store == "shop", audit.c.seq == 1).values(detail="{}"))
    assert not (await ledger.audit.verify()).ok
    assert (await other.audit.verify()).ok
    assert await other.shipments.counts() == {Stage.PLANNED: 1}
