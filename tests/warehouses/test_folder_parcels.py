"""Whatever a warehouse, a script or a spreadsheet writes is read right or handed back, never guessed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratejoy_tui.sync.domain.tracking import Parcel
from cratejoy_tui.warehouses.folder_parcels import NO_NUMBER, BadRow, Reader
from cratejoy_tui.warehouses.folder_rows import decode, is_complete, read_csv, read_json, unwrapped

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
READER = Reader(zone=LOS_ANGELES)
NUMBER = "9400111899223856900001"
WRITTEN = datetime(2026, 12, 24, 18, tzinfo=UTC)


def parsed(content: str | bytes, reader: Reader = READER) -> tuple[list[Parcel], list[BadRow]]:
    text = decode(content) if isinstance(content, bytes) else content
    sheet = read_csv(text, reader.fields)
    assert not sheet.problem, sheet.problem
    return reader.parcels(sheet, WRITTEN)


def one(content: str | bytes, reader: Reader = READER) -> Parcel:
    parcels, bad = parsed(content, reader)
    assert bad == []
    [parcel] = parcels
    return parcel


def reasons(content: str, reader: Reader = READER) -> Sequence[str]:
    parcels, bad = parsed(content, reader)
    assert parcels == []
    return [row.reason for row in bad]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_any_spelling_of_a_table_is_read(delimiter: str, line_end: str, encoding: str) -> None:
    lines = ["Order #;Tracking Number;Carrier;Note", f"SUB-1;{NUMBER};Poste;café, ok"]
    if delimiter != ";":
        lines = [line.replace(", ", " ").replace(";", delimiter) for line in lines]
    content = (line_end.join(lines) + line_end).encode(encoding)
    assert is_complete(content)
    assert not is_complete(content[: -len(line_end.encode("utf-16-le")) if encoding == "utf-16" else -len(line_end)])
    parcel = one(content)
    assert (parcel.order_number, parcel.tracking_number, parcel.carrier_name) == ("SUB-1", NUMBER, "Poste")


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("order_number,tracking_number", "SUB-1,{0}"),
        ("ORDER NUMBER,Tracking #", "SUB-1,{0}"),
        ("Order - Number,Shipment - Tracking Number", "SUB-1,{0}"),
        ("order_id,tracking_code,shipment_id", "SUB-1,{0},77"),
        ("ClientOrderNumber,TrackingNo", "SUB-1,{0}"),
        ("Tracking Number,Colour,Order #", "{0},red,SUB-1"),
    ],
)
def test_headings_are_known_by_many_names_in_any_place(header: str, row: str) -> None:
    parcel = one(f"{header}\n{row.format(NUMBER)}\n")
    assert (parcel.order_number, parcel.tracking_number, parcel.reference) == ("SUB-1", NUMBER, NUMBER)


def test_an_operator_may_name_the_headings() -> None:
    reader = Reader(zone=LOS_ANGELES, headings={"order_number": ("Bestellung",), "tracking_number": ("Sendung",)})
    assert one(f"Bestellung;Sendung\nSUB-1;{NUMBER}\n", reader).tracking_number == NUMBER


@pytest.mark.parametrize("cell", [f'"=""{NUMBER}"""', f"'{NUMBER}", f'="{NUMBER}"', f'"= ""{NUMBER}"""'])
def test_numbers_that_a_spreadsheet_was_told_to_keep_are_unwrapped(cell: str) -> None:
    parcels, bad = parsed(f"order_number,tracking_number\nSUB-1,{cell}\n")
    if bad:
        assert cell == f'="{NUMBER}"', "only a quote in the middle of a bare cell is no CSV"
        return
    assert parcels[0].tracking_number == NUMBER


@pytest.mark.parametrize("cell", ["9.40011E+21", "9,40011E+21", "1E+15", "9.4e+21"])
def test_a_number_shortened_by_a_spreadsheet_is_handed_back(cell: str) -> None:
    [reason] = reasons(f"order_number;tracking_number\nSUB-1;{cell}\n")
    assert "was shortened by a spreadsheet" in reason
    assert "format that column as text" in reason


def test_a_number_rounded_by_a_spreadsheet_is_handed_back() -> None:
    [reason] = reasons("order_number,tracking_number\nSUB-1,9400111899223850000000\n")
    assert "was rounded by a spreadsheet" in reason
    assert one("order_number,tracking_number\nSUB-1,940011189922385000\n").tracking_number == "940011189922385000"


def test_an_order_number_shortened_by_a_spreadsheet_is_handed_back() -> None:
    [reason] = reasons(f"order_number,tracking_number\n9.00720E+15,{NUMBER}\n")
    assert "the order number `9.00720E+15` was shortened" in reason


@pytest.mark.parametrize("number", ["SUB-007", "0012", " SUB-1", "sub-1", "SUB-1 "])
def test_an_order_number_is_kept_letter_for_letter(number: str) -> None:
    assert one(f"order_number,tracking_number\n{number},{NUMBER}\n").order_number == number


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23", datetime(2026, 11, 23, 20, tzinfo=UTC)),
        ("20261123", datetime(2026, 11, 23, 20, tzinfo=UTC)),
        ("11/23/2026", datetime(2026, 11, 23, 20, tzinfo=UTC)),
        ("11/23/26", datetime(2026, 11, 23, 20, tzinfo=UTC)),
        ("2026-07-01", datetime(2026, 7, 1, 19, tzinfo=UTC)),
        ("2026-11-23T00:00:00", datetime(2026, 11, 23, 8, tzinfo=UTC)),
        ("2026-11-23 15:30", datetime(2026, 11, 23, 23, 30, tzinfo=UTC)),
        ("11/23/2026 3:30 PM", datetime(2026, 11, 23, 23, 30, tzinfo=UTC)),
        ("2026-11-23T15:30:00Z", datetime(2026, 11, 23, 15, 30, tzinfo=UTC)),
        ("2026-11-23T15:30:00+05:30", datetime(2026, 11, 23, 10, 0, tzinfo=UTC)),
        ("2026-11-01", datetime(2026, 11, 1, 20, tzinfo=UTC)),
        ("", None),
    ],
)
def test_dates_are_read_in_the_warehouses_zone_and_without_a_time_as_noon(text: str, moment: datetime | None) -> None:
    assert one(f"order_number,tracking_number,ship_date\nSUB-1,{NUMBER},{text}\n").shipped_at == moment


def test_a_date_is_never_later_than_the_file_that_tells_it() -> None:
    assert one(f"order_number,tracking_number,date\nSUB-1,{NUMBER},2026-12-24\n").shipped_at == WRITTEN
    timed = one(f"order_number,tracking_number,date\nSUB-1,{NUMBER},2026-12-24T12:00\n")
    assert timed.shipped_at == datetime(2026, 12, 24, 20, tzinfo=UTC), "a time that is told is kept"


def test_an_operator_may_let_the_file_date_its_rows() -> None:
    content = f"order_number,tracking_number\nSUB-1,{NUMBER}\n"
    assert one(content).shipped_at is None
    assert one(content, Reader(zone=LOS_ANGELES, dates_by_file=True)).shipped_at == WRITTEN


def test_an_operator_may_name_the_date_format() -> None:
    reader = Reader(zone=ZoneInfo("Europe/Berlin"), date_format="%d.%m.%Y")
    parcel = one(f"order_number;tracking_number;ship_date\nSUB-1;{NUMBER};01.12.2026\n", reader)
    assert parcel.shipped_at == datetime(2026, 12, 1, 11, tzinfo=UTC)


@pytest.mark.parametrize("text", ["yesterday", "23/11/2026", "2026-13-01", "0001-01-01", "9999-12-31", "45982"])
def test_a_date_that_cannot_be_read_is_handed_back(text: str) -> None:
    [reason] = reasons(f"order_number,tracking_number,ship_date\nSUB-1,{NUMBER},{text}\n")
    assert reason == f"`{text}` is not a date that can be read"


def test_items_of_one_parcel_add_up_and_repeated_rows_do_not() -> None:
    rows = ["SUB-1,T1,A,1", "SUB-1,T1,B,2", "SUB-1,T1,A,1", "SUB-1,T2,A,3.0", "SUB-2,T1,A,1"]
    parcels, bad = parsed("order_number,tracking_number,sku,qty\n" + "\n".join(rows) + "\n")
    assert bad == []
    told = {
        (parcel.order_number, parcel.reference): {line.sku: line.quantity for line in parcel.lines or ()}
        for parcel in parcels
    }
    assert told == {("SUB-1", "T1"): {"A": 1, "B": 2}, ("SUB-1", "T2"): {"A": 3}, ("SUB-2", "T1"): {"A": 1}}
    assert not any(parcel.order_closed for parcel in parcels)


def test_a_file_that_tells_no_items_closes_its_orders_unless_told_otherwise() -> None:
    content = f"order_number,tracking_number\nSUB-1,{NUMBER}\n"
    assert one(content).order_closed
    assert not one(content, Reader(zone=LOS_ANGELES, row_closes_order=False)).order_closed
    assert not one(f"order_number,tracking_number,closed\nSUB-1,{NUMBER},no\n").order_closed


def test_a_shipped_order_without_a_number_is_still_told() -> None:
    parcel = one("order_number,tracking_number,carrier\nSUB-1,,USPS\n")
    assert (parcel.tracking_number, parcel.reference) == ("", NO_NUMBER)


@pytest.mark.parametrize(("word", "voided"), [("Yes", True), ("VOID", True), ("1", True), ("", False), ("No", False)])
def test_a_void_is_read_from_many_words(word: str, voided: bool) -> None:
    assert one(f"order_number,tracking_number,void\nSUB-1,{NUMBER},{word}\n").voided is voided


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f"SUB-1,{NUMBER},maybe,1", "`maybe` under voided is neither yes nor no"),
        (f"SUB-1,{NUMBER},,-1", "`-1` is not a quantity"),
        (f"SUB-1,{NUMBER},,1.5", "`1.5` is not a quantity"),
        (f"SUB-1,{NUMBER},,99999999", "`99999999` is not a quantity"),
        (f" ,{NUMBER},,1", "it has no order number"),
        (f"SUB-1,{NUMBER},,1,A,more", "it has 6 cells, not 5"),
        ("SUB-1", "it has 1 cells, not 5"),
        (f'"SUB-1"x,{NUMBER},,1,A', "its quotation marks do not close"),
    ],
)
def test_a_row_that_cannot_be_trusted_is_handed_back(row: str, reason: str) -> None:
    row = row if row.count(",") != 3 else f"{row},A"
    assert reasons(f"order_number,tracking_number,voided,quantity,sku\n{row}\n") == [reason]


def test_one_unclosed_quote_takes_no_neighbour_with_it() -> None:
    lines = ["order_number,tracking_number,note", "SUB-1,T1,fine", 'SUB-2,T2,"open', "SUB-3,T3,fine", 'SUB-4,T4,"c"']
    parcels, bad = parsed("\n".join(lines) + "\n")
    assert [parcel.order_number for parcel in parcels] == ["SUB-1", "SUB-3", "SUB-4"]
    assert [row.row.place for row in bad] == ["line 3"]


def test_a_quoted_cell_may_run_over_lines() -> None:
    parcels, bad = parsed('order_number,tracking_number,note\nSUB-1,T1,"two\nlines"\nSUB-2,T2,x\n')
    assert (len(parcels), bad) == (2, [])


def test_hostile_text_is_made_visible() -> None:
    parcel = one("order_number,tracking_number,carrier,service\nSUB-1,T1,\x1b[31mUSPS\u202e,=cmd|' /C calc'!A0\n")
    assert "\x1b" not in parcel.carrier_name
    assert "\u202e" not in parcel.carrier_name


def test_a_file_that_is_no_table_says_so() -> None:
    sheet = read_csv("<html><body>502</body></html>\n", READER.fields)
    assert sheet.problem == "its first line names no column for the order number"


@pytest.mark.parametrize("text", ["{", "7", '{"a": [], "b": []}', '{"shipments": {}}', "[NaN]"])
def test_json_that_is_no_list_of_shipments_says_so(text: str) -> None:
    assert read_json(text, READER.fields).problem


@given(st.binary(max_size=300))
def test_no_bytes_at_all_make_the_reader_stumble(content: bytes) -> None:
    header = b"order_number,tracking_number,ship_date,quantity,sku,voided\n"
    text = decode(header + content)
    parcels, bad = READER.parcels(read_csv(text, READER.fields), WRITTEN)
    assert all(parcel.order_number.strip() for parcel in parcels)
    assert all(row.reason for row in bad)
    is_complete(content)
    read_csv(decode(content), READER.fields)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda kids: (
            st.lists(kids)
            | st.dictionaries(
                st.sampled_from(["order_number", "tracking_number", "lines", "sku", "quantity", "ship_date"]), kids
            )
        ),
    )
)
def test_no_json_at_all_makes_the_reader_stumble(value: object) -> None:
    import json

    sheet = read_json(json.dumps([value, {"shipments": value}]), READER.fields)
    if not sheet.problem:
        parcels, bad = READER.parcels(sheet, WRITTEN)
        assert len(parcels) + len(bad) >= 1


@given(st.text())
def test_unwrapping_leaves_plain_text_alone(text: str) -> None:
    if not text.startswith(("'", "=")):
        assert unwrapped(text) == text
