"""Ship-confirm files are read when they are whole, once, and nothing of them is lost."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
from pathlib import Path

import pytest

from cratejoy_tui.errors import SetupError
from cratejoy_tui.sync.domain.tracking import Parcel
from cratejoy_tui.warehouses import folder_inbox
from cratejoy_tui.warehouses.contract import all_parcels
from cratejoy_tui.warehouses.contract_rig import SINCE
from cratejoy_tui.warehouses.folder import FolderWarehouse
from tests.warehouses.folder_rig import FolderRig, place

GOOD = b"order_number,tracking_number,carrier,ship_date\r\nSUB-1,9400111899223856900001,USPS,2026-11-23\r\n"


@pytest.fixture
async def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FolderRig:
    rig = FolderRig(root=tmp_path, patch=monkeypatch)
    await rig.connect()
    return rig


async def read(rig: FolderRig) -> list[Parcel]:
    return await all_parcels(await rig.connect())


def names(rig: FolderRig, folder: str) -> list[str]:
    return sorted(path.name for path in (rig.root / folder).iterdir())


async def test_a_file_still_being_written_waits_for_its_minute(rig: FolderRig) -> None:
    rig.drop("shp.csv", GOOD, age_seconds=59)
    assert await read(rig) == []
    await rig.clock.sleep(1)
    assert len(await read(rig)) == 1


@pytest.mark.parametrize("marker", ["shp.csv.done", "shp.done", "shp.csv.trg"])
async def test_a_marker_says_that_a_file_is_whole(rig: FolderRig, marker: str) -> None:
    rig.drop("shp.csv", GOOD.rstrip(), age_seconds=0)
    assert await read(rig) == []
    rig.drop(marker, b"", age_seconds=0)
    assert len(await read(rig)) == 1
    assert names(rig, "out") == []


async def test_a_file_cut_off_within_a_number_is_left(rig: FolderRig, caplog: pytest.LogCaptureFixture) -> None:
    rig.drop("shp.csv", GOOD[:-20])
    assert await read(rig) == []
    assert names(rig, "out") == ["shp.csv"]
    assert "its last line has not ended" in caplog.text


async def test_a_warehouse_that_never_ends_its_last_line_can_say_so(rig: FolderRig) -> None:
    rig.settings = {"final_line_end": False}
    rig.drop("shp.csv", GOOD.rstrip())
    assert len(await read(rig)) == 1


@pytest.mark.parametrize("name", [".shp.csv", "shp.csv.tmp", "shp.csv.part", "shp.filepart", "~shp.csv", "shp.pdf"])
async def test_files_that_are_not_ready_by_their_name_are_passed_over(rig: FolderRig, name: str) -> None:
    rig.drop(name, GOOD)
    assert await read(rig) == []
    assert names(rig, "out") == [name]


async def test_links_folders_and_pipes_are_passed_over(rig: FolderRig, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_bytes(GOOD)
    rig.age(secret, 120)
    (rig.root / "out" / "link.csv").symlink_to(secret)
    (rig.root / "out" / "folder.csv").mkdir()
    os.mkfifo(rig.root / "out" / "pipe.csv")
    rig.age(rig.root / "out" / "pipe.csv", 120)
    assert await read(rig) == []
    assert secret.exists()


async def test_a_file_that_becomes_a_link_is_not_followed(rig: FolderRig, monkeypatch: pytest.MonkeyPatch) -> None:
    path = rig.drop("shp.csv", GOOD)
    monkeypatch.setattr(folder_inbox.Inbox, "ready", lambda *_: [path])
    elsewhere = rig.root / "elsewhere.csv"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    assert await read(rig) == []


async def test_a_file_is_put_away_only_after_its_last_page_was_taken(rig: FolderRig) -> None:
    rig.drop("shp_1.csv", GOOD)
    rig.drop("shp_2.csv", GOOD.replace(b"SUB-1", b"SUB-2"))
    pages = (await rig.connect()).shipped_since(SINCE)
    await anext(pages)
    assert names(rig, "archive") == []
    await anext(pages)
    assert len(names(rig, "archive")) == 1
    await pages.aclose()
    assert names(rig, "out") == ["shp_2.csv"]


async def test_a_file_that_grows_while_it_is_read_is_read_again(rig: FolderRig) -> None:
    path = rig.drop("shp.csv", GOOD)
    warehouse = await rig.connect()
    async for _ in warehouse.shipped_since(SINCE):
        path.write_bytes(GOOD + b"SUB-2,9400111899223856900002,USPS,2026-11-23\r\n")
    assert names(rig, "archive") == []
    rig.age(path, 120)
    assert {parcel.order_number for parcel in await all_parcels(warehouse)} == {"SUB-1", "SUB-2"}
    assert len(names(rig, "archive")) == 1


async def test_the_same_name_every_day_overwrites_nothing(rig: FolderRig) -> None:
    for number in (b"SUB-1", b"SUB-2", b"SUB-3"):
        rig.drop("shp.csv", GOOD.replace(b"SUB-1", number))
        assert len(await read(rig)) == 1
    assert len(names(rig, "archive")) == 3


async def test_what_we_put_away_is_for_our_eyes_only_and_named_by_us(rig: FolderRig) -> None:
    rig.drop("shp\n\x1b[31m; rm -rf ~ .csv", GOOD + b"SUB-2\r\n")
    assert len(await read(rig)) == 1
    [archived], [bad] = names(rig, "archive"), names(rig, "error")
    for name in (archived, bad):
        assert name.isascii()
        assert all(char.isalnum() or char in "._-" for char in name)
    for folder in ("archive", "error", ".cratejoy-tui"):
        assert stat.S_IMODE((rig.root / folder).stat().st_mode) == 0o700


async def test_the_later_file_wins(rig: FolderRig) -> None:
    rig.drop("b.csv", GOOD.replace(b"USPS", b"UPS"), age_seconds=900)
    rig.drop("a.csv", GOOD, age_seconds=120)
    assert [parcel.carrier_name for parcel in await read(rig)] == ["UPS", "USPS"]


async def test_bad_rows_come_back_with_their_reason_and_the_good_are_used(rig: FolderRig) -> None:
    lines = [
        b"order_number,tracking_number,carrier,note",
        b"SUB-1,9400111899223856900001,USPS,fine",
        b"SUB-2,9.40011E+21,USPS,=1+1",
        b',9400111899223856900003,USPS,"a ""note"""',
        b"SUB-4",
        b'SUB-5,"9400,USPS,never closed',
        b"SUB-6,9400111899223856900006,USPS,fine",
    ]
    rig.drop("shp.csv", b"\r\n".join([*lines, b""]))
    assert [parcel.order_number for parcel in await read(rig)] == ["SUB-1", "SUB-6"]
    [name] = names(rig, "error")
    header, *rows = csv.reader(io.StringIO((rig.root / "error" / name).read_text()))
    assert header == ["order_number", "tracking_number", "carrier", "note", "reason"]
    assert [row[-1][:24] for row in rows] == [
        "line 3: the tracking num",
        "line 4: it has no order ",
        "line 5: it has 1 cells, ",
        "line 6: its quotation ma",
    ]
    assert rows[0][3] == "'=1+1", "a spreadsheet must not run what the file holds"


