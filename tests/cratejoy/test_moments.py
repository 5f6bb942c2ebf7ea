"""Cratejoy's dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratejoy_tui.cratejoy.moments import Unreadable, instant, moment


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("2016-03-14T00:00:00Z", datetime(2016, 3, 14, tzinfo=UTC)),
        ("2026-09-09T16:13:57-07:00", datetime(2026, 9, 9, 23, 13, 57, tzinfo=UTC)),
        ("2026-09-09T16:13:57.250+02:00", datetime(2026, 9, 9, 14, 13, 57, 250000, tzinfo=UTC)),
        ("2015-09-01 12:30:00Z", datetime(2015, 9, 1, 12, 30, tzinfo=UTC)),
        ("2015-09-01T12:30:00", datetime(2015, 9, 1, 12, 30, tzinfo=UTC)),
        (" 2015-09-01T12:30:00Z ", datetime(2015, 9, 1, 12, 30, tzinfo=UTC)),
        ("2017-09-15", datetime(2017, 9, 15, 12, tzinfo=UTC)),
        (1440478800000, datetime(2015, 8, 25, 5, tzinfo=UTC)),
        (1440478800000.0, datetime(2015, 8, 25, 5, tzinfo=UTC)),
        ("1440478800000", datetime(2015, 8, 25, 5, tzinfo=UTC)),
        ("", None),
        (None, None),
    ],
)
def test_every_shape_of_a_date_is_understood(value: str | float | None, meant: datetime | None) -> None:
    assert moment(value, "created_at") == meant


@pytest.mark.parametrize(
    "value",
    [
        "soon",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "1970-01-01T00:00:00Z",
        "2026-13-01",
        "2026-02-30T00:00:00Z",
        "2026-11-03T25:00:00Z",
        "2026-11-03T10:00:00+99:99",
        "2" * 5_000,
        0,
        -1,
        1440478800,
        10**30,
        1.5e300,
        float("inf"),
        float("nan"),
    ],
)
def test_an_absurd_date_names_its_field(value: str | float) -> None:
    with pytest.raises(Unreadable, match="created_at: not a date we can read"):
        moment(value, "created_at")


@given(st.one_of(st.text(), st.integers(), st.floats()))
def test_whatever_comes_is_a_sane_instant_or_refused(value: str | float) -> None:
    try:
        found = moment(value, "x")
    except Unreadable:
        return
    assert found is None or (found.tzinfo is UTC and 2000 <= found.year < 2200)


def test_an_instant_is_written_in_utc_without_fractions() -> None:
    west = timezone(timedelta(hours=-8))
    assert instant(datetime(2026, 11, 3, 23, 59, 59, 999999, tzinfo=west)) == "2026-11-04T07:59:59Z"
