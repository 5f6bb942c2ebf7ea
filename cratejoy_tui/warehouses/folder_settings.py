"""What an operator fills in for a warehouse that works with files, and what is made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cratejoy_tui.errors import SettingsInvalid
from cratejoy_tui.warehouses.declared import Place, Setting, SettingKind, filled_in
from cratejoy_tui.warehouses.folder_files import Files, LocalFiles
from cratejoy_tui.warehouses.folder_layouts import OWN, PRESETS, Layout, own_layout
from cratejoy_tui.warehouses.folder_parcels import HEADINGS, Reader
from cratejoy_tui.warehouses.folder_places import Places

WHERE = "folder warehouse"

SETTINGS = (
    Setting(name="name", help="What you call this warehouse.", default="Folder"),
    Setting(name="root", kind=SettingKind.FOLDER, help="The folder shared with the warehouse."),
    Setting(
        name="layout",
        kind=SettingKind.CHOICE,
        choices=(*PRESETS, OWN),
        default="generic",
        help="How order files look: ours, DropStream's, ShipStation's import, or your own columns.",
    ),
    Setting(
        name="file_format",
        kind=SettingKind.CHOICE,
        choices=("csv", "json"),
        default="csv",
        help="CSV, or JSON with the layout `generic`.",
    ),
    Setting(
        name="order_columns",
        kind=SettingKind.COLUMNS,
        default={},
        help="With the layout `columns`: each heading and what stands under it, `=text` for a fixed text.",
    ),
    Setting(
        name="shipment_columns",
        kind=SettingKind.COLUMNS,
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
        kind=SettingKind.CHOICE,
        choices=("none", "moved", "file"),
        default="none",
        help="How the warehouse shows that it took a file: not at all, by taking it away, by a file of its own.",
    ),
    Setting(
        name="cancel_files",
        kind=SettingKind.YES_NO,
        default=True,
        help="Yes when the warehouse reads files of cancels.",
    ),
    Setting(name="orders_per_file", kind=SettingKind.NUMBER, default=50, help="Most orders in one file, up to 500."),
    Setting(
        name="time_zone",
        kind=SettingKind.TIME_ZONE,
        default="",
        help="The warehouse's time zone; empty: the store's. A date without a time is read as noon there.",
    ),
    Setting(name="date_format", default="", help="Dates in ship-confirm files, such as `%d.%m.%Y`; empty: ISO or US."),
    Setting(
        name="dates_by_file",
        kind=SettingKind.YES_NO,
        default=False,
        help="Yes when a row without a ship date left when its file was written; else a person looks at it.",
    ),
    Setting(
        name="encoding",
        kind=SettingKind.CHOICE,
        choices=("utf-8", "utf-8-sig", "cp1252"),
        default="utf-8",
        help="Characters of order files; what cp1252 lacks (emoji, many alphabets) is refused, not mangled.",
    ),
    Setting(
        name="final_line_end",
        kind=SettingKind.YES_NO,
        default=True,
        help="Yes when the last line of a ship-confirm file ends like the others; a file cut off on its way does not.",
    ),
    Setting(
        name="row_closes_order",
        kind=SettingKind.YES_NO,
        default=True,
        help="Where ship-confirm files tell no items: yes when an order is done with its first parcel.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderOptions:
    """A file warehouse as its settings describe it."""

    name: str
    store: str
    places: Places
    layout: Layout
    reader: Reader
    shipment_files: tuple[str, ...]
    acknowledgement: str = "none"
    orders_per_file: int = 50
    final_line_end: bool = True


FilesOf = Callable[[Mapping[str, object]], tuple[PurePath, Files]]
"""Where the files lie, by the settings: the root, and who handles them."""


def here(values: Mapping[str, object]) -> tuple[PurePath, Files]:
    """Folders that this machine sees."""
    return _root(str(values["root"])), LocalFiles()


def folder_options(
    given: Mapping[str, object],
    place: Place,
    *,
    settings: tuple[Setting, ...] = SETTINGS,
    where: str = WHERE,
    files_of: FilesOf = here,
) -> FolderOptions:
    """Read the settings. Raises SettingsInvalid naming what is wrong."""
    values = filled_in(settings, given, where)
    layout = _layout(values)
    patterns = [pattern.strip().lower() for pattern in str(values["shipment_files"]).split(",")]
    reader = Reader(
        zone=_zone(str(values["time_zone"])) or place.zone,
        headings=_headings(_table(values["shipment_columns"])),
        date_format=str(values["date_format"]),
        row_closes_order=values["row_closes_order"] is True,
        dates_by_file=values["dates_by_file"] is True,
    )
    return FolderOptions(
        name=str(values["name"]),
        store=place.store,
        places=_places(values, *files_of(values)),
        layout=layout,
        reader=reader,
        shipment_files=tuple(filter(None, patterns)) or layout.shipment_files,
        acknowledgement=str(values["acknowledgement"]),
        orders_per_file=_count(values["orders_per_file"]),
        final_line_end=values["final_line_end"] is True,
    )


def _places(values: Mapping[str, object], root: PurePath, files: Files) -> Places:
    """The folders by the names in the settings."""
    return Places(
        root=root,
        files=files,
        orders=str(values["orders"]),
        shipments=str(values["shipments"]),
        acknowledgements=str(values["acknowledgements"]),
        archive=str(values["archive"]),
        errors=str(values["errors"]),
    )


def _root(name: str) -> Path:
    # A relative one would be another folder each time the program is started from somewhere else.
    path = Path(name).expanduser()
    if not path.is_absolute():
        raise SettingsInvalid(["`root` must be a whole path, from / or ~ on"], where=WHERE)
    return path.resolve()


def _layout(values: Mapping[str, object]) -> Layout:
    name, file_format, columns = values["layout"], str(values["file_format"]), _table(values["order_columns"])
    problems = []
    if file_format == "json" and name != "generic":
        problems.append(f"`file_format` json goes with the layout `generic` only, not with `{name}`")
    if columns and name != OWN:
        problems.append(f"`order_columns` goes with the layout `{OWN}` only, not with `{name}`")
    if problems:
        raise SettingsInvalid(problems, where=WHERE)
    layout = own_layout(columns) if name == OWN else PRESETS[str(name)]
    cancels = layout.cancels and values["cancel_files"] is True
    return replace(layout, file_format=file_format, encoding=str(values["encoding"]), cancels=cancels)


def _headings(columns: Mapping[str, object]) -> Mapping[str, tuple[str, ...]]:
    unknown = [
        f"`shipment_columns`: `{name}` is none of {', '.join(HEADINGS)}" for name in columns if name not in HEADINGS
    ]
    if unknown:
        raise SettingsInvalid(unknown, where=WHERE)
    return {name: (str(columns[name]),) if name in columns else known for name, known in HEADINGS.items()}


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        raise SettingsInvalid([f"`time_zone`: there is no time zone `{name}`"], where=WHERE) from problem


def _count(value: object) -> int:
    if not isinstance(value, int) or not 1 <= value <= 500:
        raise SettingsInvalid(["`orders_per_file` must be a whole number from 1 to 500"], where=WHERE)
    return value


def _table(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
