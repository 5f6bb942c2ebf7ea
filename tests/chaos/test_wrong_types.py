"""Every field of what Cratejoy and the warehouse tell, wrong in turn: the box concerned is held, the others flow on."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import msgspec
import pytest

from cratejoy_tui.simulator.cast import Box, Piece
from cratejoy_tui.simulator.placing import place
from cratejoy_tui.simulator.rendering import streamlined, verbose
from cratejoy_tui.simulator.shop import need_shipment
from cratejoy_tui.sync.domain.record import Stored
from cratejoy_tui.sync.domain.stage import Stage
from cratejoy_tui.sync.flows.cycle import cycle
from cratejoy_tui.sync.flows.desk import Desk
from tests.chaos.town import a_town
from tests.chaos.truth import Truth

WRONG: tuple[Any, ...] = (
    None,
    "\x1b[2J\u202e👩‍👩‍👧",
    "",
    -7,
    10**30,
    1.5e300,
    True,
    [],
    {},
    [[1]],
    {"id": {"deep": [None]}},
    "9" * 5000,
)
FEW = 1
"""Wrong values per field in the quick run, besides leaving it out."""
TEA = Box(billing="standard", pieces=(Piece(sku="TEABOX-STD", quantity=2),), gift="info", gift_text="Hello")
MUG = Box(pieces=(Piece(sku="MUG-GRN"), Piece(sku="TIN-OOLONG")), shipping=500)

Path = tuple[str | int, ...]


def paths(value: object, here: Path = ()) -> Iterator[Path]:
    """The way to every field within some JSON; of lists only to the first item."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*here, key)
            yield from paths(inner, (*here, key))
    elif isinstance(value, list) and value:
        yield (*here, 0)
        yield from paths(value[0], (*here, 0))


def holds(value: Any, path: Path) -> bool:
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def damages(sample: Box) -> list[list[tuple[str, Path]]]:
    """Every field of a shipment, with the forms of it that show the field."""
    with a_town() as town:
        doc = need_shipment(town.world, place(town.world, sample))
        forms = {
            "v1": msgspec.json.decode(verbose(town.world, doc)),
            "v1.1": msgspec.json.decode(streamlined(town.world, doc)),
        }
    every = dict.fromkeys(path for form in forms.values() for path in paths(form))
    return [[(name, path) for name, form in forms.items() if holds(form, path)] for path in every]


def spoilt(sample: Box, values: int) -> Iterator[Box]:
    """The sample, each time with one field missing or wrong."""
    chance = random.Random(4)
    for places in damages(sample):
        chosen = WRONG if values >= len(WRONG) else chance.sample(WRONG, values)
        for value in chosen:
            yield _with(sample, [(name, list(p), value) for name, p in places])
        if isinstance(places[0][1][-1], str):
            yield _with(sample, [(name, list(p)) for name, p in places])


def _with(sample: Box, warp: list[tuple[Any, ...]]) -> Box:
    return replace(sample, warp=tuple(warp))


async def everything(desk: Desk) -> dict[str, Stored]:
    boxes: list[Stored] = []
    while page := await desk.ledger.shipments.page(frozenset(Stage), boxes[-1].id if boxes else "", 500):
        boxes += page
    return {box.id: box for box in boxes}


@pytest.mark.parametrize("values", [FEW, pytest.param(len(WRONG), marks=pytest.mark.slow)])
@pytest.mark.parametrize("sample", [TEA, MUG], ids=["subscription", "one-time"])
def test_a_wrong_value_in_any_field_holds_its_box_alone(sample: Box, values: int) -> None:
    with a_town() as town:
        good = [place(town.world, sample) for _ in range(3)]
        bad = {place(town.world, box): box.warp for box in spoilt(sample, values)}
        good += [place(town.world, sample) for _ in range(3)]
        for seconds in (0, 3600, 6 * 3600, 3600):
            town.pass_by(seconds)
            ended = town.alone(cycle)
            assert ended is not None
            assert not ended.problems
        boxes = town.alone(everything) or {}
        assert {boxes[str(id_)].stage for id_ in good} == {Stage.CONFIRMED}
        for id_, warp in bad.items():
            box = boxes.get(str(id_))
            assert box is not None or _hides(warp), f"{warp} was never seen"
            assert box is None or box.stage is not Stage.HELD or box.reason, f"{warp} is held and nobody says why"
            assert box is None or box.stage not in {Stage.SEEN, Stage.PLANNED, Stage.SENDING, Stage.UNKNOWN}, warp
        Truth(town).check()


def _hides(warp: tuple[tuple[Any, ...], ...]) -> bool:
    """Without its id or its status a box is not to be found."""
    return any(path in (["id"], ["status"], ["adjusted_ordered_at"]) for _, path, *_ in warp)


class Bent:
    """Puts a wrong value into the warehouse's answers at one place."""

    def __init__(self, path: str, where: Path, value: object) -> None:
        self.path, self.where, self.value = path, where, value
        self.is_on = True

    def __call__(self, request: httpx.Request, body: bytes) -> bytes:
        if not self.is_on or request.url.path != self.path:
            return body
        answer = msgspec.json.decode(body)
        if not holds(answer, self.where):
            return body
        held: Any = answer
        for step in self.where[:-1]:
            held = held[step]
        held[self.where[-1]] = self.value
        return msgspec.json.encode(answer)


LINES = [{"sku": "MUG-GRN", "quantity": 1}]
TOLD = {
    "/api/orders": {"results": [{"order_number": "1", "status": "accepted", "reference": "W", "message": ""}]},
    "/api/orders/find": {
        "orders": [
            {
                "order_number": "1",
                "reference": "W",
                "state": "open",
                "lines": LINES,
                "ship_to": {"to": "", "street": "", "zip": ""},
                "picked_up": False,
            }
        ]
    },
    "/api/shipments": {
        "parcels": [
            {
                "order_number": "1",
                "reference": "P",
                "carrier_code": "usps",
                "carrier_name": "USPS",
                "service": "",
                "tracking_number": "9",
                "tracking_link": "",
                "shipped_at": "2026-11-23T10:00:00Z",
                "lines": LINES,
                "voided": False,
                "order_closed": True,
            }
        ],
        "next": None,
    },
}


BENT = [Bent(path, where, value) for path, answer in TOLD.items() for where in paths(answer) for value in WRONG]


@pytest.mark.parametrize("days", [8, pytest.param(len(BENT), marks=pytest.mark.slow)])
def test_a_wrong_value_in_any_answer_of_the_warehouse_is_never_believed(days: int) -> None:
    for bent in random.Random(9).sample(BENT, days):
        bent_day(bent)


def bent_day(bent: Bent) -> None:
    """Two boxes with a warehouse that tells nonsense for some hours, and then comes to its senses."""
    with a_town(delivery="look-up") as town:
        truth = Truth(town)
        for _ in range(2):
            place(town.world, Box())
        town.bend = bent
        for seconds in (0, 400, 4 * 3600):
            town.pass_by(seconds)
            town.alone(cycle)
            truth.check()
        bent.is_on = False
        for seconds in (400, 3600, 6 * 3600):
            town.pass_by(seconds)
            town.alone(cycle)
        truth.check()
        assert town.alone(truth.at_rest) == [], (bent.path, bent.where, bent.value)
