"""The boxes every operator meets sooner or later, and those that should never exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cratejoy_tui.simulator.cast import Box, Piece

if TYPE_CHECKING:
    from cratejoy_tui.simulator.world import World

TEA = (Piece(sku="TEABOX-STD"),)
CANDLE = (Piece(sku="SQ0093801"),)
GIFT_TEXT = "Happy 80th!\nWith love from all of us — see you ♥ 🎂"
CANADA = {
    "to": "Marisol  Quintero ",
    "company": "Quintero Studio",
    "street": "77 Rue Exemple",
    "unit": "",
    "city": "Montréal",
    "state": "QC",
    "zip_code": "H2X 1Y4",
    "country": "CA",
}

CASES: tuple[Box, ...] = (
    Box(case="month-to-month", billing="standard", pieces=TEA, sub_cycle=4, placed_days_ago=30),
    Box(
        case="prepay",
        billing="standard",
        pieces=TEA,
        term=6,
        cycle=2,
        sub_cycle=3,
        boxes=4,
        placed_days_ago=80,
        total=18_000,
        order_status="closed",
        fulfillment_status="fulfilled",
    ),
    Box(case="first-adhoc", billing="adhoc", pieces=CANDLE, placed_days_ago=0.2, shipping=650),
    Box(case="ecom", pieces=(Piece(sku="MUG-GRN", quantity=2), Piece(sku="TIN-OOLONG")), shipping=799, total=4999),
    Box(
        case="add-on",
        billing="standard",
        pieces=(*TEA, Piece(sku="TIN-OOLONG", addon=True)),
        placed_days_ago=30,
    ),
    Box(
        case="gift",
        billing="adhoc",
        pieces=CANDLE,
        term=3,
        boxes=3,
        gift="info",
        gift_text=GIFT_TEXT,
        total=9650,
        address={"to": "Grandpa Ørsted", "street": "1200 Fictional Blvd", "unit": "#5"},
    ),
    Box(case="claim", billing="adhoc", pieces=TEA, gift="claim", gift_text="Enjoy!", total=0),
    Box(case="test", is_test=True, expected="never"),
    Box(case="zero-total", total=0),
    Box(case="partial-refund", total=4000, refunded=500),
    Box(case="full-refund", total=4000, refunded=4000, expected="hold"),
    Box(case="unpaid", financial_status="unpaid", expected="hold"),
    Box(case="strange-status", financial_status="under_review", expected="hold"),
    Box(case="cancelled", status="cancelled", expected="never"),
    Box(
        case="shipped",
        status="shipped",
        tracking_number="9400100000000000009991",
        placed_days_ago=6,
        fulfillment_status="fulfilled",
        order_status="closed",
        expected="never",
    ),
    Box(
        case="owed",
        billing="standard",
        pieces=TEA,
        term=3,
        cycle=1,
        sub_cycle=2,
        boxes=2,
        placed_days_ago=50,
        subscription_status="cancelled",
        expected="hold",
    ),
    Box(
        case="past-due",
        billing="standard",
        pieces=TEA,
        boxes=0,
        financial_status="unpaid",
        subscription_status="past_due",
        expected="hold",
    ),
    Box(case="canadian", address=CANADA),
    Box(case="empty-sku", pieces=(Piece(sku=""),), expected="hold"),
    Box(case="admin-cycle", billing="adhoc", pieces=CANDLE, cycle=-1, sub_cycle=3),
    Box(case="labelled", labelled=True, expected="hold"),
    Box(case="cancelled-line", pieces=(Piece(sku="MUG-GRN"), Piece(sku="TEE-FOX-M", status="cancelled"))),
    Box(case="open-batch", billing="standard", pieces=TEA, batch="open", expected="later"),
    Box(case="future", billing="adhoc", pieces=CANDLE, target_days=40, expected="later"),
    Box(case="no-zip", address={"zip_code": ""}, expected="hold"),
    # Things happen to these in the course of the day.
    Box(case="cancel-in-time", billing="adhoc", pieces=CANDLE),
    Box(case="cancel-too-late", pieces=(Piece(sku="TIN-OOLONG"),)),
    Box(case="un-cancelled", billing="adhoc", pieces=CANDLE),
    Box(case="brought-forward", billing="adhoc", pieces=CANDLE, target_days=30, expected="later"),
    Box(case="postponed", billing="adhoc", pieces=CANDLE),
    Box(case="readdressed", pieces=(Piece(sku="TEE-FOX-M"),)),
    Box(case="late-payer", financial_status="unpaid"),
)

_BIDI = "\u202egnp.exe\u202c"


def _spoilt(case: str, path: list[str | int], *value: object, versions: tuple[str, ...] = ("v1", "v1.1")) -> Box:
    """What stands at this path in these versions is another value, or (none given) is missing."""
    return Box(case=case, warp=tuple((version, path, *value) for version in versions), expected="hold")


NASTY: tuple[Box, ...] = (
    Box(case="control-characters", address={"to": "Eve\x1b[31m\x07 Red\x00", "company": "a\r\nb\u2028c"}),
    Box(case="markup", address={"to": "[bold red]Mallory[/]", "street": "1 [link=http://x.test]Lane[/link]"}),
    Box(case="bidi", address={"to": f"Zoë {_BIDI}", "city": "\ufeffReno"}),
    Box(case="formula", address={"to": '=HYPERLINK("http://x.test")', "street": "@SUM(1)", "unit": "+1", "city": "-2"}),
    Box(case="huge-name", address={"to": "x" * 200_000}, expected="hold"),
    Box(case="emoji", address={"to": "👩‍👩‍👧 Family 🦊", "street": "١٢ Straße"}),
    Box(case="hostile-gift", gift="message", gift_text="\x1b]0;pwned\x07 [blink]hi[/] \u2066rtl\u2069\n" * 3),
    Box(case="no-cycle", billing="adhoc", pieces=CANDLE, sub_cycle=None, cycle=None),
    _spoilt("status-unheard-of", ["status"], "on_hold"),
    _spoilt("date-is-a-word", ["adjusted_ordered_at"], "yesterday"),
    _spoilt("date-is-far-off", ["adjusted_ordered_at"], 10**18),
    _spoilt("address-is-null", ["ship_address"], None),
    _spoilt("address-is-missing", ["ship_address"]),
    _spoilt("zip-is-a-number", ["ship_address", "zip_code"], 83702),
    _spoilt("lines-are-null", ["fulfillments"], None),
    _spoilt("lines-are-empty", ["fulfillments"], []),
    _spoilt("line-is-text", ["fulfillments", 0], "oops"),
    _spoilt("sku-is-a-list", ["fulfillments", 0, "instance", "sku"], ["A"]),
    _spoilt("order-is-missing", ["fulfillments", 0, "order"]),
    _spoilt("order-is-a-url", ["fulfillments", 0, "order"], "/v1/orders/1/", versions=("v1",)),
    _spoilt("financial-status-is-a-number", ["fulfillments", 0, "order", "financial_status"], 2, versions=("v1",)),
    _spoilt("test-flag-is-text", ["is_test"], "no", versions=("v1",)),
    _spoilt("labels-are-an-object", ["labels"], {"id": 1}, versions=("v1",)),
    _spoilt("tracking-is-an-object", ["tracking_number"], {"no": 1}),
    _spoilt("quantity-is-negative", ["fulfillments", 0, "quantity"], -3),
    _spoilt("extra-everything", ["surprise"], {"deep": [[[[1]]]]}),
)


def crowd(world: World, size: int) -> Iterator[Box]:
    """Plain boxes, all due and paid: three of five standard, one ad hoc, one e-commerce."""
    for place in range(size):
        chance = world.draw("crowd", place)
        if chance < 0.6:
            cycle = 1 + int(world.draw("cycle", place) * 11)
            yield Box(billing="standard", pieces=TEA, sub_cycle=cycle, placed_days_ago=35)
        elif chance < 0.8:
            yield Box(billing="adhoc", pieces=CANDLE, target_days=5 * world.draw("target", place))
        else:
            yield walk_in(world, "crowd", place)


def walk_in(world: World, *labels: object) -> Box:
    """An e-commerce order of one to four pieces."""
    skus = ("MUG-GRN", "TIN-OOLONG", "TEE-FOX-M", "POSTER-A3")
    first = int(world.draw("sku", *labels) * len(skus))
    pieces = [Piece(sku=skus[first], quantity=1 + int(world.draw("pieces", *labels) * 2))]
    if world.draw("second", *labels) < 0.4:
        pieces.append(Piece(sku=skus[(first + 1) % len(skus)]))
    return Box(pieces=tuple(pieces), placed_days_ago=0.01, shipping=int(world.draw("charged", *labels) * 2) * 599)
