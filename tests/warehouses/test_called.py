"""What the end of a call means for the orders in it, whichever warehouse was called."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime

import pytest

from cratejoy_tui.errors import AnswerLost, NotSupported, RateLimited, SetupError, SignInRefused, Unreachable
from cratejoy_tui.http import PoliteClient, Remote, RequestRefused
from cratejoy_tui.sync.domain.order import CancelAnswer, CancelOutcome, Lost, Order, PushOutcome, Receipt
from cratejoy_tui.sync.domain.tracking import Parcel
from cratejoy_tui.sync.ports import Capabilities, Contact, DeliveryClass
from cratejoy_tui.warehouses.called import CalledWarehouse
from cratejoy_tui.warehouses.contract_rig import HandOver, an_order

HAND_OVER = HandOver(sequence=1)


class Scripted(CalledWarehouse):
    """Takes every order but those that a script speaks against."""

    capabilities = Capabilities(delivery=DeliveryClass.BLIND, can_find=False, batch_size=4)

    def __init__(self, script: dict[str, Exception]) -> None:
        super().__init__(PoliteClient(Remote(system="Acme", base_url="http://127.0.0.1:1")))
        self.script = script
        self.sent: list[list[str]] = []

    async def verify(self) -> Contact:
        return Contact(system=self.name)

    async def hand_over(self, orders: Sequence[Order]) -> Iterable[PushOutcome]:
        self.sent.append([order.number for order in orders])
        for order in orders:
            if order.number in self.script:
                raise self.script[order.number]
        return [Receipt(number=order.number, reference="A-1") for order in orders if order.number != "silent"]

    async def ask_to_cancel(self, number: str, reason: str) -> CancelOutcome:
        if number in self.script:
            raise self.script[number]
        return CancelOutcome(number=number, answer=CancelAnswer.CANCELLED)

    async def shipped_since(self, since: datetime) -> AsyncIterator[Sequence[Parcel]]:
        yield []


def refused(status: int) -> RequestRefused:
    return RequestRefused(f"Acme answered {status}.", status=status, body="no tea here")


async def outcomes(script: dict[str, Exception], *numbers: str) -> list[PushOutcome]:
    return list(await Scripted(script).push([an_order(number) for number in numbers], HAND_OVER))


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (AnswerLost("gone"), "Lost"),
        (Unreachable("away"), "NotSent"),
        (RateLimited("slow", wait_seconds=1), "NotSent"),
        (refused(404), "NotSent"),
        (KeyError("results"), "Lost"),
        (TypeError("not a list"), "Lost"),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_every_end_of_a_call_is_one_word_for_all_orders_in_it(trouble: Exception, kind: str) -> None:
    assert [type(one).__name__ for one in await outcomes({"2": trouble}, "1", "2", "3")] == [kind] * 3


@pytest.mark.parametrize("trouble", [SignInRefused("no"), SetupError("no such store")])
async def test_what_concerns_all_orders_is_raised(trouble: Exception) -> None:
    with pytest.raises(type(trouble)):
        await outcomes({"1": trouble}, "1", "2")


async def test_a_refused_call_goes_again_in_halves_until_the_order_that_is_meant_stands_alone() -> None:
    warehouse = Scripted({"3": refused(422)})
    told = await warehouse.push([an_order(number) for number in "1234"], HAND_OVER)
    assert [type(one).__name__ for one in told] == ["Receipt", "Receipt", "Refused", "Receipt"]
    assert warehouse.sent == [["1", "2", "3", "4"], ["1", "2"], ["3", "4"], ["3"], ["4"]]


async def test_more_orders_than_a_call_takes_go_in_several_and_a_refused_key_stops_the_rest() -> None:
    told = await outcomes({"6": SignInRefused("revoked")}, *"1234567")
    assert [type(one).__name__ for one in told] == ["Receipt"] * 4 + ["NotSent"] * 3


async def test_an_order_that_the_answer_leaves_out_is_in_doubt() -> None:
    first, silent = await outcomes({}, "1", "silent")
    assert isinstance(first, Receipt)
    assert isinstance(silent, Lost)


@pytest.mark.parametrize(
    ("script", "answer"),
    [
        ({}, CancelAnswer.CANCELLED),
        ({"1": AnswerLost("gone")}, CancelAnswer.UNKNOWN),
        ({"1": refused(409)}, CancelAnswer.REFUSED),
    ],
)
async def test_a_cancel_ends_in_one_word_too(script: dict[str, Exception], answer: CancelAnswer) -> None:
    assert (await Scripted(script).cancel("1", "changed mind", HAND_OVER)).answer is answer


async def test_what_it_cannot_do_is_told() -> None:
    warehouse = Scripted({})
    for asked in (warehouse.find(["1"]), warehouse.resume([an_order("1")], HAND_OVER)):
        with pytest.raises(NotSupported):
            await asked
