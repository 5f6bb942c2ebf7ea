"""The table of what each warehouse can do comes from the adapters and names every one of them."""

from __future__ import annotations

from pathlib import Path

from cratejoy_tui import warehouses
from cratejoy_tui.sync.ports import DeliveryClass
from tests.warehouses.overview import HEADINGS, capability_table, usual_capabilities


def cells() -> dict[str, list[str]]:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in capability_table().splitlines()[2:]]
    return {row[0].strip("`"): row for row in rows}


def test_every_warehouse_has_its_row_and_every_row_all_cells() -> None:
    rows = cells()
    assert list(rows) == sorted(warehouses.names())
    assert {len(row) for row in rows.values()} == {len(HEADINGS)}
    assert all(cell for row in rows.values() for cell in row)


def test_the_rows_say_what_the_adapters_say() -> None:
    rows = cells()
    for name in warehouses.names():
        able = usual_capabilities(warehouses.load(name))
        assert (rows[name][3] == "yes") == able.can_find
        assert (rows[name][4] != "no") == able.can_cancel
        assert (rows[name][2] == "refused there") == (able.delivery is DeliveryClass.UNIQUE)
    assert rows["tryton"][2] == "taken twice; we look first"
    assert rows["sftp"][4] == "by file; no answer"


def test_the_readme_shows_this_table() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    _, _, after = readme.partition("<!-- warehouses: begin -->\n")
    shown, found, _ = after.partition("<!-- warehouses: end -->")
    assert found
    assert shown.strip() == capability_table().strip()
