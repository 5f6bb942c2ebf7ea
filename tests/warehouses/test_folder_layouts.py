"""Order files look as the warehouse expects, and nothing in them can act on whoever opens them."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from cratejoy_tui.errors import NotSupported, SettingsInvalid
from cratejoy_tui.sync.domain.order import Order, OrderLine, Receipt, Refused
from cratejoy_tui.warehouses.contract_rig import HandOver, an_order
from cratejoy_tui.warehouses.folder import FolderWarehouse
from cratejoy_tui.warehouses.folder_layouts import DSFX, GENERIC, PRESETS, SHIPSTATION, SOURCES, Layout, own_layout
from tests.warehouses.folder_rig import FolderRig, place

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠1", " =1"]


def rows(layout: Layout, *orders: Order) -> list[list[str]]:
    return list(csv.reader(io.StringIO(layout.orders_file(orders).decode(layout.encoding), newline="")))


def addressed(**changes: str) -> Order:
    plain = an_order("SUB-1")
    return structs.replace(plain, ship_to=structs.replace(plain.ship_to, **changes))


def test_the_generic_layout_has_one_row_for_each_line() -> None:
    header, first, second = rows(GENERIC, an_order("SUB-1"))
    assert tuple(header) == SOURCES
    row = dict(zip(header, first, strict=True))
    assert (row["order_number"], row["zip"], row["requested_ship_date"]) == ("SUB-1", "02701", "2026-11-25")
    assert [dict(zip(header, one, strict=True))["sku"] for one in (first, second)] == ["TEA-01", "MUG-01"]


def test_dropstreams_layout_has_a_header_row_and_its_details() -> None:
    header, first, second = rows(DSFX, an_order("SUB-1"))
    address = ["12 Main St", "Apt 3", "Springfield", "IL", "02701", "US"]
    assert header == [
        *("PH", "SUB-1", "SUB-1", "", "Ada Example", *address, "", "555-0100"),
        *("Ada Example", *address),
        *("SUBSCRIPTION", "P", "", "2026-11-25T00:00:00Z", "CRATEJOY", "Enjoy!"),
    ]
    assert len(header) == 26
    assert first == ["PD", "SUB-1", "1", "TEA-01", "2", "0.00"]
    assert second == ["PD", "SUB-1", "2", "MUG-01", "1", "0.00"]
    assert DSFX.orders_file([an_order("SUB-1")]).startswith(b'"PH","SUB-1"'), "every cell is quoted"


def test_shipstations_layout_repeats_the_order_for_each_line() -> None:
    header, first, second = rows(SHIPSTATION, an_order("SUB-1"))
    assert header[0] == "Order #"
    told = [dict(zip(header, row, strict=True)) for row in (first, second)]
    assert [row["Order #"] for row in told] == ["SUB-1", "SUB-1"]
    assert [row["Item SKU"] for row in told] == ["TEA-01", "MUG-01"]
    assert told[0]["Order Date"] == "2026-11-20T18:00:00Z"


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("layout", PRESETS.values(), ids=list(PRESETS))
def test_no_cell_can_be_taken_for_a_formula(layout: Layout, text: str) -> None:
    order = structs.replace(addressed(to=text, company=text, unit=text, city=text), gift_message=text)
    for row in rows(layout, order):
        assert not [cell for cell in row if cell.lstrip()[:1] in set("=+-@\t\r＝＋－＠") and cell.strip()]


def test_line_ends_in_a_text_do_not_break_a_row() -> None:
    order = structs.replace(an_order("SUB-1"), gift_message="Dear Ada,\r\nenjoy\nit\x00")
    assert b"Dear Ada, enjoy it" in GENERIC.orders_file([order])
    assert len(GENERIC.orders_file([order]).splitlines()) == 3


def test_a_telephone_number_keeps_its_digits() -> None:
    header, row, _ = rows(GENERIC, addressed(phone="+44 20 7946 0000"))
    assert row[header.index("phone")] == "44 20 7946 0000"


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=30), min_size=4, max_size=4))
def test_any_text_stays_in_its_cell(texts: list[str]) -> None:
    order = addressed(to=texts[0], company=texts[1], street=texts[2], city=texts[3])
    header, *found = rows(GENERIC, order)
    assert [len(row) for row in found] == [len(header)] * 2


def test_json_holds_the_order_as_it_is() -> None:
    order = structs.replace(addressed(to="=Ada", phone="+1"), gift_message="two\nlines")
    [found] = json.loads(replace(GENERIC, file_format="json").orders_file([order]))["orders"]
    assert (found["ship_to"]["to"], found["ship_to"]["phone"], found["gift_message"]) == ("=Ada", "+1", "two\nlines")
    assert found["lines"][0] == {"sku": "TEA-01", "quantity": 2, "title": "Tea box"}


def test_an_operators_own_columns_are_written_in_their_order() -> None:
    layout = own_layout({"Ref": "order_number", "Art": "sku", "Menge": "quantity", "Via": "=GROUND"})
    assert rows(layout, an_order("SUB-1")) == [
        ["Ref", "Art", "Menge", "Via"],
        ["SUB-1", "TEA-01", "2", "GROUND"],
        ["SUB-1", "MUG-01", "1", "GROUND"],
    ]


def test_every_mistake_in_own_columns_is_told_at_once() -> None:
    with pytest.raises(SettingsInvalid) as told:
        own_layout({"Ref": "order_numbr", "Art": "sku", "To": "customer"})
    assert len(told.value.problems) == 4


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"layout": "dsfx", "file_format": "json"}, "json goes with the layout `generic` only"),
        ({"order_columns": {"A": "sku"}}, "`order_columns` goes with the layout `columns` only"),
        ({"layout": "columns"}, "no column for `order_number`"),
        ({"layout": "fancy"}, "`layout` must be one of"),
        ({"orders": "../elsewhere"}, "must name a folder below `root`"),
        ({"orders": "/etc"}, "must name a folder below `root`"),
        ({"orders": ".cratejoy-tui"}, "must name a folder below `root`"),
        ({"orders": "out"}, "must differ"),
        ({"time_zone": "Mars/Olympus"}, "no time zone"),
        ({"orders_per_file": 0}, "from 1 to 500"),
        ({"orders_per_file": True}, "must be a number"),
        ({"shipment_columns": {"colour": "Farbe"}}, "`colour` is none of"),
        ({"root": 7}, "`root` must be a folder"),
        ({"root": ""}, "`root` must be a whole path"),
        ({"root": "warehouse"}, "`root` must be a whole path"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, object], problem: str) -> None:
    with pytest.raises(SettingsInvalid, match=problem):
        FolderWarehouse.from_settings({"root": "/tmp", **settings}, place())


@pytest.mark.parametrize("number", ["=1", "-SUB", "@x", "'x", "SUB 1\n", "", "\x1b[0m"])
async def test_a_number_or_sku_that_would_be_changed_is_refused(rig: FolderRig, number: str) -> None:
    warehouse = await rig.connect()
    other = an_order("SUB-2", lines=(OrderLine(sku=number, quantity=1),))
    outcomes = await warehouse.push(
        [structs.replace(an_order("SUB-1"), number=number), other, an_order("SUB-3")], rig.delivery()
    )
    assert [type(outcome) for outcome in outcomes] == [Refused, Refused, Receipt]
    assert await rig.live("SUB-2") == 0


async def test_dropstream_takes_no_blank_in_a_number(rig: FolderRig) -> None:
    rig.settings = {"layout": "dsfx"}
    [outcome] = await (await rig.connect()).push([an_order("SUB 1")], rig.delivery())
    assert isinstance(outcome, Refused)


@pytest.mark.parametrize("lines", [(), (OrderLine(sku="A", quantity=0),)])
async def test_an_order_without_anything_to_send_is_refused(rig: FolderRig, lines: tuple[OrderLine, ...]) -> None:
    [outcome] = await (await rig.connect()).push([an_order("SUB-1", lines=lines)], rig.delivery())
    assert isinstance(outcome, Refused)
    assert rig.files() == []


async def test_what_the_encoding_lacks_is_refused_not_mangled(rig: FolderRig) -> None:
    rig.settings = {"encoding": "cp1252"}
    warehouse = await rig.connect()
    outcomes = await warehouse.push(
        [addressed(to="Renée"), structs.replace(addressed(to="田中"), number="SUB-2")], rig.delivery()
    )
    assert isinstance(outcomes[1], Refused)
    assert "does not exist in cp1252" in outcomes[1].reason
    assert "Renée".encode("cp1252") in rig.files()[0].read_bytes()


@pytest.mark.parametrize("settings", [{"layout": "dsfx"}, {"layout": "shipstation-csv"}, {"cancel_files": False}])
async def test_a_warehouse_that_reads_no_cancels_says_so(rig: FolderRig, settings: dict[str, object]) -> None:
    rig.settings = settings
    warehouse = await rig.connect()
    assert not warehouse.capabilities.can_cancel
    with pytest.raises(NotSupported, match="stop-ship list"):
        await warehouse.cancel("SUB-1", "changed mind", rig.delivery("cancels"))


async def test_a_cancel_is_a_file_of_its_own(rig: FolderRig) -> None:
    warehouse = await rig.connect()
    await warehouse.cancel("SUB-1", "=changed mind", rig.delivery("cancels"))
    [path] = rig.files("cancels_")
    assert path.read_text() == "order_number,reason\nSUB-1,'=changed mind\n"


async def test_files_are_named_after_the_delivery(rig: FolderRig) -> None:
    delivery = HandOver(sequence=42)
    await (await rig.connect()).push([an_order("SUB-1")], delivery)
    rig.settings = {"layout": "dsfx"}
    await (await rig.connect()).push([an_order("SUB-2")], HandOver(sequence=43))
    assert [path.name for path in rig.files()] == [
        "ord_20261123T101500Z_000043.csv",
        "orders_20261123T101500Z_000042.csv",
    ]
