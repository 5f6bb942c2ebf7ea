from __future__ import annotations

import csv
import io
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cratejoy_tui.text import CUT, MARK, clean, counted, csv_cell, one_line

ANY_TEXT = st.text(st.characters(), max_size=60)
NASTY = st.text(
    st.sampled_from("ab \t\r\n\x00\x1b\x85\x9b\x7f\u200b\u200d\u202e\u2066\ufeff\ud800é\u0301\u2028👩\u212a")
)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a\x1b[31mb", id="escape"),
        pytest.param("a\x9bb", id="C1"),
        pytest.param("a\x7fb", id="delete"),
        pytest.param("a\x00b", id="NUL"),
        pytest.param("a\u202eb", id="bidi override"),
        pytest.param("a\u2066b", id="bidi isolate"),
        pytest.param("a\u200bb", id="zero-width space"),
        pytest.param("a\u200db", id="joiner between plain letters"),
        pytest.param("\ufeffab", id="BOM"),
        pytest.param("a\ud800b", id="lone surrogate"),
        pytest.param("a\U000e0041b", id="tag character"),
    ],
)
def test_a_character_that_acts_or_hides_becomes_a_visible_mark(text: str) -> None:
    cleaned = clean(text)
    assert cleaned.count(MARK) == 1
    assert set(cleaned) - {MARK} <= set(text)
    cleaned.encode("utf-8")


@pytest.mark.parametrize("text", ["Jörg Müller", "渡辺 健", "می‌خواهم", "👩‍🍳 Bakery", "O'Neil & Sons <x>", "क्‍ष"])
def test_honest_names_stay_as_they_are(text: str) -> None:
    assert clean(text) == unicodedata.normalize("NFC", text)


def test_white_space_is_trimmed_and_runs_become_one() -> None:
    assert clean("  12 \t Main\r\n\r\nStreet ") == "12 Main Street"
    assert clean("Main  Street") == "Main Street"


def test_newlines_stay_only_when_asked_for() -> None:
    assert clean("Dear Ann,\r\n\r\n\r\n\r\n  happy   birthday\rBob\u2028", keep_newlines=True) == (
        "Dear Ann,\n\nhappy birthday\nBob"
    )


def test_a_long_text_is_cut_and_says_so() -> None:
    assert clean("abcdef", 4) == "abc" + CUT
    assert clean("abcd", 4) == "abcd"
    assert clean("x" * 10_000_000, 10) == "x" * 9 + CUT
    assert clean(" " * 5000 + "name", 10).endswith(CUT)


@given(st.one_of(ANY_TEXT, NASTY), st.integers(0, 40), st.booleans())
@example("\u212a\u200d\u212a", 40, False)
def test_cleaned_text_is_harmless_short_and_stays_the_same(text: str, limit: int, keep: bool) -> None:
    cleaned = clean(text, limit, keep_newlines=keep)
    assert len(cleaned) <= limit
    assert clean(cleaned, limit, keep_newlines=keep) == cleaned
    cleaned.encode("utf-8")
    allowed = {"\n"} if keep else set()
    assert not {c for c in cleaned if unicodedata.category(c) in {"Cc", "Cs"}} - allowed
    assert not {c for c in cleaned if unicodedata.bidirectional(c) in {"RLO", "LRO", "RLE", "LRE", "RLI", "LRI", "FSI"}}


@given(st.text(st.sampled_from("ABCxyz019-_/."), min_size=1, max_size=30))
def test_a_plain_sku_is_never_changed(sku: str) -> None:
    assert clean(sku) == sku


@pytest.mark.parametrize("first", list("=+-@\t\r＝＋－＠"))
def test_a_formula_cell_gets_an_apostrophe(first: str) -> None:
    assert csv_cell(f"{first}1+1") == f"'{first}1+1"
    assert csv_cell(f" {first}1+1").startswith("'")
    assert csv_cell(f"\0{first}1+1").startswith("'")


def test_a_plain_cell_stays_plain() -> None:
    assert [csv_cell(text) for text in ("", " ", "TEA-01", "a=b")] == ["", " ", "TEA-01", "a=b"]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_no_cell_that_was_written_starts_a_formula(text: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerow([csv_cell(text), "end"])
    cell = next(csv.reader(io.StringIO(out.getvalue(), newline="")))[0]
    assert cell.lstrip(" ")[:1] not in set("=+-@\t\r＝＋－＠") or not cell.strip(" ")
    assert "\0" not in cell


def test_anything_becomes_one_line() -> None:
    assert one_line(ValueError("two\nlines")) == "two lines"
    assert len(one_line("x" * 500)) == 200


@pytest.mark.parametrize(("number", "told"), [(0, "0 boxes"), (1, "1 box"), (1200, "1,200 boxes")])
def test_a_number_and_its_noun_agree(number: int, told: str) -> None:
    assert counted(number, "box") == told