async def test_a_corrected_error_file_can_be_dropped_in_as_it_is(rig: FolderRig) -> None:
    rig.drop("shp.csv", b'order_number,tracking_number,note\r\nSUB-2,9.40011E+21,-1\r\n,="9400",x\r\n')
    assert await read(rig) == []
    [name] = names(rig, "error")
    corrected = (rig.root / "error" / name).read_text().replace("9.40011E+21", "9400111899223856900002")
    rig.drop("again.csv", corrected.encode())
    [parcel] = await read(rig)
    assert parcel.tracking_number == "9400111899223856900002"
    again = [other for other in names(rig, "error") if other != name]
    assert (rig.root / "error" / again[0]).read_text().count("reason") == 1


async def test_a_file_read_twice_hands_its_bad_rows_back_once(rig: FolderRig) -> None:
    rig.drop("shp.csv", GOOD + b"SUB-2\r\n")
    async for _ in (pages := (await rig.connect()).shipped_since(SINCE)):
        break
    await pages.aclose()  # type: ignore[attr-defined]
    assert len(await read(rig)) == 1
    assert len(names(rig, "error")) == 1


@pytest.mark.parametrize(
    "content", [b"<html><body>503</body></html>\n", b"colour,size\nred,9\n", b"\x00\x01\x02\n", b"\n\n\n"]
)
async def test_a_file_without_the_columns_is_kept_as_a_whole(rig: FolderRig, content: bytes) -> None:
    rig.drop("shp.csv", content)
    rig.drop("shp_2.csv", GOOD)
    assert len(await read(rig)) == 1
    assert names(rig, "out") == []
    kept = [(rig.root / "error" / name).read_bytes() for name in names(rig, "error")]
    assert kept == ([content] if content.strip() else [])


async def test_bad_json_records_come_back_as_json(rig: FolderRig) -> None:
    good = {
        "order_number": "SUB-1",
        "tracking_number": "9400111899223856900001",
        "lines": [{"sku": "A", "quantity": 2}],
    }
    bad = [{**good, "tracking_number": 9.4e21}, {**good, "lines": [{"quantity": 1}]}, 7, {**good, "order_number": None}]
    rig.drop("shp.json", json.dumps({"shipments": [good, *bad]}).encode())
    [parcel] = await read(rig)
    assert parcel.lines is not None
    assert parcel.lines[0].quantity == 2
    [name] = names(rig, "error")
    handed_back = json.loads((rig.root / "error" / name).read_text())["shipments"]
    assert [record["reason"][:9] for record in handed_back] == ["record 2:", "record 3:", "record 4:", "record 5:"]


async def test_a_file_too_large_to_be_true_is_left(rig: FolderRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_inbox, "LARGEST", 100)
    rig.drop("shp.csv", GOOD * 3)
    assert await read(rig) == []
    assert names(rig, "out") == ["shp.csv"]


async def test_nothing_is_taken_from_a_folder_that_nobody_adopted(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "shp.csv").write_bytes(GOOD)
    os.utime(tmp_path / "out" / "shp.csv", (0, 0))
    assert await all_parcels(FolderWarehouse.from_settings({"root": str(tmp_path)}, place())) == []
    assert (tmp_path / "out" / "shp.csv").exists()


async def test_another_store_does_not_take_our_files_away(rig: FolderRig) -> None:
    rig.drop("shp.csv", GOOD)
    other = FolderWarehouse.from_settings({"root": str(rig.root)}, place("mugs"))
    with pytest.raises(SetupError, match="those of store teabox"):
        await all_parcels(other)
    assert names(rig, "out") == ["shp.csv"]


async def test_logs_hold_no_cell_of_a_file(rig: FolderRig, caplog: pytest.LogCaptureFixture) -> None:
    rig.drop("shp.csv", b"order_number,tracking_number,name\nSUB-1,1.2E+20,Ada Example\nSUB-2\n")
    await read(rig)
    assert "2 rows could not be used, first: line 2" in caplog.text
    assert "Ada" not in caplog.text
    assert "1.2E+20" not in caplog.text
