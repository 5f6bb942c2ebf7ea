"""Has everything left, and which parcel speaks for the box?"""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratejoy_tui.sync.domain.order import OrderLine
from cratejoy_tui.sync.domain.parcels import Progress, is_relabelled, primary_parcel, progress_of
from cratejoy_tui.sync.domain.tracking import Parcel, ParcelLine
from tests.sync.factories import NOW, order, parcel

SENT = order(lines=(OrderLine(sku="A", quantity=2), OrderLine(sku="B", quantity=1)))


def holding(lines: str | None, *, closed: bool = False, voided: bool = False) -> Parcel:
    told = None if lines is None else tuple(ParcelLine(sku=sku, quantity=1) for sku in lines)
    return parcel(lines=told, order_closed=closed, voided=voided)


@pytest.mark.parametrize(
    ("parcels", "progress"),
    [
        ([], Progress.NONE),
        ([holding("AAB", voided=True)], Progress.NONE),
        ([holding("AAB")], Progress.COMPLETE),
        ([holding("A"), holding("BA")], Progress.COMPLETE),
        ([holding("AAAB")], Progress.COMPLETE),
        ([holding("AA")], Progress.PARTLY),
        ([holding("AA"), holding("B", voided=True)], Progress.PARTLY),
        ([holding("AB", closed=True)], Progress.SHORT),
        ([holding("", closed=True)], Progress.SHORT),
        ([holding("AAB", closed=True)], Progress.COMPLETE),
        ([holding(None)], Progress.PARTLY),
        ([holding(None, closed=True)], Progress.COMPLETE),
        ([holding("A"), holding(None)], Progress.PARTLY),
        ([holding("A"), holding(None, closed=True)], Progress.COMPLETE),
        ([holding(None), holding(None, closed=True, voided=True)], Progress.PARTLY),
    ],
)
def test_complete_is_what_covers_all_lines_or_what_the_warehouse_calls_closed(
    parcels: list[Parcel], progress: Progress
):
    assert progress_of(SENT, parcels) is progress


def test_parcels_of_a_purged_order_are_believed():
    assert progress_of(None, [holding("A")]) is Progress.COMPLETE


@given(st.permutations("AAB"), st.integers(0, 3), st.booleans())
def test_lines_may_be_spread_over_parcels_in_any_way(pieces: list[str], cut: int, swapped: bool):
    split = [holding("".join(pieces[:cut])), holding("".join(pieces[cut:]))]
    assert progress_of(SENT, reversed(split) if swapped else split) is Progress.COMPLETE


def test_the_earliest_shipped_parcel_speaks_then_the_lowest_reference():
    voided = parcel(reference="P-0", voided=True, shipped_at=NOW - timedelta(days=9))
    early_b = parcel(reference="P-2", shipped_at=NOW - timedelta(hours=5))
    early_a = parcel(reference="P-1", shipped_at=NOW - timedelta(hours=5))
    late = parcel(reference="A-0", shipped_at=NOW)
    undated = parcel(reference="A-1", shipped_at=None)
    for parcels in permutations([voided, early_b, early_a, late, undated]):
        assert primary_parcel(parcels) is early_a
    assert primary_parcel([undated, voided]) is undated
    assert primary_parcel([voided]) is None


@pytest.mark.parametrize(
    ("parcels", "relabelled"),
    [
        ([], False),
        ([parcel()], False),
        ([parcel(tracking_number="9400 1118 9922 3856 9255 03")], False),
        ([parcel(), parcel(reference="P-2", tracking_number="other")], False),
        ([parcel(voided=True)], True),
        ([parcel(voided=True), parcel(reference="P-2", tracking_number="other")], True),
        ([parcel(tracking_number="other")], True),
    ],
)
def test_a_confirmed_number_that_travels_no_more_is_noticed(parcels: list[Parcel], relabelled: bool):
    assert is_relabelled(parcels, "9400111899223856925503") is relabelled
