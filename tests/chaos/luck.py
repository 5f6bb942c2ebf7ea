"""What a random day may bring: sales, faults, and processes that die."""

from __future__ import annotations

from hypothesis import strategies as st

from cratejoy_tui.simulator.cast import Box, Piece
from cratejoy_tui.simulator.knobs import Fault
from tests.chaos.mortal import Life

PIECES = st.lists(st.sampled_from(["MUG-GRN", "TIN-OOLONG", "TEE-FOX-M"]), min_size=1, max_size=2, unique=True)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    """One sale of the plain kinds."""
    billing = draw(st.sampled_from(["ecom", "ecom", "adhoc", "standard"]))
    skus = draw(PIECES) if billing == "ecom" else ["TEABOX-STD"]
    count = draw(st.integers(1, 2))
    return Box(
        pieces=tuple(Piece(sku=sku, quantity=count) for sku in skus),
        billing=billing,  # type: ignore[arg-type]
        financial_status=draw(st.sampled_from(["paid", "paid", "paid", "unpaid"])),
        target_days=draw(st.sampled_from([0.0, 2.0, 20.0])) if billing == "adhoc" else 0.0,
    )


PATHS = {
    "warehouse": [("POST", "/api/orders"), ("POST", "/api/orders/find"), ("POST", "/cancel"), ("GET", ""), ("", "")],
    "cratejoy": [("PUT", ""), ("GET", "/v1/"), ("GET", "/v1.1/"), ("", "")],
}


KINDS = ("lose_answer", "late_commit", "late_commit", "drop", "refuse", "throttle", "status", "slow")
KINDS += ("truncate", "break_off", "garbage", "empty", "redirect")


@st.composite
def faults(draw: st.DrawFn) -> Fault:
    """Something goes wrong with the next few requests of a kind."""
    app = draw(st.sampled_from(["warehouse", "cratejoy"]))
    method, path = draw(st.sampled_from(PATHS[app]))
    kind = draw(st.sampled_from(KINDS))
    return Fault(
        kind=kind,  # type: ignore[arg-type]
        app=app,  # type: ignore[arg-type]
        method=method,
        path=path,
        times=draw(st.integers(1, 3)),
        skip=draw(st.integers(0, 2)),
        seconds=draw(st.sampled_from([1.0, 20.0, 40.0, 200.0])),
        status=draw(st.sampled_from([500, 502, 503, 408] + ([400, 401, 422] if kind == "status" else []))),
        answered=draw(st.booleans()),
    )


LIVES = st.one_of(st.none(), st.tuples(st.integers(1, 60), st.booleans()))


def a_life(drawn: tuple[int, bool] | None) -> Life:
    life = Life()
    if drawn is not None:
        life.ends_after(drawn[0], carried_out=drawn[1])
    return life
