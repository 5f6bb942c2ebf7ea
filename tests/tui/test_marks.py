from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cratejoy_tui.tui.widgets.marks import Marks

ROWS = [f"r{n}" for n in range(12)]


def test_a_range_marks_what_lies_between_and_gives_back_what_it_left() -> None:
    marks = Marks()
    marks.toggle("r9")
    marks.open_range(ROWS, 2, sticky=True)
    marks.stretch(ROWS, 2, 6)
    assert marks.ids == {"r2", "r3", "r4", "r5", "r6", "r9"}
    marks.stretch(ROWS, 6, 1)
    assert marks.ids == {"r1", "r2", "r9"}


@given(st.integers(0, 11), st.lists(st.integers(0, 11), max_size=20), st.sets(st.sampled_from(ROWS)))
def test_however_the_cursor_wanders_the_range_is_from_anchor_to_cursor(
    anchor: int, path: list[int], marked: set[str]
) -> None:
    marks = Marks()
    marks.ids = set(marked)
    marks.open_range(ROWS, anchor, sticky=True)
    at = anchor
    for place in path:
        marks.stretch(ROWS, at, place)
        at = place
    low, high = sorted((anchor, at))
    assert marks.ids == marked | set(ROWS[low : high + 1])
    marks.close_range(keep=False)
    assert marks.ids == marked


def test_clearing_and_marking_all_can_be_taken_back() -> None:
    marks = Marks()
    marks.toggle_all(ROWS)
    assert len(marks) == 12
    assert marks.clear() == 12
    assert marks.undo()
    assert len(marks) == 12
    assert not marks.undo()


def test_marking_all_twice_unmarks_them_but_not_others() -> None:
    marks = Marks()
    marks.toggle("elsewhere")
    marks.toggle_all(ROWS)
    marks.toggle_all(ROWS)
    assert marks.ids == {"elsewhere"}


def test_a_range_goes_on_in_a_list_that_changed() -> None:
    marks = Marks()
    marks.open_range(ROWS, 2, sticky=True)
    marks.move_anchor(ROWS[1:], "r2")
    assert marks.anchor == 1
    marks.move_anchor(ROWS[5:], "r2")
    assert marks.anchor is None
