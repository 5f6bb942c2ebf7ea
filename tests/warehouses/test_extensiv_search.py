"""Orders looked up and cancelled at Extensiv: filters that are not heeded, versions that changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from cratejoy_tui.errors import SignInRefused, UnexpectedAnswer
from cratejoy_tui.sync.domain.order import (
    CancelAnswer,
    NotSent,
)
from cratejoy_tui.warehouses.contract import all_parcels, pushed
from cratejoy_tui.warehouses.contract_rig import TRACKING, HandOver
from cratejoy_tui.warehouses.extensiv_words import rql_of_numbers
from tests.warehouses.extensiv_rig import TOKEN, ExtensivRig, rigged

HAND_OVER = HandOver(sequence=1)


@pytest.fixture
async def rig() -> AsyncIterator[ExtensivRig]:
    async with rigged() as rig:
        yield rig


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
