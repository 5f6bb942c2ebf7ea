"""Questions across nouns, on both databases."""

from __future__ import annotations

from datetime import timedelta

from cratejoy_tui.sync.domain.record import TaskKind
from cratejoy_tui.sync.domain.stage import Kind, State
from cratejoy_tui.sync.ledger import Ledger
from tests.sync.factories import NOW, order, parcel
from tests.sync.ledger.conftest import Open
from tests.sync.ledger.steps import (
    SetClock,
    confirm,
    confirmation,
    end,
    plan,
    push,
    send,
    ship,
    the_lease,
)

DAY = timedelta(days=1)


async def test_a_box_is_found_by_its_id_and_by_every_number_it_had(ledger: Ledger) -> None:
    await confirm(ledger)
    await ledger.operations.new_generation("1", "ann", "lost")
    asked = [await ledger.questions.shipment_of(number) for number in ("1", "SUB-1", "SUB-2", "")]
    assert asked == ["1", "1", None, None]


async def test_boxes_of_another_store_are_not_ours(ledger: Ledger, opened: Open) -> None:
    await push(ledger, "1")
    other = await opened(store="other")
    assert await other.questions.shipment_of("SUB-1") is None
    assert await other.questions.operations_of(["1"]) == {}
    assert await other.questions.orders_handed_over(NOW, NOW + DAY) == {}


async def test_writes_come_by_box_oldest_first(ledger: Ledger) -> None:
    await confirm(ledger, "1")
    found = await ledger.questions.operations_of(["1", "2"])
    assert {id_: [operation.kind for operation in of_box] for id_, of_box in found.items()} == {
        "1": [Kind.PUSH, Kind.CONFIRM]
    }


async def test_what_nobody_can_tell_is_in_doubt(ledger: Ledger) -> None:
    operations, lease = await send(ledger, "1", "2", "3")
    await end(ledger, operations[0], State.ACCEPTED, lease)
    await end(ledger, operations[1], State.UNKNOWN, lease, quiet_until=NOW)
    assert [(one.shipment_id, one.state) for one in await ledger.questions.in_doubt()] == [
        ("2", State.UNKNOWN),
        ("3", State.SENDING),
    ]


async def test_tasks_of_a_box_include_those_that_are_done(ledger: Ledger) -> None:
    await push(ledger, "1", "2")
    first = await ledger.people.task(TaskKind.DRIFT, "1", "SUB-1", "look")
    await ledger.people.done(first, "ann")
    await ledger.people.task(TaskKind.CONFLICT, "1", "SUB-1", "decide")
    await ledger.people.task(TaskKind.CONFLICT, "2", "SUB-2", "decide")
    of_box = await ledger.people.tasks(open_only=False, shipment_id="1")
    assert [task.kind for task in of_box] == [TaskKind.DRIFT, TaskKind.CONFLICT]


async def test_the_newest_delivery_is_known_by_its_number(ledger: Ledger) -> None:
    assert await ledger.questions.last_delivery() == 0
    operations, _ = await send(ledger, "1")
    assert await ledger.questions.last_delivery() == operations[0].delivery_sequence == 1


async def test_the_head_of_the_audit_chain_is_the_one_that_verifies(ledger: Ledger) -> None:
    await push(ledger, "1")
    verified = await ledger.audit.verify()
    assert await ledger.questions.audit_head() == (verified.count, verified.head)


async def test_orders_are_counted_by_warehouse_within_their_time(ledger: Ledger, clock: SetClock) -> None:
    await push(ledger, "1", "2")
    await plan(ledger, "3")
    await ledger.operations.adopt([(order(shipment_id="3"), "W-3")], "ann", "was there", "Cellar")
    clock.move(days=1)
    operations, lease = await send(ledger, "4")
    await end(ledger, operations[0], State.REJECTED, lease, error="no such SKU")
    assert await ledger.questions.orders_handed_over(NOW, NOW + DAY) == {"Floor": 2, "Cellar": 1}
    assert await ledger.questions.orders_handed_over(NOW + DAY, NOW + 2 * DAY) == {}


async def test_parcels_are_counted_once_voided_and_strange_ones_not_at_all(ledger: Ledger) -> None:
    await push(ledger, "1")
    await ledger.tracking.add(
        [
            parcel(order_number="SUB-1", reference="P-1", shipped_at=NOW),
            parcel(order_number="SUB-1", reference="P-2", shipped_at=NOW),
            parcel(order_number="SUB-1", reference="P-3", shipped_at=NOW, voided=True),
            parcel(order_number="SUB-1", reference="P-4", shipped_at=NOW + DAY),
            parcel(order_number="STRANGE", reference="P-5", shipped_at=NOW),
        ]
    )
    assert await ledger.questions.parcels_shipped(NOW, NOW + DAY) == {"Floor": 2}


async def test_a_parcel_without_a_ship_date_counts_when_it_was_heard_of(ledger: Ledger) -> None:
    await push(ledger, "1")
    await ledger.tracking.add([parcel(order_number="SUB-1", shipped_at=None)])
    assert await ledger.questions.parcels_shipped(NOW, NOW + DAY) == {"Floor": 1}


async def test_a_confirmation_is_one_email(ledger: Ledger) -> None:
    await confirm(ledger)
    assert await ledger.questions.emails_sent(NOW, NOW + DAY) == {Kind.CONFIRM: 1}
    assert await ledger.questions.emails_sent(NOW + DAY, NOW + 2 * DAY) == {}


async def test_a_confirmation_that_was_done_already_is_none(ledger: Ledger) -> None:
    lease = await ship(ledger)
    operation = await ledger.operations.intend_confirm(confirmation(), lease=lease)
    await end(ledger, operation, State.ACCEPTED, lease, via="look-up")
    assert await ledger.questions.emails_sent(NOW, NOW + DAY) == {}


async def test_a_lost_confirmation_counts_until_it_is_proven_not_done(ledger: Ledger) -> None:
    lease = await ship(ledger)
    operation = await ledger.operations.intend_confirm(confirmation(), lease=lease)
    assert await ledger.questions.emails_sent(NOW, NOW + DAY) == {Kind.CONFIRM: 1}
    await end(ledger, operation, State.UNKNOWN, lease, quiet_until=NOW)
    assert await ledger.questions.emails_sent(NOW, NOW + DAY) == {Kind.CONFIRM: 1}
    await end(ledger, operation, State.READY, via="look-up")
    assert await ledger.questions.emails_sent(NOW, NOW + DAY) == {}


async def test_a_lost_confirmation_found_done_stays_one_email(ledger: Ledger) -> None:
    lease = await ship(ledger)
    operation = await ledger.operations.intend_confirm(confirmation(), lease=lease)
    await end(ledger, operation, State.UNKNOWN, lease, quiet_until=NOW)
    await end(ledger, operation, State.ACCEPTED, via="look-up")
    assert await ledger.questions.emails_sent(NOW, NOW + DAY) == {Kind.CONFIRM: 1}


async def test_a_replaced_number_is_counted_apart(ledger: Ledger) -> None:
    await confirm(ledger)
    lease = await the_lease(ledger)
    operation = await ledger.operations.intend_confirm(confirmation(number="9401"), lease=lease, replace=True)
    await end(ledger, operation, State.ACCEPTED, lease)
    assert await ledger.questions.emails_sent(NOW, NOW + DAY) == {Kind.CONFIRM: 1, Kind.REPLACE: 1}
