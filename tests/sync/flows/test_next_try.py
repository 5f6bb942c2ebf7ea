"""A box whose order surely did not arrive waits for its next try, and everybody can see it wait."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from cratejoy_tui.sync.domain.order import NotSent, Order, PushOutcome
from cratejoy_tui.sync.domain.plan import Result
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.flows.cycle import cycle
from cratejoy_tui.sync.flows.explain import explain
from cratejoy_tui.sync.flows.judging import judge_open
from cratejoy_tui.sync.flows.people import retry
from cratejoy_tui.sync.flows.push import apply_push, preview_push
from cratejoy_tui.sync.flows.status import status
from cratejoy_tui.sync.ports import Delivery
from tests.sync.factories import shipment
from tests.sync.flows.conftest import MakeRig
from tests.sync.flows.rig import Rig


@pytest.fixture
async def full(make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch) -> Rig:
    """A rig whose warehouse had no room for its only order, a moment ago."""
    rig = await make_rig(shipment())

    async def no_room(orders: Sequence[Order], delivery: Delivery) -> Sequence[PushOutcome]:
        return [NotSent(number=order.number, reason="no space left") for order in orders]

    with monkeypatch.context() as patch:
        patch.setattr(rig.warehouse, "push", no_room)
        ended = await cycle(rig.desk)
        assert [outcome.result for outcome in ended.outcomes] == [Result.NOT_SENT]
        assert ended.exit_code == 1
    return rig


async def test_it_is_told_when_it_is_tried_again(full: Rig) -> None:
    assert await preview_push(full.desk) == ()
    told = await explain(full.desk, "4124")
    at = full.clock.now() + timedelta(minutes=1)
    assert (told.stage, told.becoming.at) == (Stage.PLANNED, at)
    assert "no space left" in told.becoming.text
    found = await status(full.desk)
    assert (found.tried_again, found.next_try) == (1, at)
    full.clock.pass_by(minutes=1)
    assert (await status(full.desk)).tried_again == 0
    assert (await explain(full.desk, "4124")).becoming.text == "It may be pushed now."


async def test_a_person_need_not_wait_for_it(full: Rig) -> None:
    await retry(full.desk, ["4124"])
    await judge_open(full.desk)
    [outcome] = await apply_push(full.desk, await preview_push(full.desk))
    assert outcome.result is Result.DONE
