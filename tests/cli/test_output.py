from __future__ import annotations

import io
import json
import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from cratejoy_tui.cli.output import Output, cell
from cratejoy_tui.errors import SetupError
from cratejoy_tui.sync.domain.stage import Stage


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def output(**options: bool) -> tuple[Output, io.StringIO, io.StringIO]:
    out, err = io.StringIO(), io.StringIO()
    return Output(results=out, talk=err, **options), out, err


ROWS = [{"shipment_id": "1", "stage": Stage.AT_WAREHOUSE, "note": "x" * 500, "hidden": 7}]


def test_rows_are_json_lines_with_all_their_fields() -> None:
    voice, out, err = output(as_json=True)
    voice.table("box", ROWS, ["shipment_id"])
    voice.line("for people only")
    voice.say("talk")
    assert json.loads(out.getvalue()) == {"type": "box", **ROWS[0]}
    assert err.getvalue() == "talk\n"


def test_a_table_shows_the_columns_asked_for_and_is_not_cut_in_a_pipe() -> None:
    voice, out, _ = output()
    voice.table("box", ROWS, ["shipment_id", "note"], title="Boxes")
    lines = out.getvalue().splitlines()
    assert lines[0] == "Boxes"
    assert lines[-2].split()[0] == "1"
    assert "x" * 199 in lines[-2]
    assert "hidden" not in out.getvalue()
    assert "\x1b" not in out.getvalue()


def test_a_long_document_is_printed_whole_with_its_indents() -> None:
    voice, out, _ = output()
    text = "STOP\r\n" + "    1 x TEA\n" * 5000
    voice.document(text + "\x1b[2J\n")
    assert out.getvalue() == text.replace("\r\n", "\n") + "\ufffd[2J\n"


def test_nothing_to_list_is_said_beside_the_results() -> None:
    voice, out, err = output()
    voice.table("box", [], ["shipment_id"], empty="No boxes.")
    assert (out.getvalue(), err.getvalue()) == ("", "No boxes.\n")


def test_a_quiet_run_says_only_what_went_wrong() -> None:
    voice, _, err = output(quiet=True)
    voice.say("by the way")
    voice.warn("look out")
    assert err.getvalue() == "look out\n"


@pytest.mark.parametrize(
    "nasty", ["\x1b]52;c;aGk=\x07", "\x9b2J", "\u202egnp.exe", "[red]x[/red]", "[/nothing]", "\ufeff"]
)
@pytest.mark.parametrize("as_json", [True, False])
def test_remote_text_cannot_steer_the_terminal(nasty: str, as_json: bool) -> None:
    voice, out, err = output(as_json=as_json)
    voice.table("box", [{"name": f"Eve {nasty}"}], ["name"])
    voice.say(nasty)
    voice.line(nasty)
    assert not set("\x1b\x07\x9b\u202e\ufeff") & set(out.getvalue() + err.getvalue())
    if as_json:
        assert json.loads(out.getvalue())["name"] == f"Eve {nasty}"
    if nasty.startswith("[") and not as_json:
        assert nasty in out.getvalue()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (True, "yes"),
        (3.14159, "3.1"),
        (("a", "b"), "a, b"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02 03:04Z"),
        (date(2026, 1, 2), "2026-01-02"),
        (Stage.AT_WAREHOUSE, "at warehouse"),
        ("a\nb", "a b"),
    ],
)
def test_a_value_is_shown_as_a_person_writes_it(value: object, shown: str) -> None:
    assert cell(value) == shown


def test_a_reader_that_went_away_does_not_stop_the_run() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as gone:
        voice = Output(as_json=True, results=gone, talk=io.StringIO())
        for _ in range(3):
            voice.record("box", text="x" * 10_000)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_results_that_find_no_room_are_told_once() -> None:
    with Path("/dev/full").open("w") as full:
        voice = Output(as_json=True, results=full, talk=io.StringIO())
        with pytest.raises(SetupError, match="No space left"):
            voice.record("box", text="x")
        voice.record("error", text="x")


def test_a_terminal_without_unicode_still_gets_the_text() -> None:
    plain = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    Output(results=plain, talk=io.StringIO()).line("Jörg")
    plain.seek(0)
    assert plain.read() == "J\\xf6rg\n"
