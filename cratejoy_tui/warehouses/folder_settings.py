"""What an operator fills in for a warehouse that works with files, and what is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from cratejoy_tui.errors import SettingsInvalid
from cratejoy_tui.warehouses.declared import Place, Setting, SettingKind, table_in
from cratejoy_tui.warehouses.folder_layouts import OWN, PRESETS, Layout, own_layout
from cratejoy_tui.warehouses.folder_parcels import HEADINGS, Reader

WHERE = "folder warehouse"

SETTINGS = (
    Setting(name="name", help="What you call this warehouse.", default="Folder"),
    Setting(name="root", kind=SettingKind.FOLDER, help="The folder shared with the warehouse."),
    Setting(
        name="layout",
        choices=(*PRESETS, OWN),
        default="generic",
        help="How order files look: ours, DropStream's, ShipStation's import, or your own columns.",
    ),
    Setting(name="file_format", choices=("csv", "json"), default="csv", help="CSV, or JSON with the layout `generic`."),
    Setting(
        name="order_columns",
        default={},
        help="With the layout `columns`: each heading and what stands under it, `=text` for a fixed text.",
    ),
    Setting(
        name="shipment_columns",
        default={},
        help="Headings in the warehouse's ship-confirm files where we would not know them: ours = theirs.",
    ),
    Setting(name="orders", help="Folder below `root` for orders and cancels.", default="in"),
    Setting(name="shipments", help="Folder below `root` with ship-confirm files.", default="out"),
    Setting(name="acknowledgements", help="Folder below `root` with acknowledgements.", default="ack"),
    Setting(name="archive", help="Folder below `root` for files we have read.", default="archive"),
    Setting(name="errors", help="Folder below `root` for rows we could not use.", default="error"),
    Setting(name="shipment_files", help="Names of ship-confirm files, such as `shp*.csv, *.txt`.", default=""),
    Setting(
        name="acknowledgement",
        choices=("none", "moved", "file"),
        default="none",
        help="How the warehouse shows that it took a file: not at all, by taking it away, by a file of its own.",
    ),
    Setting(name="cancel_files", default=True, help="Yes when the warehouse reads files of cancels."),
    Setting(name="orders_per_file", default=50, least=1, most=500, help="Most orders in one file, up to 500."),
    Setting(
        name="time_zone",
        kind=SettingKind.TIME_ZONE,
        default="",
        help="The warehouse's time zone; empty: the store's. A date without a time is read as noon there.",
    ),
    Setting(name="date_format", default="", help="Dates in ship-confirm files, such as `%d.%m.%Y`; empty: ISO or US."),
    Setting(
        name="dates_by_file",
        default=False,
        help="Yes when a row without a ship date left when its file was written; else a person looks at it.",
    ),
    Setting(
        name="encoding",
        choices=("utf-8", "utf-8-sig", "cp1252"),
        default="utf-8",
        help="Characters of order files; what cp1252 lacks (emoji, many alphabets) is refused, not mangled.",
    ),
    Setting(
        name="final_line_end",
        default=True,
        help="Yes when the last line of a ship-confirm file ends like the others; a file cut off on its way does not.",
    ),
    Setting(
        name="row_closes_order",
        default=True,
        help="Where ship-confirm files tell no items: yes when an order is done with its first parcel.",
    ),
)


def whole_path(values: Mapping[str, object]) -> Path:
    """The root on this machine. Raises SettingsInvalid: a relative one would be another folder after each start."""
    path = Path(str(values["root"])).expanduser()
    if not path.is_absolute():
        raise SettingsInvalid(["`root` must be a whole path, from / or ~ on"], where=WHERE)
    return path.resolve()


def layout_of(values: Mapping[str, object]) -> Layout:
    """How files look, in both directions. Raises SettingsInvalid."""
    name, file_format, columns = values["layout"], str(values["file_format"]), table_in(values, "order_columns")
    problems = []
    if file_format == "json" and name != "generic":
        problems.append(f"`file_format` json goes with the layout `generic` only, not with `{name}`")
    if columns and name != OWN:
        problems.append(f"`order_columns` goes with the layout `{OWN}` only, not with `{name}`")
    if problems:
        raise SettingsInvalid(problems, where=WHERE)
    layout = own_layout(columns) if name == OWN else PRESETS[str(name)]
    patterns = [pattern.strip().lower() for pattern in str(values["shipment_files"]).split(",")]
    return replace(
        layout,
        file_format=file_format,
        encoding=str(values["encoding"]),
        cancels=layout.cancels and values["cancel_files"] is True,
        shipment_files=tuple(filter(None, patterns)) or layout.shipment_files,
    )


def reader_of(values: Mapping[str, object], place: Place) -> Reader:
    """How rows of ship-confirm files are read. Raises SettingsInvalid."""
    columns = table_in(values, "shipment_columns")
    unknown = [
        f"`shipment_columns`: `{name}` is none of {', '.join(HEADINGS)}" for name in columns if name not in HEADINGS
    ]
    if unknown:
        raise SettingsInvalid(unknown, where=WHERE)
    return Reader(
        zone=place.zone_called(values["time_zone"]),
        headings={name: (str(columns[name]),) if name in columns else known for name, known in HEADINGS.items()},
        date_format=str(values["date_format"]),
        row_closes_order=values["row_closes_order"] is True,
        dates_by_file=values["dates_by_file"] is True,
    )
